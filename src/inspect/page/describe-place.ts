import type { EngineModel } from '../engine-model.ts';
import type { Place } from '../picture/place.ts';
import type { Code } from '../snapshot.ts';
import { formatAddress, formatAge, formatBytes, formatCalls } from './format.ts';

/** What lies at a place, in words. */
export function describePlace(place: Place, model: EngineModel): string {
  switch (place.kind) {
    case 'several': {
      const { count, size, hottest } = place;
      const calls =
        hottest.calls === null || hottest.calls === 0 ? '' : ` (${formatCalls(hottest.calls)} calls)`;
      const pieces = `${count.toLocaleString('en')} functions, ${formatBytes(size)}`;
      return `${pieces}\nhottest: ${hottest.name}${calls}\nClick to zoom in.`;
    }
    case 'code':
      return describeCode(place.code, model);
    default:
      return `${place.kind}: ${formatBytes(place.size)} at ${formatAddress(place.address)}`;
  }
}

function describeCode(code: Code, { last }: EngineModel): string {
  const size = `${formatBytes(code.size)} at ${formatAddress(code.address)}`;
  switch (code.kind) {
    case 'function':
      return `${code.name}\n${size}\nage ${formatAge(last.time, code.born)}, calls ${formatCalls(code.calls)}`;
    case 'kernel':
      return `kernel: the loop over arrays of\n${code.name}\n${size}`;
    case 'library':
      return `math library: ${code.name}\n${size}`;
  }
}
