// Helm 3 and 4 as `npm run chart:tools` brings them, and the chart rendered by them.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseAllDocuments } from 'yaml';

const projectRoot = resolve(import.meta.dirname, '../../../..');

export const chartFolder = join(projectRoot, 'charts/vortex-config');
export const fixtures = join(projectRoot, 'test/services/chart/fixtures');
export const toolsFolder = join(projectRoot, 'node_modules/.cache/chart-tools');

const isMissing = !existsSync(join(toolsFolder, '.installed'));

/** Why the tests of the chart cannot run here; false where they can, and in CI, where a missing tool is a failure. */
export const skipChart = isMissing && process.env['CI'] === undefined ? 'npm run chart:tools was not run' : false;

export const helmPrograms = ['helm3', 'helm4'] as const;

export type HelmProgram = (typeof helmPrograms)[number];

export interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export function helm(program: HelmProgram, argv: readonly string[]): Run {
  const { status, stdout, stderr, error } = spawnSync(join(toolsFolder, program, 'helm/helm'), argv, { encoding: 'utf8', maxBuffer: 1 << 26 });
  if (error !== undefined) throw error;
  return { status, stdout, stderr };
}

export interface ChartCase {
  readonly values?: unknown;
  readonly kubeVersion?: string;
  readonly apiVersions?: readonly string[];
  readonly release?: string;
}

/** `helm template`; the text on stdout are the manifests. */
export function template(program: HelmProgram, { values = {}, kubeVersion = '1.34.0', apiVersions = [], release = 'config' }: ChartCase): Run {
  const versions = apiVersions.flatMap((version) => ['--api-versions', version]);
  return withValues(values, (file) =>
    helm(program, ['template', release, chartFolder, '--namespace', 'platform', '--kube-version', kubeVersion, '--values', file, ...versions]),
  );
}

export function withValues<Result>(values: unknown, use: (file: string) => Result): Result {
  const folder = mkdtempSync(join(tmpdir(), 'vortex-chart-'));
  try {
    const file = join(folder, 'values.json');
    writeFileSync(file, JSON.stringify(values));
    return use(file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What the tests ask of a manifest; everything else is looked up by path. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  readonly [field: string]: unknown;
}

/** Throws with Helm's message when the chart is refused. */
export function manifests(chartCase: ChartCase, program: HelmProgram = 'helm4'): readonly Manifest[] {
  const { status, stdout, stderr } = template(program, chartCase);
  if (status !== 0) throw new Error(stderr);
  return parseAllDocuments(stdout).map((document) => document.toJS() as Manifest);
}

export function manifestOf(all: readonly Manifest[], kind: string): Manifest {
  const found = all.find((manifest) => manifest.kind === kind);
  if (found === undefined) throw new Error(`there is no ${kind}`);
  return found;
}

/** The value at a path of names and indexes; undefined where there is none. */
export function at(node: unknown, ...path: readonly (string | number)[]): unknown {
  let found = node;
  for (const step of path) found = typeof found === 'object' && found !== null ? (found as Readonly<Record<string, unknown>>)[step] : undefined;
  return found;
}
