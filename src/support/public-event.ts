import { now, publicChannel } from './platform.ts';

/** What every message has besides what it is about. */
interface Timing {
  /** Milliseconds since 1970, when it had happened. */
  readonly time: number;
  /** Milliseconds that it took. */
  readonly duration: number;
}

/** Told at the end of the job, in the order in which it happened. */
let untold: { readonly channel: Channel; readonly message: object }[] = [];

type Channel = ReturnType<typeof publicChannel>;

/**
 * Something that happens here, for whoever subscribes to the channel of that name in `node:diagnostics_channel`. Where
 * nobody does, it costs a look whether somebody does.
 *
 * Subscribers are told by a microtask, when the job has ended: they may run anything, and most things happen in the midst of
 * changes.
 *
 * @example
 * const started = added.start();
 * // …
 * if (started >= 0) added.tell(started, { size });
 */
export class PublicEvent<Message extends object> {
  readonly #channel: Channel;

  constructor(name: string) {
    this.#channel = publicChannel(name);
  }

  /** When it began, for {@link tell}; -1 where nobody wants to know. */
  start(): number {
    return this.#channel.hasSubscribers ? now() : -1;
  }

  /** Tells subscribers. Never throws: where there is no stack or memory for it, they are not told. */
  tell(started: number, about: Message): void {
    try {
      const message: Message & Timing = { ...about, time: Date.now(), duration: now() - started };
      if (untold.length === 0) void Promise.resolve().then(tellAll);
      untold.push({ channel: this.#channel, message });
    } catch {
      // What happened has happened all the same.
    }
  }
}

function tellAll(): void {
  const all = untold;
  untold = [];
  for (const { channel, message } of all) channel.publish(message);
}
