// Counters and histograms of the primary, in plain memory: they count from the first moment, before anything is scraped.
import { assert } from '../base/assert.ts';
import { metricCatalogue, type LabelsOf, type MetricEntry, type MetricName, type MetricNameOf } from './metricCatalogue.ts';

export type PrimaryCounterName = MetricNameOf<'counter', 'primary' | 'both'>;
export type PrimaryHistogramName = MetricNameOf<'histogram', 'primary'>;

export interface CounterSeries {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface HistogramSeries {
  readonly labels: Readonly<Record<string, string>>;
  /** Not cumulative; one more than there are bounds. */
  readonly buckets: readonly number[];
  readonly sum: number;
}

interface MutableHistogram {
  readonly labels: Readonly<Record<string, string>>;
  readonly buckets: number[];
  sum: number;
}

export class PrimaryMetrics {
  private readonly counters = new Map<string, Map<string, { readonly labels: Readonly<Record<string, string>>; value: number }>>();
  private readonly histograms = new Map<string, Map<string, MutableHistogram>>();

  /** Adds `by`, 1 or any number from 0 on; 0 makes the series appear. */
  increment<Name extends PrimaryCounterName>(name: Name, labels: LabelsOf<Name>, by = 1): void {
    assert(by >= 0, 'a counter never falls');
    const series = seriesOf(this.counters, name);
    const key = seriesKey(name, labels);
    const known = series.get(key);
    if (known === undefined) series.set(key, { labels: { ...labels }, value: by });
    else known.value += by;
  }

  /** One observation, in the unit of the metric (seconds). */
  observe<Name extends PrimaryHistogramName>(name: Name, labels: LabelsOf<Name>, value: number): void {
    const bounds: readonly number[] = metricCatalogue[name].buckets;
    const series = seriesOf(this.histograms, name);
    const key = seriesKey(name, labels);
    let known = series.get(key);
    if (known === undefined) {
      known = { labels: { ...labels }, buckets: Array.from({ length: bounds.length + 1 }, () => 0), sum: 0 };
      series.set(key, known);
    }
    const found = bounds.findIndex((bound) => value <= bound);
    const bucket = found === -1 ? bounds.length : found;
    known.buckets[bucket] = (known.buckets[bucket] ?? 0) + 1;
    known.sum += value;
  }

  counterSeries(name: PrimaryCounterName): readonly CounterSeries[] {
    return [...(this.counters.get(name)?.values() ?? [])];
  }

  histogramSeries(name: PrimaryHistogramName): readonly HistogramSeries[] {
    return [...(this.histograms.get(name)?.values() ?? [])];
  }
}

/** Bounds of a histogram; empty for other types. */
export function bucketBounds(entry: MetricEntry): readonly number[] {
  return entry.buckets ?? [];
}

function seriesOf<Series>(all: Map<string, Map<string, Series>>, name: string): Map<string, Series> {
  let series = all.get(name);
  if (series === undefined) {
    series = new Map();
    all.set(name, series);
  }
  return series;
}

/** The label values in the order of the catalogue, whatever order the caller wrote them in. */
export function seriesKey(name: MetricName, labels: Readonly<Record<string, string | number>>): string {
  return JSON.stringify(Object.keys(metricCatalogue[name].labels).map((label) => labels[label]));
}
