import { expect } from 'chai';
import { environmentVariable } from '../../src/support/environment-variable.ts';

const refuse = (): never => {
  throw new Error('refused');
};

/** What `EXPRJIT_TEST` is said to be where `env` is the environment. */
function asked(env: PropertyDescriptor): string {
  const original = Object.getOwnPropertyDescriptor(process, 'env') as PropertyDescriptor;
  Object.defineProperty(process, 'env', { configurable: true, ...env });
  try {
    return environmentVariable('EXPRJIT_TEST');
  } finally {
    Object.defineProperty(process, 'env', original);
  }
}

describe('environmentVariable', () => {
  it('is the text of a variable', () => {
    expect(asked({ value: { EXPRJIT_TEST: 'a,b' } })).to.equal('a,b');
  });

  it('is empty where there is none, or nothing that is text', () => {
    expect(asked({ value: {} })).to.equal('');
    expect(asked({ value: { EXPRJIT_TEST: { toString: () => 'a' } } })).to.equal('');
    expect(asked({ value: Object.create({ EXPRJIT_TEST: 'inherited' }) })).to.equal('');
  });

  it('is empty where there is no environment, or one that refuses', () => {
    expect(asked({ value: undefined })).to.equal('');
    expect(asked({ get: refuse })).to.equal('');
    expect(asked({ value: new Proxy({}, { getOwnPropertyDescriptor: refuse }) })).to.equal('');
  });

  it('is empty where there is no process', () => {
    const original = Object.getOwnPropertyDescriptor(globalThis, 'process') as PropertyDescriptor;
    Reflect.deleteProperty(globalThis, 'process');
    try {
      expect(environmentVariable('PATH')).to.equal('');
    } finally {
      Object.defineProperty(globalThis, 'process', original);
    }
    expect(environmentVariable('PATH')).to.not.equal('');
  });
});
