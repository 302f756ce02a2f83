import type { HostFunction } from '../jit/ir/function.ts';
import { describeValue } from '../support/describe-value.ts';
import { hasOwnNamed } from '../support/intrinsics.ts';
import type { Program } from './ast.ts';
import { builtinConstants, builtins } from './builtins.ts';
import type { Dialect } from './dialect.ts';
import { resolveLimits, type SourceLimits } from './limits.ts';
import type { Edges } from './row-functions.ts';
import { type Syntax, syntaxFor } from './syntax.ts';
import { isName, normalizeName } from './tokens.ts';

/** What a formula that runs over columns may ask of other rows. */
export interface RowSurroundings {
  /** The name of the output that the formula computes, among `outputs`; undefined if it is the only one. */
  readonly output: string | undefined;
  readonly outputs: readonly string[];
  /** What elements beyond the rows are; NaN if left out. */
  readonly edges?: Edges;
  /** Do other outputs, whose rows go together with those of this one, look at other rows? */
  readonly isPlaced?: boolean;
}

/** What a program may refer to besides what it defines itself. All parts are optional; engines spell out those they leave out. */
export interface Environment {
  /** The program's parameters, in order. Left out: its free names, in order of first appearance. */
  readonly parameters?: readonly string[] | undefined;
  /** Named values that a program may not redefine. */
  readonly constants?: ReadonlyMap<string, number | boolean> | undefined;
  /** Functions of the host; only numbers go in and out. */
  readonly hosts?: readonly HostFunction[] | undefined;
  /** Names of values that the surroundings supply, for example the row number; a program that uses one gets it as a parameter after its own. */
  readonly provided?: readonly string[] | undefined;
  /** Named values that a program may redefine: the variables of a workspace. */
  readonly variables?: ReadonlyMap<string, number | boolean> | undefined;
  /** Earlier programs whose functions are visible; of two with one name the later prevails, and the program's own over both. */
  readonly library?: readonly Program[] | undefined;
  readonly limits?: Partial<SourceLimits> | undefined;
  /** How sources are read; the language itself if left out. */
  readonly dialect?: Required<Dialect> | undefined;
  /** Given where a program runs over columns, and may ask for other rows. */
  readonly rows?: RowSurroundings | undefined;
}

/** An {@link Environment} that was checked, with nothing left out but the parameters. */
export interface ResolvedEnvironment {
  readonly parameters: readonly string[] | undefined;
  readonly constants: ReadonlyMap<string, number | boolean>;
  readonly hosts: ReadonlyMap<string, HostFunction>;
  readonly provided: ReadonlySet<string>;
  readonly variables: ReadonlyMap<string, number | boolean>;
  readonly library: readonly Program[];
  readonly limits: SourceLimits;
  readonly rows: RowSurroundings | undefined;
}

const empty: ResolvedEnvironment = {
  parameters: undefined,
  constants: builtinConstants,
  hosts: new Map(),
  provided: new Set(),
  variables: new Map(),
  library: [],
  limits: resolveLimits(),
  rows: undefined,
};

/** An environment with more definitions, which prevail over those that it has. */
export function withDefinitions(
  environment: Environment,
  variables: ReadonlyMap<string, number | boolean>,
  library: readonly Program[],
): Environment {
  const { variables: known, library: before } = environment;
  if (known === undefined && before === undefined) return { ...environment, variables, library };
  const own = new Set(variables.keys());
  for (const { definitions } of library) for (const { target } of definitions) own.add(target.name);
  return {
    ...environment,
    variables: new Map([...[...(known ?? [])].filter(([name]) => !own.has(name)), ...variables]),
    library: [
      ...(before ?? []).map((program) => ({
        ...program,
        definitions: program.definitions.filter(({ target }) => !own.has(target.name)),
      })),
      ...library,
    ],
  };
}

/**
 * Checks an environment and normalises its names.
 *
 * @throws TypeError for what cannot be a name and for names that collide; RangeError for an impossible arity or limit.
 */
export function resolveEnvironment(environment: Environment): ResolvedEnvironment {
  const { parameters, constants, hosts, provided, variables, library, limits, rows } = environment;
  const dialect = hasOwnNamed(environment, 'dialect') ? environment.dialect : undefined;
  if (dialect !== undefined) refuseWords(environment, syntaxFor(dialect));
  return {
    parameters: parameters === undefined ? undefined : resolveNames(parameters, 'parameters'),
    constants: constants === undefined ? empty.constants : resolveConstants(constants),
    hosts: hosts === undefined ? empty.hosts : resolveHosts(hosts),
    provided: provided === undefined ? empty.provided : new Set(resolveNames(provided, 'provided')),
    variables: variables === undefined ? empty.variables : resolveValues(variables, 'variables'),
    library: library ?? empty.library,
    limits: limits === undefined ? empty.limits : resolveLimits(limits),
    rows,
  };
}

/** Names that the dialect reads as its words could not be used. */
function refuseWords({ parameters, constants, hosts }: Environment, { words, anyCase }: Syntax): void {
  const refuse = (name: string, what: string): void => {
    if (!words.has(anyCase ? name.toLowerCase() : name)) return;
    throw new TypeError(`${what} must be a name, and ${describeValue(name)} is a word of the dialect`);
  };
  for (const [index, name] of (parameters ?? []).entries()) refuse(name, `parameters[${index}]`);
  for (const name of (constants ?? new Map()).keys()) refuse(name, 'each name in constants');
  for (const { name } of hosts ?? []) refuse(name, 'the name of a host function');
}

function resolveNames(names: readonly string[], what: string): readonly string[] {
  const seen = new Set<string>();
  for (const [index, given] of names.entries()) {
    const name = resolveName(given, `${what}[${index}]`);
    if (seen.has(name)) throw new TypeError(`${what}[${index}] repeats the name ${describeValue(name)}`);
    seen.add(name);
  }
  return [...seen];
}

function resolveName(name: string, what: string): string {
  if (typeof name !== 'string' || !isName(name)) {
    throw new TypeError(
      `${what} must be a name (letters, digits, _; no word of the language), not ${describeValue(name)}`,
    );
  }
  return normalizeName(name);
}

function resolveConstants(
  given: ReadonlyMap<string, number | boolean>,
): ReadonlyMap<string, number | boolean> {
  const constants = resolveValues(given, 'constants');
  for (const name of constants.keys()) {
    if (builtinConstants.has(name))
      throw new TypeError(`constants: ${describeValue(name)} is a built-in constant`);
  }
  return new Map([...builtinConstants, ...constants]);
}

function resolveValues(
  values: ReadonlyMap<string, number | boolean>,
  what: string,
): ReadonlyMap<string, number | boolean> {
  const resolved = new Map<string, number | boolean>();
  for (const [given, value] of values) {
    const name = resolveName(given, `each name in ${what}`);
    if (typeof value !== 'number' && typeof value !== 'boolean') {
      throw new TypeError(
        `${what}: ${describeValue(name)} must be a number or a boolean, not ${describeValue(value)}`,
      );
    }
    resolved.set(name, value);
  }
  return resolved;
}

/** Arguments of a host call travel in the frame, which has room for this many. */
const maxHostArity = 512;

function resolveHosts(given: readonly HostFunction[]): ReadonlyMap<string, HostFunction> {
  const hosts = new Map<string, HostFunction>();
  for (const host of given) {
    const name = resolveName(host.name, 'the name of a host function');
    if (builtins.get(name)?.yields === false)
      throw new TypeError(`the host function ${describeValue(name)} has the name of a built-in`);
    if (hosts.has(name)) throw new TypeError(`two host functions are called ${describeValue(name)}`);
    if (!Number.isInteger(host.arity) || host.arity < 0 || host.arity > maxHostArity) {
      throw new RangeError(
        `the arity of ${describeValue(name)} must be an integer from 0 to ${maxHostArity}, not ${host.arity}`,
      );
    }
    hosts.set(name, host);
  }
  return hosts;
}
