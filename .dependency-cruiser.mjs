// Rules for dependency-cruiser, made from the import law (src/build/importLaw.mjs).
import { builtinModules } from 'node:module';
import { entryLaw, importLaw } from './src/build/importLaw.mjs';

const folders = importLaw.map((law) => law.folder);

/** A folder imports only what its line of the law names, and the server's folders never import the entry files. */
const folderRules = importLaw.map((law) => ({
  name: `${law.folder}-imports-only-${['itself', ...law.mayImport].join('-')}`,
  severity: 'error',
  from: { path: `^src/${law.folder}/` },
  to: { path: '^(src|test|bench)/', pathNot: `^src/(${[law.folder, ...law.mayImport].join('|')})/` },
}));

const entryRules = entryLaw.map(({ entry, never }) => ({
  name: `${entry}-never-imports-${never.join('-')}`,
  severity: 'error',
  from: { path: `^src/${entry}\\.ts$` },
  to: { path: `^src/(${never.join('|')})/` },
}));

const nodeModuleRules = importLaw.flatMap(({ folder, nodeModules }) => {
  if (nodeModules === null) return [];
  const refused = builtinModules.filter((name) => !nodeModules.includes(name) && !name.startsWith('_'));
  return [
    {
      name: `${folder}-uses-no-other-built-in-module`,
      severity: 'error',
      from: { path: `^src/${folder}/` },
      to: { dependencyTypes: ['core'], path: `^(node:)?(${refused.join('|')})$` },
    },
  ];
});

/** The pure core depends on no package that does I/O: it names the few that it may use. */
const packageRules = [
  {
    name: 'model-and-core-use-no-server-package',
    severity: 'error',
    from: { path: '^src/(base|model|core)/' },
    to: { path: 'node_modules/(uWebSockets\\.js|piscina|prom-client|pino|@opentelemetry)' },
  },
  {
    name: 'only-acceptor-and-serving-know-uwebsockets',
    severity: 'error',
    from: { path: '^src/(base|model|settings|telemetry|core|snapshot|cli)/' },
    to: { path: 'node_modules/uWebSockets\\.js' },
  },
];

export default {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'every-import-resolves', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'every-folder-has-a-law',
      severity: 'error',
      from: { path: '^src/[^/]+/', pathNot: `^src/(${folders.join('|')})/` },
      to: {},
    },
    { name: 'sources-never-import-tests', severity: 'error', from: { path: '^src/' }, to: { path: '^(test|bench)/' } },
    ...folderRules,
    ...entryRules,
    ...nodeModuleRules,
    ...packageRules,
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    combinedDependencies: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.mjs', '.js', '.json', '.d.ts'],
    },
  },
};
