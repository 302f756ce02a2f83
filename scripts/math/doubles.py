"""Doubles of the numbers of mpmath, and as JavaScript writes them: what the generators of tables share."""

import math
import struct

import mpmath as mp


def rounded(value, bits=53):
    """To the nearest number of so many significant bits."""
    value = mp.mpf(value)
    if value == 0:
        return value
    significand, exponent = mp.frexp(value)
    return mp.ldexp(mp.nint(mp.ldexp(significand, bits)), int(exponent) - bits)


def to_grid(value, step_exponent):
    """To the nearest multiple of a power of two."""
    return mp.ldexp(mp.nint(mp.ldexp(mp.mpf(value), -step_exponent)), step_exponent)


def bits_of(value):
    return struct.unpack("<Q", struct.pack("<d", float(value)))[0]


def of_bits(bits):
    return struct.unpack("<d", struct.pack("<Q", bits))[0]


# What the linter wants to be named.
NAMED = {math.pi: "Math.PI", math.sqrt(0.5): "Math.SQRT1_2"}


def literal(value):
    """The shortest decimal that rounds to this double, as JavaScript writes it, nearly."""
    if float(value) in NAMED:
        return NAMED[float(value)]
    text = repr(float(value))
    assert float(text) == float(value) and math.isfinite(float(value))
    return text.removesuffix(".0").replace("e-0", "e-").replace("e+", "e")


def listed(values):
    return "[" + ", ".join(literal(v) for v in values) + "]"
