// The Git implementations that were compared, behind one small interface: our own, the program, and two libraries.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readCommitTree } from '../../src/control/sources/git/commitTree.ts';
import { makeMirror, updateMirror } from '../../src/control/sources/git/fetchMirror.ts';
import { ObjectStore } from '../../src/control/sources/git/objectStore.ts';
import { readRefFiles } from '../../src/control/sources/git/refFiles.ts';
import { defaultTreeLimits } from '../../src/control/sources/treeLimits.ts';

export interface Candidate {
  mirror(url: string, directory: string): Promise<void>;
  fetch(url: string, directory: string): Promise<void>;
  /** Reads every blob of the tip of `main`; answers [path, blob id, bytes]. */
  readAll(directory: string): Promise<readonly (readonly [string, string, Uint8Array])[]>;
  readBlob(directory: string, blobId: string): Promise<Uint8Array>;
}

export const candidateNames = ['ours', 'git', 'es-git', 'isomorphic-git'] as const;
export type CandidateName = (typeof candidateNames)[number];

/** `modules` is a directory whose node_modules holds the libraries; throws when one is missing. */
export function loadCandidate(name: CandidateName, modules: string): Candidate {
  if (name === 'ours') return ours;
  const requireFrom = createRequire(join(modules, 'package.json'));
  if (name === 'git') return gitProgram;
  if (name === 'es-git') return esGit(requireFrom('es-git') as EsGit);
  return isomorphicGit(requireFrom('isomorphic-git') as IsomorphicGit, requireFrom('isomorphic-git/http/node'));
}

const run = promisify(execFile);
const refspec = '+refs/*:refs/*';

const access = {
  username: null,
  password: null,
  token: null,
  tokenKind: 'basic',
  privateKey: null,
  passphrase: null,
  knownHosts: null,
  strictHostKeyChecking: true,
  skipSslValidation: false,
  caCertificates: null,
} as const;
const limits = { timeoutMs: 60_000, packBytesMax: 2_000_000_000, objectBytesMax: 268_435_456, packsMax: 40 };

const ours: Candidate = {
  mirror: (uri, directory) => makeMirror(directory, { uri, access, limits, nowMs: Date.now() }),
  fetch: (uri, directory) => updateMirror(directory, openStore(directory), { uri, access, limits, nowMs: Date.now() }),
  async readAll(directory) {
    const commit = readRefFiles(directory).refs.get('refs/heads/main') ?? '';
    const { entries } = readCommitTree(openStore(directory), commit, defaultTreeLimits, new Map());
    return entries.map(({ path, blobId, bytes }) => [path, blobId, bytes()] as const);
  },
  readBlob: async (directory, blobId) => openStore(directory).read(blobId).data,
};

function openStore(directory: string): ObjectStore {
  return new ObjectStore(join(directory, 'objects'), limits.objectBytesMax);
}

const gitProgram: Candidate = {
  async mirror(url, directory) {
    await run('git', ['clone', '--quiet', '--mirror', url, directory]);
  },
  async fetch(url, directory) {
    await run('git', ['fetch', '--quiet', '--prune', url, refspec], { cwd: directory });
  },
  async readAll(directory) {
    const { stdout } = await run('git', ['ls-tree', '-r', '-z', 'refs/heads/main'], { cwd: directory, maxBuffer: 1 << 28 });
    const entries = stdout
      .split('\0')
      .filter((line) => line !== '')
      .map((line) => [line.slice(line.indexOf('\t') + 1), line.slice(12, 52)] as const);
    const bodies = await catFile(
      directory,
      entries.map(([, id]) => id),
    );
    return entries.map(([path, id], index) => [path, id, bodies[index] ?? new Uint8Array()] as const);
  },
  async readBlob(directory, blobId) {
    return (await catFile(directory, [blobId]))[0] ?? new Uint8Array();
  },
};

async function catFile(directory: string, ids: readonly string[]): Promise<Uint8Array[]> {
  const child = spawn('git', ['cat-file', '--batch'], { cwd: directory, stdio: ['pipe', 'pipe', 'inherit'] });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stdin.end(`${ids.join('\n')}\n`);
  await once(child, 'close');
  const all = Buffer.concat(chunks);
  const bodies: Uint8Array[] = [];
  for (let at = 0; at < all.length;) {
    const headEnd = all.indexOf(10, at);
    const size = Number(all.toString('latin1', at, headEnd).split(' ')[2]);
    bodies.push(all.subarray(headEnd + 1, headEnd + 1 + size));
    at = headEnd + 2 + size;
  }
  return bodies;
}

interface EsEntry {
  id(): string;
  name(): string;
  type(): string | null;
}
interface EsTree {
  iter(): Iterable<EsEntry>;
}
interface EsRepository {
  getRemote(name: string): { fetch(refspecs: string[], options: object): Promise<void> };
  getReference(name: string): { target(): string };
  getCommit(id: string): { tree(): EsTree };
  getTree(id: string): EsTree;
  getObject(id: string): { peelToBlob(): { content(): Uint8Array } };
}
interface EsGit {
  cloneRepository(url: string, directory: string, options: object): Promise<EsRepository>;
  openRepository(directory: string): Promise<EsRepository>;
  initRepository(directory: string, options: object): Promise<EsRepository & { createRemote(name: string, url: string, options: object): unknown }>;
}

function esGit(library: EsGit): Candidate {
  const walk = (repository: EsRepository, tree: EsTree, prefix: string, found: [string, string, Uint8Array][]): void => {
    for (const entry of tree.iter()) {
      const path = prefix + entry.name();
      if (entry.type() === 'Tree') walk(repository, repository.getTree(entry.id()), `${path}/`, found);
      else found.push([path, entry.id(), repository.getObject(entry.id()).peelToBlob().content()]);
    }
  };
  return {
    async mirror(url, directory) {
      const repository = await library.initRepository(directory, { bare: true });
      repository.createRemote('origin', url, { fetchRefspec: refspec });
      await repository.getRemote('origin').fetch([refspec], {});
    },
    async fetch(_url, directory) {
      const repository = await library.openRepository(directory);
      await repository.getRemote('origin').fetch([refspec], { fetch: { prune: 'On' } });
    },
    async readAll(directory) {
      const repository = await library.openRepository(directory);
      const found: [string, string, Uint8Array][] = [];
      walk(repository, repository.getCommit(repository.getReference('refs/heads/main').target()).tree(), '', found);
      return found;
    },
    async readBlob(directory, blobId) {
      return (await library.openRepository(directory)).getObject(blobId).peelToBlob().content();
    },
  };
}

interface IsoEntry {
  path: string;
  oid: string;
  type: string;
}
interface IsomorphicGit {
  init(options: object): Promise<void>;
  addRemote(options: object): Promise<void>;
  fetch(options: object): Promise<void>;
  resolveRef(options: object): Promise<string>;
  readTree(options: object): Promise<{ tree: IsoEntry[] }>;
  readBlob(options: object): Promise<{ blob: Uint8Array }>;
}

function isomorphicGit(library: IsomorphicGit, http: unknown): Candidate {
  const walk = async (common: object, oid: string, prefix: string, found: [string, string, Uint8Array][]): Promise<void> => {
    for (const entry of (await library.readTree({ ...common, oid })).tree) {
      if (entry.type === 'tree') await walk(common, entry.oid, `${prefix}${entry.path}/`, found);
      else found.push([prefix + entry.path, entry.oid, (await library.readBlob({ ...common, oid: entry.oid })).blob]);
    }
  };
  return {
    async mirror(url, directory) {
      await library.init({ fs, gitdir: directory, bare: true, defaultBranch: 'main' });
      await library.addRemote({ fs, gitdir: directory, remote: 'origin', url });
      await library.fetch({ fs, http, gitdir: directory, remote: 'origin', tags: true, prune: true });
    },
    async fetch(_url, directory) {
      await library.fetch({ fs, http, gitdir: directory, remote: 'origin', tags: true, prune: true });
    },
    async readAll(directory) {
      const common = { fs, gitdir: directory, cache: {} };
      const found: [string, string, Uint8Array][] = [];
      await walk(common, await library.resolveRef({ ...common, ref: 'refs/remotes/origin/main' }), '', found);
      return found;
    },
    async readBlob(directory, blobId) {
      return (await library.readBlob({ fs, gitdir: directory, oid: blobId })).blob;
    },
  };
}
