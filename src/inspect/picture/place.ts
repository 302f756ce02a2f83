import type { EngineModel } from '../engine-model.ts';
import type { Code } from '../snapshot.ts';
import { type AddressSpace, lastAtMost } from './address-space.ts';
import { codeIn, type PlacedCode, type Stretch } from './memory-cells.ts';

/** What one points at in a picture of memory. */
export type Place =
  | { readonly kind: 'code'; readonly code: Code }
  | { readonly kind: 'several'; readonly count: number; readonly size: number; readonly hottest: Code }
  | { readonly kind: 'free' | 'padding'; readonly address: number; readonly size: number };

/** What lies in a stretch, which is a pixel or what is near it. Undefined if there is no memory. */
export function placeAt(model: EngineModel, space: AddressSpace, stretch: Stretch): Place | undefined {
  if (space.size === 0 || stretch.from >= space.size) return undefined;
  const found: PlacedCode[] = [...codeIn(model.byAddress, space, stretch)];
  const [first] = found;
  if (first === undefined) return emptyAt(model, space, stretch.from);
  if (found.length === 1) return { kind: 'code', code: first.code };
  let { code: hottest } = first;
  let size = 0;
  for (const { code } of found) {
    size += code.size;
    if ((code.calls ?? -1) > (hottest.calls ?? -1)) hottest = code;
  }
  return { kind: 'several', count: found.length, size, hottest };
}

/** The gap around a position in which there is no code: free, or between the end of code and the next granule. */
function emptyAt({ byAddress }: EngineModel, space: AddressSpace, position: number): Place {
  const index = space.blockIndexAt(position);
  const block = space.blocks[index] as (typeof space.blocks)[number];
  const offset = position - (space.starts[index] as number);
  let free = 0;
  for (let i = 0; i < block.runs.length; i += 2) {
    const start = block.runs[i] as number;
    const end = start + (block.runs[i + 1] as number);
    if (offset < start) return gap('free', block.address, free, start);
    if (offset < end) {
      const address = block.address + offset;
      const before = byAddress[lastAtMost(byAddress, address, (code) => code.address)];
      const after = byAddress[lastAtMost(byAddress, address, (code) => code.address) + 1];
      const from = Math.max(start, before === undefined ? 0 : before.address + before.size - block.address);
      const to = Math.min(end, after === undefined ? end : after.address - block.address);
      return gap('padding', block.address, from, to);
    }
    free = end;
  }
  return gap('free', block.address, free, block.size);
}

function gap(kind: 'free' | 'padding', address: number, from: number, to: number): Place {
  return { kind, address: address + from, size: to - from };
}
