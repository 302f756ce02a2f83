import type {
  BlockSnapshot,
  FunctionDetail,
  FunctionSnapshot,
  InspectSource,
  Snapshot,
} from '../../inspect/snapshot.ts';
import type { BlockInfo } from '../../mem/statistics.ts';
import type { Executable } from '../backends/executable.ts';
import { type CallCounter, countCalls } from './inspect-counting.ts';
import type { EngineView } from './inspect-view.ts';

/** Functions in one snapshot: more than anyone tells apart in a picture, few enough to send twice a second. */
const mostFunctions = 5000;

/** Characters of a source that stand for it in lists. */
const nameLength = 160;

/** What is known of one executable. */
interface Entry {
  readonly id: number;
  readonly name: string;
  /** Null if it was there before anyone looked. */
  readonly born: number | null;
  readonly counter: CallCounter | undefined;
}

const sources = new WeakMap<EngineView, EngineSource>();
let sourceCount = 0;

/** An engine as a source of the inspector. It does not keep the engine from being collected. */
export class EngineSource implements InspectSource {
  readonly id: number;
  readonly name: string;
  readonly #view: WeakRef<EngineView>;
  readonly #entries = new WeakMap<Executable, Entry>();
  readonly #start = performance.now();
  #entryCount = 0;

  private constructor(view: EngineView) {
    this.id = ++sourceCount;
    this.name = `engine ${this.id}`;
    this.#view = new WeakRef(view);
    view.observe((executable) => this.#observe(executable));
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

  snapshot(): Snapshot | undefined {
    const view = this.#view.deref();
    if (view === undefined || view.disposed) return undefined;
    const { backend, cpu, compileCount, cache, memory } = view.statistics();
    const functions = Array.from(view.executables(), (executable) => this.#describe(executable));
    functions.sort((left, right) => right.size - left.size);
    const { blockCount, allocationCount, usedSize, reservedSize, overheadSize } = memory;
    return {
      time: performance.now() - this.#start,
      backend: cpu === undefined ? backend : `${backend}, ${cpu}`,
      memory: { blockCount, allocationCount, usedSize, reservedSize, overheadSize },
      counters: { compiled: compileCount, released: compileCount - functions.length, cached: cache.size },
      blocks: Array.from(view.blocks(), blockSnapshot),
      functions: functions.slice(0, mostFunctions),
      functionCount: functions.length,
    };
  }

  detail(id: number): FunctionDetail | undefined {
    const view = this.#view.deref();
    if (view === undefined || view.disposed) return undefined;
    for (const executable of view.executables()) {
      if (this.#entries.get(executable)?.id !== id) continue;
      return {
        id,
        source: executable.source,
        ir: irOf(view, executable),
        listing: executable.code?.listing() ?? '',
      };
    }
    return undefined;
  }

  #observe(executable: Executable): Executable {
    const counter: CallCounter = { calls: 0 };
    const counted = countCalls(executable, counter);
    this.#enter(counted, performance.now() - this.#start, counter);
    return counted;
  }

  #describe(executable: Executable): FunctionSnapshot {
    const entry = this.#entries.get(executable) ?? this.#enter(executable, null, undefined);
    return {
      id: entry.id,
      name: entry.name,
      address: executable.code?.address ?? 0,
      size: executable.code?.size ?? 0,
      born: entry.born,
      calls: entry.counter?.calls ?? null,
    };
  }

  #enter(executable: Executable, born: number | null, counter: CallCounter | undefined): Entry {
    const entry: Entry = { id: ++this.#entryCount, name: shorten(executable.source), born, counter };
    this.#entries.set(executable, entry);
    return entry;
  }
}

/** The IR as the engine's own copy of the package prints it; views of copies before this one have only data. */
function irOf(view: Partial<EngineView>, executable: Executable): string {
  return view.printIr?.(executable) ?? 'not shown: the engine is of an earlier version of exprjit';
}

/** A source in one line. */
function shorten(source: string): string {
  const line = source
    .slice(0, 4 * nameLength)
    .replace(/\s+/g, ' ')
    .trim();
  return line.length > nameLength ? `${line.slice(0, nameLength)}…` : line;
}

/** With neighbouring spans joined: fragmented memory is what takes long lists. */
function blockSnapshot({ address, size, granularity, spans }: BlockInfo): BlockSnapshot {
  const runs: [number, number][] = [];
  for (const span of spans) {
    const last = runs.at(-1);
    if (last !== undefined && last[0] + last[1] === span.offset) last[1] += span.size;
    else runs.push([span.offset, span.size]);
  }
  return { address, size, granularity, runs };
}
