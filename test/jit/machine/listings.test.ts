import { parseModule } from '../../../src/jit/ir/parser.ts';
import { sysv } from '../../../src/jit/machine/convention.ts';
import { featureLevels } from '../../../src/jit/machine/feature-level.ts';
import { generate, type Target } from '../../../src/jit/machine/generate.ts';
import { formatListing, type LoggedInstruction } from '../../../src/jit/x64/listing.ts';
import type { Address } from '../../../src/native/address.ts';
import { expectGolden } from '../../support/golden.ts';

/** Made-up addresses, so that listings are the same on every machine. */
const mathLibrary = Object.fromEntries(
  ['sin', 'cos', 'exp', 'rem', 'fma'].map((name, index) => [name, (0x10000 + index * 0x100) as Address]),
);

const programs: Readonly<Record<string, string>> = {
  polynomial: `
function f(f64): f64 {
b0(v0: f64):
  v1 = fconst 3
  v2 = fmul v0, v1
  v3 = fconst 2
  v4 = fsub v2, v3
  v5 = fmul v4, v0
  v6 = fneg v5
  v7 = fadd v6, v0
  return v7
}`,
  'math-calls': `
function f(f64, f64, f64): f64 {
b0(v0: f64, v1: f64, v2: f64):
  v3 = callmath sin(v0)
  v4 = callmath cos(v1)
  v5 = fmul v3, v4
  v6 = fneg v2
  v7 = fmul v6, v2
  v8 = callmath exp(v7)
  v9 = fadd v5, v8
  return v9
}`,
  rounding: `
function f(f64): f64 {
b0(v0: f64):
  v1 = fround v0
  return v1
}`,
  sign: `
function f(f64): f64 {
b0(v0: f64):
  v1 = fsign v0
  v2 = fabs v0
  v3 = fmul v1, v2
  return v3
}`,
  extrema: `
function f(f64, f64): f64 {
b0(v0: f64, v1: f64):
  v2 = fmin v0, v1
  v3 = fmax v0, v1
  v4 = fsub v3, v2
  v5 = fconst 100
  v6 = fmin v4, v5
  return v6
}`,
  select: `
function f(f64, f64): f64 {
b0(v0: f64, v1: f64):
  v2 = flt v0, v1
  v3 = fmul v0, v0
  v4: f64 = select v2, v3, v1
  v5 = fconst 0
  v6 = fgt v4, v5
  v7 = band v2, v6
  v8 = btof v7
  v9 = fadd v8, v4
  return v9
}`,
  diamond: `
function f(f64, f64): f64 {
b0(v0: f64, v1: f64):
  v2 = feq v0, v1
  branch v2, b1(), b2()
b1():
  v3 = callmath sin(v0)
  jump b3(v3)
b2():
  v4 = fconst 2
  v5 = fmul v0, v4
  jump b3(v5)
b3(v6: f64):
  v7 = fadd v6, v1
  return v7
}`,
  loop: `
function f(f64, f64): f64 {
b0(v0: f64, v1: f64):
  v2 = fconst 0
  jump b1(v0, v2)
b1(v3: f64, v4: f64):
  v5 = fconst 0
  v6 = fgt v3, v5
  branch v6, b2(), b3()
b2():
  v7 = fmul v3, v1
  v8 = fadd v4, v7
  v9 = fconst 1
  v10 = fsub v3, v9
  jump b1(v10, v8)
b3():
  return v4
}`,
  recursion: `
function fib(f64): f64 {
b0(v0: f64):
  v1 = fconst 2
  v2 = flt v0, v1
  branch v2, b1(), b2()
b1():
  return v0
b2():
  v3 = fconst 1
  v4 = fsub v0, v3
  v5: f64 = call fib(v4)
  v6 = fsub v0, v1
  v7: f64 = call fib(v6)
  v8 = fadd v5, v7
  return v8
}`,
  bits: `
function f(f64, f64): f64 {
b0(v0: f64, v1: f64):
  v2 = ftoi32 v0
  v3 = ftoi32 v1
  v4 = ishl32 v2, v3
  v5 = iconst 255
  v6 = iand v4, v5
  v7 = ixor v6, v2
  v8 = itof v7
  return v8
}`,
  'host-call': `
host square(1)

function f(f64, f64): f64 {
b0(v0: f64, v1: f64):
  v2 = callhost square(v0)
  v3 = fadd v2, v1
  return v3
}`,
  fused: `
function f(f64, f64, f64): f64 {
b0(v0: f64, v1: f64, v2: f64):
  v3 = ffma v0, v1, v2
  v4 = ffma v3, v0, v3
  v5 = frem v4, v2
  return v5
}`,
};

describe('listings', () => {
  for (const [name, source] of Object.entries(programs)) {
    it(`of ${name} are as they were`, () => {
      let previous = '';
      const parts = featureLevels.map((level) => {
        const target: Target = { level, convention: sysv, mathLibrary, fuel: true };
        const log: LoggedInstruction[] = [];
        const { code } = generate(parseModule(source), target, { log, check: true });
        const listing = formatListing(code, log);
        const text = listing === previous ? `${level}: the same\n` : `${level}:\n${listing}\n`;
        previous = listing;
        return text;
      });
      expectGolden(`test/jit/machine/golden/${name}.txt`, parts.join('\n'));
    });
  }
});
