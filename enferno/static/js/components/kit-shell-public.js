/* Around what anyone may see: the product's name, signing in and up, the theme, a line at the foot. */
Kit.component('kit-shell-public', {
  computed: {
    year: () => new Date().getFullYear(),
    user: () => Kit.page.user,
  },
})
