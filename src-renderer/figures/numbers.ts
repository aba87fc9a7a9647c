const superscript = new Map([...'0123456789'].map((digit, i) => [digit, '⁰¹²³⁴⁵⁶⁷⁸⁹'[i] ?? digit]))

/** A number to `digits` significant digits for reading: 0.123, 12.3, 4,096; a minus sign, no exponent letter; '–' for NaN. */
export function formatNumber(value: number, digits = 3): string {
  if (!Number.isFinite(value)) return '–'
  if (value === 0) return '0'
  const size = Math.abs(value)
  if (size >= 1e6 || size < 1e-4) return formatPower(value, digits)
  const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(size)))
  const [whole = '', fraction] = size.toFixed(decimals).split('.')
  const grouped = whole.length > 4 ? whole.replace(/\B(?=(\d{3})+$)/g, ',') : whole
  return `${value < 0 ? '−' : ''}${grouped}${fraction === undefined ? '' : `.${fraction}`}`
}

/** A count with a comma at each thousand. */
export const formatCount = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, ',')

// The font has no superscript minus, so negative powers are written as 1e−5.
function formatPower(value: number, digits: number): string {
  const [mantissa = '', power = '0'] = value.toExponential(Math.max(0, digits - 1)).split('e')
  const short = mantissa.includes('.') ? mantissa.replace(/\.?0+$/, '') : mantissa
  return `${short.replace('-', '−')}e${power.replace('-', '−').replace('+', '')}`
}

/** A count as `10⁵` where it is a power of ten of at least 10,000, else as formatNumber. */
export function formatTick(value: number): string {
  const power = Math.log10(Math.abs(value))
  if (Number.isInteger(power) && power >= 5) return `10${[...String(power)].map((d) => superscript.get(d)).join('')}`
  const text = Number(value.toPrecision(6))
  if (Math.abs(text) >= 1e6 || (text !== 0 && Math.abs(text) < 1e-4)) return formatPower(text, 3)
  return String(text).replace('-', '−')
}
