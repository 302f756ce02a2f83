/**
 * Definitions as a source that restores them when it is run line by line.
 *
 * Values stand first, since they are kept as they are and depend on nothing. A function stands after those that it uses. Those
 * that use one another cannot be defined one at a time, so they share an input, with `;` between them. A function that
 * was written in several lines keeps them if each but the last ends in the middle of something; else it gets the
 * parentheses in which a line end means nothing.
 */
import type { WorkspaceDefinition } from '../../index.ts';
import { formatResult } from '../format-result.ts';

export function savedSource(
  definitions: readonly WorkspaceDefinition[],
  isWhole: (source: string) => boolean,
): string {
  return savedInputs(definitions, isWhole)
    .map((input) => `${input}\n`)
    .join('');
}

/** The inputs of that source. `isWhole` says of the beginning of a definition whether it would be run as it is. */
export function savedInputs(
  definitions: readonly WorkspaceDefinition[],
  isWhole: (source: string) => boolean,
): string[] {
  const values = definitions
    .filter(({ kind }) => kind === 'let')
    .map(({ name, value }) => letOf(name, value ?? Number.NaN));
  const functions = new Map(
    definitions.filter(({ kind }) => kind === 'function').map((definition) => [definition.name, definition]),
  );
  const inputs = componentsOf(functions).map((component) =>
    component.map((definition) => inputOf(definition, isWhole)).join('; '),
  );
  return [...values, ...inputs];
}

/** A value as the language writes it. */
export function letOf(name: string, value: number | boolean): string {
  return `let ${name} = ${formatResult(value)}`;
}

function inputOf(
  { name, parameters, source }: WorkspaceDefinition,
  isWhole: (source: string) => boolean,
): string {
  const lines = source.split('\n');
  const isCut = lines.some((_, index) => index > 0 && isWhole(lines.slice(0, index).join('\n')));
  if (!isCut) return source;
  const body = source.replace(/^(?:[^=#/]|(?:#|\/\/)[^\n]*)*=/, '');
  return `${name}(${parameters.join(', ')}) = (${body.trim()})`;
}

/** What Tarjan's algorithm knows of a function. */
interface Visit {
  readonly order: number;
  /** The least order that it reaches among functions which are not in a component yet. */
  lowest: number;
  isPlaced: boolean;
}

/** Functions that use one another, in groups, each after those that it uses (R. Tarjan, 1972). */
function componentsOf(functions: ReadonlyMap<string, WorkspaceDefinition>): WorkspaceDefinition[][] {
  const components: WorkspaceDefinition[][] = [];
  const visits = new Map<string, Visit>();
  const open: string[] = [];
  const visit = (definition: WorkspaceDefinition): Visit => {
    const { name } = definition;
    const own: Visit = { order: visits.size, lowest: visits.size, isPlaced: false };
    visits.set(name, own);
    open.push(name);
    for (const used of namesIn(definition)) {
      const other = functions.get(used);
      if (other === undefined) continue;
      const known = visits.get(used);
      if (known === undefined) own.lowest = Math.min(own.lowest, visit(other).lowest);
      else if (!known.isPlaced) own.lowest = Math.min(own.lowest, known.order);
    }
    if (own.lowest === own.order) {
      const members = new Set(open.splice(open.indexOf(name)));
      for (const member of members) (visits.get(member) as Visit).isPlaced = true;
      components.push([...functions.values()].filter((candidate) => members.has(candidate.name)));
    }
    return own;
  };
  for (const definition of functions.values()) if (!visits.has(definition.name)) visit(definition);
  return components;
}

/** All names in a definition, also those in comments and of parameters: rather too many than too few. */
export function namesIn({ source }: WorkspaceDefinition): ReadonlySet<string> {
  return new Set(source.normalize('NFC').split(/[^\p{ID_Continue}]+/u));
}
