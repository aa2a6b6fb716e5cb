/* Runs before the first paint: the theme that was chosen on this device, so that nothing flashes. */
(() => {
  const kept = /(?:^|; )theme=(light|dark|system)/.exec(document.cookie)
  if (kept) document.documentElement.dataset.theme = kept[1]
})()
