// Counts the tests of one test file from its TAP output.

/** @typedef {{ readonly passed: number, readonly failed: number, readonly skipped: number }} TestCounts */

/**
 * A test is a top-level line of the file: a named `t.test`, or an assertion outside of any. A file that ended badly without
 * a failed test (a crash, a time-out, a plan that was not met) counts as one failed test.
 *
 * @param {string} output what the file wrote to its standard output
 * @param {boolean} endedWell exit code 0
 * @returns {TestCounts}
 */
export function countTests(output, endedWell) {
  let passed = 0;
  let failed = 0;
  let skipped = 0;
  let planned = null;
  for (const line of output.split('\n')) {
    const plan = /^1\.\.(\d+)(\s+#.*)?$/.exec(line);
    if (plan !== null) planned = Number(plan[1]);
    const point = /^(not )?ok\b(.*)$/.exec(line);
    if (point === null) continue;
    if (/ # (SKIP|TODO)\b/i.test(point[2] ?? '')) skipped++;
    else if (point[1] === undefined) passed++;
    else failed++;
  }
  const isSkippedWhole = planned === 0;
  const isComplete = endedWell && planned !== null && (isSkippedWhole || planned === passed + failed + skipped);
  if (isSkippedWhole && endedWell) skipped++;
  if (!isComplete && failed === 0) failed++;
  return { passed, failed, skipped };
}
