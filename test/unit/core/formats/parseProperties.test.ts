// .properties files as Spring Boot reads them.
import t from 'tap';
import { failureOf, origins, readRows } from './readDocuments.ts';
import type { Value } from '../../../../src/model/value.ts';

function entriesPerDocument(text: string): [string, Value][][] {
  const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
  return readRows('a.properties', bytes).map((rows) => rows.map(([key, value]) => [key, value]));
}

function entries(text: string): [string, Value][] {
  return entriesPerDocument(text)[0] ?? [];
}

t.test('separators are =, : or a blank; every value is a string with its trailing blanks', async (t) => {
  t.same(entries('a=1\nb : true \nc\tx y\n  d = \n e\nf==:\ng'), [
    ['a', '1'],
    ['b', 'true '],
    ['c', 'x y'],
    ['d', ''],
    ['e', ''],
    ['f', '=:'],
    ['g', ''],
  ]);
});

t.test('the bytes are Latin-1, and escapes stand for other characters', async (t) => {
  t.same(entries('a=caf\u00e9\u0080\nb=\\u4e2d\\uD83D\\uDE00\nc=\\t\\n\\r\\f\\z\\\\\nd\\=\\:e\\u0020f=1\n'), [
    ['a', 'café\u0080'],
    ['b', '中😀'],
    ['c', '\t\n\r\fz\\'],
    ['d=:e f', '1'],
  ]);
  t.equal(failureOf('a.properties', 'x=1\ny=\\u12g4\n'), 'CONTENT_INVALID a.properties:2:3: \\u needs four hexadecimal digits');
  t.match(failureOf('a.properties', 'y=\\u12'), /^CONTENT_INVALID a\.properties:1:3/);
});

t.test('a backslash at the end of a line joins it with the next, without its indentation', async (t) => {
  t.same(entries('a=x\\\n   y\\\r\n\tz\nb\\\n  c=1\nd=\\\n#no comment\n'), [
    ['a', 'xyz'],
    ['bc', '1'],
    ['d', '#no comment'],
  ]);
  t.same(entries(`a=${'\\\n'.repeat(100_000)}x`), [['a', 'x']], 'any number of lines');
});

t.test('lines end with LF, CR or CRLF', async (t) => {
  t.same(entries('a=1\rb=2\r\nc=3\n\n\r'), [
    ['a', '1'],
    ['b', '2'],
    ['c', '3'],
  ]);
});

t.test('a repeated key has the first position and the last value', async (t) => {
  t.same(entries('a=1\nb=2\na=3\n'), [
    ['a', '3'],
    ['b', '2'],
  ]);
});

t.test('keys are trimmed, entries without key are ignored, an escaped comment sign is a comment still', async (t) => {
  t.same(entries('=1\n:2\n\\ a\\ =3\n\\#b=4\n\\!c=5\nd=6\n'), [
    ['a', '3'],
    ['d', '6'],
  ]);
});

t.test('a key with [] is a list, split at commas that are not escaped', async (t) => {
  t.same(entries('a[]=x,  y ,z\\,z\nb[]=\nc[]=x,\nd[]=,x\n[]=x\n'), [
    ['a[0]', 'x'],
    ['a[1]', 'y '],
    ['a[2]', 'z,z'],
    ['b[0]', ''],
    ['c[0]', 'x'],
    ['d[0]', ''],
    ['d[1]', 'x'],
    ['[0]', 'x'],
  ]);
});

t.test('a marker line splits documents; empty documents are left out', async (t) => {
  t.same(entriesPerDocument('#---\na=1\n!---  \nb=2\n#---\n#---\n\nc=3\n#---'), [[['a', '1']], [['b', '2']], [['c', '3']]]);
  t.same(entriesPerDocument('# nothing\n\n'), []);
});

t.test('a marker needs the first column, three hyphens and nothing else', async (t) => {
  t.equal(entriesPerDocument('a=1\n #---\nb=2\n#----\nc=3\n#--\nd=4\n#--- x\ne=5\n').length, 1);
});

t.test('a comment of the same sign before a marker takes the split back, a blank line between allows it', async (t) => {
  t.equal(entriesPerDocument('a=1\n# c\n#---\nb=2\n').length, 1);
  t.equal(entriesPerDocument('a=1\n! c\n#---\nb=2\n').length, 2);
  t.equal(entriesPerDocument('a=1\n# c\n\n#---\nb=2\n').length, 2);
});

t.test('a comment of either sign as the next line takes the split back', async (t) => {
  t.equal(entriesPerDocument('a=1\n#---\n\n! c\nb=2\n').length, 1);
  t.equal(entriesPerDocument('a=1\n#---\n!---\nb=2\n').length, 2);
  t.equal(entriesPerDocument('a=1\n#---\nb=2\n# c\nc=3\n').length, 2);
});

t.test('an origin is the first character of the value on its own line, an escape being one column', async (t) => {
  t.same(origins('a.properties', 'a=1\n  b  =  2\nc\\u0041d=3\ne=\\\n    4\nf[]=x, y\n'), ['a 1:3', 'b 2:9', 'cAd 3:5', 'e 5:5', 'f[0] 6:5', 'f[1] 6:8']);
});

t.test('the origin of an empty value is before the next line, or behind the separator at the end of the file', async (t) => {
  t.same(origins('a.properties', 'a=\nb\nc='), ['a 2:0', 'b 3:0', 'c 4:3']);
});

t.test('a marker line with trailing blanks shifts the columns of the next line', async (t) => {
  const rows = readRows('a.properties', 'a=1\n#---  \nb=2\nc=3\n');
  t.same(
    rows[1]?.map(([key, , origin]) => `${key} ${origin}`),
    ['b 3:10', 'c 4:3'],
  );
});
