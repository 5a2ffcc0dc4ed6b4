// The chart over a matrix of values: lint, golden manifests, and Helm 3 and 4 agree.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { chartCases } from './chartCases.ts';
import { at, chartFolder, fixtures, helm, helmPrograms, manifestOf, manifests, skipChart, template, withValues } from './chartTools.ts';

t.setTimeout(180_000);

/** With UPDATE_GOLDEN=1 in the environment they are written instead: look at the difference before it is committed. */
const isUpdate = process.env['UPDATE_GOLDEN'] === '1';

t.test('the chart', { skip: skipChart }, async (t) => {
  for (const [name, chartCase] of Object.entries(chartCases)) {
    await t.test(`is what it was with the values ${name}`, async (t) => {
      const file = join(fixtures, 'golden', `${name}.yaml`);
      const [helm3, helm4] = helmPrograms.map((program) => template(program, chartCase));
      t.equal(helm4?.status, 0, String(helm4?.stderr));
      t.equal(helm3?.stdout, helm4?.stdout, 'Helm 3 renders what Helm 4 renders');
      if (isUpdate) writeFileSync(file, withoutDashboard(helm4?.stdout ?? ''));
      t.ok(existsSync(file), 'there is a golden file');
      t.equal(withoutDashboard(helm4?.stdout ?? ''), readFileSync(file, 'utf8'));
    });

    await t.test(`passes helm lint --strict with the values ${name}`, async (t) => {
      for (const program of helmPrograms) {
        const { status, stdout, stderr } = withValues(chartCase.values ?? {}, (file) => helm(program, ['lint', '--strict', chartFolder, '--values', file]));
        t.equal(status, 0, `${program}: ${stdout}${stderr}`);
      }
    });
  }

  await t.test('the dashboard is in its ConfigMap as it is in the chart', async (t) => {
    const dashboard = manifests({}).find(({ metadata }) => metadata.name.endsWith('-dashboard'));
    t.same(JSON.parse(String(at(dashboard, 'data', 'vortex-config.json'))), JSON.parse(readFileSync(join(chartFolder, 'files/dashboard.json'), 'utf8')));
  });

  await t.test('what the Service, the budget and the policy select is the pods, and not the pod of helm test', async (t) => {
    const all = manifests({ values: { networkPolicy: { enabled: true } } });
    const labels = at(manifestOf(all, 'Deployment'), 'spec', 'template', 'metadata', 'labels') as Record<string, string>;
    const testLabels = manifestOf(all, 'Pod').metadata.labels ?? {};
    const selectors = {
      Deployment: at(manifestOf(all, 'Deployment'), 'spec', 'selector', 'matchLabels'),
      Service: at(manifestOf(all, 'Service'), 'spec', 'selector'),
      PodDisruptionBudget: at(manifestOf(all, 'PodDisruptionBudget'), 'spec', 'selector', 'matchLabels'),
      NetworkPolicy: at(manifestOf(all, 'NetworkPolicy'), 'spec', 'podSelector', 'matchLabels'),
    };
    for (const [kind, selector] of Object.entries(selectors)) {
      const wanted = Object.entries(selector as Record<string, string>);
      t.ok(wanted.length > 0 && wanted.every(([name, value]) => labels[name] === value), `${kind} selects the pods`);
      t.notOk(
        wanted.every(([name, value]) => testLabels[name] === value),
        `${kind} does not select the test`,
      );
    }
  });

  await t.test('helm package makes an archive that renders the same', async (t) => {
    const folder = t.testdir({});
    const packed = helm('helm4', ['package', chartFolder, '--destination', folder]);
    t.equal(packed.status, 0, packed.stderr);
    const { version } = JSON.parse(readFileSync(join(chartFolder, '../../package.json'), 'utf8')) as { version: string };
    const argv = ['config', '--namespace', 'platform', '--kube-version', '1.34.0'];
    const rendered = helm('helm4', ['template', argv[0] ?? '', join(folder, `vortex-config-${version}.tgz`), ...argv.slice(1)]);
    t.equal(rendered.stdout, template('helm4', {}).stdout);
  });
});

/** A thousand lines of JSON in each golden file would say nothing that its own test does not. */
function withoutDashboard(text: string): string {
  return text.replace(/( {2}vortex-config\.json: \|\n)(?: {4}.*\n|\s*\n)+/, '$1    …\n');
}
