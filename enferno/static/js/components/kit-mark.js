/* The product's mark; a product replaces static/img/favicon.svg and this. */
Kit.component('kit-mark', { props: { size: { type: [Number, String], default: 24 } } })
