/* A password: can be shown, says when Caps Lock is on, and, where a new one is chosen, how long it has to be. */
Kit.component('kit-password', {
  props: {
    label: { type: String, required: true }, name: { type: String, default: 'password' },
    autocomplete: { type: String, default: 'current-password' }, errors: { type: Array, default: () => [] },
    atLeast: { type: Number, default: 0 }, autofocus: Boolean,
  },
  data: () => ({ value: '', shown: false, caps: false }),
  computed: {
    hint() { return this.atLeast && !this.errors.length ? Kit.t('At least {n} characters. Three or four unrelated words make a good one.', { n: this.atLeast }) : '' },
  },
  methods: {
    watchCaps(event) { this.caps = Boolean(event.getModifierState?.('CapsLock')) },
    check() {
      const short = this.atLeast && this.value && Array.from(this.value).length < this.atLeast
      const input = this.$el.querySelector('input')
      input.setCustomValidity(short ? Kit.t('Use at least {n} characters', { n: this.atLeast }) : '')
    },
  },
})
