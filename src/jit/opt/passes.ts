/**
 * The passes of the optimiser in the order in which they run, and why in this one. The reasons are checked when the
 * module is loaded: a table in another order does not start.
 */
import { invariant } from '../../support/invariant.ts';
import { convertBranches } from './convert-branches.ts';
import { hoistInvariants } from './hoist-invariants.ts';
import { inlineCalls } from './inline-calls.ts';
import { numberValues } from './number-values.ts';
import type { Ordering, Pass } from './pass.ts';
import { removeDeadCode } from './remove-dead-code.ts';
import { arithmeticRules } from './rules/arithmetic-rules.ts';
import { contractionRules, fastMathRules } from './rules/fast-math-rules.ts';
import { integerRules } from './rules/integer-rules.ts';
import { logicRules } from './rules/logic-rules.ts';
import { powerRules, strengthRules } from './rules/strength-rules.ts';
import { ruleTable, simplify } from './simplify.ts';
import { simplifyControlFlow } from './simplify-control-flow.ts';
import { tailCalls } from './tail-calls.ts';
import { widenIntegers } from './widen-integers.ts';

const exactRules = [...arithmeticRules, ...logicRules, ...integerRules];
const simplifyRules = ruleTable(exactRules, powerRules);
const fastSimplifyRules = ruleTable(fastMathRules, exactRules, powerRules);
const reductionRules = ruleTable(strengthRules);
const contractingRules = ruleTable(contractionRules, strengthRules);

const simplifyPass: Pass['run'] = (fn, { options }) =>
  simplify(fn, options.fastMath ? fastSimplifyRules : simplifyRules);

const table: readonly (Pick<Pass, 'name' | 'level' | 'run'> & Partial<Pass>)[] = [
  { name: 'tail-calls', level: 0, early: true, run: tailCalls },
  { name: 'inline', level: 1, run: (fn, { inlinable }) => inlineCalls(fn, inlinable) },
  { name: 'control-flow', level: 0, run: simplifyControlFlow },
  { name: 'simplify', level: 1, run: simplifyPass },
  { name: 'if-conversion', level: 1, run: (fn, { options }) => convertBranches(fn, options.speculation) },
  { name: 'late-control-flow', level: 1, follows: ['simplify', 'if-conversion'], run: simplifyControlFlow },
  { name: 'late-simplify', level: 1, follows: ['if-conversion', 'late-control-flow'], run: simplifyPass },
  { name: 'value-numbering', level: 1, run: numberValues },
  { name: 'hoisting', level: 1, run: hoistInvariants },
  {
    name: 'strength',
    level: 1,
    run: (fn, { options }) =>
      simplify(fn, options.fastMath && options.fma ? contractingRules : reductionRules),
  },
  {
    name: 'widening',
    level: 1,
    run: (fn, { options }) => options.wideIntegers && widenIntegers(fn),
  },
  { name: 'dead-code', level: 1, run: (fn) => removeDeadCode(fn) },
];

export const passes: readonly Pass[] = table.map((pass) => ({ early: false, follows: undefined, ...pass }));

export const orderings: readonly Ordering[] = [
  {
    before: 'tail-calls',
    after: 'inline',
    reason: 'a function whose only recursion is a loop can be called like any other',
  },
  {
    before: 'inline',
    after: 'control-flow',
    reason: 'copied bodies leave joins with one way in',
  },
  {
    before: 'control-flow',
    after: 'simplify',
    reason: 'rewriting in one walk needs blocks in reverse postorder, and no unreachable ones',
  },
  {
    before: 'simplify',
    after: 'if-conversion',
    reason: 'what folds away costs nothing when sides are weighed',
  },
  {
    before: 'simplify',
    after: 'late-control-flow',
    reason: 'branches on conditions that became constant are to go',
  },
  {
    before: 'if-conversion',
    after: 'late-control-flow',
    reason: 'joins with one way in are to merge with it',
  },
  {
    before: 'late-control-flow',
    after: 'late-simplify',
    reason: 'selects and parameters that turned out to be known make work for the rules',
  },
  {
    before: 'late-simplify',
    after: 'value-numbering',
    reason: 'expressions that differ only in form are to become equal first',
  },
  {
    before: 'value-numbering',
    after: 'hoisting',
    reason: 'hoisting equal expressions once is enough',
  },
  {
    before: 'value-numbering',
    after: 'strength',
    reason: 'cheaper forms hide what they compute from the rules and from each other',
  },
  {
    before: 'hoisting',
    after: 'strength',
    reason: 'a cheaper form has more operations, each of which would be moved on its own',
  },
  {
    before: 'strength',
    after: 'widening',
    reason: 'rules ask which integers are sign-extended',
  },
  {
    before: 'widening',
    after: 'dead-code',
    reason: 'every pass leaves what it replaced for one sweep at the end',
  },
];

checkOrder(passes, orderings);

/** Fails an invariant unless the table meets all constraints. */
export function checkOrder(order: readonly Pass[], constraints: readonly Ordering[]): void {
  const position = new Map(order.map((pass, index) => [pass.name, index]));
  invariant(position.size === order.length, 'two passes have the same name');
  for (const { before, after, reason } of constraints) {
    const first = position.get(before);
    const second = position.get(after);
    invariant(
      first !== undefined && second !== undefined,
      `no pass is called ${first === undefined ? before : after}`,
    );
    invariant(first < second, `${before} must run before ${after}: ${reason}`);
  }
  const late = order.findIndex((pass) => !pass.early);
  invariant(
    order.every((pass, index) => !pass.early || index < late),
    'early passes stand first',
  );
}
