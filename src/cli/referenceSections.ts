// The tables of README.md that are made from the code, by the name of their marker.
import { errorCodes, type ErrorCodeEntry } from '../model/errorCodes.ts';
import { optionList, type ListedOption } from '../settings/optionList.ts';
import { defaultText, remarks, valuesText } from '../settings/optionText.ts';
import { metricCatalogue, type LabelValues, type MetricEntry } from '../telemetry/metricCatalogue.ts';
import { exitCodes } from './exitCodes.ts';
import { markdownTable } from './markdownTable.ts';

const limitsPath = 'server.limits.';

export function referenceSections(): ReadonlyMap<string, string> {
  const listed = optionList();
  return new Map([
    ['settings', optionTable(listed.filter(({ path }) => !path.startsWith(limitsPath)))],
    ['limits', optionTable(listed.filter(({ path }) => path.startsWith(limitsPath)))],
    ['errors', errorTable()],
    ['metrics', metricTable()],
    [
      'exit-codes',
      markdownTable(
        ['Exit code', 'Meaning'],
        exitCodes().map(({ exitCode, meaning }) => [String(exitCode), meaning]),
      ),
    ],
  ]);
}

function optionTable(listed: readonly ListedOption[]): string {
  const rows = listed.map(({ path, environmentName, option }) => [
    `\`${path}\`<br>\`${environmentName}\``,
    valuesText(option.type),
    defaultText(option),
    remarks(option),
  ]);
  return markdownTable(['Option and variable', 'Values', 'Default', 'Meaning'], rows);
}

function errorTable(): string {
  const rows = Object.entries<ErrorCodeEntry>(errorCodes).map(([code, { status, exitCode, level, help }]) => [
    `\`${code}\``,
    status === 0 ? '' : String(status),
    exitCode === 0 ? '' : String(exitCode),
    level,
    help,
  ]);
  return markdownTable(['Code', 'HTTP status', 'Exit code', 'Log level', 'Meaning'], rows);
}

function metricTable(): string {
  const rows = Object.entries<MetricEntry>(metricCatalogue).map(([name, { type, labels, help }]) => [
    `\`${name}\``,
    type,
    Object.entries(labels).map(labelText).join(', '),
    help,
  ]);
  return markdownTable(['Metric', 'Type', 'Labels', 'Meaning'], rows);
}

// Longer lists of values are those of other tables (routes, methods, statuses).
function labelText([label, values]: readonly [string, LabelValues]): string {
  if (!Array.isArray(values)) return `\`${label}\``;
  return values.length > 8 ? `\`${label}\`` : `\`${label}\` (${values.join(', ')})`;
}
