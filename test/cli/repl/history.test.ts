import { expect } from 'chai';
import { historyFile } from '../../../src/cli/repl/history.ts';

describe('historyFile', () => {
  it('is where XDG has state, unless another place or none is chosen', () => {
    expect(historyFile({ XDG_STATE_HOME: '/state' })).to.equal('/state/exprjit/history');
    expect(historyFile({})).to.match(/\/\.local\/state\/exprjit\/history$/);
    expect(historyFile({ XDG_STATE_HOME: 'relative' })).to.match(/\/\.local\/state\/exprjit\/history$/);
    expect(historyFile({ XDG_STATE_HOME: '/state', EXPRJIT_HISTORY: '/tmp/h' })).to.equal('/tmp/h');
    expect(historyFile({ EXPRJIT_HISTORY: '' })).to.equal(undefined);
  });
});
