/**
 * Prototypes that everybody shares, as a hostile or careless program leaves them.
 *
 * `data` is what merging foreign JSON does: elements and options in `Object.prototype`, enumerable or not. `traps` are
 * accessors that take part in nothing (what is assigned becomes a property of its own) and note who reads them; a read
 * from `src` or `dist` is one that the compiler must not make. `frozen` takes assignments away from all that inherit.
 */
import { findSourceMap } from 'node:module';

export const pollutions = ['data', 'enumerable', 'traps', 'frozen'] as const;
export type Pollution = (typeof pollutions)[number];

const small = Array.from({ length: 40 }, (_, index) => index);
/** Elements that a list may be asked for: before its start, small, and where tables end. */
const indices = [-1, ...small, 63, 64, 100, 127, 128, 255, 256, 511, 512, 1000, 1024, 4096, 65_536];

/** Options, keys by which kinds of objects are told apart, and what protocols look for. */
const names = [
  ...[
    'allocator',
    'arity',
    'backend',
    'cache',
    'constants',
    'cpu',
    'fastMath',
    'fuel',
    'functions',
    'limits',
    'dialect',
    'anyCase',
    'bitOperators',
  ],
  ...[
    'granularity',
    'blockSize',
    'fillPattern',
    'pools',
    'reserve',
    'options',
    'codeSize',
    'nesting',
    'nodes',
  ],
  ...[
    'tokens',
    'parameters',
    'type',
    'out',
    'threads',
    'signal',
    'onProgress',
    'port',
    'index',
    'x',
    'f',
    'r',
  ],
  ...[
    'log',
    'features',
    'check',
    'dump',
    'exports',
    'code',
    'level',
    'trace',
    'roots',
    'verify',
    'hosts',
    'math',
  ],
  ...['reduce', 'kind', 'op', 'size', 'displacement', 'program', 'functionName', 'strand', 'temporaries'],
  ...['early', 'follows', 'commutative', 'effect', 'emit', 'precision', 'strategies', 'attempts'],
  ...['errno', 'syscall', 'sse', 'vex', 'evex', 'f64', 'u32', 'mask', 'sum', 'GATE', 'IGNORE_AMBIGUITIES'],
];

/** Those of them that Node.js itself takes from wherever they come: as data they break it. */
const nodes = ['signal', 'errno', 'code', 'syscall'];

/**
 * Protocols of the language. Not `return` and `toJSON`, which the language itself asks for, not `length`, which makes a list of every object, nor what descriptors of properties have: the
 * libraries that read sources and run tests do not survive these.
 */
const protocols = ['then', 'next', 'done'];

/** Not enumerable, as a wrapper of literals needs it to be independent of what was put into `Object.prototype`. */
function define(target: object, key: PropertyKey, descriptor: PropertyDescriptor): void {
  Object.defineProperty(target, key, Object.assign(Object.create(null), descriptor));
}

/** Of the package, where all that uses this runs; a bundle of it lies elsewhere than this file. */
const root = `${process.cwd()}/`;

/** Columns and options that callers give are theirs, and may inherit what they like. */
const callersObjects = [
  /^(type|out|length|index|threads|onProgress|port|[xyf]|\d+) at src\/(engine\/(columns\/)?(kernel|read-column)|inspect)/,
  /^(constants|hosts|limits|parameters) at src\/lang\/environment/,
  /^(granularity|size|\d+) at src\/mem\/jit-allocator/,
];

/** Reads of shared prototypes by the code under test: key and place. */
export const reads: string[] = [];
let isNoting = false;

/** File, line and column: in the sources, also of what was bundled, if Node runs with `--enable-source-maps`. */
function placeOf(site: NodeJS.CallSite): string {
  const file = site.getFileName() ?? '';
  if (file === '') return '';
  const [line, column] = [site.getLineNumber() ?? 0, site.getColumnNumber() ?? 0];
  const map = file.endsWith('.mjs') ? findSourceMap(file) : undefined;
  const entry = map?.findEntry(line - 1, column - 1);
  if (entry === undefined || !('originalSource' in entry)) return `${file}:${line}:${column}`;
  return `${entry.originalSource}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
}

function note(key: PropertyKey): void {
  if (isNoting) return;
  isNoting = true;
  const saved = Error.prepareStackTrace;
  Error.prepareStackTrace = (_, sites) => {
    // Built-in functions have no file, and act for those who call them; Node.js acts for itself.
    const places = sites.map(placeOf).filter((place) => place !== '');
    return places.find((place) => !place.includes('test/support/prototypes')) ?? '';
  };
  const place = String(new Error().stack);
  Error.prepareStackTrace = saved;
  const path = place.replace(/^file:\/\//, '');
  if (path.startsWith(`${root}src/`) || path.startsWith(`${root}dist/`)) {
    const read = `${String(key)} at ${path.slice(root.length)}`;
    if (!reads.includes(read) && !callersObjects.some((each) => each.test(read))) reads.push(read);
  }
  isNoting = false;
}

function trap(target: object, key: PropertyKey): void {
  define(target, key, {
    configurable: true,
    enumerable: false,
    get() {
      note(key);
      return undefined;
    },
    set(this: object, value: unknown) {
      define(this, key, { configurable: true, enumerable: true, writable: true, value });
    },
  });
}

const shared: readonly object[] = [
  Object.prototype,
  Array.prototype,
  Function.prototype,
  Object.getPrototypeOf(Uint8Array.prototype),
  Uint8Array.prototype,
  Int32Array.prototype,
  Float64Array.prototype,
  Map.prototype,
  Set.prototype,
  Error.prototype,
  RangeError.prototype,
  TypeError.prototype,
  Promise.prototype,
  RegExp.prototype,
  String.prototype,
  Number.prototype,
  Object.getPrototypeOf([][Symbol.iterator]()),
];

/** `all` adds the protocols. Test frameworks survive traps without them, and no data: they read beyond the ends of lists too. */
export function pollute(kind: Pollution, all = false): void {
  if (kind === 'frozen') {
    for (const prototype of shared) Object.freeze(prototype);
    return;
  }
  const keys: PropertyKey[] = [
    ...indices.map(String),
    ...names.filter((name) => !(name in Object.prototype)),
  ];
  if (kind === 'traps') {
    for (const key of [...keys, ...(all ? protocols : [])]) trap(Object.prototype, key);
    for (const index of indices) trap(Array.prototype, String(index));
    return;
  }
  for (const key of keys) {
    if (nodes.includes(String(key))) continue;
    define(Object.prototype, key, {
      configurable: true,
      enumerable: kind === 'enumerable',
      writable: true,
      value: 0x400000,
    });
  }
  if (!all) return;
  // Of the protocols those that a program may have by merging and still run: no accessors, no thenables.
  for (const key of ['next', 'done', 'toJSON'])
    define(Object.prototype, key, { configurable: true, enumerable: false, writable: true, value: 0x400000 });
}
