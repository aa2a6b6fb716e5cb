const { page, t, can } = Kit
const url = `${page.workspace.api}/projects`
const me = { user_id: page.user.id, name: page.user.name }

mountPage({
  data: () => ({
    url,
    lead: page.workspace.is_team ? t('What is being worked on, and who answers for it.') : t('What you are working on.'),
    open: false,
    form: {},
    people: [],
    filters: { status: '', owner: '' },
    states: [
      { value: 'active', title: t('Active') }, { value: 'paused', title: t('Paused') }, { value: 'done', title: t('Done') },
    ],
    owners: [
      { value: '', title: t('Every owner') }, { value: me.user_id, title: t('Mine') }, { value: 'none', title: t('Nobody’s') },
    ],
  }),
  computed: {
    columns() {
      const tones = { active: 'success', paused: 'warning', done: '' }
      return [
        { key: 'name', label: t('Name'), sortable: true },
        { key: 'status', label: t('State'), kind: 'tag', sortable: true, text: (row) => this.stateOf(row), tone: (row) => tones[row.status] },
        ...(page.workspace.is_team ? [{ key: 'owner', label: t('Owner'), sortable: true }] : []),
        { key: 'created_at', label: t('Created'), kind: 'time', sortable: true, hideOnPhone: true },
      ]
    },
  },
  mounted() {
    const add = () => (Kit.limits.full('projects') ? Kit.limits.tell('projects') : this.edit())
    if (can('projects:manage')) Kit.shortcut('n', add, t('New project'))
  },
  methods: {
    stateOf(row) { return this.states.find(({ value }) => value === row.status)?.title || row.status },
    acts(row) {
      return [
        can('projects:manage') && { label: t('Change'), icon: 'mdi-pencil-outline', action: () => this.edit(row) },
        can('projects:delete') && { label: t('Delete'), icon: 'mdi-delete-outline', danger: true, action: () => this.remove(row) },
      ]
    },

    edit(row) {
      this.form = row ? { ...row } : { name: '', status: 'active', owner_id: me.user_id }
      this.people = row?.owner_id ? [{ user_id: row.owner_id, name: row.owner_name }] : [me]
      this.open = true
    },
    /** The members whose names fit what was typed; the one chosen now stays among them. */
    async find(words) {
      const chosen = this.people.filter(({ user_id }) => user_id === this.form.owner_id)
      const search = chosen.some(({ name }) => name === words) ? '' : words
      const { items } = await Kit.api.get(`${page.workspace.api}/members`, { search, per_page: 20 })
      this.people = [...chosen, ...items.filter(({ user_id }) => user_id !== this.form.owner_id)]
    },
    async save() {
      const { id, name, status, owner_id } = this.form
      const body = { name, status, owner_id: owner_id || null }
      await (id ? Kit.api.patch(`${url}/${id}`, body) : Kit.api.post(url, body))
      await this.$refs.table.reload()
      Kit.notify(id ? t('{name} was saved', { name }) : t('{name} was created', { name }))
    },
    async remove(row) {
      await Kit.api.delete(`${url}/${row.id}`)
      await this.$refs.table.reload()
      const undo = async () => {
        await Kit.api.post(url, { name: row.name, status: row.status, owner_id: row.owner_id })
        await this.$refs.table.reload()
      }
      Kit.notify(t('{name} was deleted', { name: row.name }), { undo })
    },
  },
})
