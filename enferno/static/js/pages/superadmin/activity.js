const { page, t } = Kit

mountPage({
  data: () => ({
    filters: { workspace: '', kind: '' },
    kinds: [
      { title: t('Everything'), value: '' },
      ...Object.entries(page.data.kinds).map(([value, title]) => ({ value, title })).sort((a, b) => a.title.localeCompare(b.title)),
    ],
    columns: [
      { key: 'sentence', label: t('What happened') },
      { key: 'workspace', label: t('Workspace') },
      { key: 'created_at', label: t('When'), kind: 'time', sortable: true },
    ],
  }),
})
