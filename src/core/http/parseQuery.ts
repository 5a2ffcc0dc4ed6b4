// The two query parameters of the protocol; all others are ignored.

export interface ConfigQuery {
  readonly resolvePlaceholders: boolean;
  /** The value is no boolean word: 400, unless the binary handler answers, which ignores it. */
  readonly resolvePlaceholdersInvalid: boolean;
  /** Present with any value, or none. */
  readonly useDefaultLabel: boolean;
}

const TRUE_WORDS = new Set(['true', 'on', 'yes', '1']);
const FALSE_WORDS = new Set(['false', 'off', 'no', '0']);

/** `rawQuery` is what follows the `?`, without it. The first of repeated parameters counts. (compatibility document 1.4) */
export function parseQuery(rawQuery: string): ConfigQuery {
  if (rawQuery === '') return { resolvePlaceholders: true, resolvePlaceholdersInvalid: false, useDefaultLabel: false };
  const parameters = new URLSearchParams(rawQuery);
  const word = (parameters.get('resolvePlaceholders') ?? '').trim().toLowerCase();
  const isFalse = FALSE_WORDS.has(word);
  return {
    resolvePlaceholders: !isFalse,
    resolvePlaceholdersInvalid: word !== '' && !isFalse && !TRUE_WORDS.has(word),
    useDefaultLabel: parameters.has('useDefaultLabel'),
  };
}
