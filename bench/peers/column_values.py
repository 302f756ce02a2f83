"""Columns of numbers, the same as `kernels.workloads.ts` makes them."""

import numpy


def column_values(length, column, low, high):
    with numpy.errstate(over="ignore"):
        hashed = numpy.arange(length, dtype=numpy.uint32) * numpy.uint32(0x9E3779B1)
        hashed += numpy.uint32((column + 1) * 0x85EBCA77 & 0xFFFFFFFF)
        hashed = (hashed ^ (hashed >> numpy.uint32(16))) * numpy.uint32(0x7FEB352D)
        hashed = (hashed ^ (hashed >> numpy.uint32(15))) * numpy.uint32(0x846CA68B)
    return low + (high - low) * ((hashed ^ (hashed >> numpy.uint32(16))) / 2.0**32)
