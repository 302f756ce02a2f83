/** Sources of which no two are equal. */

/** They differ in their constants only. */
export function withOtherConstants(index: number): string {
  return `${index + 1.5}*sin(x)+cos(y*${(index % 97) + 2.5})-exp(z)`;
}

/** They differ in their shape: each step is one of three. */
export function ofAnotherShape(index: number): string {
  let text = 'x';
  for (let step = 0; step < 7; step++) {
    const kind = Math.floor(index / 3 ** step) % 3;
    if (kind === 0) text = `(${text})*y+z`;
    else if (kind === 1) text = `sin(${text})-x`;
    else text = `(${text})/(z+y*y)`;
  }
  return text;
}
