// A Git repository as a source: refs in memory, objects on disk, all work in the Git thread.
//
//   open ─► mirror on disk ─► ok            poll ─► fetch ─► refs moved? ─► labels that moved
//        ├► none: first fetch               damaged ─► next poll rebuilds beside and swaps
//        └► damaged: rebuilt
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Secret } from '../../../base/secret.ts';
import { Failure } from '../../../model/failure.ts';
import type { TreeImage } from '../../../snapshot/treeImage.ts';
import { DirectoryWatch } from '../directoryWatch.ts';
import type { LabelState, PollResult, Source, SourceProblem, SourceStatus } from '../source.ts';
import { problemOf, SourceProgress } from '../sourceProgress.ts';
import type { GitSourceOptions } from './gitOptions.ts';
import type { GitOutcome, GitPlace, GitRefs, GitTask } from './gitTask.ts';
import type { GitThread } from './gitThread.ts';
import { parseGitUri } from './gitUri.ts';
import { lookUpRef } from './refLookup.ts';
import { readSshIdentity } from './sshIdentity.ts';
import type { GitAccess } from './uploadPackTransport.ts';

type TaskOf<Kind extends GitTask['kind']> = Extract<GitTask, { readonly kind: Kind }>;

/** Images kept for callers that ask again: one per label in use, as a rule. */
const imagesMax = 16;
const foundMax = 10_000;
/** A commit id never changes its meaning; that there is none may. */
const fullIdLength = 40;

export class GitSource implements Source {
  readonly kind = 'git';
  readonly repository: string;
  readonly urls: readonly string[];
  private readonly options: GitSourceOptions;
  private readonly thread: GitThread;
  private readonly nowMs: () => number;
  private readonly progress: SourceProgress;
  private readonly watch: DirectoryWatch;
  private place: GitPlace | null = null;
  private temporaryDirectory: string | null = null;
  private refs: GitRefs | null = null;
  private noRepository: LabelState | null = null;
  private refsHash: string | null = null;
  private isDamaged = false;
  private isClosed = false;
  private notices: readonly string[] = [];
  private hint: () => void = () => undefined;
  private opening: Promise<void> | null = null;
  private polling: Promise<PollResult> | null = null;
  private readonly found = new Map<string, string | null>();
  /** Revisions that pass a limit: labels stay at the one before. */
  private readonly refused = new Map<string, SourceProblem>();
  private readonly images = new Map<string, Promise<TreeImage>>();
  private newestImage: TreeImage | null = null;

  constructor(options: GitSourceOptions, thread: GitThread, nowMs: () => number = Date.now) {
    this.options = options;
    this.thread = thread;
    this.nowMs = nowMs;
    this.repository = options.repository;
    this.urls = [options.uri, ...options.webhookUris];
    this.progress = new SourceProgress(nowMs);
    this.watch = new DirectoryWatch(() => this.hint());
  }

  open(): Promise<void> {
    this.opening ??= this.load().finally(() => this.progress.opened());
    return this.opening;
  }

  async resolve(label: string): Promise<LabelState> {
    await this.open();
    if (this.refs === null) {
      this.progress.leaveUnanswered(label);
      return this.noRepository ?? { kind: 'unavailable', reason: this.progress.reason() };
    }
    try {
      const revision = this.heldOr(label, await this.revisionOf(label));
      this.progress.follow(label, revision);
      return revision === null ? { kind: 'noSuchLabel' } : { kind: 'revision', revision };
    } catch (error) {
      this.progress.leaveUnanswered(label);
      return { kind: 'broken', reason: problemOf(error).message };
    }
  }

  poll(): Promise<PollResult> {
    this.polling ??= this.pollOnce().finally(() => {
      this.polling = null;
    });
    return this.polling;
  }

  tree(revision: string): Promise<TreeImage> {
    const known = this.images.get(revision);
    const image = known ?? this.readTree(revision);
    this.images.delete(revision);
    this.images.set(revision, image);
    if (known === undefined) image.catch(() => this.images.delete(revision));
    if (this.images.size > imagesMax) this.images.delete(this.images.keys().next().value!);
    return image;
  }

  status(): SourceStatus {
    return this.progress.status();
  }

  /** A repository that is read in place is another one on each machine. */
  remoteState(): string | null {
    if (this.refs === null || this.place?.kind !== 'mirror') return null;
    this.refsHash ??= hashOf(this.refs);
    return this.refsHash;
  }

  onHint(listener: () => void): void {
    this.hint = listener;
  }

  /** The thread stays: other sources use it. A fetch that runs is not waited for; closing the thread ends it. */
  async close(): Promise<void> {
    this.isClosed = true;
    this.watch.close();
    if (this.place !== null && this.polling === null) await this.thread.run({ kind: 'close', ...this.common(this.place) });
    if (this.temporaryDirectory !== null) await rm(this.temporaryDirectory, { recursive: true, force: true });
  }

  private async load(): Promise<void> {
    const place = await this.findPlace();
    if (place === null) return;
    this.place = place;
    const outcome = await this.thread.run({ kind: 'open', ...this.common(place), nowMs: this.nowMs() });
    if (outcome.kind === 'refs' && place.kind === 'mirror') {
      this.refs = outcome.refs;
      this.progress.loadedFromDisk(outcome.confirmedAtMs);
    } else if (outcome.kind === 'refs' || outcome.kind === 'noRepository') {
      await this.take(outcome);
    } else {
      // nothing usable on disk: the only time that opening waits for the network
      this.isDamaged = outcome.kind === 'failed';
      await this.poll();
    }
  }

  private async findPlace(): Promise<GitPlace | null> {
    try {
      const uri = parseGitUri(this.options.uri, this.options.workingDirectory);
      if (uri.kind === 'local') return uri;
      const hash = createHash('sha256')
        .update(uri.kind === 'http' ? uri.url : `${uri.username ?? ''}@${uri.host}:${uri.port}/${uri.path}`)
        .digest('hex')
        .slice(0, 32);
      if (this.options.storageDirectory === null) this.temporaryDirectory = await mkdtemp(join(tmpdir(), 'vortex-git-'));
      return { kind: 'mirror', directory: join(this.options.storageDirectory ?? this.temporaryDirectory ?? '', 'git', hash) };
    } catch (error) {
      this.progress.failed(problemOf(error));
      return null;
    }
  }

  private async pollOnce(): Promise<PollResult> {
    if (this.place === null) return { problem: this.progress.status().lastError, movedLabels: [] };
    try {
      const { uri, timeoutMs, packBytesMax, packsMax } = this.options;
      const common = this.common(this.place);
      const limits = { timeoutMs, packBytesMax, packsMax, objectBytesMax: common.objectBytesMax };
      const task: TaskOf<'fetch'> = { kind: 'fetch', ...common, uri, access: await this.access(), limits, isRebuild: this.isDamaged, nowMs: this.nowMs() };
      const waitMs = this.options.gate?.ask() ?? 0;
      if (waitMs > 0) return this.pause(waitMs);
      const outcome = await this.thread.run(task);
      this.options.gate?.report(outcome.kind === 'failed' ? outcome.problem : null);
      if (outcome.kind === 'failed' && outcome.problem.code === 'SOURCE_DAMAGED') return this.rebuildOrFail(task, outcome.problem);
      return await this.take(outcome);
    } catch (error) {
      return this.fail(problemOf(error));
    }
  }

  /** Damage that an ordinary fetch meets is repaired at once; a rebuild that is damaged again is the remote's fault. */
  private async rebuildOrFail(task: TaskOf<'fetch'>, problem: SourceProblem): Promise<PollResult> {
    if (task.isRebuild || task.place.kind === 'local') return this.fail(problem);
    this.isDamaged = true;
    return this.take(await this.thread.run({ ...task, isRebuild: true }));
  }

  private async take(outcome: GitOutcome): Promise<PollResult> {
    if (outcome.kind === 'failed') return this.fail(outcome.problem);
    if (outcome.kind === 'noRepository') return this.lose(outcome);
    if (outcome.kind !== 'refs') throw new Error(`assertion failed: ${outcome.kind} is no outcome of a fetch`);
    const before = this.refs;
    this.refs = outcome.refs;
    this.noRepository = null;
    this.isDamaged = false;
    if (before === null || !sameRefs(before, outcome.refs)) this.forgetFound();
    this.followLocal();
    const { movedLabels, problem } = await this.moveLabels();
    if (problem === null) this.progress.succeeded(this.notices);
    else this.progress.failed(problem);
    return { problem, movedLabels };
  }

  private forgetFound(): void {
    this.found.clear();
    this.refsHash = null;
  }

  /** A local repository that is gone while it was served: the last good content stays. */
  private lose(outcome: GitOutcome & { readonly kind: 'noRepository' }): PollResult {
    const isBroken = this.place?.kind === 'local' && this.place.isFileUri;
    if (this.refs === null) this.noRepository = { kind: isBroken ? 'broken' : 'unavailable', reason: outcome.problem };
    return this.fail({ code: isBroken ? 'REPOSITORY_BROKEN' : 'REPOSITORY_UNAVAILABLE', message: outcome.problem });
  }

  /** What it knows of its own stays as it is. */
  private pause(waitMs: number): PollResult {
    const problem: SourceProblem = { code: 'SOURCE_PAUSED', message: `its host failed ${this.options.gate?.failures ?? 0} times in a row and is being tried` };
    this.progress.paused(problem);
    return { problem, movedLabels: [], retryAfterMs: waitMs };
  }

  private fail(problem: SourceProblem): PollResult {
    this.progress.failed(problem);
    return { problem, movedLabels: [] };
  }

  /** A label moves only to a tree that can be read, so that one bad commit does not cost the last good content. */
  private async moveLabels(): Promise<PollResult> {
    const movedLabels: string[] = [];
    let problem: SourceProblem | null = null;
    for (const [label, before] of this.progress.followed()) {
      const revision = await this.revisionOf(label, before);
      if (revision === before && !this.progress.isUnanswered(label)) continue;
      const refusal = revision === null || before === null ? null : await this.refusalOf(revision);
      problem ??= refusal;
      if (refusal !== null) continue;
      this.progress.follow(label, revision);
      movedLabels.push(label);
    }
    return { movedLabels, problem };
  }

  private async refusalOf(revision: string): Promise<SourceProblem | null> {
    const known = this.refused.get(revision);
    if (known !== undefined) return known;
    try {
      await this.tree(revision);
      return null;
    } catch (error) {
      const problem = problemOf(error);
      if (problem.code === 'LIMIT_EXCEEDED' && this.refused.size < foundMax) this.refused.set(revision, problem);
      return problem;
    }
  }

  private heldOr(label: string, revision: string | null): string | null {
    return revision !== null && this.refused.has(revision) ? (this.progress.revisionOf(label) ?? revision) : revision;
  }

  /** Throws when the objects cannot be asked; `fallback` is the answer then, if there is one. */
  private async revisionOf(label: string, fallback?: string | null): Promise<string | null> {
    const lookup = lookUpRef(label, this.refs ?? new Map());
    if (lookup.kind !== 'id') return lookup.kind === 'commit' ? lookup.commit : null;
    const known = this.found.get(lookup.id);
    if (known !== undefined) return known;
    if (this.place === null) return null;
    const outcome = await this.thread.run({ kind: 'find', ...this.common(this.place), id: lookup.id });
    if (outcome.kind === 'failed') {
      this.noteDamage(outcome.problem);
      if (fallback !== undefined) return fallback;
      throw new Failure(outcome.problem.code, outcome.problem.message);
    }
    const commit = outcome.kind === 'found' ? outcome.commit : null;
    if (this.found.size < foundMax) this.found.set(lookup.id, commit);
    return commit;
  }

  private async readTree(revision: string): Promise<TreeImage> {
    if (this.place === null || revision.length !== fullIdLength) throw new Failure('LABEL_UNKNOWN', `${revision} is no revision of this repository`);
    const outcome = await this.thread.run({
      kind: 'tree',
      ...this.common(this.place),
      repository: this.repository,
      commit: revision,
      previous: this.newestImage,
      limits: this.options.limits,
    });
    if (outcome.kind === 'failed') {
      this.noteDamage(outcome.problem);
      throw new Failure(outcome.problem.code, outcome.problem.message);
    }
    if (outcome.kind !== 'tree') throw new Error(`assertion failed: ${outcome.kind} is no tree`);
    this.newestImage = outcome.image;
    this.notices = outcome.notices;
    return outcome.image;
  }

  private noteDamage(problem: SourceProblem): void {
    if (problem.code !== 'SOURCE_DAMAGED' || this.place?.kind !== 'mirror' || this.isDamaged) return;
    this.isDamaged = true;
    this.hint();
  }

  /** Commits to a local repository are seen at once: they rename files into these directories. */
  private followLocal(): void {
    if (this.place?.kind !== 'local' || this.isClosed) return;
    const { directory } = this.place;
    this.watch.follow([directory, join(directory, '.git')].flatMap((each) => [each, join(each, 'refs/heads'), join(each, 'refs/tags')]));
  }

  private common(place: GitPlace): { readonly place: GitPlace; readonly objectBytesMax: number } {
    // an object may also be a tree or a commit: a small limit on files must not refuse those
    return { place, objectBytesMax: Math.max(this.options.limits.fileBytesMax, 268_435_456) };
  }

  private async access(): Promise<GitAccess> {
    const { options } = this;
    const isSsh = parseGitUri(options.uri, options.workingDirectory).kind === 'ssh';
    const own = isSsh && options.sshDirectory !== null ? await readSshIdentity(options.sshDirectory) : null;
    return {
      username: options.username,
      password: reveal(options.password),
      token: reveal(options.token),
      tokenKind: options.tokenKind,
      privateKey: reveal(options.privateKey) ?? own?.privateKey ?? null,
      passphrase: reveal(options.passphrase),
      knownHosts: options.knownHosts ?? own?.knownHosts ?? null,
      strictHostKeyChecking: options.strictHostKeyChecking,
      skipSslValidation: options.skipSslValidation,
      caCertificates: options.caCertificates,
    };
  }
}

function reveal(secret: Secret | null): string | null {
  return secret === null ? null : secret.reveal();
}

function hashOf(refs: GitRefs): string {
  const lines = [...refs].map(([name, commit]) => `${name} ${commit}\n`).sort();
  return createHash('sha256').update(lines.join('')).digest('hex');
}

function sameRefs(a: GitRefs, b: GitRefs): boolean {
  if (a.size !== b.size) return false;
  for (const [name, commit] of a) if (b.get(name) !== commit) return false;
  return true;
}
