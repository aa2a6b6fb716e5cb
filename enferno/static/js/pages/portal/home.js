const { page, t } = Kit
const day = new Intl.DateTimeFormat(page.locale, { day: 'numeric', month: 'short', timeZone: 'UTC' })

mountPage({
  data: () => ({ overview: null, problem: null, loading: false }),
  computed: {
    stats() {
      if (!this.overview) return [{ label: t('On its way'), value: null }]
      const members = { label: t('Members'), value: this.overview.members, url: `${page.workspace.url}members` }
      return [...this.overview.cards, ...(page.workspace.is_team ? [members] : [])]
    },
    labels() { return this.overview.days.map(({ date }) => day.format(new Date(date))) },
    series() { return [{ label: t('Events'), values: this.overview.days.map(({ count }) => count) }] },
    total() { return this.overview.days.reduce((sum, { count }) => sum + count, 0) },
  },
  created() { this.load() },
  methods: {
    async load() {
      this.loading = true
      try {
        this.overview = await Kit.api.get(`${page.workspace.api}/overview`)
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
