/** Curves of one picture, each with the number of its first month. */
export interface Panel {
  readonly title: string;
  readonly curves: readonly {
    readonly values: Float64Array;
    readonly color: string;
    readonly width: number;
  }[];
  /** Between lines across. */
  readonly step: number;
}

const width = 760;
const left = 44;
const right = 12;
const top = 28;
const panelHeight = 190;
const panelGap = 56;

/** Panels one below the other over the same months, as SVG; where a curve is NaN, it is interrupted. */
export function drawChart(panels: readonly Panel[], months: number, firstYear: number): string {
  const parts = panels.flatMap((panel, index) =>
    drawPanel(panel, top + index * (panelHeight + panelGap), months, firstYear),
  );
  const height = top + panels.length * (panelHeight + panelGap);
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="11" fill="#202124">`,
    '<title>Carbon dioxide in the air over Mauna Loa</title>',
    '<rect width="100%" height="100%" fill="#ffffff"/>',
    ...parts,
    '</svg>',
  ].join('\n')}\n`;
}

function drawPanel({ title, curves, step }: Panel, y: number, months: number, firstYear: number): string[] {
  const all = curves.flatMap(({ values }) => [...values]).filter((value) => !Number.isNaN(value));
  const low = Math.floor(Math.min(...all) / step) * step;
  const high = Math.ceil(Math.max(...all) / step) * step;
  const placeX = (month: number): string =>
    (left + (month / (months - 1)) * (width - left - right)).toFixed(1);
  const placeY = (value: number): string =>
    (y + panelHeight - ((value - low) / (high - low)) * panelHeight).toFixed(1);
  const parts = [`<text x="${left}" y="${y - 10}" font-size="13" font-weight="600">${title}</text>`];
  for (let value = low; value <= high; value += step) {
    parts.push(
      `<line x1="${left}" x2="${width - right}" y1="${placeY(value)}" y2="${placeY(value)}" stroke="#dadce0"/>`,
      `<text x="${left - 6}" y="${Number(placeY(value)) + 4}" text-anchor="end" fill="#5f6368">${value}</text>`,
    );
  }
  for (let year = Math.ceil(firstYear / 10) * 10; (year - firstYear) * 12 < months; year += 10) {
    const x = placeX((year - firstYear) * 12);
    parts.push(
      `<text x="${x}" y="${y + panelHeight + 16}" text-anchor="middle" fill="#5f6368">${year}</text>`,
    );
  }
  for (const { values, color, width: stroke } of curves) {
    let path = '';
    let isBroken = true;
    for (const [month, value] of values.entries()) {
      if (!Number.isNaN(value)) path += `${isBroken ? 'M' : 'L'}${placeX(month)} ${placeY(value)}`;
      isBroken = Number.isNaN(value);
    }
    parts.push(`<path d="${path}" fill="none" stroke="${color}" stroke-width="${stroke}"/>`);
  }
  return parts;
}
