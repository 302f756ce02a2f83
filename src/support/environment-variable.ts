/**
 * The environment variable of that name; empty if there is none. So it is where there is no environment, or one that does
 * not want to be asked, and `Object.prototype` does not answer for it.
 */
export function environmentVariable(name: string): string {
  try {
    const { env } = process;
    const text: unknown = Object.hasOwn(env, name) ? env[name] : undefined;
    return typeof text === 'string' ? text : '';
  } catch {
    return '';
  }
}
