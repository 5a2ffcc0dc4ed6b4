// Every manifest of the matrix against the API of Kubernetes, prometheus-operator and KEDA: validators for types and required fields,
// and the compiler over their types for fields that there are not.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import t from 'tap';
import ts from 'typescript';
import { chartCases } from './chartCases.ts';
import { manifestOf, manifests, skipChart, toolsFolder, type Manifest } from './chartTools.ts';

t.setTimeout(240_000);

interface Model {
  validate(): void;
}

/** The package that has the model of an API group. */
function modelPath({ apiVersion, kind }: Manifest): string {
  const group = apiVersion.split('/')[0] ?? '';
  const operators: Readonly<Record<string, string>> = {
    'monitoring.coreos.com': '@kubernetes-models/prometheus-operator',
    'keda.sh': '@kubernetes-models/keda',
  };
  return `${operators[group] ?? 'kubernetes-models'}/${apiVersion}/${kind}`;
}

async function validate(manifest: Manifest): Promise<void> {
  const file = join(toolsFolder, 'node_modules', `${modelPath(manifest)}.js`);
  const module = (await import(pathToFileURL(file).href)) as Readonly<Record<string, new (data: unknown) => Model>>;
  const Kind = module[manifest.kind];
  if (Kind === undefined) throw new Error(`${file} has no ${manifest.kind}`);
  new Kind(manifest).validate();
}

/** Messages of the compiler for manifests written as literals of their types. */
function compile(all: readonly Manifest[]): readonly string[] {
  const folder = mkdtempSync(join(toolsFolder, 'types-'));
  try {
    const files = all.map((manifest, index) => {
      const file = join(folder, `manifest${index}.ts`);
      const literal = JSON.stringify(manifest, null, 1);
      writeFileSync(file, `import type { I${manifest.kind} } from '${modelPath(manifest)}';\nexport const manifest: I${manifest.kind} = ${literal};\n`);
      return file;
    });
    const program = ts.createProgram(files, {
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      types: [],
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
    });
    return ts.getPreEmitDiagnostics(program).map(({ messageText, file, start }) => {
      const line = file === undefined ? '' : (file.text.slice(0, start ?? 0).match(/"kind": "\w+"/)?.[0] ?? '');
      return `${line} ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

t.test('the manifests', { skip: skipChart }, async (t) => {
  const all = Object.values(chartCases).flatMap((chartCase) => manifests(chartCase));

  await t.test('are valid for the API', async (t) => {
    for (const manifest of all) await t.resolves(validate(manifest), `${manifest.kind} ${manifest.metadata.name}`);
  });

  await t.test('have no field that the API does not have', async (t) => {
    t.strictSame(compile(all), []);
  });

  await t.test('are of every kind that the chart can make', async (t) => {
    const kinds =
      'ConfigMap Deployment HorizontalPodAutoscaler Ingress NetworkPolicy Pod PodDisruptionBudget PrometheusRule ScaledObject Service ServiceAccount ServiceMonitor';
    t.strictSame([...new Set(all.map(({ kind }) => kind))].sort(), kinds.split(' '));
  });

  await t.test('would fail if they were wrong', async (t) => {
    const deployment = manifestOf(all, 'Deployment');
    await t.rejects(validate({ ...deployment, spec: { ...(deployment['spec'] as object), replicas: 'two' } }), /replicas must be integer/);
    t.match(compile([{ ...deployment, spec: { ...(deployment['spec'] as object), replica: 2 } }]).join('\n'), /'"replica"' does not exist/);
  });
});
