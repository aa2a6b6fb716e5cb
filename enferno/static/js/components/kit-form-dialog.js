/* A form in a dialog. It closes when `submit` resolves; what was typed is not thrown away without asking. */
Kit.component('kit-form-dialog', {
  props: {
    modelValue: Boolean, title: { type: String, default: '' }, text: { type: String, default: '' },
    action: { type: String, default: '' }, submit: { type: Function, required: true },
    danger: Boolean, disabled: Boolean, width: { type: [Number, String], default: 480 },
  },
  emits: ['update:modelValue', 'done'],
  data: () => ({ id: `dialog-${Math.random().toString(36).slice(2, 8)}` }),
  watch: { modelValue: (open) => Kit.focus.follow(open) },
  methods: {
    close() { this.$emit('update:modelValue', false) },
    async attempt(open) {
      const form = this.$refs.form
      if (open || form?.busy) return
      if (!form?.dirty() || (await Kit.leave.ask())) this.close()
    },
    done(answer) {
      this.close()
      this.$emit('done', answer)
    },
  },
})
