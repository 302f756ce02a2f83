import { expect } from 'chai';
import { FrameSlot, frameOffset, Trap } from '../../src/native/frame.ts';
import { freshAddon } from './fresh-addon.ts';
import { call, callingHost, callingHostForever, doubling, place } from './machine-code.ts';

function setUp() {
  const addon = freshAddon();
  const integers = new Int32Array(addon.frame.buffer);
  const trap = frameOffset(FrameSlot.Trap) / 4;
  const host = frameOffset(FrameSlot.HostCall) / 4;
  return { addon, frame: addon.frame, integers, trap, host };
}

describe('host dispatcher', () => {
  it('is told which function and how many arguments, and gives the result', () => {
    const { addon, frame, integers, host } = setUp();
    addon.setHostDispatcher(() => {
      const index = integers[host] as number;
      const count = integers[host + 1] as number;
      const args = frame.subarray(FrameSlot.Arguments, FrameSlot.Arguments + count);
      frame[FrameSlot.Result] = args.reduce((sum, each) => sum + each, 1000 * index);
    });
    expect(call(addon, place(addon, callingHost(7, 3)), 1, 2, 3)).to.equal(7006);
    expect(call(addon, place(addon, callingHost(8, 0)))).to.equal(8000);
  });

  it('may call compiled code, which may call the host, and so on', () => {
    const { addon, frame } = setUp();
    const entry = place(addon, callingHost(0, 1));
    const double = place(addon, doubling);
    addon.setHostDispatcher(() => {
      const n = frame[FrameSlot.Arguments] as number;
      const rest = n === 0 ? 0 : call(addon, entry, n - 1);
      frame[FrameSlot.Result] = rest + call(addon, double, n);
    });
    expect(call(addon, entry, 100)).to.equal(100 * 101);
  });

  it('traps when it throws, and the exception comes out of invoke()', () => {
    const { addon, integers, trap } = setUp();
    let calls = 0;
    addon.setHostDispatcher(() => {
      calls += 1;
      if (calls === 3) throw new RangeError('third');
    });
    const entry = place(addon, callingHostForever());
    expect(() => call(addon, entry)).to.throw(RangeError, 'third');
    expect(integers[trap]).to.equal(Trap.HostException);
    integers[trap] = Trap.None;
    calls = 0;
    expect(() => call(addon, entry)).to.throw(RangeError, 'third');
  });

  it('traps when there is none', () => {
    const { addon, integers, trap } = setUp();
    const entry = place(addon, callingHost(0, 0));
    expect(() => call(addon, entry)).to.throw('no dispatcher is set');
    expect(integers[trap]).to.equal(Trap.HostException);
  });

  it('can be replaced, also while it runs', () => {
    const { addon, frame } = setUp();
    const entry = place(addon, callingHost(0, 0));
    addon.setHostDispatcher(() => {
      addon.setHostDispatcher(() => {
        frame[FrameSlot.Result] = 2;
      });
      frame[FrameSlot.Result] = 1;
    });
    expect(call(addon, entry)).to.equal(1);
    expect(call(addon, entry)).to.equal(2);
  });

  it('survives recursion that ends in a stack overflow of JavaScript', () => {
    const { addon, frame, integers, trap } = setUp();
    const entry = place(addon, callingHost(0, 0));
    // The end comes as an exception, or where the addon sees it first, as a trap without one.
    const callToTheEnd = (): void => {
      call(addon, entry);
      if (integers[trap] === Trap.HostException) throw new RangeError('the call stack has an end');
    };
    addon.setHostDispatcher(callToTheEnd);
    expect(callToTheEnd).to.throw(RangeError, 'call stack');
    addon.setHostDispatcher(() => {
      frame[FrameSlot.Result] = 5;
    });
    expect(call(addon, entry)).to.equal(5);
  });

  it('leaves no handle behind, however often it is called', () => {
    const { addon, frame } = setUp();
    const entry = place(addon, callingHost(0, 0));
    let calls = 0;
    addon.setHostDispatcher(() => {
      calls += 1;
      frame[FrameSlot.Result] = calls;
    });
    for (let i = 0; i < 100_000; i++) call(addon, entry);
    expect(calls).to.equal(100_000);
  });
});
