const { t } = Kit

mountPage({
  data: () => ({
    filters: { status: '' },
    statuses: [
      { title: t('All users'), value: '' }, { title: t('Active'), value: 'active' },
      { title: t('Deactivated'), value: 'inactive' }, { title: t('Superadmins'), value: 'superadmin' },
    ],
    columns: [
      { key: 'name', label: t('Name'), sortable: true },
      { key: 'status', label: t('Status'), class: 'operator-status' },
      { key: 'workspaces', label: t('Workspaces'), kind: 'number', hideOnPhone: true },
      { key: 'last_seen_at', label: t('Last seen'), kind: 'time', hideOnPhone: true },
      { key: 'created_at', label: t('Since'), kind: 'time', sortable: true },
    ],
  }),
  created() { Kit.shortcut('n', () => this.$refs.acts.create(), t('New user')) },
  methods: {
    acts(row) { return this.$refs.acts?.menu(row) || [] },
  },
})
