/**
 * Every diagnostic the language can give, by its stable code. Programs may test codes; messages are for people
 * and may be reworded. `test/lang/diagnostics` shows each one as users see it.
 */
export const diagnosticCatalogue = Object.freeze({
  length: { severity: 'error', summary: 'The source is longer than the limit.' },
  tokens: { severity: 'error', summary: 'The source has more tokens than the limit.' },
  nesting: {
    severity: 'error',
    summary: 'Brackets, operators or conditions are nested deeper than the limit.',
  },
  nodes: { severity: 'error', summary: 'The syntax tree has more nodes than the limit.' },
  'code-size': { severity: 'error', summary: 'The machine code would be larger than the limit.' },
  parameters: { severity: 'error', summary: 'A function or program has more parameters than the limit.' },

  'unknown-character': { severity: 'error', summary: 'A character that the language does not use.' },
  'malformed-number': { severity: 'error', summary: 'A number is followed directly by letters or digits.' },
  'number-range': { severity: 'error', summary: 'A number is larger than the largest double.' },
  'unexpected-token': { severity: 'error', summary: 'Something else must stand here.' },
  'unexpected-end': { severity: 'error', summary: 'The source ends in the middle of something.' },
  'unclosed-bracket': { severity: 'error', summary: 'A bracket is never closed.' },
  'unmatched-bracket': { severity: 'error', summary: 'A closing bracket has no opening one of its kind.' },
  'chained-comparison': { severity: 'error', summary: 'A comparison of a comparison without brackets.' },
  'misplaced-not': { severity: 'error', summary: '`not` stands as an operand without brackets.' },
  'misplaced-if': { severity: 'error', summary: '`if` stands as an operand without brackets.' },
  'misplaced-equals': { severity: 'error', summary: 'A single `=` where no definition can stand.' },
  'expression-not-last': { severity: 'error', summary: 'An expression stands before other statements.' },
  'no-result': { severity: 'error', summary: 'The source defines but has no expression to evaluate.' },

  'unknown-name': { severity: 'error', summary: 'A name that is not defined.' },
  'unknown-function': { severity: 'error', summary: 'A function that is not defined.' },
  'not-a-function': { severity: 'error', summary: 'A value is called like a function.' },
  'not-a-value': { severity: 'error', summary: 'A function stands without its arguments.' },
  'wrong-arity': { severity: 'error', summary: 'A function gets too few or too many arguments.' },
  'loop-variable': { severity: 'error', summary: 'The first argument of a loop is not a plain name.' },
  'duplicate-definition': { severity: 'error', summary: 'A name is defined twice.' },
  'duplicate-parameter': { severity: 'error', summary: 'Two parameters have one name.' },
  'reserved-name': { severity: 'error', summary: 'A definition would change what a built-in name means.' },
  'use-before-definition': { severity: 'error', summary: 'A `let` is used before it has a value.' },

  'unused-let': { severity: 'warning', summary: 'A `let` that nothing uses.' },
  'constant-comparison': { severity: 'warning', summary: 'A comparison that always has the same outcome.' },
} as const satisfies Record<string, { severity: 'error' | 'warning'; summary: string }>);

/** The stable codes of errors and warnings; the documentation of the language lists them. */
export type DiagnosticCode = keyof typeof diagnosticCatalogue;
