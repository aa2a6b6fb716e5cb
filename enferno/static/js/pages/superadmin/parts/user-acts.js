/* Everything that the operator does with an account: the entries of its menu and their dialogs. */
const api = (user, rest = '') => `/api/v1/superadmin/users/${user.id}${rest}`
const { t } = Kit

Kit.component('user-acts', {
  emits: ['changed', 'deleted'],
  data: () => ({
    user: { id: '', name: '', email: '', active: true }, form: {}, told: {},
    creating: false, editing: false, resetting: false, telling: false, deleting: false,
  }),
  computed: {
    called() { return this.user.name || this.user.email },
    own() { return this.user.id === Kit.page.user.id },
  },
  methods: {
    menu(user) {
      const own = user.id === Kit.page.user.id
      const on = (act) => () => {
        this.user = user
        return act()
      }
      return [
        { label: t('Edit'), icon: 'mdi-pencil-outline', action: on(this.edit) },
        own && { label: t('Change password'), icon: 'mdi-lock-reset', to: Kit.page.urls.security },
        !own && { label: t('Reset password'), icon: 'mdi-lock-reset', action: on(this.askHow) },
        { label: own ? t('Sign out elsewhere') : t('End all sessions'), icon: 'mdi-logout', action: on(this.endSessions) },
        !own && user.active && { label: t('Deactivate'), icon: 'mdi-account-cancel-outline', action: on(this.deactivate), divider: true },
        !own && !user.active && { label: t('Activate'), icon: 'mdi-account-outline', action: on(this.activate), divider: true },
        !own && { label: t('Delete'), icon: 'mdi-delete-outline', danger: true, action: on(this.remove) },
      ].filter(Boolean)
    },
    create() {
      this.form = { name: '', email: '', password: '', is_superadmin: false }
      this.creating = true
    },
    async made() {
      const { password, ...rest } = this.form
      const made = await Kit.api.post('/api/v1/superadmin/users', password ? this.form : rest)
      this.$emit('changed')
      if (made.password) this.tell(made)
      else Kit.notify(t('{email} can sign in now', { email: made.email }))
    },
    edit() {
      const { name, email, is_superadmin } = this.user
      this.form = { name, email, is_superadmin }
      this.editing = true
    },
    /* Only what was changed is sent: nobody takes back what another superadmin did meanwhile. */
    async saved() {
      const changed = Object.entries(this.form).filter(([key, value]) => value !== this.user[key])
      await Kit.api.patch(api(this.user), Object.fromEntries(changed))
      Kit.notify(t('Changes saved'))
      this.$emit('changed')
    },
    askHow() {
      this.form = { how: this.user.active ? 'mail' : 'password' }
      this.resetting = true
    },
    async reset() {
      if (this.form.how === 'mail') {
        await Kit.api.post(api(this.user, '/password-reset'))
        Kit.notify(t('Link sent to {email}', { email: this.user.email }))
        return
      }
      const { password } = await Kit.api.post(api(this.user, '/password'))
      this.tell({ email: this.user.email, password })
      this.$emit('changed')
    },
    tell(told) {
      this.told = told
      this.telling = true
    },
    copy() { return Kit.copy(this.told.password) },
    async endSessions() {
      const text = this.own
        ? t('Every other browser in which you are signed in is signed out. This one stays.')
        : t('{name} is signed out everywhere and has to sign in again.', { name: this.called })
      if (!(await Kit.confirm({ title: t('End the sessions?'), text, action: t('End sessions') }))) return
      await Kit.api.delete(api(this.user, '/sessions'))
      Kit.notify(t('Sessions ended'))
      this.$emit('changed')
    },
    async deactivate() {
      const text = t('{name} is signed out everywhere and cannot sign in until you activate the account again. Nothing is deleted.', { name: this.called })
      const yes = await Kit.confirm({ title: t('Deactivate {name}?', { name: this.called }), text, action: t('Deactivate'), danger: true })
      if (yes) await this.turn(false)
    },
    activate() { return this.turn(true) },
    async turn(active) {
      const { user } = this
      await Kit.api.patch(api(user), { active })
      const undo = async () => {
        await Kit.api.patch(api(user), { active: !active })
        this.$emit('changed')
      }
      const text = active ? t('{name} can sign in again', { name: this.called }) : t('{name} is deactivated', { name: this.called })
      Kit.notify(text, { undo })
      this.$emit('changed')
    },
    remove() { this.deleting = true },
  },
})
