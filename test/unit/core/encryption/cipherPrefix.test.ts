// Prefixes of ciphertexts: which are cut, which are read, and that hostile ones cost no time.
import t from 'tap';
import { prefixesOf, prefixText, withoutPrefixes } from '../../../../src/core/encryption/cipherPrefix.ts';
import { Random } from '../../../integration/fuzz/random.ts';

t.test('the run of prefixes at the start is cut', async (t) => {
  for (const [text, rest] of [
    ['abc', 'abc'],
    ['{key:main}abc', 'abc'],
    ['{key:main}{secret:x}abc{key:y}', 'abc{key:y}'],
    ['{name:a}{profiles:b}{key:c}abc', 'abc'],
    ['{key}abc', '{key}abc'],
    ['{key:}abc', 'abc'],
    ['{key:a', '{key:a'],
    ['{a{b:c}d', 'd'],
    ['{a:\n}x', '{a:\n}x'],
    ['x{plain}{key:a}b', '{key:a}b'],
    ['', ''],
  ] as const) {
    t.equal(withoutPrefixes(text), rest, text);
  }
});

t.test('the cut is that of the expression that upstream uses', async (t) => {
  const random = new Random(3);
  for (let round = 0; round < 20_000; round += 1) {
    const text = random.some(14, () => random.pick('{}:ab\n'.split(''))).join('');
    t.equal(withoutPrefixes(text), text.replace(/^(\{.*?:.*?\})*/, ''), JSON.stringify(text));
    if (!t.passing()) return;
  }
});

t.test('prefixes are read from left to right', async (t) => {
  const read = (text: string): object => Object.fromEntries(prefixesOf(text));
  t.same(read('{key:main}{secret:s}abc'), { key: 'main', secret: 's' });
  t.same(read('{key:a}{key:b}x'), { key: 'b' });
  t.same(read('{key:a:b}x'), { key: 'a:b' });
  t.same(read('{key}x'), { key: '' });
  t.same(read('{name:n}{key:a}x'), {}, 'what comes behind a name is lost');
  t.same(read('{key:a}{name:n}{profiles:p}x'), { key: 'a' });
  t.same(read('{key:a}{plain}{secret:b}x'), { key: 'a' }, 'up to {plain}');
  t.same(read('hello'), {});
});

t.test('what encryption puts in front finds the same key again', async (t) => {
  const prefixes = prefixesOf('{key:second}{secret:s:t}text');
  t.equal(prefixText(prefixes), '{key:second}{secret:s:t}');
  t.same(prefixesOf(`${prefixText(prefixes)}00ff`), prefixes);
});

t.test('a long text of prefixes and halves of them is read in one pass', async (t) => {
  for (const part of ['{', ':', '{:', '{name:', '{profiles:\n', '{a:b}', '}', '{a:\n']) {
    const text = part.repeat(200_000);
    t.ok(withoutPrefixes(text).length <= text.length, part);
    t.ok(prefixesOf(text).size <= 2, part);
  }
});
