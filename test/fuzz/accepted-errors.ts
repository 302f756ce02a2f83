/** Which errors the public interface may throw, and which of them are a fault of the package. */
import { CodedError } from '../../src/support/coded-error.ts';

const documented = new Set([
  'CompileError',
  'TrapError',
  'KernelError',
  'ReleasedError',
  'NativeUnavailableError',
  'VirtMemError',
  'JitAllocatorError',
  'TypeError',
  'RangeError',
  'AggregateError',
  'AbortError',
]);

/** Messages of V8's, for what nobody has looked at before it was used. */
const careless =
  /^(Cannot read properties|Cannot set propert|Cannot destructure|undefined is not|Cannot convert (undefined|object)|.* is not (a function|iterable|a constructor)|Reflect|Reduce of|Invalid (array length|typed array length)|Cannot perform|Cannot use 'in')/;

export interface Verdict {
  readonly kind: 'documented' | 'careless' | 'fault';
  readonly text: string;
}

/** `own` are values that the caller's own code has thrown: they come back as they are. */
export function judge(error: unknown, own: ReadonlySet<unknown> = new Set()): Verdict {
  if (own.has(error)) return { kind: 'documented', text: 'thrown by the caller' };
  if (!(error instanceof Error)) return { kind: 'fault', text: `thrown: ${String(error)}` };
  const text = `${error.name}: ${error.message}`;
  if (error instanceof AggregateError) {
    const worst = error.errors.map((each) => judge(each, own)).find(({ kind }) => kind === 'fault');
    return worst ?? { kind: 'documented', text };
  }
  // V8 compiles regular expressions when they are used, and has no RangeError for want of stack there.
  if (error instanceof SyntaxError && error.message.endsWith('Stack overflow'))
    return { kind: 'documented', text };
  if (!documented.has(error.name) && !(error instanceof CodedError))
    return { kind: 'fault', text: withStack(error) };
  const isOfV8 = !(error instanceof CodedError) && careless.test(error.message);
  return { kind: isOfV8 ? 'careless' : 'documented', text };
}

function withStack(error: Error): string {
  const frames = (error.stack ?? '').split('\n').filter((line) => line.includes('/src/'));
  const places = frames.slice(0, 4).map((line) => line.replace(/^.*\/src\//, 'src/').replace(/\)$/, ''));
  return `${error.name}: ${error.message} (${places.join(' < ')})`;
}
