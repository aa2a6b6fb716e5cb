/* A relative time that keeps itself true; the exact one on hover and for machines. */
Kit.clock ??= (() => {
  const clock = Vue.reactive({ now: Date.now() })
  setInterval(() => { clock.now = Date.now() }, 30000)
  return clock
})()
Kit.component('kit-time', {
  props: { value: { type: [String, Date], default: null }, exact: Boolean },
  computed: {
    text() { return this.exact ? Kit.time(this.value) : Kit.ago(this.value, Kit.clock.now) },
    title() { return Kit.time(this.value) },
    machine() { return this.value instanceof Date ? this.value.toISOString() : this.value },
  },
})
