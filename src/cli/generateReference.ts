// Entry: writes the generated tables into a document, or checks that they are there. `generateReference.js FILE --check|--write`
import { readFileSync, writeFileSync } from 'node:fs';
import { referenceSections } from './referenceSections.ts';
import { replaceGenerated } from './replaceGenerated.ts';

process.exitCode = generate(process.argv.slice(2));

function generate(argv: readonly string[]): number {
  const [file, mode] = argv;
  if (file === undefined || argv.length !== 2 || (mode !== '--check' && mode !== '--write')) {
    process.stderr.write('usage: generateReference.js FILE --check|--write\n');
    return 64;
  }
  const before = readFileSync(file, 'utf8');
  const replacement = replaceGenerated(before, referenceSections());
  if (replacement.kind === 'problem') {
    process.stderr.write(`${file}: ${replacement.message}\n`);
    return 1;
  }
  if (replacement.text === before) return 0;
  if (mode === '--write') {
    writeFileSync(file, replacement.text);
    return 0;
  }
  process.stderr.write(`${file}: the generated tables are not those of the code; run with --write\n`);
  return 1;
}
