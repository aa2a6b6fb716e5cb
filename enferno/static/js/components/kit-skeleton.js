/* The shape of text that is on its way. */
Kit.component('kit-skeleton', { props: { lines: { type: [Number, String], default: 3 } } })
