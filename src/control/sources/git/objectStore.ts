// Reads the objects of a repository on disk: packs, loose objects and alternates. Other programs may repack it meanwhile.
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { inflateSync } from 'node:zlib';
import { Failure } from '../../../model/failure.ts';
import { objectIdOf, type GitObject, type ObjectType } from './gitObject.ts';
import { applyDelta, readPackEntry } from './packEntry.ts';
import { PackIndex } from './packIndex.ts';
import { PackReader } from './packReader.ts';

interface Pack {
  readonly path: string;
  readonly index: PackIndex;
  readonly reader: PackReader;
  readonly bases: BaseCache;
}

interface Place {
  readonly pack: Pack;
  readonly offset: number;
}

/** Objects that deltas of the same pack are likely to need again. */
const baseCacheBytes = 8 * 1_048_576;
const alternatesMax = 8;
const objectTypes: ReadonlySet<string> = new Set(['commit', 'tree', 'blob', 'tag']);

export class ObjectStore {
  private readonly directory: string;
  private readonly objectBytesMax: number;
  private readonly alternatesLeft: number;
  private readonly packs = new Map<string, Pack>();
  private alternates: readonly ObjectStore[] | null = null;

  /** `directory` is the `objects` directory. */
  constructor(directory: string, objectBytesMax: number, alternatesLeft = alternatesMax) {
    this.directory = directory;
    this.objectBytesMax = objectBytesMax;
    this.alternatesLeft = alternatesLeft;
    this.rescan();
  }

  has(id: string): boolean {
    return this.onceMore(() => this.placeOf(id) !== null || this.looseBytes(id) !== null || this.others().some((store) => store.has(id)) || null) ?? false;
  }

  /** The object, its id verified. Throws SOURCE_DAMAGED when it is missing or damaged, LIMIT_EXCEEDED when it is too large. */
  read(id: string): GitObject {
    const object = this.onceMore(() => this.readOrNull(id));
    if (object === null) throw new Failure('SOURCE_DAMAGED', `the object ${id} is missing`);
    if (objectIdOf(object.type, object.data) !== id) throw new Failure('SOURCE_DAMAGED', `the object ${id} has other content than its id says`);
    return object;
  }

  /** Ids that start with lowercase hexadecimal digits, at most `max` of each pack. */
  findPrefix(prefix: string, max: number): readonly string[] {
    const found = new Set(this.looseIds(prefix));
    for (const pack of this.packs.values()) for (const id of pack.index.findPrefix(prefix, max)) found.add(id);
    for (const store of this.others()) for (const id of store.findPrefix(prefix, max)) found.add(id);
    return [...found];
  }

  packPaths(): readonly string[] {
    return [...this.packs.values()].map((pack) => pack.path);
  }

  /** Whether each pack and its index are what was written: reads everything once. */
  verify(): void {
    for (const { index, reader, path } of this.packs.values()) {
      index.verify();
      if (!index.packChecksum().equals(reader.trailer()) || !reader.isIntact())
        throw new Failure('SOURCE_DAMAGED', `the pack ${path} does not match its checksum`);
    }
  }

  /** Looks again which packs there are. */
  rescan(): void {
    const directory = join(this.directory, 'pack');
    const names = new Set(namesIn(directory).filter((name) => name.endsWith('.idx')));
    for (const [name, pack] of this.packs) {
      if (names.has(name)) continue;
      pack.reader.close();
      this.packs.delete(name);
    }
    for (const name of names) {
      if (this.packs.has(name)) continue;
      const pack = openPack(join(directory, name));
      if (pack !== null) this.packs.set(name, pack);
    }
    for (const store of this.alternates ?? []) store.rescan();
  }

  close(): void {
    for (const pack of this.packs.values()) pack.reader.close();
    this.packs.clear();
    for (const store of this.alternates ?? []) store.close();
  }

  private onceMore<Found>(look: () => Found | null): Found | null {
    const found = look();
    if (found !== null) return found;
    this.rescan();
    return look();
  }

  private readOrNull(id: string): GitObject | null {
    const place = this.placeOf(id);
    if (place !== null) return this.readPacked(place);
    const loose = this.looseBytes(id);
    if (loose !== null) return this.parseLoose(id, loose);
    for (const store of this.others()) {
      const object = store.readOrNull(id);
      if (object !== null) return object;
    }
    return null;
  }

  private placeOf(id: string): Place | null {
    const bytes = Buffer.from(id, 'hex');
    for (const pack of this.packs.values()) {
      const offset = pack.index.find(bytes);
      if (offset >= 0) return { pack, offset };
    }
    return null;
  }

  /** Deltas may be thousands deep: a loop, not a recursion. */
  private readPacked(place: Place): GitObject {
    const deltas: { readonly offset: number; readonly data: Buffer }[] = [];
    const { pack } = place;
    let { offset } = place;
    let object = pack.bases.get(offset);
    while (object === null) {
      const { base, data } = readPackEntry(pack.reader, offset, this.objectBytesMax);
      if (base.kind === 'none') {
        object = { type: base.type, data };
        pack.bases.set(offset, object);
        break;
      }
      deltas.push({ offset, data });
      offset = base.kind === 'offset' ? base.offset : pack.index.find(Buffer.from(base.id, 'hex'));
      if (offset < 0 || deltas.length > 100_000) throw new Failure('SOURCE_DAMAGED', 'a pack has a delta without a base');
      object = pack.bases.get(offset);
    }
    for (let delta = deltas.pop(); delta !== undefined; delta = deltas.pop()) {
      object = { type: object.type, data: applyDelta(object.data, delta.data, this.objectBytesMax) };
      pack.bases.set(delta.offset, object);
    }
    return object;
  }

  private looseBytes(id: string): Buffer | null {
    try {
      return readFileSync(join(this.directory, id.slice(0, 2), id.slice(2)));
    } catch (error) {
      if (isGone(error)) return null;
      throw unreadable(error);
    }
  }

  private parseLoose(id: string, bytes: Buffer): GitObject {
    const whole = this.inflateLoose(id, bytes);
    const zero = whole.indexOf(0);
    const [type = '', size = ''] = whole.toString('latin1', 0, zero).split(' ');
    const data = whole.subarray(zero + 1);
    if (zero < 0 || !objectTypes.has(type) || Number(size) !== data.length) throw new Failure('SOURCE_DAMAGED', `the object ${id} is damaged`);
    return { type: type as ObjectType, data };
  }

  private inflateLoose(id: string, bytes: Buffer): Buffer {
    try {
      return inflateSync(bytes, { maxOutputLength: this.objectBytesMax + 64 });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
        throw new Failure('LIMIT_EXCEEDED', `the object ${id} has more than ${this.objectBytesMax} bytes`);
      throw new Failure('SOURCE_DAMAGED', `the object ${id} cannot be inflated`, { cause: error });
    }
  }

  private looseIds(prefix: string): string[] {
    if (prefix.length < 2) return [];
    const directory = prefix.slice(0, 2);
    return namesIn(join(this.directory, directory))
      .filter((name) => name.length === 38 && name.startsWith(prefix.slice(2)))
      .map((name) => directory + name);
  }

  private others(): readonly ObjectStore[] {
    if (this.alternates === null) this.alternates = this.alternatesLeft === 0 ? [] : this.openAlternates();
    return this.alternates;
  }

  private openAlternates(): ObjectStore[] {
    try {
      const lines = readFileSync(join(this.directory, 'info/alternates'), 'utf8')
        .split('\n')
        .filter((line) => line !== '' && !line.startsWith('#'));
      return lines.slice(0, alternatesMax).map((line) => new ObjectStore(resolve(this.directory, line), this.objectBytesMax, this.alternatesLeft - 1));
    } catch (error) {
      if (isGone(error)) return [];
      throw unreadable(error);
    }
  }
}

/** The least recently used objects leave first. */
class BaseCache {
  private readonly objects = new Map<number, GitObject>();
  private bytes = 0;

  get(offset: number): GitObject | null {
    const object = this.objects.get(offset);
    if (object === undefined) return null;
    this.objects.delete(offset);
    this.objects.set(offset, object);
    return object;
  }

  set(offset: number, object: GitObject): void {
    if (object.data.length > baseCacheBytes / 8 || this.objects.has(offset)) return;
    this.objects.set(offset, object);
    this.bytes += object.data.length;
    for (const [oldest, { data }] of this.objects) {
      if (this.bytes <= baseCacheBytes) return;
      this.objects.delete(oldest);
      this.bytes -= data.length;
    }
  }
}

/** null when somebody repacks and one of the two files is gone, or not there yet. */
function openPack(indexPath: string): Pack | null {
  const path = indexPath.replace(/idx$/, 'pack');
  try {
    const index = new PackIndex(readFileSync(indexPath));
    return { path, index, reader: new PackReader(path), bases: new BaseCache() };
  } catch (error) {
    if (isGone(error)) return null;
    if (error instanceof Failure) throw error;
    throw unreadable(error);
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (isGone(error)) return [];
    throw unreadable(error);
  }
}

function isGone(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

function unreadable(error: unknown): Failure {
  return new Failure('SOURCE_UNREADABLE', `the repository cannot be read: ${(error as Error).message}`, { cause: error });
}
