// What the simulation is judged by, from its timeline. Pure.
import type { LoadProfile } from './loadProfile.ts';
import type { ScalingSpec } from './horizontalPodAutoscaler.ts';

/** One look of the autoscaler, in seconds of the cluster. */
export interface Moment {
  readonly atSeconds: number;
  /** Requests per second that clients send. */
  readonly offered: number;
  /** What Prometheus says, all pods together. */
  readonly measured: number;
  readonly replicas: number;
  readonly ready: number;
}

export interface Requests {
  readonly answered: number;
  /** Sent to a pod that was killed and answered by another. */
  readonly retried: number;
  readonly lost: number;
}

export interface Bar {
  readonly name: string;
  readonly seen: string;
  readonly holds: boolean;
}

const decisionSecondsMax = 90;

/** `capacity`: requests per second of one pod; its target is a part of it. */
export function scalingBars(timeline: readonly Moment[], profile: LoadProfile, spec: ScalingSpec, capacity: number, requests: Requests): readonly Bar[] {
  const tooMuchFrom = timeline.find(({ offered, replicas }) => offered > spec.target * replicas * 1.1)?.atSeconds ?? Infinity;
  const decidedAt = timeline.find(({ replicas }) => replicas > spec.minReplicas)?.atSeconds ?? Infinity;
  const decisionSeconds = decidedAt - tooMuchFrom;
  const peak = timeline.filter(({ atSeconds }) => atSeconds >= profile.peak.fromSeconds && atSeconds < profile.peak.toSeconds);
  const spare = Math.min(...peak.map(({ ready, offered }) => ready - Math.ceil(offered / capacity)));
  const turns = directionChanges(timeline);
  const last = timeline.at(-1)?.replicas ?? 0;
  const highest = Math.max(...timeline.map(({ replicas }) => replicas));
  return [
    {
      name: `first scale-up within ${decisionSecondsMax} s of the load that needs it`,
      seen: `${decisionSeconds.toFixed(0)} s`,
      holds: decisionSeconds <= decisionSecondsMax,
    },
    { name: 'pods that are ready above those needed, least at the peak', seen: String(spare), holds: peak.length > 0 && spare >= 0 },
    { name: 'no flapping: up with the load, down with the load', seen: `${turns} turn${turns === 1 ? '' : 's'}, ${highest} pods at most`, holds: turns === 1 },
    { name: `back at ${spec.minReplicas} pods in the end`, seen: String(last), holds: last === spec.minReplicas },
    { name: 'no request lost', seen: `${requests.answered} answered, ${requests.retried} retried, ${requests.lost} lost`, holds: requests.lost === 0 },
  ];
}

function directionChanges(timeline: readonly Moment[]): number {
  const steps = timeline.slice(1).map(({ replicas }, index) => Math.sign(replicas - (timeline[index]?.replicas ?? replicas)));
  const moves = steps.filter((step) => step !== 0);
  return moves.filter((step, index) => index > 0 && step !== moves[index - 1]).length;
}
