// The rules bite: a small project that keeps them passes npm run check, and each kind of violation fails its step.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import t from 'tap';

const projectRoot = resolve(import.meta.dirname, '../../../..');

const goodFiles: Readonly<Record<string, string>> = {
  'src/base/one.ts': '// One.\n\nexport const one = 1;\n',
  'src/model/two.ts': "// Two.\nimport { one } from '../base/one.ts';\n\nexport const two = one + 1;\n",
  'src/cli/generateReference.ts': '// Makes nothing here.\n\nexport const nothing = 0;\n',
  'dist/src/cli/generateReference.js': 'process.exitCode = 0;\n',
};

interface Violation {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  readonly failedStep: string;
  readonly report: RegExp;
}

const violations: readonly Violation[] = [
  {
    name: 'control imports serving',
    files: {
      'src/serving/answer.ts': '// An answer.\n\nexport const answer = 42;\n',
      'src/control/ask.ts': "// Asks.\nimport { answer } from '../serving/answer.ts';\n\nexport const asked = answer;\n",
    },
    failedStep: 'import law',
    report: /control-imports-only-\S+: src\/control\/ask\.ts → src\/serving\/answer\.ts/,
  },
  {
    name: 'a type import against the law',
    files: {
      'src/control/shape.ts': '// A shape.\n\nexport interface Shape {\n  readonly edges: number;\n}\n',
      'src/serving/draw.ts': "// Draws.\nimport type { Shape } from '../control/shape.ts';\n\nexport const square: Shape = { edges: 4 };\n",
    },
    failedStep: 'import law',
    report: /serving-imports-only-\S+: src\/serving\/draw\.ts → src\/control\/shape\.ts/,
  },
  {
    name: 'an import cycle',
    files: {
      'src/base/left.ts': "// Left.\nimport { right } from './right.ts';\n\nexport const left = (): number => right() + 1;\n",
      'src/base/right.ts': "// Right.\nimport { left } from './left.ts';\n\nexport const right = (): number => left() + 1;\n",
    },
    failedStep: 'import law',
    report: /no-cycles: src\/base\/(left|right)\.ts/,
  },
  {
    name: 'file access in the pure core',
    files: { 'src/core/read.ts': "// Reads.\nimport { readFileSync } from 'node:fs';\n\nexport const text = (): string => readFileSync('x', 'utf8');\n" },
    failedStep: 'import law',
    report: /core-uses-no-other-built-in-module: src\/core\/read\.ts/,
  },
  {
    name: 'a floating promise',
    files: { 'src/base/float.ts': "// Floats.\n\nexport function float(): void {\n  Promise.resolve('lost');\n}\n" },
    failedStep: 'lint',
    report: /no-floating-promises/,
  },
  {
    name: 'an empty catch',
    files: { 'src/base/hide.ts': '// Hides.\n\nexport function hide(run: () => void): void {\n  try {\n    run();\n  } catch {}\n}\n' },
    failedStep: 'lint',
    report: /no-empty/,
  },
  {
    name: 'a function of more than 70 lines',
    files: { 'src/base/long.ts': `// Long.\n\nexport function long(): number {\n  let sum = 0;\n${'  sum += 1;\n'.repeat(70)}  return sum;\n}\n` },
    failedStep: 'lint',
    report: /max-lines-per-function/,
  },
  {
    name: 'a type error',
    files: { 'src/base/wrong.ts': "// Wrong.\n\nexport const wrong: number = 'text';\n" },
    failedStep: 'types',
    report: /TS2322/,
  },
  {
    name: 'another format',
    files: { 'src/base/messy.ts': '// Messy.\n\nexport const messy = {a:1 ,\n b :"2"}\n' },
    failedStep: 'format',
    report: /src\/base\/messy\.ts/,
  },
  {
    name: 'a file of more than 400 lines, without a first line, with a vague name',
    files: { 'src/base/helpers.ts': Array.from({ length: 401 }, (_, index) => `export const n${index} = ${index};\n`).join('') },
    failedStep: 'house rules',
    report: /helpers\.ts: 401 lines.*\n.*helpers\.ts: the file has a vague name\n.*helpers\.ts: the first line is no/,
  },
  {
    name: 'a re-export',
    files: { 'src/base/again.ts': "// Again.\n\nexport { one } from './one.ts';\n" },
    failedStep: 'house rules',
    report: /again\.ts: line 3: a re-export/,
  },
  {
    name: 'JSON in a hot file',
    files: { 'src/base/fast.hot.ts': '// Fast.\n\nexport const fast = (value: string): string => JSON.stringify(value);\n' },
    failedStep: 'house rules',
    report: /fast\.hot\.ts: line 3: JSON in a hot file/,
  },
  {
    name: "README out of step with the code's tables",
    files: { 'dist/src/cli/generateReference.js': "console.log('options: differs');\nprocess.exitCode = 1;\n" },
    failedStep: "README's generated tables",
    report: /options: differs/,
  },
];

/** A project with the rules of this one and the given files. */
function makeProject(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'vortex-check-'));
  for (const file of ['tsconfig.json', 'package.json', '.oxlintrc.json', '.oxfmtrc.json', '.dependency-cruiser.mjs', '.gitignore', 'src/build/importLaw.mjs']) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    cpSync(join(projectRoot, file), join(root, file));
  }
  symlinkSync(join(projectRoot, 'node_modules'), join(root, 'node_modules'));
  for (const [path, text] of Object.entries({ ...goodFiles, ...files })) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

function check(root: string): { readonly exitCode: number | null; readonly output: string; readonly failedSteps: string } {
  const run = spawnSync(process.execPath, [join(projectRoot, 'src/build/check.mjs'), '--root', root], { encoding: 'utf8' });
  return { exitCode: run.status, output: run.stdout + run.stderr, failedSteps: /^check: failed: (.*)$/m.exec(run.stdout)?.[1] ?? '' };
}

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const toolsRunHere = major > 20 || (major === 20 && minor >= 12);
const tools = toolsRunHere ? {} : { skip: 'the development tools need Node 20.12; the server runs from 20.11 on' };

t.test('files that keep the rules pass every step', tools, async (t) => {
  const root = makeProject({});
  t.teardown(() => rmSync(root, { recursive: true }));
  const result = check(root);
  t.equal(result.exitCode, 0, result.output);
  t.match(result.output, /check: clean/);
});

t.test('a project with every violation fails, and each is reported by its step', tools, async (t) => {
  const root = makeProject(Object.assign({}, ...violations.map((violation) => violation.files)));
  t.teardown(() => rmSync(root, { recursive: true }));
  const result = check(root);
  t.equal(result.exitCode, 1);
  for (const violation of violations) {
    t.ok(result.failedSteps.includes(violation.failedStep), `${violation.name}: fails the step "${violation.failedStep}"`);
    t.match(result.output, violation.report, `${violation.name}: is reported`);
  }
});
