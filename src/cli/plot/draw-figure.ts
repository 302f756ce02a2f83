import { curvePicture, pictureSamples } from './curve-picture.ts';
import { type Figure, nothingToSee, type Resolution } from './figure.ts';
import { heatPicture, pictureCells } from './heat-picture.ts';
import type { Picture } from './picture.ts';
import type { Screen } from './screen.ts';
import type { TerminalPlotSize } from './terminal-frame.ts';
import { heatCells, terminalHeatMap } from './terminal-heat-map.ts';
import { samplesForWidth, terminalPlot } from './terminal-plot.ts';

export const pictureResolution: Resolution = { samples: pictureSamples, cells: () => pictureCells };

export function terminalResolution(screen: Screen, size: TerminalPlotSize): Resolution {
  return { samples: samplesForWidth(size.width), cells: (x, y) => heatCells(x, y, screen, size) };
}

/** Lines of text; one that says so where there is nothing to see. */
export function terminalFigure(figure: Figure, screen: Screen, size: TerminalPlotSize): string {
  const nothing = nothingToSee(figure);
  if (nothing !== undefined) return nothing;
  return figure.kind === 'heat'
    ? terminalHeatMap(figure.map, screen, size)
    : terminalPlot(figure.curves, figure.range, screen, size);
}

export function pictureOf(figure: Figure): Picture {
  return figure.kind === 'heat' ? heatPicture(figure.map) : curvePicture(figure.curves, figure.range);
}
