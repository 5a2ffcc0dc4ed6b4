// Values that cannot work are refused when the chart is rendered, with a message that says why.
import t from 'tap';
import { helmPrograms, skipChart, template } from './chartTools.ts';

t.setTimeout(180_000);

const drain = (settings: Readonly<Record<string, string>>): unknown => ({ server: { drain: settings } });

const refused: readonly { readonly name: string; readonly values: unknown; readonly message: RegExp }[] = [
  {
    name: 'a grace period shorter than the drain',
    values: { terminationGracePeriodSeconds: 30 },
    message: /terminationGracePeriodSeconds 30 is shorter than the drain: 5 s of preStop \+ vortex.server.drain.timeout 30s \+ 1 s = 36 s/,
  },
  {
    name: 'a preStop sleep that does not fit into the grace period',
    values: { preStopSeconds: 30, terminationGracePeriodSeconds: 60 },
    message: /30 s of preStop .* = 61 s/,
  },
  {
    name: 'phases of the drain longer than its timeout',
    values: { vortex: drain({ propagationDelay: '20s', spread: '1m30s', timeout: '1m50s' }) },
    message: /propagationDelay 20s \+ spread 1m30s \+ 1s is longer than timeout 1m50s/,
  },
  {
    name: 'a duration without a unit',
    values: { vortex: { server: { drain: { timeout: 30 } } } },
    message: /timeout.*(got number, want string|Expected: string)/,
  },
  { name: 'a duration with a unit that there is not', values: { vortex: drain({ timeout: '30 seconds' }) }, message: /timeout.*(pattern|match)/ },
  {
    name: 'one number for both ports of the pod',
    values: { vortex: { management: { port: 8080 } } },
    message: /vortex.server.port and vortex.management.port are both 8080/,
  },
  { name: 'one number for both ports of the Service', values: { service: { port: 9090 } }, message: /service.port and service.managementPort are both 9090/ },
  { name: 'a port that the system would choose', values: { vortex: { server: { port: 0 } } }, message: /must be fixed ports/ },
  {
    name: 'a snapshot that does not fit into the memory limit',
    values: { vortex: { cache: { maxBytes: '256MiB' } } },
    message: /resources.limits.memory 256Mi is too little: .* 2000 answers .* twice vortex.cache.maxBytes 256MiB are 707 MiB/,
  },
  {
    name: 'more answers than fit into the memory limit',
    values: { vortex: { cache: { maxCapacity: 10_000 } }, resources: { limits: { memory: '0.25Gi' } } },
    message: /resources.limits.memory 0.25Gi is too little: .* 10000 answers .* are 462 MiB/,
  },
  {
    name: 'fewer replicas at most than at least',
    values: { autoscaling: { minReplicas: 5, maxReplicas: 3 } },
    message: /minReplicas 5 is more than autoscaling.maxReplicas 3/,
  },
  {
    name: 'an HPA without a metric',
    values: { autoscaling: { cpuUtilization: 0, memoryUtilization: 0, requestsPerSecond: { enabled: false }, subscribers: { enabled: false } } },
    message: /autoscaling has no metric/,
  },
  { name: 'KEDA without an address of Prometheus', values: { keda: { enabled: true } }, message: /keda.serverAddress is missing/ },
  {
    name: 'KEDA with nothing to ask Prometheus',
    values: { keda: { enabled: true, serverAddress: 'x' }, autoscaling: { requestsPerSecond: { enabled: false }, subscribers: { enabled: false } } },
    message: /keda asks Prometheus/,
  },
  {
    name: 'a drain setting behind the back of the chart',
    values: { extraEnv: [{ name: 'VORTEX_SERVER_DRAIN_TIMEOUT', value: '2m' }] },
    message: /VORTEX_SERVER_DRAIN_TIMEOUT must be set below vortex/,
  },
  {
    name: 'a secret given twice',
    values: { secrets: ['token', 'token'].map((key) => ({ setting: 'backends.git.token', secretName: 'git', key })) },
    message: /secrets: backends.git.token is given twice/,
  },
  {
    name: 'a secret among the settings',
    values: { vortex: { backends: { git: { uri: 'https://x/y', token: 'secret' } } } },
    message: /additional propert.*token/i,
  },
  {
    name: 'a secret of a composite entry among the settings',
    values: { vortex: { backends: { composite: [{ type: 'git', uri: '/x', password: 'x' }] } } },
    message: /composite/,
  },
  {
    name: 'a secret whose setting leads out of its folder',
    values: { secrets: [{ setting: '../../etc/x.y', secretName: 'a', key: 'b' }] },
    message: /setting/,
  },
  { name: 'a setting that there is not', values: { vortex: { server: { prot: 1 } } }, message: /additional propert.*prot/i },
  { name: 'a setting of the wrong type', values: { vortex: { cache: { ttlSeconds: 'long' } } }, message: /ttlSeconds/ },
  {
    name: 'a setting that the chart sets, under its other name',
    values: { vortex: { server: { drain: { 'propagation-delay': '1s' } } } },
    message: /propagation-delay/,
  },
  {
    name: 'a setting that the chart computes from, taken away',
    values: { vortex: { server: { drain: null } } },
    message: /drain.*required|missing propert.*drain/i,
  },
  { name: 'a value that there is not', values: { autoscaling: { maxReplica: 3 } }, message: /additional propert.*maxReplica/i },
  {
    name: 'an Ingress without a path',
    values: { ingress: { enabled: true, paths: { config: false, ws: false, vortex: false } } },
    message: /ingress.paths: all are off/,
  },
];

t.test('the chart refuses', { skip: skipChart }, async (t) => {
  for (const { name, values, message } of refused) {
    await t.test(name, async (t) => {
      for (const program of helmPrograms) {
        const { status, stderr } = template(program, { values });
        t.not(status, 0, program);
        t.match(stderr, message, program);
      }
    });
  }

  await t.test('everything that is wrong at once', async (t) => {
    const { stderr } = template('helm4', { values: { terminationGracePeriodSeconds: 5, service: { port: 9090 }, autoscaling: { minReplicas: 20 } } });
    for (const message of [/shorter than the drain/, /are both 9090/, /minReplicas 20/]) t.match(stderr, message);
  });

  await t.test('not the values of other charts beside it', async (t) => {
    t.equal(template('helm3', { values: { global: { any: 1 } } }).status, 0);
  });
});
