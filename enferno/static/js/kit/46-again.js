/* An act that wants the password once more: ask for it in place, then do the act. */
Kit.again = (() => {
  const state = Vue.reactive({ open: false })
  let waiting = []

  const settle = (answer) => {
    state.open = false
    waiting.splice(0).forEach((done) => done(answer))
  }

  return {
    state,
    /** Resolves to true once the password was right, to false when the person gives up. */
    ask() {
      state.open = true
      return new Promise((done) => waiting.push(done))
    },
    verify: (password) => Kit.api.post('/api/v1/me/verifications', { password }),
    settle,
  }
})()
