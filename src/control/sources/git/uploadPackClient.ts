// The client side of the fetch protocol: version 2, and versions 0 and 1 for remotes that know no other. (gitprotocol-v2, gitprotocol-pack)
//
//   discover ─ version 2 ──► ls-refs ──► fetch: want, have, done ──► packfile in side bands
//            └ refs at once (0, 1) ────► want, have, done ─────────► NAK/ACK, packfile in side bands
//
// All that is said is said at once and with `done`: one round trip, no negotiation. What it costs: after a rewritten history the
// remote may send objects that are here already.
import { Failure } from '../../../model/failure.ts';
import { dataPacket, delimiterPacket, flushPacket, packetText, type Packet, type PacketReader } from './pktLine.ts';
import type { UploadPackTransport } from './uploadPackTransport.ts';

export interface RemoteRef {
  readonly name: string;
  readonly id: string;
  /** What an annotated tag points to in the end; the id itself otherwise. */
  readonly peeledId: string;
}

export interface RemoteRefs {
  /** Branches and tags, and HEAD where the remote has one. */
  readonly refs: readonly RemoteRef[];
  /** Full name of the branch that HEAD is; null when it is none. */
  readonly headBranch: string | null;
}

/** A remote may have very many; above, something is wrong. */
const refsMax = 500_000;
/** Ids of what is here already; the newest are the most useful. */
const havesMax = 256;
const agent = 'agent=git/2.40-vortex';

export class UploadPackClient {
  private readonly transport: UploadPackTransport;
  private version: 0 | 2 = 0;
  private capabilities: ReadonlySet<string> = new Set();

  constructor(transport: UploadPackTransport) {
    this.transport = transport;
  }

  /** Throws a Failure of the SOURCE_ codes. */
  async listRefs(): Promise<RemoteRefs> {
    const reader = await this.transport.discover();
    const first = await this.skipService(reader);
    if (first.kind === 'data' && packetText(first.bytes) === 'version 2') {
      this.version = 2;
      this.capabilities = new Set(await restOfSection(reader));
      const format = [...this.capabilities].find((line) => line.startsWith('object-format='));
      if (format !== undefined && format !== 'object-format=sha1') throw new Failure('SOURCE_PROTOCOL', `the remote uses ${format}: only sha1 is supported`);
      return this.listRefs2();
    }
    const isVersion1 = first.kind === 'data' && packetText(first.bytes) === 'version 1';
    return this.listRefs0(reader, isVersion1 ? await reader.next() : first);
  }

  /** The pack with everything that `wants` reach and `haves` do not. Ends when the pack is complete. Throws as above. */
  async *fetchPack(wants: readonly string[], haves: readonly string[]): AsyncGenerator<Buffer> {
    const body = this.version === 2 ? this.fetchBody2(wants, haves.slice(0, havesMax)) : this.fetchBody0(wants, haves.slice(0, havesMax));
    const reader = await this.transport.request(body);
    if (this.version === 2) await skipToPackfile2(reader);
    yield* sideBand(reader, this.version === 2);
  }

  private async skipService(reader: PacketReader): Promise<Packet> {
    const first = await reader.next();
    if (first.kind !== 'data' || !packetText(first.bytes).startsWith('# service=')) return first;
    const flush = await reader.next();
    return flush.kind === 'flush' ? reader.next() : flush;
  }

  private async listRefs2(): Promise<RemoteRefs> {
    const prefixes = ['HEAD', 'refs/heads/', 'refs/tags/'].map((prefix) => dataPacket(`ref-prefix ${prefix}\n`));
    const body = [...this.command('ls-refs'), delimiterPacket, dataPacket('peel\n'), dataPacket('symrefs\n'), ...prefixes, flushPacket];
    const lines = await restOfSection(await this.transport.request(Buffer.concat(body)));
    let headBranch: string | null = null;
    const refs: RemoteRef[] = [];
    for (const line of lines) {
      const [id = '', name = '', ...attributes] = line.split(' ');
      if (name === 'HEAD') headBranch = attributes.find((each) => each.startsWith('symref-target:'))?.slice('symref-target:'.length) ?? null;
      if (isId(id)) refs.push({ name, id, peeledId: attributes.find((each) => each.startsWith('peeled:'))?.slice('peeled:'.length) ?? id });
    }
    return { refs: refs.filter(isFollowed), headBranch };
  }

  private async listRefs0(reader: PacketReader, first: Packet): Promise<RemoteRefs> {
    const lines: string[] = [];
    for (let packet = first; packet.kind === 'data'; packet = await reader.next()) {
      lines.push(lineOf(packet.bytes));
      if (lines.length > refsMax) throw new Failure('SOURCE_PROTOCOL', `the remote has more than ${refsMax} refs`);
    }
    const [, capabilities = ''] = lines[0]?.split('\0') ?? [];
    this.capabilities = new Set(capabilities.split(' ').filter((each) => each !== ''));
    if (lines.length > 0 && !/^(shallow )?[0-9a-f]{40}\b/.test(lines[0] ?? '')) throw new Failure('SOURCE_PROTOCOL', 'the answer is not that of a Git server');
    const peeled = new Map<string, string>();
    const ids = new Map<string, string>();
    for (const line of lines) {
      const [id = '', name = ''] = (line.split('\0')[0] ?? '').split(' ');
      if (name.endsWith('^{}')) peeled.set(name.slice(0, -3), id);
      else if (isId(id)) ids.set(name, id);
    }
    const refs = [...ids].map(([name, id]) => ({ name, id, peeledId: peeled.get(name) ?? id })).filter(isFollowed);
    const symref = [...this.capabilities].find((each) => each.startsWith('symref=HEAD:'));
    return { refs, headBranch: symref?.slice('symref=HEAD:'.length) ?? null };
  }

  private command(name: string): Buffer[] {
    return [
      dataPacket(`command=${name}\n`),
      ...(this.knows('agent') ? [dataPacket(`${agent}\n`)] : []),
      ...(this.capabilities.has('object-format=sha1') ? [dataPacket('object-format=sha1\n')] : []),
    ];
  }

  private fetchBody2(wants: readonly string[], haves: readonly string[]): Buffer {
    const lines = ['ofs-delta\n', 'no-progress\n', ...wants.map((id) => `want ${id}\n`), ...haves.map((id) => `have ${id}\n`), 'done\n'];
    return Buffer.concat([...this.command('fetch'), delimiterPacket, ...lines.map(dataPacket), flushPacket]);
  }

  private fetchBody0(wants: readonly string[], haves: readonly string[]): Buffer {
    if (!this.knows('side-band-64k')) throw new Failure('SOURCE_PROTOCOL', 'the remote has no side-band-64k: it is too old');
    // some hosts refuse clients without multi_ack; what it adds is skipped in the answer
    const asked = ['multi_ack_detailed', 'multi_ack', 'side-band-64k', 'ofs-delta', 'no-progress'].filter((each) => this.knows(each));
    const capabilities = asked.filter((each) => each !== 'multi_ack' || !this.knows('multi_ack_detailed'));
    if (this.knows('agent')) capabilities.push(agent);
    const lines = wants.map((id, index) => (index === 0 ? `want ${id} ${capabilities.join(' ')}\n` : `want ${id}\n`));
    return Buffer.concat([...lines.map(dataPacket), flushPacket, ...haves.map((id) => dataPacket(`have ${id}\n`)), dataPacket('done\n')]);
  }

  private knows(capability: string): boolean {
    for (const each of this.capabilities) if (each === capability || each.startsWith(`${capability}=`)) return true;
    return false;
  }
}

async function restOfSection(reader: PacketReader): Promise<string[]> {
  const lines: string[] = [];
  for (;;) {
    const packet = await reader.next();
    if (packet.kind !== 'data') {
      if (packet.kind === 'flush') return lines;
      throw new Failure('SOURCE_PROTOCOL', 'the answer ends too early');
    }
    lines.push(lineOf(packet.bytes));
    if (lines.length > refsMax) throw new Failure('SOURCE_PROTOCOL', `the remote has more than ${refsMax} refs`);
  }
}

async function skipToPackfile2(reader: PacketReader): Promise<void> {
  for (;;) {
    const packet = await reader.next();
    if (packet.kind === 'data' && lineOf(packet.bytes) === 'packfile') return;
    if (packet.kind === 'flush' || packet.kind === 'end') throw new Failure('SOURCE_PROTOCOL', 'the remote sent no pack');
  }
}

/** Band 1 is the pack, 2 is progress, 3 is a fatal error. Before it, versions 0 and 1 have lines of ACK and NAK. */
async function* sideBand(reader: PacketReader, isVersion2: boolean): AsyncGenerator<Buffer> {
  let hasPack = false;
  for (;;) {
    const packet = await reader.next();
    if (packet.kind === 'flush') break;
    if (packet.kind === 'end' || packet.kind === 'delimiter') throw new Failure('SOURCE_PROTOCOL', 'the remote ended within the pack');
    const band = packet.bytes[0];
    if (band === 1) {
      hasPack = true;
      yield packet.bytes.subarray(1);
    } else if (band === 3) throw refused(packet.bytes.toString('utf8', 1));
    else if (band !== 2) {
      const line = lineOf(packet.bytes);
      const isAcknowledgement = !hasPack && !isVersion2 && /^(ACK|NAK|shallow|unshallow)\b/.test(line);
      if (!isAcknowledgement) throw new Failure('SOURCE_PROTOCOL', 'the pack is not sent in side bands');
    }
  }
  if (!hasPack) throw new Failure('SOURCE_PROTOCOL', 'the remote sent no pack');
}

function lineOf(bytes: Buffer): string {
  const line = packetText(bytes);
  if (line.startsWith('ERR ')) throw refused(line.slice('ERR '.length));
  return line;
}

function refused(text: string): Failure {
  const isMissing = /not found|does not exist|no such|access|denied|permission/i.test(text);
  return new Failure(isMissing ? 'SOURCE_UNAUTHORIZED' : 'SOURCE_UNREACHABLE', `the remote refuses: ${text.trim().slice(0, 300)}`);
}

function isId(text: string): boolean {
  return /^[0-9a-f]{40}$/.test(text);
}

function isFollowed({ name }: RemoteRef): boolean {
  return name === 'HEAD' || name.startsWith('refs/heads/') || name.startsWith('refs/tags/');
}
