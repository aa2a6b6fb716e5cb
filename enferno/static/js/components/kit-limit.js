/* Around what adds one more: `<kit-limit name="projects"><v-btn>…</v-btn></kit-limit>` is switched off, and says why, when the plan is full. */
Kit.component('kit-limit', {
  props: { name: { type: String, required: true } },
  created() {
    if (!Kit.limits.state[this.name]) console.warn(`no limit ${this.name} on this page: give render_page limits=limits("${this.name}")`)
  },
  computed: {
    full() { return Kit.limits.full(this.name) },
    reason() { return Kit.limits.state[this.name].reason },
    upgrade() { return Kit.upgrade(Kit.limits.state[this.name].unlocked_by) },
  },
})
