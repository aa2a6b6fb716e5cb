/* The ⋮ at the end of a row, or any other small list of things to do. */
Kit.component('kit-menu', {
  props: {
    items: { type: Array, default: () => [] }, label: { type: String, default: '' },
    icon: { type: String, default: 'mdi-dots-vertical' },
  },
  computed: { shown() { return this.items.filter(Boolean) } },
  methods: {
    async run(item) {
      try {
        await item.action?.()
      } catch (error) {
        Kit.failed(error)
      }
    },
  },
})
