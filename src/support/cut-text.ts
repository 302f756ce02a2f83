/** A text for a message: all of it if it is short, else its beginning and an ellipsis. */
export function cutText(text: string, most = 60): string {
  if (text.length <= most) return text;
  // Not between the halves of a character.
  const end = /[\ud800-\udbff]/.test(text.charAt(most - 2)) ? most - 2 : most - 1;
  return `${text.slice(0, end)}…`;
}
