// Durations as people write them: `30s`, `500ms`, `1m30s`, `2h`, `1d`.

const unitsMs = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
] as const;

/** One or more numbers with a unit, larger units first. Also the pattern of the JSON schema. */
export const durationPattern = '^(?=.)(\\d+d)?(\\d+h)?(\\d+m)?(\\d+s)?(\\d+ms)?$';

const durationRegex = new RegExp(durationPattern);

/** Milliseconds; null when the text is no duration. A bare number is none: its unit would be a guess. */
export function parseDuration(text: string): number | null {
  const match = durationRegex.exec(text);
  if (match === null) return null;
  let total = 0;
  for (const [index, [, unitMs]] of unitsMs.entries()) {
    const part = match[index + 1];
    if (part !== undefined) total += Number.parseInt(part, 10) * unitMs;
  }
  return Number.isSafeInteger(total) ? total : null;
}

/** The shortest text that parses to the same: 90_000 is `1m30s`, 0 is `0s`. */
export function formatDuration(ms: number): string {
  if (ms === 0) return '0s';
  let text = '';
  let rest = ms;
  for (const [unit, unitMs] of unitsMs) {
    const count = Math.floor(rest / unitMs);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * unitMs;
  }
  return text;
}
