import { expect } from 'chai';
import type { Definition, Expression } from '../../src/lang/ast.ts';
import { Grammar } from '../../src/lang/grammar.ts';
import { parse } from '../../src/lang/parser.ts';

/** A tree as an S-expression. */
function show(expression: Expression): string {
  switch (expression.kind) {
    case 'number':
      return String(expression.value);
    case 'name':
      return expression.name;
    case 'unary':
      return `(${expression.operator} ${show(expression.operand)})`;
    case 'power':
      return `(^ ${show(expression.base)} ${show(expression.exponent)})`;
    case 'sum':
    case 'product':
      return `(${expression.operators.join('')} ${expression.operands.map(show).join(' ')})`;
    case 'comparison':
      return `(${expression.operator} ${show(expression.left)} ${show(expression.right)})`;
    case 'and':
    case 'or':
      return `(${expression.kind} ${expression.operands.map(show).join(' ')})`;
    case 'conditional':
      return `(? ${show(expression.test)} ${show(expression.consequent)} ${show(expression.alternate)})`;
    case 'call':
      return `${expression.callee}(${expression.arguments.map(show).join(' ')})`;
    case 'element':
      return `${expression.column}[${show(expression.index)}]`;
    case 'block':
      return `{${expression.bindings.map(showDefinition).join(' ')} ${show(expression.result)}}`;
  }
}

function showDefinition(definition: Definition): string {
  return definition.kind === 'let'
    ? `(let ${definition.target.name} ${show(definition.value)})`
    : `(def ${definition.target.name} ${definition.parameters.map(({ name }) => name).join(' ')} = ${show(definition.body)})`;
}

function tree(source: string): string {
  const { definitions, result } = parse(source);
  return [...definitions.map(showDefinition), ...(result === undefined ? [] : [show(result)])].join(' ');
}

describe('lang/grammar', () => {
  it('is sound: no ambiguity, no left recursion, nothing unreachable', () => {
    expect(() => new Grammar({ analyse: true })).not.to.throw();
  });

  const cases: readonly (readonly [source: string, tree: string])[] = [
    // Precedence, from the tightest to the loosest.
    ['-3^2', '(- (^ 3 2))'],
    ['(-3)^2', '(^ (- 3) 2)'],
    ['2^3^2', '(^ 2 (^ 3 2))'],
    ['(2^3)^2', '(^ (^ 2 3) 2)'],
    ['2^-3', '(^ 2 (- 3))'],
    ['2^-3^2*4', '(* (^ 2 (- (^ 3 2))) 4)'],
    ['2**3', '(^ 2 3)'],
    ['!x^2', '(! (^ x 2))'],
    ['-x*y', '(* (- x) y)'],
    ['x*-y', '(* x (- y))'],
    ['a-b*c', '(- a (* b c))'],
    ['a*b-c', '(- (* a b) c)'],
    ['a+b<c*d', '(< (+ a b) (* c d))'],
    ['!a<b', '(< (! a) b)'],
    ['not a<b', '(! (< a b))'],
    ['not not a', '(! (! a))'],
    ['not a && b', '(and (! a) b)'],
    ['a and not b', '(and a (! b))'],
    ['a || b && c', '(or a (and b c))'],
    ['a && b || c', '(or (and a b) c)'],
    ['a or b and c', '(or a (and b c))'],
    ['a || b ? c : d', '(? (or a b) c d)'],
    // Runs are flat, and group to the left.
    ['a+b-c+d', '(+-+ a b c d)'],
    ['a*b/c%d', '(*/% a b c d)'],
    ['(a+b)+c', '(++ a b c)'],
    ['a+(b+c)', '(+ a (+ b c))'],
    ['((a-b)-(c-d))-e', '(--- a b (- c d) e)'],
    ['a && b && c', '(and a b c)'],
    ['(a || b) || (c || d)', '(or a b (or c d))'],
    ['(a<b)<c', '(< (< a b) c)'],
    ['a == (b != c)', '(== a (!= b c))'],
    // Conditionals group to the right.
    ['a ? b : c ? d : e', '(? a b (? c d e))'],
    ['a ? b ? c : d : e', '(? a (? b c d) e)'],
    ['if a then b else c', '(? a b c)'],
    ['if a then if b then c else d else e', '(? a (? b c d) e)'],
    ['if a then b else c + 1', '(? a b (+ c 1))'],
    ['if a then b else c ? d : e', '(? a b (? c d e))'],
    ['1 + (if a then b else c)', '(+ 1 (? a b c))'],
    ['x ? if a then b else c : 1', '(? x (? a b c) 1)'],
    // Atoms.
    ['f()', 'f()'],
    ['f(a, b + 1)', 'f(a (+ b 1))'],
    ['f((a))', 'f(a)'],
    ['f (a)', 'f(a)'],
    ['{ a }', '{ a}'],
    ['{ let a = 1; let b = a; a + b }', '{(let a 1) (let b a) (+ a b)}'],
    ['{ let a = { let b = 1; b }; a }^2', '(^ {(let a {(let b 1) b}) a} 2)'],
    // Statements.
    ['', ''],
    [' # nothing\n', ''],
    ['let a = 1', '(let a 1)'],
    ['f(x) = x', '(def f x = x)'],
    ['f() = 1', '(def f  = 1)'],
    ['f(x, y) = x == y', '(def f x y = (== x y))'],
    ['f(x) == 1', '(== f(x) 1)'],
    ['let a = 1; f(x) = a; f(2)', '(let a 1) (def f x = a) f(2)'],
    ['let a = 1\nlet b = 2\na + b', '(let a 1) (let b 2) (+ a b)'],
    // Numbers.
    ['0x10 + 0b11 + 1_000 + .5e1 + 2.', '(++++ 16 3 1000 5 2)'],
    ['1e-400', '0'],
    ['9007199254740993', '9007199254740992'],
    // Names are compared in their composed form.
    ['e\u0301', '\u00e9'],
  ];
  for (const [source, expected] of cases) {
    it(`parses ${JSON.stringify(source)}`, () => {
      expect(tree(source)).to.equal(expected);
    });
  }
});
