import { type CallCounter, CodeLog, type NotedCode } from '../../inspect/code-log.ts';
import type {
  BlockSnapshot,
  CodeForm,
  CodeLine,
  FunctionDetail,
  InspectSource,
  Update,
} from '../../inspect/snapshot.ts';
import type { BlockInfo } from '../../mem/statistics.ts';
import type { CodePiece, Executable } from '../backends/executable.ts';
import { countCalls } from './inspect-counting.ts';
import type { EngineView } from './inspect-view.ts';

/** Characters of a source that stand for it in lists. */
const nameLength = 160;

const sources = new WeakMap<EngineView, EngineSource>();
let sourceCount = 0;

/** An engine as a source of the inspector. It does not keep the engine from being collected. */
export class EngineSource implements InspectSource {
  readonly id: number;
  readonly name: string;
  readonly #view: WeakRef<EngineView>;
  /** By executable, and by what stands for other pieces of code. */
  readonly #known = new WeakMap<object, NotedCode>();
  /** By kernel, the function that it runs. */
  readonly #owners = new WeakMap<object, NotedCode>();
  /** What was called since the last look, and is still there: it may be long until somebody looks. */
  readonly #called = new Map<CallCounter, NotedCode>();
  /** Pieces of code that were there at the last look. */
  #pieces: ReadonlySet<NotedCode> = new Set();
  /** By address, functions that were there before and whose release shows by their code. */
  readonly #early = new Map<number, NotedCode>();
  /** Those whose release shows only in that they are missing. */
  #unwatched: ReadonlySet<NotedCode> = new Set();
  readonly #log = new CodeLog();
  readonly #start = performance.now();
  #codeCount = 0;
  #liveFunctions = 0;

  private constructor(view: EngineView) {
    this.id = ++sourceCount;
    this.name = `engine ${this.id}`;
    this.#view = new WeakRef(view);
    view.observe((executable) => this.#observe(executable));
    this.#noteEarly(view);
  }

  /** The source of an engine, the same each time: its counting starts with the first. */
  static of(view: EngineView): EngineSource {
    let source = sources.get(view);
    if (source === undefined) {
      source = new EngineSource(view);
      sources.set(view, source);
    }
    return source;
  }

  /** Whether the engine still exists. */
  get alive(): boolean {
    return this.#view.deref()?.disposed === false;
  }

  update(since: number | undefined): Update | undefined {
    const view = this.#view.deref();
    if (view === undefined || view.disposed) return undefined;
    const { backend, cpu, compileCount, cache, memory } = view.statistics();
    const { kernelCount: kernels = 0 }: Partial<EngineView> = view;
    this.#look(view);
    const { blockCount, allocationCount, usedSize, reservedSize, overheadSize } = memory;
    return {
      time: performance.now() - this.#start,
      backend: cpu === undefined ? backend : `${backend}, ${cpu}`,
      memory: { blockCount, allocationCount, usedSize, reservedSize, overheadSize },
      counters: {
        compiled: compileCount,
        released: compileCount - this.#liveFunctions - kernels,
        kernels,
        cached: cache.size,
      },
      ...this.#log.since(since),
    };
  }

  detail(id: number): FunctionDetail | undefined {
    const view = this.#view.deref();
    if (view === undefined || view.disposed) return undefined;
    const pieces = [...piecesOf(view)];
    for (const executable of view.executables()) {
      if (this.#known.get(executable)?.id !== id) continue;
      const kernels = pieces.filter(({ key }) => this.#known.get(key)?.owner === id);
      return { id, source: executable.source, forms: formsOf(view, executable, kernels) };
    }
    const kernel = pieces.find(({ key, kind }) => kind === 'kernel' && this.#known.get(key)?.id === id);
    return kernel && { id, source: kernel.name, forms: view.forms(undefined, [kernel]) };
  }

  /** Notes what is there before anybody looks. */
  #noteEarly(view: EngineView): void {
    const { onRelease }: Partial<EngineView> = view;
    const unwatched = new Set<NotedCode>();
    for (const executable of view.executables()) {
      const code = this.#enter(executable, null, undefined);
      if (code.size > 0 && onRelease !== undefined) this.#early.set(code.address, code);
      else unwatched.add(code);
    }
    this.#unwatched = unwatched;
    if (this.#early.size > 0) onRelease?.((address) => this.#releasedAt(address));
  }

  #releasedAt(address: number): void {
    const code = this.#early.get(address);
    if (code === undefined) return;
    this.#early.delete(address);
    this.#remove(code);
  }

  /** Notes what changed without a word. */
  #look(view: EngineView): void {
    for (const [counter, code] of this.#called) {
      counter.seen = counter.calls;
      this.#log.called(code.id);
    }
    this.#called.clear();
    if (this.#unwatched.size > 0) {
      const there = new Set(Array.from(view.executables(), (executable) => this.#known.get(executable)));
      for (const code of this.#unwatched) if (!there.has(code)) this.#remove(code);
      this.#unwatched = new Set([...this.#unwatched].filter((code) => there.has(code)));
    }
    const pieces = new Set<NotedCode>();
    for (const piece of piecesOf(view)) pieces.add(this.#known.get(piece.key) ?? this.#enterPiece(piece));
    for (const code of this.#pieces) if (!pieces.has(code)) this.#log.remove(code.id);
    this.#pieces = pieces;
    this.#log.setBlocks(blocksOf(view));
  }

  #observe(executable: Executable): Executable {
    const counter: CallCounter = { calls: 0, seen: 0 };
    const born = performance.now() - this.#start;
    const counted = countCalls(executable, counter, {
      called: () => void this.#called.set(counter, code),
      loaded: (kernel) => this.#owners.set(kernel, code),
      released: () => {
        this.#called.delete(counter);
        this.#remove(code);
      },
    });
    const code = this.#enter(counted, born, counter);
    return counted;
  }

  #remove({ id }: NotedCode): void {
    this.#liveFunctions--;
    this.#log.remove(id);
  }

  #enter(executable: Executable, born: number | null, counter: CallCounter | undefined): NotedCode {
    const { code } = executable;
    this.#liveFunctions++;
    return this.#note(executable, {
      id: ++this.#codeCount,
      kind: 'function',
      name: shorten(executable.source),
      address: code?.address ?? 0,
      size: code?.size ?? 0,
      born,
      counter,
      owner: null,
    });
  }

  #enterPiece({ kind, name, address, size, key }: CodePiece): NotedCode {
    return this.#note(key, {
      id: ++this.#codeCount,
      kind,
      name: shorten(name),
      address,
      size,
      // It came since the look before, which is as good as now.
      born: performance.now() - this.#start,
      counter: undefined,
      owner: this.#owners.get(key)?.id ?? null,
    });
  }

  #note(key: object, code: NotedCode): NotedCode {
    this.#known.set(key, code);
    this.#log.add(code);
    return code;
  }
}

/** Views of copies before this one tell of executables only. */
function piecesOf(view: Partial<EngineView>): Iterable<CodePiece> {
  return view.pieces?.() ?? [];
}

/** As the engine's own copy of the package sees it; views of copies before this one have text, and the first had only data. */
function formsOf(
  view: Partial<EngineView>,
  executable: Executable,
  kernels: readonly CodePiece[],
): readonly CodeForm[] {
  if (view.forms !== undefined) return view.forms(executable, kernels);
  const ir = view.printIr?.(executable) ?? 'not shown: the engine is of an earlier version of exprjit';
  return [{ label: 'function', ir: plain(ir), code: plain(executable.code?.listing() ?? '') }];
}

/** Lines of which nobody knows what they belong to. */
function plain(text: string): CodeLine[] {
  return text === '' ? [] : text.split('\n').map((line) => ({ text: line, value: null, span: null }));
}

/** A source in one line. */
function shorten(source: string): string {
  const line = source
    .slice(0, 4 * nameLength)
    .replace(/\s+/g, ' ')
    .trim();
  return line.length > nameLength ? `${line.slice(0, nameLength)}…` : line;
}

/** Views of copies before this one list spans, which are joined here: in fragmented memory there are many. */
function blocksOf(view: EngineView): Iterable<BlockSnapshot> {
  const { blockRuns }: Partial<EngineView> = view;
  return blockRuns?.() ?? Array.from(view.blocks(), joinSpans);
}

function joinSpans({ address, size, granularity, spans }: BlockInfo): BlockSnapshot {
  const runs: number[] = [];
  let end = -1;
  for (const span of spans) {
    if (span.offset === end) runs[runs.length - 1] = (runs.at(-1) as number) + span.size;
    else runs.push(span.offset, span.size);
    end = span.offset + span.size;
  }
  return { address, size, granularity, runs };
}
