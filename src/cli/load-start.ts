/**
 * Loads what answers at once (`start.ts`), from V8's code cache where Node keeps one: from Node 22.8 on, in a folder of the user's own
 * that `NODE_COMPILE_CACHE` names and `NODE_DISABLE_COMPILE_CACHE` does away with.
 *
 * Node stores what is compiled before anything ran, which is little; here it is what ran until there was an answer. Whoever can
 * write such a file decides what runs, so it must be this user's and nobody else may write to it. Its name has what the code is
 * and which Node wrote it, so versions do not get in each other's way; whatever goes wrong with it, nothing but time is lost.
 */
import { closeSync, constants, fstatSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import module from 'node:module';
import { join } from 'node:path';
import { Script } from 'node:vm';

type Start = typeof import('./start.ts');

/** A function of what a module of CommonJS sees. */
type Wrapped = (exports: object, require: NodeJS.Require, module: { exports: Start }) => void;

/** Of the code of `start.cjs`, from the build. */
declare const startHash: string;

const file = join(__dirname, 'start.cjs');

/** Undefined if nobody asks for an answer; what is loaded later is compiled from Node's cache even so. */
export function loadStart(isAsked: boolean): Start | undefined {
  const cache = cacheFile();
  if (!isAsked) return undefined;
  if (cache === undefined) return require(file) as Start;
  const source = `(function (exports, require, module) {${readFileSync(file, 'latin1')}\n})`;
  const cachedData = readOwn(cache);
  const script = new Script(source, { filename: file, ...(cachedData === undefined ? {} : { cachedData }) });
  const start = evaluate(script);
  if (cachedData !== undefined && script.cachedDataRejected !== true) return start;
  return {
    answerAtStart(args) {
      const answer = start.answerAtStart(args);
      if (answer !== undefined) store(cache, script);
      return answer;
    },
  };
}

function evaluate(script: Script): Start {
  const loaded = { exports: {} as Start };
  (script.runInThisContext() as Wrapped)(loaded.exports, require, loaded);
  return loaded.exports;
}

function cacheFile(): string | undefined {
  // Node 20 has neither.
  const { enableCompileCache, getCompileCacheDir } = module as {
    enableCompileCache?: () => unknown;
    getCompileCacheDir?: () => string | undefined;
  };
  enableCompileCache?.();
  const folder = getCompileCacheDir?.();
  return folder === undefined ? undefined : join(folder, `exprjit-${startHash}`);
}

/** What is in a file of this user's that nobody else may write to; undefined where there is none. */
function readOwn(path: string): Buffer | undefined {
  try {
    const descriptor = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
    try {
      const { uid, mode } = fstatSync(descriptor);
      const isOwn = process.getuid === undefined || (uid === process.getuid() && (mode & 0o022) === 0);
      return isOwn ? readFileSync(descriptor) : undefined;
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return undefined;
  }
}

/** In one step, so that others who start meanwhile find all of it or nothing. */
function store(path: string, script: Script): void {
  try {
    const unfinished = `${path}.${process.pid}`;
    writeFileSync(unfinished, script.createCachedData(), { mode: 0o600, flag: 'wx' });
    renameSync(unfinished, path);
  } catch {
    // A folder that cannot be written to, or one who was faster.
  }
}
