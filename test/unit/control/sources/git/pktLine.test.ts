// Packet lines, however the stream is cut.
import t from 'tap';
import { dataPacket, delimiterPacket, flushPacket, PacketReader } from '../../../../../src/control/sources/git/pktLine.ts';

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function readAll(bytes: Buffer, size: number): Promise<string[]> {
  const reader = new PacketReader(inPieces(bytes, size));
  const found: string[] = [];
  for (;;) {
    const packet = await reader.next();
    found.push(packet.kind === 'data' ? packet.bytes.toString() : packet.kind);
    if (packet.kind === 'end') return found;
  }
}

t.test('packets come out whole from pieces of any size', async (test) => {
  const bytes = Buffer.concat([dataPacket('hello\n'), flushPacket, delimiterPacket, dataPacket(''), dataPacket('ü'.repeat(5_000))]);
  for (const size of [1, 2, 3, 5, 7, 1_000, 100_000])
    test.same(await readAll(bytes, size), ['hello\n', 'flush', 'delimiter', '', 'ü'.repeat(5_000), 'end'], `pieces of ${size}`);
});

t.test('what is no packet is a failure', async (test) => {
  for (const text of ['<html>', '00', '0009hell', 'zzzz', '-001', '0x10']) await test.rejects(readAll(Buffer.from(text), 3), { code: 'SOURCE_PROTOCOL' }, text);
});
