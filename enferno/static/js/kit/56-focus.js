/* A dialog gives the focus back to what had it when it opened. Dialogs may lie over one another. */
Kit.focus = (() => {
  const before = []
  return {
    follow(open) {
      if (open) return before.push(document.activeElement)
      const place = before.pop()
      if (place?.isConnected) setTimeout(() => place.focus({ preventScroll: true }))
      return undefined
    },
  }
})()
