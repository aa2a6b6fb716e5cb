const { page, t } = Kit
const METHODS = ['get', 'post', 'put', 'patch', 'delete']

const words = (text) => text.replaceAll('_', ' ').replace(/^./, (first) => first.toUpperCase())

/** Reads the shapes of one document: rows for people, an example for programs. */
class Shapes {
  constructor(document) { this.schemas = document.components.schemas }

  /** What a schema stands for: references followed, "or nothing" set aside. */
  open(schema) {
    if (schema?.$ref) return this.open(this.schemas[schema.$ref.split('/').pop()])
    const kinds = (schema?.anyOf || schema?.oneOf || []).filter((one) => one.type !== 'null')
    if (!kinds.length) return schema || {}
    const nullable = kinds.length < (schema.anyOf || schema.oneOf).length
    return kinds.length === 1 ? { ...this.open(kinds[0]), nullable, default: schema.default } : { ...schema, kinds, nullable }
  }

  type(given) {
    const schema = this.open(given)
    let name = schema.type || t('anything')
    if (schema.kinds) name = schema.kinds.map((kind) => this.type(kind)).join(' | ')
    else if (schema.enum) name = schema.enum.map((value) => `"${value}"`).join(' | ')
    else if (schema.const !== undefined) name = JSON.stringify(schema.const)
    else if (schema.type === 'array') name = `[ ${this.type(schema.items)} ]`
    else if (schema.format) name = schema.format
    return schema.nullable ? `${name} | null` : name
  }

  about(given) {
    const schema = this.open(given)
    const said = [schema.description]
    if (schema.minLength > 1) said.push(t('at least {n} characters', { n: schema.minLength }))
    if (schema.maxLength) said.push(t('at most {n} characters', { n: schema.maxLength }))
    if (schema.minimum !== undefined) said.push(t('from {n}', { n: schema.minimum }))
    if (schema.maximum !== undefined) said.push(t('up to {n}', { n: schema.maximum }))
    const fallback = given.default ?? schema.default
    if (fallback !== undefined && fallback !== null && fallback !== '') said.push(t('otherwise {value}', { value: JSON.stringify(fallback) }))
    return said.filter(Boolean).join(', ')
  }

  /** The fields of an object, those inside it with a path before their name. */
  rows(given, before = '', depth = 0) {
    const schema = this.open(given)
    if (schema.type === 'array') return this.rows(schema.items, `${before}[].`, depth)
    return Object.entries(schema.properties || {}).flatMap(([name, field]) => {
      const row = { name: before + name, type: this.type(field), about: this.about(field), required: (schema.required || []).includes(name) }
      const inner = this.open(field)
      const nested = inner.type === 'array' ? this.open(inner.items) : inner
      const deeper = depth < 2 && nested.properties
      return deeper ? [row, ...this.rows(nested, `${before}${name}${inner.type === 'array' ? '[]' : ''}.`, depth + 1)] : [row]
    })
  }

  example(given) {
    const schema = this.open(given)
    if (schema.default !== undefined && schema.default !== null) return schema.default
    if (schema.enum) return schema.enum[0]
    if (schema.const !== undefined) return schema.const
    if (schema.properties) return Object.fromEntries(Object.entries(schema.properties).map(([name, field]) => [name, this.example(field)]))
    if (schema.type === 'array') return [this.example(schema.items)]
    const plain = { uuid: '0190a3f2-7c1e-7b44-9c0d-2f1f6f0f3a11', email: 'ana@example.com', date: '2026-11-21', 'date-time': '2026-11-21T09:30:00Z' }
    return plain[schema.format] ?? { integer: 1, number: 1, boolean: true, string: '…', object: {} }[schema.type] ?? null
  }
}

const guards = {
  open_to_all: () => t('Anyone may call this'),
  signed_in: () => t('Whoever is signed in'),
  superadmin_only: () => t('The operator alone'),
}
const guard = (name) => {
  const [, permission] = /^requires\((.+)\)$/.exec(name) || []
  return permission ? t('A member whose role holds {permission}', { permission }) : guards[name]?.() || name
}

function curl(base, path, method, body) {
  const lines = [`curl${method === 'get' ? '' : ` -X ${method.toUpperCase()}`} '${base}${path}'`, `-b 'session=…'`]
  if (method !== 'get') lines.push(`-H 'X-CSRFToken: …'`)
  if (body !== undefined) lines.push(`-H 'Content-Type: application/json'`, `-d '${JSON.stringify(body)}'`)
  return lines.join(' \\\n  ')
}

function described(shapes, base, path, method, declared) {
  const good = Object.entries(declared.responses).find(([status]) => status < '400') || ['200', {}]
  const parameters = (place) => declared.parameters.filter((one) => one.in === place).map((one) => ({
    name: one.name, type: shapes.type(one.schema), about: shapes.about(one.schema), required: one.required,
  }))
  const body = declared.requestBody?.content['application/json'].schema
  const answer = good[1].content?.['application/json']?.schema
  const parts = [
    { title: t('In the path'), rows: parameters('path') },
    { title: t('In the query'), rows: parameters('query') },
    { title: t('Body'), rows: body ? shapes.rows(body) : [] },
    { title: t('Answer {status}', { status: good[0] }), note: answer ? '' : t('Nothing but the status.'), rows: answer ? shapes.rows(answer) : [] },
  ].filter((part) => part.rows.length || part.note)
  return {
    id: declared.operationId, path, method, parts,
    summary: declared.summary.replace(/\.$/, ''),
    guard: guard(declared['x-guard']),
    tag: declared.tags[0],
    curl: curl(base, path, method, body ? shapes.example(body) : undefined),
  }
}

mountPage({
  data: () => ({ document: null, problem: null, search: '', operations: [] }),
  computed: {
    base: () => location.origin,
    groups() {
      const wanted = (this.search || '').trim().toLowerCase()
      const found = this.operations.filter((one) => `${one.method} ${one.path} ${one.summary}`.toLowerCase().includes(wanted))
      const tags = [...new Set(found.map((one) => one.tag))]
      /* What everybody calls comes before what the operator calls. */
      const operator = (tag) => Number(tag.startsWith('superadmin'))
      return tags.sort((one, other) => operator(one) - operator(other)).map((tag) => ({
        tag, title: words(tag), operations: found.filter((one) => one.tag === tag),
      }))
    },
    refusals() {
      const every = Object.values(this.document.paths).flatMap((path) => METHODS.flatMap((method) => Object.entries(path[method]?.responses || {})))
      const known = new Map(every.filter(([status]) => status >= '400').map(([status, { description }]) => [status, description]))
      return [...known].sort().map(([status, said]) => ({ status, words: said }))
    },
  },
  mounted() { this.load() },
  methods: {
    copy: (text) => Kit.copy(text),
    async load() {
      this.problem = null
      try {
        const document = await Kit.api.get(page.data.document)
        const shapes = new Shapes(document)
        this.operations = Object.entries(document.paths).flatMap(([path, methods]) =>
          METHODS.filter((method) => methods[method]).map((method) => described(shapes, location.origin, path, method, methods[method])))
        this.document = document
        await this.$nextTick()
        this.follow()
      } catch (error) {
        if (!(error instanceof Kit.Problem)) throw error
        this.problem = error
      }
    },
    /** A link to an operation opens it. */
    follow() {
      const target = window.document.getElementById(location.hash.slice(1))
      if (target?.tagName === 'DETAILS') target.open = true
      target?.scrollIntoView()
    },
  },
})
