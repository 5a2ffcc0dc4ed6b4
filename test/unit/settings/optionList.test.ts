// House rules that every declared option keeps.
import t from 'tap';
import { convertValue } from '../../../src/settings/convertValue.ts';
import { isOption, type Option, type OptionGroup } from '../../../src/settings/option.ts';
import { optionList } from '../../../src/settings/optionList.ts';
import { camelCase, kebabCase } from '../../../src/settings/optionNames.ts';
import { displayValue } from '../../../src/settings/optionText.ts';
import { validSettings } from './resolveTexts.ts';

interface Declared {
  readonly path: string;
  readonly option: Option;
}

function everyOption(): readonly Declared[] {
  return optionList().flatMap(withFields);
}

function withFields({ path, option }: Declared): readonly Declared[] {
  const { type } = option;
  if (type.kind === 'named') return [{ path, option }, ...fieldsOf(type.fields, `${path}.<name>`)];
  if (type.kind !== 'entries') return [{ path, option }];
  return [{ path, option }, ...Object.values(type.variants).flatMap((fields) => fieldsOf(fields, `${path}.<index>`))];
}

function fieldsOf(fields: OptionGroup, parent: string): readonly Declared[] {
  return Object.entries(fields).flatMap(([name, field]) => (isOption(field) ? withFields({ path: `${parent}.${name}`, option: field }) : []));
}

t.test('every help text is one line that is a sentence', async (t) => {
  for (const { path, option } of everyOption()) t.match(option.help, /^[A-Z][^\n]*\.$/, path);
});

t.test('every name is camel case and comes back from its kebab spelling', async (t) => {
  for (const { path } of everyOption()) {
    for (const segment of path.split('.').filter((part) => !part.startsWith('<'))) {
      t.match(segment, /^[a-z][a-zA-Z0-9]*$/, path);
      t.equal(camelCase(kebabCase(segment)), segment, path);
    }
  }
});

t.test('every environment name belongs to one option', async (t) => {
  const names = optionList().map(({ environmentName }) => environmentName);
  t.equal(new Set(names).size, names.length);
  for (const name of names) t.match(name, /^VORTEX_[A-Z0-9_]+$/);
});

t.test('every default is a value that the option accepts', async (t) => {
  for (const { path, option } of everyOption()) {
    if (option.default === null || option.derived !== null || option.required === true || option.type.kind === 'named' || option.type.kind === 'entries')
      continue;
    const text = Array.isArray(option.default) ? option.default.join(',') : option.default instanceof Map ? '' : displayDefault(option);
    const conversion = convertValue(option, { kind: 'text', text, origin: { kind: 'default' } });
    t.strictSame(conversion, { kind: 'value', value: option.default }, path);
  }
});

function displayDefault(option: Option): string {
  return option.default === '' ? '' : displayValue(option, option.default);
}

t.test('without any setting the documented defaults hold', async (t) => {
  const { settings } = validSettings({});
  t.match(settings.server, { host: '0.0.0.0', port: 8080, workers: 0, prefix: '' });
  t.strictSame(settings.server.drain, { propagationDelayMs: 5_000, spreadMs: 10_000, timeoutMs: 30_000 });
  t.match(settings.management, { host: '0.0.0.0', port: 9090 });
  t.strictSame(settings.cache, { enabled: true, ttlSeconds: 300, maxCapacity: 10_000, maxBytes: 268_435_456 });
  t.strictSame(settings.backends.native.searchLocations, ['file:./config/']);
  t.equal(settings.backends.git.uri, null);
  t.equal(settings.backends.git.repos.size, 0);
});

t.test('the storage directory follows the platform', async (t) => {
  t.equal(validSettings({ isRoot: true }).settings.storage.directory, '/var/lib/vortex-config');
  t.equal(validSettings({}).settings.storage.directory, '/home/joe/.local/state/vortex-config');
  t.equal(validSettings({ environment: { XDG_STATE_HOME: '/state' } }).settings.storage.directory, '/state/vortex-config');
  t.equal(validSettings({ environment: { XDG_STATE_HOME: 'relative' } }).settings.storage.directory, '/home/joe/.local/state/vortex-config');
});
