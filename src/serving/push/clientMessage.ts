// What a WebSocket client may say, checked.
import { unpack } from 'msgpackr/unpack';
import type { FrameEncoding } from './preparedFrame.ts';
import type { Since } from './topic.ts';

export interface ClientMessage {
  readonly type: 'subscribe' | 'unsubscribe' | 'resync';
  readonly application: string;
  readonly profile: string;
  readonly label: string | null;
  readonly since: Since;
}

const textMax = 1_024;

/** Null when it is none. Fields that it does not know are left alone, for clients of later versions. */
export function readClientMessage(bytes: ArrayBuffer, encoding: FrameEncoding): ClientMessage | null {
  const message = decoded(bytes, encoding);
  if (typeof message !== 'object' || message === null) return null;
  const { type, application, profile, label, revision, hash } = message as Record<string, unknown>;
  if (type !== 'subscribe' && type !== 'unsubscribe' && type !== 'resync') return null;
  if (!isText(application) || !isText(profile)) return null;
  if (label !== undefined && label !== null && !isText(label)) return null;
  if ((revision !== undefined && !isText(revision)) || (hash !== undefined && !isText(hash))) return null;
  return { type, application, profile, label: label ?? null, since: { revision: revision ?? '', hash: hash ?? '' } };
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= textMax;
}

function decoded(bytes: ArrayBuffer, encoding: FrameEncoding): unknown {
  try {
    return encoding === 'json' ? JSON.parse(Buffer.from(bytes).toString('utf8')) : unpack(new Uint8Array(bytes).slice());
  } catch {
    // not of this encoding: the caller tells the client so
    return undefined;
  }
}
