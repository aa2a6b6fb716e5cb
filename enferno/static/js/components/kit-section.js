/* A part of a page: a heading and a line of help above it, or beside it where `aside` is set (settings, forms). */
Kit.component('kit-section', {
  props: { title: { type: String, default: '' }, text: { type: String, default: '' }, aside: Boolean, danger: Boolean },
  data: () => ({ id: `section-${Math.random().toString(36).slice(2, 8)}` }),
})
