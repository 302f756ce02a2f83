import { expect } from 'chai';
import { parseModule } from '../../../src/jit/ir/parser.ts';
import { foldedLoads } from '../../../src/jit/machine/folded-loads.ts';
import { elementAt } from '../../../src/support/element.ts';

/** Names of the loads that are folded in a function of two addresses and an index. */
function foldedIn(body: string): string[] {
  const module = parseModule(`
function f(i64, i64, i64): f64 {
b0(v0: i64, v1: i64, v2: i64):
${body}
}`);
  return [...foldedLoads(elementAt(module.functions, 0))].map(({ id }) => `v${id}`);
}

describe('foldedLoads', () => {
  it('finds loads that their only user can do itself', () => {
    const body = `
  v3 = fconst 2
  v4: f64 = load f64(v0, v2)
  v5 = fsub v3, v4
  v6: f64 = load f64(v1, v2)
  v7 = fmul v6, v5
  return v7`;
    expect(foldedIn(body)).to.deep.equal(['v4', 'v6']);
  });

  it('leaves the first operand of what cannot exchange them, and conversions', () => {
    const body = `
  v3 = fconst 2
  v4: f64 = load f64(v0, v2)
  v5 = fsub v4, v3
  v6: f64 = load f32(v1, v2)
  v7 = fmul v5, v6
  return v7`;
    expect(foldedIn(body)).to.deep.equal([]);
  });

  it('leaves loads behind which something is stored', () => {
    const body = `
  v3 = fconst 2
  v4: f64 = load f64(v0, v2)
  v5: f64 = store f64(v0, v2, v3)
  v6 = fadd v5, v4
  return v6`;
    expect(foldedIn(body)).to.deep.equal([]);
  });

  it('leaves what is used twice, also by another block', () => {
    const body = `
  v3: f64 = load f64(v0, v2)
  v4 = fmul v3, v3
  v5: f64 = load f64(v1, v2)
  v6 = fadd v4, v5
  jump b1(v6, v5)
b1(v7: f64, v8: f64):
  v9 = fadd v7, v8
  return v9`;
    expect(foldedIn(body)).to.deep.equal([]);
  });
});
