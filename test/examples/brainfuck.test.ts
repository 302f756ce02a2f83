/** The Brainfuck of example 10, held against an interpreter that does one command after the other. */
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { TrapError } from 'exprjit/ir';
import { ReleasedError } from 'exprjit/jit';
import { type BrainfuckOptions, compileBrainfuck } from '../../examples/10-brainfuck/brainfuck.ts';
import { parseSteps } from '../../examples/10-brainfuck/steps.ts';
import { toJavaScript } from '../../examples/10-brainfuck/to-javascript.ts';
import { Random, seedFromEnvironment } from '../support/random.ts';
import { eachWay } from './each-way.ts';

const manyCells = 400;

/** What the program writes, one command after the other; undefined if it takes more than so many, or leaves the tape. */
function interpret(source: string, input = '', cells = manyCells, most = 20_000_000): string | undefined {
  const partners = new Map<number, number>();
  const open: number[] = [];
  for (let i = 0; i < source.length; i++) {
    if (source[i] === '[') open.push(i);
    const partner = source[i] === ']' ? open.pop() : undefined;
    if (partner !== undefined) partners.set(i, partner).set(partner, i);
  }
  const tape = new Uint8Array(manyCells);
  const bytes = [...Buffer.from(input, 'latin1')];
  let output = '';
  let pointer = 0;
  for (let i = 0, count = 0; i < source.length; i++, count++) {
    if (count > most || pointer < 0 || pointer >= cells) return undefined;
    const cell = tape[pointer] ?? 0;
    if (source[i] === '>') pointer++;
    else if (source[i] === '<') pointer--;
    else if (source[i] === '+') tape[pointer] = cell + 1;
    else if (source[i] === '-') tape[pointer] = cell - 1;
    else if (source[i] === '.') output += String.fromCharCode(cell);
    else if (source[i] === ',') tape[pointer] = bytes.shift() ?? 0;
    else if (source[i] === (cell === 0 ? '[' : ']')) i = partners.get(i) ?? i;
  }
  return output;
}

/** `[->+<]` and the like among plain commands; loops have partners. */
function randomProgram(random: Random, length: number): string {
  let text = '';
  while (text.length < length) {
    const kind = random.weighted({ plain: 60, loop: 12, idiom: 10, write: 6, read: 2 });
    if (kind === 'plain') text += random.pick(['+', '-', '>', '<']).repeat(random.integer(1, 4));
    else if (kind === 'loop') text += `[${randomProgram(random, random.integer(0, length / 3))}-]`;
    else if (kind === 'idiom')
      text += random.pick(['[-]', '[->+<]', '[->>+++<<]', '[<+>-]', '[>]', '[<]', '[+++>--<]']);
    else text += kind === 'write' ? '.' : ',';
  }
  return text;
}

function run(source: string, input = '', options: BrainfuckOptions = {}): string {
  using program = compileBrainfuck(source, { cells: manyCells, ...options });
  let output = '';
  let at = 0;
  const write = (byte: number) => {
    output += String.fromCharCode(byte);
  };
  program.run(write, () => (at < input.length ? input.charCodeAt(at++) : -1));
  return output;
}

function read(name: string): string {
  return readFileSync(new URL(`../../examples/10-brainfuck/programs/${name}.bf`, import.meta.url), 'latin1');
}

/** Programs and the end of what they write. */
const programs = [
  ['hello', /^Hello, world!\n$/],
  ['squares', /^0\n1\n4\n.*\n9801\n10000\n$/s],
  ['fibonacci', /^0\n1\n1\n2\n.*\n267914296\n433494437\n$/s],
  ['sierpinski', /^\* {31}\n\*\* {30}\n(?:.*\n){29}\*{32}\n$/],
] as const;

describe('the Brainfuck example', () => {
  eachWay(({ createEngine, level, isInterpreted }) => {
    const options = (): BrainfuckOptions => ({ engine: createEngine({ limits: { fuel: 1e9 } }), level });

    for (const [name, pattern] of programs) {
      it(`runs ${name}`, () => {
        const source = read(name);
        const output = run(source, '', options());
        expect(output).to.match(pattern).and.equal(interpret(source));
      });
    }

    // The interpreter takes too long for it.
    if (!isInterpreted) {
      it('finds the primes', () => {
        const isPrime = (n: number) => ![2, 3, 5, 7, 11, 13].some((p) => n % p === 0 && n !== p);
        const primes = [...Array(256).keys()].filter((n) => n > 1 && isPrime(n));
        expect(run(read('primes'), '', options())).to.equal(`${primes.join('\n')}\n`);
      });
    }

    // The interpreter takes too long for it.
    if (!isInterpreted) {
      it('doubles a number of 77 digits 255 times', () => {
        expect(run(read('power'), '', { ...options(), cells: 1000 })).to.equal(`${2n ** 255n}\n`);
      });
    }

    // The interpreter takes too long for it.
    if (!isInterpreted) {
      it('runs an automaton of 126 cells', () => {
        let row = [...Array(126).keys()].map((column) => Number(column === 125));
        for (let step = 0; step < 250; step++) {
          const old = row;
          row = old.map((bit, i) => (110 >> (4 * (old[i - 1] ?? 0) + 2 * bit + (old[i + 1] ?? 0))) & 1);
        }
        const expected = row.map((bit) => '.*'.charAt(bit)).join('');
        expect(run(read('automaton'), '', { ...options(), cells: 1000 })).to.equal(`${expected}\n`);
      });
    }

    const seed = seedFromEnvironment();
    it(`does what each command says, SEED=${seed}`, () => {
      const random = new Random(seed);
      let compared = 0;
      for (let i = 0; i < 400; i++) {
        // Close to the ends of the tape, too.
        const cells = random.pick([4, 12, manyCells]);
        const start = random.integer(0, Math.min(cells, 12) - 1);
        const source = '>'.repeat(start) + randomProgram(random, random.integer(5, 120));
        const expected = interpret(source, 'input', cells, 20_000);
        if (expected === undefined) continue;
        compared++;
        expect(run(source, 'input', { ...options(), cells }), `${cells} cells: ${source}`).to.equal(expected);
      }
      expect(compared).to.be.greaterThan(50);
    });

    it('reads, and knows the end of its input', () => {
      const reverse = '>,[>,]<[.<]';
      expect(run(reverse, 'backwards', options())).to.equal('sdrawkcab');
      const echo = '+++++,.,.';
      expect(run(echo, 'x', options())).to.equal('x\0');
      expect(run(echo, 'x', { ...options(), endOfInput: 255 })).to.equal('x\xff');
      expect(run(echo, 'x', { ...options(), endOfInput: 'unchanged' })).to.equal('xx');
    });

    it('has written everything when it ends a line, reads, and is stopped', () => {
      const log: string[] = [];
      const write = (byte: number) => void log.push(String.fromCharCode(byte));
      const read = () => log.push('?');
      const rounds = '+'.repeat(33);
      using program = compileBrainfuck(`${rounds}...[-]++++++++++.${rounds}.........,+[]`, {
        ...options(),
        engine: createEngine({ limits: { fuel: 10_000 } }),
        cells: 4,
      });
      expect(() => program.run(write, read)).to.throw(TrapError);
      expect(log.join('')).to.equal(`!!!\n${'+'.repeat(9)}?`);
      log.length = 0;
      using leaving = compileBrainfuck(`${rounds}.<.`, options());
      expect(() => leaving.run(write))
        .to.throw(TrapError)
        .with.property('code', 'E_BOUNDS');
      expect(log.join('')).to.equal('!');
    });

    it('wraps cells', () => {
      expect(run('-.+.++[-]-.>+++[-<+>]<.', '', options())).to.equal('\xff\0\xff\x02');
      expect(run('++++++++[->++++++++<]>[->++++++<]>.', '', options())).to.equal('\x80');
    });

    it('cuts long programs into functions', () => {
      const random = new Random(7);
      const long = [...Array(2000).keys()].map(
        (i) => `${'+'.repeat(1 + (i % 5))}>${i % 300 === 299 ? '<'.repeat(300) : ''}`,
      );
      const nested = `+[[-]${randomProgram(random, 20)}[-]>${long.join('')}<.[-]]`;
      const steady = `+${'[>+'.repeat(399)}.${'<-]'.repeat(399)}.`;
      for (const source of [`${long.join('')}<.<.<.`, `>>>>>>>>${nested}`, steady]) {
        expect(run(source, '', options())).to.equal(interpret(source));
      }
    });

    it('ends what does not end', () => {
      const limited = () => ({ ...options(), engine: createEngine({ limits: { fuel: 10_000 } }) });
      for (const source of ['+[]', '+[>+[-]<]', '+[>+]']) {
        const cells = source === '+[>+]' ? 1 << 20 : manyCells;
        expect(() => run(source, '', { ...limited(), cells }), source)
          .to.throw(TrapError)
          .with.property('code', 'E_FUEL');
      }
    });

    it('stays on its tape', () => {
      const outside = [
        '<+',
        '+[<+]',
        '+[>+]',
        '-[->+[>+]<]',
        `${'>'.repeat(manyCells)}.`,
        `${'>'.repeat(manyCells)}[-]`,
        '+[-<+>]',
      ];
      for (const source of outside) {
        expect(() => run(source, '', options()), source)
          .to.throw(TrapError)
          .with.property('code', 'E_BOUNDS');
      }
      // What is not done does not count.
      const last = '>'.repeat(manyCells - 1);
      for (const inside of ['<>+.', `${last}+[-.[>+<-]]`, `${last}+[[-].[->+<]]`, `${last}+.[-[>]]`]) {
        expect(run(inside, '', options()), inside).to.have.length(1);
      }
    });

    it('lets through what the host throws', () => {
      using program = compileBrainfuck('+.', options());
      const thrown = new Error('the printer is on fire');
      expect(() =>
        program.run(() => {
          throw thrown;
        }),
      ).to.throw(thrown);
      const written: number[] = [];
      program.run((byte) => written.push(byte));
      expect(written).to.deep.equal([1]);
    });

    it('is released', () => {
      const program = compileBrainfuck('+.', options());
      program[Symbol.dispose]();
      expect(() => program.run(() => {})).to.throw(ReleasedError);
    });
  });

  it('is translated to JavaScript, too', () => {
    for (const [name] of programs) {
      let output = '';
      const write = (byte: number) => {
        output += String.fromCharCode(byte);
      };
      toJavaScript(parseSteps(read(name)))(new Uint8Array(manyCells), write, () => -1);
      expect(output).to.equal(interpret(read(name)));
    }
  });

  it('says which bracket has no partner', () => {
    expect(() => parseSteps('+\n+]')).to.throw(SyntaxError, "']' without '[' in line 2, column 2");
    expect(() => parseSteps('+[\n[-]')).to.throw(SyntaxError, "'[' without ']' in line 1, column 2");
    expect(() => parseSteps('['.repeat(600))).to.throw(SyntaxError, 'more than 500 loops in each other');
  });

  it('makes few steps of many commands', () => {
    expect(parseSteps('[a comment, at the start.]+++')).to.deep.equal([{ kind: 'add', at: 0, value: 3 }]);
    expect(parseSteps('>++[-]<')).to.deep.equal([{ kind: 'set', at: 1, value: 0 }]);
    expect(parseSteps('>,[->++<<+>]')).to.deep.equal([
      { kind: 'read', at: 1 },
      {
        kind: 'spread',
        at: 1,
        targets: [
          { at: 2, factor: 2 },
          { at: 0, factor: 1 },
        ],
      },
    ]);
    expect(parseSteps(',[---->+<]')[1]).to.have.property('kind', 'loop');
    expect(parseSteps(',[--->+<]')[1]).to.deep.equal({
      kind: 'spread',
      at: 0,
      // 171 times 3 is 1 modulo 256.
      targets: [{ at: 1, factor: 171 }],
    });
  });
});
