// What the chart renders for the server is what the server takes: the built server runs with the rendered settings and variables.
import t from 'tap';
import { parse } from 'yaml';
import { startServer } from '../../fixtures/server.ts';
import { problemLines, validSettings } from '../../unit/settings/resolveTexts.ts';
import { environmentName } from '../../../src/settings/optionNames.ts';
import { optionList } from '../../../src/settings/optionList.ts';
import { chartCases } from './chartCases.ts';
import { at, chartFolder, helm, manifestOf, manifests, skipChart, template, type ChartCase, type Manifest } from './chartTools.ts';

t.setTimeout(180_000);

function settingsText(all: readonly Manifest[]): string {
  return String(at(manifestOf(all, 'ConfigMap'), 'data', 'config.yaml'));
}

function container(all: readonly Manifest[]): unknown {
  return at(manifestOf(all, 'Deployment'), 'spec', 'template', 'spec', 'containers', 0);
}

interface Variable {
  readonly name: string;
  readonly value: string;
}

function variables(all: readonly Manifest[]): readonly Variable[] {
  return (at(container(all), 'env') as readonly Variable[] | undefined) ?? [];
}

t.test('the rendered settings', { skip: skipChart }, async (t) => {
  for (const [name, chartCase] of Object.entries(chartCases)) {
    await t.test(`of the values ${name} are accepted by the server`, async (t) => {
      const all = manifests(chartCase);
      const environment = Object.fromEntries(variables(all).map(({ name, value }) => [name, value]));
      const secretPaths = Object.values(environment).filter((value) => value.startsWith('/run/secrets/vortex-config/'));
      const files = Object.fromEntries(secretPaths.map((path) => [path, 'secret\n']));
      t.strictSame(problemLines({ yaml: settingsText(all), environment, files }), []);
    });
  }

  await t.test('run a server whose probes answer at the rendered paths, with and without a prefix', async (t) => {
    for (const prefix of ['', '/platform']) {
      const all = manifests({ values: { vortex: { server: { prefix } } } });
      const settings = parse(settingsText(all)) as Record<string, Record<string, unknown>>;
      const server = await startServer(t, {
        files: { 'orders.yml': 'a: 1\n' },
        settings: { ...settings, server: { ...settings['server'], port: 0 }, management: { port: 0 }, storage: {} },
      });
      for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe']) {
        const path = String(at(container(all), probe, 'httpGet', 'path'));
        t.equal(at(container(all), probe, 'httpGet', 'port'), 'http');
        t.equal((await server.get(path)).status, 200, `${probe} ${path}`);
      }
      const ingress = manifestOf(manifests({ values: { vortex: { server: { prefix } }, ingress: { enabled: true } } }), 'Ingress');
      const path = String(at(ingress, 'spec', 'rules', 0, 'http', 'paths', 0, 'path'));
      t.equal((await server.get(`${path}/orders/prod`)).status, 200, path);
      const test = String(at(manifestOf(all, 'Pod'), 'spec', 'containers', 0, 'args', 0));
      const asked = [...test.matchAll(/http:\/\/config-vortex-config:8080(\S+)/g)].map((match) => match[1] ?? '');
      t.equal(asked.length, 2);
      for (const target of asked) t.equal((await server.get(target)).status, 200, `helm test asks ${target}`);
      await server.stop();
    }
  });

  await t.test('take a secret from its mounted file', async (t) => {
    const all = manifests({
      values: {
        vortex: { backends: { git: { uri: 'https://127.0.0.1:1/config.git', username: 'reader' } } },
        secrets: [{ setting: 'backends.git.password', secretName: 'git', key: 'password' }],
      },
    });
    const environment = Object.fromEntries(variables(all).map(({ name, value }) => [name, value]));
    t.strictSame(environment, { VORTEX_BACKENDS_GIT_PASSWORD_FILE: '/run/secrets/vortex-config/backends.git.password' });
    const files = { '/run/secrets/vortex-config/backends.git.password': 'hunter2\n' };
    const { settings } = validSettings({ yaml: settingsText(all), environment, files });
    t.equal(settings.backends.git.password?.reveal(), 'hunter2');
    const mounted = at(manifestOf(all, 'Deployment'), 'spec', 'template', 'spec', 'volumes') as readonly unknown[];
    const secret = mounted.find((volume) => at(volume, 'name') === 'secrets');
    t.strictSame(at(secret, 'projected', 'sources', 0, 'secret'), { name: 'git', items: [{ key: 'password', path: 'backends.git.password' }] });
  });
});

t.test('the variable of every secret is the one that the server reads', { skip: skipChart }, async (t) => {
  const secrets = optionList().filter(({ option }) => option.type.kind === 'secret');
  t.ok(secrets.length >= 4);
  const all = manifests({ values: { secrets: secrets.map(({ path }) => ({ setting: path, secretName: 'all', key: 'x' })) } });
  t.strictSame(
    variables(all).map(({ name }) => name),
    secrets.map(({ segments }) => `${environmentName(segments)}_FILE`),
  );
});

const unchanged: ChartCase = {};

t.test('an upgrade', { skip: skipChart }, async (t) => {
  const checksum = (chartCase: ChartCase): unknown =>
    at(manifestOf(manifests(chartCase), 'Deployment'), 'spec', 'template', 'metadata', 'annotations', 'checksum/config');

  await t.test('restarts the pods when a setting changes, and only then', async (t) => {
    t.not(checksum({ values: { vortex: { cache: { ttlSeconds: 60 } } } }), checksum(unchanged));
    t.equal(checksum({ values: { ingress: { enabled: true }, autoscaling: { maxReplicas: 20 } } }), checksum(unchanged));
  });

  await t.test('never changes what Kubernetes does not let change, and a rollback renders what was', async (t) => {
    const before = manifests(unchanged);
    for (const chartCase of Object.values(chartCases)) {
      if (at(chartCase.values, 'fullnameOverride') !== undefined) continue;
      const after = manifests(chartCase);
      t.strictSame(at(manifestOf(after, 'Deployment'), 'spec', 'selector'), at(manifestOf(before, 'Deployment'), 'spec', 'selector'));
    }
    t.strictSame(manifests(unchanged), before);
    const upgraded = helm('helm4', ['template', 'config', chartFolder, '--namespace', 'platform', '--kube-version', '1.34.0', '--is-upgrade']);
    t.equal(upgraded.stdout, template('helm4', unchanged).stdout, 'an upgrade renders what an install renders');
  });

  await t.test('leaves the number of replicas to the autoscaler', async (t) => {
    t.equal(at(manifestOf(manifests(unchanged), 'Deployment'), 'spec', 'replicas'), undefined);
    const keda = manifests(chartCases['keda'] ?? {});
    t.equal(at(manifestOf(keda, 'Deployment'), 'spec', 'replicas'), undefined);
    t.notOk(
      keda.some(({ kind }) => kind === 'HorizontalPodAutoscaler'),
      'KEDA makes its own HPA',
    );
    t.equal(at(manifestOf(manifests({ values: { autoscaling: { enabled: false } } }), 'Deployment'), 'spec', 'replicas'), 2);
  });
});

t.test('the rendered pod keeps the rules of the restricted pod security standard', { skip: skipChart }, async (t) => {
  for (const [name, chartCase] of Object.entries(chartCases)) {
    const all = manifests(chartCase);
    for (const spec of [at(manifestOf(all, 'Deployment'), 'spec', 'template', 'spec'), at(manifestOf(all, 'Pod'), 'spec')]) {
      t.match(at(spec, 'securityContext'), { runAsNonRoot: true, runAsUser: 10_001, seccompProfile: { type: 'RuntimeDefault' } }, name);
      const own = { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } };
      t.match(at(spec, 'containers', 0, 'securityContext'), own, name);
      t.equal(at(spec, 'automountServiceAccountToken'), false);
    }
    const mounts = at(container(all), 'volumeMounts') as readonly { readonly name: string; readonly mountPath: string; readonly readOnly?: boolean }[];
    t.strictSame(
      mounts.filter(({ readOnly }) => readOnly !== true).map(({ mountPath }) => mountPath),
      ['/var/lib/vortex-config', '/tmp'],
    );
  }
});
