/**
 * Compiles and runs the C++ unit tests, which need nothing of Node: plain, and under AddressSanitizer and
 * UndefinedBehaviorSanitizer. `npm run test:native`; CXX names another compiler.
 */
import { join } from 'node:path';
import { compilerFlags, outputFolder, run, sourceFolder, testFolder } from './toolchain.mjs';

const compiler = process.env.CXX ?? 'g++';

const virtMem = [
  'virt_mem_posix.cc',
  'virt_mem_posix_dual.cc',
  'virt_mem_posix_error.cc',
  'virt_mem_probe.cc',
];

const programs = [
  {
    name: 'virt_mem_test',
    sources: virtMem,
    libraries: process.platform === 'linux' ? ['-lrt'] : [],
  },
  {
    name: 'mapping_registry_test',
    sources: ['mapping_registry.cc', 'protection_key.cc', ...virtMem],
    libraries: process.platform === 'linux' ? ['-lrt'] : [],
  },
  {
    name: 'system_test',
    sources: ['cpu.cc', 'stack_limit.cc'],
    libraries: ['-lpthread'],
  },
];

const variants = [
  { name: 'plain', flags: ['-O2'] },
  { name: 'sanitized', flags: ['-O1', '-fsanitize=address,undefined', '-fno-sanitize-recover=all'] },
];

const failed = [];
for (const program of programs) {
  for (const variant of variants) {
    const output = join(outputFolder, `${program.name}-${variant.name}`);
    const inputs = [
      join(testFolder, `${program.name}.cc`),
      ...program.sources.map((source) => join(sourceFolder, source)),
    ];
    const flags = [...compilerFlags, ...variant.flags, ...(program.flags ?? [])];
    const passed =
      run(compiler, [...flags, '-o', output, ...inputs, ...program.libraries]) && run(output, []);
    if (!passed) failed.push(`${program.name} (${variant.name})`);
  }
}

console.log(failed.length === 0 ? 'all passed' : `failed: ${failed.join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;
