/* The one way to the server's JSON: `await Kit.api.get(url, { page: 2 })`. Refusals are `Kit.Problem`. */
Kit.Problem = class Problem extends Error {
  constructor({ status = 0, code = '', title = '', detail = '', errors = {}, requestId = '' }) {
    super(title)
    Object.assign(this, { name: 'Problem', status, code, title, detail, errors, requestId })
  }

  /** What somebody should read: the detail where there is one. */
  get text() {
    return this.detail || this.title
  }
}

Kit.api = (() => {
  let client

  const load = (url) => new Promise((done, failed) => {
    const script = document.createElement('script')
    Object.assign(script, { src: url, onload: done, onerror: failed })
    document.head.append(script)
  })

  /* A page that only shows what came with it never fetches the client. */
  const ready = () => {
    client ??= load(Kit.page.assets.axios).then(() => axios.create({ timeout: 20000 }))
    client.catch(() => { client = undefined })
    return client
  }

  const problem = ({ response, code }) => {
    if (!response) {
      const slow = code === 'ECONNABORTED'
      return new Kit.Problem({
        code: 'offline',
        title: slow ? Kit.t('The server did not answer in time') : Kit.t('The server cannot be reached'),
        detail: Kit.t('What you typed is still here. Check the connection and try again.'),
      })
    }
    const body = response.data && typeof response.data === 'object' ? response.data : {}
    const errors = {}
    for (const { field, message } of body.errors || []) errors[field] = message
    return new Kit.Problem({
      status: response.status,
      code: body.code || '',
      title: body.title || Kit.t('Something broke on our side'),
      detail: body.detail || '',
      errors,
      requestId: response.headers['x-request-id'] || '',
    })
  }

  const send = async (method, url, body, params) => {
    const http = await ready().catch(() => { throw problem({}) })
    const headers = { Accept: 'application/json' }
    if (method !== 'get') headers['X-CSRFToken'] = Kit.page.csrf
    if (method !== 'get' && body !== undefined) headers['Content-Type'] = 'application/json'
    try {
      return (await http.request({ method, url, data: body, params, headers })).data
    } catch (error) {
      throw error.isAxiosError ? problem(error) : error
    }
  }

  /* A session that ended must not cost what was typed: sign in elsewhere, then the same request again. */
  const call = async (method, url, body, params) => {
    try {
      return await send(method, url, body, params)
    } catch (error) {
      const ended = error.status === 401 && Kit.page.user
      const stale = error.code === 'csrf' && Kit.page.user
      if (stale && (await Kit.session.refresh()) === 'same') return send(method, url, body, params)
      if (ended && (await Kit.session.ask())) return send(method, url, body, params)
      throw error
    }
  }

  const filled = (params) =>
    Object.fromEntries(Object.entries(params || {}).filter(([, v]) => v !== null && v !== undefined && v !== ''))

  return {
    get: (url, params) => call('get', url, undefined, filled(params)),
    post: (url, body = {}) => call('post', url, body),
    put: (url, body = {}) => call('put', url, body),
    patch: (url, body = {}) => call('patch', url, body),
    delete: (url, body) => call('delete', url, body),
  }
})()
