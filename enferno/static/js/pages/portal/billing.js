const { page, t } = Kit
const address = `${page.workspace.api}/billing`
const STATES = {
  trialing: () => ({ kind: 'info', words: t('On trial') }),
  active: () => ({ kind: 'success', words: t('Paid') }),
  past_due: () => ({ kind: 'error', words: t('Payment failed') }),
  paused: () => ({ kind: 'warning', words: t('Paused') }),
  incomplete: () => ({ kind: 'warning', words: t('Payment pending') }),
  cancelled: () => ({ kind: 'neutral', words: t('Ended') }),
}
const PAYING = ['trialing', 'active', 'past_due', 'paused']
const CHECKS = 10

mountPage({
  data: () => ({ billing: null, invoices: [], problem: null, loading: false, busy: '', interval: 'month', confirming: false }),
  computed: {
    subscription() { return this.billing?.subscription || null },
    paying() { return PAYING.includes(this.subscription?.state) },
    state() { return this.subscription ? STATES[this.subscription.state]?.() : null },
    price() {
      const { amount, quantity, currency, interval } = this.subscription
      const sum = Kit.money(amount * quantity, currency)
      const each = interval === 'year' ? t('{sum} a year', { sum }) : t('{sum} a month', { sum })
      return quantity > 1 ? `${each}, ${t('{n} seats at {price}', { n: quantity, price: Kit.money(amount, currency) })}` : each
    },
    next() {
      const it = this.subscription
      if (!it) return ''
      if (it.cancel_at) return t('Ends on {day}', { day: Kit.date(it.cancel_at) })
      if (it.state === 'trialing') return t('The trial ends on {day}; then the card is charged', { day: Kit.date(it.trial_ends_at) })
      if (it.state === 'active') return t('Renews on {day}', { day: Kit.date(it.period_ends_at) })
      return ''
    },
    warning() {
      const it = this.subscription
      if (it?.state === 'past_due') {
        return { kind: 'error', card: true, title: t('The last payment failed'), text: t('You keep {plan} until {day}. Change the card, or have the bank let the payment through.', { plan: this.nameOf(it.plan), day: Kit.date(it.grace_until) }) }
      }
      if (it?.state === 'incomplete') return { kind: 'warning', card: true, title: t('Your bank has not confirmed the payment'), text: t('The plan begins as soon as it does.') }
      if (it?.state === 'paused') return { kind: 'warning', title: t('The subscription is paused'), text: t('What you made is kept.') }
      if (it?.state === 'cancelled') return { kind: 'info', title: t('Your subscription has ended'), text: t('What you made is kept. Choose a plan to go on where you were.') }
      return null
    },
  },
  created() { this.load().then(this.confirm) },
  methods: {
    number: Kit.number, money: Kit.money, day: Kit.date,
    share: ({ used, amount }) => (amount ? Math.min(100, Math.round((used / amount) * 100)) : used ? 100 : 0),
    async load() {
      this.loading = true
      try {
        this.billing = await Kit.api.get(address)
        this.interval = this.subscription?.interval || this.interval
        this.problem = null
        if (Kit.can('billing:manage')) await this.loadInvoices()
      } catch (error) {
        if (!(error instanceof Kit.Problem)) throw error
        this.problem = error
      } finally {
        this.loading = false
      }
    },
    /** The provider is asked for these; when it does not answer, the rest of the page is not kept waiting. */
    async loadInvoices() {
      try {
        this.invoices = (await Kit.api.get(`${address}/invoices`)).items
      } catch (error) {
        if (!(error instanceof Kit.Problem)) throw error
        this.invoices = []
      }
    },
    /** Back from the checkout: the truth is asked for until it is there; the webhook brings it in any case. */
    async confirm() {
      const checkout = new URLSearchParams(location.search).get('checkout')
      if (!checkout) return
      this.confirming = true
      for (let tried = 0; tried < CHECKS; tried++) {
        try {
          const { state } = await Kit.api.post(`${address}/checkouts/${encodeURIComponent(checkout)}/readings`, {})
          if (['active', 'trialing'].includes(state)) break
        } catch (error) {
          if (!(error instanceof Kit.Problem)) throw error
          if (error.status === 404) break
        }
        await new Promise((go) => setTimeout(go, 1500))
      }
      history.replaceState(null, '', location.pathname)
      this.confirming = false
      await this.load()
    },
    priceFor(plan) { return plan.prices.find(({ interval }) => interval === this.interval) || plan.prices[0] },
    priceOf(plan) {
      if (plan.contact) return t('On request')
      if (plan.free) return t('Free')
      const { amount, currency, interval } = this.priceFor(plan)
      const sum = Kit.money(amount, currency)
      const each = interval === 'year' ? t('{sum} a year', { sum }) : t('{sum} a month', { sum })
      return plan.per_seat ? `${each}, ${t('per member')}` : each
    },
    nameOf: (key) => page.data.plans.find((plan) => plan.key === key)?.name || key,
    linesOf: (plan) => [...plan.limits.map(({ words }) => words), ...plan.features],
    isCurrent(plan) {
      return this.billing?.plan === plan.key && (plan.free || this.subscription?.interval === this.interval)
    },
    verb(plan) {
      if (!this.paying) return this.billing?.can_try && plan.trial_days ? t('Try {n} days free', { n: plan.trial_days }) : t('Choose {plan}', { plan: plan.name })
      return t('Change to {plan}', { plan: plan.name })
    },
    async choose(plan) {
      const price = this.priceFor(plan)
      if (this.paying && !(await this.sure(plan))) return
      await this.doing(plan.key, async () => {
        if (!this.paying) {
          const { url } = await Kit.api.post(`${address}/checkouts`, { plan: plan.key, interval: price.interval, currency: price.currency })
          return location.assign(url)
        }
        await Kit.api.patch(`${address}/subscription`, { plan: plan.key, interval: price.interval })
        await this.load()
        Kit.notify(t('You have {plan} now', { plan: plan.name }), { kind: 'success' })
      })
    },
    /** What it will cost, and what will be lost, before it is done. */
    async sure(plan) {
      const { features, limits } = await Kit.api.get(`${address}/subscription/loss/${plan.key}`)
      const lost = [...features, ...limits]
      const loss = lost.length ? ` ${t('You give up, or have less of: {what}.', { what: lost.join(', ') })}` : ''
      return Kit.confirm({
        title: t('Change to {plan}?', { plan: plan.name }),
        text: t('{price}, counted from now; what you have paid already is taken into account.', { price: this.priceOf(plan) }) + loss,
        action: t('Change to {plan}', { plan: plan.name }),
      })
    },
    async cancel() {
      const until = Kit.date(this.subscription.period_ends_at)
      const sure = await Kit.confirm({
        title: t('Cancel {plan}?', { plan: this.billing.plan_name }),
        text: t('You keep it until {day}. After that you have the free plan, and what you made is kept.', { day: until }),
        action: t('Cancel {plan}', { plan: this.billing.plan_name }), danger: true,
      })
      if (sure) await this.end(true, t('{plan} ends on {day}', { plan: this.billing.plan_name, day: until }))
    },
    resume() { return this.end(false, t('{plan} goes on', { plan: this.billing.plan_name })) },
    end(atEnd, words) {
      return this.doing('cancel', async () => {
        await Kit.api.patch(`${address}/subscription`, { cancel_at_end: atEnd })
        await this.load()
        Kit.notify(words, { kind: 'success', undo: atEnd ? () => this.resume() : undefined })
      })
    },
    openPortal() {
      return this.doing('portal', async () => location.assign((await Kit.api.post(`${address}/portal-sessions`, {})).url))
    },
    async doing(what, work) {
      this.busy = what
      try {
        await work()
      } catch (error) {
        if (!(error instanceof Kit.Problem)) throw error
        Kit.notify(error.title, { kind: 'error' })
      } finally {
        this.busy = ''
      }
    },
  },
})
