// The chart's values.schema.json: the settings below `vortex`, and the chart's own values as values.yaml declares them.
import { kebabCase } from '../settings/optionNames.ts';
import { settingsSchema, type JsonSchema } from '../settings/settingsSchema.ts';
import { withoutLookaheads } from './chartPatterns.ts';
import type { ChartValue } from './chartValues.ts';

const settingsKey = 'vortex';
const count = { type: 'integer', minimum: 0 };
const portNumber = { type: 'integer', minimum: 1, maximum: 65_535 };
const wholeOrNull = { type: ['integer', 'null'], minimum: 0 };
const auto = { enum: ['auto', true, false] };
const text = { type: 'string', minLength: 1 };

/** Values whose default does not say all that is allowed. */
const shapes: Readonly<Record<string, JsonSchema>> = {
  secrets: {
    type: 'array',
    items: {
      type: 'object',
      properties: { setting: { type: 'string', pattern: '^[A-Za-z][A-Za-z0-9-]*([.][A-Za-z0-9_-]+)+$' }, secretName: text, key: text },
      required: ['setting', 'secretName', 'key'],
      additionalProperties: false,
    },
  },
  'image.pullPolicy': { enum: ['Always', 'IfNotPresent', 'Never'] },
  'service.type': { enum: ['ClusterIP', 'NodePort', 'LoadBalancer'] },
  'service.port': portNumber,
  'service.managementPort': portNumber,
  'probes.port': { enum: ['http', 'management'] },
  'autoscaling.minReplicas': { type: 'integer', minimum: 1 },
  'autoscaling.maxReplicas': { type: 'integer', minimum: 1 },
  'podDisruptionBudget.maxUnavailable': { type: ['integer', 'string'] },
  'monitoring.serviceMonitor.enabled': auto,
  'monitoring.prometheusRule.enabled': auto,
  'monitoring.prometheusRule.errorRatio': { type: 'number', exclusiveMinimum: 0, maximum: 1 },
  'monitoring.prometheusRule.propagationSeconds': { type: 'number', exclusiveMinimum: 0 },
  preStopSeconds: wholeOrNull,
  terminationGracePeriodSeconds: wholeOrNull,
};

/** Mappings that are Kubernetes' own: whatever it allows. */
const foreign = new Set([
  'resources',
  'strategy',
  'podSecurityContext',
  'containerSecurityContext',
  'autoscaling.behavior',
  'probes.startup',
  'probes.readiness',
  'probes.liveness',
  'monitoring.dashboard.labels',
]);

/** Draft 7: what Helm 3 and 4 both check. */
export function chartSchema(values: readonly ChartValue[]): JsonSchema {
  const own = values.filter(({ path }) => path[0] !== settingsKey);
  const preset = values.find(({ path }) => path[0] === settingsKey);
  const settings = settingsOfChart(preset?.children ?? []);
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Values of the chart vortex-config',
    type: 'object',
    properties: { [settingsKey]: settings, global: { type: 'object' }, ...Object.fromEntries(own.map((value) => [value.path[0], valueSchema(value)])) },
    required: [settingsKey],
    additionalProperties: false,
  };
}

function valueSchema(value: ChartValue): JsonSchema {
  const path = value.path.join('.');
  const description = value.comment === '' ? {} : { description: value.comment };
  if (value.children === null || foreign.has(path)) return { ...description, default: value.default, ...(shapes[path] ?? shapeOf(value.default, path)) };
  const properties = Object.fromEntries(value.children.map((child) => [child.path.at(-1), valueSchema(child)]));
  return { ...description, type: 'object', properties, additionalProperties: false };
}

function shapeOf(value: unknown, path: string): JsonSchema {
  if (Array.isArray(value)) return { type: 'array' };
  switch (typeof value) {
    case 'boolean':
      return { type: 'boolean' };
    case 'number':
      return count;
    case 'string':
      return { type: 'string' };
    default:
      if (value === null) throw new Error(`values.yaml: ${path} is null, and chartSchema.ts does not say what else it may be`);
      return { type: 'object' };
  }
}

function settingsOfChart(preset: readonly ChartValue[]): JsonSchema {
  const { $schema: _dialect, title: _title, ...schema } = settingsSchema();
  const placed = withoutLookaheads(rebased(withoutSecrets(schema)) as JsonSchema);
  return withPresets(placed, preset);
}

/** A secret would land in a ConfigMap. */
function withoutSecrets(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withoutSecrets);
  if (!isObject(node)) return node;
  return Object.fromEntries(
    Object.entries(node).map(([key, value]) => {
      if (key !== 'properties' || !isObject(value)) return [key, withoutSecrets(value)];
      const secrets = new Set(Object.keys(value).filter((name) => isSecret(value[name])));
      const kept = Object.entries(value).filter(([name]) => !secrets.has(name) && ![...secrets].some((secret) => kebabCase(secret) === name));
      return [key, withoutSecrets(Object.fromEntries(kept))];
    }),
  );
}

function isSecret(schema: unknown): boolean {
  return isObject(schema) && schema['writeOnly'] === true;
}

/** `#/properties/server` is `#/properties/vortex/properties/server` here. */
function rebased(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(rebased);
  if (!isObject(node)) return node;
  return Object.fromEntries(
    Object.entries(node).map(([key, value]) => [
      key,
      key === '$ref' && typeof value === 'string' ? value.replace(/^#\//, `#/properties/${settingsKey}/`) : rebased(value),
    ]),
  );
}

/**
 * What values.yaml sets the templates compute from: null must not take it away. And it must not be set again under its other name: the
 * server refuses a value given twice.
 */
function withPresets(schema: JsonSchema, preset: readonly ChartValue[]): JsonSchema {
  const properties = { ...(schema['properties'] as Record<string, JsonSchema>) };
  for (const { path, children } of preset) {
    const name = path.at(-1) ?? '';
    const known = properties[name];
    if (known === undefined) throw new Error(`values.yaml: ${path.join('.')} is no setting`);
    if (children !== null) properties[name] = withPresets(known, children);
    if (kebabCase(name) !== name) delete properties[kebabCase(name)];
  }
  return { ...schema, type: 'object', properties, required: preset.map(({ path }) => path.at(-1)) };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
