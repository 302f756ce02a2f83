/** One entry for each that is under way, so that none ends what another needs. */
const kept = new Set<{ readonly object: object }>();

/** Gives what `run` gives, and refers to an object until then: what is forgotten is given back, and the run may still need it. */
export async function keepDuring<Result>(object: object, run: Promise<Result>): Promise<Result> {
  const entry = { object };
  kept.add(entry);
  try {
    return await run;
  } finally {
    kept.delete(entry);
  }
}
