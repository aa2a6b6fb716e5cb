/* What the plan has room for, on pages whose view says `limits=limits("projects")`; asked again after every change. */
Kit.limits = (() => {
  const { page } = Kit
  const state = Vue.reactive({ ...page.limits })
  const bounded = () => Object.keys(state).filter((name) => page.workspace && state[name].amount !== null)

  const read = async (name) => {
    try {
      state[name] = await Kit.api.get(`${page.workspace.api}/limits/${name}`)
    } catch (error) {
      if (!(error instanceof Kit.Problem)) throw error // what is shown stays; the server decides anyway
    }
  }

  return {
    state,
    refresh: () => Promise.all(bounded().map(read)),
    /** Is there no room for one more? */
    full: (name) => state[name]?.left === 0,
    /** Says why, where no control stands that could say it: for a shortcut. */
    tell: (name) => Kit.notify(state[name].reason, { kind: 'warning', link: Kit.upgrade(state[name].unlocked_by) }),
  }
})()

/** Where the plan is changed, with the first of these plans chosen; null for who may not. */
Kit.upgrade = (plans = []) => {
  const { page, t } = Kit
  if (!page.workspace || !Kit.can('billing:manage')) return null
  return { label: t('See plans'), url: `${page.workspace.url}billing${plans.length ? `?plan=${plans[0]}` : ''}` }
}
