// One compile thread's work: resolves, renders and packs, with what it remembers between tasks.
import { SharedGarbage } from '../../base/sharedGarbage.ts';
import { assert } from '../../base/assert.ts';
import type { ResolutionOptions } from '../../model/backend.ts';
import { UNDECRYPTABLE_NAMES_MAX, UNDECRYPTABLE_TOLD_MAX } from '../../model/limits.ts';
import type { Decryption } from '../../model/encryption.ts';
import type { PackedEntry } from '../../snapshot/entry.ts';
import { packEntry, writeSegment } from '../../snapshot/segmentWriter.ts';
import { compileEntry, type CompileContext } from './compileEntry.ts';
import { indexBytes } from './compileTask.ts';
import type {
  CompilerData,
  ContentSnapshot,
  EncryptionResult,
  EncryptionTask,
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
import { answerQuestion } from '../encryption/answerQuestion.ts';
import { KeyRing } from '../encryption/keyRing.ts';
import { ValueDecryptor } from '../encryption/valueDecryptor.ts';
import { ContentCache } from './contentCache.ts';
import { ContentLookup } from './contentLookup.ts';
import { explainRequest } from './explainRequest.ts';
import { publishEpoch } from './publishEpoch.ts';

export class Compiler {
  private readonly options: ResolutionOptions;
  private readonly cache: ContentCache;
  private readonly garbage = new SharedGarbage();
  private readonly ring: KeyRing | null;
  private readonly decryption: Decryption;
  private readonly told = new Set<string>();
  private undecryptable: string[] = [];

  constructor({ options, keys }: CompilerData) {
    this.options = options;
    this.ring = keys === null ? null : new KeyRing(keys);
    const values = new ValueDecryptor(this.ring);
    this.decryption = { decrypt: (cipherText) => values.decrypt(cipherText), onFailure: (key, source) => this.tell(`${key} of ${source}`) };
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
    return { segment, pending, failures, brokenLabels, unplaced: slots.unplaced(), undecryptable: this.takeUndecryptable() };
  }

  publish(task: PublishTask): PublishResult {
    this.garbage.add(indexBytes(task.changes));
    const result = publishEpoch(task, this.contextOf(task.content, 0));
    return { ...result, undecryptable: this.takeUndecryptable() };
  }

  explain(task: ExplainTask): ExplainResult {
    return explainRequest(task, this.contextOf(task.content, 0));
  }

  encryption({ questions }: EncryptionTask): EncryptionResult {
    const { ring } = this;
    assert(ring !== null, 'without a key the workers answer themselves');
    return { answers: questions.map((question) => answerQuestion(question, ring)) };
  }

  /** Each value once, however many answers hold it. */
  private tell(name: string): void {
    if (this.told.has(name) || this.undecryptable.length >= UNDECRYPTABLE_NAMES_MAX) return;
    if (this.told.size >= UNDECRYPTABLE_TOLD_MAX) this.told.clear();
    this.told.add(name);
    this.undecryptable.push(name);
  }

  private takeUndecryptable(): readonly string[] {
    const names = this.undecryptable;
    this.undecryptable = [];
    return names;
  }

  private contextOf(content: ContentSnapshot, nowSeconds: number): CompileContext {
    return {
      options: this.options,
      view: new ContentLookup(content, this.cache),
      cache: this.cache,
      decryption: this.decryption,
      slots: content.slots,
      nowSeconds,
    };
  }
}
