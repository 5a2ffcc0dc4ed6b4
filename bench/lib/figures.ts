// One row of the bench's table: a figure, the ratio it stands for, its bar, and the arithmetic of medians.

export interface Figure {
  readonly name: string;
  /** What was measured, in words with units, both sides. */
  readonly measured: string;
  readonly ratio: number;
  readonly bar: { readonly kind: 'atMost' | 'atLeast'; readonly value: number };
  /** A second bar on an absolute figure, already judged. */
  readonly absolute?: { readonly text: string; readonly holds: boolean };
}

export function holds(figure: Figure): boolean {
  const within = figure.bar.kind === 'atMost' ? figure.ratio <= figure.bar.value : figure.ratio >= figure.bar.value;
  return within && (figure.absolute?.holds ?? true);
}

export function barText(figure: Figure): string {
  const sign = figure.bar.kind === 'atMost' ? '<=' : '>=';
  return `${sign} ${figure.bar.value}x${figure.absolute === undefined ? '' : `, ${figure.absolute.text}`}`;
}

export function median(values: readonly number[]): number {
  if (values.length === 0) throw new Error('the median of nothing');
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Rounds are interleaved, so the machine's mood is the same for both sides of a pair: the median of the pairs' ratios. */
export function medianRatio(a: readonly number[], b: readonly number[]): number {
  return median(a.map((value, index) => value / b[index]!));
}
