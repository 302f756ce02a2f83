"""The intervals of the logarithms of log.ts and pow.ts, and a row of a table for each."""

import mpmath as mp

from doubles import listed, of_bits, rounded, to_grid

# Any multiple of 2^-42 by an integer below 2^11 is a double, where the multiple is below 1.
GRID = -42


def inverse_of(first, last, log2_rows):
    """
    c near the inverse of the middle of an interval, and the greatest |z c - 1| of that interval. c has so few bits that
    each z c - 1 is a double: a multiple of the last places' product, and less than 2^53 of them.
    """
    if first <= 1 <= last:
        return mp.mpf(1), max(1 - first, last - 1)
    ulp = mp.mpf(2) ** (-53 if first < 1 else -52)
    middle = 2 / (first + last)
    candidates = []
    for places in range(log2_rows, log2_rows + 6):
        step = mp.mpf(2) ** -places
        for c in (mp.floor(middle / step) * step, mp.ceil(middle / step) * step):
            rest = max(abs(first * c - 1), abs(last * c - 1))
            if rest < mp.mpf(2) ** 53 * ulp * step:
                candidates.append((rest, c))
    rest, c = min(candidates, key=lambda candidate: candidate[0])
    return c, rest


def rows(offset, log2_rows, bound):
    """For each interval c, head and tail of -ln c, and a zero; no |z c - 1| is above the bound."""
    made = []
    for i in range(1 << log2_rows):
        width = 1 << (52 - log2_rows)
        begin = (offset << 32) + i * width
        c, rest = inverse_of(mp.mpf(of_bits(begin)), mp.mpf(of_bits(begin + width - 1)), log2_rows)
        assert rest < bound
        head = to_grid(-mp.log(c), GRID)
        made += [c, head, rounded(-mp.log(c) - head), 0]
    return made


def intervals(offset, log2_rows, bound, error, coefficients):
    """
    A table and what a logarithm needs of it. `offset` is the high half of the bits of the number where the first
    interval begins, `error` the binary logarithm of that of the polynomial.
    """
    count = 1 << log2_rows
    return f"""/** c near 1/z, head and tail of -ln c, and a place that makes rows of 32 bytes; for {count} intervals of z. */
export const LOG{count}: Table = table('LOG{count}', 4, {listed(rows(offset, log2_rows, bound))});

/** ln(1 + r) = r - r^2/2 + r^3 q(r) up to 2^{error:.1f} where |r| < {bound}. */
export const intervals{count} = {{
  table: LOG{count},
  log2Rows: {log2_rows},
  offset: 0x{offset:x},
  coefficients: {listed(coefficients)},
}} as const;
"""
