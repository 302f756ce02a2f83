import { expect } from 'chai';
import { KernelFrameSlot, kernelFrameLength, reductionBlock } from '../../src/native/kernel-frame.ts';
import {
  KernelControlSlot,
  KernelRequestSlot,
  KernelStatus,
  kernelControlLength,
  kernelElementTypes,
  kernelRequestLength,
  maxKernelColumns,
  maxKernelOutputs,
} from '../../src/native/kernel-request.ts';
import { freshAddon } from './fresh-addon.ts';

describe('layouts of kernels', () => {
  it('are the same in TypeScript and in C++', () => {
    expect(freshAddon().kernelLayout()).to.deep.equal({
      frame: { ...KernelFrameSlot },
      request: { ...KernelRequestSlot },
      status: { ...KernelStatus },
      control: { ...KernelControlSlot },
      sizes: {
        kernelFrameLength,
        reductionBlock,
        maxKernelColumns,
        maxKernelOutputs,
        kernelRequestLength,
        kernelControlLength,
        elementTypes: kernelElementTypes.length,
      },
    });
  });

  it('leave room for all types and uniforms', () => {
    const { Types, Uniforms } = KernelRequestSlot;
    expect(Types + maxKernelColumns + maxKernelOutputs).to.be.at.most(Uniforms);
    expect(Uniforms + maxKernelColumns).to.equal(kernelRequestLength);
  });

  it('are those of one array, which every access gives', () => {
    const addon = freshAddon();
    expect(addon.request).to.equal(addon.request);
    expect(addon.request).to.be.instanceOf(Float64Array).with.lengthOf(kernelRequestLength);
  });
});
