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
const asked = new URLSearchParams(location.search)

mountPage({
  data: () => ({
    billing: null, invoices: null, problem: null, unread: null, loading: false, busy: '',
    interval: asked.get('interval') === 'year' ? 'year' : 'month', chosen: asked.get('plan'), checkout: asked.get('checkout'),
    confirming: false, unconfirmed: false,
  }),
  computed: {
    subscription() { return this.billing?.subscription || null },
    paying() { return PAYING.includes(this.subscription?.state) },
    state() { return this.subscription ? STATES[this.subscription.state]?.() : null },
    price() {
      const { amount, quantity, currency, interval } = this.subscription
      if (amount === null) return ''
      const sum = Kit.money(amount * quantity, currency)
      const each = interval === 'year' ? t('{sum} a year', { sum }) : t('{sum} a month', { sum })
      return quantity > 1 ? `${each}, ${t('{n} seats at {price}', { n: quantity, price: Kit.money(amount, currency) })}` : each
    },
    /** What one more costs, known before somebody joins. */
    seat() {
      const { plan, amount, currency, interval } = this.subscription
      if (amount === null || !page.data.plans.find(({ key }) => key === plan)?.per_seat) return ''
      const sum = Kit.money(amount, currency)
      return interval === 'year' ? t('Each member who joins adds {sum} a year', { sum }) : t('Each member who joins adds {sum} a month', { sum })
    },
    next() {
      const it = this.subscription
      if (!it) return ''
      if (it.cancel_at) return t('Ends on {day}', { day: Kit.date(it.cancel_at) })
      if (it.state === 'trialing') return t('The trial ends on {day}; then the card is charged', { day: Kit.date(it.trial_ends_at) })
      if (it.state === 'active') return t('Renews on {day}', { day: Kit.date(it.period_ends_at) })
      return ''
    },
    whom: () => {
      const names = new Intl.ListFormat(page.locale, { type: 'disjunction' }).format(page.data.ask)
      return names ? t('{names} can change the plan.', { names }) : t('An owner can change the plan.')
    },
    warning() {
      const it = this.subscription
      if (it?.state === 'past_due') {
        const words = { plan: this.nameOf(it.plan), day: Kit.date(it.grace_until) }
        const kept = this.billing.plan === it.plan
        const text = kept ? t('You keep {plan} until {day}. Change the card, or have the bank let the payment through.', words)
          : t('You have the free plan now, and what you made is kept. {plan} comes back as soon as the payment goes through.', words)
        return { kind: 'error', card: true, title: t('The last payment failed'), text }
      }
      if (it?.state === 'incomplete') return { kind: 'warning', card: true, title: t('Your bank has not confirmed the payment'), text: t('The plan begins as soon as it does.') }
      if (it?.state === 'paused') return { kind: 'warning', title: t('The subscription is paused'), text: t('What you made is kept.') }
      if (it?.state === 'cancelled' && it.ended_unpaid) return { kind: 'warning', title: t('Your subscription ended because it was not paid'), text: t('What you made is kept. Choose a plan to go on where you were.') }
      if (it?.state === 'cancelled') return { kind: 'info', title: t('Your subscription has ended'), text: t('What you made is kept. Choose a plan to go on where you were.') }
      return null
    },
  },
  async created() {
    const told = this.chosen && !this.checkout
    await this.load()
    await this.confirm()
    if (told) this.show()
  },
  methods: {
    number: Kit.number, money: Kit.money, day: Kit.date,
    share: ({ used, amount }) => (amount ? Math.min(100, Math.round((used / amount) * 100)) : used ? 100 : 0),
    async load() {
      this.loading = true
      try {
        this.billing = await Kit.api.get(address)
        if (!this.chosen) this.interval = this.subscription?.interval || this.interval
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
        this.unread = null
      } catch (error) {
        if (!(error instanceof Kit.Problem)) throw error
        this.unread = { ...error, title: t('The invoices cannot be read right now'), detail: t('They are kept by the provider, which did not answer. Everything else on this page is up to date.') }
      }
    },
    /** The plan that a link asked for, where one looks and with its button ready for Enter. */
    async show() {
      await this.$nextTick()
      const card = document.getElementById(`plan-${this.chosen}`)
      card?.scrollIntoView({ block: 'center' })
      card?.querySelector('.v-btn:not([disabled])')?.focus({ preventScroll: true })
    },
    /** Back from the checkout: the truth is asked for until it is there; the webhook brings it in any case. */
    async confirm() {
      if (!this.checkout) return
      Object.assign(this, { confirming: true, unconfirmed: false })
      const came = await this.waitFor(`${address}/checkouts/${encodeURIComponent(this.checkout)}/readings`)
      history.replaceState(null, '', location.pathname)
      Object.assign(this, { confirming: false, unconfirmed: !came })
      if (came) this.checkout = null
      await this.load()
    },
    /** Whether the plan is there after a while; the bank may take longer, and a checkout of somebody else never comes. */
    async waitFor(readings) {
      for (let tried = 0; tried < CHECKS; tried++) {
        try {
          const { state } = await Kit.api.post(readings, {})
          if (['active', 'trialing', 'incomplete'].includes(state)) return true
        } catch (error) {
          if (!(error instanceof Kit.Problem)) throw error
          if (error.status === 404) return true
        }
        await new Promise((go) => setTimeout(go, 1500))
      }
      return false
    },
    priceFor(plan) { return plan.prices.find(({ interval }) => interval === this.interval) || plan.prices[0] },
    nameOf: (key) => page.data.plans.find((plan) => plan.key === key)?.name || key,
    isCurrent(plan) {
      if (!this.paying) return this.billing?.plan === plan.key
      return this.subscription.plan === plan.key && this.subscription.interval === this.interval
    },
    /** One plan stands out: the one that was asked for, else the one that can be tried. */
    isFirst(plan) {
      if (this.chosen) return this.chosen === plan.key
      return !this.paying && this.billing?.can_try && plan.trial_days > 0
    },
    verb(plan) {
      if (!this.paying) return this.billing?.can_try && plan.trial_days ? t('Try {n} days free', { n: plan.trial_days }) : t('Choose {plan}', { plan: plan.name })
      if (this.subscription.plan === plan.key) return this.interval === 'year' ? t('Pay by the year') : t('Pay by the month')
      return t('Change to {plan}', { plan: plan.name })
    },
    async choose(plan) {
      const { interval, currency } = this.priceFor(plan)
      if (this.paying && !(await this.sure(plan))) return
      await this.doing(plan.key, async () => {
        if (!this.paying) {
          const { url } = await Kit.api.post(`${address}/checkouts`, { plan: plan.key, interval, currency })
          return location.assign(url)
        }
        await Kit.api.patch(`${address}/subscription`, { plan: plan.key, interval })
        await this.changed(t('You have {plan} now', { plan: plan.name }))
      })
    },
    /** What it will cost, and what will be lost, before it is done. */
    async sure(plan) {
      const { sum, each } = Kit.price(plan, this.interval)
      return Kit.confirm({
        title: this.subscription.plan === plan.key ? `${this.verb(plan)}?` : t('Change to {plan}?', { plan: plan.name }),
        text: t('{price}, counted from now; what you have paid already is taken into account.', { price: `${sum} ${each}` }),
        lead: t('You give up, or have less of:'), lines: await this.lost(plan.key),
        action: this.verb(plan),
      })
    },
    async lost(plan) { return (await Kit.api.get(`${address}/subscription/loss/${plan}`)).words },
    async cancel() {
      const until = Kit.date(this.subscription.period_ends_at)
      const plan = this.nameOf(this.subscription.plan)
      const free = page.data.plans.find((one) => one.free)
      const sure = await Kit.confirm({
        title: t('Cancel {plan}?', { plan }),
        text: t('You keep it until {day}. After that you have the free plan, and what you made is kept.', { day: until }),
        lead: t('You give up, or have less of:'), lines: await this.lost(free?.key || 'free'),
        action: t('Cancel {plan}', { plan }), cancel: t('Keep {plan}', { plan }), danger: true,
      })
      if (!sure) return
      await this.doing('cancel', async () => {
        await Kit.api.patch(`${address}/subscription`, { cancel_at_end: true })
        await this.changed(t('{plan} ends on {day}', { plan, day: until }), () => this.resume())
      })
    },
    resume() {
      return this.doing('cancel', async () => {
        await Kit.api.patch(`${address}/subscription`, { cancel_at_end: false })
        await this.changed(t('{plan} goes on', { plan: this.nameOf(this.subscription.plan) }))
      })
    },
    /** The line above the page told of what was so until now. */
    async changed(words, undo) {
      Object.assign(this, { chosen: null })
      Kit.banner.current = null
      await this.load()
      Kit.notify(words, { undo })
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
        Kit.failed(error)
      } finally {
        this.busy = ''
      }
    },
  },
})
