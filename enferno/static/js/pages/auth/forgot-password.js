const { form } = Kit.page.data

mountPage({
  data: () => ({ form, email: form.fields.email.value }),
})
