/** What runs a formula here, and from which file. Prints it as JSON. */
import { Engine, hostReport } from 'exprjit';

const engine = new Engine();
const { file = '' } = hostReport().addon;
// Bun takes a bundle for CommonJS, which speaks of `module` somewhere, unless it exports something.
export const report = {
  backend: engine.statistics().backend,
  calls: engine.statistics().calls,
  addon: file.replaceAll('\\', '/').replace(/^.*\/node_modules\//, ''),
  value: engine.compile('x^2 + 1', ['x'])(3),
};
console.log(JSON.stringify(report));
