// Plain YAML scalars that look like a date are one in the S3 backend, and are served as JSON timestamps.
import type { TreeFile } from '../../model/fileTree.ts';
import type { Property } from '../../model/value.ts';

/** As YAML 1.1 has them. (compatibility document 4.2, 6.4) */
const TIMESTAMP = /^(\d{4})-(\d\d?)-(\d\d?)(?:(?:[Tt]|[ \t]+)(\d\d?):(\d\d):(\d\d)(?:\.(\d*))?(?:[ \t]*(?:Z|([-+])(\d\d?)(?::?(\d\d))?))?)?$/;

/** The map itself where it holds no date. */
export function withTimestamps(file: TreeFile, properties: ReadonlyMap<string, Property>): ReadonlyMap<string, Property> {
  if (file.path.endsWith('.properties')) return properties;
  let replaced: Map<string, Property> | null = null;
  let lines: readonly string[] | null = null;
  for (const [key, property] of properties) {
    const timestamp = typeof property.value === 'string' ? timestampText(property.value) : null;
    if (timestamp === null || property.origin === null) continue;
    lines ??= Buffer.from(file.bytes())
      .toString('utf8')
      .split(/\r\n|\r|\n/);
    if (!isPlainAt(lines, property.origin)) continue;
    replaced ??= new Map(properties);
    replaced.set(key, { value: timestamp, origin: property.origin });
  }
  return replaced ?? properties;
}

/** Quotes, block scalars and tags make a text of it: only what begins with its first digit is a date. */
function isPlainAt(lines: readonly string[], origin: string): boolean {
  const [line, column] = origin.split(':').map(Number);
  const text = lines[(line ?? 0) - 1] ?? '';
  return /\d/.test(Array.from(text)[(column ?? 0) - 1] ?? '');
}

function timestampText(text: string): string | null {
  const match = TIMESTAMP.exec(text);
  if (match === null) return null;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0)) as [number, number, number, number, number, number];
  const milliseconds = Math.trunc(Number(`0.${match[7] ?? ''}0`) * 1_000);
  const offset = (Number(match[9] ?? 0) * 60 + Number(match[10] ?? 0)) * 60_000 * (match[8] === '-' ? -1 : 1);
  const atMs = Date.UTC(year, month - 1, day, hour, minute, second, milliseconds) - offset;
  return new Date(atMs).toISOString();
}
