/* When the session has ended while a page was open: keep the page, offer signing in beside it, then go on. */
Kit.session = (() => {
  const state = Vue.reactive({ open: false, checking: false, note: '' })
  let waiting = []

  const settle = (answer) => {
    state.open = false
    waiting.splice(0).forEach((done) => done(answer))
  }

  /* Any page of a signed-in person carries who is signed in and the token that this session wants. */
  const refresh = async () => {
    try {
      const answer = await fetch(Kit.page.urls.profile, { headers: { Accept: 'text/html' }, redirect: 'manual' })
      if (!answer.ok) return 'nobody'
      const found = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById('page-data')
      const { user, csrf } = JSON.parse(found.textContent)
      if (!user) return 'nobody'
      if (user.id !== Kit.page.user.id) return 'other'
      Kit.page.csrf = csrf
      return 'same'
    } catch {
      return 'nobody'
    }
  }

  const resume = async () => {
    state.checking = true
    const who = await refresh()
    state.checking = false
    if (who === 'same') return settle(true)
    state.note = who === 'other'
      ? Kit.t('Someone else is signed in now. Sign in as {email} to go on.', { email: Kit.page.user.email })
      : Kit.t('You are not signed in yet.')
  }

  /* Coming back from the other tab is answer enough. */
  window.addEventListener('focus', () => { if (state.open && !state.checking) resume() })

  return {
    state,
    refresh,
    resume,
    /** Resolves to true once the same person is signed in again, to false when they give up. */
    ask() {
      state.open = true
      state.note = ''
      return new Promise((done) => waiting.push(done))
    },
    giveUp: () => settle(false),
  }
})()
