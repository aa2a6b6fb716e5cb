/* Something to know before going on; one of the four states, always with an icon. */
Kit.component('kit-notice', {
  props: { kind: { type: String, default: 'info' }, title: { type: String, default: '' }, text: { type: String, default: '' } },
  computed: {
    icon() {
      return {
        success: 'mdi-check-circle-outline', warning: 'mdi-alert-outline',
        error: 'mdi-alert-circle-outline', info: 'mdi-information-outline',
      }[this.kind]
    },
  },
})
