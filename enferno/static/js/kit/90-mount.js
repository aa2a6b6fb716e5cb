/* `mountPage({...})`: a page's script says only what is special about it; this brings the rest. */
{
  const iconSet = {
    component: (props) => {
      const path = KitIcons[props.icon]
      if (!path) console.warn(`no icon ${props.icon}: add it to scripts/icons.txt`)
      return Vue.h(Vuetify.components.VSvgIcon, { ...props, icon: path || KitIcons['mdi-help-circle-outline'] })
    },
  }
  const aliases = {
    collapse: 'mdi-chevron-up', complete: 'mdi-check', cancel: 'mdi-close-circle', close: 'mdi-close',
    delete: 'mdi-close-circle', clear: 'mdi-close-circle', success: 'mdi-check-circle-outline',
    info: 'mdi-information-outline', warning: 'mdi-alert-outline', error: 'mdi-alert-circle-outline',
    prev: 'mdi-chevron-left', next: 'mdi-chevron-right', checkboxOn: 'mdi-checkbox-marked',
    checkboxOff: 'mdi-checkbox-blank-outline', checkboxIndeterminate: 'mdi-minus-box', delimiter: 'mdi-circle-small',
    sortAsc: 'mdi-arrow-up', sortDesc: 'mdi-arrow-down', expand: 'mdi-chevron-down', menu: 'mdi-menu',
    subgroup: 'mdi-menu-down', dropdown: 'mdi-chevron-down', radioOn: 'mdi-radiobox-marked',
    radioOff: 'mdi-radiobox-blank', edit: 'mdi-pencil-outline', first: 'mdi-chevron-double-left',
    last: 'mdi-chevron-double-right', unfold: 'mdi-unfold-more-horizontal', file: 'mdi-paperclip', plus: 'mdi-plus',
    minus: 'mdi-minus', calendar: 'mdi-calendar', upload: 'mdi-upload-outline',
  }
  // `singleLine` keeps Vuetify from moving the label about; css/50-vuetify.css puts it above the field.
  const field = { variant: 'outlined', density: 'compact', hideDetails: 'auto', color: 'primary', singleLine: true }

  const chooser = () => ({ ...field, noDataText: Kit.t('Nothing matches') })

  const vuetify = () => Vuetify.createVuetify({
    theme: Kit.theme.vuetify(document.getElementById('page-data').nonce),
    icons: { defaultSet: 'mdi', aliases, sets: { mdi: iconSet } },
    locale: { locale: 'en', rtl: { en: document.dir === 'rtl' } },
    defaults: {
      VBtn: { variant: 'outlined', ripple: false },
      VTextField: field, VTextarea: field, VFileInput: field, VSelect: chooser(), VAutocomplete: chooser(), VCombobox: chooser(),
      VCheckbox: { density: 'compact', color: 'primary', hideDetails: 'auto', ripple: false },
      VSwitch: { density: 'compact', color: 'primary', hideDetails: 'auto', inset: true, size: 'x-small', ripple: false },
      VRadioGroup: { density: 'compact', color: 'primary', hideDetails: 'auto' },
      VCard: { variant: 'flat', border: true },
      VChip: { size: 'small', variant: 'tonal', label: true },
      VMenu: { offset: 6, transition: 'fade-transition' },
      VTooltip: { openDelay: 300 },
      VList: { density: 'compact', slim: true },
      VListItem: { ripple: false },
      VAlert: { variant: 'tonal', density: 'comfortable' },
      VDialog: { maxWidth: 480 },
      VTabs: { density: 'compact', color: 'primary' },
    },
  })

  window.mountPage = (options = {}) => {
    const { page } = Kit
    const body = { name: 'Page', ...options }
    if (!body.render) body.render = Kit.render(page.page)

    const app = Vue.createApp({ name: 'Shell', components: { 'page-body': body }, ...Kit.shell })
    const words = { Kit, page, t: Kit.t, tn: Kit.tn, can: Kit.can }
    Object.assign(app.config.globalProperties, words)
    for (const [name, component] of Kit.components) {
      app.component(name, { ...component, render: component.render || Kit.render(`component:${name}`) })
    }
    app.config.errorHandler = (error) => {
      console.error(error)
      Kit.failed?.(error)
    }
    app.use(vuetify())
    app.mount('#app')
    for (const { category, message } of page.flash || []) {
      Kit.notify(message, { kind: category === 'error' ? 'error' : category === 'message' ? 'info' : category })
    }
    document.documentElement.dataset.ready = ''
    return app
  }
}
