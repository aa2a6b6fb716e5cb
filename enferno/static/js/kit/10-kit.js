/* The kit's one global: a registry of templates, components and words, and `mountPage`. */
window.Kit = (() => {
  const templates = new Map()
  const components = new Map()
  let messages = {}
  let plural = (n) => Number(n !== 1)

  const fill = (text, values) =>
    values ? text.replace(/\{(\w+)\}/g, (whole, key) => (key in values ? String(values[key]) : whole)) : text

  const page = JSON.parse(document.getElementById('page-data').textContent)

  return {
    page,
    components,
    template: (name, build) => templates.set(name, build),
    component: (name, options) => components.set(name, options),
    words: (found, form) => { messages = found; plural = form },

    /** The render function of a compiled template. */
    render(name) {
      const build = templates.get(name)
      return build ? build(window.Vue) : undefined
    },

    /** A text in the person's language: t('Remove {name}', { name }). */
    t(text, values) {
      const found = messages[text]
      return fill((Array.isArray(found) ? found[0] : found) || text, values)
    },

    /** A text that depends on a number: tn('{n} person', '{n} people', n). */
    tn(one, many, n, values) {
      const forms = messages[one]
      const text = Array.isArray(forms) ? forms[plural(n)] || many : n === 1 ? one : many
      return fill(text, { n: Kit.number ? Kit.number(n) : n, ...values })
    },

    /** May the caller do this here? The server decides again; this only spares a button that would be refused. */
    can: (permission) => page.allowed.includes(permission),
  }
})()
