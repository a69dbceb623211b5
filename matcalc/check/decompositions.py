"""Functions of matrices over jets, from what defines them: a series, an equation, an eigenvalue problem.

No derivative rule stands here. Where an equation R(Y) = 0 defines Y, its value is found in floats, and every order of
the jet from the equation itself: R is evaluated with the orders found so far, and the linear part is solved for the
next.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from matcalc.check.jets import (
    SPLITS,
    Jet,
    Matrix,
    NoValue,
    OutsideDomain,
    Ring,
    each,
    identity,
    kron,
    stack,
    transposed,
)

__all__ = ["DEFINITIONS", "EXACT"]

GAP = 1e-2
"""Eigenvalues nearer than this, relative to the largest, are too near for their vectors to be told apart."""

ITERATIONS = 40
HALF = Fraction(1, 2)


# --- any ring ---------------------------------------------------------------------------------------------------------


def _adjugate(ring: Ring, args: list[Jet]) -> Jet:
    """The transposed cofactors."""
    (a,) = args
    n = len(a[0])
    if n == 1:
        return identity(1)
    result: Jet = {}
    for i in range(n):
        for j in range(n):
            minor = ring.determinant({mask: _without(m, i, j) for mask, m in a.items()})
            for mask, value in minor.items():
                target = result.setdefault(mask, [[0] * n for _ in range(n)])
                target[j][i] = ring.reduce(value[0][0] * (-1) ** (i + j))
    return result


def _entry(a: Jet, i: int, j: int) -> Jet:
    return {mask: [[m[i][j]]] for mask, m in a.items()}


def _times(ring: Ring, s: Any, a: Jet) -> Jet:
    return {mask: ring.times(s, m) for mask, m in a.items()}


def _without(m: Matrix, i: int, j: int) -> Matrix:
    return [[x for q, x in enumerate(row) if q != j] for p, row in enumerate(m) if p != i]


def _power_sum(ring: Ring, args: list[Jet]) -> Jet:
    """Σ XʳAXᵏ⁻¹⁻ʳ, term by term."""
    x, a, k = args
    fixed = ring.fixed(k[0][0][0])
    count = 0 if fixed is None else round(fixed)
    if not 1 <= count <= 64:
        raise NoValue("an exponent below 1 or above 64")
    terms = []
    for r in range(count):
        term = a
        for i in range(count - 1):
            term = ring.product((x, term) if i < r else (term, x), "dot")
        terms.append(term)
    return ring.sum(terms)


def _part(keep: Callable[[int, int], Any]) -> Callable[[Ring, list[Jet]], Jet]:
    """The entries of a matrix, each times a number that depends on its place."""

    def part(ring: Ring, args: list[Jet]) -> Jet:
        weigh = lambda m: [[ring.reduce(x * keep(i, j)) for j, x in enumerate(row)] for i, row in enumerate(m)]
        return each(args[0], weigh)

    return part


def _sylvester(ring: Ring, args: list[Jet]) -> Jet:
    """(I ⊗ A + Bᵀ ⊗ I)·vec F = vec C"""
    a, b, c = args
    m, n = len(a[0]), len(b[0])
    left = each(a, lambda x: kron(identity(n)[0], x))
    right = each(b, lambda x: kron(transposed(x), identity(m)[0]))
    solution = ring.product((ring.jet_inverse(ring.sum((left, right))), each(c, stack)), "dot")
    return each(solution, lambda v: [[v[j * m + i][0] for j in range(n)] for i in range(m)])


def _prod(ring: Ring, args: list[Jet]) -> Jet:
    (a,) = args
    rows, columns = len(a[0]), len(a[0][0])
    entries = [_entry(a, i, j) for i in range(rows) for j in range(columns)]
    return ring.product(entries, "dot")


def _polygamma(ring: Ring, args: list[Jet]) -> Jet:
    order = args[0][0][0][0]
    if order != int(order) or not 1 <= order <= 20:
        raise NoValue("an order that is not one of 1 to 20")
    return ring.apply(args[1], ring.polygamma(int(order)))


def _colnorms(ring: Ring, args: list[Jet]) -> Jet:
    squares = ring.product((args[0], args[0]), "hadamard")
    sums = each(squares, lambda m: [[ring.reduce(sum(c)) for c in zip(*m, strict=True)]])
    return ring.apply(sums, lambda x: ring.power(x, HALF))


def _pinv(ring: Ring, args: list[Jet]) -> Jet:
    """(XᵀX)⁻¹Xᵀ or Xᵀ(XXᵀ)⁻¹ at full rank; at a lower rank the value alone, from the decomposition of XᵀX."""
    (x,) = args
    t = each(x, transposed)
    tall = len(x[0]) >= len(x[0][0])
    try:
        inverse = ring.jet_inverse(ring.product((t, x) if tall else (x, t), "dot"))
    except NoValue:
        if len(x) > 1 or ring.exact:
            raise
    else:
        return ring.product((inverse, t) if tall else (t, inverse), "dot")
    gram = ring.matmul(t[0], x[0])
    values, vectors = _eigen(ring, gram)
    least = 1e-9 * max(values)
    if any(least / 100 < v < 1e4 * least for v in values):
        raise NoValue("a rank that is hard to tell")
    kept = [[v * (1 / w if w > least else 0) for v, w in zip(row, values, strict=True)] for row in vectors]
    return {0: ring.matmul(ring.matmul(kept, transposed(vectors)), t[0])}


# --- series and roots, in floats --------------------------------------------------------------------------------------


def _norm(m: Matrix) -> float:
    return float(max(sum(abs(x) for x in row) for row in m))


def _expm(ring: Ring, args: list[Jet]) -> Jet:
    """Σ Xʳ/r!, of X/2ˢ, squared s times."""
    (x,) = args
    s = max(0, math.ceil(math.log2(max(_norm(x[0]), 1e-9))) + 2)
    if s > 12:
        raise NoValue("a large number")
    small = _times(ring, 0.5**s, x)
    total = term = identity(len(x[0]))
    for r in range(1, ring.digits + 2):
        term = _times(ring, ring.rational(Fraction(1, r)), ring.product((term, small), "dot"))
        total = ring.sum((total, term))
    for _ in range(s):
        total = ring.product((total, total), "dot")
    return total


def _sqrtm(ring: Ring, args: list[Jet]) -> Jet:
    """The iteration of Denman and Beavers, Y ← (Y + Z⁻¹)/2, Z ← (Z + Y⁻¹)/2, until Y·Y = X in every order."""
    (x,) = args
    y, z = x, identity(len(x[0]))
    for _ in range(ITERATIONS):
        y, z = (_times(ring, 0.5, ring.sum((p, ring.jet_inverse(q)))) for p, q in ((y, z), (z, y)))
        if _differ(ring, ring.product((y, y), "dot"), x) < 10.0 ** (5 - ring.digits):
            return y
    raise OutsideDomain("a root that does not exist, or nearly so")


def _differ(ring: Ring, a: Jet, b: Jet) -> float:
    """The largest difference of two jets, relative to their size."""
    gap = ring.sum((a, _times(ring, -1, b)))
    scale = 1 + max(_norm(m) for m in b.values())
    return max(_norm(m) for m in gap.values()) / scale if gap else 0.0


def _logm(ring: Ring, args: list[Jet]) -> Jet:
    """2ˢ⁺¹·(Z + Z³/3 + Z⁵/5 + …) with Z = (R − I)(R + I)⁻¹ for a root R of X of order 2ˢ near I."""
    (x,) = args
    one = identity(len(x[0]))
    minus = _times(ring, -1, one)
    root, s = x, 0
    while _norm(ring.sum((root, minus))[0]) > 0.4:
        root, s = _sqrtm(ring, [root]), s + 1
        if s > 10:
            raise NoValue("a logarithm that is hard to compute")
    z = ring.product((ring.sum((root, minus)), ring.jet_inverse(ring.sum((root, one)))), "dot")
    square = ring.product((z, z), "dot")
    terms, power = [], z
    for r in range(1, 2 * ring.digits + 8, 2):
        terms.append(_times(ring, ring.rational(Fraction(2 ** (s + 1), r)), power))
        power = ring.product((power, square), "dot")
    return ring.sum(terms)


def _block_derivative(f: Callable[[Ring, list[Jet]], Jet]) -> Callable[[Ring, list[Jet]], Jet]:
    """L(X, A), which stands beside f(X) in f([X, A; 0, X])."""

    def block(ring: Ring, args: list[Jet]) -> Jet:
        x, a = args
        n = len(x[0])
        zero = [[0.0] * n for _ in range(n)]
        both: Jet = {}
        for mask in {*x, *a}:
            p, q = x.get(mask, zero), a.get(mask, zero)
            both[mask] = [r + s for r, s in zip(p, q, strict=True)] + [r + s for r, s in zip(zero, p, strict=True)]
        return each(f(ring, [both]), lambda m: [row[n:] for row in m[:n]])

    return block


def _cholesky(ring: Ring, args: list[Jet]) -> Jet:
    """L row by row from L·Lᵀ = X."""
    (x,) = args
    n = len(x[0])
    entries: dict[tuple[int, int], Jet] = {}
    for i in range(n):
        for j in range(i + 1):
            terms = [_entry(x, i, j)]
            for k in range(j):
                product = ring.product((entries[i, k], entries[j, k]), "dot")
                terms.append(_times(ring, -1, product))
            rest = ring.sum(terms)
            if i == j:
                entries[i, i] = ring.apply(rest, lambda v: ring.power(v, HALF))
            else:
                entries[i, j] = ring.product((rest, ring.jet_inverse(entries[j, j])), "dot")
    masks = {mask for jet in entries.values() for mask in jet}
    return {
        mask: [[entries[i, j].get(mask, [[0]])[0][0] if i >= j else 0 for j in range(n)] for i in range(n)]
        for mask in masks
    }


def _root(v: float) -> tuple[float, float, float]:
    if v < 1e-9:
        raise NoValue("a matrix that is not positive definite")
    y = v**0.5
    return y, 0.5 / y, -0.25 / y**3


# --- eigenvalues, in floats -------------------------------------------------------------------------------------------


def _eigen(ring: Ring, a: Matrix) -> tuple[list[Any], Matrix]:
    """The eigenvalues of a symmetric matrix, the largest first, and its eigenvectors as columns: Jacobi's rotations."""
    n = len(a)
    half = ring.rational(HALF)
    a = [[(x + a[j][i]) * half for j, x in enumerate(row)] for i, row in enumerate(a)]
    v = identity(n)[0]
    for _ in range(ITERATIONS):
        for p in range(n):
            for q in range(p + 1, n):
                if abs(a[p][q]) > 1e-300:
                    cot = (a[q][q] - a[p][p]) / (2 * a[p][q])  # of twice the angle
                    tan = (1 if cot >= 0 else -1) / (abs(cot) + (cot * cot + 1) ** 0.5)
                    c = 1 / (tan * tan + 1) ** 0.5
                    s = tan * c
                    for m in (a, v):
                        for row in m:
                            row[p], row[q] = c * row[p] - s * row[q], s * row[p] + c * row[q]
                    a[p], a[q] = (
                        [c * x - s * y for x, y in zip(a[p], a[q], strict=True)],
                        [s * x + c * y for x, y in zip(a[p], a[q], strict=True)],
                    )
        rest = sum(abs(x) for i, row in enumerate(a) for j, x in enumerate(row) if i != j)
        if rest < 10.0 ** (2 - ring.digits) * (1e-9 + _norm(a)):
            break
    order = sorted(range(n), key=lambda i: -a[i][i])
    return [a[i][i] for i in order], [[row[i] for i in order] for row in v]


def _eigenpair(ring: Ring, x: Jet, place: int) -> tuple[Jet, Jet]:
    """λ and v with X·v = λ·v and vᵀ·v = 1, order by order; v with its largest entry positive."""
    values, vectors = _eigen(ring, x[0])
    n, at = len(values), place % len(values)
    scale = GAP * (1e-9 + max(map(abs, values)))
    if any(abs(values[at] - w) < scale for i, w in enumerate(values) if i != at):
        raise NoValue("a multiple eigenvalue")
    column = [row[at] for row in vectors]
    top = max(column, key=abs)
    value: Jet = {0: [[values[at]]]}
    vector: Jet = {0: [[c * math.copysign(1, top)] for c in column]}
    rows = [[*(e - values[at] * (i == j) for j, e in enumerate(row)), -vector[0][i][0]] for i, row in enumerate(x[0])]
    bordered = ring.inverse([*rows, [*(c[0] for c in vector[0]), 0.0]])
    for mask in (1, 2, 3):
        if not any(s in x for s, _ in SPLITS[mask] if s):
            continue
        product, multiple = ring.product((x, vector), "dot"), ring.product((vector, value), "dot")
        square = ring.product((each(vector, transposed), vector), "dot")
        zero = [[0.0]] * n
        right = [[q[0] - p[0]] for p, q in zip(product.get(mask, zero), multiple.get(mask, zero), strict=True)]
        found = ring.matmul(bordered, [*right, [-square.get(mask, zero)[0][0] / 2]])
        vector[mask], value[mask] = found[:n], found[n:]
    return value, vector


def _eigenvalue(place: int) -> Callable[[Ring, list[Jet]], Jet]:
    return lambda ring, args: _eigenpair(ring, args[0], place)[0]


def _eigenvector(place: int) -> Callable[[Ring, list[Jet]], Jet]:
    return lambda ring, args: _eigenpair(ring, args[0], place)[1]


def _eigenvalues(ring: Ring, args: list[Jet]) -> Jet:
    """All of them, the smallest first."""
    values = [_eigenpair(ring, args[0], i)[0] for i in reversed(range(len(args[0][0])))]
    return {mask: [v.get(mask, [[0.0]])[0] for v in values] for mask in {m for v in values for m in v}}


def _eigenvectors(ring: Ring, args: list[Jet]) -> Jet:
    """The columns that belong to them."""
    n = len(args[0][0])
    vectors = [_eigenpair(ring, args[0], i)[1] for i in reversed(range(n))]
    zero = [[0.0]] * n
    masks = {m for v in vectors for m in v}
    return {mask: [[v.get(mask, zero)[i][0] for v in vectors] for i in range(n)] for mask in masks}


def _largest(args: list[Jet]) -> range:
    k = args[1][0][0][0]
    if k != int(k) or not 1 <= k <= len(args[0][0]):
        raise NoValue("more eigenvalues than there are")
    return range(int(k))


def _eigsum(ring: Ring, args: list[Jet]) -> Jet:
    return ring.sum(_eigenpair(ring, args[0], i)[0] for i in _largest(args))


def _eigproj(ring: Ring, args: list[Jet]) -> Jet:
    vectors = [_eigenpair(ring, args[0], i)[1] for i in _largest(args)]
    return ring.sum(ring.product((v, each(v, transposed)), "dot") for v in vectors)


# --- singular values, in floats ---------------------------------------------------------------------------------------


def _triple(ring: Ring, x: Jet) -> tuple[Jet, Jet, Jet]:
    """σ, u and v of the largest singular value, from the largest eigenvalue of XᵀX."""
    value, v = _eigenpair(ring, ring.product((each(x, transposed), x), "dot"), 0)
    sigma = ring.apply(value, _root)
    u = ring.product((ring.product((x, v), "dot"), ring.jet_inverse(sigma)), "dot")
    return sigma, u, v


def _polar_factors(ring: Ring, x: Jet) -> tuple[Jet, bool]:
    """The root of XᵀX, or of XXᵀ if that is smaller, and which of them."""
    tall = len(x[0]) >= len(x[0][0])
    t = each(x, transposed)
    return _sqrtm(ring, [ring.product((t, x) if tall else (x, t), "dot")]), tall


def _nuclear(ring: Ring, args: list[Jet]) -> Jet:
    root, _ = _polar_factors(ring, args[0])
    return each(root, lambda m: [[sum(row[i] for i, row in enumerate(m))]])


def _polar(ring: Ring, args: list[Jet]) -> Jet:
    root, tall = _polar_factors(ring, args[0])
    inverse = ring.jet_inverse(root)
    return ring.product((args[0], inverse) if tall else (inverse, args[0]), "dot")


DEFINITIONS: dict[str, Callable[[Ring, list[Jet]], Jet]] = {
    "adjugate": _adjugate,
    "power_sum": _power_sum,
    "tril": _part(lambda i, j: int(i >= j)),
    "triu": _part(lambda i, j: int(i <= j)),
    "sym": lambda ring, args: _times(ring, ring.rational(HALF), ring.sum([args[0], each(args[0], transposed)])),
    "lower_half": lambda ring, args: _part(lambda i, j: i > j or (i == j) * ring.rational(HALF))(ring, args),
    "sylvester": _sylvester,
    "prod": _prod,
    "pinv": _pinv,
    "expm": _expm,
    "sqrtm": _sqrtm,
    "logm": _logm,
    "expm_frechet": _block_derivative(_expm),
    "logm_frechet": _block_derivative(_logm),
    "colnorms": _colnorms,
    "polygamma": _polygamma,
    "cholesky": _cholesky,
    "lambda_max": _eigenvalue(0),
    "lambda_min": _eigenvalue(-1),
    "eigvec_max": _eigenvector(0),
    "eigvec_min": _eigenvector(-1),
    "eigvals": _eigenvalues,
    "eigvecs": _eigenvectors,
    "eigsum": _eigsum,
    "eigproj": _eigproj,
    "spectral_norm": lambda ring, args: _triple(ring, args[0])[0],
    "singvec_left": lambda ring, args: _triple(ring, args[0])[1],
    "singvec_right": lambda ring, args: _triple(ring, args[0])[2],
    "nuclear_norm": _nuclear,
    "polar": _polar,
}
"""The value of an operator, over jets."""

EXACT = frozenset(
    {"adjugate", "power_sum", "tril", "triu", "lower_half", "sym", "sylvester", "prod", "colnorms", "pinv", "cholesky"}
)
"""Those that hold in any ring that has roots; the others need limits or the order of numbers, and so floats."""
