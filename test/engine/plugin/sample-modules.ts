/** Every kind of value goes through as it is, but for what its type says. */
export const passing = `
function f64(f64): f64 {
b0(v0: f64):
  return v0
}
function i64(i64): i64 {
b0(v0: i64):
  return v0
}
function bool(bool): bool {
b0(v0: bool):
  return v0
}
function mixed(i64, f64, bool, i64): i64 {
b0(v0: i64, v1: f64, v2: bool, v3: i64):
  v4 = isub v0, v3
  v5 = itof v4
  v6 = fadd v5, v1
  v7 = btof v2
  v8 = fadd v6, v7
  v9 = ftoi32 v8
  return v9
}
`;

/** Sums bytes from an offset on, and stores the sum behind them. */
export const summing = `
function sum(i64, i64): i64 {
b0(v0: i64, v1: i64):
  v2 = iconst 0
  v3 = iconst 1
  jump b1(v0, v2)
b1(v4: i64, v5: i64):
  v6 = ilt v4, v1
  branch v6, b2, b3
b2():
  v7: i64 = mload u8(v4)
  v8 = iadd v5, v7
  v9 = iadd v4, v3
  jump b1(v9, v8)
b3():
  v10: i64 = mstore i32(v1, v5)
  return v10
}
`;
