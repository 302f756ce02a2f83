/** What people see of functions and errors who print them. */
import { inspect } from 'node:util';
import { expect } from 'chai';
import { CompileError, compile, Engine, KernelError, parse, ReleasedError } from '../../src/index.ts';
import { eachBackend } from './each-backend.ts';

describe('a compiled function, printed', () => {
  eachBackend((createEngine) => {
    it('is its source, and says when it was released', () => {
      const f = createEngine().compile('x^2 + y');
      expect(inspect(f)).to.equal('[exprjit x^2 + y]');
      expect(inspect({ f }, { depth: 0 })).to.equal('{ f: [exprjit x^2 + y] }');
      expect(`${f}`).to.equal('[exprjit x^2 + y]');
      expect(f.source).to.equal('x^2 + y');
      f.release();
      expect(inspect(f)).to.equal('[exprjit x^2 + y (released)]');
      expect(f.source).to.equal('x^2 + y');
    });

    it('is one short line, whatever the source is', () => {
      const f = createEngine().compile(`  let a = 1\n  a + x${' + x'.repeat(1000)}`);
      expect(`${f}`).to.match(/^\[exprjit let a = 1 a \+ x .*…\]$/);
      expect(`${f}`).to.have.length.below(80);
    });

    it('is its name where it is one of several', () => {
      const engine = createEngine();
      const { double, main } = engine.module('double(x) = 2*x; main(x) = double(x)').functions;
      expect(`${double} ${main}`).to.equal('[exprjit double] [exprjit main]');
      expect(main?.source).to.equal('double(x) = 2*x; main(x) = double(x)');
      const workspace = engine.workspace();
      workspace.run('let k = 2; f(x) = k*x');
      expect(`${workspace.function('f')}`).to.equal('[exprjit f]');
      expect(`${workspace.compile('f(x) + 1', ['x'])}`).to.equal('[exprjit f(x) + 1]');
      expect(`${engine.compilePredicate('x > 1')}`).to.equal('[exprjit x > 1]');
      expect(`${engine.compile('x - mean(x)', ['x'])}`).to.equal('[exprjit x - mean(x)]');
    });

    it('cannot be cloned, and says why, whatever it takes', () => {
      const engine = createEngine();
      const sources = Array.from({ length: 9 }, (_, count) => ['1', ...'abcdefgh'.slice(0, count)].join('+'));
      const workspace = engine.workspace();
      const functions = [
        ...sources.map((source) => engine.compile(source)),
        engine.compilePredicate('x > 1'),
        workspace.compile('x', ['x']),
      ];
      for (const f of functions) {
        expect(() => structuredClone(f), f.source).to.throw('compiled code stays in its thread');
      }
    });
  });
});

describe('an error of the caller, printed', () => {
  const engine = new Engine({ functions: { inner: () => theirs() } });
  after(() => engine.dispose());
  const workspace = engine.workspace();

  /** The function of this file in whose name an error was made. */
  function blamed(caller: () => unknown): string | undefined {
    try {
      caller();
    } catch (error) {
      expect(error).to.be.instanceOf(Error);
      return /^ {4}at (.*)$/m.exec((error as Error).stack ?? '')?.[1];
    }
    throw new Error('nothing was thrown');
  }

  function theirs(): number {
    return compile('1 +')();
  }

  const callers: Record<string, () => unknown> = {
    compile: () => compile('sqr(x)'),
    'engine.compile': () => engine.compile('sqr(x)', ['x']),
    'engine.compilePredicate': () => engine.compilePredicate('sqr(x)', ['x']),
    'engine.module': () => engine.module('f(x) = sqr(x)'),
    'engine.kernel': () => engine.kernel({ outputs: { a: 'sqr(x)' } }),
    'engine.explain': () => engine.explain('sqr(x)'),
    'engine.analyze': () => engine.analyze('1 +'),
    'workspace.run': () => workspace.run('let a = sqr(1)'),
    'workspace.define': () => workspace.define('1 + 2'),
    'workspace.evaluate': () => workspace.evaluate('sqr(1)'),
    'workspace.compile': () => workspace.compile('sqr(x)', ['x']),
    'workspace.explain': () => workspace.explain('sqr(x)'),
  };

  for (const [name, call] of Object.entries(callers)) {
    it(`begins its stack with who called ${name}`, () => {
      expect(blamed(call)).to.match(/shown\.test\.ts/);
      expect(call).to.throw(CompileError);
    });
  }

  it('begins with who called last, where a function of the host calls the package', () => {
    expect(blamed(() => workspace.evaluate('inner()'))).to.match(/^theirs /);
    expect(blamed(() => workspace.run('inner()'))).to.match(/^theirs /);
  });

  it('comes through as it is where somebody has frozen it, or a function of the host throws what is its own', () => {
    const thrown = (call: () => unknown): unknown => {
      try {
        return call();
      } catch (error) {
        return error;
      }
    };
    const trap = thrown(() => engine.compile('f(n) = f(n + 1); f(0)')()) as Error;
    const stack = trap.stack;
    for (const error of [
      trap,
      Object.freeze(new CompileError((thrown(theirs) as CompileError).diagnostics)),
    ]) {
      const fail = () => {
        throw error;
      };
      using failing = new Engine({ functions: { fail: { arity: 0, call: fail } } });
      expect(thrown(() => failing.module('let a = fail()'))).to.equal(error);
      expect(thrown(() => failing.workspace().run('fail()'))).to.equal(error);
    }
    expect(trap.stack).to.equal(stack);
  });

  it('shows the line and where in it, as stack and as message', () => {
    const excerpt = '  |\n1 | pi * radus\n  |      ^^^^^\n  = hint: did you mean `radius`?';
    const call = () => engine.compile('pi * radus', ['radius']);
    expect(call).to.throw(CompileError, `1:6: \`radus\` is not defined\n${excerpt}`);
    try {
      call();
    } catch (error) {
      expect((error as Error).stack).to.include(`${excerpt}\n    at `);
      expect(inspect(error))
        .to.include(excerpt)
        .and.to.match(/\{\s+code: 'E_UNKNOWN_NAME'\s+\}$/);
    }
  });

  it('is all there in JSON', () => {
    const json = (call: () => unknown): unknown => {
      try {
        return call();
      } catch (error) {
        return JSON.parse(JSON.stringify(error));
      }
    };
    const { message, ...rest } = json(() => compile('a +\n+ )', ['a'])) as Record<string, unknown>;
    expect(message).to.match(/^2:3: /);
    expect(rest).to.deep.include({
      name: 'CompileError',
      code: 'E_UNMATCHED_BRACKET',
      line: 2,
      column: 3,
      start: 6,
      end: 7,
    });
    expect(rest['diagnostics']).to.have.lengthOf(1);
    expect(json(() => parse('1 $ 2'))).to.include({ code: 'E_UNKNOWN_CHARACTER' });
    const f = engine.compile('x', ['x']);
    const wrong = () => f.map({ x: [1, 2] }, { length: 3 });
    expect(wrong).to.throw(KernelError);
    expect(json(wrong))
      .to.include({ name: 'KernelError', code: 'E_LENGTH_MISMATCH' })
      .and.to.have.property('message');
    f.release();
    expect(() => f(1)).to.throw(ReleasedError);
    expect(json(() => f(1))).to.deep.equal({
      name: 'ReleasedError',
      code: 'E_RELEASED',
      message: new ReleasedError().message,
    });
  });
});
