// Requests to /encrypt and /decrypt of all workers on their way to a compile thread: bounded, in small batches, one batch at a time,
// so that misses and publishes never wait behind more than one.
import { ENCRYPTION_BATCH_MAX, ENCRYPTION_QUEUE_MAX } from '../../model/limits.ts';
import type { EncryptionAnswer, EncryptionQuestion } from '../../model/encryption.ts';

interface Job {
  readonly question: EncryptionQuestion;
  readonly done: (answer: EncryptionAnswer) => void;
}

export type AnswerQuestions = (questions: readonly EncryptionQuestion[]) => Promise<readonly EncryptionAnswer[]>;

export class EncryptionQueue {
  private readonly jobs: Job[] = [];
  private isRunning = false;
  private readonly run: AnswerQuestions;
  private readonly onError: (error: unknown) => void;

  constructor(run: AnswerQuestions, onError: (error: unknown) => void) {
    this.run = run;
    this.onError = onError;
  }

  /** Never rejects; OVERLOADED at once when too many wait. */
  ask(question: EncryptionQuestion): Promise<EncryptionAnswer> {
    if (this.jobs.length >= ENCRYPTION_QUEUE_MAX) return Promise.resolve({ kind: 'failed', code: 'OVERLOADED' });
    return new Promise((done) => {
      this.jobs.push({ question, done });
      if (!this.isRunning) void this.work();
    });
  }

  private async work(): Promise<void> {
    this.isRunning = true;
    for (let batch = this.take(); batch.length > 0; batch = this.take()) {
      const answers = await this.answersOf(batch);
      for (const [index, { done }] of batch.entries()) done(answers[index] ?? { kind: 'failed', code: 'INTERNAL' });
    }
    this.isRunning = false;
  }

  private take(): readonly Job[] {
    return this.jobs.splice(0, ENCRYPTION_BATCH_MAX);
  }

  private async answersOf(batch: readonly Job[]): Promise<readonly EncryptionAnswer[]> {
    try {
      return await this.run(batch.map(({ question }) => question));
    } catch (error) {
      this.onError(error);
      return [];
    }
  }
}
