/** The definitions that a program can refer to: its own and those of its library. */
import type { Definition, FunctionDefinition, LetBinding, Program } from './ast.ts';
import { builtins } from './builtins.ts';
import type { DiagnosticList } from './diagnostic.ts';
import type { ResolvedEnvironment } from './environment.ts';
import { inferResultTypes } from './result-types.ts';
import type { SourceText } from './source-text.ts';
import type { CheckedFunction, TypedExpression, ValueType, Variable } from './typed-ast.ts';

export class LocalVariable implements Variable {
  readonly name: string;
  readonly type: ValueType;
  used = false;
  varies = false;

  constructor(name: string, type: ValueType) {
    this.name = name;
    this.type = type;
  }
}

/** A `let` at top level. */
export interface TopLevelLet {
  readonly binding: LetBinding;
  /** Position among the program's definitions. */
  readonly index: number;
  readonly variable: LocalVariable;
}

/** A function while it is checked. */
export class FunctionUnderCheck implements CheckedFunction {
  readonly name: string;
  readonly definition: FunctionDefinition;
  readonly source: SourceText;
  readonly type: ValueType;
  readonly parameters: readonly LocalVariable[];
  readonly callees = new Set<FunctionUnderCheck>();
  captures: LocalVariable[] = [];
  /** Set when the body is checked. */
  body: TypedExpression = { kind: 'constant', type: 'f64', value: Number.NaN };
  isChecked = false;

  constructor(definition: FunctionDefinition, source: SourceText, type: ValueType) {
    this.name = definition.target.name;
    this.definition = definition;
    this.source = source;
    this.type = type;
    this.parameters = definition.parameters.map(({ name }) => new LocalVariable(name, 'f64'));
  }
}

export interface Definitions {
  /** By name; those of the program first, in order. */
  readonly functions: ReadonlyMap<string, FunctionUnderCheck>;
  readonly lets: ReadonlyMap<string, TopLevelLet>;
}

interface Found {
  readonly definition: Definition;
  readonly source: SourceText;
  /** Position in its program; -1 in a library, where only functions count. */
  readonly index: number;
}

/** Collects the definitions of a program and its library, and reports names that are taken. */
export function collectDefinitions(
  program: Program,
  environment: ResolvedEnvironment,
  diagnostics: DiagnosticList,
): Definitions {
  const found = new Map<string, Found>();
  for (const [index, definition] of program.definitions.entries()) {
    if (definition.kind === 'function') reportDuplicateParameters(definition, program, diagnostics);
    reportReserved(definition, program, environment, diagnostics);
    const { target } = definition;
    if (found.has(target.name)) {
      const message = `\`${target.name}\` is already defined`;
      diagnostics.report(program.source, 'E_DUPLICATE_DEFINITION', target, message);
    } else {
      found.set(target.name, { definition, source: program.source, index });
    }
  }
  // Backwards, since of two functions with one name the later prevails.
  for (const { definitions, source } of [...environment.library].reverse()) {
    for (const definition of definitions) {
      if (definition.kind === 'let' || found.has(definition.target.name)) continue;
      found.set(definition.target.name, { definition, source, index: -1 });
    }
  }
  return resolve(environment, found);
}

function resolve(environment: ResolvedEnvironment, found: ReadonlyMap<string, Found>): Definitions {
  const functions = new Map<string, FunctionUnderCheck>();
  const lets = new Map<string, TopLevelLet>();
  if (found.size === 0) return { functions, lets };
  const lookUp = (name: string, kind: Definition['kind']) => {
    const definition = found.get(name)?.definition;
    return definition?.kind === kind ? definition : undefined;
  };
  const types = inferResultTypes(
    [...found.values()].map(({ definition }) => definition),
    {
      function: (name) => lookUp(name, 'function'),
      let: (name) => lookUp(name, 'let'),
      isBooleanConstant: (name) =>
        typeof (environment.variables.get(name) ?? environment.constants.get(name)) === 'boolean' &&
        environment.parameters?.includes(name) !== true &&
        !environment.provided.has(name),
    },
  );
  for (const [name, { definition, source, index }] of found) {
    const type = types.get(definition) ?? 'f64';
    if (definition.kind === 'function') {
      functions.set(name, new FunctionUnderCheck(definition, source, type));
    } else {
      lets.set(name, { binding: definition, index, variable: new LocalVariable(name, type) });
    }
  }
  return { functions, lets };
}

function reportDuplicateParameters(
  { parameters }: FunctionDefinition,
  { source }: Program,
  diagnostics: DiagnosticList,
): void {
  const seen = new Set<string>();
  for (const parameter of parameters) {
    if (seen.has(parameter.name)) {
      const message = `two parameters are called \`${parameter.name}\``;
      diagnostics.report(source, 'E_DUPLICATE_PARAMETER', parameter, message);
    }
    seen.add(parameter.name);
  }
}

function reportReserved(
  { kind, target }: Definition,
  { source }: Program,
  environment: ResolvedEnvironment,
  diagnostics: DiagnosticList,
): void {
  const { name } = target;
  const report = (what: string, hint?: string) =>
    diagnostics.report(
      source,
      'E_RESERVED_NAME',
      target,
      `\`${name}\` is ${what}; it cannot be redefined`,
      hint,
    );
  if (environment.constants.has(name)) {
    report('a constant', 'parameters, and names inside of blocks, may be called so');
  } else if (kind === 'function') {
    if (builtins.get(name)?.yields === false) report('a built-in function');
    else if (environment.hosts.has(name)) report('a function of the host');
  } else if (environment.parameters?.includes(name) === true) {
    diagnostics.report(source, 'E_DUPLICATE_DEFINITION', target, `\`${name}\` is already a parameter`);
  }
}
