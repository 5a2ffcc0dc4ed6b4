// A frame in the forms that carriers send, each made once however many subscribers get it.
import { pack } from 'msgpackr/pack';
import { unpack } from 'msgpackr/unpack';
import { frameJson, type Frame, type Subject } from '../../core/push/frame.ts';

export type FrameEncoding = 'json' | 'msgpack';

export class PreparedFrame {
  readonly frame: Frame;
  private text: string | null = null;
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
