import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { isReadable } from '../support/readable.ts';
import type { Address } from './address.ts';
import type { Session } from './session.ts';

/**
 * A call that V8 makes from optimised code as C++ would. Runs machine code and gives 1; gives 0 where it does not: then the
 * function of the session that does the same runs it, or says what is wrong. For code that neither traps nor calls, since nothing may
 * throw or run JavaScript meanwhile.
 */
export type FastCall = () => number;

/** What has a fast call: numbers that the addon knows too. */
const FastCallWay = Object.freeze({ Invoke: 0, RunKnown: 1, RunPrepared: 2 } as const);

export interface FastFunctions {
  /** As `invoke` of the session. */
  readonly invoke: FastCall;
  /** As `runKnown` of the session. */
  readonly runKnown: FastCall;
  /** As `runPrepared` of the session. */
  readonly runPrepared: FastCall;
}

/** The functions, or why there are none. */
export type FastCalls =
  | { readonly functions: FastFunctions; readonly reason: undefined }
  | { readonly functions: undefined; readonly reason: string };

/** What a library for fast calls exports, see `native/fast-calls`; nothing to a V8 that it was not made for. */
interface FastCallLibrary {
  create(door: Address): FastCall | undefined;
}

/**
 * Fast calls by the session's frame. They take a library of this version of Node beside the addon's file; and one session of
 * each thread has them. Never throws.
 */
export function openFastCalls(session: Session, addonFile: string): FastCalls {
  try {
    const foreign = foreignHost();
    if (foreign !== undefined) return none(foreign);
    const file = libraryBeside(addonFile);
    if (!isReadable(file)) return none(`exprjit has none for Node ${process.version} here`);
    const library = createRequire(addonFile)(file) as FastCallLibrary;
    if (!Object.hasOwn(library, 'create')) return none(`${file} is for another V8`);
    const door = session.claimFastCalls(FastCallWay.Invoke);
    if (door === 0) return none('exprjit was loaded in this thread before, and has them there');
    const invoke = library.create(door);
    const runKnown = library.create(session.claimFastCalls(FastCallWay.RunKnown));
    const runPrepared = library.create(session.claimFastCalls(FastCallWay.RunPrepared));
    return invoke === undefined || runKnown === undefined || runPrepared === undefined
      ? none(`${file} is for another version of exprjit`)
      : { functions: { invoke, runKnown, runPrepared }, reason: undefined };
  } catch (error) {
    return none(error instanceof Error ? error.message.trim() : String(error));
  }
}

/** `exprjit.glibc.node` has those for Node 20 in `fast-calls/exprjit.glibc.abi115.node`, if there are any. */
function libraryBeside(addonFile: string): string {
  const name = `${basename(addonFile, '.node')}.abi${process.versions.modules}.node`;
  return join(dirname(addonFile), 'fast-calls', name);
}

/** Why this program is not a Node whose V8 the libraries are made for, although it may say it is. */
function foreignHost(): string | undefined {
  const { versions, config } = process;
  for (const name of ['electron', 'nw', 'bun', 'deno']) {
    if (Object.hasOwn(versions, name)) return `${name} is not Node`;
  }
  // Their layout of objects is another one under the same version.
  const variables: object = config.variables;
  for (const name of ['v8_enable_pointer_compression', 'v8_enable_sandbox']) {
    const value: unknown = Object.hasOwn(variables, name) ? Reflect.get(variables, name) : 0;
    if (value !== 0) return `this Node was built with ${name}`;
  }
  return undefined;
}

function none(reason: string): FastCalls {
  return { functions: undefined, reason };
}
