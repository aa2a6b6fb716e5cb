/* Around the application: a rail at the side, on a phone a bar with the same rail in a drawer. */
Kit.component('kit-shell-app', {
  data: () => ({ drawer: false, phone: matchMedia('(max-width: 959px)').matches }),
  computed: { banner: () => Kit.banner.current },
  watch: { drawer: (open) => Kit.focus.follow(open) },
  created() {
    this.query = matchMedia('(max-width: 959px)')
    this.onWidth = ({ matches }) => { Object.assign(this, { phone: matches, drawer: false }) }
    this.query.addEventListener('change', this.onWidth)
  },
  beforeUnmount() { this.query.removeEventListener('change', this.onWidth) },
})
