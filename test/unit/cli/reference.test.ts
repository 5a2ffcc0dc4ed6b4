// The generated tables of README.md and the program that writes them.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { markdownTable } from '../../../src/cli/markdownTable.ts';
import { referenceSections } from '../../../src/cli/referenceSections.ts';
import { replaceGenerated } from '../../../src/cli/replaceGenerated.ts';
import { errorCodes } from '../../../src/model/errorCodes.ts';
import { optionList } from '../../../src/settings/optionList.ts';
import { metricCatalogue } from '../../../src/telemetry/metricCatalogue.ts';

const program = fileURLToPath(new URL('../../../src/cli/generateReference.js', import.meta.url));

function generate(...argv: readonly string[]): { readonly status: number | null; readonly errors: string } {
  const { status, stderr } = spawnSync(process.execPath, [program, ...argv], { encoding: 'utf8' });
  return { status, errors: stderr };
}

function emptyDocument(names: Iterable<string>): string {
  return `# Title\n\n${[...names].map((name) => `<!-- generated:${name} -->\n<!-- /generated -->\n`).join('\nprose\n\n')}`;
}

t.test('the tables name every option, variable and error code and metric once', async (t) => {
  const sections = referenceSections();
  const text = [...sections.values()].join('\n');
  for (const { path, environmentName } of optionList()) t.equal(text.split(`\`${path}\`<br>\`${environmentName}\``).length, 2, path);
  for (const code of Object.keys(errorCodes)) t.equal(sections.get('errors')?.split(`\`${code}\``).length, 2, code);
  for (const name of Object.keys(metricCatalogue)) t.equal(sections.get('metrics')?.split(`\`${name}\``).length, 2, name);
  t.match(sections.get('limits'), /`server\.limits\.fileBytesMax`/);
  t.notMatch(sections.get('settings'), /`server\.limits\./);
  t.match(sections.get('exit-codes'), /\| 78 /);
});

t.test('the program writes the tables, then agrees with them, and sees every change', async (t) => {
  const file = join(t.testdir({ 'README.md': emptyDocument(referenceSections().keys()) }), 'README.md');
  t.match(generate(file, '--check'), { status: 1, errors: /run with --write/ });
  t.equal(generate(file, '--write').status, 0);
  t.equal(generate(file, '--check').status, 0);
  const written = readFileSync(file, 'utf8');
  t.match(written, /^# Title\n\n<!-- generated:settings -->\n\n\| Option/);
  t.match(written, /\nprose\n/);
  writeFileSync(file, written.replace('8080', '8081'));
  t.equal(generate(file, '--check').status, 1);
  t.equal(generate(file, '--write').status, 0);
  t.equal(readFileSync(file, 'utf8'), written);
});

t.test('the program refuses other arguments', async (t) => {
  t.match(generate(), { status: 64, errors: /^usage: / });
  t.equal(generate('README.md', '--all').status, 64);
});

t.test('a document with markers that are unknown, double, missing or open is refused', async (t) => {
  const sections = new Map([
    ['a', 'A'],
    ['b', 'B'],
  ]);
  t.strictSame(replaceGenerated(emptyDocument(['a', 'b']), sections).kind, 'replaced');
  for (const [document, expected] of [
    [emptyDocument(['a', 'b', 'c']), /no generated text is called c/],
    [emptyDocument(['a', 'b', 'a']), /a occurs twice/],
    [emptyDocument(['a']), /b is missing/],
    [`${emptyDocument(['a'])}<!-- generated:b -->\n`, /has no <!-- \/generated -->/],
    [`<!-- generated:a -->\n${emptyDocument(['b'])}`, /has no <!-- \/generated -->/],
  ] as const) {
    t.match(replaceGenerated(document, sections), { kind: 'problem', message: expected });
  }
});

t.test('a table has aligned columns and cells that stay cells', async (t) => {
  t.equal(
    markdownTable(
      ['A', 'Long head'],
      [
        ['a|b', '`c*` *d*'],
        ['', 'x'],
      ],
    ),
    ['| A    | Long head  |', '| ---- | ---------- |', '| a\\|b | `c*` \\*d\\* |', '|      | x          |'].join('\n'),
  );
});
