/* A list of the API as a table: search, sort, filters and page stand in the address, so that back and reload work. */
Kit.component('kit-table', {
  props: {
    url: { type: String, required: true }, columns: { type: Array, required: true },
    defaultSort: { type: String, default: '' }, searchLabel: { type: String, default: '' },
    filters: { type: Object, default: () => ({}) }, perPage: { type: Number, default: 25 },
    emptyIcon: { type: String, default: '' }, emptyTitle: { type: String, default: '' }, emptyText: { type: String, default: '' },
    selectable: Boolean, rowKey: { type: String, default: 'id' },
    label: { type: String, default: '' }, name: { type: String, default: '' },
  },
  emits: ['loaded', 'update:filters'],
  data: () => ({
    rows: [], total: 0, page: 1, sort: '', search: '', loading: true, loaded: false, problem: null,
    chosen: new Map(), turn: 0, typing: 0,
  }),
  computed: {
    pages() { return Math.max(1, Math.ceil(this.total / this.perPage)) },
    range() {
      const from = (this.page - 1) * this.perPage + 1
      const values = { from: Kit.number(from), to: Kit.number(from + this.rows.length - 1), total: Kit.number(this.total) }
      return Kit.t('{from}–{to} of {total}', values)
    },
    narrowed() { return Boolean(this.search.trim()) || Object.keys(this.filters).some((key) => this.filters[key] !== this.initial[key]) },
    state() {
      if (this.problem) return 'problem'
      if (!this.loaded) return 'loading'
      if (this.rows.length) return 'rows'
      return this.narrowed ? 'nothing' : 'empty'
    },
    selected() { return [...this.chosen.values()] },
    allChosen() { return this.rows.length > 0 && this.rows.every((row) => this.chosen.has(row[this.rowKey])) },
    sortables() { return this.columns.filter((column) => column.sortable) },
    sortItems() {
      return this.sortables.map((column) => ({
        label: column.label, action: () => this.sortBy(column),
        icon: this.direction(column) ? (this.direction(column) === 'ascending' ? 'mdi-arrow-up' : 'mdi-arrow-down') : 'mdi-circle-small',
      }))
    },
    saying() {
      if (this.loading || this.problem) return ''
      return Kit.tn('{n} result', '{n} results', this.total)
    },
  },
  watch: {
    url() { this.restart() },
  },
  created() {
    this.$watch(() => JSON.stringify(this.filters), (now) => { if (now !== this.filtersRead) this.restart() })
    this.initial = { ...this.filters }
    this.read()
    this.reload()
    window.addEventListener('popstate', this.back)
  },
  beforeUnmount() { window.removeEventListener('popstate', this.back) },
  methods: {
    // --- the address -----------------------------------------------------------------------------------------
    parameter(name) { return this.name ? `${this.name}_${name}` : name },
    read() {
      const query = new URLSearchParams(location.search)
      const take = (name) => query.get(this.parameter(name)) || ''
      this.search = take('search')
      this.sort = take('sort') || this.defaultSort
      this.page = Math.max(1, Number.parseInt(take('page'), 10) || 1)
      const filters = { ...this.filters }
      for (const key of Object.keys(filters)) {
        const found = query.get(this.parameter(key))
        filters[key] = found ?? this.initial[key]
        // The page keeps its filters in one reactive object; changing it there is what a v-model would do.
        this.filters[key] = filters[key]
      }
      this.filtersRead = JSON.stringify(this.filters)
      this.$emit('update:filters', filters)
    },
    write(push) {
      const url = new URL(location.href)
      const set = (name, value, standard = '') => {
        if (value && value !== standard) url.searchParams.set(this.parameter(name), value)
        else url.searchParams.delete(this.parameter(name))
      }
      set('search', this.search.trim())
      set('sort', this.sort, this.defaultSort)
      set('page', this.page > 1 ? String(this.page) : '')
      for (const [key, value] of Object.entries(this.filters)) set(key, value, this.initial[key])
      if (url.href !== location.href) history[push ? 'pushState' : 'replaceState'](history.state, '', url)
    },
    back() {
      this.read()
      this.reload()
    },
    // --- what is shown ---------------------------------------------------------------------------------------
    async reload() {
      const turn = ++this.turn
      this.loading = true
      try {
        const found = await Kit.api.get(this.url, {
          ...this.filters, page: this.page, per_page: this.perPage, sort: this.sort, search: this.search.trim(),
        })
        if (turn !== this.turn) return
        const last = Math.max(1, Math.ceil(found.total / this.perPage))
        if (this.page > last) return this.go(last, false)
        Object.assign(this, { rows: found.items, total: found.total, problem: null, loaded: true })
        this.$emit('loaded', found)
      } catch (error) {
        if (!(error instanceof Kit.Problem)) throw error
        if (turn === this.turn) this.problem = error
      } finally {
        if (turn === this.turn) this.loading = false
      }
    },
    restart() {
      this.filtersRead = JSON.stringify(this.filters)
      this.page = 1
      this.write(true)
      this.reload()
    },
    go(page, push = true) {
      this.page = page
      this.write(push)
      if (push) this.$refs.top?.scrollIntoView({ block: 'nearest' })
      return this.reload()
    },
    direction(column) {
      const key = column.sort || column.key
      return this.sort === key ? 'ascending' : this.sort === `-${key}` ? 'descending' : undefined
    },
    sortBy(column) {
      const key = column.sort || column.key
      const first = column.kind === 'time' || column.kind === 'number' ? `-${key}` : key
      const other = first === key ? `-${key}` : key
      this.sort = this.sort === first ? other : first
      this.go(1)
    },
    /* The first key makes an entry in the history, the following ones change it. */
    typed() {
      const first = !this.typing
      clearTimeout(this.typing)
      this.typing = setTimeout(() => {
        this.typing = 0
        this.page = 1
        this.write(first && !new URLSearchParams(location.search).has(this.parameter('search')))
        this.reload()
      }, 200)
    },
    clear() {
      this.search = ''
      Object.assign(this.filters, this.initial)
      this.$emit('update:filters', { ...this.initial })
      this.restart()
    },
    // --- one row ---------------------------------------------------------------------------------------------
    value(row, column) {
      if (column.text) return column.text(row)
      return column.key.split('.').reduce((found, part) => found?.[part], row)
    },
    shown(row, column) {
      const value = this.value(row, column)
      if (column.kind === 'number') return Kit.number(value)
      return value === true ? Kit.t('yes') : value === false ? Kit.t('no') : value
    },
    toggle(row) {
      const chosen = new Map(this.chosen)
      if (!chosen.delete(row[this.rowKey])) chosen.set(row[this.rowKey], row)
      this.chosen = chosen
    },
    toggleAll() {
      const chosen = new Map(this.chosen)
      const all = this.allChosen
      for (const row of this.rows) {
        if (all) chosen.delete(row[this.rowKey])
        else chosen.set(row[this.rowKey], row)
      }
      this.chosen = chosen
    },
    clearChosen() { this.chosen = new Map() },
    rowLabel(row) { return String(this.value(row, this.columns[0]) ?? '') },
  },
})
