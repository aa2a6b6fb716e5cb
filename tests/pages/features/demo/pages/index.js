mountPage({ data: () => ({ count: 0 }) })
