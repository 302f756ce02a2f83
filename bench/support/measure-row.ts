/** Peers that compute the same workload take turns in short samples of processor time, once all agree on the result. */
import type { KernelPeer, PreparedKernel } from '../peers/kernels-peer.ts';

/** Target length of a sample in nanoseconds; the longest columns take longer than that in any case. */
const sample = 4e6;

/** Those that can take part on this machine; says why the others cannot. */
export async function availablePeers<Workload>(
  candidates: readonly KernelPeer<Workload>[],
): Promise<KernelPeer<Workload>[]> {
  const peers: KernelPeer<Workload>[] = [];
  for (const peer of candidates) {
    const reason = await peer.unavailable();
    if (reason === undefined) peers.push(peer);
    else console.log(`Without ${peer.name}: ${reason}`);
  }
  return peers;
}

/** Nanoseconds per element in each round, by the name of the peer; those that cannot express the workload are absent. */
export type Samples = ReadonlyMap<string, readonly number[]>;

export interface MeasureOptions {
  readonly rounds?: number;
  /** Nanoseconds of work before anything is measured, for V8 to optimise what leads to short runs. */
  readonly warmUp?: number;
}

/**
 * Takes as many samples of each peer as there are rounds.
 * @throws Error if a peer disagrees with the first
 */
export async function measureRow<Workload extends { readonly name: string }>(
  peers: readonly KernelPeer<Workload>[],
  workload: Workload,
  length: number,
  { rounds = 9, warmUp = 0 }: MeasureOptions = {},
): Promise<Samples> {
  const prepared: { name: string; kernel: PreparedKernel; iterations: number; samples: number[] }[] = [];
  for (const { name, prepare } of peers) {
    const kernel = await prepare(workload, length);
    if (kernel !== undefined) prepared.push({ name, kernel, iterations: 0, samples: [] });
  }
  for (const entry of prepared) entry.iterations = await calibrate(entry.kernel, warmUp);
  await expectAgreement(workload, prepared);
  for (let round = 0; round < rounds; round++) {
    for (const { kernel, iterations, samples } of prepared) {
      samples.push((await kernel.measure(iterations)) / iterations / length);
    }
  }
  for (const { kernel } of prepared) kernel.release?.();
  return new Map(prepared.map(({ name, samples }) => [name, samples]));
}

/** How many runs make a sample; warms the peer up on the way. The first run may have to compile, so once is not enough. */
async function calibrate(kernel: PreparedKernel, warmUp: number): Promise<number> {
  let iterations = 1;
  let spent = 0;
  for (;;) {
    const time = await kernel.measure(iterations);
    spent += time;
    if (time >= sample && spent < warmUp) continue;
    if (time >= sample && (await kernel.measure(iterations)) >= sample) return iterations;
    iterations = Math.ceil(iterations * Math.min(10, Math.max(1.5, (1.2 * sample) / Math.max(time, 1))));
  }
}

async function expectAgreement(
  workload: { readonly name: string },
  prepared: readonly { name: string; kernel: PreparedKernel }[],
): Promise<void> {
  const [first, ...others] = await Promise.all(
    prepared.map(async ({ name, kernel }) => ({ name, values: await kernel.probe() })),
  );
  for (const { name, values } of others) {
    const differing = values.findIndex((value, at) => {
      const expected = first?.values[at] ?? Number.NaN;
      return !(
        Object.is(value, expected) || Math.abs(value - expected) <= 1e-9 * Math.max(1, Math.abs(expected))
      );
    });
    if (differing < 0 && values.length === first?.values.length) continue;
    const found = `${values[differing]} instead of ${first?.values[differing]}`;
    throw new Error(
      `${name} computes "${workload.name}" otherwise than ${first?.name}: ${found} at ${differing}`,
    );
  }
}
