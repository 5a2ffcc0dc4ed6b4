// npm run conformance: builds when needed, then runs the corpus (test/conformance/runCorpus.ts) with the same arguments.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from './build.mjs';
import { isBuildStale, projectRoot } from './files.mjs';

if (isBuildStale(['src', 'test', 'bench']) && !build()) {
  console.log('0 passed, 1 failed');
  process.exit(1);
}
await import(pathToFileURL(join(projectRoot, 'dist/test/conformance/runCorpus.js')).href);
