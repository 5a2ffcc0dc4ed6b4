// Durations in settings.
import t from 'tap';
import { formatDuration, parseDuration } from '../../../src/base/duration.ts';

t.test('a duration is read with its unit and written in the shortest form', async (t) => {
  for (const [text, ms, shortest] of [
    ['500ms', 500, '500ms'],
    ['30s', 30_000, '30s'],
    ['90s', 90_000, '1m30s'],
    ['1m30s', 90_000, '1m30s'],
    ['2h', 7_200_000, '2h'],
    ['1d', 86_400_000, '1d'],
    ['1500ms', 1_500, '1s500ms'],
    ['0s', 0, '0s'],
  ] as const) {
    t.equal(parseDuration(text), ms, text);
    t.equal(formatDuration(ms), shortest, text);
    t.equal(parseDuration(formatDuration(ms)), ms, `${text} there and back`);
  }
});

t.test('what is no duration is refused, a bare number too', async (t) => {
  for (const text of ['', '5', '1.5s', '-1s', 's', '5 s', '5S', '30s1m', 'PT5S', '1s1s', '99999999999999999d']) t.equal(parseDuration(text), null, text);
});
