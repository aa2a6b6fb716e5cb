/* The initials of a name on a colour that belongs to it; the name itself stands beside, so it says nothing aloud. */
Kit.component('kit-avatar', {
  props: { name: { type: String, default: '' }, size: { type: [Number, String], default: 28 }, square: Boolean },
  computed: {
    initials() {
      const words = this.name.trim().split(/[\s@._-]+/).filter(Boolean)
      const first = (word) => Array.from(word || '')[0] || ''
      return (first(words[0]) + (words.length > 1 ? first(words[words.length - 1]) : '')).toLocaleUpperCase() || '?'
    },
    hue() {
      let sum = 0
      for (const character of this.name) sum = (sum * 31 + character.codePointAt(0)) % 360
      return Math.round(sum / 45) * 45
    },
    style() {
      const px = `${Number(this.size)}px`
      return { width: px, height: px, fontSize: `${Math.round(Number(this.size) * 0.4)}px`, '--hue': this.hue }
    },
  },
})
