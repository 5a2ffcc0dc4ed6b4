#!/usr/bin/env node
// Entry of vortex-server: gives the command line the outside world.
import { readFileSync } from 'node:fs';
import { SignalInbox } from './cluster/signalInbox.ts';
import { runCommand } from './cli/runCommand.ts';

const version = packageVersion();

process.exitCode = await runCommand(process.argv.slice(2), {
  version,
  print: (text) => void process.stdout.write(text),
  printError: (text) => void process.stderr.write(text),
  // The server is loaded when it is needed: --help answers at once.
  checkSources: async (settings) => (await import('./control/checkSources.ts')).checkSources(settings),
  checkKeys: async (settings) => (await import('./control/checkKeys.ts')).checkKeys(settings),
  migrate: async (settings, isDryRun) => (await import('./control/migrateDatabases.ts')).migrateDatabases(settings, isDryRun),
  serve: async (settings) => {
    const signals = new SignalInbox();
    return (await import('./main.ts')).serve(settings, version, signals);
  },
});

/** package.json is two folders up in the compiled tree, beside the entry in a bundle. */
function packageVersion(): string {
  for (const place of ['./package.json', '../../package.json']) {
    try {
      const text = readFileSync(new URL(place, import.meta.url), 'utf8');
      return String((JSON.parse(text) as { readonly version: unknown }).version);
    } catch (error) {
      if (!(error instanceof Error) || !('code' in error) || error.code !== 'ENOENT') throw error;
    }
  }
  throw new Error('package.json is missing');
}
