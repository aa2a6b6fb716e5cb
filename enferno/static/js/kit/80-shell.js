Kit.shell = {
  render: () => Vue.h(Vuetify.components.VApp, { theme: Kit.theme.state.dark ? 'dark' : 'light' }, () => Vue.h(Vue.resolveComponent('page-body'))),
}
