/* Deleting an account: first what it does to the person's workspaces, then the address typed, then it is done. */
const { t } = Kit

Kit.component('user-deletion', {
  props: { modelValue: Boolean, user: { type: Object, required: true } },
  emits: ['update:modelValue', 'deleted'],
  data: () => ({ found: null, problem: null, owners: {}, typed: '' }),
  computed: {
    url() { return `/api/v1/superadmin/users/${this.user.id}/deletion` },
    called() { return this.user.name || this.user.email },
    refused() {
      return {
        own_account: t('This is your own account. Another superadmin has to delete it.'),
        last_superadmin: t('This is the last superadmin. Make someone else one first.'),
      }[this.found.refusal] || t('This account cannot be deleted.')
    },
    ready() {
      return Boolean(this.found) && !this.found.refusal && this.typed.trim().toLowerCase() === this.user.email
        && this.found.orphaned.every(({ id }) => this.owners[id])
    },
  },
  watch: {
    modelValue(open) { if (open) this.load() },
  },
  methods: {
    async load() {
      Object.assign(this, { found: null, problem: null, owners: {}, typed: '' })
      try {
        this.found = await Kit.api.get(this.url)
      } catch (error) {
        if (!(error instanceof Kit.Problem)) throw error
        this.problem = error
      }
    },
    choices: (workspace) => workspace.candidates.map(({ user_id, name, email }) => ({ title: `${name} (${email})`, value: user_id })),
    async remove() {
      await Kit.api.post(this.url, { new_owners: this.owners })
      Kit.notify(t('{name} is deleted', { name: this.called }))
      this.$emit('deleted')
    },
  },
})
