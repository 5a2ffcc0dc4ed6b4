// The frames of the push protocol as a client reads them.
import type { KeyDifference, Value } from './configuration.ts';

type Values = Readonly<Record<string, Value>>;

interface Versioned {
  readonly revision: string;
  readonly hash: string;
}

interface Aged {
  /** Seconds since a source was confirmed, 0 within its limit. */
  readonly stale?: number;
}

export type ServerFrame =
  | (Versioned & Aged & { readonly type: 'snapshot'; readonly properties: Values; readonly secrets?: readonly string[] })
  | (Versioned & Aged & { readonly type: 'current' | 'heartbeat' })
  | (Versioned & {
      readonly type: 'change';
      readonly from: Versioned;
      readonly added: Values;
      readonly changed: Readonly<Record<string, { readonly from: Value; readonly to: Value }>>;
      readonly removed: Values;
      /** Of these keys the values are secret; the old ones are masked. */
      readonly secrets?: readonly string[];
    })
  | (Versioned & { readonly type: 'resync'; readonly delayMs: number })
  | { readonly type: 'unavailable'; readonly status: number; readonly message: string }
  | { readonly type: 'drain'; readonly reconnectDelayMs: number }
  | { readonly type: 'error'; readonly code: string; readonly message: string };

export function differencesOf(frame: ServerFrame & { readonly type: 'change' }): readonly KeyDifference[] {
  return [
    ...Object.entries(frame.added).map(([key, to]) => ({ key, from: undefined, to })),
    ...Object.entries(frame.changed).map(([key, { from, to }]) => ({ key, from, to })),
    ...Object.entries(frame.removed).map(([key, from]) => ({ key, from, to: undefined })),
  ];
}

/** @throws {SyntaxError} when it is no JSON object with a type */
export function readServerFrame(text: string): ServerFrame {
  const frame: unknown = JSON.parse(text);
  if (typeof frame !== 'object' || frame === null || typeof (frame as { type?: unknown }).type !== 'string') throw new SyntaxError('this is no frame');
  return frame as ServerFrame;
}
