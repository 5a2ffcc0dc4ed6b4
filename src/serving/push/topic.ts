// One subscribed answer of this worker: what its subscribers were told last, and who they are.
import type { Subject } from '../../core/push/frame.ts';
import type { Version } from '../../model/push.ts';
import type { EntryRequest } from '../../model/request.ts';
import type { PreparedFrame } from './preparedFrame.ts';

/** What a subscriber says that it has; '' when it does not. */
export interface Since {
  readonly revision: string;
  readonly hash: string;
}

/** A subscriber: one WebSocket, event stream or waiting poll. */
export interface Member {
  /** A broadcast to the topic reaches it, as long as it is listed. */
  readonly isBroadcast: boolean;
  /** It can't take a frame now; it calls PushHub.ready when it can. */
  isFull(): boolean;
  send(topic: Topic, frame: PreparedFrame): void;
  /** From now on broadcasts to the topic reach it, or do not. */
  list(topic: Topic, isListed: boolean): void;
}

/** What a member missed: everything since this content; '' when that is not known. null: nothing. */
export type Missed = string | null;

export interface Topic {
  readonly key: string;
  readonly subject: Subject;
  readonly entry: EntryRequest;
  readonly members: Map<Member, { missed: Missed }>;
  /** Subscribed, and not told anything yet: the answer is being computed. */
  readonly waiting: Map<Member, Since>;
  version: Version | null;
  /** Frames to this version, by the content that they lead on from: a fleet that comes back asks for the same. */
  readonly prepared: Map<string, PreparedFrame>;
  /** Cell of the control block when the answer was looked at last (model/staleness.ts). */
  staleness: number;
  /** Its source is too old, and its policy is to refuse: subscribers were told so. */
  isRefused: boolean;
  /** Why there is no version; 0 while nothing is known. */
  status: number;
  /** The answer was asked for and has not come. */
  isAsked: boolean;
  /** performance.now() when it was asked for last. */
  askedAtMs: number;
}

export function createTopic(key: string, subject: Subject, entry: EntryRequest): Topic {
  return {
    key,
    subject,
    entry,
    members: new Map(),
    waiting: new Map(),
    version: null,
    prepared: new Map(),
    staleness: 0,
    isRefused: false,
    status: 0,
    isAsked: false,
    askedAtMs: 0,
  };
}
