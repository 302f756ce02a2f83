import type { Picture, Shape } from './picture.ts';
import { encodePng } from './png.ts';

/** A picture as an SVG document of its own; its ground is white, so that it can be read anywhere. */
export function svgOf({ width, height, shapes }: Picture): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif">
<rect width="${width}" height="${height}" fill="#ffffff"/>
${shapes.map(elementOf).join('\n')}
</svg>
`;
}

function elementOf(shape: Shape): string {
  switch (shape.kind) {
    case 'line': {
      const [first, ...rest] = shape.points.map(({ x, y }) => `${short(x)} ${short(y)}`);
      // With round ends a line without length is a dot.
      const path = rest.length === 0 ? `M${first}h0` : `M${first}L${rest.join('L')}`;
      return `<path d="${path}" fill="none" stroke="${shape.colour}" stroke-width="${shape.width}" stroke-linejoin="round" stroke-linecap="round"/>`;
    }
    case 'text':
      return `<text x="${short(shape.x)}" y="${short(shape.y)}" text-anchor="${shape.anchor}" font-size="${shape.size}" fill="${shape.colour}">${escapeXml(shape.text)}</text>`;
    case 'tiles': {
      const data = encodePng(shape.pixels).toString('base64');
      return `<image x="${short(shape.x)}" y="${short(shape.y)}" width="${short(shape.width)}" height="${short(shape.height)}" preserveAspectRatio="none" image-rendering="pixelated" href="data:image/png;base64,${data}"/>`;
    }
  }
}

function short(length: number): string {
  return String(Number(length.toFixed(1)));
}

const entities: Readonly<Record<string, string>> = { '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&quot;' };

function escapeXml(text: string): string {
  return text.replace(/[<>&"]/g, (character) => entities[character] ?? character);
}
