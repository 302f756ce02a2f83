/** What each pass is shown on: one or more modules, by the name of the pass in `passes.ts`. */
export interface PassCase {
  readonly pass: string;
  readonly title: string;
  readonly input: string;
}

export const passCases: readonly PassCase[] = [
  {
    pass: 'tail-calls',
    title: 'a call that is returned through joins becomes a jump, one that is not stays',
    input: `function fact(f64, f64): f64 {
b0(v0: f64, v1: f64):
  v2 = fconst 1
  v3 = fle v0, v2
  branch v3, b1, b2
b1():
  jump b5(v1)
b2():
  v4 = fsub v0, v2
  v5 = fmul v0, v1
  v6 = fgt v0, v1
  branch v6, b3, b4
b3():
  v7: f64 = call fact(v4, v5)
  jump b6(v7)
b4():
  v8: f64 = call fact(v5, v4)
  v9 = fadd v8, v2
  jump b6(v9)
b6(v10: f64):
  jump b5(v10)
b5(v11: f64):
  return v11
}
`,
  },
  {
    pass: 'tail-calls',
    title: 'a call before another effect is no tail call',
    input: `host h(1)

function f(f64): f64 {
b0(v0: f64):
  v1: f64 = call f(v0)
  v2 = callhost h(v0)
  return v1
}
`,
  },
  {
    pass: 'inline',
    title: 'one block is spliced in, several split the caller, a loop and recursion stay calls',
    input: `function square(f64): f64 {
b0(v0: f64):
  v1 = fmul v0, v0
  return v1
}

function sign(f64): f64 {
b0(v0: f64):
  v1 = callmath sin(v0)
  v2 = fconst 0
  v3 = flt v1, v2
  branch v3, b1, b2
b1():
  v4 = callmath exp(v0)
  return v4
b2():
  v5 = callmath cos(v0)
  v6 = callmath tan(v5)
  return v6
}

function loop(f64): f64 {
b0(v0: f64):
  jump b1(v0)
b1(v1: f64):
  v2 = fconst 1
  v3 = fsub v1, v2
  v4 = fgt v3, v2
  branch v4, b1(v3), b2
b2():
  return v3
}

function even(f64): bool {
b0(v0: f64):
  v1: bool = call odd(v0)
  return v1
}

function odd(f64): bool {
b0(v0: f64):
  v1: bool = call even(v0)
  return v1
}

function main(f64): f64 {
b0(v0: f64):
  v1: f64 = call square(v0)
  v2: f64 = call sign(v1)
  v3: f64 = call loop(v2)
  v4: bool = call even(v3)
  v5 = btof v4
  return v5
}
`,
  },
  {
    pass: 'control-flow',
    title: 'known branches, unreachable blocks, chains of blocks and redundant parameters go',
    input: `function f(f64): f64 {
b0(v0: f64):
  v1 = bconst true
  branch v1, b2, b1
b1():
  jump b3(v0)
b2():
  v2 = fadd v0, v0
  jump b3(v2)
b3(v3: f64):
  v4 = flt v3, v0
  branch v4, b4, b5
b4():
  jump b6(v3)
b5():
  jump b6(v3)
b6(v5: f64):
  return v5
b7():
  return v0
}
`,
  },
  {
    pass: 'control-flow',
    title: 'a && b as a condition: the constant way and the computed way are threaded past the join',
    input: `function f(f64, f64): f64 {
b0(v0: f64, v1: f64):
  v2 = flt v0, v1
  v3 = bconst false
  branch v2, b1, b2(v3)
b1():
  v4 = callmath sin(v0)
  v5 = flt v4, v1
  jump b2(v5)
b2(v6: bool):
  branch v6, b3, b4
b3():
  v7 = callmath exp(v0)
  jump b5(v7)
b4():
  v8 = callmath exp(v1)
  jump b5(v8)
b5(v9: f64):
  return v9
}
`,
  },
  {
    pass: 'control-flow',
    title: 'a parameter used outside its block keeps the block',
    input: `function f(f64): f64 {
b0(v0: f64):
  v1 = fconst 0
  v2 = flt v0, v1
  v3 = bconst false
  branch v2, b1, b2(v3)
b1():
  v4 = callmath sin(v0)
  v5 = flt v4, v1
  jump b2(v5)
b2(v6: bool):
  branch v6, b3, b4
b3():
  v7 = btof v6
  return v7
b4():
  return v0
}
`,
  },
  {
    pass: 'control-flow',
    title: 'a block that jumps to itself is left alone',
    input: `function f(f64): f64 {
b0(v0: f64):
  jump b1
b1():
  jump b1
}
`,
  },
  {
    pass: 'simplify',
    title: 'folding goes on through what it folds, across blocks',
    input: `function f(f64): f64 {
b0(v0: f64):
  v1 = fconst 2
  v2 = fconst 3
  v3 = fadd v1, v2
  v4 = fmul v3, v0
  v5 = fneg v4
  v6 = fneg v5
  v7 = flt v1, v2
  v8: f64 = select v7, v6, v0
  jump b1(v8)
b1(v9: f64):
  v10 = callmath cos(v3)
  v11 = fconst 5
  v12 = flt v11, v8
  branch v12, b2, b3
b2():
  return v10
b3():
  return v9
}
`,
  },
  {
    pass: 'if-conversion',
    title: 'nested conditionals with cheap sides become selects, from the inside out',
    input: `function f(f64, f64): f64 {
b0(v0: f64, v1: f64):
  v2 = flt v0, v1
  branch v2, b1, b2
b1():
  v3 = fadd v0, v0
  jump b6(v3)
b2():
  v4 = fgt v1, v0
  branch v4, b3, b4
b3():
  v5 = fmul v1, v1
  jump b5(v5)
b4():
  jump b5(v1)
b5(v6: f64):
  jump b6(v6)
b6(v7: f64):
  return v7
}
`,
  },
  {
    pass: 'if-conversion',
    title: 'calls, and what costs more than a mispredicted branch, stay behind the branch',
    input: `function f(f64, f64): f64 {
b0(v0: f64, v1: f64):
  v2 = flt v0, v1
  branch v2, b1, b2
b1():
  v3 = callmath sin(v0)
  jump b3(v3)
b2():
  v4: f64 = call f(v1, v0)
  jump b3(v4)
b3(v5: f64):
  return v5
}
`,
  },
  {
    pass: 'value-numbering',
    title: 'equal, exchanged and mirrored expressions are computed once, where one dominates the other',
    input: `function f(f64, f64): f64 {
b0(v0: f64, v1: f64):
  v2 = fadd v0, v1
  v3 = fadd v1, v0
  v4 = fsub v0, v1
  v5 = fsub v1, v0
  v6 = flt v0, v1
  v7 = fgt v1, v0
  branch v7, b1, b2
b1():
  v8 = fmul v3, v3
  v9 = fmul v2, v2
  v10 = callmath sin(v4)
  v11 = fadd v8, v9
  jump b3(v11)
b2():
  v12 = fmul v2, v2
  v13 = callmath sin(v4)
  v14 = callmath cos(v5)
  v15 = fadd v12, v13
  jump b3(v15)
b3(v16: f64):
  v17 = fmul v3, v2
  v18 = fadd v16, v17
  return v18
}
`,
  },
  {
    pass: 'hoisting',
    title: 'what does not change leaves each loop that it does not depend on, with its constants',
    input: `function f(f64, f64): f64 {
b0(v0: f64, v1: f64):
  jump b1(v0)
b1(v2: f64):
  jump b2(v1)
b2(v3: f64):
  v4 = fconst 3
  v5 = fmul v0, v4
  v6 = fadd v5, v2
  v7 = fadd v6, v3
  v8 = flt v7, v0
  branch v8, b2(v7), b3
b3():
  v9 = fconst 1
  v10 = fsub v2, v9
  v11 = fgt v10, v9
  branch v11, b1(v10), b4
b4():
  return v10
}
`,
  },
  {
    pass: 'hoisting',
    title: 'a loop entered from two sides gets a block in front of it',
    input: `function f(f64, f64): f64 {
b0(v0: f64, v1: f64):
  v2 = flt v0, v1
  branch v2, b1(v0), b1(v1)
b1(v3: f64):
  v4 = callmath exp(v0)
  v5 = fsub v3, v4
  v6 = fgt v5, v0
  branch v6, b1(v5), b2
b2():
  return v5
}
`,
  },
  {
    pass: 'strength',
    title: 'divisions and remainders by powers of two, and doubling',
    input: `function f(f64): f64 {
b0(v0: f64):
  v1 = fconst 8
  v2 = fdiv v0, v1
  v3 = frem v2, v1
  v4 = fconst 2
  v5 = fmul v3, v4
  v6 = fconst 10
  v7 = fdiv v5, v6
  return v7
}
`,
  },
  {
    pass: 'widening',
    title:
      'extensions go where only low halves are seen, around loops too; comparisons and results see the whole',
    input: `function f(i64, i64): i64 {
b0(v0: i64, v1: i64):
  jump b1(v0, v1)
b1(v2: i64, v3: i64):
  v4 = iconst 5
  v5 = ishl32 v2, v4
  v6 = ixor v2, v5
  v7 = isext32 v6
  v8 = isub32 v3, v4
  v9 = iconst 0
  v10 = ine v8, v9
  branch v10, b1(v7, v8), b2
b2():
  v11 = iadd32 v7, v5
  v12 = imul32 v11, v11
  v13 = ishr32 v12, v4
  return v13
}
`,
  },
  {
    pass: 'widening',
    title: 'counts that are not known, or too large for 32 bits, are taken as they are',
    input: `function f(i64, i64): i64 {
b0(v0: i64, v1: i64):
  v2 = iconst 37
  v3 = ishl32 v0, v1
  v4 = ishl32 v0, v2
  v5 = iadd v3, v4
  v6 = isext32 v5
  return v6
}
`,
  },
  {
    pass: 'widening',
    title: 'stores of 32 bits see low halves, stores of 64 the whole',
    input: `function f(i64, i64): i64 {
b0(v0: i64, v1: i64):
  v2 = membase
  v3 = bound 8(v0)
  v4 = iadd32 v1, v1
  v8: i64 = mwrite u32(v2, v3, v4)
  v5 = isub32 v1, v0
  v9: i64 = mwrite i64(v2, v3, v5)
  return v0
}
`,
  },
  {
    pass: 'dead-code',
    title: 'values that only keep each other alive around a loop go; effects stay',
    input: `host h(1)

function f(f64): f64 {
b0(v0: f64):
  v1 = fconst 0
  v2 = fconst 1
  jump b1(v0, v1)
b1(v3: f64, v4: f64):
  v5 = fadd v4, v2
  v6 = callhost h(v3)
  v7 = fsub v3, v2
  v8 = fgt v7, v1
  branch v8, b1(v7, v5), b2
b2():
  return v0
}
`,
  },
];
