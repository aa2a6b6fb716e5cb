const { t } = Kit

mountPage({
  data: () => ({
    filters: { status: '' },
    statuses: [
      { title: t('All workspaces'), value: '' }, { title: t('Active'), value: 'active' },
      { title: t('Suspended'), value: 'suspended' }, { title: t('Teams'), value: 'team' },
    ],
    columns: [
      { key: 'name', label: t('Name'), sortable: true },
      { key: 'owner', label: t('Owner') },
      { key: 'status', label: t('Status'), class: 'operator-status' },
      { key: 'members', label: t('Members'), kind: 'number', sortable: true, hideOnPhone: true },
      { key: 'created_at', label: t('Made'), kind: 'time', sortable: true },
    ],
  }),
  methods: {
    acts(row) { return this.$refs.acts?.menu(row) || [] },
  },
})
