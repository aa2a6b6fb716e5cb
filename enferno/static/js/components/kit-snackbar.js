/* The one snackbar. It waits while it is read with the pointer or the keyboard; an error stays until closed. */
Kit.component('kit-snackbar', {
  data: () => ({ busy: false, timer: 0 }),
  computed: {
    note: () => Kit.told.current,
    icon() {
      return { success: 'mdi-check', info: 'mdi-information-outline', warning: 'mdi-alert-outline', error: 'mdi-alert-circle-outline' }[this.note.kind]
    },
  },
  watch: { note: { immediate: true, handler() { this.wait() } } },
  methods: {
    wait() {
      clearTimeout(this.timer)
      if (this.note && this.note.kind !== 'error') this.timer = setTimeout(this.close, this.note.undo || this.note.link ? 10000 : 5000)
    },
    hold() { clearTimeout(this.timer) },
    close() { Kit.told.current = null },
    async undo() {
      const { undo } = this.note
      this.busy = true
      try {
        await undo()
        this.close()
      } catch (error) {
        Kit.failed(error)
      } finally {
        this.busy = false
      }
    },
  },
})
