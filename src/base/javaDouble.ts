// The text of a floating-point number as Java's Double.toString writes it.

/**
 * `100` is `100.0`, `1e10` is `1.0E10`, `-0` is `-0.0`; `Infinity`, `-Infinity`, `NaN`. Decimal notation for
 * 10^-3 <= |n| < 10^7, otherwise one digit, a point, at least one digit, `E` and the exponent without `+`.
 * (compatibility document 4.2)
 */
export function javaDouble(n: number): string {
  if (!Number.isFinite(n)) return String(n);
  if (n === 0) return Object.is(n, -0) ? '-0.0' : '0.0';
  const size = Math.abs(n);
  const { digits, exponent } = shortestDigits(size);
  const text = size >= 1e-3 && size < 1e7 ? plainNotation(digits, exponent) : scientificNotation(digits, exponent);
  return n < 0 ? `-${text}` : text;
}

/** `digits` without trailing zeros; the value is d.ddd * 10^exponent. */
function shortestDigits(size: number): { readonly digits: string; readonly exponent: number } {
  // Both languages write the shortest decimal that reads back as the same number, but Java chooses among those of two
  // digits when one digit would do: the smallest double is 4.9E-324 there and 5e-324 here.
  let [mantissa = '', exponent = '0'] = size.toExponential().split('e');
  if (mantissa.length === 1) [mantissa = '', exponent = '0'] = size.toExponential(1).split('e');
  const digits = mantissa.replace('.', '').replace(/0+$/, '');
  return { digits, exponent: Number(exponent) };
}

function plainNotation(digits: string, exponent: number): string {
  if (exponent < 0) return `0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  return `${whole}.${digits.slice(exponent + 1) || '0'}`;
}

function scientificNotation(digits: string, exponent: number): string {
  return `${digits.slice(0, 1)}.${digits.slice(1) || '0'}E${exponent}`;
}
