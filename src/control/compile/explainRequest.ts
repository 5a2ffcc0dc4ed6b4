// The body of /explain: per key what won, where it stands, and what it hides.
import { ContentPending } from '../../core/resolve/contentPending.ts';
import { DependencyCollector } from '../../core/resolve/dependencyCollector.ts';
import { explain } from '../../core/resolve/explain.ts';
import { resolveEnvironment } from '../../core/resolve/resolveEnvironment.ts';
import { Failure } from '../../model/failure.ts';
import type { CompileContext } from './compileEntry.ts';
import type { ExplainResult, ExplainTask } from './compileTask.ts';

/** Integers keep all their digits as text; floats and the rest are plain JSON. */
export function explainRequest(task: ExplainTask, context: CompileContext): ExplainResult {
  try {
    const environment = resolveEnvironment(task.request, context.options, {
      view: context.view,
      parse: (file) => context.cache.parse(file),
      decryption: context.decryption,
      dependencies: new DependencyCollector(() => undefined),
      onPassedOver: () => undefined,
      onStandIn: () => undefined,
    });
    const { name, profiles, label, version } = environment;
    const body = { name, profiles: profiles.split(','), label, version, keys: explain(environment) };
    return { kind: 'explained', body: JSON.stringify(body, plainValue, 2) };
  } catch (error) {
    if (error instanceof ContentPending) return { kind: 'pending', repository: error.repository, label: error.label };
    if (error instanceof Failure) return { kind: 'failed', code: error.code, message: error.message };
    throw error;
  }
}

function plainValue(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  return value;
}
