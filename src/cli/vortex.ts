// The `vortex` command: looks at a server's configuration and follows it.
import { parseArgs } from 'node:util';
import { configurationPath, connect, type ConnectedConfiguration, type KeyDifference, type Value } from '../client/connect.ts';

export interface CommandOutput {
  readonly write: (text: string) => void;
  readonly writeError: (text: string) => void;
  readonly isColoured: boolean;
}

export const vortexHelp = `vortex: looks at the configuration of a Vortex Config server

  vortex get APPLICATION [PROFILE] [LABEL]        every key and value   [--key KEY] [--json]
  vortex watch APPLICATION [PROFILE] [LABEL]      each change as it happens, until it is ended
  vortex diff APPLICATION PROFILE LABEL LABEL     what differs between two labels; exit code 1 when something does
  vortex explain APPLICATION [PROFILE] [LABEL]    where each value comes from and what it hides   [--key KEY]

  --url URL           of the server; else VORTEX_URL, else http://localhost:8080
  --management URL    of its management port, for explain; else VORTEX_MANAGEMENT_URL, else http://localhost:9090
  --show-secrets      values that are encrypted at rest too (get, watch, diff); else they are ***
  --color, --no-color
`;

interface Given {
  readonly url: string;
  readonly managementUrl: string;
  readonly key: string | null;
  readonly isJson: boolean;
  readonly showsSecrets: boolean;
  readonly positionals: readonly string[];
}

/** The exit code: 0, 1 when `diff` found a difference or something failed, 64 for a wrong command line. `signal` ends `watch`. */
export async function runVortex(
  argv: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  output: CommandOutput,
  signal: AbortSignal,
): Promise<number> {
  const [command = '', ...rest] = argv;
  if (command === '' || command === '--help' || command === 'help') {
    output.write(vortexHelp);
    return command === '' ? 64 : 0;
  }
  let given: Given;
  try {
    given = readArguments(rest, environment);
  } catch (error) {
    return usage(output, error instanceof Error ? error.message : String(error));
  }
  try {
    switch (command) {
      case 'get':
        return await get(given, output);
      case 'watch':
        return await watch(given, output, signal);
      case 'diff':
        return await diff(given, output);
      case 'explain':
        return await explain(given, output);
      default:
        return usage(output, `unknown command ${command}`);
    }
  } catch (error) {
    output.writeError(`vortex: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

function usage(output: CommandOutput, problem: string): number {
  output.writeError(`vortex: ${problem}\n\n${vortexHelp}`);
  return 64;
}

function readArguments(argv: readonly string[], environment: Readonly<Record<string, string | undefined>>): Given {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      url: { type: 'string' },
      management: { type: 'string' },
      key: { type: 'string' },
      json: { type: 'boolean', default: false },
      'show-secrets': { type: 'boolean', default: false },
      color: { type: 'boolean' },
      'no-color': { type: 'boolean' },
    },
  });
  if (positionals.length === 0) throw new Error('which application?');
  return {
    url: values.url ?? environment['VORTEX_URL'] ?? 'http://localhost:8080',
    managementUrl: values.management ?? environment['VORTEX_MANAGEMENT_URL'] ?? 'http://localhost:9090',
    key: values.key ?? null,
    isJson: values.json,
    showsSecrets: values['show-secrets'],
    positionals,
  };
}

function open({ url, positionals }: Given, label: string | undefined, once: boolean): Promise<ConnectedConfiguration> {
  const [application = '', profile = 'default'] = positionals;
  return connect({ url, application, profile, ...(label === undefined ? {} : { label }), ...(once ? { transports: ['poll'] } : {}) });
}

async function get(given: Given, output: CommandOutput): Promise<number> {
  const configuration = await open(given, given.positionals[2], true);
  configuration.close();
  const all = new Map([...configuration.all()].map(([key, value]) => [key, shown(value, configuration.isSecret(key), given)]));
  if (given.key !== null) {
    const value = all.get(given.key);
    if (value === undefined) throw new Error(`${given.key} is not configured`);
    output.write(`${given.isJson ? JSON.stringify(value) : String(value)}\n`);
  } else if (given.isJson) {
    output.write(`${JSON.stringify(Object.fromEntries(all), null, 2)}\n`);
  } else {
    for (const [key, value] of all) output.write(`${key}: ${JSON.stringify(value)}\n`);
  }
  return 0;
}

async function watch(given: Given, output: CommandOutput, signal: AbortSignal): Promise<number> {
  const configuration = await open(given, given.positionals[2], false);
  output.write(`${configuration.all().size} keys at ${configuration.revision}\n`);
  configuration.onChange('', ({ changes, revision }) => {
    output.write(`${new Date().toISOString()} ${revision}\n`);
    writeDifferences(changes, given, output);
  });
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve());
  });
  configuration.close();
  return 0;
}

async function diff(given: Given, output: CommandOutput): Promise<number> {
  const [, , first, second] = given.positionals;
  if (first === undefined || second === undefined) return usage(output, 'diff needs application, profile and two labels');
  const [before, after] = await Promise.all([open(given, first, true), open(given, second, true)]);
  before.close();
  after.close();
  const keys = [...new Set([...before.all().keys(), ...after.all().keys()])].sort();
  const isSecret = (key: string): { readonly isSecret?: true } => (before.isSecret(key) || after.isSecret(key) ? { isSecret: true } : {});
  const changes = keys.map((key) => ({ key, from: before.get(key), to: after.get(key), ...isSecret(key) })).filter(({ from, to }) => from !== to);
  writeDifferences(changes, given, output);
  return changes.length > 0 ? 1 : 0;
}

function shown(value: Value, isSecret: boolean, { showsSecrets }: Given): Value {
  return isSecret && !showsSecrets ? '***' : value;
}

function writeDifferences(changes: readonly KeyDifference[], given: Given, { write, isColoured }: CommandOutput): void {
  const line = (sign: '-' | '+', { key, isSecret }: KeyDifference, value: Value | undefined): void => {
    if (value === undefined) return;
    const text = `${sign} ${key}: ${JSON.stringify(shown(value, isSecret === true, given))}`;
    write(isColoured ? `\u001b[${sign === '-' ? 31 : 32}m${text}\u001b[0m\n` : `${text}\n`);
  };
  for (const change of changes) {
    line('-', change, change.from);
    line('+', change, change.to);
  }
}

async function explain(given: Given, output: CommandOutput): Promise<number> {
  const [application = '', profile = 'default', label] = given.positionals;
  const answer = await fetch(`${given.managementUrl}/explain${configurationPath(application, profile, label)}`);
  const body = await answer.text();
  if (!answer.ok) throw new Error(`the server answers ${answer.status}: ${body.slice(0, 200)}`);
  if (given.key === null) {
    output.write(`${body.trimEnd()}\n`);
    return 0;
  }
  const explained = JSON.parse(body) as { readonly keys?: readonly { readonly key: string }[] };
  const found = explained.keys?.find(({ key }) => key === given.key);
  if (found === undefined) throw new Error(`${given.key} is not configured`);
  output.write(`${JSON.stringify(found, null, 2)}\n`);
  return 0;
}
