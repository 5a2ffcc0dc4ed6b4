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
    for (const [index, entry] of task.entries.entries()) {
      const outcome = compileEntry(entry, context);
      if (outcome.kind === 'pending') {
        pending.push({ index, repository: outcome.repository, label: outcome.label });
        continue;
      }
      compiled.push(packEntry(outcome.compiled));
      if (outcome.failure !== null) {
        failures.push({ key: entry.key, code: outcome.failure.code, message: outcome.failure.message, heldBack: false });
      }
    }
    const segment = writeSegment(compiled);
    this.garbage.add(segment.byteLength);
    return { segment, pending, failures };
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
