import { expect } from 'chai';
import { IrBuilder } from '../../../src/jit/ir/builder.ts';
import { IrModule } from '../../../src/jit/ir/function.ts';
import { parseModule } from '../../../src/jit/ir/parser.ts';
import { printModule } from '../../../src/jit/ir/printer.ts';
import { Random, seedFromEnvironment } from '../../support/random.ts';
import { randomModule } from '../../support/random-ir.ts';

const everything = `host log(1)
host "two words"(2)

function größe(f64, bool, i64): f64 {
b0(v0: f64, v1: bool, v2: i64):
  v3 = fconst -0
  v4 = fconst NaN
  v5 = fconst -Infinity
  v6 = fconst 1e-310
  v7 = iconst -9223372036854775808
  v8 = bconst false
  v9: i64 = select v1, v2, v7
  v10: f64 = call größe(v0, v8, v9)
  v11 = callmath atan2(v10, v6)
  v12 = callhost log(v11)
  v13 = callhost "two words"(v12, v0)
  branch v1, b1, b7(v13, v1)
b1():
  jump b7(v3, v8)
b7(v20: f64, v21: bool):
  return v20
}

function cases(f64, i64): f64 {
b0(v0: f64, v1: i64):
  switch v1, [0: b1, 7: b2(v0), -9223372036854775808: b1], b2(v0)
b1():
  switch v1, [], b2(v0)
b2(v2: f64):
  return v2
}

function "a + b"(): bool {
b0():
  v0 = bconst true
  return v0
}
`;

describe('the text form of IR', () => {
  it('is read back to the same text', () => {
    expect(printModule(parseModule(everything))).to.equal(everything);
  });

  const seed = seedFromEnvironment();
  it(`is read back to the same text for random modules (SEED=${seed})`, () => {
    const random = new Random(seed);
    for (let round = 0; round < 100; round++) {
      const text = printModule(randomModule(random, { functions: 3, instructions: 40, switches: true }));
      expect(printModule(parseModule(text))).to.equal(text);
    }
  });

  it('takes comments, blank lines, uses before definitions and any order of blocks', () => {
    const module = parseModule(`
; a loop whose exit stands first
function f(f64): f64 {
b0(v0: f64):
  jump b2

b1():       ; exit
  return v1
b2():
  v1 = fadd v0, v0
  branch v2, b1, b2
  ; v2 is not defined before
b3():
  v2 = flt v1, v0
  jump b2
}`);
    expect(module.functions[0]?.blocks.map((block) => block.id)).to.deep.equal([0, 1, 2, 3]);
  });

  it('shows a block that is not terminated yet', () => {
    const module = new IrModule();
    new IrBuilder(module, 'f', ['f64'], 'f64');
    expect(printModule(module)).to.contain('; not terminated');
  });

  const body = (lines: string): string => `function f(f64): f64 {\nb0(v0: f64):\n${lines}\n  return v0\n}\n`;
  const mistakes: readonly [title: string, text: string, message: string][] = [
    ['neither host nor function', 'const 1', "line 1: expected 'host', 'global' or 'function'"],
    ['unknown operation', body('  v1 = fpow v0, v0'), "line 3: no operation is called 'fpow'"],
    ['unknown type', 'function f(f32): f64 {\n}', "line 1: no type is called 'f32'"],
    ['unknown value', body('  v1 = fadd v0, v9'), 'line 3: v9 is not defined'],
    ['unknown block', body('  jump b9\nb1():'), 'line 3: b9 is not defined'],
    ['unknown host', body('  v1 = callhost h(v0)'), "line 3: no host is called 'h'"],
    ['value twice', body('  v0 = fconst 1'), 'line 3: v0 is defined twice'],
    ['block twice', body('  jump b0\nb0():'), 'line 4: b0 is defined twice'],
    [
      'instruction after the terminator',
      body('  return v0\n  v1 = fconst 1'),
      'line 4: expected a block header',
    ],
    ['missing type', body('  v1 = select v0, v0, v0'), 'line 3: select needs a type'],
    ['bad number', body('  v1 = fconst 1.2.3'), 'line 3: expected a number'],
    ['missing number', body('  v1 = fconst'), 'line 3: expected a number'],
    ['fraction as integer', body('  v1 = iconst 1.5'), 'line 3: expected an integer'],
    ['too large an integer', body('  v1 = iconst 9223372036854775808'), 'is no 64-bit integer'],
    ['bad boolean', body('  v1 = bconst 1'), 'line 3: expected true or false'],
    ['huge id', body('  v99999999 = fconst 1'), 'line 3: v99999999: ids go up to'],
    ['rest of line', body('  v1 = fadd v0, v0 v0'), "line 3: unexpected 'v0'"],
    ['no value', body('  x = fconst 1'), "line 3: expected a value such as v0, not 'x'"],
    ['no block', body('  jump v0'), "line 3: expected a block, not 'v0'"],
    ['case without a value', body('  switch v0, [b0], b0'), 'line 3: expected a number'],
    ['case of a fraction', body('  switch v0, [0.5: b0], b0'), 'line 3: expected an integer'],
    ['case without a block', body('  switch v0, [1], b0'), "line 3: expected ':', not '], b0'"],
    ['cases without an end', body('  switch v0, [1: b0, b0'), 'line 3: expected a number'],
    ['switch without a default', body('  switch v0, [1: b0]'), "line 3: expected ','"],
    ['missing comma', body('  branch v0 b0, b0'), "line 3: expected ',', not 'b0, b0'"],
    ['missing brace', 'function f(): f64 {\nb0():', "line 2: the function lacks its closing '}'"],
    [
      'signature',
      'function f(bool): f64 {\nb0(v0: f64):\n return v0\n}',
      'f is declared with (bool) but its entry block takes (f64)',
    ],
  ];
  for (const [title, text, message] of mistakes) {
    it(`is refused with its line: ${title}`, () => {
      expect(() => parseModule(text))
        .to.throw(message)
        .with.property('code', 'E_IR_SYNTAX');
    });
  }
});
