/* The frame of a page: its one <main>, its heading, a line of what it is for, the primary action at the end. */
Kit.component('kit-page', {
  props: { title: { type: String, default: '' }, lead: { type: String, default: '' }, narrow: Boolean, back: Object },
})
