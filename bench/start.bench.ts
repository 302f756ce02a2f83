/**
 * What a start takes: `exprjit eval 1+1` beside a Node that runs an empty script, and `import 'exprjit'` beside that of an empty module, inside
 * a process that does nothing else. Of this checkout and of a tarball of it that is unpacked as npm does; with `BASE=../base` also of another checkout that
 * is built. On this Node, and on Node 22 where the tests of the package have brought one.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { median, medianRatio } from './support/statistics.ts';
import { formatRatio, formatTime, printTable } from './support/table.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const rounds = 21;

interface Installation {
  readonly name: string;
  /** A project in which `exprjit` is installed. */
  readonly project: string;
}

/** A process; `inside` if it prints how many milliseconds count. */
interface Candidate {
  readonly name: string;
  readonly args: readonly string[];
  readonly inside: boolean;
}

export function run(): void {
  const folder = mkdtempSync(join(tmpdir(), 'exprjit-start-'));
  try {
    const installations = install(folder);
    const other = join(root, '.cache/nodes/node_modules/node-22/bin/node');
    for (const node of [process.execPath, ...(existsSync(other) ? [other] : [])])
      measure(node, folder, installations);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function install(folder: string): Installation[] {
  const project = (name: string, fill: (modules: string) => void): Installation => {
    const path = join(folder, name.replaceAll(' ', '-'));
    const modules = join(path, 'node_modules');
    mkdirSync(modules, { recursive: true });
    fill(modules);
    writeFileSync(join(path, 'import.mjs'), timedImport('exprjit'));
    return { name, project: path };
  };
  const linked = (checkout: string) => (modules: string) => symlinkSync(checkout, join(modules, 'exprjit'));
  const unpacked = (checkout: string) => (modules: string) => {
    execFileSync('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', modules], {
      cwd: checkout,
      stdio: 'ignore',
    });
    const [tarball = ''] = readdirSync(modules);
    execFileSync('tar', ['-xzf', tarball], { cwd: modules });
    execFileSync('mv', ['package', 'exprjit'], { cwd: modules });
  };
  const { BASE: base } = process.env;
  return [
    project('checkout', linked(root)),
    project('packed', unpacked(root)),
    ...(base === undefined
      ? []
      : [project('base checkout', linked(resolve(base))), project('base packed', unpacked(resolve(base)))]),
  ];
}

function timedImport(specifier: string): string {
  return `const start = performance.now();\nawait import('${specifier}');\nconsole.log(performance.now() - start);\n`;
}

function measure(node: string, folder: string, installations: readonly Installation[]): void {
  const empty = join(folder, 'empty.cjs');
  writeFileSync(empty, '');
  const emptyModule = join(folder, 'import-empty.mjs');
  writeFileSync(join(folder, 'empty.mjs'), '');
  writeFileSync(emptyModule, timedImport('./empty.mjs'));
  const candidates: Candidate[] = [
    { name: 'node, an empty script', args: [empty], inside: false },
    { name: 'import of an empty module', args: [emptyModule], inside: true },
  ];
  for (const { name, project } of installations) {
    const installed = join(project, 'node_modules/exprjit');
    const { bin } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as {
      bin: { exprjit: string };
    };
    candidates.push(
      {
        name: `exprjit eval 1+1, ${name}`,
        args: [join(installed, bin.exprjit), 'eval', '1+1'],
        inside: false,
      },
      { name: `import 'exprjit', ${name}`, args: [join(project, 'import.mjs')], inside: true },
    );
  }
  // Once for caches, also that of the files.
  for (const candidate of candidates) sample(node, candidate);
  const times = candidates.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, candidate] of candidates.entries()) times[index]?.push(sample(node, candidate));
  }
  const [bare = []] = times;
  const version = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();
  printTable(
    `Starts on Node ${version}, medians of ${rounds} that take turns`,
    ['', 'time', 'of an empty script'],
    candidates.map(({ name }, index) => {
      const own = times[index] ?? [];
      return [name, formatTime(median(own) * 1e6), formatRatio(medianRatio(own, bare))];
    }),
  );
}

/** Milliseconds. */
function sample(node: string, { name, args, inside }: Candidate): number {
  const start = performance.now();
  const { status, stdout } = spawnSync(node, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const time = performance.now() - start;
  if (status !== 0) throw new Error(`${name} ended with ${status}`);
  return inside ? Number(stdout) : time;
}
