/* ⌘K: go to any page, run the common actions. */
Kit.component('kit-palette', {
  data: () => ({ words: '', active: 0 }),
  computed: {
    state: () => Kit.keys.state,
    groups() {
      const { t, page } = Kit
      const here = location.pathname
      const pages = [
        ...Kit.places.nav(),
        ...Kit.places.account(),
        ...Kit.places.operator().map((entry) => ({ ...entry, note: t('Superadmin') })),
        page.user ? null : { label: t('Sign in'), url: page.urls.sign_in, icon: 'mdi-login' },
        !page.user && page.urls.sign_up ? { label: t('Sign up'), url: page.urls.sign_up, icon: 'mdi-account-plus-outline' } : null,
      ].filter(Boolean)
      const others = Kit.places.workspaces().filter(({ slug }) => slug !== page.workspace?.slug)
      const actions = [
        ...Kit.keys.actions.filter(({ hidden }) => !hidden),
        ...[['system', t('Theme of the system'), 'mdi-monitor'], ['light', t('Light theme'), 'mdi-weather-sunny'], ['dark', t('Dark theme'), 'mdi-weather-night']]
          .filter(([choice]) => choice !== Kit.theme.state.choice)
          .map(([choice, label, icon]) => ({ label, icon, run: () => Kit.theme.keep(choice) })),
        page.user && { label: t('Sign out'), icon: 'mdi-logout', run: Kit.signOut },
      ].filter(Boolean)
      return [
        { label: t('Go to'), items: pages.filter(({ url }) => url !== here) },
        { label: t('Workspaces'), items: others },
        { label: t('Actions'), items: actions },
      ]
    },
    found() {
      const words = this.words.toLocaleLowerCase().split(/\s+/).filter(Boolean)
      const fits = ({ label, note = '' }) => words.every((word) => `${label} ${note}`.toLocaleLowerCase().includes(word))
      let index = 0
      return this.groups
        .map((group) => ({ ...group, items: group.items.filter(fits).map((item) => ({ ...item, index: index++ })) }))
        .filter(({ items }) => items.length)
    },
    flat() { return this.found.flatMap(({ items }) => items) },
  },
  watch: {
    'state.palette'(open) {
      Kit.focus.follow(open)
      if (open) Object.assign(this, { words: '', active: 0 })
    },
    words() { this.active = 0 },
  },
  methods: {
    focus: ({ el }) => el.focus(),
    move(step) {
      const count = this.flat.length
      if (!count) return
      this.active = (this.active + step + count) % count
      this.$nextTick(() => document.getElementById(`palette-${this.active}`)?.scrollIntoView({ block: 'nearest' }))
    },
    choose(item = this.flat[this.active]) {
      if (!item) return
      this.state.palette = false
      if (item.url) location.assign(item.url)
      else item.run()
    },
  },
})
