import { expect } from 'chai';
import fc from 'fast-check';
import { fromJSON, toJSON } from '../../src/lang/ast-json.ts';
import { AstJsonError } from '../../src/lang/ast-json-error.ts';
import { CompileError } from '../../src/lang/compile-error.ts';
import { parse } from '../../src/lang/parser.ts';
import { seedFromEnvironment } from '../support/random.ts';
import { arbitraryProgram } from './arbitrary-program.ts';

const x = { kind: 'name', name: 'x' };
const one = { kind: 'number', value: 1 };

function program(result: unknown): unknown {
  return { version: 1, definitions: [], result };
}

describe('lang/ast-json', () => {
  it('is stable', () => {
    const source = 'let k = -2; f(x) = k * x % 3 ? { let a = 1; a ^ x } : max(x, 1) - 1 < 2 && !k; f(1) || 0';
    expect(toJSON(parse(source))).to.deep.equal({
      version: 1,
      definitions: [
        {
          kind: 'let',
          name: 'k',
          value: { kind: 'unary', operator: '-', operand: { kind: 'number', value: 2 } },
        },
        {
          kind: 'function',
          name: 'f',
          parameters: ['x'],
          body: {
            kind: 'conditional',
            test: {
              kind: 'product',
              operators: ['*', '%'],
              operands: [{ kind: 'name', name: 'k' }, x, { kind: 'number', value: 3 }],
            },
            consequent: {
              kind: 'block',
              bindings: [{ kind: 'let', name: 'a', value: one }],
              result: { kind: 'power', base: { kind: 'name', name: 'a' }, exponent: x },
            },
            alternate: {
              kind: 'and',
              operands: [
                {
                  kind: 'comparison',
                  operator: '<',
                  left: {
                    kind: 'sum',
                    operators: ['-'],
                    operands: [{ kind: 'call', callee: 'max', arguments: [x, one] }, one],
                  },
                  right: { kind: 'number', value: 2 },
                },
                { kind: 'unary', operator: '!', operand: { kind: 'name', name: 'k' } },
              ],
            },
          },
        },
      ],
      result: {
        kind: 'or',
        operands: [
          { kind: 'call', callee: 'f', arguments: [one] },
          { kind: 'number', value: 0 },
        ],
      },
    });
  });

  const seed = seedFromEnvironment();

  it(`survives being written and read (SEED=${seed})`, () => {
    fc.assert(
      fc.property(arbitraryProgram, (json) => {
        const first = toJSON(fromJSON(json));
        expect(toJSON(fromJSON(JSON.parse(JSON.stringify(first))))).to.deep.equal(first);
      }),
      { seed, numRuns: 200 },
    );
  });

  it('reads runs that the parser would have made flat', () => {
    const nested = {
      kind: 'sum',
      operators: ['-'],
      operands: [{ kind: 'sum', operators: ['+'], operands: [x, one] }, x],
    };
    expect(fromJSON(program(nested)).source.text).to.equal('x + 1 - x');
  });

  const wrong: readonly (readonly [json: unknown, message: string])[] = [
    [null, '$ must be an object, not null'],
    [[], '$ must be an object, not an array'],
    [{}, '$ lacks the property "version"'],
    [{ version: 2, definitions: [], result: null }, '$.version must be 1, not 2'],
    [{ version: 1, definitions: [], result: null, extra: 1 }, '$ has the unknown property "extra"'],
    [{ version: 1, definitions: {}, result: null }, '$.definitions must be an array, not an object'],
    [program(undefined), '$.result must be an object with a "kind", not undefined'],
    [
      program({ kind: 'eval' }),
      '$.result.kind must be one of number name unary power sum product comparison and or conditional call element block, not "eval"',
    ],
    [
      program({ kind: 'let', name: 'a', value: one }),
      '$.result.kind must be one of number name unary power sum product comparison and or conditional call element block, not "let"',
    ],
    [program({ kind: 'number', value: -1 }), '$.result.value must be a finite number from 0 up, not -1'],
    [
      program({ kind: 'number', value: Number.NaN }),
      '$.result.value must be a finite number from 0 up, not NaN',
    ],
    [program({ kind: 'number', value: '1' }), '$.result.value must be a finite number from 0 up, not "1"'],
    [program({ kind: 'name', name: 'if' }), '$.result.name must be a name, not "if"'],
    [program({ kind: 'name', name: 'a b' }), '$.result.name must be a name, not "a b"'],
    [program({ kind: 'name', name: 'x', start: 0 }), '$.result has the unknown property "start"'],
    [
      program({ kind: 'unary', operator: '~', operand: x }),
      '$.result.operator must be one of - + !, not "~"',
    ],
    [
      program({ kind: 'sum', operators: ['+', '*'], operands: [x, one, x] }),
      '$.result.operators[1] must be one of + -, not "*"',
    ],
    [
      program({ kind: 'sum', operators: ['+'], operands: [x, one, x] }),
      '$.result.operators must have 2 elements, one less than operands',
    ],
    [program({ kind: 'and', operands: [x] }), '$.result.operands must have at least two elements'],
    [
      program({ kind: 'call', callee: 'f', arguments: [x, 3] }),
      '$.result.arguments[1] must be an object with a "kind", not 3',
    ],
    [
      program({
        kind: 'block',
        bindings: [{ kind: 'function', name: 'f', parameters: [], body: x }],
        result: x,
      }),
      '$.result.bindings[0].kind must be one of let, not "function"',
    ],
    [
      {
        version: 1,
        definitions: [{ kind: 'function', name: 'f', parameters: ['x', 1], body: x }],
        result: null,
      },
      '$.definitions[0].parameters[1] must be a name, not 1',
    ],
  ];
  for (const [json, message] of wrong) {
    it(`refuses: ${message}`, () => {
      expect(() => fromJSON(json))
        .to.throw(AstJsonError, message)
        .with.property('code', 'E_AST_JSON');
    });
  }

  it('refuses cycles and depth', () => {
    const cycle: Record<string, unknown> = { kind: 'unary', operator: '-' };
    cycle['operand'] = cycle;
    expect(() => fromJSON(program(cycle))).to.throw(AstJsonError, 'nested more than 256 levels deep');
  });

  it('obeys the limits', () => {
    const long = { kind: 'sum', operators: Array(99).fill('+'), operands: Array(100).fill(one) };
    expect(() => fromJSON(program(long), { nodes: 50 })).to.throw(
      AstJsonError,
      'beyond the limit of 50 nodes',
    );
    expect(() => fromJSON(program(long), { length: 50 })).to.throw(CompileError, '50');
  });

  describe('of strangers', () => {
    const refuse = (json: unknown, message: string | RegExp) =>
      expect(() => fromJSON(json))
        .to.throw(AstJsonError, message)
        .with.property('code', 'E_AST_JSON');
    const fail = () => {
      throw new Error('of the stranger');
    };
    const call = (args: unknown) => ({ kind: 'call', callee: 'f', arguments: args });

    it('may throw when it is read', () => {
      const getter = {
        kind: 'unary',
        operator: '-',
        operand: Object.defineProperty({}, 'kind', { get: fail }),
      };
      refuse(program(getter), '$.result.operand cannot be read');
      for (const trap of ['get', 'ownKeys', 'getOwnPropertyDescriptor'] as const) {
        refuse(program(new Proxy({ ...x }, { [trap]: fail })), '$.result cannot be read');
      }
      const { proxy, revoke } = Proxy.revocable([], {});
      revoke();
      for (const json of [
        proxy,
        program(proxy),
        program({ kind: 'number', value: proxy }),
        program(call(proxy)),
      ]) {
        refuse(json, 'cannot be read');
      }
      expect(() => fromJSON(new Proxy({}, { ownKeys: fail, getOwnPropertyDescriptor: fail })))
        .to.throw(AstJsonError)
        .with.nested.property('cause.message', 'of the stranger');
    });

    it('is read once', () => {
      let reads = 0;
      const value = () => [1, -1, 'evil'][reads++];
      const one = Object.defineProperty({ kind: 'number' }, 'value', { get: value, enumerable: true });
      expect(fromJSON(program(one)).source.text).to.equal('1');
      let names = 0;
      const target = ['x'];
      const parameters = new Proxy(target, {
        get: (list, key) => (key === '0' && names++ > 0 ? '); evil(' : Reflect.get(list, key)),
      });
      const definition = { kind: 'function', name: 'f', parameters, body: x };
      expect(fromJSON({ version: 1, definitions: [definition], result: null }).source.text).to.equal(
        'f(x) = x',
      );
    });

    it('may have no end', () => {
      const endless = (element: unknown) =>
        new Proxy([], {
          get: (_, key) => (key === 'length' ? Number.POSITIVE_INFINITY : element),
          getOwnPropertyDescriptor: () => ({ value: element, configurable: true, enumerable: true }),
        });
      const fn = (parameters: unknown) => ({ kind: 'function', name: 'f', parameters, body: one });
      refuse(program(call(endless(one))), 'beyond the limit of 50000 nodes');
      refuse(
        program({ kind: 'sum', operators: endless('+'), operands: [x, x] }),
        'beyond the limit of 50000 tokens',
      );
      refuse(
        { version: 1, definitions: endless(fn([])), result: null },
        /beyond the limit of 50000 (nodes|tokens)/,
      );
      refuse(
        { version: 1, definitions: [fn(endless('x'))], result: null },
        'beyond the limit of 50000 tokens',
      );
      refuse(
        program({ kind: 'block', bindings: endless({ kind: 'let', name: 'a', value: one }), result: x }),
        'limit',
      );
    });

    it('may be a few objects in many places', () => {
      let doubled: unknown = x;
      for (let level = 0; level < 100; level++) doubled = { kind: 'power', base: doubled, exponent: doubled };
      refuse(program(doubled), 'beyond the limit of 50000 nodes');
      const parameters = Array(250).fill('x');
      const definition = { kind: 'function', name: 'f', parameters, body: one };
      refuse({ version: 1, definitions: Array(10_000).fill(definition), result: null }, '50000 tokens');
      const long = { kind: 'name', name: 'x'.repeat(60_000) };
      refuse(program(call([long, long])), '$.result.arguments[1].name is beyond the limit of 100000 letters');
      refuse(program({ kind: 'name', name: 'x'.repeat(2 ** 28) }), 'letters');
    });

    it('is shown shortly', () => {
      const values: unknown[] = [
        '"'.repeat(2 ** 20),
        10n ** 10_000n,
        Symbol('s'),
        () => 0,
        new Map(),
        Object.create(null),
      ];
      for (const value of values) {
        for (const json of [
          value,
          program(value),
          program({ kind: value }),
          program({ kind: 'number', value }),
        ]) {
          expect(() => fromJSON(json))
            .to.throw(AstJsonError)
            .with.property('message')
            .that.has.length.below(250);
        }
      }
    });

    it('may come when little is left of the stack', () => {
      let deep: unknown = x;
      for (let level = 0; level < 250; level++) deep = { kind: 'unary', operator: '-', operand: deep };
      const outcomes = new Set<string>();
      let up = 0;
      const descend = (): void => {
        try {
          descend();
        } catch {
          // Nobody has any room here; a few levels up there is enough to fail in an orderly way.
        }
        if (up++ % 25 !== 0 || outcomes.has('read')) return;
        try {
          fromJSON(program(deep));
          outcomes.add('read');
        } catch (error) {
          outcomes.add((error as Error).name);
        }
      };
      descend();
      expect([...outcomes]).to.include.members(['AstJsonError', 'read']);
    });
  });
});
