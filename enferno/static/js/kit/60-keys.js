/* Keys and the palette. A page adds its own: Kit.shortcut('n', openDialog, t('New project')). */
Kit.keys = (() => {
  const actions = Vue.reactive([])
  const state = Vue.reactive({ palette: false })
  const isApple = /Mac|iPhone|iPad/.test(navigator.platform)

  const typing = (element) =>
    element?.closest?.('input, textarea, select, [contenteditable], [role="textbox"], [role="combobox"]')
  const overlaid = () => document.querySelector('.v-overlay--active .v-overlay__scrim')

  const focusSearch = () => {
    const search = document.querySelector('[data-search] input, input[type="search"]')
    search?.focus()
    search?.select()
    return Boolean(search)
  }

  window.addEventListener('keydown', (event) => {
    if (event.key.toLowerCase() === 'k' && (event.metaKey || event.ctrlKey) && !event.shiftKey && !event.altKey) {
      event.preventDefault()
      state.palette = !state.palette
      return
    }
    if (event.metaKey || event.ctrlKey || event.altKey || event.defaultPrevented) return
    if (typing(event.target) || overlaid() || state.palette) return
    if (event.key === '/' && focusSearch()) return event.preventDefault()
    const found = actions.find((action) => action.key === event.key)
    if (found) {
      event.preventDefault()
      found.run()
    }
  })

  const add = (action) => {
    const known = actions.findIndex(({ label }) => label === action.label)
    if (known >= 0) actions.splice(known, 1)
    actions.push(action)
    return () => { actions.splice(actions.findIndex(({ label }) => label === action.label), 1) }
  }

  return { actions, state, add, modifier: isApple ? '⌘' : 'Ctrl ' }
})()

/** A key that runs something on this page; with a label it is in the palette as well. Returns how to remove it. */
Kit.shortcut = (key, run, label = '') => Kit.keys.add({ key, run, label: label || key, hidden: !label })

/** Something the palette offers on this page: Kit.action(t('Export as CSV'), run, { icon: 'mdi-download-outline' }). */
Kit.action = (label, run, { icon = '', key = '' } = {}) => Kit.keys.add({ label, run, icon, key })
