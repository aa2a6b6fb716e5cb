const { page, t } = Kit
const url = `/api/v1/superadmin/users/${page.data.id}`
const roles = { owner: t('owner'), admin: t('admin'), member: t('member') }

mountPage({
  data: () => ({ user: null, problem: null, items: [] }),
  computed: {
    called() { return this.user.name || this.user.email },
    rest() { return this.items.filter(({ label }) => label !== t('Edit')) },
  },
  mounted() { this.load() },
  methods: {
    role: ({ role }) => roles[role] || role,
    async load() {
      try {
        this.user = await Kit.api.get(url)
        this.items = this.$refs.acts.menu(this.user)
        this.problem = null
      } catch (error) {
        if (!(error instanceof Kit.Problem)) throw error
        this.problem = error
      }
    },
    act(name) { this.items.find(({ label }) => label === name).action() },
    async endSession(session) {
      await Kit.api.delete(`${url}/sessions/${session.id}`)
      Kit.notify(t('Session ended'))
      await this.load()
    },
    gone() { location.assign('/superadmin/users') },
  },
})
