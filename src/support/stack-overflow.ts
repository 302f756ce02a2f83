/** Whether an engine of JavaScript says that its stack is exhausted: each has words of its own for it, and one a class. */
export function isStackOverflow(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { name, message } = error;
  return (
    (name === 'RangeError' || name === 'InternalError') &&
    // No pattern: where the stack ends, to compile one fails with a SyntaxError.
    (message.startsWith('Maximum call stack size exceeded') || message.startsWith('too much recursion'))
  );
}
