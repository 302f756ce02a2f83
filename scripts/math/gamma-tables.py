"""Writes src/jit/math/tables/gamma.ts: log gamma in rows, and the sine for its reflection. Run from the root."""
import importlib.util
import mpmath as mp

spec = importlib.util.spec_from_file_location('fit', 'scripts/math/erf-gamma-fit.py')
lib = importlib.util.module_from_spec(spec)
spec.loader.exec_module(lib)


# Rows 0 to 7: log gamma(z) - (z - 1/2) log z + z about w = n 11/64, where w = 5/(8 z).
# Rows 8 to 15: log gamma(x) / ((x - 1)(x - 2)) about x = (n - 3) 11/64.
STEP = mp.mpf(11) / 64
SCALE = mp.mpf(5) / 8
DEGREE = 12


def stirling(w):
    z = SCALE / w
    return mp.loggamma(z) - (z - mp.mpf(1) / 2) * mp.log(z) + z


def quotient(x):
    return mp.loggamma(x) / ((x - 1) * (x - 2))


rows = []
for n in range(16):
    centre = (n if n < 8 else n - 3) * STEP
    f = stirling if n < 8 else quotient
    low, high = max(centre - STEP / 2, mp.mpf(2) ** -24 if n < 8 else 0), centre + STEP / 2
    c = lib.fit(f, low, high, centre, DEGREE)
    if n == 0:
        c[0] = mp.log(2 * mp.pi) / 2
    row = lib.pair(c[0]) + [lib.rounded(v) for v in c[1:]]
    lib.report(f'log gamma {n}', f, low, high, centre, [row[0] + row[1]] + row[2:])
    rows.append(row)

# sin(pi f) / f in f^2 for f <= 1/2: three pairs, then doubles.
sines = [(-1) ** k * mp.pi ** (2 * k + 1) / mp.factorial(2 * k + 1) for k in range(3)]


def sine_rest(square):
    f = mp.sqrt(square)
    return (mp.sin(mp.pi * f) / f - sum(c * square ** k for k, c in enumerate(sines))) / square ** 3


sine_fit = [lib.rounded(c) for c in lib.fit(sine_rest, mp.mpf(2) ** -40, mp.mpf(1) / 4, 0, 7)]
lib.report('sine', lambda s: mp.sin(mp.pi * mp.sqrt(s)) / mp.sqrt(s), mp.mpf(2) ** -40, mp.mpf(1) / 4, 0, sines + sine_fit)

lib.write('src/jit/math/tables/gamma.ts', 'gamma-tables.py', [
    "import { table } from '../table.ts';\n",
    lib.table('gammaRows', 'Row n < 8: log gamma(z) - (z - 1/2) log z + z about w = n 11/64, w = 5/(8 z). Row n >= 8: log gamma(x) / ((x - 1)(x - 2)) about x = (n - 3) 11/64. Head and tail of the constant term, then the coefficients of the powers 1 to 12.', rows),
    lib.constants('sineHeads', 'sin(pi f) / f in f^2: the first three coefficients as pairs, then the others as doubles.', [lib.pair(c)[0] for c in sines]).replace('];', '] as const;'),
    f'export const sineTails = {lib.listed(lib.pair(c)[1] for c in sines)} as const;\n',
    f'export const sineCoefficients = {lib.listed(sine_fit)};\n',
    lib.constants('piPair', 'pi and log(pi) as pairs.', lib.pair(mp.pi)).replace('];', '] as const;'),
    f'export const logPiPair = {lib.listed(lib.pair(mp.log(mp.pi)))} as const;\n',
])
