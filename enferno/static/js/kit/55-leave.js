/* What was typed and not kept yet: closing the page or a dialog asks first. */
Kit.leave = (() => {
  const guards = new Set()
  const dirty = () => [...guards].some((guard) => guard())

  window.addEventListener('beforeunload', (event) => { if (dirty()) event.preventDefault() })

  return {
    /** While `guard()` is true the browser asks before the page is left. Returns how to take it away. */
    guard(guard) {
      guards.add(guard)
      return () => guards.delete(guard)
    },
    dirty,
    /** Everything that stands in a form's fields, as one text to compare. */
    typed(form) {
      const fields = [...form.querySelectorAll('input, textarea, select')]
      const values = fields.map((field) => (/^(checkbox|radio)$/.test(field.type) ? field.checked : field.value))
      const chosen = [...form.querySelectorAll('.v-select__selection, .v-chip')].map((each) => each.textContent)
      return JSON.stringify([values, chosen])
    },
    ask: () => Kit.confirm({
      title: Kit.t('Discard what you typed?'),
      text: Kit.t('It has not been saved yet.'),
      action: Kit.t('Discard'),
      cancel: Kit.t('Keep editing'),
      danger: true,
    }),
  }
})()
