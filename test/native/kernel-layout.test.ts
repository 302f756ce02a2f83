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
  maxKnownColumns,
} from '../../src/native/kernel-request.ts';
import { freshAddon } from './fresh-addon.ts';
import { nativeLayouts } from './native-layouts.ts';

describe('layouts of kernels', () => {
  it('are the same in TypeScript and in C++', () => {
    const { kernelFrame, kernelRequest, kernelStatus, kernelControl, kernelSizes } = nativeLayouts();
    expect(kernelFrame).to.deep.equal({ ...KernelFrameSlot });
    expect(kernelRequest).to.deep.equal({ ...KernelRequestSlot });
    expect(kernelStatus).to.deep.equal({ ...KernelStatus });
    expect(kernelControl).to.deep.equal({ ...KernelControlSlot });
    expect(kernelSizes).to.deep.equal({
      kernelFrameLength,
      reductionBlock,
      maxKernelColumns,
      maxKernelOutputs,
      maxKnownColumns,
      kernelRequestLength,
      kernelControlLength,
      elementTypes: kernelElementTypes.length,
    });
  });

  it('leave room for all types and uniforms', () => {
    const { Known, Types, Uniforms } = KernelRequestSlot;
    expect(Known + maxKnownColumns + 1).to.be.at.most(Types);
    expect(Types + maxKernelColumns + maxKernelOutputs).to.be.at.most(Uniforms);
    expect(Uniforms + maxKernelColumns).to.equal(kernelRequestLength);
  });

  it('are those of one array, which every access gives', () => {
    const addon = freshAddon();
    expect(addon.request).to.equal(addon.request);
    expect(addon.request).to.be.instanceOf(Float64Array).with.lengthOf(kernelRequestLength);
  });
});
