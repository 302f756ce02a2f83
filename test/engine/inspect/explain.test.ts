import { expect } from 'chai';
import {
  CompileError,
  Engine,
  featureLevels,
  hostReport,
  ReleasedError,
  vocabulary,
} from '../../../src/index.ts';
import { requireAddon } from '../../../src/native/loader.ts';

describe('Engine.explain', () => {
  const engine = new Engine();
  after(() => engine.dispose());

  it('shows tree, IR before and after each pass, machine IR and machine code', () => {
    requireAddon();
    const { parameters, resultType, warnings, ast, ir, code } = engine.explain('x*x + 2*3', ['x', 'y']);
    expect({ parameters, resultType, warnings }).to.deep.equal({
      parameters: ['x', 'y'],
      resultType: 'number',
      warnings: [],
    });
    expect(ast.split('\n')[0]).to.equal('sum');
    expect(ir.map(({ pass }) => pass))
      .to.include.members(['simplify', 'dead-code'])
      .and.satisfy((passes: string[]) => passes[0] === 'lower' && passes.at(-1) === 'optimized');
    expect(ir[0]?.text)
      .to.match(/^function main\(f64, f64\): f64 \{\n/)
      .and.contain('fconst 3');
    expect(ir.at(-1)?.text).to.contain('fconst 6').and.not.contain('fconst 3');
    expect(code?.machine.map(({ stage }) => stage)).to.deep.equal(['selection', 'allocation']);
    expect(code?.listing).to.match(/^main:\n {2}0000 {2}/);
    using f = engine.compile('x*x + 2*3', ['x', 'y']);
    expect(code?.size).to.equal(f.code?.size);
  });

  it('takes free names as parameters, like compile', () => {
    expect(engine.explain('a*b < pi').parameters).to.deep.equal(['a', 'b']);
    expect(engine.explain('a*b < pi').resultType).to.equal('boolean');
  });

  it('makes code for any instruction set, and contracts where fastMath allows it', () => {
    requireAddon();
    const listing = (cpu: (typeof featureLevels)[number], fastMath = false) =>
      engine.explain('floor(x*y + z)', ['x', 'y', 'z'], { cpu, fastMath }).code?.listing ?? '';
    for (const cpu of featureLevels) {
      expect(listing(cpu).includes('vmulsd'), cpu).to.equal(cpu.startsWith('avx'));
      expect(listing(cpu, true).includes('vfmadd'), cpu).to.equal(cpu.startsWith('avx'));
      expect(listing(cpu).includes('roundsd'), cpu).to.equal(cpu !== 'sse2');
    }
    expect(engine.explain('1', [], { cpu: 'sse4.1' }).code?.cpu).to.equal('sse4.1');
    expect(() => engine.explain('1', [], { cpu: 'mmx' as 'sse2' })).to.throw(
      RangeError,
      'cpu must be one of',
    );
  });

  it('names what is called', () => {
    requireAddon();
    const { code } = engine.explain('sin(x) + atan2(x, 2)', ['x']);
    expect(code?.listing)
      .to.match(/ call sin$/m)
      .and.match(/ call atan2$/m);
    expect(code?.listing).to.match(/ dq sin$/m);
  });

  it('shows the kernel that map runs, for any instruction set', () => {
    requireAddon();
    for (const cpu of featureLevels) {
      const { parameters, code } = engine.explain('x*index + y', undefined, { kernel: 'f32', cpu });
      expect(parameters).to.deep.equal(['x', 'index', 'y']);
      expect(code).to.include({ cpu, kernel: 'vectors' });
      expect(code?.machine.map(({ stage }) => stage)).to.deep.equal(['loop', 'selection', 'allocation']);
      expect(code?.listing)
        .to.match(/^\$kernel:\n/)
        .and.contain(cpu.startsWith('avx') ? 'vcvtps2pd ' : ' cvtps2pd ');
    }
    const rows = engine.explain('f(n) = n < 1 ? sin(x) : f(n - 1) + 1; f(x)', ['x'], { kernel: 'f64' }).code;
    expect(rows?.kernel).to.equal('rows');
    // Of `f`, of `main`, and of the kernel.
    const stages = rows?.machine.map(({ stage }) => stage);
    expect(stages).to.deep.equal(['loop', ...[1, 2, 3].flatMap(() => ['selection', 'allocation'])]);
    expect(rows?.listing).to.contain('call main').and.contain('call sin').and.contain('call host  ; look');
    expect(engine.explain('x', ['x']).code?.kernel).to.equal(undefined);
  });

  it('shows the very kernel that map runs', () => {
    for (const source of ['x*y + 1', 'x < y', 'sum(i, 1, x, y)', 'length - 1']) {
      using fresh = new Engine();
      using f = fresh.compile(source);
      const before = fresh.statistics().memory.usedSize;
      f.map(
        Object.fromEntries(f.parameters.filter((name) => name.length === 1).map((name) => [name, [1, 2]])),
        {
          length: 2,
        },
      );
      const size = fresh.explain(source, undefined, { kernel: 'f64' }).code?.size ?? 0;
      expect(fresh.statistics().memory.usedSize - before, source).to.equal(Math.ceil(size / 64) * 64);
    }
  });

  it('shows a kernel of the one function that a source defines', () => {
    requireAddon();
    const { code } = engine.explain('let k = x0(2); x0(a) = a*3', [], { kernel: 'f64', cpu: 'sse2' });
    expect(code).to.include({ kernel: 'vectors' });
    expect(engine.explain('let k = 2; f(x) = k*x', [], { kernel: 'u8' }).code?.size).to.be.above(0);
    expect(engine.explain('let k = 2', [], { kernel: 'u8' }).code?.listing).to.equal('');
    expect(() => engine.explain('f(x) = x; g(x) = x', [], { kernel: 'f64' })).to.throw(
      RangeError,
      'a kernel is of one function, and the source defines f, g',
    );
    expect(() => engine.explain('let k = 2 > 1; f(x) = k ? x : 1', [], { kernel: 'f64' })).to.throw(
      RangeError,
      "kernels take numbers, and 'k' is a truth value",
    );
    expect(() => engine.explain('x', ['x'], { kernel: 'f16' as 'f32' })).to.throw(
      RangeError,
      'kernel must be one of f64, f32,',
    );
  });

  it('explains the functions of a source that only defines', () => {
    requireAddon();
    const { ir, code, resultType, parameters } = engine.explain('let k = 2; f(x) = k*g(x); g(x) = x^2');
    expect({ resultType, parameters }).to.deep.equal({ resultType: undefined, parameters: [] });
    expect(ir[0]?.text).to.contain('function f(').and.contain('function g(');
    expect(code?.listing).to.contain('f:').and.contain('g:');
    const values = engine.explain('let k = 2');
    expect(values.code).to.include({ size: 0, listing: '' });
    expect(values.ast).to.equal('let k\n└─ 2');
  });

  it('reports warnings, and errors as compile does', () => {
    expect(engine.explain('1 < 2').warnings.map(({ code }) => code)).to.deep.equal(['W_CONSTANT_COMPARISON']);
    expect(() => engine.explain('1 +')).to.throw(CompileError);
    expect(() => engine.explain(3 as unknown as string)).to.throw(TypeError, 'source must be a string');
    expect(() => engine.explain('x', ['1'])).to.throw(TypeError);
  });

  it('keeps nothing', () => {
    const before = engine.statistics();
    for (let i = 0; i < 20; i++) engine.explain('f(n) = n < 1 ? 1 : n*f(n - 1); f(x)', ['x']);
    expect(engine.statistics()).to.deep.equal(before);
  });

  it('shows code where an engine interprets, too', () => {
    requireAddon();
    using interpreting = new Engine({ backend: 'interpreter' });
    expect(interpreting.explain('x + 1').code?.size).to.be.above(0);
  });

  it('ends with the engine', () => {
    const gone = new Engine();
    gone.dispose();
    expect(() => gone.explain('1')).to.throw(ReleasedError);
    expect(() => gone.memory()).to.throw(ReleasedError);
  });
});

describe('Workspace.explain', () => {
  it('explains among the definitions, and the definitions themselves', () => {
    requireAddon();
    using engine = new Engine();
    using workspace = engine.workspace();
    workspace.define('let k = 21; f(x) = k*x; fact(n) = n < 2 ? 1 : n*fact(n - 1)');
    expect(workspace.explain('f(2)').ir.at(-1)?.text).to.contain('fconst 42');
    expect(workspace.explain('f(y) + z').parameters).to.deep.equal(['y', 'z']);
    const [f, fact] = workspace.definitions;
    expect(workspace.explain(f?.source ?? '').code?.listing).to.match(/^f:\n/);
    expect(workspace.explain(fact?.source ?? '').code?.listing).to.contain('call fact');
  });
});

describe('Workspace.function', () => {
  it('follows redefinitions, also those with other parameters', () => {
    using engine = new Engine();
    using workspace = engine.workspace();
    workspace.define('let k = 2; f(x) = k*x; g(x) = x');
    const f = workspace.function('f');
    expect([f(3), f.parameters, f.resultType]).to.deep.equal([6, ['x'], 'number']);
    workspace.define('let k = 10');
    expect(f(3)).to.equal(30);
    workspace.define('f(x, y) = x < k*y');
    expect([f(3, 4), f.parameters, f.resultType]).to.deep.equal([1, ['x', 'y'], 'boolean']);
    expect(f.code?.size).to.equal(workspace.explain('f(x, y) = x < k*y').code?.size);
    workspace.forget('f');
    expect(() => f(3, 4)).to.throw(ReleasedError);
    const g = workspace.function('g');
    workspace.define('let g = 1');
    expect([g.released, workspace.evaluate('g')]).to.deep.equal([true, 1]);
    expect(engine.statistics().functionCount).to.equal(0);
    expect(() => workspace.function('f')).to.throw(RangeError);
  });
});

describe('Engine.memory', () => {
  it('shows pools, blocks and the spans of live functions', () => {
    requireAddon();
    using engine = new Engine();
    expect(engine.memory().pools.map(({ granularity }) => granularity)).to.deep.equal([64]);
    using f = engine.compile('x + 1', ['x']);
    const spanOf = () =>
      engine.memory().blocks.flatMap(({ address, spans }) =>
        spans.filter(({ offset, size }) => {
          const start = f.code?.address ?? 0;
          return address + offset <= start && start < address + offset + size;
        }),
      );
    expect(spanOf()).to.have.length(1);
    const total = engine.memory().blocks.reduce((sum, { size }) => sum + size, 0);
    expect(total).to.equal(engine.statistics().memory.reservedSize);
  });

  it('is empty where an engine interprets', () => {
    using engine = new Engine({ backend: 'interpreter' });
    expect(engine.memory()).to.deep.equal({ pools: [], blocks: [] });
  });
});

describe('hostReport', () => {
  it('says what this machine offers', () => {
    requireAddon();
    const report = hostReport();
    expect(report.node).to.equal(process.version);
    expect(report.addon.file).to.match(/\.node$/);
    expect(report.cpu?.levels[0]).to.equal('sse2');
    expect(report.memory?.strategies.some(({ works }) => works)).to.equal(true);
    expect(JSON.parse(JSON.stringify(report))).to.have.property('memory');
  });
});

describe('vocabulary', () => {
  it('lists functions with parameters, constants and keywords', () => {
    const { functions, constants, keywords } = vocabulary();
    expect(functions.find(({ name }) => name === 'pow')?.parameters).to.have.length(2);
    expect(constants.find(({ name }) => name === 'tau')?.value).to.equal(2 * Math.PI);
    expect(keywords).to.include('let');
  });
});
