// npm run bundle: dist/bundle/ with one file per thread entry, what they share and what is loaded lazily beside them, and the uWebSockets.js addon of a platform beside them.
//
//   node src/build/bundle.mjs [--platform linux] [--arch x64] [--abi 115] [--out FOLDER]     default: the running Node
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as esbuild from 'esbuild';
import { installedAddonFolder } from '../install/patchUws.mjs';
import { projectRoot } from './files.mjs';

const { values: target } = parseArgs({
  options: {
    platform: { type: 'string', default: process.platform },
    arch: { type: 'string', default: process.arch },
    abi: { type: 'string', default: process.versions.modules },
    out: { type: 'string', default: join(projectRoot, 'dist/bundle') },
  },
});

/** CommonJS packages in an ES module need these; the names are reserved in the bundle. */
const commonJsNames = [
  "import { createRequire as bundleCreateRequire } from 'node:module';",
  'const require = bundleCreateRequire(import.meta.url);',
  'const __filename = import.meta.filename;',
  'const __dirname = import.meta.dirname;',
].join('\n');

/** The package chooses its addon by a computed name: here the same choice, beside the bundle. */
const addonLoader = `
  import { createRequire } from 'node:module';
  const name = './uws_' + process.platform + '_' + process.arch + '_' + process.versions.modules + '.node';
  const uws = createRequire(import.meta.url)(name);
  export default uws;
  export const { ${addonExports().join(', ')} } = uws;
`;

/** @type {esbuild.Plugin} */
const bundledPackages = {
  name: 'bundled-packages',
  setup(build) {
    build.onResolve({ filter: /^uWebSockets\.js$/ }, () => ({ path: 'uWebSockets.js', namespace: 'addon' }));
    build.onLoad({ filter: /.*/, namespace: 'addon' }, () => ({ contents: addonLoader, loader: 'js' }));
    // piscina starts its worker by a file name that would be our own worker entry
    build.onLoad({ filter: /[/\\]piscina[/\\]dist[/\\]index\.js$/ }, ({ path }) => {
      const source = readFileSync(path, 'utf8');
      const renamed = source.replace("(__dirname, 'worker.js')", "(__dirname, 'piscina-worker.js')");
      if (renamed === source) throw new Error('piscina starts its worker in another way than this build expects');
      return { contents: renamed, loader: 'js' };
    });
    // the addon of SQLite is a package of its own for each platform: here a file beside the bundle
    build.onLoad({ filter: /[/\\]node_modules[/\\]libsql[/\\]index\.js$/ }, ({ path }) => {
      const source = readFileSync(path, 'utf8');
      const renamed = source.replace('require(`@libsql/${target}`)', "require(['./libsql', process.platform, process.arch].join('_') + '.node')");
      if (renamed === source) throw new Error('libsql loads its addon in another way than this build expects');
      return { contents: renamed, loader: 'js' };
    });
  },
};

rmSync(target.out, { recursive: true, force: true });
mkdirSync(target.out, { recursive: true });
await esbuild.build({
  entryPoints: {
    ...Object.fromEntries(entries().map((name) => [name, join(projectRoot, `src/${name}.ts`)])),
    'piscina-worker': join(projectRoot, 'node_modules/piscina/dist/worker.js'),
  },
  outdir: target.out,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  sourcemap: true,
  // what is loaded lazily is a file of its own: a feature that is off is not even read
  splitting: true,
  chunkNames: 'chunk-[hash]',
  // what is loaded lazily is a file of its own: a feature that is off is not even parsed
  // names stay readable in stack traces; what is left is half the text to parse at each start
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'linked',
  banner: { js: commonJsNames },
  plugins: [bundledPackages],
  // optional native helpers: the packages fall back to JavaScript without them
  external: ['*.node', 'cpu-features', 'msgpackr-extract', '@napi-rs/nice', 'pg-native', 'cloudflare:sockets'],
  logLevel: 'warning',
});
writeFileSync(join(target.out, 'package.json'), `${JSON.stringify({ name: 'vortex-config', version: packageVersion(), type: 'module' }, null, 2)}\n`);
copyAddon();
copySqliteAddon();

/** @returns {string[]} names of the entry files: main.ts is part of the cli */
function entries() {
  const files = readdirSync(join(projectRoot, 'src')).filter((name) => name.endsWith('.ts') && name !== 'main.ts');
  return files.map((name) => name.slice(0, -'.ts'.length));
}

/** @returns {string[]} what the package's own ES module exports */
function addonExports() {
  const wrapper = readFileSync(join(installedAddonFolder(), 'ESM_wrapper.mjs'), 'utf8');
  return [...wrapper.matchAll(/export const (\w+)/g)].map((match) => match[1] ?? '');
}

function packageVersion() {
  return JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')).version;
}

function copyAddon() {
  const addon = `uws_${target.platform}_${target.arch}_${target.abi}.node`;
  const source = join(installedAddonFolder(), addon);
  if (!existsSync(source)) throw new Error(`uWebSockets.js has no addon ${addon}`);
  copyFileSync(source, join(target.out, addon));
}

/** Installed is the package of the machine that builds; for another platform the bundle has no SQLite, and says so when it is asked for. */
function copySqliteAddon() {
  const packageName = { linux: `linux-${target.arch}-gnu`, darwin: `darwin-${target.arch}`, win32: `win32-${target.arch}-msvc` }[target.platform];
  const source = join(projectRoot, `node_modules/@libsql/${packageName}/index.node`);
  if (existsSync(source)) copyFileSync(source, join(target.out, `libsql_${target.platform}_${target.arch}.node`));
  else console.warn(`no SQLite in the bundle: @libsql/${packageName} is not installed`);
}
