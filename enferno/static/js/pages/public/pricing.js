mountPage({ data: () => ({ interval: 'month' }) })
