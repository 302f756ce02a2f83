import type { FunctionDetail, NamedSnapshot } from '../snapshot.ts';

/** All engines of the process; rejects when the process has ended. */
export function fetchSnapshots(): Promise<readonly NamedSnapshot[]> {
  return get<readonly NamedSnapshot[]>('snapshot');
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
