import { expect } from 'chai';
import { optionNames, readOptions } from '../../src/support/options.ts';

interface Colour {
  readonly red?: number;
  readonly green?: number;
}

const names = optionNames<Colour>({ red: true, green: true });
const read = (given: unknown) => readOptions<Colour>(given as object, names, 'colour');

/** Runs `body` while every object has the property. */
function polluted(name: string, value: unknown, body: () => void): void {
  Object.defineProperty(Object.prototype, name, {
    value,
    configurable: true,
    enumerable: true,
    writable: true,
  });
  try {
    body();
  } finally {
    Reflect.deleteProperty(Object.prototype, name);
  }
}

describe('support/options', () => {
  it('reads each value once', () => {
    let count = 0;
    const given = {
      get red() {
        return ++count;
      },
    };
    const { red, green } = read(given);
    expect([red, red, green, count]).to.deep.equal([1, 1, undefined, 1]);
  });

  it('takes what is inherited, and what is left out or undefined as left out', () => {
    class Base {
      get red() {
        return 7;
      }
    }
    expect(read(new Base()).red).to.equal(7);
    expect(read(Object.create({ green: 3 })).green).to.equal(3);
    expect(read({ red: undefined }).red).to.equal(undefined);
    expect(read(Object.create(null)).red).to.equal(undefined);
    expect(read(undefined).red).to.equal(undefined);
  });

  it('refuses other names, and says which may have been meant', () => {
    expect(() => read({ gren: 1 })).to.throw(
      TypeError,
      "unknown name 'gren' in colour; did you mean 'green'?",
    );
    expect(() => read({ depth: 1 })).to.throw(
      TypeError,
      "unknown name 'depth' in colour; there are red, green",
    );
    expect(() => read(Object.create({ rde: 1 }))).to.throw(TypeError, "'rde'");
    expect(() => read({ depth: undefined })).to.throw(TypeError, "'depth'");
    expect(() => read({ ['x'.repeat(1e5)]: 1 }))
      .to.throw(TypeError)
      .with.property('message')
      .with.length.below(200);
  });

  it('does not mind symbols', () => {
    expect(read({ [Symbol('depth')]: 1, red: 1 }).red).to.equal(1);
  });

  for (const [what, given] of [
    ['null', null],
    ['5', 5],
    ['"red"', 'red'],
    ['an array', []],
    ['a Map', new Map()],
    ['an object', new Float64Array(2)],
    ['a function', () => {}],
  ] as const) {
    it(`refuses ${what}`, () => {
      expect(() => read(given)).to.throw(TypeError, `colour must be an object, not ${what}`);
    });
  }

  it('does not take what all objects were given', () => {
    polluted('red', 5, () => {
      expect(read({}).red).to.equal(undefined);
      expect(read(undefined).red).to.equal(undefined);
      expect(read({ red: 1 }).red).to.equal(1);
    });
    polluted('depth', 5, () => {
      expect(read({ green: 1 }).green).to.equal(1);
      expect(() => read({ depth: 1 })).to.throw(TypeError, "'depth'");
    });
  });
});
