const { form } = Kit.page.data

mountPage({
  data: () => ({ form, email: form.fields.email.value }),
  computed: {
    /* The server says so only to somebody who knows the password. */
    unconfirmed: () => form.errors.length > 0 && form.unconfirmed,
  },
})
