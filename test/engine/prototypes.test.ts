import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { compile, Engine } from '../../src/index.ts';
import { fromJSON, toJSON } from '../../src/lang/ast-json.ts';
import { parse } from '../../src/lang/parser.ts';
import { requireAddon } from '../../src/native/loader.ts';
import { bundle } from '../support/bundle.ts';
import { runNode } from '../support/run-node.ts';

const program = new URL('prototypes.program.ts', import.meta.url);

async function run(kind: string, when: string): Promise<string[]> {
  const { status, stdout, stderr } = await runNode([
    // What is read is told by where it stands in the sources.
    '--enable-source-maps',
    fileURLToPath(bundle(program)),
    kind,
    when,
  ]);
  expect({ status, stderr }).to.deep.equal({ status: 0, stderr: '' });
  return stdout.trimEnd().split('\n');
}

describe('engine/prototypes', () => {
  let expected: string[];

  before(async () => {
    requireAddon();
    expected = await run('none', 'before');
  });

  it('are as they should be: results are numbers', () => {
    expect(expected).to.include.members(['x * y + 3.25: -3.75', 'assembler: 3.5', 'reads: none']);
    expect(expected.length).to.be.above(250);
  });

  // A library assigns to what inherits from prototypes while it is loaded, so these are frozen afterwards only.
  for (const [kind, when] of [
    ['data', 'before'],
    ['data', 'after'],
    ['enumerable', 'before'],
    ['enumerable', 'after'],
    ['traps', 'before'],
    ['traps', 'after'],
    ['frozen', 'after'],
  ] as const) {
    it(`change nothing: ${kind}, ${when} the package is loaded`, async () => {
      const lines = await run(kind, when);
      for (const [index, line] of expected.entries()) expect(lines[index]).to.equal(line);
    });
  }
});

describe('engine/names of Object.prototype', () => {
  const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', '__defineGetter__'];

  for (const backend of ['native', 'wasm', 'interpreter'] as const) {
    for (const name of names) {
      it(`${name}, as anything, ${backend}`, () => {
        using engine = new Engine({
          backend,
          constants: { [`${name}K`]: 3, ...own(name, 5) },
          functions: own(`${name}F`, (v: number) => v + 1),
        });
        expect(engine.compile(`${name} * ${name}K`)()).to.equal(15);
        expect(engine.compile(`${name}F(x)`)(2)).to.equal(3);
        using plain = new Engine({ backend, functions: own(name, (v: number) => v * 7) });
        expect(plain.compile(`${name}(2)`)()).to.equal(14);
        expect(
          plain.compile(`${name} + 1`, [name]).map(own(name, Float64Array.of(1, 2)) as never),
        ).to.deep.equal(Float64Array.of(2, 3));
        expect(() => plain.compile(`${name} + x`, [name, 'x']).map({ x: 1 } as never)).to.throw(
          `the columns lack ${name}`,
        );
        using lone = new Engine({ backend });
        expect(lone.compile(`${name} + 1`)(2)).to.equal(3);
        expect(lone.module(`${name}(x) = x + 4; let ${name}2 = 8`).functions[name]?.(1)).to.equal(5);
        const workspace = lone.workspace();
        workspace.run(`let ${name} = 6`);
        expect(workspace.evaluate(`${name} + 1`)).to.equal(7);
        expect(() => lone.compile(`${name}(1)`)).to.throw(`the function \`${name}\` is not defined`);
      });

      it(`${name}, as an output, ${backend}`, () => {
        using engine = new Engine({ backend });
        const kernel = engine.kernel(
          { outputs: { a: 'x + 1', ...own(name, 'x * 2') } as Record<string, string> },
          ['x'],
        );
        expect(kernel.outputs).to.deep.equal(['a', name]);
        const x = Float64Array.of(1, 2, 3);
        const results = kernel.map({ x });
        expect(Object.keys(results)).to.deep.equal(['a', name]);
        expect(Object.getPrototypeOf(results)).to.equal(Object.prototype);
        expect(results[name]).to.deep.equal(Float64Array.of(2, 4, 6));
        const given = new Float64Array(3);
        const typed = kernel.map({ x }, { out: own(name, given), type: { a: 'i32' } });
        expect(typed[name]).to.equal(given);
        expect(given).to.deep.equal(Float64Array.of(2, 4, 6));
        expect(kernel.map({ x }, { type: own(name, 'u8' as const) })[name]).to.deep.equal(
          Uint8Array.of(2, 4, 6),
        );
      });
    }
  }

  it('in JSON of trees', () => {
    const source = '__proto__(constructor) = constructor + 1\n__proto__(toString)';
    expect(fromJSON(JSON.parse(JSON.stringify(toJSON(parse(source))))).source.text).to.equal(source);
    const foreign = JSON.parse('{"version":1,"definitions":[],"result":null,"__proto__":{"kind":"number"}}');
    expect(() => fromJSON(foreign)).to.throw('$ has the unknown property "__proto__"');
    const inherited = JSON.parse('{"version":1,"definitions":[],"result":{"__proto__":{"kind":"number"}}}');
    expect(() => fromJSON(inherited)).to.throw('$.result must be an object with a "kind"');
    // biome-ignore lint/suspicious/noSparseArray: a hole is what is to be refused.
    expect(() => fromJSON({ version: 1, definitions: [, 1], result: null })).to.throw(
      '$.definitions[0] is missing',
    );
  });

  it('in properties of trees that the prototype of all objects keeps for itself', () => {
    const program = parse('f(x) = -x; f(1) + 2');
    const names = ['kind', 'name', 'target', 'body', 'operand', 'operands', 'operators', 'arguments'];
    const expected = JSON.stringify(toJSON(program));
    try {
      for (const name of names)
        Object.defineProperty(Object.prototype, name, { set() {}, configurable: true });
      expect(JSON.stringify(toJSON(fromJSON(toJSON(program))))).to.equal(expected);
    } finally {
      for (const name of names) delete (Object.prototype as Record<string, unknown>)[name];
    }
  });

  it('in options, which are nobody’s', () => {
    expect(() => new Engine(own('__proto__', 1) as never).compile('1')()).to.not.throw(RangeError);
    expect(compile('x + 1')(1)).to.equal(2);
  });
});

/** `{ [name]: value }`, also where a literal would set the prototype. */
function own<Value>(name: string, value: Value): Record<string, Value> {
  return Object.fromEntries([[name, value]]);
}
