// Native search locations reach resolution as absolute paths, whatever form the settings have.
import t from 'tap';
import { resolutionOptions } from '../../../src/settings/resolutionOptions.ts';
import { validSettings } from './resolveTexts.ts';

const cases: readonly (readonly [written: string, absolute: string])[] = [
  ['file:./config/', 'file:/srv/app/config/'],
  ['file:config', 'file:/srv/app/config'],
  ['./config/{application}/', '/srv/app/config/{application}/'],
  ['../other/*/', '/srv/other/*/'],
  ['file:/etc/x/', 'file:/etc/x/'],
  ['file:///etc/x/', 'file:///etc/x/'],
  ['/etc/{profile}', '/etc/{profile}'],
];

t.test('relative locations are those of the working directory', async (t) => {
  const { settings } = validSettings({ yaml: `backends:\n  native:\n    searchLocations: ${JSON.stringify(cases.map(([written]) => written))}\n` });
  const [backend] = resolutionOptions(settings, '/srv/app').backends;
  t.same(
    backend?.kind === 'native' ? backend.searchLocations : [],
    cases.map(([, absolute]) => absolute),
  );
});
