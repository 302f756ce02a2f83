import { join } from 'node:path';
import { expect } from 'chai';
import { historyFile } from '../../../src/cli/repl/history.ts';

const isAtHome = (file: string): boolean => file.endsWith(join('.local', 'state', 'exprjit', 'history'));

describe('historyFile', () => {
  it('is where XDG has state, unless another place or none is chosen', () => {
    expect(historyFile({ XDG_STATE_HOME: '/state' })).to.equal(join('/state', 'exprjit', 'history'));
    expect(historyFile({})).to.satisfy(isAtHome);
    expect(historyFile({ XDG_STATE_HOME: 'relative' })).to.satisfy(isAtHome);
    expect(historyFile({ XDG_STATE_HOME: '/state', EXPRJIT_HISTORY: '/tmp/h' })).to.equal('/tmp/h');
    expect(historyFile({ EXPRJIT_HISTORY: '' })).to.equal(undefined);
  });
});
