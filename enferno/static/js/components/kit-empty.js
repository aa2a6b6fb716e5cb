/* Nothing here yet: what would be here, and the first step as a button in the slot. */
Kit.component('kit-empty', {
  props: { icon: { type: String, default: '' }, title: { type: String, default: '' }, text: { type: String, default: '' } },
})
