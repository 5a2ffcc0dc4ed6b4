// Bookkeeping that every source shares: health, failures in a row, last success, what its labels point to.
import { Failure } from '../../model/failure.ts';
import type { SourceProblem, SourceStatus } from './source.ts';

export class SourceProgress {
  private readonly nowMs: () => number;
  private isOpen = false;
  private hasContent = false;
  private lastSuccessAtMs: number | null = null;
  private lastError: SourceProblem | null = null;
  private failures = 0;
  private notices: readonly string[] = [];
  private readonly revisions = new Map<string, string | null>();
  private readonly unanswered = new Set<string>();

  constructor(nowMs: () => number) {
    this.nowMs = nowMs;
  }

  /** `confirmedAtMs`: when an earlier process last confirmed what is on disk. */
  loadedFromDisk(confirmedAtMs: number | null): void {
    this.hasContent = true;
    this.lastSuccessAtMs = confirmedAtMs;
  }

  opened(): void {
    this.isOpen = true;
  }

  succeeded(notices: readonly string[]): void {
    this.hasContent = true;
    this.lastSuccessAtMs = this.nowMs();
    this.lastError = null;
    this.failures = 0;
    this.notices = notices;
  }

  failed(problem: SourceProblem): void {
    this.failures += 1;
    this.lastError = problem;
  }

  /** Nothing was tried: what is known stays, but the newest content cannot be had. */
  paused(problem: SourceProblem): void {
    this.failures = Math.max(this.failures, 1);
    this.lastError ??= problem;
  }

  follow(label: string, revision: string | null): void {
    this.revisions.set(label, revision);
    this.unanswered.delete(label);
  }

  /** The label could not be looked up: whatever it turns out to be is news. */
  leaveUnanswered(label: string): void {
    this.unanswered.add(label);
    if (!this.revisions.has(label)) this.revisions.set(label, null);
  }

  /** The label is not asked for any more. */
  forget(label: string): void {
    this.revisions.delete(label);
    this.unanswered.delete(label);
  }

  isUnanswered(label: string): boolean {
    return this.unanswered.has(label);
  }

  revisionOf(label: string): string | null {
    return this.revisions.get(label) ?? null;
  }

  followed(): readonly (readonly [string, string | null])[] {
    return [...this.revisions];
  }

  /** The reason to give for content that was never there. */
  reason(): string {
    return this.lastError?.message ?? 'it was not loaded yet';
  }

  status(): SourceStatus {
    return {
      health: this.health(),
      revisions: new Map(this.revisions),
      lastSuccessAtMs: this.lastSuccessAtMs,
      lastError: this.lastError,
      consecutiveFailures: this.failures,
      notices: this.notices,
    };
  }

  private health(): SourceStatus['health'] {
    if (!this.isOpen) return 'opening';
    if (!this.hasContent) return 'failed';
    return this.failures > 0 ? 'retrying' : 'ok';
  }
}

/** What the world did, as data; a bug is thrown on. */
export function problemOf(error: unknown): SourceProblem {
  if (!(error instanceof Failure)) throw error;
  return { code: error.code, message: error.message };
}
