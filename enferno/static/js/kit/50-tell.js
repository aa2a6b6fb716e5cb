/* The one snackbar and the one confirm dialog; kit-snackbar and kit-confirm show what stands here. */
Kit.told = Vue.reactive({ current: null })
Kit.asked = Vue.reactive({ current: null })

/* The line above the page, as it was when the page was made; whoever changes what it says takes it away. */
Kit.banner = Vue.reactive({ current: Kit.page.banner || null })

/** A sentence at the foot of the page: Kit.notify(t('Role changed'), { undo: async () => {…} }); `link` is { label, url } */
Kit.notify = (text, { kind = 'success', undo = null, link = null, requestId = '' } = {}) => {
  Kit.told.current = { text, kind, undo, link, requestId, key: Symbol(text) }
}

/** Asks before harm is done; resolves to whether the person went on. With `typed`, the name must be typed first; `lead` and `lines` list what goes. With `why`, the label
    of a field for the reason, it resolves to { why } in place of true. */
Kit.confirm = (question) => new Promise((done) => {
  Kit.asked.current?.done(false)
  Kit.asked.current = { danger: false, ...question, done }
})

/** What nobody caught: problems of the server in their own words, faults of ours with a hint to the console. */
Kit.failed = (error) => {
  if (error.status === 402) {
    Kit.notify(error.text, { kind: 'warning', link: Kit.upgrade(error.unlockedBy) })
  } else if (error instanceof Kit.Problem) {
    Kit.notify(error.text, { kind: 'error', requestId: error.status >= 500 ? error.requestId : '' })
  } else {
    Kit.notify(Kit.t('Something on this page broke. Load it again to go on.'), { kind: 'error' })
  }
}
window.addEventListener('unhandledrejection', (event) => {
  if (event.reason instanceof Kit.Problem) {
    event.preventDefault()
    Kit.failed(event.reason)
  }
})

/** Copy a text; says so. */
Kit.copy = async (text) => {
  try {
    await navigator.clipboard.writeText(text)
    Kit.notify(Kit.t('Copied'), { kind: 'info' })
  } catch {
    Kit.notify(Kit.t('The browser did not allow copying. Select the text and copy it by hand.'), { kind: 'warning' })
  }
}
