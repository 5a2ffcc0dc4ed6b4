// Entry: writes the generated files of a chart, or checks that they are there. `generateChart.js CHART --check|--write`
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chartSchema } from './chartSchema.ts';
import { chartValues, type ChartValue } from './chartValues.ts';
import { markdownTable } from './markdownTable.ts';
import { replaceGenerated } from './replaceGenerated.ts';

process.exitCode = generate(process.argv.slice(2));

function generate(argv: readonly string[]): number {
  const [chart, mode] = argv;
  if (chart === undefined || argv.length !== 2 || (mode !== '--check' && mode !== '--write')) {
    process.stderr.write('usage: generateChart.js CHART --check|--write\n');
    return 64;
  }
  const values = chartValues(readFileSync(join(chart, 'values.yaml'), 'utf8'));
  const readme = join(chart, 'README.md');
  const table = replaceGenerated(readFileSync(readme, 'utf8'), new Map([['values', valuesTable(values)]]));
  if (table.kind === 'problem') {
    process.stderr.write(`${readme}: ${table.message}\n`);
    return 1;
  }
  const wanted = [
    { file: join(chart, 'values.schema.json'), content: `${JSON.stringify(chartSchema(values), null, 2)}\n` },
    { file: readme, content: table.text },
  ];
  const stale = wanted.filter(({ file, content }) => !existsSync(file) || readFileSync(file, 'utf8') !== content);
  for (const { file, content } of stale) {
    if (mode === '--write') writeFileSync(file, content);
    else process.stderr.write(`${file}: is not what the settings and values.yaml make; run with --write\n`);
  }
  return mode === '--write' || stale.length === 0 ? 0 : 1;
}

/** Values with a comment; what a mapping's comment says stands for all that is in it. */
function valuesTable(values: readonly ChartValue[]): string {
  return markdownTable(['Value', 'Default', 'Meaning'], values.flatMap(rowsOf));
}

function rowsOf(value: ChartValue): readonly (readonly string[])[] {
  const inner = value.children?.flatMap(rowsOf) ?? [];
  if (value.comment === '' && value.children !== null) return inner;
  const shown = value.children !== null && inner.length > 0 ? '' : `\`${JSON.stringify(value.default)}\``;
  return [[`\`${value.path.join('.')}\``, shown, value.comment], ...inner];
}
