/* A form that talks to the API: errors at their fields, Enter submits, what was typed is kept when it fails. */
Kit.component('kit-form', {
  props: {
    submit: { type: Function, required: true }, action: { type: String, default: '' },
    cancel: { type: String, default: '' }, danger: Boolean, disabled: Boolean, focus: Boolean,
  },
  emits: ['done', 'cancel'],
  data: () => ({ errors: {}, problem: null, busy: false, kept: null }),
  async mounted() {
    this.release = Kit.leave.guard(() => this.dirty())
    await this.$nextTick()
    if (this.focus) this.first('[autofocus], input:not([type=hidden]):not([disabled]):not([readonly]), textarea, select')
    this.keep()
  },
  beforeUnmount() { this.release() },
  methods: {
    keep() { this.kept = this.$refs.form ? Kit.leave.typed(this.$refs.form) : null },
    dirty() { return this.kept !== null && Boolean(this.$refs.form) && Kit.leave.typed(this.$refs.form) !== this.kept },
    first(selector) { this.$refs.form?.querySelector(selector)?.focus() },
    async save() {
      if (this.busy || this.disabled) return
      Object.assign(this, { busy: true, errors: {}, problem: null })
      try {
        const answer = await this.submit()
        await this.$nextTick()
        this.keep()
        this.$emit('done', answer)
      } catch (error) {
        if (!(error instanceof Kit.Problem)) throw error
        await this.refused(error)
      } finally {
        this.busy = false
      }
    },
    /* Errors stand at their fields; those for which there is no field here stand above. */
    async refused(problem) {
      this.errors = problem.errors
      await this.$nextTick()
      const shown = this.$refs.form.textContent
      const unseen = Object.values(problem.errors).filter((message) => !shown.includes(message))
      if (unseen.length) this.problem = { ...problem, title: problem.title, detail: unseen.join(' ') }
      else if (!Object.keys(problem.errors).length) this.problem = problem
      await this.$nextTick()
      this.first('.v-input--error input, .v-input--error textarea, [aria-invalid="true"]')
    },
  },
})
