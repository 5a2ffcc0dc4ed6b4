// Makes the next epoch from the one in use: carries over, patches or renders again, and lets go of what nobody asks for.
import { assert } from '../../base/assert.ts';
import { isBrokenContent } from '../../core/resolve/brokenContent.ts';
import type { Failure } from '../../model/failure.ts';
import { keyChanges } from '../../core/push/keyChanges.ts';
import { versionOf, type EntryChange } from '../../model/push.ts';
import type { CompiledEntry, PackedEntry } from '../../snapshot/entry.ts';
import { SegmentReader } from '../../snapshot/segmentReader.ts';
import { packEntry, writeSegment, type CarriedEntry } from '../../snapshot/segmentWriter.ts';
import { EntrySlots, slotKey } from './entrySlots.ts';
import { affectedHashes, type AffectedHashes } from './affectedEntries.ts';
import { compileEntry, type CompileContext, type EntryOutcome } from './compileEntry.ts';
import type { EntryFailure, PublishResult, PublishTask } from './compileTask.ts';
import { entityTag } from './encodeBody.ts';

interface Placed {
  readonly reader: SegmentReader;
  readonly index: number;
}

type NextEntry = PackedEntry | CarriedEntry;

interface Publishing {
  readonly task: PublishTask;
  readonly context: CompileContext;
  readonly slots: EntrySlots;
  readonly changed: ReadonlySet<string>;
  readonly tally: Tally;
}

interface Tally {
  rendered: number;
  patched: number;
  carried: number;
  readonly failures: EntryFailure[];
  readonly changes: EntryChange[];
  readonly brokenLabels: PublishResult['brokenLabels'][number][];
}

/**
 * An entry that answered 200 keeps its answer when the new content fails it with a 5xx: it is held back and reported. So it is when
 * the new content is broken and another label (master for main) or repository would answer in its place, or nobody: upstream's
 * fallback is for requests that have no last good answer.
 */
export function publishEpoch(task: PublishTask, context: CompileContext): Omit<PublishResult, 'undecryptable'> {
  const affected = affectedHashes(task.changes, context.cache);
  const before = latestEntries(task.segments);
  const kept = keepAskedFor(before, task);
  const tally: Tally = { rendered: 0, patched: 0, carried: 0, failures: [], changes: [], brokenLabels: [] };
  const slots = new EntrySlots(context.slots);
  const changed = new Set(task.changes.map(({ repository }) => repository));
  const publishing: Publishing = { task, context, slots, changed, tally };
  const entries: NextEntry[] = [];
  for (const placed of kept) {
    const next = nextEntry(placed, affected, entries.length, publishing);
    if (next !== null) entries.push(next);
  }
  const segment = writeSegment(entries, task.memory);
  patchVersions(segment, entries);
  return {
    segment,
    entries: entries.length,
    rendered: tally.rendered,
    patched: tally.patched,
    carried: tally.carried,
    evicted: before.length - entries.length,
    changes: tally.changes,
    failures: tally.failures,
    brokenLabels: tally.brokenLabels,
    unplaced: slots.unplaced(),
  };
}

function latestEntries(segments: readonly SharedArrayBuffer[]): readonly Placed[] {
  if (segments.length === 1) return entriesOf(new SegmentReader(segments[0]!));
  const latest = new Map<string, Placed>();
  for (const segment of segments) {
    const reader = new SegmentReader(segment);
    for (let index = 0; index < reader.entries; index += 1) latest.set(`${reader.variant(index)} ${reader.key(index)}`, { reader, index });
  }
  return [...latest.values()];
}

/** Within one segment they are distinct. */
function entriesOf(reader: SegmentReader): readonly Placed[] {
  return Array.from({ length: reader.entries }, (_, index) => ({ reader, index }));
}

/** Within the time, the number and the size; the least recently asked for go first. */
function keepAskedFor(entries: readonly Placed[], { keepSinceSeconds, entriesMax, bytesMax }: PublishTask): readonly Placed[] {
  const fresh = entries.filter(({ reader, index }) => reader.touchedSeconds(index) >= keepSinceSeconds);
  const bytes = fresh.reduce((sum, { reader, index }) => sum + reader.bodyLength(index), 0);
  if (fresh.length <= entriesMax && bytes <= bytesMax) return fresh;
  const newestFirst = fresh.sort((a, b) => b.reader.touchedSeconds(b.index) - a.reader.touchedSeconds(a.index)).slice(0, entriesMax);
  let kept = 0;
  return newestFirst.filter(({ reader, index }) => {
    kept += reader.bodyLength(index);
    return kept <= bytesMax;
  });
}

/** `at`: its index in the next epoch. */
function nextEntry({ reader, index }: Placed, affected: AffectedHashes, at: number, publishing: Publishing): NextEntry | null {
  const { tally } = publishing;
  const dependencies = reader.dependencies(index);
  const touched = dependencies.some((hash) => affected.content.has(hash));
  if (touched || reader.heldBack(index)) return renderAgain({ reader, index }, at, publishing, touched);
  const move = moveOf(reader, index, dependencies, affected, publishing.slots);
  if (move === 'none') {
    tally.carried += 1;
    return carry(reader, index, reader.revision(index), false);
  }
  if (move === 'unclear') return renderAgain({ reader, index }, at, publishing, true);
  if (reader.versionLength(index) === 0) {
    tally.carried += 1;
    return carry(reader, index, move.to, false);
  }
  if (reader.versionOffset(index) < 0 || move.from.length !== move.to.length) return renderAgain({ reader, index }, at, publishing, true);
  tally.patched += 1;
  return carry(reader, index, move.to, false);
}

/** 'unclear': several revisions make up the answer, or its version is not the revision's text. */
function moveOf(
  reader: SegmentReader,
  index: number,
  dependencies: Uint32Array,
  affected: AffectedHashes,
  slots: EntrySlots,
): 'none' | 'unclear' | { readonly from: string; readonly to: string } {
  let move: { readonly from: string; readonly to: string } | null = null;
  for (const [hash, candidate] of affected.moves) {
    if (!dependencies.includes(hash)) continue;
    if (move !== null) return 'unclear';
    move = candidate;
  }
  if (move === null) return 'none';
  if (reader.revision(index) !== move.from) return memberMove(reader, index, move, slots) ?? 'unclear';
  const offset = reader.versionOffset(index);
  if (offset < 0) return move;
  return hasTextAt(reader.body(index), offset, reader.versionLength(index), move.from) ? move : 'unclear';
}

/**
 * The move of one member of a composite, whose answers have no version and list one revision per repository; null when the list is
 * shorter, because then one revision stands for several repositories.
 */
function memberMove(
  reader: SegmentReader,
  index: number,
  { from, to }: { readonly from: string; readonly to: string },
  slots: EntrySlots,
): { readonly from: string; readonly to: string } | null {
  const revision = reader.revision(index);
  const revisions = revision.split(',');
  const isListed = revisions.length === slots.members(reader.repositorySlot(index)).length && revisions.includes(from);
  if (!isListed || reader.versionLength(index) > 0) return null;
  return { from: revision, to: revisions.map((known) => (known === from ? to : known)).join(',') };
}

/** Revisions are ASCII. */
function hasTextAt(body: Uint8Array, offset: number, length: number, text: string): boolean {
  if (length !== text.length) return false;
  for (let at = 0; at < length; at += 1) if (body[offset + at] !== text.charCodeAt(at)) return false;
  return true;
}

/** `touched`: its content has changed; else it is only looked at again because it is held back. */
function renderAgain({ reader, index }: Placed, at: number, publishing: Publishing, touched: boolean): NextEntry | null {
  const { context, slots, tally, task } = publishing;
  const entry = reader.request(index);
  const outcome = compileEntry(entry, context);
  const cause = causeToHold(reader, index, outcome);
  if (outcome.kind === 'pending' && cause === null) {
    // Its label is not tracked any more: it becomes a miss again. One that an earlier process held back waits for its source.
    const isAwaited = task.unconfirmed.has(outcome.repository);
    if (touched && !isAwaited && !reader.heldBack(index)) return null;
    const message = isAwaited ? `${outcome.repository} could not be read since the start` : 'held back since before the start; its source is not open yet';
    tally.failures.push({ key: entry.key, code: isAwaited ? 'REPOSITORY_UNAVAILABLE' : 'CONTENT_INVALID', message, heldBack: true });
    holdSlot(reader, index, at, slots);
    return carry(reader, index, reader.revision(index), true);
  }
  tally.rendered += 1;
  if (cause !== null) {
    tally.failures.push({ key: entry.key, code: cause.code, message: cause.message, heldBack: true });
    const dependencies = union(reader.dependencies(index), outcome.dependencies);
    return { ...reader.packed(index), heldBack: true, dependencies, repositorySlot: holdSlot(reader, index, at, slots) };
  }
  assert(outcome.kind === 'compiled', 'a pending entry was let go or held back above');
  const { compiled, failure, broken, standIn, repositories } = outcome;
  if (failure !== null) {
    const { code, message } = broken ?? failure;
    tally.failures.push({ key: entry.key, code, message, heldBack: false });
  } else if (standIn !== null) {
    const { code, message } = standIn.failure;
    tally.failures.push({ key: entry.key, code, message, heldBack: true });
  }
  tally.brokenLabels.push(...(standIn?.labels ?? []));
  if (compiled.entry.representation.kind === 'merged') noteChange({ reader, index }, compiled, repositories, publishing);
  const repositorySlot = slots.place(at, slotKey(repositories, standIn !== null));
  return { ...packEntry({ ...compiled, repositorySlot }), touchedSeconds: reader.touchedSeconds(index) };
}

/** The cell of an answer that stays though it should not. */
function holdSlot(reader: SegmentReader, index: number, at: number, slots: EntrySlots): number {
  return slots.place(at, slotKey(slots.members(reader.repositorySlot(index)), true));
}

function noteChange({ reader, index }: Placed, compiled: CompiledEntry, repositories: readonly string[], { tally, changed }: Publishing): void {
  const before = reader.etag(index);
  if (reader.status(index) !== 200 || compiled.status !== 200 || before === compiled.etag) return;
  const moved = repositories.filter((repository) => changed.has(repository));
  const source = (moved.length > 0 ? moved : repositories).join(', ');
  tally.changes.push({
    key: compiled.entry.key,
    from: versionOf(before, reader.revision(index)),
    to: versionOf(compiled.etag, compiled.revision),
    changes: keyChanges(Buffer.from(reader.body(index)).toString('utf8'), Buffer.from(compiled.body).toString('utf8')),
    source,
  });
}

/** Why the last good answer must stay; null when the new outcome takes its place. */
function causeToHold(reader: SegmentReader, index: number, { failure, broken }: EntryOutcome): Failure | null {
  if (reader.status(index) !== 200) return null;
  if (failure !== null && isBrokenContent(failure)) return broken ?? failure;
  // What has been standing in for broken content may go on doing so, with newer content of its own.
  return reader.standsIn(index) ? null : broken;
}

/** Writes the new revision where the bodies that are carried over have the old one. The segment is not in use yet. */
function patchVersions(segment: SharedArrayBuffer, entries: readonly NextEntry[]): void {
  const reader = new SegmentReader(segment);
  for (const [index, entry] of entries.entries()) {
    if (!('reader' in entry) || reader.versionLength(index) === 0 || entry.revision === entry.reader.revision(entry.index)) continue;
    const body = reader.body(index);
    const revision = Buffer.from(reader.revision(index), 'latin1');
    assert(revision.length === reader.versionLength(index), 'a patched version keeps its length');
    body.set(revision, reader.versionOffset(index));
    const etag = Buffer.from(entityTag(body), 'latin1');
    const before = reader.etagBytes(index);
    assert(before.length === etag.length, 'entity tags have one length');
    before.set(etag);
  }
}

function carry(reader: SegmentReader, index: number, revision: string, heldBack: boolean): CarriedEntry {
  return { reader, index, revision, heldBack };
}

function union(a: Uint32Array, b: Uint32Array): Uint32Array {
  return Uint32Array.from(new Set([...a, ...b])).sort();
}
