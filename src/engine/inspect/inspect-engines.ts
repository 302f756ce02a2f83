import type { Inspector, InspectorOptions } from '../../inspect/inspector.ts';
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
    sources = [...living(sources), EngineSource.of(view as EngineView)];
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
