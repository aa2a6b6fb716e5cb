/* The password once more, before an act that wants it; see kit/46-again.js. */
Kit.component('kit-verify', {
  data: () => ({ password: '', right: false }),
  computed: { state: () => Kit.again.state },
  watch: { 'state.open'() { Object.assign(this, { password: '', right: false }) } },
  methods: {
    async verify() {
      await Kit.again.verify(this.password)
      this.right = true
    },
    toggled(open) { if (!open && this.state.open) Kit.again.settle(this.right) },
  },
})
