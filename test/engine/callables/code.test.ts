import { expect } from 'chai';
import { Engine, ReleasedError } from '../../../src/index.ts';

describe('code of a compiled function', () => {
  const engine = new Engine({ backend: 'native', cpu: 'sse2' });
  after(() => engine.dispose());

  it('can be read as bytes', () => {
    using f = engine.compile('x * y + y', ['x', 'y']);
    const bytes = f.code?.bytes();
    expect(bytes?.length).to.equal(f.code?.size);
    expect(bytes?.includes(0xc3), 'a ret').to.equal(true);
    bytes?.fill(0xcc);
    expect(f(3, 4)).to.equal(16);
  });

  it('can be read as a listing, which is made when it is asked for', () => {
    using f = engine.compile('x * y + y', ['x', 'y']);
    const listing = f.code?.listing() ?? '';
    expect(listing).to.match(/^main\$frame:\n {2}0000 {2}[0-9a-f ]+ movsd xmm\d, /);
    expect(listing).to.contain('mulsd').and.contain('addsd').and.match(/ret/);
    const hex = Buffer.from(f.code?.bytes() ?? []).toString('hex');
    const text = [...listing.matchAll(/^ {2}[0-9a-f]{4} {2}([0-9a-f]+)/gm)].map((match) => match[1]).join('');
    expect(hex.startsWith(text), `${hex} is ${text}`).to.equal(true);
    expect(f(3, 4)).to.equal(16);
  });

  it('is listed for functions of a workspace and with host functions as well', () => {
    using other = new Engine({ backend: 'native', functions: { h: (x) => x } });
    const workspace = other.workspace();
    workspace.define('f(x) = h(x) + 1');
    expect(workspace.compile('f(x) * 2', ['x']).code?.listing()).to.contain('call');
  });

  it('is frozen, and gone after release', () => {
    const f = engine.compile('x + 1', ['x']);
    const { code } = f;
    expect(Object.isFrozen(code)).to.equal(true);
    f.release();
    expect(() => code?.bytes()).to.throw(ReleasedError);
    expect(() => f.code).to.throw(ReleasedError);
    expect(code?.listing()).to.contain('main');
  });
});
