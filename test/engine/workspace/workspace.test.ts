import { expect } from 'chai';
import { CompileError, ReleasedError, TrapError } from '../../../src/index.ts';
import { eachBackend } from '../each-backend.ts';

describe('Workspace', () => {
  eachBackend((createEngine) => {
    it('keeps what is defined and evaluates with it', () => {
      const workspace = createEngine().workspace();
      expect(workspace.run('let r = 2; area(x) = pi * x^2')).to.deep.equal({
        defined: ['r', 'area'],
        value: undefined,
      });
      expect(workspace.run('area(r)').value).to.equal(12.566370614359172);
      expect(workspace.evaluate('r > 1')).to.equal(true);
      expect(workspace.run('let s = area(r); s * 2')).to.deep.equal({
        defined: ['s'],
        value: 25.132741228718345,
      });
      expect(workspace.evaluate('let t = 5; t + r')).to.equal(7);
      expect(() => workspace.evaluate('t')).to.throw(CompileError);
    });

    it('lists its definitions', () => {
      const workspace = createEngine().workspace();
      workspace.run('let r = 2 # radius\narea( x ) = pi * x^2; let b = 1 < 2');
      expect(workspace.definitions).to.deep.equal([
        {
          name: 'area',
          kind: 'function',
          parameters: ['x'],
          value: undefined,
          source: 'area( x ) = pi * x^2',
        },
        { name: 'r', kind: 'let', parameters: [], value: 2, source: 'let r = 2' },
        { name: 'b', kind: 'let', parameters: [], value: true, source: 'let b = 1 < 2' },
      ]);
    });

    it('lets a value refer to the one that it replaces', () => {
      const workspace = createEngine().workspace();
      workspace.define('let x = 1');
      workspace.define('let x = x + 1');
      expect(workspace.evaluate('x')).to.equal(2);
    });

    it('lets functions follow what they use', () => {
      const workspace = createEngine().workspace();
      workspace.run('let k = 1; f(x) = k * x; g(x) = f(x) + 1; h(x) = g(x) * 2');
      expect(workspace.evaluate('h(3)')).to.equal(8);
      workspace.define('f(x) = x * 10');
      expect(workspace.evaluate('h(3)')).to.equal(62);
      workspace.define('f(x) = k * x * 100; let k = 2');
      expect(workspace.evaluate('h(3)')).to.equal(1202);
      workspace.define('even(n) = n == 0 ? true : odd(n - 1); odd(n) = n == 0 ? false : even(n - 1)');
      expect(workspace.evaluate('even(100)')).to.equal(true);
    });

    it('lets compiled formulas follow, and gives the old code back', () => {
      const engine = createEngine();
      const workspace = engine.workspace();
      workspace.define('f(x) = x + 1; let k = 10; other(x) = x');
      const formula = workspace.compile('f(x) * k', ['x']);
      const before = engine.statistics();
      expect(formula(1)).to.equal(20);
      workspace.define('f(x) = x + 2');
      expect(formula(1)).to.equal(30);
      workspace.define('let k = 100');
      expect(formula(1)).to.equal(300);
      // From straight code to a loop that may trap, and back.
      workspace.define('f(x) = x > 0 ? f(x - 1) : 7');
      expect(formula(5)).to.equal(700);
      expect(() => formula(1e12)).to.throw(TrapError);
      workspace.define('f(x) = x');
      expect(formula(5)).to.equal(500);
      expect(engine.statistics().memory.usedSize).to.be.at.most(before.memory.usedSize);
      expect(engine.statistics().functionCount).to.equal(1);
      const { compileCount } = engine.statistics();
      workspace.define('other(x) = x * 2');
      expect(engine.statistics().compileCount).to.equal(compileCount);
      formula.release();
      expect(() => formula(1)).to.throw(ReleasedError);
      workspace.define('f(x) = x * 3');
      expect(engine.statistics()).to.deep.include({ functionCount: 0 });
      expect(engine.statistics().memory.usedSize).to.equal(0);
    });

    it('changes nothing when a change fails', () => {
      const engine = createEngine();
      const workspace = engine.workspace();
      workspace.define('f(x) = x + 1; g(x) = f(x) * 2; let k = 1');
      const formula = workspace.compile('g(x) + k', ['x']);
      const before = { definitions: workspace.definitions, used: engine.statistics().memory.usedSize };
      const failing = [
        'f(x, y) = x + y',
        'let k = 5; f(x, y) = x',
        'let k = unknown',
        'let k = 2; let j = loop(0); loop(n) = loop(n)',
        'f(x) = x +',
        'f(x) = missing(x)',
        'let f = 3',
        'let pi = 3',
        'sin(x) = x',
      ];
      const engineOfTraps = createEngine({ limits: { fuel: 100 } }).workspace();
      for (const source of failing) {
        expect(() => (source.includes('loop') ? engineOfTraps : workspace).run(source), source).to.throw();
        expect({
          definitions: workspace.definitions,
          used: engine.statistics().memory.usedSize,
        }).to.deep.equal(before);
        expect(formula(1)).to.equal(5);
      }
      expect(engineOfTraps.definitions).to.deep.equal([]);
    });

    it('forgets what nothing depends on', () => {
      const workspace = createEngine().workspace();
      workspace.define('f(x) = x; g(x) = f(x); let k = 1');
      expect(() => workspace.forget('f')).to.throw(CompileError, '`f`');
      workspace.forget('g');
      workspace.forget('f');
      workspace.forget('k');
      expect(workspace.definitions).to.deep.equal([]);
      expect(() => workspace.forget('k')).to.throw(RangeError, "'k'");
      const formula = workspace.compile('2 * x', ['x']);
      workspace.dispose();
      expect(() => formula(1)).to.throw(ReleasedError);
    });

    it('only defines where only definitions are asked for', () => {
      const workspace = createEngine().workspace();
      expect(workspace.define('let a = 1; f(x) = x')).to.deep.equal(['a', 'f']);
      expect(() => workspace.define('let b = 1; b + 1'))
        .to.throw(CompileError)
        .that.includes({ code: 'E_UNEXPECTED_TOKEN', start: 11, end: 16 });
      expect(() => workspace.evaluate('b')).to.throw(CompileError);
    });

    it('checks against functions that were checked before by parameters and result alone', () => {
      const workspace = createEngine().workspace();
      workspace.define('even(n) = n == 0 ? true : odd(n - 1); odd(n) = n == 0 ? false : even(n - 1)');
      workspace.define('both(true_, x) = even(x) && !odd(x)');
      workspace.define('same(x) = both(1, x)');
      expect(workspace.evaluate('same(4)')).to.equal(true);
      expect(() => workspace.define('wrong(x) = same(x, 1)')).to.throw(CompileError, '`same`');
      expect(() => workspace.define('wrong(x) = sane(x)'))
        .to.throw(CompileError, '`sane`')
        .that.includes({
          hint: 'did you mean `same`?',
        });
      // The type of the result spreads to all that depend on it, however far.
      const formula = workspace.compile('same(x)', ['x']);
      expect(formula.resultType).to.equal('boolean');
      workspace.define('both(true_, x) = x / 2');
      expect(formula.resultType).to.equal('number');
      expect(workspace.evaluate('same(5)')).to.equal(2.5);
      expect(() => workspace.define('both(x) = x')).to.throw(CompileError, '`both`');
      expect(workspace.evaluate('same(5)')).to.equal(2.5);
    });

    it('costs what is used and changed, not the square of what is defined', () => {
      const chain = (count: number) => {
        const workspace = createEngine({ backend: 'interpreter' }).workspace();
        const list = Array.from({ length: count }, (_, i) => `f${i + 1}(x) = f${i}(x) + 1`).join('\n');
        const start = process.cpuUsage().user;
        workspace.define(`f0(x) = x\n${list}`);
        workspace.define('f0(x) = x + 1');
        return process.cpuUsage().user - start;
      };
      chain(300);
      // Several add up, since the clock may go in steps of 10 ms, as wine's does.
      const eight = () => Array.from({ length: 8 }, () => chain(250)).reduce((sum, time) => sum + time);
      const small = Math.min(eight(), eight(), eight());
      // As many definitions at once: as long, or eight times as long if each looked at all.
      expect(chain(2000) / small).to.be.below(4);
    });

    it('notices a host function that changes it meanwhile', () => {
      const engine = createEngine({ functions: { meddle: () => workspace.run('let a = 1').defined.length } });
      const workspace = engine.workspace();
      expect(() => workspace.run('let b = meddle()')).to.throw('changed the workspace');
      expect(workspace.definitions.map(({ name }) => name)).to.deep.equal(['a']);
      expect(workspace.evaluate('meddle() + a')).to.equal(2);
    });
  });
});
