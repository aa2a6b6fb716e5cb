const { page, t } = Kit

mountPage({
  data: () => ({
    filters: { kind: '' },
    kinds: [{ title: t('Everything'), value: '' }, ...page.data.kinds],
    columns: [
      { key: 'sentence', label: t('What happened') },
      { key: 'created_at', label: t('When'), kind: 'time', sortable: true },
    ],
  }),
})
