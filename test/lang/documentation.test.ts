import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { builtinConstants, builtins } from '../../src/lang/builtins.ts';
import { diagnosticCatalogue } from '../../src/lang/diagnostic-catalogue.ts';
import { defaultLimits } from '../../src/lang/limits.ts';
import { keywords } from '../../src/lang/tokens.ts';

const text = readFileSync(new URL('../../docs/language.md', import.meta.url), 'utf8');
const lines = new Set(text.split('\n'));

describe('docs/language.md', () => {
  it('lists every built-in function as the table has it', () => {
    for (const { name, parameters, summary, definition, precision, reference } of builtins.values()) {
      const javascript = `\`${definition.replaceAll('|', '\\|')}\`${precision === 'exact' ? '' : ` ± ${precision} ulp`}`;
      const row = `| \`${name}(${parameters.join(', ')})\` | ${summary} | ${javascript} | ${reference} |`;
      expect(lines.has(row), `lacks the line\n${row}`).to.equal(true);
    }
  });

  it('lists every diagnostic as the catalogue has it', () => {
    for (const [code, { severity, summary }] of Object.entries(diagnosticCatalogue)) {
      const row = `| \`${code}\` | ${severity} | ${summary} |`;
      expect(lines.has(row), `lacks the line\n${row}`).to.equal(true);
    }
  });

  it('names every constant, keyword and limit', () => {
    for (const name of [...builtinConstants.keys(), ...Object.keys(defaultLimits)])
      expect(text).to.include(`\`${name}\``);
    for (const word of keywords) expect(text).to.match(new RegExp(`[\`"\\s]${word}[\`"\\s]`));
    for (const [name, value] of Object.entries(defaultLimits)) {
      expect(text).to.match(new RegExp(`\\| \`${name}\` \\| ${value.toLocaleString('en-US')}[ ,]`));
    }
  });
});
