/** How long what runs in this thread may still take. Limits nest: the one that ends first counts. */
import { FrameSlot } from '../../native/frame.ts';
import { soon } from '../../support/intrinsics.ts';
import { now } from '../../support/platform.ts';

/** Where the deadline stands: in the frame where there is machine code, which looks there; 0 is none. */
let memory = new Float64Array(1);
let place = 0;

/** From now on the deadline stands in this frame. */
export function keepDeadlineIn(frame: Float64Array): void {
  frame[FrameSlot.Deadline] = memory[place] as number;
  memory = frame as Float64Array<ArrayBuffer>;
  place = FrameSlot.Deadline;
}

/** In milliseconds of the clock of `support/platform.ts`; 0 if there is none. */
export function currentDeadline(): number {
  return memory[place] as number;
}

/** The deadline of something that starts now and may take so many milliseconds; without a number, the present one. */
export function deadlineAfter(milliseconds: number | undefined): number {
  const outer = currentDeadline();
  if (milliseconds === undefined) return outer;
  const own = now() + milliseconds;
  return outer === 0 || own < outer ? own : outer;
}

/** Whether a deadline is past. */
export function isPast(deadline: number): boolean {
  return deadline > 0 && now() >= deadline;
}

let isForgetting = false;

/** V8 can end a script (of `vm`, with a time limit) without its `finally`; when no script runs any more, there is no deadline. */
function forgetWhenIdle(): void {
  if (isForgetting) return;
  isForgetting = true;
  soon(() => {
    isForgetting = false;
    memory[place] = 0;
  });
}

/** Runs `body` with a deadline; see {@link deadlineAfter}. */
export function withDeadline<T>(deadline: number, body: () => T): T {
  const outer = currentDeadline();
  if (outer === 0) forgetWhenIdle();
  memory[place] = deadline;
  try {
    return body();
  } finally {
    memory[place] = outer;
  }
}

/** Throws a TypeError or RangeError unless `value` is a time: milliseconds, with fractions. */
export function requireTimeout(name: string, value: unknown): void {
  if (typeof value !== 'number') throw new TypeError(`${name} must be a number, not ${typeof value}`);
  if (value > 0 && value <= Number.MAX_SAFE_INTEGER) return;
  throw new RangeError(`${name} must be a number of milliseconds above 0, not ${value}`);
}
