/* By the month or by the year: `<kit-interval v-model="interval">`. */
Kit.component('kit-interval', {
  props: { modelValue: { type: String, default: 'month' } },
  emits: ['update:modelValue'],
  computed: { choices: () => [{ value: 'month', words: Kit.t('Monthly') }, { value: 'year', words: Kit.t('Yearly') }] },
})
