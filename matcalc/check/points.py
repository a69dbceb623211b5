"""Random points: sizes for the dimensions, matrices for the symbols, with their declared properties."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from random import Random
from typing import Any

from matcalc.check.decompositions import DEFINITIONS
from matcalc.check.floats import Floats
from matcalc.check.jets import Matrix, Ring, identity, transposed
from matcalc.dims import DimLike, dim_names, evaluate_dim
from matcalc.expr import Expr, postorder
from matcalc.limits import demand

__all__ = ["Sizes", "direction", "draw", "flat", "sizes_of", "structured", "units"]

FLOATS = Floats()

MAX_WORK = 2_000_000
"""Multiplications in one evaluation: about a second in a prime field."""

CUBIC = frozenset({"inv", "det", "logdet", "adjugate", "matpower", "power_sum", *DEFINITIONS})
CUBIC -= {"tril", "triu", "lower_half", "prod", "colnorms", "polygamma"}
"""Operators that cost about as much as products of matrices."""

ITERATED = 20
"""How many products that is, at most."""


class Sizes:
    """Sizes for all dimension symbols of some expressions."""

    def __init__(self, roots: Iterable[Expr]) -> None:
        self.nodes = list(postorder(*roots))
        self.names = sorted({n for e in self.nodes for d in (*e.shape, *_data_dims(e)) for n in dim_names(d)})
        self.least = _least(self.nodes)
        self.costs: dict[tuple[int, ...], int] = {}

    def draw(self, plan: str, random: Random) -> dict[str, int]:
        """Those of a plan, "distinct", "equal" or "large" (at least 4); smaller ones if these cost too much.

        Raises: LimitError if all of them do.
        """
        for sizes in (
            _planned(self.names, plan, self.least, random),
            dict.fromkeys(self.names, 3) | self.least,
            dict.fromkeys(self.names, 2) | self.least,
        ):
            cost = self._cost(sizes)
            if cost <= MAX_WORK:
                return sizes
        demand("multiplications to check the formula", cost, MAX_WORK, "declare names for large sizes, such as X: m×n")
        return sizes

    def _cost(self, sizes: dict[str, int]) -> int:
        key = tuple(sizes[n] for n in self.names)
        if key not in self.costs:
            self.costs[key] = work(self.nodes, sizes)
        return self.costs[key]


def sizes_of(roots: Iterable[Expr], plan: str, random: Random) -> dict[str, int]:
    """Sizes for one point, as `Sizes.draw`."""
    return Sizes(roots).draw(plan, random)


def work(nodes: Iterable[Expr], sizes: dict[str, int]) -> int:
    """About how many multiplications it takes to evaluate some nodes, each once."""
    total = 0
    for e in nodes:
        rows, columns = (evaluate_dim(d, sizes) for d in e.shape)
        inner = [evaluate_dim(a.shape[0], sizes) for a in e.args]
        if e.op == "dot":
            total += inner[0] * sum(i * evaluate_dim(a.shape[1], sizes) for i, a in zip(inner, e.args, strict=True))
        elif e.op == "sylvester":
            total += (rows * columns) ** 3
        elif e.op in CUBIC:
            across = evaluate_dim(e.args[0].shape[1], sizes)
            total += ITERATED * inner[0] * across * max(inner[0], across)
        else:
            total += rows * columns * max(1, len(e.args))
    return total


def _planned(names: Sequence[str], plan: str, least: dict[str, int], random: Random) -> dict[str, int]:
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


def draw(symbol: Expr, sizes: dict[str, int], style: int, random: Random, ring: Ring = FLOATS) -> Matrix:
    """A random matrix for a symbol; properties that it was declared with hold."""
    rows, columns = (evaluate_dim(d, sizes) for d in symbol.shape)
    props = symbol.data[1]
    positive = "positive" in props
    if "integer" in props:
        return [[random.randint(2, 4)]]
    a = [[ring.draw(style, positive, random) for _ in range(columns)] for _ in range(rows)]
    if "orthogonal" in props:
        return _orthogonal(rows, random, ring)
    if "idempotent" in props:
        return _projector(rows, "symmetric" in props, random, ring)
    if "stochastic" in props:
        return _stochastic(a, ring)
    if "posdef" in props and ring.exact:  # its triangular factor has a positive diagonal
        factor = [[x * x if i == j else x if i > j else 0 for j, x in enumerate(row)] for i, row in enumerate(a)]
        return ring.matmul(factor, transposed(factor))
    if "posdef" in props:
        return ring.plus(ring.matmul(a, transposed(a)), identity(rows)[0])
    return structured(a, props, ring)


def structured(a: Matrix, props: frozenset[str], ring: Ring) -> Matrix:
    """A matrix in the space of the structure: of symmetric ones from the entries on and below the diagonal."""
    if props & {"lower", "upper", "triangular"}:
        lower = "upper" not in props
        return [[x if (i >= j) == lower or i == j else 0 for j, x in enumerate(row)] for i, row in enumerate(a)]
    if "diagonal" in props:
        return [[x if i == j else 0 for j, x in enumerate(row)] for i, row in enumerate(a)]
    if "symmetric" in props:
        return [[a[max(i, j)][min(i, j)] for j in range(len(a))] for i in range(len(a))]
    if "antisymmetric" in props:
        n = range(len(a))
        return [[0 if i == j else a[i][j] if i > j else ring.reduce(-a[j][i]) for j in n] for i in n]
    return a


def _orthogonal(n: int, random: Random, ring: Ring) -> Matrix:
    """A product of reflections I − 2·v·vᵀ/vᵀv: orthogonal, not symmetric."""
    q = identity(n)[0]
    for _ in range(3):
        v = [[ring.draw(0, False, random)] for _ in range(n)]
        square = ring.matmul(transposed(v), v)[0][0]
        scale = ring.reduce(-2 * ring.invert(square))
        q = ring.plus(q, ring.times(scale, ring.matmul(ring.matmul(q, v), transposed(v))))
    return q


def _projector(n: int, symmetric: bool, random: Random, ring: Ring) -> Matrix:
    """I − v·wᵀ/wᵀv, which is its own square, with w = v for a symmetric one."""
    v, w = ([[ring.draw(0, False, random)] for _ in range(n)] for _ in range(2))
    w = v if symmetric else w
    scale = ring.reduce(-ring.invert(ring.matmul(transposed(w), v)[0][0]))
    return ring.plus(identity(n)[0], ring.times(scale, ring.matmul(v, transposed(w))))


def _stochastic(a: Matrix, ring: Ring) -> Matrix:
    """Rows of positive numbers that add up to 1."""
    squares = [[ring.reduce(x * x) for x in row] for row in a]
    return [[ring.reduce(x * ring.invert(ring.reduce(sum(row)))) for x in row] for row in squares]


def direction(shape: Matrix, random: Random, props: frozenset[str] = frozenset(), ring: Ring = FLOATS) -> Matrix:
    """A random direction, all entries different from zero but for what the properties of the variable demand."""
    return structured([[ring.draw(0, False, random) for _ in row] for row in shape], props, ring)


def units(shape: Matrix, props: frozenset[str]) -> list[tuple[tuple[int, int], Matrix]]:
    """The directions in which one entry moves, and with it what depends on it by the properties; each with its place."""
    found = []
    for i, row in enumerate(shape):
        for j in range(len(row)):
            unit = [[int((p, q) == (i, j)) for q in range(len(row))] for p in range(len(shape))]
            unit = structured(unit, props, FLOATS)
            if any(map(any, unit)):
                found.append(((i + 1, j + 1), unit))
    return found


def flat(a: Matrix) -> Sequence[Any]:
    """vec(A) as a list."""
    return [row[j] for j in range(len(a[0])) for row in a]
