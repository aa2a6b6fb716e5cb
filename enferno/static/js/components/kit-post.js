/* A form that the browser sends itself, so that password managers see it and it answers with a page. */
Kit.component('kit-post', {
  props: { action: { type: String, required: true }, to: { type: String, default: '' } },
  data: () => ({ busy: false }),
  computed: {
    form: () => Kit.page.data.form || { fields: {}, errors: [] },
    errors() { return this.form.errors },
    next() { return this.form.fields.next?.value || '' },
    zone: () => Intl.DateTimeFormat().resolvedOptions().timeZone || '',
  },
  mounted() {
    this.$refs.form.querySelector('[aria-invalid="true"]')?.focus()
    addEventListener('pageshow', this.rest)
  },
  beforeUnmount() { removeEventListener('pageshow', this.rest) },
  methods: {
    /* Once more for the impatient is once too often; a disabled button in the same tick would not be sent. */
    begin(event) {
      if (this.busy) return event.preventDefault()
      setTimeout(() => { this.busy = true })
    },
    rest(event) { if (event.persisted) this.busy = false },
  },
})
