const { t } = Kit

mountPage({
  data: () => ({ interval: 'month' }),
  methods: {
    linesOf: (plan) => [...plan.limits.map(({ words }) => words), ...plan.features],
    priceOf(plan) {
      if (plan.contact) return t('On request')
      if (plan.free) return t('Free')
      const { amount, currency, interval } = plan.prices.find((price) => price.interval === this.interval) || plan.prices[0]
      const sum = Kit.money(amount, currency)
      const each = interval === 'year' ? t('{sum} a year', { sum }) : t('{sum} a month', { sum })
      return plan.per_seat ? `${each}, ${t('per member')}` : each
    },
  },
})
