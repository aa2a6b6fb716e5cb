/* What is out of the ordinary about an account; an ordinary one shows nothing. */
Kit.component('user-status', {
  props: { user: { type: Object, required: true } },
  computed: { special() { return !this.user.active || this.user.is_superadmin || !this.user.confirmed_at } },
})
