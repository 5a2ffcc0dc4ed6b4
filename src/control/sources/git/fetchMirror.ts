// Brings a mirror up to date: what the remote has now, fetched as one pack, then published by its refs.
import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Failure } from '../../../model/failure.ts';
import { parseCommit, parseTag, parseTree } from './gitObject.ts';
import type { FetchLimits } from './gitTask.ts';
import { parseGitUri } from './gitUri.ts';
import { HttpTransport } from './httpTransport.ts';
import { confirmMirror, createMirror, mergePacks, replaceMirror, replacementDirectory, storePack, writeDurably } from './mirrorFiles.ts';
import { ObjectStore } from './objectStore.ts';
import { encodePackedRefs, readRefFiles } from './refFiles.ts';
import { SshTransport } from './sshTransport.ts';
import { UploadPackClient, type RemoteRefs } from './uploadPackClient.ts';
import type { GitAccess, UploadPackTransport } from './uploadPackTransport.ts';

export interface FetchRequest {
  readonly uri: string;
  readonly access: GitAccess;
  readonly limits: FetchLimits;
  readonly nowMs: number;
}

/** The first fetch moves the whole history. */
const firstFetchFactor = 10;

/** Fetches what is missing into an existing mirror. Throws a Failure; the mirror is then as it was, perhaps with a pack more. */
export async function updateMirror(directory: string, store: ObjectStore, request: FetchRequest): Promise<void> {
  await withTransport(request, request.limits.timeoutMs, async (client) => {
    const remote = await client.listRefs();
    const known = [...new Set(readRefFiles(directory).refs.values())];
    // what another process removed from a shared mirror must not count as present
    store.rescan();
    await fetchMissing(directory, store, client, remote, known, request.limits);
    publishRefs(directory, remote);
  });
  confirmMirror(directory, request.nowMs);
  if (store.packPaths().length <= request.limits.packsMax) return;
  const currentPaths = (): readonly string[] => {
    store.rescan();
    return store.packPaths();
  };
  await mergePacks(directory, currentPaths, request.limits.objectBytesMax);
  store.rescan();
}

/** Makes a mirror beside and puts it in place when it is complete. Throws a Failure; what was there is then untouched. */
export async function makeMirror(directory: string, request: FetchRequest): Promise<void> {
  mkdirSync(dirname(directory), { recursive: true });
  const replacement = replacementDirectory(directory);
  try {
    createMirror(replacement);
    const store = new ObjectStore(join(replacement, 'objects'), request.limits.objectBytesMax);
    try {
      await withTransport(request, request.limits.timeoutMs * firstFetchFactor, async (client) => {
        const remote = await client.listRefs();
        await fetchMissing(replacement, store, client, remote, [], request.limits);
        publishRefs(replacement, remote);
      });
    } finally {
      store.close();
    }
    confirmMirror(replacement, request.nowMs);
    replaceMirror(directory, replacement);
  } finally {
    rmSync(replacement, { recursive: true, force: true });
  }
}

async function withTransport(request: FetchRequest, deadlineMs: number, work: (client: UploadPackClient) => Promise<void>): Promise<void> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(new Failure('SOURCE_TIMEOUT', `the fetch took longer than ${deadlineMs} ms`)), deadlineMs);
  const transport = openTransport(request, controller.signal);
  try {
    await work(new UploadPackClient(transport));
  } finally {
    clearTimeout(timer);
    transport.close();
  }
}

function openTransport(request: FetchRequest, signal: AbortSignal): UploadPackTransport {
  const uri = parseGitUri(request.uri, '/');
  if (uri.kind === 'http') return new HttpTransport(uri, request.access, request.limits.timeoutMs, signal);
  if (uri.kind === 'ssh') return new SshTransport(uri, request.access, request.limits.timeoutMs, signal);
  throw new Error('assertion failed: a local repository is read in place');
}

async function fetchMissing(
  directory: string,
  store: ObjectStore,
  client: UploadPackClient,
  remote: RemoteRefs,
  haves: readonly string[],
  limits: FetchLimits,
): Promise<void> {
  const wants = [...new Set(remote.refs.map((ref) => ref.id))].filter((id) => !store.has(id));
  if (wants.length === 0) return;
  const present = haves.filter((id) => store.has(id));
  await storePack(directory, client.fetchPack(wants, present), limits.packBytesMax, limits.objectBytesMax);
  store.rescan();
  checkComplete(store, wants);
}

/** Every file of each new ref must be there before the ref is: a remote that cuts corners must not cost the last good content. */
function checkComplete(store: ObjectStore, ids: readonly string[]): void {
  const seen = new Set<string>();
  const checkTree = (id: string): void => {
    if (seen.has(id)) return;
    seen.add(id);
    for (const item of parseTree(store.read(id).data)) {
      if (item.kind === 'directory') checkTree(item.id);
      else if (item.kind !== 'submodule' && !store.has(item.id)) throw new Failure('SOURCE_DAMAGED', `the object ${item.id} is missing`);
    }
  };
  for (const id of ids) {
    let object = store.read(id);
    for (let depth = 0; object.type === 'tag' && depth < 16; depth += 1) object = store.read(parseTag(object.data));
    if (object.type === 'commit') checkTree(parseCommit(object.data).tree);
  }
}

function publishRefs(directory: string, remote: RemoteRefs): void {
  const refs = new Map<string, string>();
  const peeled = new Map<string, string>();
  for (const { name, id, peeledId } of remote.refs) {
    if (name === 'HEAD' || !isSafeRefName(name)) continue;
    refs.set(name, id);
    peeled.set(name, peeledId);
  }
  const current = readRefFiles(directory);
  const head = remote.headBranch ?? branchOfHead(remote) ?? 'refs/heads/main';
  if (isSafeRefName(head) && current.headBranch !== head) writeDurably(join(directory, 'HEAD'), `ref: ${head}\n`);
  const isSame = current.refs.size === refs.size && [...refs].every(([name, id]) => current.refs.get(name) === id);
  if (!isSame || refs.size === 0) writeDurably(join(directory, 'packed-refs'), encodePackedRefs(refs, peeled));
}

function branchOfHead(remote: RemoteRefs): string | null {
  const id = remote.refs.find((ref) => ref.name === 'HEAD')?.id;
  return remote.refs.find((ref) => ref.name.startsWith('refs/heads/') && ref.id === id)?.name ?? null;
}

/** One line of packed-refs each: whatever else a name holds is text to us. */
function isSafeRefName(name: string): boolean {
  return name.startsWith('refs/') && name.length < 1_024 && !/[\s\0]/.test(name);
}
