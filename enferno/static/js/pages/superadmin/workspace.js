const { page, t } = Kit
const url = `/api/v1/superadmin/workspaces/${page.data.id}`
const roles = [{ title: t('Owner'), value: 'owner' }, { title: t('Admin'), value: 'admin' }, { title: t('Member'), value: 'member' }]
const named = (role) => roles.find(({ value }) => value === role)?.title || role

mountPage({
  data: () => ({
    url, roles, workspace: null, problem: null, items: [], member: {}, form: {}, adding: false, changing: false,
    columns: [
      { key: 'name', label: t('Name'), sortable: true },
      { key: 'role', label: t('Role'), sortable: true, text: ({ role }) => named(role) },
      { key: 'created_at', label: t('Member since'), kind: 'time', sortable: true },
    ],
  }),
  mounted() { this.load() },
  methods: {
    async load() {
      try {
        const found = await Kit.api.get(url)
        Kit.limits.state.members = found.room
        this.workspace = found
        this.items = this.$refs.acts.menu(this.workspace)
        this.problem = null
      } catch (error) {
        if (!(error instanceof Kit.Problem)) throw error
        this.problem = error
      }
    },
    async refresh() {
      await Promise.all([this.load(), this.$refs.table.reload()])
    },
    acts(row) {
      return [
        { label: t('Change role'), icon: 'mdi-account-key-outline', action: () => this.change(row) },
        { label: t('Remove'), icon: 'mdi-account-cancel-outline', danger: true, action: () => this.remove(row) },
      ]
    },
    add() {
      this.form = { email: '', role: 'member' }
      this.adding = true
    },
    async added() {
      const member = await Kit.api.post(`${url}/members`, this.form)
      Kit.notify(t('{name} belongs to the workspace now', { name: member.name }))
      await this.refresh()
    },
    change(row) {
      Object.assign(this, { member: row, form: { role: row.role }, changing: true })
    },
    async changed() {
      await Kit.api.patch(`${url}/members/${this.member.user_id}`, { role: this.form.role })
      Kit.notify(t('{name} is {role} now', { name: this.member.name, role: named(this.form.role) }))
      await this.refresh()
    },
    async remove(row) {
      const text = t('{name} has no access any more with the next request. What they made stays.', { name: row.name })
      if (!(await Kit.confirm({ title: t('Remove {name}?', { name: row.name }), text, action: t('Remove member'), danger: true }))) return
      await Kit.api.delete(`${url}/members/${row.user_id}`)
      Kit.notify(t('{name} is removed', { name: row.name }))
      await this.refresh()
    },
    gone() { location.assign('/superadmin/workspaces') },
  },
})
