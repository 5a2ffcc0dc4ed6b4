// One host, several sources: who may try it, and that what is no outage does not count.
import t from 'tap';
import type { ErrorCode } from '../../../../src/model/errorCodes.ts';
import { REMOTE_FAILURES_MAX } from '../../../../src/model/limits.ts';
import { RemoteGates } from '../../../../src/control/sources/remoteGates.ts';
import { remoteHost } from '../../../../src/control/sources/git/gitUri.ts';

function gates(): { readonly gates: RemoteGates; readonly changes: string[]; readonly clock: { nowMs: number } } {
  const changes: string[] = [];
  const clock = { nowMs: 0 };
  const onChange = (host: string, isOpen: boolean): void => void changes.push(`${host} ${isOpen ? 'open' : 'closed'}`);
  return { gates: new RemoteGates({ onChange, nowMs: () => clock.nowMs, random: () => 0.5 }), changes, clock };
}

const problem = (code: ErrorCode): { readonly code: ErrorCode; readonly message: string } => ({ code, message: '' });

t.test('failures of different sources of one host add up; those of other hosts do not', async (t) => {
  const { gates: all, changes } = gates();
  const sources = Array.from({ length: REMOTE_FAILURES_MAX }, () => all.of('h:1', 5_000, 1_000));
  const other = all.of('h:2', 5_000, 1_000);
  for (const source of sources) {
    t.equal(source.ask(), 0);
    source.report(problem('SOURCE_UNREACHABLE'));
    other.report(problem('SOURCE_TIMEOUT'));
    other.report(null);
  }
  t.equal(sources[0]!.ask(), 5_000);
  t.equal(other.ask(), 0);
  t.strictSame(changes, ['h:1 open']);
});

t.test('the shortest interval of a host counts, within bounds; a probe that succeeds opens it for all', async (t) => {
  const { gates: all, changes, clock } = gates();
  const slow = all.of('h', 3_600_000, 1_000);
  for (let failure = 0; failure < REMOTE_FAILURES_MAX; failure += 1) slow.report(problem('SOURCE_UNREACHABLE'));
  t.equal(slow.ask(), 30_000);
  clock.nowMs = 30_000;
  const fast = all.of('h', 10, 1_000);
  t.equal(fast.ask(), 0);
  t.ok(slow.ask() > 0, 'one probe at a time');
  fast.report(problem('SOURCE_UNREACHABLE'));
  t.equal(slow.ask(), 1_000);
  clock.nowMs = 31_000;
  t.equal(slow.ask(), 0);
  slow.report(null);
  t.equal(fast.ask(), 0);
  t.strictSame(changes, ['h open', 'h closed']);
});

t.test('a host that answers is up, also when it refuses', async (t) => {
  const { gates: all } = gates();
  const gate = all.of('h', 5_000, 1_000);
  for (let turn = 0; turn < 20; turn += 1) gate.report(problem(turn % 4 === 3 ? 'SOURCE_UNAUTHORIZED' : 'SOURCE_UNREACHABLE'));
  t.equal(gate.ask(), 0);
});

t.test('sources share a host by its name and port, whatever their path and user', async (t) => {
  const hosts = [
    'https://joe:pw@h.test/a.git',
    'https://h.test/b',
    'http://h.test:8080/a',
    'ssh://git@h.test/a',
    'git@h.test:a',
    '/srv/a',
    'file:///srv/a',
    'gopher://h/a',
  ];
  t.strictSame(
    hosts.map((uri) => remoteHost(uri, '/')),
    ['h.test', 'h.test', 'h.test:8080', 'h.test:22', 'h.test:22', null, null, null],
  );
});
