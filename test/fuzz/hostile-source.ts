import { programShape } from '../differential/program-shape.ts';
import type { Random } from '../support/random.ts';
import { randomProgram } from '../support/random-program.ts';
import { printSource } from '../support/random-program-source.ts';

const words = [
  ...'( ) { } , ; : ? = + - * / % ^ ** ! < <= > >= == != && || \n # // . _ \\ " \' ` @ & |'.split(' '),
  ...'let if then else not and or pi e tau inf nan true false x y f g sum prod diff min clamp hypot sin'.split(
    ' ',
  ),
  ...'0 1 2.5 1e308 1e309 0x1f 0xg 0b12 1_000 1__0 1. .5 1e 3x 99999999999999999999'.split(' '),
  'ａ',
  'é',
  'é',
  '𝒳',
  '💥',
  '\ud800',
  '\u2028',
  '\ufeff',
  '\u0000',
  '\t',
  '__proto__',
  'constructor',
  'toString',
];

/** Sources that nobody means well with, and a few that are merely broken. */
export function hostileSource(random: Random): string {
  const kind = random.weighted({ bytes: 1, tokens: 3, truncated: 2, mutated: 4, spliced: 2, towering: 1 });
  switch (kind) {
    case 'bytes':
      return characters(random, random.integer(0, 200));
    case 'tokens':
      return Array.from({ length: random.integer(0, 60) }, () => random.pick(words)).join(
        random.pick([' ', '']),
      );
    case 'truncated': {
      const source = validSource(random);
      return source.slice(0, random.integer(0, source.length));
    }
    case 'mutated':
      return mutate(random, validSource(random));
    case 'spliced': {
      const [first, second] = [validSource(random), validSource(random)];
      return first.slice(random.integer(0, first.length)) + second.slice(random.integer(0, second.length));
    }
    case 'towering':
      return tower(random);
  }
}

function validSource(random: Random): string {
  return printSource(randomProgram(random, programShape));
}

function characters(random: Random, length: number): string {
  const most = random.pick([0x7f, 0xff, 0xffff]);
  return String.fromCharCode(...Array.from({ length }, () => random.integer(0, most)));
}

function mutate(random: Random, source: string): string {
  let mutated = source;
  for (let left = random.integer(1, 4); left > 0; left--) {
    const at = random.integer(0, mutated.length);
    const length = random.integer(0, 4);
    const piece = mutated.slice(at, at + length);
    const replacement = random.pick([
      '',
      piece + piece,
      random.pick(words),
      characters(random, 1),
      [...piece].reverse().join(''),
    ]);
    mutated = mutated.slice(0, at) + replacement + mutated.slice(at + length);
  }
  return mutated;
}

/** One piece over and over: nesting, runs of operators, long lists. */
function tower(random: Random): string {
  const count = random.pick([10, 200, 300, 5_000, 20_000]);
  const [opening, middle, closing] = random.pick([
    ['(', 'x', ')'],
    ['{', 'x', '}'],
    ['-', 'x', ''],
    ['!', 'x', ''],
    ['not ', 'x', ''],
    ['x ? ', '1', ' : 2'],
    ['x ? 1 : ', '2', ''],
    ['if x then ', '1', ' else 2'],
    ['x^', 'x', ''],
    ['x + ', 'x', ''],
    ['x * -', 'x', ''],
    ['x && ', 'x', ''],
    ['x < (', 'x', ')'],
    ['sin(', 'x', ')'],
    ['max(x, ', 'x', ')'],
    ['sum(i, 1, 2, ', 'i', ')'],
    ['diff(', 'x^x', ', x)'],
    ['diff(x*', 'sin(x)', ', x)'],
    ['{ let a = x; ', 'a', ' }'],
    ['let a', '= 1', ''],
    ['f(x) = x\n', 'x', ''],
    ['x', '', ''],
    ['9', '', ''],
    ['\n', 'x', ''],
    ['# x\n', 'x', ''],
    ['x,', 'x', ''],
  ] as const);
  const closed = random.chance(0.7) ? closing.repeat(count) : '';
  return opening.repeat(count) + middle + closed;
}
