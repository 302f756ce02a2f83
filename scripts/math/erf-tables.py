"""Writes src/jit/math/tables/erf.ts: piecewise polynomials for erf and for the scaled complement. Run from the root."""
import importlib.util
import mpmath as mp

spec = importlib.util.spec_from_file_location('fit', 'scripts/math/erf-gamma-fit.py')
lib = importlib.util.module_from_spec(spec)
spec.loader.exec_module(lib)

# erf: row n is about n 25/64. Rows below `SPLIT` hold erf(x) - x, the others erf(x).
STEP = mp.mpf(25) / 64
SPLIT = 3
DEGREE = 13
rows = []
for n in range(16):
    centre = n * STEP
    low, high = centre - STEP / 2, centre + STEP / 2
    if n == 0:
        # Odd: the quotient by x is even, and so relative accuracy lasts to zero.
        def quotient(x):
            return 2 / mp.sqrt(mp.pi) - 1 if x == 0 else mp.erf(x) / x - 1
        even = lib.fit(quotient, low, high, 0, DEGREE - 1)
        coefficients = [mp.mpf(0)] + [lib.rounded(c) if k % 2 == 0 else mp.mpf(0) for k, c in enumerate(even)]
        rows.append([mp.mpf(0)] + coefficients)
        continue
    f = (lambda x: mp.erf(x) - x) if n < SPLIT else mp.erf
    c = lib.fit(f, low, high, centre, DEGREE)
    head, tail = (mp.mpf(0), lib.rounded(c[0])) if n < SPLIT else lib.pair(c[0])
    rest = [lib.rounded(v) for v in c[1:]]
    lib.report(f'erf {n}', mp.erf, low, high, centre,
               [head + tail + (centre if n < SPLIT else 0), rest[0] + (1 if n < SPLIT else 0)] + rest[1:])
    rows.append([head, tail] + rest)

# erfc: row n > 0 is g(w) = e^(x^2) erfc(x) / w about w = n 7/64, where w = 2/(2 + x); row 0 is erf(x)/x - 1 in x^2.
W_STEP = mp.mpf(7) / 64
W_DEGREE = 12
NEAR = mp.mpf(15) / 32
LOWEST = 2 / (2 + mp.mpf(28))


def scaled(w):
    x = 2 / w - 2
    return mp.erfc(x) * mp.exp(x * x) / w


def even_part(square):
    x = mp.sqrt(square)
    return mp.erf(x) / x - 1


c = lib.fit(even_part, 0, NEAR ** 2, 0, W_DEGREE - 4)
complement = [[mp.mpf(0)] + [lib.rounded(v) for v in c] + [mp.mpf(0)] * 4]
for n in range(1, 8):
    centre = n * W_STEP
    low, high = max(LOWEST, centre - W_STEP / 2), min(2 / (2 + NEAR), centre + W_STEP / 2)
    c = lib.fit(scaled, low, high, centre, W_DEGREE)
    row = lib.pair(c[0]) + [lib.rounded(v) for v in c[1:]]
    lib.report(f'erfc {n}', scaled, low, high, centre, [row[0] + row[1]] + row[2:])
    complement.append(row)

lib.write('src/jit/math/tables/erf.ts', 'erf-tables.py', [
    "import { table } from '../table.ts';\n",
    lib.table('erfRows', 'Row n: erf about n 25/64, less x in rows 0 to 2. Head and tail of the constant term, then the coefficients of the powers 1 to 13.', rows),
    lib.table('erfcRows', 'Row n > 0: e^(x^2) erfc(x) / w about w = n 7/64, w = 2/(2 + x). Row 0: erf(x)/x - 1 in x^2. Head and tail of the constant term, then the coefficients of the powers 1 to 12.', complement),
])
