/* Light, dark, or as the system has it. */
Kit.component('kit-theme-button', {
  computed: {
    icon: () => (Kit.theme.state.dark ? 'mdi-weather-night' : 'mdi-weather-sunny'),
    items() {
      const { t } = Kit
      return [['system', t('System'), 'mdi-monitor'], ['light', t('Light'), 'mdi-weather-sunny'], ['dark', t('Dark'), 'mdi-weather-night']]
        .map(([choice, label, icon]) => ({ label, icon, action: () => Kit.theme.keep(choice) }))
    },
  },
})
