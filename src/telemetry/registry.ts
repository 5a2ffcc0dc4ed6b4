// The prom-client registry: fed at scrape time from lanes, from the primary's counters and from what is looked up then (primary only).
import { collectDefaultMetrics, Registry, type Metric } from 'prom-client';
import { assert } from '../base/assert.ts';
import type { GaugeSamples } from './gaugeSamples.ts';
import { LaneTotals } from './laneTotals.ts';
import { metricCatalogue, type MetricEntry, type MetricName } from './metricCatalogue.ts';
import { bucketBounds, seriesKey, type PrimaryCounterName, type PrimaryHistogramName, type PrimaryMetrics } from './primaryMetrics.ts';

export interface RegistryInput {
  /** Of the workers, and of the primary for what the management port answers. */
  readonly lanes: readonly SharedArrayBuffer[];
  readonly primary: PrimaryMetrics;
  /** Called once per scrape. */
  readonly samples: () => GaugeSamples;
  readonly version: string;
}

interface ExposedValue {
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
  /** With its suffix, for the parts of a histogram. */
  readonly metricName?: string;
}

/** What prom-client asks a metric for when it writes the exposition. */
interface ExposedMetric {
  readonly name: string;
  readonly help: string;
  readonly type: MetricEntry['type'];
  readonly aggregator: 'sum';
  get(): Promise<ExposedMetric & { readonly values: readonly ExposedValue[] }>;
}

interface Scrape {
  readonly totals: LaneTotals;
  readonly samples: GaugeSamples;
}

/** Importing this file loads prom-client, some 70 ms: see Scraper. Makes the process metrics start to count. */
export class MetricsRegistry {
  readonly contentType: string;
  private readonly registry = new Registry();
  private readonly input: RegistryInput;
  private scraped: Scrape | null = null;

  constructor(input: RegistryInput) {
    this.input = input;
    this.contentType = this.registry.contentType;
    for (const name of Object.keys(metricCatalogue) as MetricName[]) {
      this.registry.registerMetric(this.exposed(name) as unknown as Metric);
    }
    collectDefaultMetrics({ register: this.registry });
  }

  /** The text exposition format 0.0.4. */
  async scrape(): Promise<string> {
    this.scraped = { totals: new LaneTotals(this.input.lanes), samples: this.input.samples() };
    return await this.registry.metrics();
  }

  private exposed(name: MetricName): ExposedMetric {
    const { help, type }: MetricEntry = metricCatalogue[name];
    const metric: ExposedMetric = {
      name,
      help,
      type,
      aggregator: 'sum',
      get: () => Promise.resolve({ ...metric, values: this.values(name) }),
    };
    return metric;
  }

  private values(name: MetricName): readonly ExposedValue[] {
    assert(this.scraped !== null, 'values are asked for by a scrape');
    const { totals, samples } = this.scraped;
    switch (name) {
      case 'vortex_build_info':
        return [{ labels: { version: this.input.version, node: process.versions.node }, value: 1 }];
      case 'http_requests_total':
        return totals.requests();
      case 'http_request_duration_seconds':
        return totals.durations().flatMap(({ labels, buckets, sumSeconds }) => histogramValues(name, labels, buckets, sumSeconds));
      case 'vortex_propagation_seconds': {
        const { buckets, sumSeconds } = totals.propagation();
        return histogramValues(name, {}, buckets, sumSeconds);
      }
      case 'vortex_push_frames_total':
        return totals.pushed().map(({ labels, frames }) => ({ labels, value: frames }));
      case 'vortex_push_bytes_total':
        return totals.pushed().map(({ labels, bytes }) => ({ labels, value: bytes }));
      case 'config_fetch_duration_seconds':
      case 'vortex_publish_duration_seconds':
        return this.histogramOfPrimary(name);
      case 'http_requests_aborted_total':
      case 'ws_connections_total':
      case 'vortex_push_dropped_total':
      case 'vortex_push_resyncs_total':
        return namedValues(totals, name);
      case 'cache_operations_total':
      case 'vortex_miss_refused_total':
        return addedUp(name, [...namedValues(totals, name), ...this.input.primary.counterSeries(name)]);
      case 'vortex_source_polls_total':
      case 'vortex_webhook_deliveries_total':
      case 'vortex_bus_messages_total':
      case 'vortex_undecryptable_values_total':
      case 'vortex_drain_cut_total':
        return this.counterOfPrimary(name);
      default:
        return samples[name].filter(({ value }) => !Number.isNaN(value));
    }
  }

  private counterOfPrimary(name: PrimaryCounterName): readonly ExposedValue[] {
    return this.input.primary.counterSeries(name);
  }

  private histogramOfPrimary(name: PrimaryHistogramName): readonly ExposedValue[] {
    return this.input.primary.histogramSeries(name).flatMap(({ labels, buckets, sum }) => histogramValues(name, labels, buckets, sum));
  }
}

function namedValues(totals: LaneTotals, name: MetricName): readonly ExposedValue[] {
  return totals.named().flatMap(({ counter, value }) => (counter.metric === name ? [{ labels: counter.labels, value }] : []));
}

/** One value per label set. */
function addedUp(name: MetricName, values: readonly ExposedValue[]): readonly ExposedValue[] {
  const byLabels = new Map<string, ExposedValue>();
  for (const { labels, value } of values) {
    const key = seriesKey(name, labels);
    byLabels.set(key, { labels, value: value + (byLabels.get(key)?.value ?? 0) });
  }
  return [...byLabels.values()];
}

/** Cumulative buckets, the sum and the count. The count is that of the +Inf bucket by construction. */
function histogramValues(name: MetricName, labels: Readonly<Record<string, string>>, buckets: readonly number[], sum: number): readonly ExposedValue[] {
  const bounds = bucketBounds(metricCatalogue[name]);
  let count = 0;
  const values = buckets.map((inBucket, index): ExposedValue => {
    count += inBucket;
    return { metricName: `${name}_bucket`, labels: { ...labels, le: bounds[index] ?? '+Inf' }, value: count };
  });
  return [...values, { metricName: `${name}_sum`, labels, value: sum }, { metricName: `${name}_count`, labels, value: count }];
}
