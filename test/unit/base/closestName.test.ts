// Suggestions for misspelt names.
import t from 'tap';
import { closestName } from '../../../src/base/closestName.ts';

const names = ['port', 'host', 'workers', 'searchPaths', 'pollInterval'];

t.test('a misspelt name finds the one that was meant', async (t) => {
  t.equal(closestName('prot', names), 'port');
  t.equal(closestName('worker', names), 'workers');
  t.equal(closestName('searchpath', names), 'searchPaths');
  t.equal(closestName('pollIntervall', names), 'pollInterval');
});

t.test('a name that is near to none finds none', async (t) => {
  t.equal(closestName('database', names), null);
  t.equal(closestName('x', []), null);
});
