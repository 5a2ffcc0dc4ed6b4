// The bytes of YAML files.
import t from 'tap';
import { bytesOf, failureOf, readRows } from './readDocuments.ts';

function utf16(text: string, isBigEndian: boolean): Uint8Array {
  const bytes = Buffer.from(`\ufeff${text}`, 'utf16le');
  return isBigEndian ? bytes.swap16() : bytes;
}

t.test('UTF-8 and marked UTF-16 are read; the mark is no column', async (t) => {
  const expected = [[['clé', 'ü€😀', '1:6']]];
  t.same(readRows('a.yml', 'clé: ü€😀\n'), expected);
  t.same(readRows('a.yml', '\ufeffclé: ü€😀\n'), expected);
  t.same(readRows('a.yml', utf16('clé: ü€😀\n', false)), expected);
  t.same(readRows('a.yml', utf16('clé: ü€😀\n', true)), expected);
});

t.test('a part of larger memory is read by its own bounds', async (t) => {
  t.same(readRows('a.yml', bytesOf('x: 1\na: 2\ny: 3\n').subarray(5, 10)), [[['a', 2n, '1:4']]]);
  t.same(readRows('a.properties', bytesOf('x=1\na=2\ny=3\n').subarray(4, 8)), [[['a', '2', '1:3']]]);
});

t.test('malformed bytes fail, at their line', async (t) => {
  t.match(failureOf('a.yml', new Uint8Array([0x61, 0x3a, 0x20, 0x31, 0x0a, 0x62, 0x3a, 0x20, 0xe9, 0x0a])), /^CONTENT_INVALID a\.yml:2:1: /);
  t.match(failureOf('a.yml', new Uint8Array([0xff, 0xfe, 0x61])), /^CONTENT_INVALID a\.yml:1:1: /);
  t.match(failureOf('a.yml', new Uint8Array([0xff, 0xfe, 0x00, 0xd8, 0x61, 0x00])), /^CONTENT_INVALID a\.yml:1:1: /);
});

t.test('control characters fail, at their place', async (t) => {
  for (const character of ['\0', '\x07', '\x1b', '\x7f', '\x80', '\ufffe', '\uffff']) {
    t.match(failureOf('a.yml', `a: 1\nb: "x${character}"\n`), /^CONTENT_INVALID a\.yml:2:6: character U\+[0-9a-f]{4} is not allowed/);
  }
  t.same(readRows('a.yml', 'a: "\u00a0\ufeff\ue000\u{10ffff}"\n'), [[['a', '\u00a0\ufeff\ue000\u{10ffff}', '1:4']]]);
});
