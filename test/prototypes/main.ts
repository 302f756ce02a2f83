/**
 * Runs suites under changed prototypes: `npm run test:polluted` and `npm run test:frozen`, each with files of tests to
 * run; a set that takes a minute if none are given.
 */
import { spawnSync } from 'node:child_process';

const [kinds = '', ...files] = process.argv.slice(2);
/** By folder of tests. */
const representative: Readonly<Record<string, string>> = {
  engine: 'compile module workspace explain host-functions arguments cache',
  'engine/kernel': 'map types reduce outputs errors',
  jit: 'code-holder generate jit-runtime listings',
  'jit/kernel': 'flatten lane-allocator listings',
  'jit/machine': 'parallel-move opcode-semantics allocation-checker',
  'jit/opt': 'optimize passes rules',
  'jit/x64': 'assembler',
  lang: 'ast-json checker diagnostics grammar lexer lower',
  mem: 'block-directory jit-allocator jit-allocator-parameters pool virt-mem',
  native: 'frame invoke kernel-run',
};
const suites =
  files.length > 0
    ? files
    : Object.entries(representative).flatMap(([folder, names]) =>
        names.split(' ').map((name) => `test/${folder}/${name}.test.ts`),
      );

for (const kind of kinds.split(',')) {
  console.log(`── ${kind}`);
  const { status } = spawnSync(
    process.execPath,
    [
      ...['node_modules/mocha/bin/mocha.js', '--reporter=dot', '--require=./test/prototypes/hooks.ts'],
      // Some tests change prototypes themselves.
      ...['--fgrep=changed prototypes', '--invert'],
      ...suites,
    ],
    { stdio: 'inherit', env: { ...process.env, EXPRJIT_PROTOTYPES: kind } },
  );
  if (status !== 0) process.exitCode = 1;
}
