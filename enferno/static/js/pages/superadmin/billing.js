const { t } = Kit
const short = new Intl.DateTimeFormat(Kit.page.locale, { month: 'short', day: 'numeric', timeZone: 'UTC' })
const words = {
  none: t('None'), incomplete: t('Payment pending'), trialing: t('On trial'), active: t('Paid'),
  past_due: t('Payment failed'), paused: t('Paused'), cancelled: t('Ended'),
}

mountPage({
  data: () => ({
    found: null, problem: null, loading: false, words, filters: { state: '' },
    kinds: { incomplete: 'warning', trialing: 'info', active: 'success', past_due: 'error', paused: 'warning' },
    states: [{ title: t('Every state'), value: '' }, ...Object.entries(words).map(([value, title]) => ({ value, title }))],
    columns: [
      { key: 'workspace', label: t('Workspace') },
      { key: 'plan', label: t('Plan'), sortable: true, text: ({ plan }) => Kit.page.data.plans[plan] || plan },
      { key: 'state', label: t('State'), sortable: true },
      { key: 'amount', label: t('Price'), align: 'end' },
      { key: 'synced_at', label: t('As of'), kind: 'time', sortable: true, hideOnPhone: true },
    ],
  }),
  computed: {
    stats() {
      const { counts, a_month: sums } = this.found || {}
      const money = sums && (sums.map(({ amount, currency }) => Kit.money(amount, currency)).join(' + ') || Kit.money(0, 'eur'))
      return [
        { label: t('Revenue a month'), value: money ?? null },
        { label: t('Paying'), value: counts ? counts.active : null },
        { label: t('On trial'), value: counts ? counts.trialing : null },
        { label: t('Payment failed'), value: counts ? counts.past_due : null },
        { label: t('Events given up'), value: counts ? counts.parked : null, to: '/superadmin/billing/events?state=parked' },
        ...(counts?.unreadable ? [{ label: t('Unreadable events'), value: counts.unreadable, to: '/superadmin/billing/events?state=unreadable' }] : []),
        ...(counts?.billed_twice ? [{ label: t('Billed twice'), value: counts.billed_twice, note: t('End all but one at the provider') }] : []),
      ]
    },
    days() {
      const length = this.found.per_day.began.length
      return Array.from({ length }, (_, place) => short.format(new Date(Date.now() - (length - 1 - place) * 86_400_000)))
    },
    series() {
      return [
        { label: t('Begun'), values: this.found.per_day.began },
        { label: t('Ended'), values: this.found.per_day.ended },
      ]
    },
  },
  created() { this.load() },
  methods: {
    priced({ amount, quantity, currency, interval }) {
      const sum = Kit.money(amount * quantity, currency)
      return interval === 'year' ? t('{sum} a year', { sum }) : t('{sum} a month', { sum })
    },
    async load() {
      this.loading = true
      try {
        this.found = await Kit.api.get('/api/v1/superadmin/billing')
        this.problem = null
      } catch (error) {
        if (!(error instanceof Kit.Problem)) throw error
        this.problem = error
      } finally {
        this.loading = false
      }
    },
    async reread(row) {
      try {
        await Kit.api.post(`/api/v1/superadmin/billing/subscriptions/${row.workspace_id}/readings`, {})
        Kit.notify(t('{name} is as the provider says now', { name: row.workspace }), { kind: 'success' })
        this.$refs.table.reload()
      } catch (error) {
        if (!(error instanceof Kit.Problem)) throw error
        Kit.notify(error.title, { kind: 'error' })
      }
    },
  },
})
