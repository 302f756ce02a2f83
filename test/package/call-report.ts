/** What `consumer/calls.mjs` prints where calls go that way. */
export function callReport(way: 'fast' | 'node-api', slowCallReason?: string): unknown {
  const rounds = 10;
  const counts = { way, wrong: 0, released: 2 * rounds, releasedInValueOf: rounds };
  return {
    ...counts,
    ...(slowCallReason === undefined ? {} : { slowCallReason }),
    trapped: 4,
    contexts: [true, 'ERR_SCRIPT_EXECUTION_TIMEOUT', 16],
    workers: [counts, counts, 'at work'],
    polluted: true,
  };
}
