/* 402: what the plan lacks, the plans that have it, and who can change that. */
const { page, t } = Kit

mountPage({
  data: () => ({ interval: page.data.interval || 'month' }),
  computed: {
    plans: () => page.data.plans,
    pays: () => Kit.can('billing:manage'),
    twoIntervals: () => page.data.plans.some(({ prices }) => prices.length > 1),
    whom: () => {
      const names = new Intl.ListFormat(page.locale, { type: 'disjunction' }).format(page.data.ask)
      return names ? t('{names} can change the plan', { names }) : t('An owner can change the plan')
    },
  },
  methods: {
    to(plan) { return `${page.workspace.url}billing?plan=${plan.key}&interval=${this.interval}` },
    noteOf: (plan) => (plan.trial_days ? Kit.tn('{n} day free.', '{n} days free.', plan.trial_days) : ''),
    back: () => (history.length > 1 ? history.back() : location.assign(page.workspace.url)),
  },
})
