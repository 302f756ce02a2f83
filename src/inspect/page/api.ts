import type { FunctionDetail, NamedSnapshot } from '../snapshot.ts';

/** All engines of the process; rejects when the process has ended. */
export function fetchSnapshots(): Promise<readonly NamedSnapshot[]> {
  return get<readonly NamedSnapshot[]>('snapshot');
}

/** Undefined if the function was released meanwhile. */
export async function fetchDetail(source: number, id: number): Promise<FunctionDetail | undefined> {
  const response = await fetch(`function/${source}/${id}`);
  return response.ok ? ((await response.json()) as FunctionDetail) : undefined;
}

async function get<T>(resource: string): Promise<T> {
  const response = await fetch(resource);
  if (!response.ok) throw new Error(`${resource}: ${response.status}`);
  return (await response.json()) as T;
}
