import { expect } from 'chai';
import { IrBuilder } from '../../../src/jit/ir/builder.ts';
import { IrModule } from '../../../src/jit/ir/function.ts';
import { IrError } from '../../../src/jit/ir/ir-error.ts';
import { op } from '../../../src/jit/ir/opcode.ts';
import { printModule } from '../../../src/jit/ir/printer.ts';

describe('the builder of IR', () => {
  const started = () => {
    const module = new IrModule();
    module.hosts.push({ name: 'log', arity: 1 }, { name: 'print', parameters: ['i32'], result: 'void' });
    module.globals.push({ name: 'count', type: 'i64', initial: 0n });
    return { module, b: new IrBuilder(module, 'f', ['f64', 'i64'], 'f64') };
  };

  it('knows parameters by their types, and hosts by name or by index', () => {
    const { module, b } = started();
    const [x, n] = b.parameters;
    b.callHost('print', n);
    const logged = b.callHost(0, x);
    b.setGlobal('count', b.emit(op.iadd, b.getGlobal('count'), n));
    const next = b.createBlock(['f64', 'bool']);
    b.jump(next, logged, b.boolean(true));
    b.moveTo(next);
    const [number, truth] = next.parameters;
    b.return(b.select(truth, number, x));
    expect(printModule(module)).to.include('v2: i64 = callhost print(v1)\n  v3 = callhost log(v0)\n');
  });

  const mistakes: readonly (readonly [what: string, problem: string, make: (b: IrBuilder) => unknown])[] = [
    ['no operation', 'emits undefined, which is no operation', (b) => b.emit(undefined as never)],
    ['an operation of no one type', 'select gives results of several types', (b) => b.emit(op.select)],
    ['two types', 'selects from f64 and i64', (b) => b.select(b.boolean(true), b.number(1), b.integer(1n))],
    [
      'a global misspelt',
      "the module has no global 'cuont'; did you mean 'count'?",
      (b) => b.getGlobal('cuont'),
    ],
    ['one that is set', "the module has no global 'none'", (b) => b.setGlobal('none', b.integer(1n))],
    ['a host misspelt', "the module has no host 'prnt'; did you mean 'print'?", (b) => b.callHost('prnt')],
    ['a host beyond the last', 'the module has no host 2; there are log, print', (b) => b.callHost(2)],
  ];
  for (const [what, problem, make] of mistakes) {
    it(`refuses ${what}`, () => {
      const { b } = started();
      expect(() => make(b)).to.throw(IrError, `f: ${problem}`);
    });
  }

  it('refuses what comes behind the end of a block', () => {
    const { b } = started();
    b.return(b.parameters[0]);
    for (const late of [() => b.number(1), () => b.return(b.parameters[0])])
      expect(late).to.throw(IrError, 'f: b0 has ended, in a return; move to another block');
  });
});
