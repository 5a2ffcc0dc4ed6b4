// The counts that npm test prints come from here: every kind of line of a test file, and files that end badly.
import t from 'tap';
import { countTests } from '../../../src/build/tapCounts.mjs';

const head = 'TAP version 14\n';

t.test('named tests are counted, not the assertions in them', async (t) => {
  const output = `${head}# Subtest: a\n    ok 1 - x\n    ok 2 - y\n    1..2\nok 1 - a # time=1ms\nok 2 - b\n1..2\n`;
  t.same(countTests(output, true), { passed: 2, failed: 0, skipped: 0 });
});

t.test('a failed test counts as failed once, whatever the exit code', async (t) => {
  const output = `${head}not ok 1 - a\n  ---\n  diff: |\n    ok 9 - text\n  ...\nok 2 - b\n1..2\n`;
  t.same(countTests(output, false), { passed: 1, failed: 1, skipped: 0 });
});

t.test('skipped tests and skipped files are counted apart', async (t) => {
  t.same(countTests(`${head}ok 1 - a # SKIP no java\nok 2 - b\n1..2\n`, true), { passed: 1, failed: 0, skipped: 1 });
  t.same(countTests(`${head}1..0 # no java\n`, true), { passed: 0, failed: 0, skipped: 1 });
});

t.test('a file that ends badly without a failed test counts as one failure', async (t) => {
  t.equal(countTests(`${head}ok 1 - a\n1..1\n`, false).failed, 1, 'exit code');
  t.equal(countTests(`${head}ok 1 - a\n`, true).failed, 1, 'no plan: it stopped in the middle');
  t.equal(countTests(`${head}ok 1 - a\n1..2\n`, true).failed, 1, 'fewer tests than planned');
  t.equal(countTests('', true).failed, 1, 'no output at all');
});
