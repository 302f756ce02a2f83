/**
 * The code in the documentation compiles, runs and gives what it says.
 *
 * A block of TypeScript or JavaScript runs if it imports something of the package; others are fragments, or modules that blocks import, where the
 * first line is a comment with the name of the file. TypeScript runs by tsx,
 * JavaScript by Node alone, as it stands too; the README has JavaScript only, for readers on Node 20. In blocks that run, a
 * comment `// → text` after a statement gives the value of its expression, or of the constant that it declares, or of what
 * it prints; `// → throws Name` an error's name. Commands of shell blocks run if they are `npx exprjit …`, with their
 * output after `# →`; for `npm run …` and `npx mocha …` there has to be such a script and such a file.
 */
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { requireAddon } from '../../src/native/loader.ts';
import { runNode } from '../support/run-node.ts';
import { type CodeBlock, documents, readMarkdown, root } from './markdown.ts';

/** Commands of npm itself. */
const builtIn = new Set(['ci', 'install', 'publish', 'version']);

interface Outcome {
  readonly line: number;
  readonly expected: string;
  readonly actual: string;
}

const blocks = documents.flatMap((document) => readMarkdown(document).blocks);
const programs = blocks.filter(
  ({ language, lines }) =>
    ['ts', 'js'].includes(language) && lines.some((line) => /from 'exprjit(\/\w+)?'/.test(line)),
);
/** By the name of the file. */
const modules = new Map(
  blocks.flatMap(({ language, lines }): [string, string][] => {
    const name = language === 'ts' ? /^\/\/ (\w+\.ts)$/.exec(lines[0] ?? '')?.[1] : undefined;
    return name === undefined ? [] : [[name, lines.join('\n')]];
  }),
);
const commands = blocks
  .filter(({ language }) => language === 'sh')
  .flatMap(({ document, line, lines }) =>
    lines.map((text, index) => ({ place: `${document}:${line + index}`, text: text.trim() })),
  );

/** A name by which Node knows the language. */
function fileOf({ language }: CodeBlock, index: number): string {
  return `program${index}.${language === 'js' ? 'mjs' : 'ts'}`;
}

/** The program with each `// →` made a call of `outcome`. */
function instrumented({ lines, line }: CodeBlock): string {
  const statement = /^(\s*)(?:(const|let|using) (\w+) = )?(.*?);?\s*\/\/ → (.*)$/;
  const body = lines.map((text, index) => {
    const [, indent, keyword, name, expression = '', expected = ''] = statement.exec(text) ?? [];
    if (indent === undefined) return text;
    const place = `${line + index}, ${JSON.stringify(expected)}`;
    if (keyword !== undefined) return `${text}\nawait outcome(${place}, () => ${name});`;
    const printed = /^console\.log\((.*)\)$/.exec(expression)?.[1];
    return `${indent}await outcome(${place}, async () => ${printed ?? expression});`;
  });
  return `import { outcome } from './outcome.mjs';\n${body.join('\n')}`;
}

const outcomeModule = `
import { inspect } from 'node:util';
export const outcomes = [];
export async function outcome(line, expected, run) {
  let actual;
  try {
    const value = await run();
    actual = typeof value === 'string' ? value : inspect(value, { breakLength: Infinity });
  } catch (error) {
    actual = 'throws ' + error.name;
  }
  outcomes.push({ line, expected, actual });
}
`;

const runnerModule = `
import { outcomes } from './outcome.mjs';
console.log = () => {};
const result = [];
for (const file of process.argv.slice(2)) {
  outcomes.length = 0;
  let error;
  try {
    await import('./instrumented-' + file);
  } catch (thrown) {
    error = thrown.stack;
  }
  result.push({ outcomes: [...outcomes], error });
}
process.stdout.write(JSON.stringify(result));
`;

describe('code in the documentation', () => {
  let folder = '';

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'exprjit-documentation-'));
    mkdirSync(join(folder, 'node_modules', '@types'), { recursive: true });
    symlinkSync(root, join(folder, 'node_modules', 'exprjit'));
    symlinkSync(join(root, 'node_modules/apache-arrow'), join(folder, 'node_modules', 'apache-arrow'));
    symlinkSync(join(root, 'node_modules/vega-datasets'), join(folder, 'node_modules', 'vega-datasets'));
    symlinkSync(join(root, 'node_modules/@types/node'), join(folder, 'node_modules', '@types', 'node'));
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    writeFileSync(join(folder, 'outcome.mjs'), outcomeModule);
    writeFileSync(join(folder, 'runner.mjs'), runnerModule);
    for (const [name, source] of modules) writeFileSync(join(folder, name), source);
    for (const [index, program] of programs.entries()) {
      const source = program.lines.join('\n');
      writeFileSync(join(folder, `block${index}.ts`), source);
      writeFileSync(join(folder, fileOf(program, index)), source);
      writeFileSync(join(folder, `instrumented-${fileOf(program, index)}`), instrumented(program));
    }
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  it('has types that fit', async () => {
    const compilerOptions = {
      module: 'nodenext',
      target: 'es2023',
      lib: ['es2023', 'esnext.disposable'],
      types: ['node'],
      strict: true,
      noEmit: true,
    };
    const files = programs.map((_, index) => `block${index}.ts`);
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const { stdout } = await runNode([tsc, '--pretty', 'false', '-p', folder]);
    const inDocuments = stdout.replace(/\S*block(\d+)\.ts\((\d+)/g, (_, index, line) => {
      const program = programs[Number(index)];
      return `${program?.document}(${Number(line) + (program?.line ?? 0) - 1}`;
    });
    expect(inDocuments).to.equal('');
  });

  for (const [language, loader] of [
    ['ts', ['--import=tsx']],
    ['js', []],
  ] as const) {
    it(`runs and gives what it says, ${language}`, async () => {
      requireAddon();
      const chosen = programs.filter((program) => program.language === language);
      const files = chosen.map((program) => fileOf(program, programs.indexOf(program)));
      const { stdout, stderr } = await runNode([...loader, join(folder, 'runner.mjs'), ...files]);
      expect(stdout, stderr).to.not.equal('');
      const results: { outcomes: Outcome[]; error?: string }[] = JSON.parse(stdout);
      const faults = results.flatMap(({ outcomes, error }, index) => {
        const document = chosen[index]?.document;
        const wrong = outcomes.filter(({ expected, actual }) => actual !== expected);
        const list = wrong.map(
          ({ line, expected, actual }) => `${document}:${line} → ${actual}, not ${expected}`,
        );
        return error === undefined ? list : [...list, `${document}:${chosen[index]?.line} ${error}`];
      });
      expect(faults).to.deep.equal([]);
      const checked = results.reduce((count, { outcomes }) => count + outcomes.length, 0);
      expect(checked).to.be.greaterThan(5);
    });
  }

  for (const [index, program] of programs.entries()) {
    if (program.language !== 'js') continue;
    it(`${program.document}:${program.line} runs as it stands`, async () => {
      if (program.lines.some((line) => /exprjit\/(jit|mem)/.test(line))) requireAddon();
      const { status, stderr } = await runNode([join(folder, fileOf(program, index))]);
      expect(status, stderr).to.equal(0);
    });
  }

  it('is JavaScript in the README', () => {
    const languages = blocks
      .filter(({ document }) => document === 'README.md')
      .map(({ language }) => language);
    expect(languages).to.include('js').and.not.include('ts');
  });

  it('has the commands for a fresh clone that .ci/run runs', () => {
    const script = readFileSync(join(root, '.ci/run'), 'utf8')
      .split('\n')
      .map((line) => line.trim());
    const first = commands.filter(
      ({ place, text }) => place.startsWith('README.md:') && text.startsWith('npm ci'),
    );
    expect(first).to.have.length(2);
    for (const { text } of first) expect(script).to.include(text.replace(/\s+# → .*$/, ''));
  });

  for (const { place, text } of commands) {
    const [, command, expected] = /^npx exprjit (.*?)(?:\s+# → (.*))?$/.exec(text) ?? [];
    if (command === undefined || expected === undefined) continue;
    it(`${place} exprjit ${command}`, () => {
      const script = `node dist/cli.cjs ${command}`;
      const output = execFileSync('bash', ['-c', script], { cwd: root, encoding: 'utf8' });
      expect(output.trim()).to.equal(expected);
    });
  }

  it('names scripts and files that exist', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const missing = commands.filter(({ text }) => {
      const script = /^npm (?:run (?:--silent )?)?([\w:]+)/.exec(text)?.[1];
      if (script !== undefined && !(script in scripts) && !builtIn.has(script)) return true;
      const file = /^npx mocha ([\w./-]+\.ts)/.exec(text)?.[1];
      return file !== undefined && !existsSync(join(root, file));
    });
    expect(missing).to.deep.equal([]);
  });
});
