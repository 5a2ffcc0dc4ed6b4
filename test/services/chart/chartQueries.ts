// Every PromQL expression that the chart ships: recording rules, alerts, panels, metrics of the HPA, triggers of KEDA.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { at, chartFolder, manifestOf, manifests } from './chartTools.ts';

export interface ChartQuery {
  readonly name: string;
  readonly expression: string;
}

interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
}

/** The groups of the PrometheusRule as a file of rules. */
export function rulesText(values: unknown = {}): string {
  const rule = manifestOf(manifests({ values, apiVersions: ['monitoring.coreos.com/v1/PrometheusRule'] }), 'PrometheusRule');
  return stringify(rule['spec']);
}

export function rules(): readonly Rule[] {
  const { groups } = parse(rulesText()) as { readonly groups: readonly { readonly rules: readonly Rule[] }[] };
  return groups.flatMap((group) => group.rules);
}

export function recordingQueries(): readonly ChartQuery[] {
  return rules().flatMap(({ record, expr }) => (record === undefined ? [] : [{ name: `recording rule ${record}`, expression: expr }]));
}

/** What an alert compares, whether it is above the threshold or not: a healthy server would answer the alert itself with nothing. */
export function alertQueries(): readonly ChartQuery[] {
  return rules().flatMap(({ alert, expr }) => {
    if (alert === undefined) return [];
    const compared = expr.replace(/^absent\((.*)\)$/, '$1').replace(/ (>|==) (?=[\d.]+$)/gm, ' $1 bool ');
    return [{ name: `alert ${alert}`, expression: compared }];
  });
}

interface Panel {
  readonly title: string;
  readonly targets: readonly { readonly refId: string; readonly expr: string }[];
}

/** With the variables of the dashboard filled in. */
export function dashboardQueries(rateInterval: string): readonly ChartQuery[] {
  const { panels } = JSON.parse(readFileSync(join(chartFolder, 'files/dashboard.json'), 'utf8')) as { readonly panels: readonly Panel[] };
  return panels.flatMap(({ title, targets }) =>
    targets.map(({ refId, expr }) => ({
      name: `panel ${title} ${refId}`,
      expression: expr.replaceAll('$__rate_interval', rateInterval).replaceAll('$namespace', 'platform').replaceAll('$job', '.+'),
    })),
  );
}

interface AdapterRule {
  readonly seriesQuery: string;
  readonly name: { readonly as: string };
  readonly metricsQuery: string;
}

/** As prometheus-adapter fills its templates when the HPA asks for a metric of the pods of a namespace. */
export function adapterQueries(): readonly ChartQuery[] {
  const file = parse(readFileSync(join(chartFolder, 'files/prometheus-adapter-values.yaml'), 'utf8')) as {
    readonly rules: { readonly custom: readonly AdapterRule[] };
  };
  return file.rules.custom.map(({ seriesQuery, name, metricsQuery }) => ({
    name: name.as,
    expression: metricsQuery
      .replaceAll('<<.Series>>', seriesQuery.slice(0, seriesQuery.indexOf('{')))
      .replaceAll('<<.LabelMatchers>>', 'namespace="platform",pod=~".+"')
      .replaceAll('<<.GroupBy>>', 'pod'),
  }));
}

export function kedaQueries(): readonly ChartQuery[] {
  const scaled = manifestOf(manifests({ values: { keda: { enabled: true, serverAddress: 'http://prometheus:9090' } } }), 'ScaledObject');
  const triggers = at(scaled, 'spec', 'triggers') as readonly {
    readonly type: string;
    readonly name: string;
    readonly metadata: Readonly<Record<string, string>>;
  }[];
  return triggers.flatMap(({ type, name, metadata }) => (type === 'prometheus' ? [{ name: `KEDA trigger ${name}`, expression: metadata['query'] ?? '' }] : []));
}
