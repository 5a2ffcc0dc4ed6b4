// Encrypted values within plain-text files: where they are looked for, and what a failure does.
import t from 'tap';
import { decryptFileText } from '../../../../src/core/encryption/decryptFileText.ts';
import { Failure } from '../../../../src/model/failure.ts';
import { Random } from '../../../integration/fuzz/random.ts';
import { limits } from '../../../fixtures/renderFixture.ts';

const decryption = { decrypt: (text: string): string | null => (text.endsWith('!') ? text.slice(0, -1).toUpperCase() : null), onFailure: () => undefined };

function decrypted(path: string, text: string): string {
  return decryptFileText(path, text, limits, decryption);
}

function codeOf(path: string, text: string): string {
  try {
    decrypted(path, text);
    return 'none';
  } catch (error) {
    if (error instanceof Failure) return error.code;
    throw error;
  }
}

t.test('values of properties, JSON and YAML are replaced in place', async (t) => {
  t.equal(decrypted('a.properties', '# c\na = {cipher}x!\nb={cipher}x!\nc=y{cipher}x!\n'), '# c\na = X\nb=X\nc=yX\n', 'every occurrence of the text');
  t.equal(
    decrypted('A.JSON', '{"{cipher}k!": ["{cipher}x!", 1], "b": {"c": "{cipher}{cipher}y!"}}'),
    '{"{cipher}k!": ["X", 1], "b": {"c": "Y"}}',
    'keys are no values',
  );
  t.equal(
    decrypted('a.yml', 'a: \'{cipher}x!\'\nb: &b\n  - "{cipher}y!"\nc: *b\n---\nd: |\n  {cipher}z!\n'),
    'a: \'X\'\nb: &b\n  - "Y"\nc: *b\n---\nd: |\n  Z\n',
  );
  t.equal(decrypted('a.yaml', "a: '{cipher}x!'"), "a: 'X'");
  t.equal(decrypted('a.properties', 'a={cipher}x!\nb={cipher}x!y!'), 'a=X\nb=X!Y', 'where one value begins another the longer one is meant');
});

t.test('other files stay as they are', async (t) => {
  for (const path of ['a.sh', 'a.xml', 'properties', 'a.json.bak']) t.equal(decrypted(path, 'a={cipher}x!\n{'), 'a={cipher}x!\n{', path);
});

t.test('a value that fails, or a file that is broken, fails the request', async (t) => {
  t.equal(codeOf('a.properties', 'a={cipher}x'), 'DECRYPTION_FAILED');
  t.equal(codeOf('a.json', '{"a": '), 'CONTENT_INVALID');
  t.equal(codeOf('a.yml', 'a: [1'), 'CONTENT_INVALID');
  t.equal(codeOf('a.json', ''), 'none');
  t.equal(codeOf('a.json', '{"a": "{cipher}x"}'), 'DECRYPTION_FAILED');
});

t.test('no failure quotes the file', async (t) => {
  for (const [path, text] of [
    ['a.json', '{"password": hunter2}'],
    ['a.properties', 'a={cipher}hunter2'],
  ] as const) {
    try {
      decrypted(path, text);
      t.fail(path);
    } catch (error) {
      t.notOk(JSON.stringify([String(error), (error as Error).cause]).includes('hunter2'), path);
    }
  }
});

t.test('decrypted texts count towards the size of an answer', async (t) => {
  const many = { decrypt: () => 'x'.repeat(1_000), onFailure: () => undefined };
  t.throws(() => decryptFileText('a.properties', 'a={cipher}y\n'.repeat(200), limits, many), { code: 'LIMIT_EXCEEDED' });
});

t.test('hostile files end in a text or a Failure', async (t) => {
  const random = new Random(21);
  for (let round = 0; round < 5_000; round += 1) {
    const text = random
      .some(30, () => random.pick(['{cipher}', 'x!', '"', ':', ' ', '\n', '{', '}', '[', ']', ',', '\\', "'", 'a', '- ', '&a ', '*a', '|']))
      .join('');
    codeOf(`a.${random.pick(['yml', 'json', 'properties'])}`, text);
  }
  t.pass('5,000 files');
});
