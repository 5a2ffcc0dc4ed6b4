// The algorithm of Kubernetes' HorizontalPodAutoscaler (autoscaling/v2) for metrics of type Pods, as its documentation and source have it. Pure.
//
//   metric per pod ─► desired = ceil(pods × average / target), tolerance, pods without a metric ─► stabilization windows ─► policies ─► bounds

/** The controller's default (--horizontal-pod-autoscaler-tolerance). */
const tolerance = 0.1;

export interface ScalingPolicy {
  readonly type: 'Pods' | 'Percent';
  readonly value: number;
  readonly periodSeconds: number;
}

export interface ScalingRules {
  readonly stabilizationWindowSeconds: number;
  readonly selectPolicy: 'Max' | 'Min' | 'Disabled';
  readonly policies: readonly ScalingPolicy[];
}

export interface ScalingSpec {
  readonly minReplicas: number;
  readonly maxReplicas: number;
  readonly target: number;
  readonly behavior: { readonly scaleUp: ScalingRules; readonly scaleDown: ScalingRules };
}

interface AtTime {
  readonly atSeconds: number;
  readonly replicas: number;
}

export interface ScalingState {
  readonly recommendations: readonly AtTime[];
  /** Pods added (positive) and removed (negative) by earlier decisions. */
  readonly changes: readonly AtTime[];
}

export interface Decision {
  readonly desired: number;
  readonly state: ScalingState;
}

export const scalingInitial: ScalingState = { recommendations: [], changes: [] };

/** `metrics`: one value per pod that exists, null where there is none yet. No value at all: nothing is decided. */
export function decideReplicas(spec: ScalingSpec, before: ScalingState, current: number, metrics: readonly (number | null)[], nowSeconds: number): Decision {
  const proposed = replicasForMetric(current, metrics, spec.target);
  if (proposed === null) return { desired: current, state: before };
  const { scaleUp, scaleDown } = spec.behavior;
  const stable = stabilized(current, proposed, before.recommendations, spec.behavior, nowSeconds);
  const limited = bounded(withinPolicies(current, stable, before.changes, spec.behavior, nowSeconds), spec);
  const keepSeconds = Math.max(scaleUp.stabilizationWindowSeconds, scaleDown.stabilizationWindowSeconds);
  const keepChangesSeconds = Math.max(0, ...[...scaleUp.policies, ...scaleDown.policies].map(({ periodSeconds }) => periodSeconds));
  const changes = limited === current ? before.changes : [...before.changes, { atSeconds: nowSeconds, replicas: limited - current }];
  return {
    desired: limited,
    state: {
      recommendations: since([...before.recommendations, { atSeconds: nowSeconds, replicas: proposed }], nowSeconds - keepSeconds),
      changes: since(changes, nowSeconds - keepChangesSeconds),
    },
  };
}

/** calcPlainMetricReplicas: a pod without a metric counts as 0 when it is about more pods, as the target when it is about fewer. */
function replicasForMetric(current: number, metrics: readonly (number | null)[], target: number): number | null {
  const known = metrics.filter((value) => value !== null);
  if (known.length === 0) return null;
  const ratio = sum(known) / known.length / target;
  const missing = metrics.length - known.length;
  if (missing === 0) return isTolerated(ratio) ? current : Math.ceil(ratio * known.length);
  const assumed = ratio > 1 ? 0 : target;
  const newRatio = (sum(known) + missing * assumed) / metrics.length / target;
  if (isTolerated(newRatio) || (ratio < 1 && newRatio > 1) || (ratio > 1 && newRatio < 1)) return current;
  const replicas = Math.ceil(newRatio * metrics.length);
  const turns = (newRatio < 1 && replicas > current) || (newRatio > 1 && replicas < current);
  return turns ? current : replicas;
}

function isTolerated(ratio: number): boolean {
  return Math.abs(1 - ratio) <= tolerance;
}

/** Up: not above the lowest recommendation of its window. Down: not below the highest of its window. */
function stabilized(current: number, proposed: number, recommendations: readonly AtTime[], behavior: ScalingSpec['behavior'], nowSeconds: number): number {
  const within = ({ stabilizationWindowSeconds }: ScalingRules): readonly number[] =>
    recommendations.filter(({ atSeconds }) => atSeconds > nowSeconds - stabilizationWindowSeconds).map(({ replicas }) => replicas);
  const upAtMost = Math.min(proposed, ...within(behavior.scaleUp));
  const downAtLeast = Math.max(proposed, ...within(behavior.scaleDown));
  return Math.min(Math.max(current, upAtMost), downAtLeast);
}

function withinPolicies(current: number, wanted: number, changes: readonly AtTime[], behavior: ScalingSpec['behavior'], nowSeconds: number): number {
  if (wanted === current) return current;
  const isUp = wanted > current;
  const { selectPolicy, policies } = isUp ? behavior.scaleUp : behavior.scaleDown;
  if (selectPolicy === 'Disabled') return current;
  const limits = policies.map(({ type, value, periodSeconds }) => {
    const changed = sum(changes.filter(({ atSeconds }) => atSeconds > nowSeconds - periodSeconds).map(({ replicas }) => replicas));
    const atStart = current - changed;
    if (isUp) return type === 'Pods' ? atStart + value : Math.ceil(atStart * (1 + value / 100));
    return type === 'Pods' ? atStart - value : Math.trunc(atStart * (1 - value / 100));
  });
  // the policy that changes most, or least
  const widest = isUp === (selectPolicy === 'Max') ? Math.max(...limits) : Math.min(...limits);
  return isUp ? Math.min(wanted, Math.max(widest, current)) : Math.max(wanted, Math.min(widest, current));
}

function bounded(replicas: number, { minReplicas, maxReplicas }: ScalingSpec): number {
  return Math.min(maxReplicas, Math.max(minReplicas, replicas));
}

function since(list: readonly AtTime[], fromSeconds: number): readonly AtTime[] {
  return list.filter(({ atSeconds }) => atSeconds > fromSeconds);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
