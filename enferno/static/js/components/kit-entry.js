/* The frame of the pages on the way in: one column, a heading, what the page before had to say. */
Kit.component('kit-entry', {
  props: { title: { type: String, default: '' }, lead: { type: String, default: '' }, icon: { type: String, default: '' } },
  computed: {
    notices: () => Kit.page.data.notices || [],
  },
})
