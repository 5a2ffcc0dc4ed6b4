// The log: levels of all threads, JSON and pretty lines, nothing lost at the end, nothing secret in it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import t, { type Test } from 'tap';
import { Secret } from '../../../src/base/secret.ts';
import { Failure } from '../../../src/model/failure.ts';
import { options } from '../../../src/settings/options.ts';
import { LazySink } from '../../../src/telemetry/lazySink.ts';
import { createLogLevel, isLogLevel, logLevels, SharedLogLevel } from '../../../src/telemetry/logLevel.ts';
import { Logger, type LogRecord, type LogSink } from '../../../src/telemetry/logger.ts';
import type { LogFormat } from '../../../src/telemetry/sinkOptions.ts';

class MemorySink implements LogSink {
  readonly records: LogRecord[] = [];

  write(record: LogRecord): void {
    this.records.push(record);
  }

  flush(): Promise<void> {
    return Promise.resolve();
  }

  flushNow(): void {
    this.records.length += 0;
  }
}

interface OpenFile {
  readonly fd: number;
  readonly text: () => string;
}

function openFile(t: Test): OpenFile {
  const path = join(t.testdir({}), 'log');
  const fd = openSync(path, 'a');
  t.teardown(() => closeSync(fd));
  return { fd, text: () => readFileSync(path, 'utf8') };
}

const sinkOf = (file: OpenFile, format: LogFormat): LazySink => new LazySink({ format, fd: file.fd });

t.test('the levels are those of logging.level', (t) => {
  t.same(logLevels, options.logging.level.type.choices);
  t.ok(isLogLevel('warn'));
  t.notOk(isLogLevel('WARN'));
  t.notOk(isLogLevel(3));
  t.end();
});

t.test('a line below the level is not written, and a change of the level counts for all loggers at once', (t) => {
  const level = createLogLevel('info');
  const sink = new MemorySink();
  const log = new Logger(level, sink, 'publish', { worker: 1 });
  const child = log.child('git');
  log.debug('hidden');
  child.trace('hidden');
  log.info('seen');
  level.set('debug');
  t.equal(child.isEnabled('debug'), true);
  child.debug('seen now', { epoch: 3 });
  level.set('fatal');
  log.error('hidden');
  log.fatal('last');
  t.same(
    sink.records.map(({ level, component, message, fields }) => [level, component, message, fields]),
    [
      ['info', 'publish', 'seen', { worker: 1 }],
      ['debug', 'git', 'seen now', { worker: 1, epoch: 3 }],
      ['fatal', 'publish', 'last', { worker: 1 }],
    ],
  );
  t.end();
});

t.test('another thread sees the level through the same word of memory', async (t) => {
  const level = createLogLevel('info');
  const module = new URL('../../../src/telemetry/logLevel.js', import.meta.url).href;
  const code = `
    const { parentPort, workerData } = require('node:worker_threads');
    import(${JSON.stringify(module)}).then(({ SharedLogLevel }) => {
      const level = new SharedLogLevel(workerData);
      parentPort.once('message', () => parentPort.postMessage(level.get()));
      parentPort.postMessage(level.get());
    });`;
  const worker = new Worker(code, { eval: true, workerData: level.buffer });
  const next = (): Promise<unknown> => new Promise((resolve) => worker.once('message', resolve));
  t.equal(await next(), 'info');
  level.set('trace');
  const answer = next();
  worker.postMessage('again');
  t.equal(await answer, 'trace');
  t.equal(new SharedLogLevel(level.buffer).get(), 'trace');
});

t.test('JSON lines have level, time, component, fields and message, in order of writing', async (t) => {
  const file = openFile(t);
  const sink = sinkOf(file, 'json');
  const log = new Logger(createLogLevel('info'), sink, 'primary');
  for (let index = 0; index < 500; index += 1) log.info(`line ${index}`, { index });
  await sink.flush();
  log.warn('last');
  await sink.flush();
  const lines = file.text().trimEnd().split('\n');
  t.equal(lines.length, 501);
  const records = lines.map((line): Record<string, unknown> => JSON.parse(line));
  t.same(
    records.slice(0, 500).map(({ index }) => index),
    Array.from({ length: 500 }, (_, index) => index),
  );
  t.same(Object.keys(records[0] ?? {}), ['level', 'time', 'component', 'index', 'msg']);
  t.match(records[500], { level: 'warn', component: 'primary', msg: 'last', time: /^\d{4}-\d\d-\d\dT[\d:.]+Z$/ });
});

t.test('an error is logged with its code, stack and causes', async (t) => {
  const file = openFile(t);
  const sink = sinkOf(file, 'json');
  const cause = new Error('refused by https://joe:hunter2@host/x');
  new Logger(createLogLevel('info'), sink, 'git').error('fetch failed', { error: new Failure('SOURCE_UNREACHABLE', 'no answer', { cause }) });
  await sink.flush();
  const record = JSON.parse(file.text());
  t.match(record.error, { type: 'Failure', code: 'SOURCE_UNREACHABLE', message: 'no answer', stack: /logger\.test/ });
  t.match(record.error.cause, { type: 'Error', message: 'refused by https://***@host/x' });
  t.notMatch(file.text(), /hunter2/);
});

t.test('pretty lines are for people, with the stack below', async (t) => {
  const file = openFile(t);
  const sink = sinkOf(file, 'pretty');
  const log = new Logger(createLogLevel('info'), sink, 'serving', { worker: 2 });
  log.info('ready', { port: 8080, text: 'two words' });
  log.error('broken', { error: new Error('no luck') });
  await sink.flush();
  const [first, second, third] = file.text().split('\n');
  t.match(first, /^\d\d:\d\d:\d\d\.\d{3} INFO {2}serving 2: ready port=8080 text="two words"$/);
  t.match(second, /ERROR serving 2: broken$/);
  t.match(third, /^ {4}Error: no luck$/);
});

t.test('flushNow writes what waits, before and after pino is loaded', async (t) => {
  const file = openFile(t);
  const sink = sinkOf(file, 'json');
  const log = new Logger(createLogLevel('info'), sink, 'primary');
  log.fatal('before', { error: new Error('x') });
  sink.flushNow();
  t.match(JSON.parse(file.text()), { level: 'fatal', component: 'primary', msg: 'before', error: { message: 'x' } });
  await sink.flush();
  log.error('after');
  log.error('after');
  sink.flushNow();
  await sink.flush();
  t.same(
    file
      .text()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).msg),
    ['before', 'after', 'after'],
  );
});

t.test('a thread that ends by itself loses no line, not even its first', async (t) => {
  const file = openFile(t);
  const module = (name: string): string => JSON.stringify(new URL(`../../../src/telemetry/${name}.js`, import.meta.url).href);
  const code = `
    const { workerData } = require('node:worker_threads');
    Promise.all([import(${module('logger')}), import(${module('lazySink')}), import(${module('logLevel')})]).then(([{ Logger }, { LazySink }, { createLogLevel }]) => {
      const log = new Logger(createLogLevel('info'), new LazySink({ format: 'json', fd: workerData }), 'worker');
      log.error('crashed');
      log.error('over');
    });`;
  const worker = new Worker(code, { eval: true, workerData: file.fd });
  await new Promise((resolve) => worker.once('exit', resolve));
  t.same(
    file
      .text()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).msg),
    ['crashed', 'over'],
  );
});

t.test('more lines than can wait for pino are dropped and counted', async (t) => {
  const file = openFile(t);
  const sink = sinkOf(file, 'json');
  const log = new Logger(createLogLevel('info'), sink, 'primary');
  for (let index = 0; index < 1_005; index += 1) log.info('x');
  await sink.flush();
  await sleep(20);
  const lines = file.text().trimEnd().split('\n');
  t.equal(lines.length, 1_001);
  t.match(JSON.parse(lines.at(-1) ?? ''), { level: 'warn', dropped: 5 });
});

t.test('a reader of the log that does not read stops nothing: lines are dropped and the gap is told', async (t) => {
  const module = (name: string): string => JSON.stringify(new URL(`../../../src/telemetry/${name}.js`, import.meta.url).href);
  const code = `
    import { Logger } from ${module('logger')};
    import { LazySink } from ${module('lazySink')};
    import { createLogLevel } from ${module('logLevel')};
    const sink = new LazySink({ format: 'json', fd: 1 });
    const log = new Logger(createLogLevel('info'), sink, 'primary');
    log.info('first');
    await sink.flush();
    for (let line = 0; line < 12_000; line += 1) log.info('x'.repeat(1_000));
    setTimeout(() => process.stderr.write('goes on'), 10);
    process.stdin.once('data', () => {
      process.stdin.destroy();
    });`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code]);
  t.teardown(() => child.kill('SIGKILL'));
  const [told] = (await once(child.stderr, 'data')) as [Buffer];
  t.equal(told.toString(), 'goes on');
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stdin.write('read now');
  const [exitCode] = (await once(child, 'close')) as [number];
  t.equal(exitCode, 0);
  const lines = Buffer.concat(chunks).toString().trimEnd().split('\n');
  const last = JSON.parse(lines.at(-1) ?? '');
  t.match(last, { level: 'warn', component: 'log', msg: /dropped/ });
  t.equal(lines.length - 2 + last.lines, 12_000, 'every line was written or counted');
});

t.test('a secret in a field is masked', (t) => {
  const sink = new MemorySink();
  new Logger(createLogLevel('info'), sink, 'git').info('opened https://user:pw@host/repo', { key: new Secret('hunter2'), password: 'hunter2' });
  t.equal(sink.records[0]?.message, 'opened https://***@host/repo');
  t.same(sink.records[0]?.fields, { key: '***', password: '***' });
  t.end();
});
