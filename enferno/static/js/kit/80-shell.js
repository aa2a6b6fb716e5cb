/* What stands around every page: the rail or the top bar, and the dialogs that any page may call. */
Kit.shell = {
  computed: {
    dark: () => Kit.theme.state.dark,
    layout: () => (Kit.page.user || Kit.page.layout === 'public' ? Kit.page.layout : 'public'),
    overlays: () => ['kit-confirm', 'kit-snackbar', 'kit-palette', 'kit-signin-again', 'kit-verify'],
  },
  render() {
    const { h, resolveComponent } = Vue
    const around = resolveComponent(this.layout === 'public' ? 'kit-shell-public' : 'kit-shell-app')
    return h(Vuetify.components.VApp, { theme: this.dark ? 'dark' : 'light', class: `kit-app layout-${this.layout}` }, () => [
      h(around, null, { default: () => h(resolveComponent('page-body')) }),
      ...this.overlays.map((name) => h(resolveComponent(name))),
    ])
  },
}
