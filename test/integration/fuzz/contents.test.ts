// Random and mutated files through the running server: each answer is 200 or a clear error, none is a bug, none takes long.
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { startServer } from '../../fixtures/server.ts';
import { fuzzPlan, Random } from './random.ts';
import { mutated } from './rawRequests.ts';

const plan = fuzzPlan([7, 20_260_102, 99_991], 3);
const filesPerRound = 40;

const server = await startServer(t, {
  files: { 'application.yml': 'shared: 1\n' },
  settings: { server: { workers: 1 }, backends: { native: { pollInterval: '100ms' } } },
});

const texts: Readonly<Record<string, readonly string[]>> = {
  yml: [
    'a: 1\nb: [x, y, {c: d}]\nd: &x {e: f}\ng: {<<: *x, h: !!str 1}\n',
    '---\nspring:\n  config:\n    activate:\n      on-profile: "dev & !prod"\na: |\n  text\n   more\nb: >-\n  folded\n  text\n---\nc: "\\u0041\\x41\\n"\n',
    "list:\n- a\n- - b\n  - c\n- k: v\n  l: w\n? complex\n: value\n\"quoted key\": 'it''s'\n",
    'n: [0x1F, 0o17, 017, 1_000, 1e3, .5, .inf, .NaN, 2001-01-01, 12:30:45, ~, yes, off]\np: ${a:${b:c}}\nq: "\\${x}"\n',
    '%YAML 1.1\n%TAG ! tag:example.org,2000:\n--- !!map\na: !!binary aGVsbG8=\n...\n',
  ],
  properties: [
    'a=1\nb : two\nc three\nd[0]=x\nd[1].e=y\nf=\\u0041\\t\\\n   joined\n#---\ng=${a}\n! comment\n',
    'list[]=a,b\\,c\nkey\\ with\\:blank=v\n=nokey\nx.y.z=1\nx.y=2\n#---\nspring.config.activate.on-profile=dev\n',
  ],
  xml: [
    '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE properties SYSTEM "http://java.sun.com/dtd/properties.dtd">\n<properties><comment>c</comment><entry key="a">1 &lt; 2 &#65;</entry><entry key="b"><![CDATA[x]]></entry></properties>\n',
  ],
};

/** Structure that parsers stumble over. */
const fragments = [
  '${',
  '}',
  ':',
  ': ',
  '\n',
  '\t',
  '- ',
  '? ',
  '&a ',
  '*a',
  '[',
  ']',
  '{',
  '}',
  '!!',
  '!<x>',
  '"',
  "'",
  '\\',
  '|',
  '>',
  '#',
  '---\n',
  '...\n',
  '<<: ',
  '%',
  '\u0000',
  '\u0085',
  '\u2028',
  '\ufeff',
  '\ud83d\ude00',
  '[0]',
  '[999]',
  '..',
  '=',
  '<entry key="',
  '</',
  '&#0;',
  '<!--',
  'spring.config.import=',
  'spring.profiles.active: x\n',
];

function randomFile(extension: string, random: Random): Uint8Array {
  const text = Buffer.from(random.pick(texts[extension] ?? []));
  switch (random.below(5)) {
    case 0:
      return Uint8Array.from({ length: random.below(300) }, () => random.below(256));
    case 1:
      return Buffer.from(random.some(60, () => random.pick(fragments)).join(''));
    case 2:
      return Buffer.concat(random.some(6, () => mutated(text, random)));
    case 3: {
      const at = random.below(text.length);
      return Buffer.concat([
        text.subarray(0, at),
        Buffer.from(random.pick(fragments).repeat(random.below(random.chance(0.1) ? 20_000 : 20))),
        text.subarray(at),
      ]);
    }
    default:
      return mutated(text, random);
  }
}

const clear = [200, 400, 404, 500, 503];
const answerWithinMs = 12_000;

async function problemOf(target: string): Promise<string | null> {
  const startedMs = Date.now();
  try {
    const { status, body, headers } = await server.get(target);
    const tookMs = Date.now() - startedMs;
    if (tookMs > answerWithinMs) return `${target} took ${tookMs} ms`;
    if (!clear.includes(status)) return `${target}: ${status}`;
    if (status === 200 && /json/.test(headers['content-type'] ?? '')) JSON.parse(body.toString());
    return null;
  } catch (error) {
    return `${target}: ${error instanceof Error ? error.message : String(error)}`;
  }
}

let round = 0;

/** A batch of files, all their answers, and what the log calls a bug. */
async function fuzzRound(seed: number, random: Random): Promise<readonly string[]> {
  round += 1;
  const names: string[] = [];
  for (const each of readdirSync(server.configDirectory)) if (each.startsWith('f')) rmSync(join(server.configDirectory, each));
  const written = new Map<string, Uint8Array>();
  for (let index = 0; index < filesPerRound; index += 1) {
    const extension = random.pick(['yml', 'yml', 'properties', 'xml']);
    const name = `f${round}x${index}`;
    const bytes = randomFile(extension, random);
    written.set(name, bytes);
    server.write(`${name}.${extension}`, bytes);
    names.push(name);
  }
  await newestContent(`marker${round}`);
  const problems: string[] = [];
  const ask = async (name: string): Promise<void> => {
    for (const target of [`/${name}/dev`, `/${name}-dev.yml`, `/${name}-dev.json`, `/${name}-dev.properties`]) {
      const problem = await problemOf(target);
      if (problem !== null) problems.push(problem);
    }
  };
  for (let index = 0; index < names.length; index += 8) await Promise.all(names.slice(index, index + 8).map(ask));
  for (const line of server.logLines()) if (line.level === 'fatal' || line.level === 'error') problems.push(JSON.stringify(line).slice(0, 1_200));
  return problems.map((problem) => {
    const name = [...written.keys()].find((key) => problem.includes(`${key}-`) || problem.includes(`${key}/`)) ?? '';
    return `seed ${seed}, round ${round}: ${problem}\n${Buffer.from(written.get(name) ?? [])
      .toString('base64')
      .slice(0, 2_000)}`;
  });
}

/** The content of this round is what is served. */
async function newestContent(marker: string): Promise<void> {
  server.write('application.yml', `shared: 1\nmarker: ${marker}\n`);
  const deadlineMs = Date.now() + 15_000;
  while (!(await server.get('/application-default.yml')).body.includes(marker)) {
    if (Date.now() > deadlineMs) throw new Error(`${marker} is not served:\n${server.output.slice(-3_000)}`);
    await delay(20);
  }
}

for (const seed of plan.seeds) {
  await t.test(`seed ${seed}`, async (t) => {
    const random = new Random(seed);
    const deadlineMs = Date.now() + plan.seconds * 1_000;
    const problems: string[] = [];
    do problems.push(...(await fuzzRound(seed, random)));
    while (Date.now() < deadlineMs && problems.length === 0);
    t.same(problems.slice(0, 5), []);
    t.ok(server.isRunning, 'the server runs');
    t.equal((await server.get('/health/ready')).status, 200);
  });
}

await t.test('the server is well afterwards', async (t) => {
  t.ok(server.residentMegabytes() < 600, `${Math.round(server.residentMegabytes())} MB after ${round} rounds of ${filesPerRound} files`);
  t.equal((await server.get('/after/dev')).status, 200);
});
