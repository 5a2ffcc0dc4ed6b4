// Search locations become the directories that are scanned.
import t from 'tap';
import { isBelow, scanRoots } from '../../../../src/control/sources/native/scanRoots.ts';

t.test('the part before the first placeholder or star is scanned', async (test) => {
  const cases: readonly (readonly [string, string])[] = [
    ['file:/srv/config/', '/srv/config'],
    ['file:///srv/config', '/srv/config'],
    ['/srv/config/{application}', '/srv/config'],
    ['/srv/config/app-{application}/x', '/srv/config'],
    ['file:/srv/*/', '/srv'],
    ['file:///srv/{label}/', '/srv'],
    ['file:./config/', '/srv/config'],
    ['config', '/srv/config'],
    ['../other', '/other'],
    ['{application}', '/srv'],
    ['file:/with%20escape', '/with%20escape'],
    ['file:///with%20escape', '/with escape'],
  ];
  for (const [location, root] of cases) test.same(scanRoots([location], '/srv'), { roots: [root], skipped: [] }, location);
});

t.test('a root below another is part of it', async (test) => {
  test.same(scanRoots(['/srv/a/b', '/srv/a', 'file:/srv/a/', '/srv/ab'], '/').roots, ['/srv/a', '/srv/ab']);
});

t.test('what is no directory is skipped with a reason', async (test) => {
  for (const location of ['classpath:/config/', 'https://example.com/', 'file://host/share', '']) {
    const { roots, skipped } = scanRoots([location], '/srv');
    test.same(roots, [], location);
    test.equal(skipped.length, 1);
  }
});

t.test('below means the directory itself or in it', async (test) => {
  test.ok(isBelow('/a/b', '/a'));
  test.ok(isBelow('/a', '/a'));
  test.ok(isBelow('/a', '/'));
  test.notOk(isBelow('/ab', '/a'));
});
