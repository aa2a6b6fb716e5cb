/* The session ended while this page was open: nothing typed is lost; see kit/45-session.js. */
Kit.component('kit-signin-again', {
  computed: { state: () => Kit.session.state, urls: () => Kit.page.urls },
  methods: {
    resume: () => Kit.session.resume(),
    toggled(open) { if (!open) Kit.session.giveUp() },
  },
})
