/* One number that matters, with its name and what it is compared to. */
Kit.component('kit-stat', {
  props: {
    label: { type: String, default: '' }, value: { type: [Number, String], default: null },
    note: { type: String, default: '' }, to: { type: String, default: '' },
  },
  computed: { shown() { return typeof this.value === 'number' ? Kit.number(this.value) : this.value } },
})
