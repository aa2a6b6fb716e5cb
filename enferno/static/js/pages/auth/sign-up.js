const { form } = Kit.page.data

mountPage({
  data: () => ({ form, name: form.fields.name.value, email: form.fields.email.value }),
})
