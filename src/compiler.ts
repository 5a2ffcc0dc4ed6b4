// Entry of a compile thread (piscina): resolves, renders and packs, so that the primary's loop never does.
import { workerData } from 'node:worker_threads';
import { ContentCache } from './control/compile/contentCache.ts';
import { ContentLookup } from './control/compile/contentLookup.ts';
import { compileEntry, type CompileContext } from './control/compile/compileEntry.ts';
import type {
  ContentSnapshot,
  EntryFailure,
  ExplainResult,
  ExplainTask,
  PendingEntry,
  PublishResult,
  PublishTask,
  ResolveResult,
  ResolveTask,
} from './control/compile/compileTask.ts';
import { explainRequest } from './control/compile/explainRequest.ts';
import { publishEpoch } from './control/compile/publishEpoch.ts';
import type { ResolutionOptions } from './model/backend.ts';
import type { CompiledEntry } from './snapshot/entry.ts';
import { writeSegment } from './snapshot/segmentWriter.ts';

// piscina hands workerData through as it was given; the first element is its own.
const options = (Array.isArray(workerData) ? workerData[1] : workerData) as ResolutionOptions;
const cache = new ContentCache(options.limits);

export function resolve(task: ResolveTask): ResolveResult {
  const context = contextOf(task.content, task.nowSeconds);
  const compiled: CompiledEntry[] = [];
  const pending: PendingEntry[] = [];
  const failures: EntryFailure[] = [];
  for (const [index, entry] of task.entries.entries()) {
    const outcome = compileEntry(entry, context);
    if (outcome.kind === 'pending') {
      pending.push({ index, repository: outcome.repository, label: outcome.label });
      continue;
    }
    compiled.push(outcome.compiled);
    if (outcome.failure !== null) {
      // The fallback that is missing says nothing: why it was tried does.
      const { code, message } = outcome.broken ?? outcome.failure;
      failures.push({ key: entry.key, code, message, heldBack: false });
    }
  }
  return { segment: writeSegment(compiled), pending, failures };
}

export function publish(task: PublishTask): PublishResult {
  return publishEpoch(task, contextOf(task.content, 0));
}

export function explain(task: ExplainTask): ExplainResult {
  return explainRequest(task, contextOf(task.content, 0));
}

function contextOf(content: ContentSnapshot, nowSeconds: number): CompileContext {
  return { options, view: new ContentLookup(content, cache), cache, slots: content.slots, nowSeconds };
}
