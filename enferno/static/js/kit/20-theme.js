/* Light and dark: one set of tokens in CSS; Vuetify gets its colours from them, in both themes. */
Kit.theme = (() => {
  const system = window.matchMedia('(prefers-color-scheme: dark)')
  const state = Vue.reactive({ choice: document.documentElement.dataset.theme || 'system', dark: false })

  const apply = () => {
    document.documentElement.dataset.theme = state.choice
    state.dark = state.choice === 'dark' || (state.choice === 'system' && system.matches)
  }
  system.addEventListener('change', apply)
  apply()

  /* Vuetify writes its colours as `r,g,b`; the browser resolves a token in either scheme for us. */
  const resolve = (token, scheme) => {
    const probe = document.createElement('i')
    probe.style.colorScheme = scheme
    probe.style.color = `var(${token})`
    document.body.append(probe)
    const [r, g, b] = getComputedStyle(probe).color.match(/[\d.]+/g).map(Number)
    probe.remove()
    return '#' + [r, g, b].map((part) => Math.round(part).toString(16).padStart(2, '0')).join('')
  }

  const colours = (scheme) => {
    const tokens = {
      background: '--ground', surface: '--raised', 'surface-variant': '--text', 'on-surface-variant': '--ground',
      primary: '--accent', 'on-primary': '--on-accent', danger: '--error-fill', 'on-danger': '--on-accent', secondary: '--muted', error: '--error', success: '--success',
      warning: '--warning', info: '--info', 'on-background': '--text', 'on-surface': '--text',
    }
    return Object.fromEntries(Object.entries(tokens).map(([key, token]) => [key, resolve(token, scheme)]))
  }

  return {
    state,
    resolve,
    /** "system", "light" or "dark"; remembered on this device. */
    choose(choice) {
      state.choice = choice
      const secure = location.protocol === 'https:' ? '; Secure' : ''
      document.cookie = `theme=${choice}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`
      apply()
    },
    /** The same, and for the person's other devices. */
    keep(choice) {
      this.choose(choice)
      if (Kit.page.user) Kit.api.patch('/api/v1/me', { theme: choice }).catch(() => {})
    },
    vuetify: (nonce) => ({
      cspNonce: nonce,
      defaultTheme: state.dark ? 'dark' : 'light',
      variations: false,
      themes: {
        light: { dark: false, colors: colours('light'), variables: { 'border-opacity': 0.12 } },
        dark: { dark: true, colors: colours('dark'), variables: { 'border-opacity': 0.16 } },
      },
    }),
  }
})()
