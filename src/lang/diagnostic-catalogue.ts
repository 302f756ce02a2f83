/**
 * Every diagnostic the language can give, by its stable code. Programs may test codes; messages are for people
 * and may be reworded. `test/lang/diagnostics` shows each one as users see it.
 */
export const diagnosticCatalogue = Object.freeze({
  E_LENGTH: { severity: 'error', summary: 'The source is longer than the limit.' },
  E_TOKENS: { severity: 'error', summary: 'The source has more tokens than the limit.' },
  E_NESTING: {
    severity: 'error',
    summary: 'Brackets, operators or conditions are nested deeper than the limit.',
  },
  E_NODES: { severity: 'error', summary: 'The syntax tree has more nodes than the limit.' },
  E_CODE_SIZE: { severity: 'error', summary: 'The machine code would be larger than the limit.' },
  E_PARAMETERS: { severity: 'error', summary: 'A function or program has more parameters than the limit.' },

  E_UNKNOWN_CHARACTER: { severity: 'error', summary: 'A character that the language does not use.' },
  E_MALFORMED_NUMBER: { severity: 'error', summary: 'A number is followed directly by letters or digits.' },
  E_NUMBER_RANGE: { severity: 'error', summary: 'A number is larger than the largest double.' },
  E_UNEXPECTED_TOKEN: { severity: 'error', summary: 'Something else must stand here.' },
  E_UNEXPECTED_END: { severity: 'error', summary: 'The source ends in the middle of something.' },
  E_UNCLOSED_BRACKET: { severity: 'error', summary: 'A bracket is never closed.' },
  E_UNMATCHED_BRACKET: { severity: 'error', summary: 'A closing bracket has no opening one of its kind.' },
  E_CHAINED_COMPARISON: { severity: 'error', summary: 'A comparison of a comparison without brackets.' },
  E_AMBIGUOUS_PRODUCT: {
    severity: 'error',
    summary: 'In a dialect with products without a sign, one stands behind a division.',
  },
  E_MISPLACED_NOT: { severity: 'error', summary: '`not` stands as an operand without brackets.' },
  E_MISPLACED_IF: { severity: 'error', summary: '`if` stands as an operand without brackets.' },
  E_MISPLACED_EQUALS: { severity: 'error', summary: 'A single `=` where no definition can stand.' },
  E_EXPRESSION_NOT_LAST: { severity: 'error', summary: 'An expression stands before other statements.' },
  E_NO_RESULT: { severity: 'error', summary: 'The source defines but has no expression to evaluate.' },

  E_UNKNOWN_NAME: { severity: 'error', summary: 'A name that is not defined.' },
  E_UNKNOWN_FUNCTION: { severity: 'error', summary: 'A function that is not defined.' },
  E_NOT_A_FUNCTION: { severity: 'error', summary: 'A value is called like a function.' },
  E_NOT_A_VALUE: { severity: 'error', summary: 'A function stands without its arguments.' },
  E_WRONG_ARITY: { severity: 'error', summary: 'A function gets too few or too many arguments.' },
  E_LOOP_VARIABLE: { severity: 'error', summary: 'The first argument of a loop is not a plain name.' },
  E_DIFF_VARIABLE: {
    severity: 'error',
    summary: 'The second argument of `diff` is not the name of a variable.',
  },
  E_DIFF_FUNCTION: { severity: 'error', summary: 'A derivative of what has none that is known.' },
  E_DUPLICATE_DEFINITION: { severity: 'error', summary: 'A name is defined twice.' },
  E_DUPLICATE_PARAMETER: { severity: 'error', summary: 'Two parameters have one name.' },
  E_RESERVED_NAME: { severity: 'error', summary: 'A definition would change what a built-in name means.' },
  E_USE_BEFORE_DEFINITION: { severity: 'error', summary: 'A `let` is used before it has a value.' },

  E_ROWS_ONLY: { severity: 'error', summary: 'Something of whole columns where there are none.' },
  E_NOT_A_COLUMN: { severity: 'error', summary: 'An element of something that is no column.' },
  E_STAGE_LOCAL: {
    severity: 'error',
    summary: 'An expression of all rows uses a name that is known in one place.',
  },
  E_MISPLACED_PREV: { severity: 'error', summary: '`prev` stands elsewhere than in the formula itself.' },

  W_UNUSED_LET: { severity: 'warning', summary: 'A `let` that nothing uses.' },
  W_CONSTANT_COMPARISON: { severity: 'warning', summary: 'A comparison that always has the same outcome.' },
  W_SIGN_BEGINS_LINE: {
    severity: 'warning',
    summary: 'A sign at the beginning of a line does not go on with the line before.',
  },
  W_COMMENT_LIKE_DIVISION: {
    severity: 'warning',
    summary: 'A comment looks like the second half of a division.',
  },
} as const satisfies Record<string, { severity: 'error' | 'warning'; summary: string }>);

/** The stable codes of errors and warnings; the documentation of the language lists them. */
export type DiagnosticCode = keyof typeof diagnosticCatalogue;
