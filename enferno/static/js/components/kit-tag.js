/* A state in one word; the colour only repeats what the word says. */
Kit.component('kit-tag', { props: { kind: { type: String, default: '' } } })
