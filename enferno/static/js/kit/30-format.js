/* Numbers, times and money as the person reads them: in the page's language and the person's time zone. */
{
  const zone = () => Kit.page.user?.timezone || undefined
  const made = new Map()

  /* Making a formatter is slow, using one is not. A zone that the browser does not know falls back to its own. */
  const formatter = (kind, options) => {
    const key = kind + JSON.stringify(options)
    if (!made.has(key)) {
      try {
        made.set(key, new Intl[kind](Kit.page.locale, options))
      } catch {
        made.set(key, new Intl[kind]('en', { ...options, timeZone: undefined }))
      }
    }
    return made.get(key)
  }

  const moment = (value) => {
    const found = value instanceof Date ? value : new Date(value)
    return value === null || value === undefined || value === '' || Number.isNaN(found.getTime()) ? null : found
  }

  /* A date without a time is a day, the same day everywhere. */
  const isDay = (value) => typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value)

  const steps = [['year', 31536000], ['month', 2592000], ['week', 604800], ['day', 86400], ['hour', 3600], ['minute', 60]]

  Object.assign(Kit, {
    /** 20003 → "20,003" */
    number: (n, options) => (n === null || n === undefined ? '' : formatter('NumberFormat', options || {}).format(n)),

    /** "Nov 21, 2026" */
    date(value) {
      const found = moment(value)
      const timeZone = isDay(value) ? 'UTC' : zone()
      return found ? formatter('DateTimeFormat', { dateStyle: 'medium', timeZone }).format(found) : ''
    },

    /** The exact time: "Nov 21, 2026, 11:02:33 AM GMT+1" */
    time(value) {
      const found = moment(value)
      const options = { dateStyle: 'medium', timeStyle: 'long', timeZone: zone() }
      return found ? formatter('DateTimeFormat', options).format(found) : ''
    },

    /** How long ago, or in how long: "3 minutes ago" */
    ago(value, from = Date.now()) {
      const found = moment(value)
      if (!found) return ''
      const seconds = Math.round((found.getTime() - from) / 1000)
      const relative = formatter('RelativeTimeFormat', { numeric: 'auto' })
      const [unit, size] = steps.find(([, length]) => Math.abs(seconds) >= length) || ['second', 1]
      return unit === 'second' ? Kit.t('just now') : relative.format(Math.round(seconds / size), unit)
    },

    /** Minor units and a currency: (1900, 'EUR') → "€19.00"; yen have no minor unit and Intl knows. */
    money(minor, currency) {
      if (minor === null || minor === undefined) return ''
      const format = formatter('NumberFormat', { style: 'currency', currency })
      return format.format(minor / 10 ** format.resolvedOptions().maximumFractionDigits)
    },
  })
}
