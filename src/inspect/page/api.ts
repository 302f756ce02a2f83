import type { FunctionDetail, NamedUpdate } from '../snapshot.ts';

/** All engines of the process, of those that are known what changed; rejects when the process has ended. */
export function fetchUpdates(
  known: Iterable<{ readonly id: number; readonly revision: number }>,
): Promise<readonly NamedUpdate[]> {
  const since = Array.from(known, ({ id, revision }) => `${id}.${revision}`).join();
  return get<readonly NamedUpdate[]>(`snapshot?since=${since}`);
}

/** Null if the function was released meanwhile. */
export function fetchDetail(source: number, id: number): Promise<FunctionDetail | null> {
  return get<FunctionDetail | null>(`function/${source}/${id}`);
}

async function get<T>(resource: string): Promise<T> {
  const response = await fetch(resource);
  if (!response.ok) throw new Error(`${resource}: ${response.status}`);
  return (await response.json()) as T;
}
