const { t, tn } = Kit
const short = new Intl.DateTimeFormat(Kit.page.locale, { month: 'short', day: 'numeric', timeZone: 'UTC' })
const recent = (n) => tn('{n} new in 30 days', '{n} new in 30 days', n)

mountPage({
  data: () => ({ found: null, problem: null, loading: false }),
  computed: {
    stats() {
      const { users, workspaces } = this.found || {}
      return [
        { label: t('Users'), value: users?.total, note: users && recent(users.new), to: '/superadmin/users' },
        {
          label: t('Deactivated users'), value: users && users.total - users.active,
          to: '/superadmin/users?status=inactive',
        },
        { label: t('Workspaces'), value: workspaces?.total, note: workspaces && recent(workspaces.new), to: '/superadmin/workspaces' },
        {
          label: t('Suspended workspaces'), value: workspaces?.suspended,
          to: '/superadmin/workspaces?status=suspended',
        },
      ].map((stat) => ({ ...stat, value: stat.value ?? null, note: stat.note || '' }))
    },
  },
  created() { this.load() },
  methods: {
    days: (each) => each.map(({ day }) => short.format(new Date(day))),
    counts: (each) => each.map(({ count }) => count),
    async load() {
      this.loading = true
      try {
        this.found = await Kit.api.get('/api/v1/superadmin/overview')
        this.problem = null
      } catch (error) {
        if (!(error instanceof Kit.Problem)) throw error
        this.problem = error
      } finally {
        this.loading = false
      }
    },
  },
})
