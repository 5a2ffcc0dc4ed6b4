// A process of its own that opens a Git source and polls it: the tests kill it in the middle.
import { GitSource } from '../../../src/control/sources/git/gitSource.ts';
import { GitThread } from '../../../src/control/sources/git/gitThread.ts';
import { GitFixture } from './gitFixture.ts';

const [uri = '', storageDirectory = ''] = process.argv.slice(2);
const fixture = new GitFixture();
const source = new GitSource(fixture.options(uri, { storageDirectory, timeoutMs: 60_000 }), new GitThread());
await source.open();
await fixture.close();
await source.poll();
