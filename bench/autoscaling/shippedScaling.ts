// What the chart ships for autoscaling: bounds, behavior and PromQL, with every duration divided by the speed of the simulation.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import type { ScalingSpec } from './horizontalPodAutoscaler.ts';

const chart = fileURLToPath(new URL('../../../charts/vortex-config/', import.meta.url));

/** The controller looks every 15 s (--horizontal-pod-autoscaler-sync-period). */
export const syncSeconds = 15;

export interface ShippedScaling {
  /** In seconds of the cluster; the target is that of the simulation. */
  readonly spec: ScalingSpec;
  /** Of Prometheus, in seconds of the cluster. */
  readonly scrapeSeconds: number;
  /** Requests per second by pod, with the window in real time. */
  readonly query: string;
}

interface Values {
  readonly autoscaling: Omit<ScalingSpec, 'target'> & { readonly requestsPerSecond: { readonly metric: string } };
  readonly monitoring: { readonly serviceMonitor: { readonly interval: string } };
}

interface Adapter {
  readonly rules: { readonly custom: readonly { readonly name: { readonly as: string }; readonly metricsQuery: string }[] };
}

export function shippedScaling(target: number, speed: number): ShippedScaling {
  const { autoscaling, monitoring } = parse(readFileSync(`${chart}values.yaml`, 'utf8')) as Values;
  const adapter = parse(readFileSync(`${chart}files/prometheus-adapter-values.yaml`, 'utf8')) as Adapter;
  const rule = adapter.rules.custom.find(({ name }) => name.as === autoscaling.requestsPerSecond.metric);
  const window = /\[1m\]/;
  const interval = /^(\d+)s$/.exec(monitoring.serviceMonitor.interval)?.[1];
  if (rule === undefined || !window.test(rule.metricsQuery) || interval === undefined) throw new Error('the chart does not ship what the simulation expects');
  return {
    spec: { minReplicas: autoscaling.minReplicas, maxReplicas: autoscaling.maxReplicas, behavior: autoscaling.behavior, target },
    scrapeSeconds: Number(interval),
    query: rule.metricsQuery
      .replace(window, `[${Math.round(60_000 / speed)}ms]`)
      .replaceAll('<<.Series>>', 'http_requests_total')
      .replaceAll('<<.LabelMatchers>>', 'namespace="platform",pod=~".+"')
      .replaceAll('<<.GroupBy>>', 'pod'),
  };
}
