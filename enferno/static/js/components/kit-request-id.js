/* The id that support asks for: the log has everything under it. */
Kit.component('kit-request-id', { props: { value: { type: String, default: '' } }, methods: { copy() { Kit.copy(this.value) } } })
