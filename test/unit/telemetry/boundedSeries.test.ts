// The bound on label combinations.
import t from 'tap';
import { BoundedSeries } from '../../../src/telemetry/boundedSeries.ts';

t.test('the first combinations keep their names, later ones become other and keep their backend', (t) => {
  const series = new BoundedSeries(2);
  t.same(series.labels('a', 'dev', 'git'), { app: 'a', profile: 'dev', backend: 'git' });
  t.same(series.labels('b', 'dev', 'git'), { app: 'b', profile: 'dev', backend: 'git' });
  t.same(series.labels('c', 'dev', 'native'), { app: 'other', profile: 'other', backend: 'native' });
  t.same(series.labels('a', 'dev', 'git'), { app: 'a', profile: 'dev', backend: 'git' }, 'known ones stay');
  t.end();
});

t.test('a name too long for a label is other and takes no place', (t) => {
  const series = new BoundedSeries(1);
  t.same(series.labels('x'.repeat(121), 'dev', 'git').app, 'other');
  t.same(series.labels('a', 'y'.repeat(1_000), 'git').profile, 'other');
  t.same(series.labels('a', 'dev', 'git').app, 'a');
  t.end();
});

t.test('names with separators do not run into each other', (t) => {
  const series = new BoundedSeries(1);
  series.labels('a","b', 'c', 'git');
  t.same(series.labels('a', 'b","c', 'git').app, 'other');
  t.end();
});
