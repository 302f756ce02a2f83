import type { Inspector, InspectorOptions } from '../../inspect/inspector.ts';
import { isObject } from '../../support/own.ts';
import type { EngineSource } from './inspect-source.ts';
import { type EngineView, engineChannel } from './inspect-view.ts';

/**
 * Opens a page for all engines that this thread makes from now on, also those of other copies of the package. The page is
 * for this machine only, see {@link Inspector}; nothing of it is loaded before the call.
 *
 * Rejects with a `RangeError` if the port is none, and with the system's error if it is taken.
 *
 * @example
 * const inspector = await inspectEngines();
 * console.log(inspector.url);
 */
export async function inspectEngines(options?: InspectorOptions): Promise<Inspector> {
  const { Inspector, EngineSource } = await loadInspector();
  let sources: EngineSource[] = [];
  const listen = (view: unknown) => {
    if (isView(view)) sources = [...living(sources), EngineSource.of(view)];
  };
  engineChannel.subscribe(listen);
  const stop = () => void engineChannel.unsubscribe(listen);
  try {
    return await Inspector.open(() => living(sources), options, stop);
  } catch (error) {
    stop();
    throw error;
  }
}

/** @internal Opens a page for one engine. */
export async function inspectEngine(
  view: EngineView,
  options: InspectorOptions | undefined,
): Promise<Inspector> {
  const { Inspector, EngineSource } = await loadInspector();
  const source = EngineSource.of(view);
  return Inspector.open(() => living([source]), options);
}

/** Anybody may say anything on a channel, and another version may have other views. */
function isView(value: unknown): value is EngineView {
  if (!isObject(value)) return false;
  const view: Partial<Record<keyof EngineView, unknown>> = value;
  return (
    typeof view.disposed === 'boolean' &&
    [view.statistics, view.blocks, view.executables, view.observe].every(
      (method) => typeof method === 'function',
    )
  );
}

async function loadInspector() {
  const [{ Inspector }, { EngineSource }] = await Promise.all([
    import('../../inspect/inspector.ts'),
    import('./inspect-source.ts'),
  ]);
  return { Inspector, EngineSource };
}

function living(sources: readonly EngineSource[]): EngineSource[] {
  return sources.filter(({ alive }) => alive);
}
