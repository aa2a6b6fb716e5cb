const { page, t, can } = Kit
const url = (row) => `${page.workspace.api}/members/${row.user_id}`

mountPage({
  data: () => ({
    alone: false,
    columns: [
      { key: 'name', label: t('Name'), sortable: true },
      { key: 'role', label: t('Role'), sortable: true },
      { key: 'created_at', label: t('Since'), kind: 'time', sortable: true, hideOnPhone: true },
    ],
    roles: {
      owner: { name: t('Owner'), may: t('Everything, with other owners and the deletion of all this included.') },
      admin: { name: t('Admin'), may: t('Change the settings, and the roles of admins and members.') },
      member: { name: t('Member'), may: t('Work with what is in here.') },
    },
  }),
  methods: {
    isMe: (row) => row.user_id === page.user.id,
    counted({ total }) { this.alone = total === 1 && !new URLSearchParams(location.search).has('search') },

    /** What the caller may do with a member; the server decides again. */
    acts(row) {
      const touchable = can('members:manage') && (row.role !== 'owner' || can('owners:manage'))
      const offered = Object.keys(this.roles).filter((role) => role !== row.role && (role !== 'owner' || can('owners:manage')))
      const changes = touchable ? offered.map((role) => this.change(row, role)) : []
      if (this.isMe(row)) return [...changes, { label: t('Leave'), icon: 'mdi-logout', danger: true, divider: changes.length > 0, action: () => this.leave() }]
      if (!touchable) return changes
      return [...changes, { label: t('Remove'), icon: 'mdi-account-cancel-outline', danger: true, divider: true, action: () => this.remove(row) }]
    },
    change(row, role) {
      const labels = { owner: t('Make owner'), admin: t('Make admin'), member: t('Make member') }
      const icons = { owner: 'mdi-crown-outline', admin: 'mdi-shield-account-outline', member: 'mdi-account-outline' }
      return { label: labels[role], icon: icons[role], action: () => this.give(row, role) }
    },

    async give(row, role) {
      if (!(await this.sure(row, role))) return
      const before = row.role
      await Kit.api.patch(url(row), { role })
      if (this.isMe(row)) return location.reload()
      await this.$refs.table.reload()
      const undo = async () => {
        await Kit.api.patch(url(row), { role: before })
        await this.$refs.table.reload()
      }
      Kit.notify(t('{name} is now {role}', { name: row.name, role: this.roles[role].name }), { undo })
    },
    /** Asks where it cannot be taken back by oneself. */
    sure(row, role) {
      if (role === 'owner') {
        return Kit.confirm({
          title: t('Make {name} an owner?', { name: row.name }),
          text: t('Owners may do everything you may, also take your own role away and delete all this.'),
          action: t('Make owner'),
        })
      }
      if (!this.isMe(row)) return true
      return Kit.confirm({
        title: t('Give up your role?'),
        text: t('You lose what only this role may do, and somebody else has to give it back.'),
        action: t('Give up the role'), danger: true,
      })
    },

    async remove(row) {
      const sure = await Kit.confirm({
        title: t('Remove {name}?', { name: row.name }),
        text: t('{name} loses access at once, on every device. What {name} made stays here, without an owner where it had one.', { name: row.name }),
        action: t('Remove {name}', { name: row.name }), danger: true,
      })
      if (!sure) return
      await Kit.api.delete(url(row))
      await this.$refs.table.reload()
      Kit.notify(t('{name} was removed', { name: row.name }))
    },
    async leave() {
      const sure = await Kit.confirm({
        title: t('Leave {name}?', { name: page.workspace.name }),
        text: t('You lose access at once. What you made stays here. To come back, somebody has to add you again.'),
        action: t('Leave'), danger: true,
      })
      if (!sure) return
      await Kit.api.delete(`${page.workspace.api}/members/me`)
      location.assign(page.urls.app)
    },
  },
})
