// Sizes as people write them: `16KiB`, `1GiB`, `10MB`, `4096`.

const unitBytes: Readonly<Record<string, number>> = {
  '': 1,
  B: 1,
  KB: 1_000,
  MB: 1_000_000,
  GB: 1_000_000_000,
  KiB: 1_024,
  MiB: 1_024 ** 2,
  GiB: 1_024 ** 3,
};

/** Also the pattern of the JSON schema. */
export const byteSizePattern = '^\\d+(B|KB|MB|GB|KiB|MiB|GiB)?$';

const byteSizeRegex = /^(\d+)(B|KB|MB|GB|KiB|MiB|GiB)?$/;

/** Bytes; null when the text is no size. A number without unit is bytes. */
export function parseByteSize(text: string): number | null {
  const match = byteSizeRegex.exec(text);
  if (match === null) return null;
  const bytes = Number.parseInt(match[1] ?? '', 10) * (unitBytes[match[2] ?? ''] ?? 1);
  return Number.isSafeInteger(bytes) ? bytes : null;
}

/** In the largest binary unit that leaves no fraction: 16_384 is `16KiB`, 1_000 is `1000B`. */
export function formatByteSize(bytes: number): string {
  for (const unit of ['GiB', 'MiB', 'KiB']) {
    const size = unitBytes[unit] ?? 1;
    if (bytes >= size && bytes % size === 0) return `${bytes / size}${unit}`;
  }
  return `${bytes}B`;
}
