const { form } = Kit.page.data

mountPage({ data: () => ({ form, name: form ? form.fields.name.value : '' }) })
