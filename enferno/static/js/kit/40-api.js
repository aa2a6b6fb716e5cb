/* The one way to the server's JSON: `await Kit.api.get(url, { page: 2 })`. Refusals are `Kit.Problem`. */
Kit.Problem = class Problem extends Error {
  constructor({ status = 0, code = '', title = '', detail = '', errors = {}, unlockedBy = [], requestId = '' }) {
    super(title)
    Object.assign(this, { name: 'Problem', status, code, title, detail, errors, unlockedBy, requestId })
  }

  /** What somebody should read: the detail where there is one. */
  get text() {
    return this.detail || this.title
  }
}

Kit.api = (() => {
  const { t } = Kit
  const PATIENCE = 20000 // milliseconds until an answer is given up

  const unreachable = (error) => new Kit.Problem({
    code: 'offline',
    title: error?.name === 'TimeoutError' ? t('The server did not answer in time') : t('The server cannot be reached'),
    detail: t('What you typed is still here. Check the connection and try again.'),
  })

  const refusal = (answer, body) => new Kit.Problem({
    status: answer.status,
    code: body.code || '',
    title: body.title || t('Something broke on our side'),
    detail: body.detail || '',
    errors: Object.fromEntries((body.errors || []).map(({ field, message }) => [field, message])),
    unlockedBy: body.unlocked_by || [],
    requestId: answer.headers.get('X-Request-ID') || '',
  })

  const send = async (method, url, body, params) => {
    const query = new URLSearchParams(params).toString()
    const headers = { Accept: 'application/json' }
    if (method !== 'GET') headers['X-CSRFToken'] = Kit.page.csrf
    if (body !== undefined) headers['Content-Type'] = 'application/json'
    let answer, text
    try {
      answer = await fetch(query ? `${url}${url.includes('?') ? '&' : '?'}${query}` : url, {
        method, headers, body: JSON.stringify(body), credentials: 'same-origin', signal: AbortSignal.timeout(PATIENCE),
      })
      text = await answer.text()
    } catch (error) {
      throw unreachable(error)
    }
    const json = /[/+]json/.test(answer.headers.get('Content-Type') || '') && text ? JSON.parse(text) : null
    if (method !== 'GET' && (answer.ok || answer.status === 402)) Kit.limits.refresh()
    if (!answer.ok) throw refusal(answer, json || {})
    return json
  }

  /* A session that ended must not cost what was typed: sign in elsewhere, then the same request again. An act that
     wants the password once more is done as soon as that was typed. */
  const call = async (method, url, body, params) => {
    try {
      return await send(method, url, body, params)
    } catch (error) {
      const ended = error.status === 401 && Kit.page.user
      const stale = error.code === 'csrf' && Kit.page.user
      if (stale && (await Kit.session.refresh()) === 'same') return send(method, url, body, params)
      if (ended && (await Kit.session.ask())) return send(method, url, body, params)
      if (error.code === 'recent_password_required' && (await Kit.again.ask())) return send(method, url, body, params)
      throw error
    }
  }

  const filled = (params) =>
    Object.fromEntries(Object.entries(params || {}).filter(([, v]) => v !== null && v !== undefined && v !== ''))

  return {
    get: (url, params) => call('GET', url, undefined, filled(params)),
    post: (url, body = {}) => call('POST', url, body),
    put: (url, body = {}) => call('PUT', url, body),
    patch: (url, body = {}) => call('PATCH', url, body),
    delete: (url, body) => call('DELETE', url, body),
  }
})()
