// Which reader a file goes to, and the limits that hold for every format.
import t from 'tap';
import { parseConfigFile } from '../../../../src/core/formats/parseConfigFile.ts';
import { bytesOf, failureOf, readRows, roomyLimits } from './readDocuments.ts';

t.test('the extension decides on the format', async (t) => {
  t.same(readRows('a/b.properties', 'n=1'), [[['n', '1', '1:3']]]);
  t.same(readRows('a/b.yml', 'n: 1'), [[['n', 1n, '1:4']]]);
  t.same(readRows('a/b.yaml', 'n: 1'), [[['n', 1n, '1:4']]]);
  const doctype = '<!DOCTYPE properties SYSTEM "http://java.sun.com/dtd/properties.dtd">';
  t.same(readRows('a/b.xml', `${doctype}<properties><entry key="n">1</entry></properties>`), [[['n', '1', null]]]);
});

t.test('an import can name the format of a file without extension', async (t) => {
  const [document] = parseConfigFile('parts/more', bytesOf('n: 1'), roomyLimits, 'yml');
  t.same([...(document?.properties ?? [])], [['n', { value: 1n, origin: '1:4' }]]);
});

t.test('another extension is a bug of the caller', async (t) => {
  t.throws(() => readRows('a.json', '{}'), /assertion failed/);
});

t.test('a failure names file, line, column and reason', async (t) => {
  t.equal(failureOf('conf/a.yml', 'a: 1\nb: {c: 1, c: 2}\n'), 'CONTENT_INVALID conf/a.yml:2:11: duplicate key "c"');
});

t.test('a file over fileBytesMax is refused unread', async (t) => {
  const failure = failureOf('a.yml', 'a: [', { ...roomyLimits, fileBytesMax: 3 });
  t.equal(failure, 'LIMIT_EXCEEDED a.yml: has 4 bytes, more than 3 (server.limits.fileBytesMax)');
});

t.test('a long key that repeats in many flat keys is refused', async (t) => {
  const limits = { ...roomyLimits, bodyBytesMax: 20_000 };
  const key = 'k'.repeat(1_000);
  t.match(failureOf('a.yml', `${key}: [${'x, '.repeat(30)}]`, limits), /^LIMIT_EXCEEDED a\.yml: .*bodyBytesMax/);
  t.match(failureOf('a.properties', `${key}[]=${'x,'.repeat(30)}`, limits), /^LIMIT_EXCEEDED a\.properties: .*bodyBytesMax/);
  t.equal(failureOf('a.yml', `${key}: [${'x, '.repeat(10)}]`, limits), '');
});
