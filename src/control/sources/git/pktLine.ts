// Packet lines: how the Git protocol frames what it says. (gitprotocol-common)
import { Failure } from '../../../model/failure.ts';

export type Packet = { readonly kind: 'data'; readonly bytes: Buffer } | { readonly kind: 'flush' } | { readonly kind: 'delimiter' } | { readonly kind: 'end' };

export const flushPacket = Buffer.from('0000');
export const delimiterPacket = Buffer.from('0001');

export function dataPacket(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.from((bytes.length + 4).toString(16).padStart(4, '0')), bytes]);
}

/** Text of a packet without its line end. */
export function packetText(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  return text.endsWith('\n') ? text.slice(0, -1) : text;
}

/** Takes packets out of a stream of chunks, however they are cut. */
export class PacketReader {
  private readonly chunks: AsyncIterator<Uint8Array>;
  private buffered: Buffer = Buffer.alloc(0);

  constructor(stream: AsyncIterable<Uint8Array>) {
    this.chunks = stream[Symbol.asyncIterator]();
  }

  /** Throws SOURCE_PROTOCOL on anything that is no packet, and whatever the stream throws. */
  async next(): Promise<Packet> {
    if (!(await this.fill(4))) {
      if (this.buffered.length === 0) return { kind: 'end' };
      throw new Failure('SOURCE_PROTOCOL', 'the answer ends within a packet');
    }
    const head = this.buffered.toString('latin1', 0, 4);
    if (!/^[0-9a-f]{4}$/i.test(head)) throw new Failure('SOURCE_PROTOCOL', 'the answer is not that of a Git server');
    const length = Number.parseInt(head, 16);
    if (length < 4) {
      this.buffered = this.buffered.subarray(4);
      if (length === 0) return { kind: 'flush' };
      if (length === 1) return { kind: 'delimiter' };
      return { kind: 'end' };
    }
    if (!(await this.fill(length))) throw new Failure('SOURCE_PROTOCOL', 'the answer ends within a packet');
    const bytes = this.buffered.subarray(4, length);
    this.buffered = this.buffered.subarray(length);
    return { kind: 'data', bytes };
  }

  /** Lets go of the stream. */
  async close(): Promise<void> {
    await this.chunks.return?.();
  }

  private async fill(bytes: number): Promise<boolean> {
    if (this.buffered.length >= bytes) return true;
    const parts: Uint8Array[] = [this.buffered];
    let length = this.buffered.length;
    while (length < bytes) {
      const chunk = await this.chunks.next();
      if (chunk.done === true) break;
      parts.push(chunk.value);
      length += chunk.value.length;
    }
    this.buffered = Buffer.concat(parts, length);
    return length >= bytes;
  }
}
