/* A line or bar chart from real numbers, in the accent, with the same numbers as a table for screen readers. */
Kit.component('kit-chart', {
  props: {
    type: { type: String, default: 'line' }, labels: { type: Array, default: () => [] },
    series: { type: Array, default: () => [] }, label: { type: String, default: '' },
    height: { type: [Number, String], default: 220 },
  },
  computed: { place() { return { height: `${Number(this.height)}px` } }, dark: () => Kit.theme.state.dark },
  watch: {
    labels: { deep: true, handler() { this.draw() } },
    series: { deep: true, handler() { this.draw() } },
    async dark() {
      await this.$nextTick()
      this.draw()
    },
  },
  mounted() { document.fonts.ready.then(() => this.draw()) },
  beforeUnmount() { this.chart?.destroy() },
  methods: {
    token: (name) => Kit.theme.resolve(name, Kit.theme.state.dark ? 'dark' : 'light'),
    datasets() {
      const colours = ['--accent', '--muted', '--success', '--warning'].map(this.token)
      return this.series.map(({ label, values }, n) => ({
        label, data: [...values], borderColor: colours[n % 4], backgroundColor: this.type === 'bar' ? colours[n % 4] : colours[n % 4] + '1a',
        borderWidth: this.type === 'bar' ? 0 : 2, fill: this.type === 'line' && this.series.length === 1, tension: 0,
        pointRadius: values.length > 1 ? 0 : 3, pointHoverRadius: 4, pointHitRadius: 12, borderRadius: 3, maxBarThickness: 28,
      }))
    },
    draw() {
      if (!this.$refs.canvas) return
      this.chart?.destroy()
      const [text, line, raised, muted] = ['--text', '--line', '--raised', '--muted'].map(this.token)
      const still = matchMedia('(prefers-reduced-motion: reduce)').matches
      const whole = this.series.every(({ values }) => values.every(Number.isInteger))
      const ticks = { color: muted, font: { family: 'Inter, sans-serif', size: 11 } }
      this.chart = Vue.markRaw(new Chart(this.$refs.canvas, {
        type: this.type,
        data: { labels: [...this.labels], datasets: this.datasets() },
        options: {
          responsive: true, maintainAspectRatio: false, animation: still ? false : { duration: 180 },
          locale: Kit.page.locale,
          interaction: { mode: 'index', intersect: false },
          scales: {
            x: { grid: { display: false }, border: { color: line }, ticks: { ...ticks, maxRotation: 0, autoSkipPadding: 16 } },
            y: { beginAtZero: true, grid: { color: line }, border: { display: false }, ticks: { ...ticks, maxTicksLimit: 5, precision: whole ? 0 : undefined } },
          },
          plugins: {
            legend: {
              display: this.series.length > 1, align: 'end',
              labels: { color: text, boxWidth: 10, boxHeight: 10, useBorderRadius: true, borderRadius: 2, font: ticks.font },
            },
            tooltip: {
              backgroundColor: raised, titleColor: text, bodyColor: text, borderColor: line, borderWidth: 1, padding: 10,
              cornerRadius: 6, boxPadding: 4, titleFont: { ...ticks.font, weight: 600, size: 12 }, bodyFont: { ...ticks.font, size: 12 },
            },
          },
        },
      }))
    },
  },
})
