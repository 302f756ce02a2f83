/**
 * Runs suites under changed prototypes: `npm run test:polluted` and `npm run test:frozen`, each with files of tests to
 * run; a set that takes a minute if none are given.
 */
import { spawnSync } from 'node:child_process';

const [kinds = '', ...files] = process.argv.slice(2);
/** By folder of tests. */
const representative: Readonly<Record<string, string>> = {
  engine: 'compile trees',
  'engine/backends': 'host-functions',
  'engine/callables': 'arguments cache',
  'engine/columns': 'map types reduce outputs errors',
  'engine/inspect': 'analysis explain',
  'engine/workspace': 'module workspace',
  'jit/code': 'code-holder',
  'jit/kernel': 'row-kernel row-body',
  'jit/machine': 'generate code-templates parallel-move opcode-semantics allocation-checker',
  'jit/opt': 'optimize passes rules',
  'jit/runtime': 'jit-runtime',
  'jit/x64': 'assembler',
  lang: 'ast-json checker diagnostics grammar lexer lower',
  mem: 'block-directory jit-allocator jit-allocator-parameters pool virt-mem',
  native: 'frame invoke kernel-run',
};
/** Frozen prototypes forbid to write what they have; code generators are asked that by the suites of engines. */
function suitesFor(kind: string): readonly string[] {
  if (files.length > 0) return files;
  const folders = Object.entries(representative).filter(
    ([folder]) => kind !== 'frozen' || !folder.startsWith('jit/'),
  );
  return folders.flatMap(([folder, names]) =>
    names.split(' ').map((name) => `test/${folder}/${name}.test.ts`),
  );
}

for (const kind of kinds.split(',')) {
  console.log(`── ${kind}`);
  const { status } = spawnSync(
    process.execPath,
    [
      ...['node_modules/mocha/bin/mocha.js', '--reporter=dot', '--require=./test/prototypes/hooks.ts'],
      // Some tests change prototypes themselves.
      ...['--fgrep=changed prototypes', '--invert'],
      ...suitesFor(kind),
    ],
    { stdio: 'inherit', env: { ...process.env, EXPRJIT_PROTOTYPES: kind } },
  );
  if (status !== 0) process.exitCode = 1;
}
