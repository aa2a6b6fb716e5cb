/* One plan as it is offered: name, price, what is in it; the slot is what one does with it. */
Kit.price = (plan, interval) => {
  const { t } = Kit
  if (plan.contact) return { sum: t('On request'), each: '' }
  if (plan.free) return { sum: t('No charge'), each: '' }
  const price = plan.prices.find((one) => one.interval === interval) || plan.prices[0]
  if (!price) return null
  const yearly = price.interval === 'year'
  const each = plan.per_seat ? (yearly ? t('a year for each member') : t('a month for each member')) : yearly ? t('a year') : t('a month')
  return { ...price, sum: Kit.money(price.amount, price.currency), each }
}

Kit.component('kit-plan', {
  props: {
    plan: { type: Object, required: true }, interval: { type: String, default: 'month' },
    heading: { type: String, default: 'h3' }, current: Boolean, chosen: Boolean, priced: { type: Boolean, default: true }, note: { type: String, default: '' },
  },
  computed: {
    price() { return this.priced ? Kit.price(this.plan, this.interval) : null },
    lines() { return [...this.plan.limits.map(({ words }) => words), ...this.plan.features] },
  },
})
