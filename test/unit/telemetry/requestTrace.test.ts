// Request id and trace context from headers, and the sampled access log.
import t from 'tap';
import { accessFields, isSampled } from '../../../src/telemetry/accessLog.ts';
import { prettyLine } from '../../../src/telemetry/prettyLine.ts';
import { requestTrace } from '../../../src/telemetry/requestTrace.ts';

const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

t.test('a request id and a trace context are log fields', (t) => {
  t.same(requestTrace('abc-123', traceparent), { requestId: 'abc-123', traceparent });
  t.same(requestTrace('', ''), {});
  t.end();
});

t.test('headers that are none are left out', (t) => {
  for (const requestId of ['a b', 'x'.repeat(129), 'a\nb', '"', 'ä']) t.same(requestTrace(requestId, ''), {}, JSON.stringify(requestId));
  for (const wrong of [
    traceparent.toUpperCase(),
    traceparent.slice(1),
    `${traceparent}-x`,
    '00-00000000000000000000000000000000-00f067aa0ba902b7-01',
    '00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01',
    traceparent.replace(/^00/, 'ff'),
  ]) {
    t.same(requestTrace('', wrong), {}, wrong);
  }
  t.end();
});

t.test('rate 0 samples nothing, rate 1 everything, a rate between its part', (t) => {
  t.notOk(isSampled(0, 0));
  t.ok(isSampled(1, 0.999_999_999));
  let sampled = 0;
  for (let index = 0; index < 1_000; index += 1) if (isSampled(0.25, index / 1_000)) sampled += 1;
  t.equal(sampled, 250);
  t.end();
});

t.test('an access record is bounded and rounds to microseconds', (t) => {
  const fields = accessFields({
    method: 'X'.repeat(100),
    target: `/${'a'.repeat(600)}`,
    status: 200,
    durationSeconds: 0.000_012_345_6,
    remoteAddress: '::1',
  });
  t.equal(fields.method.length, 16);
  t.equal(fields.target.length, 515);
  t.equal(fields.durationMs, 0.012);
  t.end();
});

t.test('a pretty line shows control characters instead of obeying them, and colours only when asked', (t) => {
  const line = JSON.stringify({ level: 'warn', time: '2026-01-31T10:15:30.123Z', component: 'git', msg: 'a\u001b[2Jb\nc', path: 'x\ny' });
  t.equal(prettyLine(line, false), '10:15:30.123 WARN  git: a\\u001b[2Jb\\u000ac path="x\\ny"\n');
  t.ok(prettyLine(line, true).startsWith('10:15:30.123 \u001b[33mWARN \u001b[0m git: '));
  t.equal(prettyLine('no json\n', false), 'no json\n');
  t.end();
});
