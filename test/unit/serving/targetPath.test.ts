// The prefixes of a deployment never shadow an application's name.
import t from 'tap';
import { targetPaths } from '../../../src/serving/targetPath.ts';

t.test('without prefixes a path means itself', async (t) => {
  t.same(targetPaths('/orders/prod', ''), ['/orders/prod']);
  t.same(targetPaths('/configuration/prod', ''), ['/configuration/prod']);
});

t.test('/config is taken off first, and an application called config stays reachable', async (t) => {
  t.same(targetPaths('/config/orders/prod', ''), ['/orders/prod', '/config/orders/prod']);
  t.same(targetPaths('/config/prod', ''), ['/prod', '/config/prod']);
  t.same(targetPaths('/config/config/prod', ''), ['/config/prod', '/config/config/prod']);
});

t.test('outside server.prefix there is nothing', async (t) => {
  t.same(targetPaths('/orders/prod', '/api'), []);
  t.same(targetPaths('/api/orders/prod', '/api'), ['/orders/prod']);
  t.same(targetPaths('/apiary/orders/prod', '/api'), []);
});

t.test('an Ingress may keep or remove server.prefix behind /config', async (t) => {
  t.same(targetPaths('/config/api/orders/prod', '/api'), ['/orders/prod']);
  t.same(targetPaths('/config/orders/prod', '/api'), ['/orders/prod']);
});
