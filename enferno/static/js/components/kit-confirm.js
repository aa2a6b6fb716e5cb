/* The one confirm dialog; Kit.confirm opens it. */
Kit.component('kit-confirm', {
  data: () => ({ open: false, question: null, name: '', why: '' }),
  computed: {
    asked: () => Kit.asked.current,
    ready() { return !this.question?.typed || this.name.trim() === this.question.typed },
  },
  watch: {
    asked(question) {
      this.open = Boolean(question)
      if (question) Object.assign(this, { question, name: '', why: '' })
    },
    open(open) {
      Kit.focus.follow(open)
      if (!open) this.answer(false)
    },
  },
  methods: {
    /* The safe button is ready for Enter, or the field in which the name is typed. */
    focus({ el }) { if (!this.question.typed) el.focus() },
    answer(yes) {
      const asked = Kit.asked.current
      if (!asked || (yes && !this.ready)) return
      Kit.asked.current = null
      asked.done(yes && asked.why ? { why: this.why } : yes)
    },
  },
})
