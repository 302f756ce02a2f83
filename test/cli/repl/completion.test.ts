import { expect } from 'chai';
import { complete } from '../../../src/cli/repl/completion.ts';
import { Session } from '../../../src/cli/repl/session.ts';

describe('complete', () => {
  const session = new Session();
  session.run('let radius = 2; area(r) = pi * r^2; arearatio(a, b) = a/b');
  after(() => session[Symbol.dispose]());

  const cases: readonly (readonly [line: string, candidates: readonly string[], completed: string])[] = [
    ['.a', ['.asm [--kernel] <f> [level]', '.ast <f>'], '.a'],
    ['.tab', ['.table '], '.tab'],
    ['.me', ['.mem'], '.me'],
    ['.help .pl', ['.plot '], '.pl'],
    ['.asm radi', ['radius'], 'radi'],
    ['radi', ['radius'], 'radi'],
    ['1 + sq', ['sqrt('], 'sq'],
    ['are', ['area(r)', 'arearatio(a, b)'], 'are'],
    ['sin', ['sin(x)', 'sinh(x)', 'sinpi(x)'], 'sin'],
    ['ta', ['tan(x)', 'tanh(x)', 'tanpi(x)', 'tau'], 'ta'],
    ['th', ['then'], 'th'],
    ['2*\\pi', ['π'], '\\pi'],
    ['\\in', ['\\infty'], '\\in'],
    ['x\\^2', ['²'], '\\^2'],
    ['\\t', ['\\tau τ', '\\times ×'], '\\t'],
    ['.help atan', ['atan(x)', 'atan2(y, x)', 'atanh(x)'], 'atan'],
    ['zzz', [], 'zzz'],
    ['1 + ', [], ''],
    ['area(', ['area(r)', '= pi * r^2'], ''],
    ['2*pow(', ['pow(x, y)', '— x to the power of y, as `x ^ y`.'], ''],
    ['nothing(', [], ''],
    ['.load test/cli/repl/comple', ['test/cli/repl/completion.test.ts'], 'test/cli/repl/comple'],
    ['.load README', ['README.md'], 'README'],
    ['.save test/cli/re', ['test/cli/reduce/', 'test/cli/repl/'], 'test/cli/re'],
    ['.load /no/such/', [], '/no/such/'],
  ];
  for (const [line, candidates, completed] of cases) {
    it(JSON.stringify(line), () => {
      expect(complete(line, session)).to.deep.equal([[...candidates], completed]);
    });
  }

  it('lists candidates by name where there is nothing to go by', () => {
    const [candidates] = complete('.', session);
    expect(candidates).to.include.members(['.help [name]', '.mem', '.editor']);
  });
});
