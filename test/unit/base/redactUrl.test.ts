// User names and passwords in URLs.
import t from 'tap';
import { redactUrl } from '../../../src/base/redactUrl.ts';

t.test('the user info of every URL in a text is hidden', async (t) => {
  t.equal(redactUrl('https://joe:pw@host/x.git'), 'https://***@host/x.git');
  t.equal(redactUrl('https://ghp_token@host:8443/x.git'), 'https://***@host:8443/x.git');
  t.equal(redactUrl('a https://a:b@c/d and ssh://e:f@g/h'), 'a https://***@c/d and ssh://***@g/h');
});

t.test('a password with unescaped characters does not leak its rest', async (t) => {
  t.equal(redactUrl('https://joe:p@ss@host/x'), 'https://***@host/x');
  t.equal(redactUrl('https://joe:p/ss@host/x'), 'https://***@host/x');
  t.equal(redactUrl('https://joe:p#s?s@host/x'), 'https://***@host/x');
});

t.test('a URL without user info stays as it is', async (t) => {
  for (const url of [
    'https://host/x',
    'https://host:8080/a@b',
    'https://host/a:b@c',
    'git@host:team/x.git',
    'file:/srv/a@b',
    'https://host/{application}?x=@',
  ]) {
    t.equal(redactUrl(url), url);
  }
});
