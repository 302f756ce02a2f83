/**
 * Syntax trees and what is in a program, for tools: editors, spreadsheets, translators to other languages.
 *
 * Trees are frozen, and only those that were made here are taken back, so that whoever walks them later need not ask whether they are
 * trees at all. Other trees come in as JSON.
 */
import type { Program } from '../lang/ast.ts';
import { type ProgramJson, fromJSON as readJson, toJSON as writeJson } from '../lang/ast-json.ts';
import { printProgram as print } from '../lang/ast-printer.ts';
import type { Environment } from '../lang/environment.ts';
import { parse as parseSource } from '../lang/parser.ts';
import { readParameters, requireSource } from '../lang/source-input.ts';
import { deepFreeze } from '../support/deep-freeze.ts';
import { describeKind } from '../support/describe-value.ts';
import { optionNames, readOptions } from '../support/options.ts';
import { isObject } from '../support/own.ts';
import { settings } from '../support/settings.ts';
import { type EngineOptions, resolveEngineOptions } from './engine-options.ts';
import { rowNamesFor } from './front/row-names.ts';
import { type Analysis, analyzeProgram } from './inspect/analysis.ts';

/** How a source is read, and bounds on it; those of {@link Engine} if left out. */
export interface ParseOptions extends Pick<EngineOptions, 'limits' | 'dialect'> {}

/** What a program may refer to, as an {@link Engine} knows it. */
export interface AnalyzeOptions
  extends Pick<EngineOptions, 'constants' | 'functions' | 'limits' | 'dialect'> {
  /** Names that the program may take from its caller; any if left out. */
  readonly parameters?: readonly string[];
}

const parseOptions = optionNames<ParseOptions>({ limits: true, dialect: true });
const fromJsonOptions = optionNames<Pick<ParseOptions, 'limits'>>({ limits: true });
const analyzeOptions = optionNames<AnalyzeOptions>({
  constants: true,
  functions: true,
  limits: true,
  dialect: true,
  parameters: true,
});

/** All that were given away. */
const trees = new WeakSet<object>();

/**
 * The syntax tree of a source, frozen. Names need not mean anything.
 *
 * @throws CompileError with the first syntax error of each statement, or the limit that the source exceeds.
 *
 * @example
 * parse('a + 2*b').result; // { kind: 'sum', operators: ['+'], operands: [{ kind: 'name', name: 'a', start: 0, end: 1 }, …], … }
 */
export function parse(source: string, options?: ParseOptions): Program {
  requireSource(source);
  const { limits, dialect } = resolveEngineOptions(readOptions<ParseOptions>(options, parseOptions));
  return keep(parseSource(source, settings({ limits, dialect })));
}

/**
 * A tree as plain JSON without places, in a form that later versions can read. The documentation of the language describes it.
 *
 * @throws TypeError for what is no tree of {@link parse} or {@link fromJSON}.
 */
export function toJSON(program: Program): ProgramJson {
  requireProgram(program);
  return writeJson(program);
}

/**
 * The tree that {@link toJSON} made JSON of, or that somebody wrote as such. Its `source` is printed afresh, and its places are those in
 * there. JSON may come from strangers: whatever it is, this takes no more than a source within the limits may.
 *
 * @throws AstJsonError with the path to what is wrong; CompileError if the tree as a source is beyond a limit.
 *
 * @example
 * compile(fromJSON(JSON.parse(text)).source.text);
 */
export function fromJSON(json: unknown, options?: Pick<ParseOptions, 'limits'>): Program {
  const { limits } = resolveEngineOptions(readOptions<ParseOptions>(options, fromJsonOptions));
  return keep(readJson(json, limits));
}

/**
 * A source that parses to the same tree, a statement a line, with as few brackets as possible and without comments.
 *
 * @throws TypeError for what is no tree of {@link parse} or {@link fromJSON}.
 */
export function printProgram(program: Program): string {
  requireProgram(program);
  return print(program);
}

/**
 * What a source takes, uses and defines, without compiling it. An engine of your own knows its functions: {@link Engine.analyze}.
 *
 * @throws CompileError as compiling would, but not for a source that only defines; TypeError or RangeError for an impossible option.
 *
 * @example
 * const { freeNames } = analyze('let k = 2; k * price + sqrt(tax)');
 * freeNames.map(({ name }) => name); // ['price', 'tax']
 */
export function analyze(source: string | Program, options?: AnalyzeOptions): Analysis {
  const { parameters: given, ...others } = readOptions<AnalyzeOptions>(options, analyzeOptions);
  const { constants, hosts, limits, dialect } = resolveEngineOptions(others);
  const parameters = readParameters(given);
  const environment = settings({ parameters, constants, hosts, limits, dialect });
  return analyzeProgram(treeOf(source, environment), environment);
}

/** A tree of {@link parse} as it is, else that of a source. */
export function treeOf(source: string | Program, environment: Environment): Program {
  if (typeof source === 'string') {
    const provided = rowNamesFor(source, environment.dialect);
    return keep(parseSource(source, settings({ ...environment, provided })));
  }
  requireProgram(source, 'source must be a string or a tree of parse or fromJSON');
  return source;
}

function keep(program: Program): Program {
  trees.add(deepFreeze(program));
  return program;
}

function requireProgram(value: unknown, rule = 'program must be a tree of parse or fromJSON'): void {
  if (isObject(value) && trees.has(value)) return;
  throw new TypeError(`${rule}, not ${describeKind(value)}`);
}
