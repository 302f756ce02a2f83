/** Sources of any size that once took, or could take, more time or memory the longer they got. */
export interface SourceFamily {
  readonly name: string;
  readonly parameters: readonly string[];
  /** How many pieces still make a source within the default limits. */
  readonly most: number;
  /** The source of `count` pieces. */
  source(count: number): string;
}

function terms(count: number, term: (i: number) => string, joint = '+'): string {
  return Array.from({ length: count }, (_, i) => term(i + 1)).join(joint);
}

/** `count` values, all of them alive until the terms use them. */
function valuesThen(count: number, term: (i: number) => string, joint = '+'): string {
  return `{${terms(count, (i) => `let a${i}=sin(x*${i});`, '\n')}${terms(count, term, joint)}}`;
}

const xy = ['x', 'y'];

export const sourceFamilies: readonly SourceFamily[] = [
  { name: 'x*1+x*2+…', parameters: xy, most: 10_000, source: (n) => terms(n, (i) => `x*${i}`) },
  { name: 'x+x+…', parameters: xy, most: 24_000, source: (n) => terms(n, () => 'x') },
  { name: 'sin(x*1)+…', parameters: xy, most: 6_000, source: (n) => terms(n, (i) => `sin(x*${i})`) },
  { name: 'x%1+…', parameters: xy, most: 10_000, source: (n) => terms(n, (i) => `x%${i}`) },
  { name: 'hypot(x,y,1)+…', parameters: xy, most: 4_000, source: (n) => terms(n, (i) => `hypot(x,y,${i})`) },
  { name: 'hypot(x,x,…)', parameters: xy, most: 24_000, source: (n) => `hypot(${terms(n, () => 'x', ',')})` },
  { name: 'clz32(x*1)+…', parameters: xy, most: 6_000, source: (n) => terms(n, (i) => `clz32(x*${i})`) },
  {
    name: 'min(x*1,…)',
    parameters: xy,
    most: 10_000,
    source: (n) => `min(${terms(n, (i) => `x*${i}`, ',')})`,
  },
  { name: 'x>1&&x>2&&…', parameters: xy, most: 8_000, source: (n) => terms(n, (i) => `x>${i}`, '&&') },
  { name: '(x>1?y:1)+…', parameters: xy, most: 5_000, source: (n) => terms(n, (i) => `(x>${i}?y:${i})`) },
  {
    name: 'values, then conditionals',
    parameters: xy,
    most: 2_000,
    source: (n) => valuesThen(n, (i) => `(y>${i} ? a${i} : cos(y))`),
  },
  {
    name: 'values, then loops',
    parameters: xy,
    most: 2_000,
    source: (n) => valuesThen(n, (i) => `sum(k,1,y,a${i}*k)`),
  },
  {
    name: 'values, then &&',
    parameters: xy,
    most: 2_000,
    source: (n) => valuesThen(n, (i) => `a${i}>y`, '&&'),
  },
  {
    name: 'functions that call the one before',
    parameters: xy,
    most: 3_500,
    source: (n) => `f0(x)=x\n${terms(n, (i) => `f${i}(x)=f${i - 1}(x)+${i}`, '\n')}\nf${n}(x)`,
  },
  {
    name: 'functions in a ring',
    parameters: xy,
    most: 2_500,
    source: (n) => `${terms(n, (i) => `f${i}(x)=x<1?x:f${(i % n) + 1}(x-1)`, '\n')}\nf1(x)`,
  },
  {
    name: 'one function, called often',
    parameters: xy,
    most: 4_500,
    source: (n) => `f(x)=x*x+sin(x)*cos(x)-exp(x)\n${terms(n, (i) => `f(x+${i})`)}`,
  },
];
