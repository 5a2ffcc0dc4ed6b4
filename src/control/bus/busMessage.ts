// The one message between the servers of a fleet: "this source is at this revision". Only ever compared with what one has.
import { BUS_MESSAGE_BYTES_MAX } from '../../model/limits.ts';

export interface BusMessage {
  /** The server that says it; its own messages come back to it. */
  readonly from: string;
  /** Hash of the repository: names stay in the settings, which all servers share. */
  readonly source: string;
  /** Source.remoteState of the sender. */
  readonly revision: string;
}

const version = 1;
const hash = /^[0-9a-f]{64}$/;
const serverId = /^[0-9a-f-]{36}$/;

export function encodeBusMessage({ from, source, revision }: BusMessage): Uint8Array {
  return Buffer.from(JSON.stringify({ version, from, source, revision }));
}

/** null for what is no message of this version. */
export function decodeBusMessage(bytes: Uint8Array): BusMessage | null {
  if (bytes.byteLength > BUS_MESSAGE_BYTES_MAX) return null;
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'));
    if (typeof value !== 'object' || value === null) return null;
    const { version: given, from, source, revision } = value as Readonly<Record<string, unknown>>;
    if (given !== version || !fits(serverId, from) || !fits(hash, source) || !fits(hash, revision)) return null;
    return { from, source, revision };
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function fits(pattern: RegExp, value: unknown): value is string {
  return typeof value === 'string' && pattern.test(value);
}
