/**
 * What a state of a reduction says about itself, in its first line.
 *
 * A state is a text of ASCII, so that it passes through whatever takes lines, and several may stand one behind the other: this line, one for each
 * group, and one at the end that counts and sums them up.
 */
import { CommandFailure } from '../command.ts';
import { type EncodingName, encodingNames, type TextForm } from '../map/text-source.ts';
import { aggregateKinds, type NamedAggregate } from './aggregate.ts';
import { isMergeable, type MergeableKind } from './mergeable.ts';

export interface MergeableAggregate extends NamedAggregate {
  readonly kind: MergeableKind;
}

export interface StateForm {
  /** Headings of the columns by which rows are grouped. */
  readonly by: readonly string[];
  readonly aggregates: readonly MergeableAggregate[];
  readonly filter: string | undefined;
  /** Of the table that was read. */
  readonly text: TextForm;
  readonly delimiter: string;
  /** Empty where the table is a single line without an end. */
  readonly newline: string;
}

/** What tells states from all other files. */
const format = 'reduction';

/** Goes up when states are written that older releases would take for something else. */
const version = 1;

/** Characters of a line at most, so that a file from anybody does not fill the memory. Twenty exact sums take 8,000. */
export const longestLine = 2 ** 22;

/** The first line, without its end. */
export function writeForm({ by, aggregates, filter, text, delimiter, newline }: StateForm): string {
  return asciiJson({
    exprjit: format,
    version,
    by,
    aggregates: aggregates.map(({ heading, kind, formula }) => ({ heading, kind, formula })),
    filter: filter ?? null,
    text: { encoding: text.name, mark: text.isMarked, delimiter, newline },
  });
}

/** JSON without anything beyond ASCII. */
export function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\x7f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/**
 * Of the value of a first line.
 *
 * @throws CommandFailure for what {@link writeForm} cannot have written.
 */
export function readForm(value: unknown): StateForm {
  if (!isRecord(value) || value['exprjit'] !== format) {
    throw new CommandFailure("this is no state that 'exprjit reduce --state' wrote");
  }
  const { version: own } = value;
  if (own !== version) {
    const other = typeof own === 'number' ? `version ${own}` : 'an unknown version';
    throw new CommandFailure(`this is a state of ${other}, and this release reads version ${version}`);
  }
  const { by, filter, text } = value;
  const aggregates = Array.isArray(value['aggregates']) ? value['aggregates'].map(readAggregate) : [];
  if (!isTexts(by) || aggregates.length === 0 || !(filter === null || typeof filter === 'string')) {
    throw damaged();
  }
  return { by, aggregates, filter: filter ?? undefined, ...readText(text) };
}

function readAggregate(value: unknown): MergeableAggregate {
  if (!isRecord(value)) throw damaged();
  const { heading, kind: name, formula } = value;
  const kind = aggregateKinds.find((known) => known === name);
  if (
    kind === undefined ||
    !isMergeable(kind) ||
    typeof heading !== 'string' ||
    typeof formula !== 'string'
  ) {
    throw damaged();
  }
  return { heading, kind, formula };
}

function readText(value: unknown): Pick<StateForm, 'text' | 'delimiter' | 'newline'> {
  if (!isRecord(value)) throw damaged();
  const { encoding, mark, delimiter, newline } = value;
  const name: EncodingName | undefined = encodingNames.find((known) => known === encoding);
  const isDelimiter =
    typeof delimiter === 'string' && [...delimiter].length === 1 && !/["\r\n]/.test(delimiter);
  const isNewline = typeof newline === 'string' && /^(\r\n|\r|\n)?$/.test(newline);
  if (name === undefined || typeof mark !== 'boolean' || !isDelimiter || !isNewline) throw damaged();
  return { text: { name, isMarked: mark }, delimiter, newline };
}

export function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A state that was changed after it was written. */
export function damaged(): CommandFailure {
  return new CommandFailure('the state is damaged');
}
