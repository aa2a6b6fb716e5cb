const { page, t } = Kit
const own = Intl.DateTimeFormat().resolvedOptions().timeZone
const known = Intl.supportedValuesOf?.('timeZone') || []
const zone = (name) => ({ title: name.replaceAll('_', ' '), value: name })

mountPage({
  data: () => ({
    me: { ...page.data.me },
    languages: [{ title: t('As in the browser'), value: null }, ...page.data.languages],
    zones: [{ title: t('As in the browser ({zone})', { zone: own.replaceAll('_', ' ') }), value: null }, ...listed()],
    themes: [
      { value: 'system', label: t('System') },
      { value: 'light', label: t('Light') },
      { value: 'dark', label: t('Dark') },
    ],
  }),
  methods: {
    save() {
      const { name, locale, timezone } = this.me
      return Kit.api.patch('/api/v1/me', { name, locale, timezone })
    },
    /** The language and the zone are all over the page, and the name stands in the rail. */
    saved(me) {
      const changed = ['name', 'locale', 'timezone'].some((key) => me[key] !== page.data.me[key])
      if (!changed) return Kit.notify(t('Nothing had changed'), { kind: 'info' })
      sessionStorage.setItem('saved', '1')
      location.reload()
    },
    async choose(theme) {
      const before = this.me.theme
      this.me.theme = theme
      Kit.theme.choose(theme)
      try {
        await Kit.api.patch('/api/v1/me', { theme })
      } catch (error) {
        this.me.theme = before
        Kit.theme.choose(before)
        Kit.failed(error)
      }
    },
  },
  mounted() {
    if (sessionStorage.getItem('saved')) Kit.notify(t('Saved'))
    sessionStorage.removeItem('saved')
  },
})

/** What the browser knows, and what was chosen elsewhere even if it does not know that. */
function listed() {
  const chosen = page.data.me.timezone
  return [...new Set(chosen ? [...known, chosen] : known)].sort().map(zone)
}
