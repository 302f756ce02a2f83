import { distance } from 'fastest-levenshtein';

/** The name that was probably meant: equal but for case, or with few letters changed. */
export function suggestName(name: string, candidates: Iterable<string>): string | undefined {
  // A name of one letter is one change away from every other.
  if (name.length === 1) return undefined;
  const lower = name.toLowerCase();
  // A third of the letters may differ, and of a short name one.
  const most = Math.max(1, Math.floor(name.length / 3));
  let best: string | undefined;
  let bestChanges = most + 1;
  for (const candidate of candidates) {
    if (candidate === name || Math.abs(candidate.length - name.length) > most) continue;
    if (candidate.toLowerCase() === lower) return candidate;
    const changes = isSwapped(name, candidate) ? 1 : distance(name, candidate);
    const isBetter = changes < bestChanges || (changes === bestChanges && isCloser(name, candidate, best));
    if (changes > most || changes >= candidate.length || !isBetter) continue;
    best = candidate;
    bestChanges = changes;
  }
  return best;
}

/** Whether two neighbouring letters have changed places, which is one slip but two changes. */
function isSwapped(name: string, candidate: string): boolean {
  const at = commonPrefix(name, candidate);
  const swapped = `${name.slice(0, at)}${name.charAt(at + 1)}${name.charAt(at)}${name.slice(at + 2)}`;
  return swapped === candidate;
}

/** People mostly err late in a word. */
function isCloser(name: string, candidate: string, best: string | undefined): boolean {
  return best !== undefined && commonPrefix(name, candidate) > commonPrefix(name, best);
}

function commonPrefix(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a.charAt(length) === b.charAt(length)) length++;
  return length;
}
