import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { opcodes } from '../../../src/jit/ir/opcode.ts';
import { parseModule } from '../../../src/jit/ir/parser.ts';
import { printModule } from '../../../src/jit/ir/printer.ts';
import { verifyModule } from '../../../src/jit/ir/verifier.ts';
import { orderings, passes } from '../../../src/jit/opt/passes.ts';
import { contractionRules, fastMathRules } from '../../../src/jit/opt/rules/fast-math-rules.ts';

const text = readFileSync(new URL('../../../docs/ir.md', import.meta.url), 'utf8');
const lines = text.split('\n');

/** Cells of the rows of the table under a heading, up to the next. */
function tableUnder(heading: string): string[][] {
  const start = lines.findIndex((line) => /^#{2,3} /.test(line) && line.endsWith(`# ${heading}`));
  const end = lines.findIndex((line, index) => index > start && /^#{2,3} /.test(line));
  const rows = lines.slice(start, end).filter((line) => line.startsWith('| '));
  return rows.slice(2).map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

describe('docs/ir.md', () => {
  it('lists every operation once, with its operands and result', () => {
    const rows = ['Operations', 'Primitive operations'].flatMap((heading) =>
      tableUnder(heading).flatMap(([names = '', operands = '', results = '']) =>
        [...names.matchAll(/`(\w+)`/g)].map(([, name], index) => {
          const each = [...results.matchAll(/`(\w+)`/g)][index]?.[1] ?? results;
          return { name, operands, result: each, primitive: heading.startsWith('Primitive') };
        }),
      ),
    );
    expect(rows.map((row) => row.name)).to.have.members(opcodes.map((opcode) => opcode.name));
    for (const opcode of opcodes) {
      const row = rows.find(({ name }) => name === opcode.name);
      expect(row?.primitive, opcode.name).to.equal(opcode.primitive);
      if (opcode.operands !== undefined)
        expect(row?.operands, opcode.name).to.equal(opcode.operands.join(', '));
      if (opcode.result !== undefined) expect(row?.result, opcode.name).to.equal(opcode.result);
    }
  });

  it('lists the passes in their order and level, and each reason', () => {
    expect(tableUnder('Passes').map(([name, level]) => `${name} ${level}`)).to.deep.equal(
      passes.map((pass) => `\`${pass.name}\` ${pass.level}`),
    );
    for (const { before, after, reason } of orderings) {
      expect(lines).to.include(`- \`${before}\` before \`${after}\`: ${reason}.`);
    }
  });

  it('lists what fastMath adds', () => {
    const start = lines.indexOf('### What `fastMath` adds');
    const listed = lines.slice(start).filter((line) => line.startsWith('- '));
    expect(listed).to.deep.equal(
      [...fastMathRules, ...contractionRules].map((rule) => `- \`${rule.algebra}\``),
    );
  });

  it('shows correct IR', () => {
    const [, example = ''] = text.match(/```\n(host log[^`]*)```/) ?? [];
    expect(verifyModule(parseModule(example))).to.deep.equal([]);
    const [, access = ''] = text.match(/```\n(host putchar[^`]*)```/) ?? [];
    expect(verifyModule(parseModule(access))).to.deep.equal([]);
    expect(printModule(parseModule(access))).to.equal(access);
  });
});
