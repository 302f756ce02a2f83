import { formatBytes } from '../format.ts';
import { formatResult } from '../format-result.ts';
import type { Palette } from '../style.ts';
import { textWidth } from '../text-width.ts';
import type { Session } from './session.ts';

/** What is defined, a line each: values, then functions with the sizes of their code and as they were written. */
export function namesView(session: Session, palette: Palette, columns: number): string {
  const { answer, definitions } = session;
  const last = answer === undefined ? [] : [row('ans', typeof answer, '', formatResult(answer))];
  const values = definitions
    .filter(({ kind }) => kind === 'let')
    .map((each) => row(each.name, session.typeOf(each), '', formatResult(each.value ?? Number.NaN)));
  const functions = definitions
    .filter(({ kind }) => kind === 'function')
    .map((each) => {
      const size = session.codeSize(each.name);
      const body = each.source
        .slice(each.source.indexOf('=') + 1)
        .replace(/\s+/g, ' ')
        .trim();
      const code = size === undefined ? '' : formatBytes(size);
      return row(`${each.name}(${each.parameters.join(', ')})`, session.typeOf(each), code, body);
    });
  const rows = [...last, ...values, ...functions];
  if (rows.length === 0) return 'nothing is defined';
  const [names, types, sizes] = [0, 1, 2].map((index) =>
    Math.max(...rows.map((cells) => textWidth(cells[index] ?? ''))),
  );
  return rows
    .map(([name, type, size, text]) => {
      const head = `${palette.cyan(name)}${pad(name, names)}  ${type}${pad(type, types)}  ${pad(size, sizes)}${palette.dim(size)}`;
      const room = columns - textWidth(head) - 2;
      return `${head}  ${cut(text, Math.max(room, 8))}`;
    })
    .join('\n');
}

type Row = readonly [name: string, type: string, size: string, text: string];

function row(...cells: Row): Row {
  return cells;
}

function pad(text: string, width = 0): string {
  return ' '.repeat(Math.max(width - textWidth(text), 0));
}

function cut(text: string, width: number): string {
  return textWidth(text) <= width ? text : `${text.slice(0, width - 1)}…`;
}
