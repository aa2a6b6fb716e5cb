/* Everything that the operator does with a workspace as a whole; each act asks first and says what it does. */
const { t, tn } = Kit
const api = (workspace, rest = '', why = '') => `/api/v1/superadmin/workspaces/${workspace.id}${rest}${why && `?reason=${encodeURIComponent(why)}`}`
const why = t('Why, for the history of the workspace and the log')

Kit.component('workspace-acts', {
  emits: ['changed', 'deleted'],
  methods: {
    menu(workspace) {
      return [
        { label: t('What happened in it'), icon: 'mdi-history', to: `/superadmin/activity?workspace=${workspace.slug}` },
        workspace.suspended_at
          ? { label: t('Restore'), icon: 'mdi-play-circle-outline', action: () => this.restore(workspace), divider: true }
          : { label: t('Suspend'), icon: 'mdi-pause-circle-outline', action: () => this.suspend(workspace), divider: true },
        { label: t('Delete'), icon: 'mdi-delete-outline', danger: true, action: () => this.remove(workspace) },
      ]
    },
    async suspend(workspace) {
      const yes = await Kit.confirm({
        title: t('Suspend {name}?', { name: workspace.name }), action: t('Suspend workspace'), danger: true, why,
        text: tn('Its {n} member is shut out with the next request. Everything is kept until you restore it.',
          'Its {n} members are shut out with the next request. Everything is kept until you restore it.', workspace.members),
      })
      if (yes) await this.turn(workspace, true, yes.why)
    },
    async restore(workspace) {
      const yes = await Kit.confirm({
        title: t('Restore {name}?', { name: workspace.name }), action: t('Restore workspace'), why,
        text: tn('Its {n} member can work in it again at once.', 'Its {n} members can work in it again at once.', workspace.members),
      })
      if (yes) await this.turn(workspace, false, yes.why)
    },
    async turn(workspace, suspended, reason) {
      const set = (on, because) => Kit.api[on ? 'post' : 'delete'](api(workspace, '/suspension', because))
      await set(suspended, reason)
      const undo = async () => {
        await set(!suspended)
        this.$emit('changed')
      }
      const { name } = workspace
      Kit.notify(suspended ? t('{name} is suspended', { name }) : t('{name} is open again', { name }), { undo })
      this.$emit('changed')
    },
    async remove(workspace) {
      const yes = await Kit.confirm({
        title: t('Delete {name}?', { name: workspace.name }), action: t('Delete workspace'), danger: true, typed: workspace.slug,
        why: t('Why, for the log'),
        text: tn('Everything in it is deleted for good, and its {n} member loses access. Nobody can bring it back.',
          'Everything in it is deleted for good, and its {n} members lose access. Nobody can bring it back.', workspace.members),
      })
      if (!yes) return
      await Kit.api.delete(api(workspace, '', yes.why))
      Kit.notify(t('{name} is deleted', { name: workspace.name }))
      this.$emit('deleted', workspace)
    },
  },
})
