/** What tables are written as, and what the names of their files say of that. */

/** CSV, JSON, Arrow with a list of its batches, or Arrow as a stream. */
export const tableFormats = ['csv', 'json', 'arrow', 'arrows'] as const;

export type TableFormat = (typeof tableFormats)[number];

interface Ending {
  /** What a file of this name is written in; undefined: as it comes. */
  readonly format?: TableFormat;
  /** Has it tabs between cells? */
  readonly hasTabs?: true;
  /** Is an argument of this name a file, and no formula? */
  readonly isFile?: true;
}

const endings: ReadonlyMap<string, Ending> = new Map<string, Ending>([
  ['csv', { format: 'csv', isFile: true }],
  ['tsv', { format: 'csv', hasTabs: true, isFile: true }],
  ['tab', { format: 'csv', hasTabs: true, isFile: true }],
  ['txt', { isFile: true }],
  ['json', { format: 'json' }],
  ['jsonl', { format: 'json' }],
  ['ndjson', { format: 'json' }],
  ['arrow', { format: 'arrow', isFile: true }],
  ['feather', { format: 'arrow', isFile: true }],
  ['arrows', { format: 'arrows', isFile: true }],
]);

/** What the name of a file says, packed by gzip or not. */
export function endingOf(file: string): Ending {
  const [, ending = ''] = /\.(\w+)(?:\.gz)?$/i.exec(file) ?? [];
  return endings.get(ending.toLowerCase()) ?? {};
}
