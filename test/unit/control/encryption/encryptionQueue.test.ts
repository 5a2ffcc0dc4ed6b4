// The queue of /encrypt and /decrypt: one small batch at a time, bounded, answered whatever happens.
import t from 'tap';
import { EncryptionQueue } from '../../../../src/control/encryption/encryptionQueue.ts';
import { ENCRYPTION_BATCH_MAX, ENCRYPTION_QUEUE_MAX } from '../../../../src/model/limits.ts';
import type { EncryptionAnswer, EncryptionQuestion } from '../../../../src/model/encryption.ts';

function question(text: string): EncryptionQuestion {
  return { operation: 'encrypt', contentType: 'text/plain', hasQuery: false, body: Buffer.from(text) };
}

function answers(questions: readonly EncryptionQuestion[]): readonly EncryptionAnswer[] {
  return questions.map(({ body }) => ({ kind: 'text', text: Buffer.from(body).toString() }));
}

t.test('each gets its own answer, in batches that follow each other', async (t) => {
  const sizes: number[] = [];
  let running = 0;
  const queue = new EncryptionQueue(
    async (questions) => {
      running += 1;
      t.equal(running, 1);
      sizes.push(questions.length);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      return answers(questions);
    },
    () => t.fail('no error'),
  );
  const asked = await Promise.all(Array.from({ length: 20 }, (_, index) => queue.ask(question(String(index)))));
  t.same(
    asked,
    Array.from({ length: 20 }, (_, index) => ({ kind: 'text', text: String(index) })),
  );
  t.ok(sizes.every((size) => size <= ENCRYPTION_BATCH_MAX));
});

t.test('above its bound it refuses at once', async (t) => {
  let release: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => (release = resolve));
  const queue = new EncryptionQueue(
    async (questions) => {
      await gate;
      return answers(questions);
    },
    () => t.fail('no error'),
  );
  const first = queue.ask(question('running'));
  const waiting = Array.from({ length: ENCRYPTION_QUEUE_MAX }, (_, index) => queue.ask(question(String(index))));
  t.same(await queue.ask(question('too many')), { kind: 'failed', code: 'OVERLOADED' });
  release();
  t.match(await first, { kind: 'text' });
  t.ok((await Promise.all(waiting)).every(({ kind }) => kind === 'text'));
});

t.test('a thread that dies answers with an error, and the next batch goes on', async (t) => {
  const errors: unknown[] = [];
  let calls = 0;
  const queue = new EncryptionQueue(
    async (questions) => {
      calls += 1;
      if (calls === 1) throw new Error('gone');
      return answers(questions);
    },
    (error) => errors.push(error),
  );
  t.same(await queue.ask(question('a')), { kind: 'failed', code: 'INTERNAL' });
  t.match(await queue.ask(question('b')), { kind: 'text', text: 'b' });
  t.match(errors, [{ message: 'gone' }]);
});
