const { form } = Kit.page.data

mountPage({ data: () => ({ form }) })
