// One compile thread's work: resolves, renders and packs, with what it remembers between tasks.
import { SharedGarbage } from '../../base/sharedGarbage.ts';
import type { ResolutionOptions } from '../../model/backend.ts';
import type { PackedEntry } from '../../snapshot/entry.ts';
import { packEntry, writeSegment } from '../../snapshot/segmentWriter.ts';
import { compileEntry, type CompileContext } from './compileEntry.ts';
import { indexBytes } from './compileTask.ts';
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
} from './compileTask.ts';
import { EntrySlots, slotKey } from './entrySlots.ts';
import { ContentCache } from './contentCache.ts';
import { ContentLookup } from './contentLookup.ts';
import { explainRequest } from './explainRequest.ts';
import { publishEpoch } from './publishEpoch.ts';

export class Compiler {
  private readonly options: ResolutionOptions;
  private readonly cache: ContentCache;
  private readonly garbage = new SharedGarbage();

  constructor(options: ResolutionOptions) {
    this.options = options;
    this.cache = new ContentCache(options.limits);
  }

  resolve(task: ResolveTask): ResolveResult {
    const context = this.contextOf(task.content, task.nowSeconds);
    const compiled: PackedEntry[] = [];
    const pending: PendingEntry[] = [];
    const failures: EntryFailure[] = [];
    const brokenLabels: ResolveResult['brokenLabels'][number][] = [];
    const slots = new EntrySlots(task.content.slots);
    for (const [index, entry] of task.entries.entries()) {
      const outcome = compileEntry(entry, context);
      if (outcome.kind === 'pending') {
        pending.push({ index, repository: outcome.repository, label: outcome.label });
        continue;
      }
      const { failure, standIn } = outcome;
      const repositorySlot = slots.place(compiled.length, slotKey(outcome.repositories, standIn !== null));
      compiled.push(packEntry({ ...outcome.compiled, repositorySlot }));
      brokenLabels.push(...(standIn?.labels ?? []));
      const cause = failure ?? standIn?.failure ?? null;
      if (cause !== null) failures.push({ key: entry.key, code: cause.code, message: cause.message, heldBack: failure === null });
    }
    const segment = writeSegment(compiled);
    this.garbage.add(segment.byteLength);
    return { segment, pending, failures, brokenLabels, unplaced: slots.unplaced() };
  }

  publish(task: PublishTask): PublishResult {
    this.garbage.add(indexBytes(task.changes));
    return publishEpoch(task, this.contextOf(task.content, 0));
  }

  explain(task: ExplainTask): ExplainResult {
    return explainRequest(task, this.contextOf(task.content, 0));
  }

  private contextOf(content: ContentSnapshot, nowSeconds: number): CompileContext {
    return { options: this.options, view: new ContentLookup(content, this.cache), cache: this.cache, slots: content.slots, nowSeconds };
  }
}
