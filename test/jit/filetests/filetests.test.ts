/** One file for each case: a formula, and what every stage makes of it, for one row and for many. `case.ts` describes files. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { expectGolden } from '../../support/golden.ts';
import { parseCase } from './case.ts';
import { stagesOf } from './stages.ts';

const folder = fileURLToPath(new URL('cases/', import.meta.url));

describe('stages', () => {
  for (const name of readdirSync(folder).sort()) {
    it(`of ${name} are as they were`, () => {
      const path = `${folder}${name}`;
      const input = parseCase(readFileSync(path, 'utf8'));
      const sections = stagesOf(input).map(([title, text]) => `== ${title} ==\n${text.trimEnd()}\n`);
      const text = [`${input.head}\n`, ...sections].join('\n');
      expectGolden(path, text);
      expect(text.split('\n'), 'too long to be read at one look').to.have.length.of.at.most(220);
    });
  }
});
