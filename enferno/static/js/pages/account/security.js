const { t, tn } = Kit
const url = '/api/v1/me/sessions'

mountPage({
  data: () => ({ sessions: null, problem: null }),
  computed: {
    others() { return (this.sessions || []).filter((session) => !session.is_current) },
  },
  mounted() { this.load() },
  methods: {
    async load() {
      this.problem = null
      try {
        const { items } = await Kit.api.get(url)
        this.sessions = items.sort((one, other) => Number(other.is_current) - Number(one.is_current))
      } catch (error) {
        this.problem = error
      }
    },
    icon: ({ device }) => (/Android|iOS|Mobile|iPhone|iPad/.test(device) ? 'mdi-cellphone' : 'mdi-laptop'),
    async end(session) {
      const sure = await Kit.confirm({
        title: t('End the session on {device}?', { device: session.device }),
        text: t('Whoever uses it has to sign in again. What was not saved there is lost.'),
        action: t('End it'), danger: true,
      })
      if (!sure) return
      await Kit.api.delete(`${url}/${session.id}`)
      Kit.notify(t('Session ended'))
      await this.load()
    },
    async endOthers() {
      const n = this.others.length
      const sure = await Kit.confirm({
        title: tn('End {n} other session?', 'End {n} other sessions?', n),
        text: t('You stay signed in here, and nowhere else.'),
        action: t('End them'), danger: true,
      })
      if (!sure) return
      await Kit.api.delete(url)
      Kit.notify(tn('{n} session ended', '{n} sessions ended', n))
      await this.load()
    },
  },
})
