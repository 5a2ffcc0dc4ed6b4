// The state machine of push, the same for every carrier: what a subscriber gets is worked out here, how it gets there is not.
//
//   subscribe ─► (waiting: the answer is computed) ─► initial frame: current, change or snapshot ─► up to date
//   up to date ─► an epoch with other content ─► change, or a hint to resync when it is large ─► up to date
//   up to date ─► can't take the frame ─► behind ─► ready again ─► one change over all that was missed ─► up to date
//
//   What is compared is the content hash of the merged answer in the worker's directory. The changes that come with an epoch only
//   say how one content became another: where they do not lead from one to the other, a snapshot is sent. So nothing is lost.
import { PushHistory } from '../../core/push/pushHistory.ts';
import type { Frame, Subject } from '../../core/push/frame.ts';
import { PUSH_AHEAD_MS, PUSH_ASK_AGAIN_MS, PUSH_CHANGE_BYTES_MAX, PUSH_HISTORY, PUSH_RESYNC_SPREAD_MS } from '../../model/limits.ts';
import { errorCodes } from '../../model/errorCodes.ts';
import { isRefused, staleSecondsOf } from '../../model/staleness.ts';
import { versionOf, type EntryChange } from '../../model/push.ts';
import type { EntryRequest } from '../../model/request.ts';
import type { ServedEntry } from '../../snapshot/directory.hot.ts';
import { SegmentReader } from '../../snapshot/segmentReader.ts';
import { variantOf } from '../../snapshot/segmentLayout.ts';
import type { RefusalCode, Waiter } from '../waiter.ts';
import { PreparedFrame } from './preparedFrame.ts';
import type { PushMeter } from './pushMeter.ts';
import { createTopic, type Member, type Missed, type Since, type Topic } from './topic.ts';

export interface PushPorts {
  /** The merged answer in the directory. */
  readonly find: (key: string, variant: number) => ServedEntry | undefined;
  /** Has it computed. */
  readonly ask: (entry: EntryRequest, waiter: Waiter) => void;
  /** To all listed members of the topic. */
  readonly broadcast: (topic: Topic, frame: PreparedFrame) => void;
  /** Of an entry's cell (model/staleness.ts). */
  readonly staleness: (entry: ServedEntry) => number;
  readonly nowSeconds: () => number;
  readonly meter: PushMeter;
}

/** Frames kept per topic; who comes from further away gets its own. */
const preparedMax = 20;

const MERGED = variantOf('merged', 'identity');

export class PushHub {
  private readonly ports: PushPorts;
  private readonly topics = new Map<string, Topic>();
  private readonly history = new PushHistory(PUSH_HISTORY);
  /** Subscribers that have been kept waiting because they may be ahead. */
  private readonly patient = new WeakSet<Member>();
  /** Of epochs that are being installed. */
  private arrived: EntryChange[] = [];
  /** When the server saw the first of these changes; 0 when nothing has arrived. */
  private seenAtMs = 0;

  constructor(ports: PushPorts) {
    this.ports = ports;
  }

  /** Tells the member at once when the answer is in the directory, else when it is computed. */
  subscribe(key: string, subject: Subject, entry: EntryRequest, since: Since, member: Member): void {
    let topic = this.topics.get(key);
    if (topic === undefined) {
      topic = createTopic(key, subject, entry);
      this.topics.set(key, topic);
    }
    topic.waiting.set(member, since);
    this.look(topic);
  }

  unsubscribe(key: string, member: Member): void {
    const topic = this.topics.get(key);
    if (topic === undefined) return;
    if (topic.members.delete(member)) member.list(topic, false);
    topic.waiting.delete(member);
    if (topic.members.size + topic.waiting.size === 0) this.topics.delete(key);
  }

  /** With the epoch that is installed from now on. */
  announce(changes: readonly EntryChange[], seenAtMs: number): void {
    this.arrived.push(...changes);
    // Epochs that come on each other's heels are installed as one.
    if (this.seenAtMs === 0) this.seenAtMs = seenAtMs;
  }

  /** These answers are in the directory now, too. */
  added(segment: SharedArrayBuffer): void {
    if (this.topics.size === 0) return;
    const reader = new SegmentReader(segment);
    for (let index = 0; index < reader.entries; index += 1) {
      const topic = reader.variant(index) === MERGED ? this.topics.get(reader.key(index)) : undefined;
      if (topic !== undefined) this.look(topic);
    }
  }

  /** A new epoch is in use. */
  moved(): void {
    for (const change of this.arrived) this.history.add(change);
    this.arrived = [];
    for (const topic of this.topics.values()) this.look(topic);
    this.seenAtMs = 0;
  }

  /** The member has lost a frame that led on from this content; '' when that is not known. Not listed until it is ready. */
  lost(key: string, member: Member, from: string): void {
    const topic = this.topics.get(key);
    const state = topic?.members.get(member);
    if (topic === undefined || state === undefined) return;
    member.list(topic, false);
    state.missed ??= from;
  }

  /** The member asks for everything: what it has is not what it should be. */
  resync(key: string, member: Member, since: Since): void {
    const topic = this.topics.get(key);
    const state = topic?.members.get(member);
    if (topic === undefined || state === undefined || topic.version === null) return;
    state.missed = this.hashOf(topic, since);
    this.ports.meter.resynced('asked');
    this.catchUp(topic, member, state);
  }

  /** The member can take frames again. */
  ready(key: string, member: Member): void {
    const topic = this.topics.get(key);
    const state = topic?.members.get(member);
    if (topic === undefined || state === undefined || state.missed === null) return;
    this.ports.meter.resynced('slow');
    this.catchUp(topic, member, state);
  }

  heartbeat(): void {
    for (const topic of this.topics.values()) {
      if (topic.version === null) continue;
      const { subject, version, staleness } = topic;
      const frame = new PreparedFrame({ type: 'heartbeat', subject, version, staleSeconds: staleSecondsOf(staleness) });
      this.ports.broadcast(topic, frame);
      for (const [member, { missed }] of topic.members) if (!member.isBroadcast && missed === null && !member.isFull()) member.send(topic, frame);
    }
  }

  /** Keeps the answers of subscribers in the snapshot, and asks again for those that had to leave it. Every now and then. */
  keepHot(): void {
    const askedBeforeMs = performance.now() - PUSH_ASK_AGAIN_MS;
    for (const topic of this.topics.values()) {
      const entry = this.ports.find(topic.key, MERGED);
      if (entry === undefined) {
        if (topic.askedAtMs < askedBeforeMs) this.ask(topic);
        continue;
      }
      entry.touchWords[entry.touchIndex] = this.ports.nowSeconds();
      this.lookAtAge(topic, entry);
      // Content that is refused from now on, or served again.
      if (topic.isRefused !== isRefused(topic.staleness)) this.settle(topic, entry);
    }
  }

  /** Frames that say another age are made anew. */
  private lookAtAge(topic: Topic, entry: ServedEntry): void {
    const staleness = this.ports.staleness(entry);
    if (staleness !== topic.staleness) topic.prepared.clear();
    topic.staleness = staleness;
  }

  private look(topic: Topic): void {
    const entry = this.ports.find(topic.key, MERGED);
    if (entry === undefined) this.ask(topic);
    else this.settle(topic, entry);
  }

  private ask(topic: Topic): void {
    if (topic.isAsked) return;
    topic.isAsked = true;
    topic.askedAtMs = performance.now();
    this.ports.ask(topic.entry, {
      sinceMs: performance.now(),
      answer: (entry) => {
        topic.isAsked = false;
        this.settle(topic, entry);
        return null;
      },
      refuse: (code) => this.refused(topic, code),
    });
  }

  /** Nobody is told: those who are up to date stay so, those who wait for their first frame are told why they wait. */
  private refused(topic: Topic, code: RefusalCode): void {
    topic.isAsked = false;
    const frame = new PreparedFrame({ type: 'unavailable', subject: topic.subject, status: 503, message: code });
    for (const [member] of topic.waiting) this.first(topic, member, frame);
  }

  /** The answer is this entry now: tells everybody who does not know. */
  private settle(topic: Topic, entry: ServedEntry): void {
    this.lookAtAge(topic, entry);
    topic.isRefused = isRefused(topic.staleness);
    if (topic.isRefused) this.settleFailure(topic, errorCodes.SOURCE_STALE.status);
    else if (entry.status === 200) this.settleContent(topic, entry);
    else this.settleFailure(topic, entry.status);
    for (const [member, since] of topic.waiting) {
      const from = this.hashOf(topic, since);
      if (this.mayBeAhead(topic, member, from)) continue;
      this.first(topic, member, this.initialFrame(topic, entry, from));
    }
  }

  /**
   * Who has something that this worker does not know may come from one that has switched already: it is answered a moment later,
   * or it would be sent back in time.
   */
  private mayBeAhead(topic: Topic, member: Member, from: string): boolean {
    if (from === '' || topic.version === null || this.patient.has(member)) return false;
    if (from === topic.version.hash || this.history.between(topic.key, from, topic.version.hash) !== null) return false;
    this.patient.add(member);
    setTimeout(() => {
      if (topic.waiting.has(member)) this.look(topic);
    }, PUSH_AHEAD_MS);
    return true;
  }

  private settleContent(topic: Topic, entry: ServedEntry): void {
    const before = topic.version;
    topic.version = versionOf(entry.etag, entry.revision);
    if (before?.hash !== topic.version.hash || before.revision !== topic.version.revision) topic.prepared.clear();
    topic.status = 200;
    if (before?.hash === topic.version.hash || topic.members.size === 0) return;
    const frame = this.frameFrom(topic, entry, before?.hash ?? '', true);
    frame.seenAtMs = this.seenAtMs;
    this.tell(topic, frame, before?.hash ?? '');
  }

  private settleFailure(topic: Topic, status: number): void {
    const isNews = topic.status !== status;
    const before = topic.version?.hash ?? '';
    topic.status = status;
    topic.version = null;
    if (isNews && topic.members.size > 0) this.tell(topic, unavailable(topic), before);
  }

  /** `from`: what those who are up to date have. */
  private tell(topic: Topic, frame: PreparedFrame, from: string): void {
    frame.hold();
    this.ports.broadcast(topic, frame);
    for (const [member, state] of topic.members) {
      if (member.isBroadcast || state.missed !== null) continue;
      if (member.isFull()) state.missed = from;
      else member.send(topic, frame);
    }
    if (frame.release()) this.ports.meter.complete(frame);
  }

  private first(topic: Topic, member: Member, frame: PreparedFrame): void {
    topic.waiting.delete(member);
    const state: { missed: Missed } = { missed: null };
    topic.members.set(member, state);
    member.send(topic, frame);
    this.listWhenUpToDate(topic, member, state);
  }

  private catchUp(topic: Topic, member: Member, state: { missed: Missed }): void {
    const entry = this.ports.find(topic.key, MERGED);
    if (entry === undefined) return this.ask(topic);
    this.lookAtAge(topic, entry);
    const from = state.missed ?? '';
    state.missed = null;
    member.send(topic, this.initialFrame(topic, entry, from));
    this.listWhenUpToDate(topic, member, state);
  }

  /** It may have ended with that frame, as a poll does, or not taken it. */
  private listWhenUpToDate(topic: Topic, member: Member, state: { readonly missed: Missed }): void {
    if (state.missed === null && topic.members.has(member)) member.list(topic, true);
  }

  private initialFrame(topic: Topic, entry: ServedEntry, from: string): PreparedFrame {
    if (topic.version === null || entry.status !== 200) return unavailable(topic);
    const known = topic.prepared.get(from);
    if (known !== undefined) return known;
    const version = versionOf(entry.etag, entry.revision);
    const isCurrent = from === version.hash;
    const frame = isCurrent
      ? new PreparedFrame({ type: 'current', subject: topic.subject, version, staleSeconds: staleSecondsOf(topic.staleness) })
      : this.frameFrom(topic, entry, from, false);
    if (topic.prepared.size < preparedMax) topic.prepared.set(from, frame);
    return frame;
  }

  /** `toMany`: a large frame would go to all of them at once. */
  private frameFrom(topic: Topic, entry: ServedEntry, from: string, toMany: boolean): PreparedFrame {
    const { subject } = topic;
    const version = versionOf(entry.etag, entry.revision);
    const change = this.history.between(topic.key, from, version.hash);
    // The revision may have moved on since the change.
    const asChange = change === null ? null : new PreparedFrame({ type: 'change', subject, change: { ...change, to: version } });
    const size = asChange?.json.length ?? entry.body.length;
    if (toMany && size > PUSH_CHANGE_BYTES_MAX && topic.members.size > 1) {
      return new PreparedFrame({ type: 'resync', subject, version, delayMs: PUSH_RESYNC_SPREAD_MS });
    }
    return (
      asChange ??
      new PreparedFrame({
        type: 'snapshot',
        subject,
        version,
        staleSeconds: staleSecondsOf(topic.staleness),
        body: Buffer.from(entry.body).toString('utf8'),
      } satisfies Frame)
    );
  }

  /** What a subscriber has, by what it says: the hash, else that of the revision; '' when there is no telling. */
  private hashOf(topic: Topic, { revision, hash }: Since): string {
    if (hash !== '' || revision === '') return hash;
    if (topic.version?.revision === revision) return topic.version.hash;
    return this.history.hashAt(topic.key, revision) ?? '';
  }
}

function unavailable({ subject, status, isRefused: isStale }: Topic): PreparedFrame {
  const message = isStale ? `SOURCE_STALE: ${errorCodes.SOURCE_STALE.help}` : 'there is no configuration';
  return new PreparedFrame({ type: 'unavailable', subject, status, message });
}
