/* What happened stands in the title; this says what was kept and what to do next. */
const { page, t } = Kit

const words = {
  400: () => [t('Nothing was changed.')],
  401: () => [t('This page is for people who are signed in. You come back here afterwards.')],
  403: () => [t('Nothing was changed. Someone who manages this can give you access.')],
  404: () => [t('The address may be mistyped, or what was here has moved or is gone.')],
  429: () => [t('This keeps accounts safe from guessing. Nothing was changed.')],
  500: () => [t('It is noted, and what you did last was not saved. Trying again may help; if not, send us the number below.')],
  503: () => [t('What was saved is safe. What you did last was not saved; try it again in a moment.')],
}

const again = { label: t('Try again'), run: () => location.reload() }
const back = { label: t('Go back'), run: () => history.back() }
const home = page.user
  ? { label: t('Open the app'), url: page.urls.app || '/' }
  : { label: t('Go to the start page'), url: page.urls.home || '/' }
const signIn = page.urls.sign_in && {
  label: t('Sign in'), url: `${page.urls.sign_in}?next=${encodeURIComponent(location.pathname + location.search)}`,
}

/* Opening the app would lead here again where there is nothing else to open. */
const suspended = page.data.code === 'workspace_suspended'
const account = { label: t('Your account'), url: page.urls.profile }

mountPage({
  computed: {
    advice: () => suspended ? [] : (words[page.status] || (() => [t('Nothing was changed.')]))(),
    steps() {
      if (suspended) return page.workspaces.length ? [home] : [again, account]
      if (page.status === 401) return [signIn, home].filter(Boolean)
      if (page.status === 404) return page.user ? [home] : [home, signIn].filter(Boolean)
      if (page.status >= 500 || page.status === 429) return [again, home]
      return [back, home]
    },
  },
})
