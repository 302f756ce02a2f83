import { builtinConstants, builtins } from './builtins.ts';
import { rowFunctions } from './row-functions.ts';
import { keywords } from './tokens.ts';

/** What the language knows by itself, for completion, highlighting and help. */
export interface Vocabulary {
  readonly functions: readonly BuiltinFunction[];
  /** Functions of whole columns, in formulas that run over such; a program may define others of these names. */
  readonly columnFunctions: readonly BuiltinFunction[];
  readonly constants: readonly { readonly name: string; readonly value: number | boolean }[];
  readonly keywords: readonly string[];
}

/** A function that the language knows by itself. */
export interface BuiltinFunction {
  readonly name: string;
  /** The last one starts with `...` if it stands for one or more. */
  readonly parameters: readonly string[];
  /** One sentence. */
  readonly summary: string;
}

/** The names of the language in the order of its documentation. */
export function vocabulary(): Vocabulary {
  return {
    functions: Array.from(builtins.values(), ({ name, parameters, summary }) => ({
      name,
      parameters,
      summary,
    })),
    columnFunctions: Array.from(rowFunctions, ([name, { parameters, summary }]) => ({
      name,
      parameters,
      summary,
    })),
    constants: Array.from(builtinConstants, ([name, value]) => ({ name, value })),
    keywords,
  };
}
