/* Where one can go from here: the rail and the palette read the same lists. */
Kit.places = (() => {
  const { page, t } = Kit
  const named = {
    home: 'mdi-home-outline', members: 'mdi-account-group-outline', activity: 'mdi-history', settings: 'mdi-cog-outline',
    billing: 'mdi-credit-card-outline', folder: 'mdi-folder-outline', projects: 'mdi-folder-outline',
  }
  const icon = (name) => {
    if (!name) return 'mdi-circle-small'
    const found = [named[name], name, `mdi-${name}`, `mdi-${name}-outline`].find((each) => each in window.KitIcons)
    return found || 'mdi-circle-small'
  }

  /* The entry whose address is the longest beginning of this one; the home of a workspace only when it is the page. */
  const current = (entries) => {
    const here = location.pathname
    const fits = entries.filter(({ url }) => here === url || (url !== page.workspace?.url && here.startsWith(url.replace(/\/$/, '') + '/')))
    return fits.sort((a, b) => b.url.length - a.url.length)[0]?.url
  }

  const nav = () => page.nav.map((entry) => ({ ...entry, icon: icon(entry.icon) }))

  const account = () => [
    page.urls.profile && { label: t('Profile'), url: page.urls.profile, icon: 'mdi-account-outline' },
    page.urls.security && { label: t('Security'), url: page.urls.security, icon: 'mdi-shield-lock-outline' },
  ].filter(Boolean)

  const operator = () => {
    const root = page.urls.superadmin
    if (!root) return []
    const given = (page.operator_nav || []).map((entry) => ({ ...entry, icon: icon(entry.icon) }))
    return given.length ? given : [
      { label: t('Overview'), url: root, icon: 'mdi-view-dashboard-outline' },
      { label: t('Users'), url: `${root}users`, icon: 'mdi-account-multiple-outline' },
      { label: t('Workspaces'), url: `${root}workspaces`, icon: 'mdi-domain' },
      { label: t('Activity'), url: `${root}activity`, icon: 'mdi-history' },
      { label: t('Billing'), url: `${root}billing`, icon: 'mdi-credit-card-outline' },
    ]
  }

  const workspaces = () => page.workspaces.map((each) => ({ ...each, label: each.name, icon: 'mdi-view-grid-outline' }))

  return { nav, account, operator, workspaces, current, icon }
})()

/** Sign out is a POST with the token, as everything that changes something. */
Kit.signOut = () => {
  const form = document.createElement('form')
  Object.assign(form, { method: 'post', action: Kit.page.urls.sign_out, hidden: true })
  const token = document.createElement('input')
  Object.assign(token, { type: 'hidden', name: 'csrf_token', value: Kit.page.csrf })
  form.append(token)
  document.body.append(form)
  form.submit()
}
