// Which of our content encodings a client wants most.

/**
 * `header` is Accept-Encoding, '' when absent. Equal quality: br, then gzip, then identity. Encodings that the header does
 * not name are wanted only through `*`; identity is always possible. (RFC 9110, 12.5.3)
 */
export function acceptEncoding(header: string): 'identity' | 'gzip' | 'br' {
  if (header === '') return 'identity';
  const qualities = new Map<string, number>();
  for (const element of header.split(',')) {
    const [name = '', ...parameters] = element.split(';').map((part) => part.trim().toLowerCase());
    const coding = name === 'x-gzip' ? 'gzip' : name;
    if (coding !== '') qualities.set(coding, qualityOf(parameters));
  }
  const others = qualities.get('*') ?? 0;
  const br = qualities.get('br') ?? others;
  const gzip = qualities.get('gzip') ?? others;
  const identity = qualities.get('identity') ?? 0;
  if (br > 0 && br >= gzip && br >= identity) return 'br';
  return gzip > 0 && gzip >= identity ? 'gzip' : 'identity';
}

/** A malformed quality counts as 0: the safe side is not to encode. */
function qualityOf(parameters: readonly string[]): number {
  const text = parameters.find((parameter) => /^q\s*=/.test(parameter));
  if (text === undefined) return 1;
  const quality = Number(text.slice(text.indexOf('=') + 1).trim() || Number.NaN);
  return quality >= 0 && quality <= 1 ? quality : 0;
}
