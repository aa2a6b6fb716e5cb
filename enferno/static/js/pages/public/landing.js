const { page, t } = Kit

mountPage({
  data: () => ({
    promises: [
      {
        icon: 'mdi-shield-lock-outline',
        title: t('A workspace cannot leak'),
        text: t('Every query is bound to one workspace, by default and twice over: in the code and in the database. A test that grows with every route proves it.'),
      },
      {
        icon: 'mdi-receipt-text-outline',
        title: t('A bill cannot get lost'),
        text: t('Events are recorded, the truth is read again from the provider, and only then is anything marked as done. Order and repetition stop mattering.'),
      },
      {
        icon: 'mdi-rocket-launch-outline',
        title: t('One command shows it running'),
        text: t('On a bare machine, without Node, Redis, Docker, a mail server or an account anywhere. Each has a stand-in until you need the real one.'),
      },
    ],
    inside: [
      t('Workspaces with roles, from one person to a team of hundreds'),
      t('Sign-up, sign-in and sessions that people can see and end'),
      t('One JSON API under all pages, described in OpenAPI'),
      t('Pages in Vue and Vuetify without a build, under a strict security policy'),
      t('An area for the operator: people, workspaces, what happened'),
      t('A worked example of a feature, and tests in every corner'),
    ],
  }),
  computed: {
    picture: () => page.data.pictures[Kit.theme.state.dark ? 'dark' : 'light'],
  },
  methods: { copy: () => Kit.copy('./setup.sh run') },
})
