#!/usr/bin/env node
// Entry of the `vortex` command.
import { runVortex } from './cli/vortex.ts';

const controller = new AbortController();
process.once('SIGINT', () => controller.abort());
process.once('SIGTERM', () => controller.abort());
const argv = process.argv.slice(2);
// oxlint-disable-next-line node/no-process-env -- the one place of this command that reads it
const environment = process.env;
const isColoured = argv.includes('--color') || (!argv.includes('--no-color') && process.stdout.isTTY && environment['NO_COLOR'] === undefined);
process.exitCode = await runVortex(
  argv,
  environment,
  { write: (text) => void process.stdout.write(text), writeError: (text) => void process.stderr.write(text), isColoured },
  controller.signal,
);
