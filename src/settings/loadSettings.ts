// Loads the settings of this process: the only place that reads its environment and its settings file.
import { readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import type { Layer } from './assignment.ts';
import { options } from './options.ts';
import type { Problem } from './problem.ts';
import type { Flag } from './readFlags.ts';
import { readTree } from './readTree.ts';
import { resolveSettings, type ResolvedSettings } from './resolveSettings.ts';

/** Read when no `--config` is given, if it exists. */
export const defaultSettingsFile = '/etc/vortex-config/config.yaml';

const fileBytesMax = 1_048_576;

/** `file` is the argument of `--config`, null without it. */
export async function loadSettings(file: string | null, flags: readonly Flag[]): Promise<ResolvedSettings> {
  // oxlint-disable-next-line node/no-process-env -- this is the one place that reads it
  const environment = process.env;
  return resolveSettings({
    file: await fileLayer(file),
    flags,
    platform: { isRoot: process.getuid?.() === 0, homeDirectory: homedir(), environment },
    readFile: readBounded,
  });
}

async function fileLayer(file: string | null): Promise<Layer> {
  const path = file ?? defaultSettingsFile;
  let text: string;
  try {
    text = readBounded(path);
  } catch (error) {
    if (file === null && isErrorOf(error, 'ENOENT', 'ENOTDIR')) return { assignments: [], problems: [] };
    const reason = error instanceof Error ? error.message : String(error);
    return { assignments: [], problems: [problemOfFile(path, `cannot read the settings file: ${reason}`)] };
  }
  // The YAML parser takes some 30 ms to load: a server that is configured by variables alone starts without it.
  const { parseSettingsFile } = await import('./parseSettingsFile.ts');
  const { root, problems } = parseSettingsFile(text, path);
  if (root === null) return { assignments: [], problems };
  const layer = readTree(root, options);
  return { assignments: layer.assignments, problems: [...problems, ...layer.problems] };
}

function readBounded(path: string): string {
  const { size } = statSync(path);
  if (size > fileBytesMax) throw new Error(`${path} has ${size} bytes, more than ${fileBytesMax}`);
  return readFileSync(path, 'utf8');
}

function isErrorOf(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}

function problemOfFile(file: string, message: string): Problem {
  return { path: '', message, origin: { kind: 'file', file, line: 0, column: 0 } };
}
