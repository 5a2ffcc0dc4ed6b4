// The autoscaler of the simulation decides as Kubernetes documents it.
import t from 'tap';
import { decideReplicas, scalingInitial, type ScalingSpec, type ScalingState } from '../../../bench/autoscaling/horizontalPodAutoscaler.ts';
import { loadProfile } from '../../../bench/autoscaling/loadProfile.ts';
import { scalingBars, type Moment } from '../../../bench/autoscaling/scalingVerdict.ts';

const spec: ScalingSpec = {
  minReplicas: 2,
  maxReplicas: 10,
  target: 100,
  behavior: {
    scaleUp: {
      stabilizationWindowSeconds: 0,
      selectPolicy: 'Max',
      policies: [
        { type: 'Percent', value: 100, periodSeconds: 15 },
        { type: 'Pods', value: 4, periodSeconds: 15 },
      ],
    },
    scaleDown: { stabilizationWindowSeconds: 300, selectPolicy: 'Max', policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }] },
  },
};

function desired(current: number, metrics: readonly (number | null)[], state: ScalingState = scalingInitial, nowSeconds = 1_000): number {
  return decideReplicas(spec, state, current, metrics, nowSeconds).desired;
}

t.test('the number of pods is ceil(pods x average / target)', async (t) => {
  t.equal(desired(2, [150, 150]), 3);
  t.equal(desired(3, [130, 110, 150]), 4);
  t.equal(desired(4, [60, 60, 60, 60]), 3);
});

t.test('within a tenth of the target nothing changes', async (t) => {
  t.equal(desired(2, [109, 109]), 2);
  t.equal(desired(4, [91, 91, 91, 91]), 4);
  t.equal(desired(2, [111, 111]), 3);
});

t.test('a pod without a metric counts as idle when there is too much load, as busy when there is too little', async (t) => {
  // two of three at 180: without the third 6 pods, with it at 0 four
  t.equal(desired(3, [180, 180, null]), 4);
  // two of three at 60: with the third at 100 the average is 73
  t.equal(desired(3, [60, 60, null]), 3);
  t.equal(desired(4, [10, 10, 10, null]), 3);
  // it would turn the direction
  t.equal(desired(2, [150, null]), 2);
  t.equal(desired(4, [null, null, null, null]), 4, 'no metric at all: nothing is decided');
});

t.test('up: at most double or four more in 15 s, whichever is more, and never above the most', async (t) => {
  t.equal(desired(2, [2_000, 2_000]), 6);
  t.equal(desired(6, [900, 900, 900, 900, 900, 900]), 10);
  const first = decideReplicas(spec, scalingInitial, 2, [2_000, 2_000], 0);
  t.equal(first.desired, 6);
  t.equal(decideReplicas(spec, first.state, 6, Array<number>(6).fill(2_000), 10).desired, 6, 'the period of the policy is not over');
  t.equal(decideReplicas(spec, first.state, 6, Array<number>(6).fill(2_000), 16).desired, 10);
});

t.test('down: after five minutes in which nobody asked for more, one pod a minute', async (t) => {
  let state = scalingInitial;
  let replicas = 6;
  const seen: [number, number][] = [];
  for (let now = 0; now <= 900; now += 15) {
    const load = now === 0 ? 600 : 100;
    const decision = decideReplicas(spec, state, replicas, Array<number>(replicas).fill(load / replicas), now);
    if (decision.desired !== replicas) seen.push([now, decision.desired]);
    ({ state, desired: replicas } = decision);
  }
  t.strictSame(seen, [
    [300, 5],
    [360, 4],
    [420, 3],
    [480, 2],
  ]);
});

t.test('a short dip during the window changes nothing', async (t) => {
  let state = scalingInitial;
  for (const [now, load] of [
    [0, 600],
    [60, 100],
    [120, 600],
    [180, 600],
  ] as const) {
    const decision = decideReplicas(spec, state, 6, Array<number>(6).fill(load / 6), now);
    t.equal(decision.desired, 6);
    ({ state } = decision);
  }
});

t.test('the bars fall when pods are late, too few, flapping or left over, or a request is lost', async (t) => {
  const profile = loadProfile(100);
  const good = (atSeconds: number): Moment => {
    const replicas = atSeconds < 240 ? 2 : atSeconds < 1_200 ? 7 : 2;
    return { atSeconds, offered: profile.rateAt(atSeconds), measured: 0, replicas, ready: replicas };
  };
  const timeline = Array.from({ length: 112 }, (_, look) => good(look * 15));
  const requests = { answered: 1, retried: 0, lost: 0 };
  const fallen = (moments: readonly Moment[], lost = 0): readonly string[] =>
    scalingBars(moments, profile, spec, 154, { ...requests, lost })
      .filter(({ holds }) => !holds)
      .map(({ name }) => name.split(/[ ,:]/)[0] ?? '');
  t.strictSame(fallen(timeline), []);
  t.strictSame(fallen(timeline.map((moment) => (moment.atSeconds < 405 ? { ...moment, replicas: 2 } : moment))), ['first']);
  t.strictSame(fallen(timeline.map((moment) => ({ ...moment, ready: Math.min(5, moment.ready) }))), ['pods']);
  t.strictSame(fallen(timeline.map((moment) => (moment.atSeconds === 600 ? { ...moment, replicas: 6 } : moment))), ['no']);
  t.strictSame(fallen(timeline.map((moment) => (moment.atSeconds > 1_600 ? { ...moment, replicas: 1 } : moment))), ['back']);
  t.strictSame(fallen(timeline, 1), ['no']);
});
