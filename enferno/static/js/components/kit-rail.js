/* The rail: product or workspace, navigation, and at the foot the person's menu. */
Kit.component('kit-rail', {
  emits: ['leave'],
  data: () => ({ creating: false, name: '' }),
  computed: {
    layout: () => Kit.page.layout,
    workspace: () => Kit.page.workspace,
    entries() {
      if (this.layout === 'superadmin') return Kit.places.operator()
      if (this.layout === 'account') return Kit.places.account()
      return Kit.places.nav()
    },
    current() { return Kit.places.current(this.entries) },
    heading() {
      return { superadmin: Kit.t('Superadmin'), account: Kit.t('Your account') }[this.layout] || ''
    },
    back() {
      if (this.layout === 'app' || !Kit.page.urls.app) return null
      const [only] = Kit.page.workspaces
      const named = this.layout === 'account' && Kit.page.workspaces.length === 1
      const label = named ? Kit.t('Back to {name}', { name: only.name }) : Kit.t('Back to the app')
      return { label, url: Kit.page.urls.app }
    },
    switcher() {
      return this.layout === 'app' && this.workspace && (Kit.page.workspaces.length > 1 || this.workspace.is_team)
    },
    person() {
      const { page, t } = Kit
      const theme = (choice, label, icon) => ({
        label, icon: Kit.theme.state.choice === choice ? 'mdi-check' : icon, action: () => Kit.theme.keep(choice),
      })
      return [
        ...Kit.places.account().map(({ label, url, icon }) => ({ label, icon, to: url })),
        !this.switcher && this.layout !== 'superadmin' && { label: t('New workspace'), icon: 'mdi-plus', action: () => this.create() },
        page.urls.superadmin && this.layout !== 'superadmin' && { label: t('Superadmin'), icon: 'mdi-shield-account-outline', to: page.urls.superadmin },
        { ...theme('system', t('Theme of the system'), 'mdi-monitor'), divider: true },
        theme('light', t('Light theme'), 'mdi-weather-sunny'),
        theme('dark', t('Dark theme'), 'mdi-weather-night'),
        { label: t('Sign out'), icon: 'mdi-logout', action: Kit.signOut, divider: true },
      ].filter(Boolean)
    },
  },
  methods: {
    create() {
      this.name = ''
      this.creating = true
    },
    async found() {
      const made = await Kit.api.post('/api/v1/me/workspaces', { name: this.name })
      location.assign(made.url || `/w/${made.slug}/`)
    },
  },
})
