const { page, t, can } = Kit

mountPage({
  data: () => ({
    name: page.workspace.name, slug: page.workspace.slug, team: page.workspace.is_team, busy: false, members: null,
    prefix: `${location.host}/w/`,
  }),
  computed: {
    moves() { return this.slug.trim().toLowerCase() !== page.workspace.slug },
  },
  async created() {
    if (this.team && can('workspace:manage')) this.members = (await Kit.api.get(`${page.workspace.api}/members`, { per_page: 1 })).total
  },
  methods: {
    save() { return Kit.api.patch(page.workspace.api, { name: this.name, slug: this.slug }) },
    /** Name and address stand in the rail and in every link of this page: load it anew. */
    saved({ slug, name }) {
      if (slug !== page.workspace.slug || name !== page.workspace.name) return location.assign(`/w/${slug}/settings`)
      Kit.notify(t('Nothing had changed'), { kind: 'info' })
    },
    async setTeam(team) {
      this.busy = true
      try {
        await Kit.api.patch(page.workspace.api, { is_team: team })
        location.reload()
      } finally {
        this.busy = false
      }
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
    async remove() {
      const sure = await Kit.confirm({
        title: t('Delete {name}?', { name: page.workspace.name }),
        text: t('All that is in here, and its history, is deleted for good. To go on, type the address: {slug}', { slug: page.workspace.slug }),
        action: t('Delete everything'), danger: true, typed: page.workspace.slug,
      })
      if (!sure) return
      await Kit.api.delete(page.workspace.api)
      location.assign(page.urls.app)
    },
  },
})
