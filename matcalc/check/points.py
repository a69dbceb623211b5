"""Random points: sizes for the dimensions, matrices for the symbols, with their declared properties."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from random import Random

from matcalc.check.jets import Matrix, transposed
from matcalc.dims import DimLike, dim_names, evaluate_dim
from matcalc.expr import Expr, postorder

__all__ = ["draw", "sizes_of"]

STYLES = ((0.4, 1.4, True), (0.4, 1.4, False), (0.1, 0.6, False), (0.05, 0.3, True), (1.2, 2.5, False))
"""Ranges of absolute values to try, and whether signs are mixed: most domains contain points of one of these kinds."""


def sizes_of(roots: Iterable[Expr], plan: str, random: Random) -> dict[str, int]:
    """Sizes for all dimension symbols: "distinct", "equal" or "large" (at least 4)."""
    nodes = list(postorder(*roots))
    found = {n for e in nodes for d in (*e.shape, *_data_dims(e)) for n in dim_names(d)}
    names = sorted(found)
    least = _least(nodes)
    if plan == "equal":
        return dict.fromkeys(names, 3) | least
    start = 4 if plan == "large" else 2
    pool = [start + i % 5 for i in range(len(names))]
    random.shuffle(pool)
    return {n: max(size, least.get(n, 0) + size - start) for n, size in zip(names, pool, strict=True)}


def _least(nodes: Iterable[Expr]) -> dict[str, int]:
    """The sizes that are needed: X[5,:] has a value where there are 5 rows."""
    found: dict[str, int] = {}
    for e in nodes:
        last = e.data if e.op == "unit" else e.data[1] if e.op == "units" else 0
        if isinstance(last, int) and last > 2:
            found |= {n: max(last, found.get(n, 0)) for n in dim_names(e.shape[0])}
    return found


def _data_dims(e: Expr) -> Sequence[DimLike]:
    """The dimensions that a node holds beside those of its shape: n as a number, the sizes of a commutation matrix."""
    return (e.data,) if e.op == "dimension" else e.data if e.op == "commutation" else ()


def draw(symbol: Expr, sizes: dict[str, int], style: int, random: Random) -> Matrix:
    """A random matrix for a symbol; properties that it was declared with hold."""
    rows, columns = (evaluate_dim(d, sizes) for d in symbol.shape)
    props = symbol.data[1]
    low, high, signed = STYLES[style % len(STYLES)]

    def entry() -> float:
        return random.uniform(low, high) * (random.choice((-1, 1)) if signed and "positive" not in props else 1)

    if "integer" in props:
        return [[random.randint(2, 4)]]
    a = [[entry() for _ in range(columns)] for _ in range(rows)]
    if "orthogonal" in props:
        return _orthogonal(rows, random)
    if "posdef" in props:
        return [
            [sum(x * y for x, y in zip(p, q, strict=True)) + (i == j) for j, q in enumerate(a)] for i, p in enumerate(a)
        ]
    if "diagonal" in props:
        return [[x if i == j else 0.0 for j, x in enumerate(row)] for i, row in enumerate(a)]
    if "symmetric" in props:
        return [[(a[i][j] + a[j][i]) / 2 for j in range(rows)] for i in range(rows)]
    if "antisymmetric" in props:
        return [[(a[i][j] - a[j][i]) / 2 for j in range(rows)] for i in range(rows)]
    if props & {"lower", "upper", "triangular"}:
        lower = "upper" not in props
        return [[x if (i >= j) == lower or i == j else 0.0 for j, x in enumerate(row)] for i, row in enumerate(a)]
    return a


def _orthogonal(n: int, random: Random) -> Matrix:
    """A product of reflections: orthogonal, not symmetric."""
    q = [[float(i == j) for j in range(n)] for i in range(n)]
    for _ in range(3):
        v = [random.gauss(0, 1) for _ in range(n)]
        norm = sum(x * x for x in v)
        q = [[x - 2 * sum(map(float.__mul__, row, v)) * y / norm for x, y in zip(row, v, strict=True)] for row in q]
    return transposed(q)


def direction(shape: Matrix, random: Random, props: frozenset[str] = frozenset()) -> Matrix:
    """A random direction, all entries different from zero but for what the properties of the variable demand."""
    h = [[random.uniform(0.3, 1.0) * random.choice((-1, 1)) for _ in row] for row in shape]
    if "diagonal" in props:
        return [[x if i == j else 0.0 for j, x in enumerate(row)] for i, row in enumerate(h)]
    if "symmetric" in props:
        return [[h[max(i, j)][min(i, j)] for j in range(len(h))] for i in range(len(h))]
    if "antisymmetric" in props:
        return [[0.0 if i == j else h[i][j] if i > j else -h[j][i] for j in range(len(h))] for i in range(len(h))]
    return h


def flat(a: Matrix) -> Sequence[float]:
    """vec(A) as a list."""
    return [row[j] for j in range(len(a[0])) for row in a]
