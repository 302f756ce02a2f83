import { expect } from 'chai';
import { createDiagnostic } from '../../src/lang/diagnostic.ts';
import { renderDiagnostic, renderWithin } from '../../src/lang/diagnostic-renderer.ts';
import { SourceText } from '../../src/lang/source-text.ts';

/** The source line and the carets below it. */
function shown(text: string, start: number, end: number): [line: string, carets: string] {
  const rendering = renderDiagnostic(
    createDiagnostic(new SourceText(text), 'E_UNKNOWN_NAME', { start, end }, 'm'),
  );
  const [, , , line = '', carets = ''] = rendering.split('\n');
  return [line.replace(/^\d+ \| ?/, ''), carets.replace(/^ +\| ?/, '')];
}

describe('lang/diagnostic-renderer', () => {
  it('shows message, place, line, carets and hint', () => {
    const source = new SourceText('one\npi * radius^2', 'circle.txt');
    const diagnostic = createDiagnostic(
      source,
      'E_UNKNOWN_NAME',
      { start: 9, end: 15 },
      '`radius` is not defined',
      'look',
    );
    expect(renderDiagnostic(diagnostic)).to.equal(
      [
        'error[E_UNKNOWN_NAME]: `radius` is not defined',
        ' --> circle.txt:2:6',
        '  |',
        '2 | pi * radius^2',
        '  |      ^^^^^^',
        '  = hint: look',
        '',
      ].join('\n'),
    );
  });

  it('shows no more of a line than it is asked for', () => {
    const text = `${'1 + '.repeat(30)}x + ${'1 + '.repeat(30)}1`;
    const span = { start: 120, end: 121 };
    const diagnostic = createDiagnostic(new SourceText(text), 'E_UNKNOWN_NAME', span, 'm');
    const [, , , line = '', carets = ''] = renderWithin(30, diagnostic).split('\n');
    expect(line.replace('1 | ', ''))
      .to.have.length(30)
      .and.match(/^….*…$/);
    expect(line[carets.indexOf('^')]).to.equal('x');
  });

  it('keeps its margin for line numbers of any width', () => {
    const text = `${'\n'.repeat(11)}x`;
    const rendering = renderDiagnostic(
      createDiagnostic(new SourceText(text), 'E_UNKNOWN_NAME', { start: 11, end: 12 }, 'm'),
    );
    expect(rendering).to.equal('error[E_UNKNOWN_NAME]: m\n  --> 12:1\n   |\n12 | x\n   | ^\n');
  });

  it('expands tabs', () => {
    expect(shown('\tx\ty', 3, 4)).to.deep.equal(['    x   y', '        ^']);
    expect(shown('ab\tx', 2, 4)).to.deep.equal(['ab  x', '  ^^^']);
  });

  it('knows the width of characters', () => {
    expect(shown('変数 + x', 5, 6)).to.deep.equal(['変数 + x', '       ^']);
    expect(shown('変数 + x', 0, 2)).to.deep.equal(['変数 + x', '^^^^']);
    expect(shown('😀 x', 3, 4)).to.deep.equal(['😀 x', '   ^']);
    expect(shown('e\u0301 x', 3, 4)).to.deep.equal(['e\u0301 x', '  ^']);
    expect(shown('ｘ y', 2, 3)).to.deep.equal(['ｘ y', '   ^']);
  });

  it('shows what cannot be seen', () => {
    expect(shown('a\u0007b', 1, 2)).to.deep.equal(['a\ufffdb', ' ^']);
    expect(shown('a\u202eb', 2, 3)).to.deep.equal(['a\ufffdb', '  ^']);
    expect(shown('\ud800', 0, 1)).to.deep.equal(['\ufffd', '^']);
  });

  it('marks a place at the end and an empty span', () => {
    expect(shown('1 +', 3, 3)).to.deep.equal(['1 +', '   ^']);
    expect(shown('', 0, 0)).to.deep.equal(['', '^']);
    expect(shown('1 + 2', 2, 2)).to.deep.equal(['1 + 2', '  ^']);
  });

  it('marks a span over several lines to the end of the first', () => {
    expect(shown('a + (b\n+ c)', 4, 11)).to.deep.equal(['a + (b', '    ^^']);
    expect(shown('a + (b\r\n+ c)', 4, 12)).to.deep.equal(['a + (b', '    ^^']);
  });

  it('cuts long lines around the span', () => {
    const long = Array.from({ length: 100 }, (_, index) => `name${index}`).join(' + ');
    for (const name of ['name0', 'name50', 'name99']) {
      const start = long.indexOf(name);
      const [line, carets] = shown(long, start, start + name.length);
      expect(line.length).to.be.at.most(80);
      expect(line.slice(carets.indexOf('^'), carets.length)).to.equal(name);
      expect(line.startsWith('…')).to.equal(name !== 'name0');
      expect(line.endsWith('…')).to.equal(name !== 'name99');
    }
  });

  it('cuts long spans', () => {
    const [line, carets] = shown(`x + ${'y'.repeat(200)} + z`, 4, 204);
    expect(line).to.match(/y…$/);
    expect(carets).to.match(/^ {4}\^+$/);
    expect(line.length).to.be.at.most(80);
  });

  it('is quick for a line of any length', () => {
    const text = 'x'.repeat(1_000_000);
    expect(shown(text, 500_000, 500_001)[0]).to.have.length(80);
  });
});
