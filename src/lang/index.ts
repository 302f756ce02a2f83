export type * from './ast.ts';
export {
  AstJsonError,
  astJsonVersion,
  type ExpressionJson,
  type FunctionJson,
  fromJSON,
  type LetJson,
  type ProgramJson,
  toJSON,
} from './ast-json.ts';
export { printDefinition, printExpression, printProgram } from './ast-printer.ts';
export { type Builtin, type BuiltinGroup, builtinConstants, builtins } from './builtins.ts';
export { check } from './checker.ts';
export { CompileError } from './compile-error.ts';
export type { Diagnostic } from './diagnostic.ts';
export { type DiagnosticCode, diagnosticCatalogue } from './diagnostic-catalogue.ts';
export { renderDiagnostic } from './diagnostic-renderer.ts';
export type { Environment } from './environment.ts';
export { defaultLimits, type SourceLimits } from './limits.ts';
export { irNameOf, lower, mainName } from './lower.ts';
export { parse } from './parser.ts';
export { type Position, SourceText } from './source-text.ts';
export { isName, keywords, normalizeName } from './tokens.ts';
export type { CheckedFunction, CheckedProgram, TypedBinding, ValueType, Variable } from './typed-ast.ts';
