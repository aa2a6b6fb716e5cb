/* What is out of the ordinary about an account; an ordinary one shows nothing. */
Kit.component('user-status', { props: { user: { type: Object, required: true } } })
