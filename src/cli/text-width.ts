/** Cells that a text takes on a terminal: 0 for marks that combine, 2 for wide characters; control sequences take none. */
export function textWidth(text: string): number {
  let width = 0;
  for (const character of text.replace(controlSequence, '')) width += characterWidth(character);
  return width;
}

/** ECMA-48: those that set colours and move the cursor. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control sequences are what this is about
const controlSequence = /\x1b\[[\d;?]*[A-Za-z]/g;

export function characterWidth(character: string): number {
  if (character < '\u0300') return 1;
  if (/\p{Mn}|\p{Me}|\p{Cf}/u.test(character)) return 0;
  return wide.test(character) ? 2 : 1;
}

const wide =
  /[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\p{Emoji_Presentation}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]/u;
