/**
 * Moves that happen at once: the arguments of a call or of a jump, where one's source may be another's destination.
 *
 * A move is made as soon as nothing still reads its destination. When only cycles are left, one place of a cycle is
 * saved in the vector scratch register (that of masks, if it has any), the rest of the cycle follows, and the saved value
 * comes last. A move from memory to memory passes through the general scratch register, or, if it is of several lanes,
 * through a vector register of its own. Each move is looked at a constant number of times.
 */
import { generalScratch, laneScratch, maskScratch, vectorScratch } from './convention.ts';
import {
  firstMaskLocation,
  firstMemoryLocation,
  generalLocation,
  isMaskRegister,
  isMemory,
  isWideMemory,
} from './location.ts';

const through = generalLocation(generalScratch);

export class ParallelMove {
  #destinations: number[] = [];
  #sources: number[] = [];
  /** By register: how many pending moves read it, and the move that writes it. */
  readonly #reads = new Int32Array(firstMemoryLocation);
  readonly #writers = new Int32Array(firstMemoryLocation).fill(-1);
  /** The same for memory that moves write; other memory needs no such care. */
  readonly #memoryReads = new Map<number, number>();
  readonly #memoryWriters = new Map<number, number>();
  readonly #ready: number[] = [];

  /** No destination is added twice. */
  add(destination: number, source: number): void {
    if (destination === source) return;
    this.#destinations.push(destination);
    this.#sources.push(source);
  }

  /** Emits all added moves in a right order, and forgets them. At most one side of an emitted move is memory. */
  resolve(emit: (destination: number, source: number) => void): void {
    const destinations = this.#destinations;
    const sources = this.#sources;
    const count = destinations.length;
    if (count === 0) return;
    if (count === 1) {
      this.#emit(destinations[0] as number, sources[0] as number, emit);
      destinations.length = 0;
      sources.length = 0;
      return;
    }
    for (let i = 0; i < count; i++) this.#setWriter(destinations[i] as number, i);
    for (let i = 0; i < count; i++) this.#countRead(sources[i] as number, 1);
    const ready = this.#ready;
    for (let i = 0; i < count; i++) {
      if (this.#readsOf(destinations[i] as number) === 0) ready.push(i);
    }
    this.#makeReady(emit);
    for (let i = 0; i < count; i++) {
      if (this.#writerOf(destinations[i] as number) === i) this.#breakCycle(i, emit);
    }
    for (let i = 0; i < count; i++) {
      const source = sources[i] as number;
      if (source < firstMemoryLocation) this.#reads[source] = 0;
    }
    this.#memoryReads.clear();
    this.#memoryWriters.clear();
    destinations.length = 0;
    sources.length = 0;
  }

  #makeReady(emit: (destination: number, source: number) => void): void {
    for (let move = this.#ready.pop(); move !== undefined; move = this.#ready.pop()) {
      const source = this.#sources[move] as number;
      this.#emit(this.#destinations[move] as number, source, emit);
      this.#setWriter(this.#destinations[move] as number, -1);
      this.#countRead(source, -1);
      const blocked = this.#writerOf(source);
      if (blocked >= 0 && this.#readsOf(source) === 0) this.#ready.push(blocked);
    }
  }

  /** What is left and begins with `first` is a ring: each destination is read by exactly one move. */
  #breakCycle(first: number, emit: (destination: number, source: number) => void): void {
    const saved = this.#destinations[first] as number;
    const scratch = this.#isOfMasks(first) ? firstMaskLocation + maskScratch : vectorScratch;
    emit(scratch, saved);
    let move = first;
    for (;;) {
      const destination = this.#destinations[move] as number;
      const source = this.#sources[move] as number;
      this.#setWriter(destination, -1);
      if (source === saved) {
        emit(destination, scratch);
        return;
      }
      this.#emit(destination, source, emit);
      move = this.#writerOf(source);
    }
  }

  /** Does the ring that begins with `first` pass through a mask register? Then all of it are masks, in memory too. */
  #isOfMasks(first: number): boolean {
    let move = first;
    do {
      const source = this.#sources[move] as number;
      if (isMaskRegister(source)) return true;
      move = this.#writerOf(source);
    } while (move !== first);
    return false;
  }

  #emit(destination: number, source: number, emit: (destination: number, source: number) => void): void {
    if (isMemory(destination) && isMemory(source)) {
      const between = isWideMemory(destination) ? laneScratch : through;
      emit(between, source);
      emit(destination, between);
    } else {
      emit(destination, source);
    }
  }

  #setWriter(location: number, move: number): void {
    if (location < firstMemoryLocation) this.#writers[location] = move;
    else this.#memoryWriters.set(location, move);
  }

  #writerOf(location: number): number {
    if (location < firstMemoryLocation) return this.#writers[location] as number;
    return this.#memoryWriters.size === 0 ? -1 : (this.#memoryWriters.get(location) ?? -1);
  }

  #countRead(location: number, change: number): void {
    if (location < firstMemoryLocation) {
      this.#reads[location] = (this.#reads[location] as number) + change;
    } else if (this.#memoryWriters.has(location)) {
      this.#memoryReads.set(location, (this.#memoryReads.get(location) ?? 0) + change);
    }
  }

  #readsOf(location: number): number {
    if (location < firstMemoryLocation) return this.#reads[location] as number;
    return this.#memoryReads.get(location) ?? 0;
  }
}
