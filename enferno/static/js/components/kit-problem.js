/* A Problem of the server, said to a person: what happened, what to do, the request's id to copy. */
Kit.component('kit-problem', {
  props: { problem: { type: Object, required: true }, retry: { type: Function, default: null }, retrying: Boolean },
  computed: { upgrade() { return Kit.upgrade(this.problem.unlockedBy) } },
})
