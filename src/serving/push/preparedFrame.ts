// A frame in the forms that carriers send, each made once however many subscribers get it.
import { pack } from 'msgpackr/pack';
import { unpack } from 'msgpackr/unpack';
import { frameJson, type Frame, type Subject } from '../../core/push/frame.ts';

export type FrameEncoding = 'json' | 'msgpack';

export class PreparedFrame {
  readonly frame: Frame;
  /** When the server saw the change that it tells of, as the epoch says; 0 when that is of no interest. */
  seenAtMs = 0;
  /** Those who have yet to hand it over, the one who made it among them. */
  private holders = 0;
  private text: string | null = null;
  private textBytes: number | null = null;
  private packed: Uint8Array | null = null;

  constructor(frame: Frame) {
    this.frame = frame;
  }

  get json(): string {
    return (this.text ??= frameJson(this.frame));
  }

  get msgpack(): Uint8Array {
    return (this.packed ??= pack(JSON.parse(this.json)));
  }

  bytesOf(encoding: FrameEncoding): number {
    if (encoding === 'msgpack') return this.msgpack.length;
    return (this.textBytes ??= Buffer.byteLength(this.json));
  }

  hold(): void {
    this.holders += 1;
  }

  /** True when nobody holds it any more. */
  release(): boolean {
    this.holders -= 1;
    return this.holders === 0;
  }
}

/** What is told of a frame of ours that comes back because it was dropped. */
export interface DroppedFrame {
  readonly type: string;
  readonly subject: Subject | null;
  /** Of a change: what it led on from; else ''. */
  readonly fromHash: string;
}

export function readFrame(bytes: ArrayBuffer, encoding: FrameEncoding): DroppedFrame {
  const frame: unknown = encoding === 'json' ? JSON.parse(Buffer.from(bytes).toString('utf8')) : unpack(new Uint8Array(bytes).slice());
  const { type, application, profile, label, from } = frame as Readonly<Record<string, string>> & { readonly from?: { readonly hash: string } };
  const subject = application === undefined ? null : { application, profile: profile ?? '', label: label ?? null };
  return { type: type ?? '', subject, fromHash: from?.hash ?? '' };
}
