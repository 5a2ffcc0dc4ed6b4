// The import law: the only list of which folder may import which. Read by .dependency-cruiser.mjs, which checks it.

/**
 * @typedef {object} FolderLaw
 * @property {string} folder below src/
 * @property {string} thread where its code runs
 * @property {readonly string[]} mayImport folders below src/, besides itself; type imports count
 * @property {string} neverInIt what must not be in it, in words
 * @property {readonly string[] | null} nodeModules the built-in modules that it may use; null: any
 */

const anyModule = null;
const noFilesNoNetwork = ['buffer', 'crypto', 'perf_hooks', 'timers', 'timers/promises', 'url', 'util', 'v8', 'worker_threads', 'zlib'];

/** @type {readonly FolderLaw[]} */
export const importLaw = [
  { folder: 'base', thread: 'any', mayImport: [], neverInIt: 'a domain word', nodeModules: anyModule },
  { folder: 'model', thread: 'any', mayImport: ['base'], neverInIt: 'logic', nodeModules: [] },
  { folder: 'settings', thread: 'any', mayImport: ['base', 'model'], neverInIt: '`process.env` outside its loader', nodeModules: anyModule },
  {
    folder: 'telemetry',
    thread: 'any',
    mayImport: ['base', 'model', 'settings'],
    neverInIt: 'a domain word outside the metric catalogue',
    nodeModules: anyModule,
  },
  { folder: 'core', thread: 'any', mayImport: ['base', 'model'], neverInIt: 'I/O, clock, randomness, threads, logger', nodeModules: ['buffer', 'util'] },
  { folder: 'snapshot', thread: 'any', mayImport: ['base', 'model', 'core'], neverInIt: 'sockets, routes, sources', nodeModules: anyModule },
  { folder: 'cluster', thread: 'any', mayImport: ['base', 'model', 'settings', 'telemetry', 'snapshot'], neverInIt: 'sources, routes', nodeModules: anyModule },
  {
    folder: 'control',
    thread: 'primary',
    mayImport: ['base', 'model', 'settings', 'telemetry', 'core', 'snapshot', 'cluster'],
    neverInIt: 'uWS handlers; `serving`',
    nodeModules: anyModule,
  },
  {
    folder: 'serving',
    thread: 'workers',
    mayImport: ['base', 'model', 'settings', 'telemetry', 'core', 'snapshot', 'cluster'],
    neverInIt: 'files, network clients; `control`',
    nodeModules: noFilesNoNetwork,
  },
  {
    folder: 'cli',
    thread: 'primary',
    mayImport: ['base', 'model', 'settings', 'telemetry', 'core', 'snapshot', 'control', 'client'],
    neverInIt: 'business logic',
    nodeModules: anyModule,
  },
  {
    folder: 'client',
    thread: 'other programs, browsers',
    mayImport: [],
    neverInIt: 'a dependency, anything of the server',
    nodeModules: ['fs/promises'],
  },
  { folder: 'install', thread: 'none: npm runs it', mayImport: [], neverInIt: 'a dependency', nodeModules: anyModule },
  {
    folder: 'build',
    thread: 'none: npm runs it',
    mayImport: ['install', 'settings', 'telemetry', 'model'],
    neverInIt: 'anything that runs in the server',
    nodeModules: anyModule,
  },
];

/** Entry files directly below src/ wire everything by hand; these may not import these folders. */
export const entryLaw = [
  { entry: 'worker', never: ['control', 'cli'] },
  { entry: 'compiler', never: ['serving', 'cli'] },
];
