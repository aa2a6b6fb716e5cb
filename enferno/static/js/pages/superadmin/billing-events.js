const { t } = Kit
const words = { received: t('Waiting'), done: t('Done'), ignored: t('Not for us'), parked: t('Given up'), unreadable: t('Unreadable') }

mountPage({
  data: () => ({
    shown: null, busy: false, words, filters: { state: '' },
    kinds: { received: 'info', done: 'success', parked: 'error', unreadable: 'error' },
    states: [{ title: t('Every state'), value: '' }, ...Object.entries(words).map(([value, title]) => ({ value, title }))],
    columns: [
      { key: 'kind', label: t('Event'), sortable: true },
      { key: 'state', label: t('State') },
      { key: 'tries', label: t('Failed tries'), kind: 'number', align: 'end', hideOnPhone: true },
      { key: 'received_at', label: t('Arrived'), kind: 'time', sortable: true },
    ],
  }),
  methods: {
    async replay(row) {
      this.busy = true
      try {
        await Kit.api.post(`/api/v1/superadmin/billing/events/${row.id}/replays`, {})
        Kit.notify(t('It is handled again'), { kind: 'success' })
        this.shown = null
        setTimeout(() => this.$refs.table?.reload(), 800)
      } catch (error) {
        if (!(error instanceof Kit.Problem)) throw error
        Kit.failed(error)
      } finally {
        this.busy = false
      }
    },
  },
})
