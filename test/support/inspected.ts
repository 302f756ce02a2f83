import { EngineModel } from '../../src/inspect/engine-model.ts';
import type { Code, FunctionDetail, NamedUpdate } from '../../src/inspect/snapshot.ts';

/** What an inspector says of its engines; what changed, if revisions by engine are given. */
export async function updatesOf(
  { url }: { readonly url: string },
  revisions: readonly { readonly id: number; readonly revision: number }[] = [],
): Promise<NamedUpdate[]> {
  const since = revisions.map(({ id, revision }) => `${id}.${revision}`).join();
  return (await (await fetch(`${url}snapshot?since=${since}`)).json()) as NamedUpdate[];
}

/** What a page knows that was just opened. */
export async function modelsOf(inspector: { readonly url: string }): Promise<EngineModel[]> {
  return (await updatesOf(inspector)).map((update) => new EngineModel(update));
}

/** Of one engine, what functions there are. */
export function functionsOf({ code }: EngineModel): Code[] {
  return [...code.values()].filter(({ kind }) => kind === 'function');
}

export async function detailOf(
  { url }: { readonly url: string },
  engine: number,
  fn: number,
): Promise<FunctionDetail | null> {
  return (await (await fetch(`${url}function/${engine}/${fn}`)).json()) as FunctionDetail | null;
}
