/* A person in a table or list: avatar, name, and a second line such as the address. */
Kit.component('kit-person', {
  props: { name: { type: String, default: '' }, note: { type: String, default: '' }, to: { type: String, default: '' } },
})
