mountPage({
  data: () => ({
    inviting: false, email: '', role: 'Member', answer: '',
    states: ['active', 'invited', 'suspended'], filters: { state: null },
    form: { name: 'Acme', zone: 'Europe/Berlin', about: '', open: true, mail: false, role: 'member' },
    days: Array.from({ length: 28 }, (_, n) => `${n + 1} Nov`),
    counts: Array.from({ length: 28 }, (_, n) => Math.round(6 + 5 * Math.sin(n / 3) + (n % 5))),
    months: ['Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov'],
    columns: [
      { key: 'name', label: 'Name', sortable: true },
      { key: 'state', label: 'State', kind: 'tag', tone: (row) => ({ active: 'success', suspended: 'error' })[row.state] || '' },
      { key: 'projects', label: 'Projects', kind: 'number', sortable: true },
      { key: 'created_at', label: 'Joined', kind: 'time', sortable: true },
    ],
  }),
  created() {
    Kit.shortcut('n', () => { this.inviting = true }, 'Invite a person')
  },
  methods: {
    notify: () => Kit.notify('Ana Alves is an admin now', { undo: async () => {} }),
    actions(row) {
      return [
        { label: 'Edit', icon: 'mdi-pencil-outline', action: () => {} },
        { label: 'Remove', icon: 'mdi-delete-outline', danger: true, divider: true, action: () => this.remove(row) },
      ]
    },
    async remove(row) {
      if (!(await Kit.confirm({ title: `Remove ${row.name}?`, text: 'They lose access at once.', action: 'Remove', danger: true }))) return
      await Kit.api.delete(`/api/people/${row.id}`)
      this.$refs.table.reload()
      Kit.notify(`${row.name} was removed`, { undo: async () => { this.answer = 'undone' } })
    },
    async removeAll(rows, clear) {
      for (const { id } of rows) await Kit.api.delete(`/api/people/${id}`)
      clear()
      this.$refs.table.reload()
    },
    async invite() {
      await Kit.api.post('/api/people', { email: this.email })
      this.$refs.table.reload()
      Kit.notify(`Invitation sent to ${this.email}`)
    },
    save: async () => Kit.notify('Saved'),
    async destroy() {
      const text = 'Its 48 projects and the access of its 12 members go with it. There is no way back.'
      const yes = await Kit.confirm({ title: 'Delete Acme?', text, action: 'Delete Acme', danger: true, typed: 'Acme' })
      this.answer = yes ? 'deleted' : 'kept'
    },
  },
})
