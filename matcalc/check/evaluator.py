"""The value of an expression over jets, from the definitions of its operators."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from contextlib import suppress
from fractions import Fraction
from functools import lru_cache
from random import Random
from typing import Any, TypeAlias

from matcalc.check.decompositions import DEFINITIONS, EXACT
from matcalc.check.jets import Jet, Matrix, NoValue, Ring, constant, each, identity, kron, stack, transposed
from matcalc.dims import evaluate_dim
from matcalc.errors import UnsupportedError
from matcalc.expr import Expr, postorder
from matcalc.functions import find_function, float_value

__all__ = ["Evaluator", "Floats"]

KINK = 1e-3
"""A point is redrawn if an argument of |·|, sign, max … comes nearer than this to its kink."""

LARGE = 1e60
SMALL = 1e-7


class Floats(Ring):
    """float64."""

    def invert(self, x: Any) -> Any:
        """1/x; raises NoValue near zero."""
        if abs(x) < SMALL:
            raise NoValue("division by zero")
        if abs(x) > LARGE:
            raise NoValue("a number too large")  # the derivatives 1/x² and 2/x³ would be rounded to 0
        return 1.0 / x


class TestFunction:
    """A bounded function with all its derivatives, standing for a generic g: a sum of sines."""

    __test__ = False

    def __init__(self, random: Random) -> None:
        self.waves = [(random.uniform(0.4, 1.2), random.uniform(0.5, 1.7), random.uniform(0, 6)) for _ in range(3)]

    def derivative(self, order: int, x: float) -> float:
        """g⁽ᵏ⁾(x)"""
        return sum(a * w**order * math.sin(w * x + b + order * math.pi / 2) for a, w, b in self.waves)


class Evaluator:
    """Evaluates expressions at a point; every node once.

    Args:
        ring: the arithmetic.
        point: jets by the name of a symbol.
        sizes: numbers by the name of a dimension.
        random: for the test functions that stand for generic ones.
    """

    def __init__(self, ring: Ring, point: Mapping[str, Jet], sizes: Mapping[str, int], random: Random) -> None:
        self.ring, self.point, self.sizes, self.random = ring, point, sizes, random
        self.values: dict[Expr, Jet] = {}
        self.generic: dict[str, TestFunction] = {}

    def value(self, e: Expr) -> Jet:
        """The jet of an expression; raises NoValue outside its domain."""
        for node in postorder(e):
            if node not in self.values:
                try:
                    found = self._value(node, [self.values[a] for a in node.args])
                except (ZeroDivisionError, OverflowError, ValueError) as trouble:
                    raise NoValue(str(trouble)) from trouble
                self.values[node] = found
        return self.values[e]

    def size(self, node: Expr) -> tuple[int, int]:
        """Rows and columns in numbers."""
        return evaluate_dim(node.shape[0], self.sizes), evaluate_dim(node.shape[1], self.sizes)

    def _value(self, node: Expr, args: list[Jet]) -> Jet:
        method = getattr(self, "_" + node.op, None)
        if method is None and node.op in DEFINITIONS and (node.op in EXACT or isinstance(self.ring, Floats)):
            return DEFINITIONS[node.op](self.ring, args)
        if method is None:
            raise UnsupportedError(f"{node.op} cannot be evaluated")
        found: Jet = method(node, args)
        return found

    # --- atoms --------------------------------------------------------------------------------------------------------

    def _number(self, node: Expr, args: list[Jet]) -> Jet:
        return constant(self.rational(node.data))

    def rational(self, x: Fraction) -> Any:
        """A rational number in the ring."""
        return float(x)

    def _symbol(self, node: Expr, args: list[Jet]) -> Jet:
        return self.point[node.name]

    def _dimension(self, node: Expr, args: list[Jet]) -> Jet:
        return constant(evaluate_dim(node.data, self.sizes))

    def _pi(self, node: Expr, args: list[Jet]) -> Jet:
        return constant(math.pi)

    def _ones(self, node: Expr, args: list[Jet]) -> Jet:
        return constant(1, *self.size(node))

    def _unit(self, node: Expr, args: list[Jet]) -> Jet:
        n = self.size(node)[0]
        if node.data > n:
            raise NoValue("a point with too few entries")
        return {0: [[int(i + 1 == node.data)] for i in range(n)]}

    def _units(self, node: Expr, args: list[Jet]) -> Jet:
        (first, last), n = (evaluate_dim(d, self.sizes) for d in node.data), self.size(node)[0]
        if last > n:
            raise NoValue("a point with too few entries")
        return {0: [[int(i + 1 == j) for j in range(first, last + 1)] for i in range(n)]}

    def _zero(self, node: Expr, args: list[Jet]) -> Jet:
        return constant(0, *self.size(node))

    def _eye(self, node: Expr, args: list[Jet]) -> Jet:
        return identity(self.size(node)[0])

    def _commutation(self, node: Expr, args: list[Jet]) -> Jet:
        m, n = (evaluate_dim(d, self.sizes) for d in node.data)
        rows = [[0] * (m * n) for _ in range(m * n)]
        for i in range(m):
            for j in range(n):
                rows[i * n + j][j * m + i] = 1
        return {0: rows}

    # --- algebra ------------------------------------------------------------------------------------------------------

    def _add(self, node: Expr, args: list[Jet]) -> Jet:
        return self.ring.sum(args)

    def _mul(self, node: Expr, args: list[Jet]) -> Jet:
        return self.ring.product(args, "scaled")

    def _dot(self, node: Expr, args: list[Jet]) -> Jet:
        return self.ring.product(args, "dot")

    def _hadamard(self, node: Expr, args: list[Jet]) -> Jet:
        return self.ring.product(args, "hadamard")

    def _transpose(self, node: Expr, args: list[Jet]) -> Jet:
        return each(args[0], transposed)

    def _kron(self, node: Expr, args: list[Jet]) -> Jet:
        return self.ring.bilinear(lambda a, b: [list(map(self.ring.reduce, r)) for r in kron(a, b)], args[0], args[1])

    def _inv(self, node: Expr, args: list[Jet]) -> Jet:
        return self.ring.jet_inverse(args[0])

    def _matpower(self, node: Expr, args: list[Jet]) -> Jet:
        k = round(args[1][0][0][0])
        if abs(k) > 64:
            raise NoValue("a large exponent")
        base = args[0] if k >= 0 else self.ring.jet_inverse(args[0])
        total = identity(len(base[0]))
        for _ in range(abs(k)):
            total = self.ring.product((total, base), "dot")
        return total

    # --- entry by entry -----------------------------------------------------------------------------------------------

    def _power(self, node: Expr, args: list[Jet]) -> Jet:
        base, exponent = args
        n = node.args[1].value
        if n is not None and n.denominator == 1 and abs(n) <= 12:
            return self._whole_power(base, int(n))
        if len(exponent) == 1 and len(exponent[0]) == 1 and len(exponent[0][0]) == 1:
            e = float(exponent[0][0][0])
            return self.ring.apply(base, lambda x: _real_powers(x, e))
        # x^y = exp(y·log x)
        log = self.ring.apply(base, lambda x: (math.log(x), 1 / x, -1 / x**2))
        product = self.ring.product((exponent, log), "scaled" if 1 in (len(exponent[0]), len(base[0])) else "hadamard")
        return self.ring.apply(product, lambda x: (math.exp(x),) * 3)

    def _whole_power(self, base: Jet, n: int) -> Jet:
        if n < 0:
            base = self.ring.apply(base, self._reciprocal)
        total = base
        for _ in range(abs(n) - 1):
            total = self.ring.bilinear(self.ring.entrywise, total, base)
        return total

    def _reciprocal(self, x: Any) -> tuple[Any, Any, Any]:
        y = self.ring.invert(x)
        reduce = self.ring.reduce
        return y, reduce(-y * y), reduce(2 * y * reduce(y * y))

    def _elementwise(self, node: Expr, args: list[Jet]) -> Jet:
        name, order = node.data
        known = find_function(name)
        if known is None:
            g = self.generic.setdefault(name, TestFunction(self.random))
            return self.ring.apply(
                args[0], lambda x: (g.derivative(order, x), g.derivative(order + 1, x), g.derivative(order + 2, x))
            )
        if known.formula:
            from matcalc.entrywise import formula_of

            x, template = formula_of(known)
            inner = _Entries(self, x, args[0])
            return inner.value(template)
        return self._apply(name, args[0])

    def _apply(self, name: str, x: Jet) -> Jet:
        """A primitive function in every entry; where nothing moves, kinks do not matter."""
        if len(x) > 1:
            return self.ring.apply(x, _taylor(name))
        value = float_value(name)
        return {0: [[value(v) for v in row] for row in x[0]]}

    def _max(self, node: Expr, args: list[Jet]) -> Jet:
        return self._choice(args, lambda x, y: x > y)

    def _min(self, node: Expr, args: list[Jet]) -> Jet:
        return self._choice(args, lambda x, y: x < y)

    def _choice(self, args: list[Jet], first: Callable[[Any, Any], bool]) -> Jet:
        a, b = args
        moving = len(a) > 1 or len(b) > 1
        if a is b:
            return a
        if moving and any(
            abs(x - y) < KINK for p, q in zip(a[0], b[0], strict=True) for x, y in zip(p, q, strict=True)
        ):
            raise NoValue("a tie")
        take = [[first(x, y) for x, y in zip(p, q, strict=True)] for p, q in zip(a[0], b[0], strict=True)]
        zero = [[0] * len(row) for row in take]
        return {
            m: [
                [x if t else y for t, x, y in zip(*rows, strict=True)]
                for rows in zip(take, a.get(m, zero), b.get(m, zero), strict=True)
            ]
            for m in {*a, *b}
        }

    # --- named operators ----------------------------------------------------------------------------------------------

    def _tr(self, node: Expr, args: list[Jet]) -> Jet:
        return each(args[0], lambda a: [[self.ring.reduce(sum(row[i] for i, row in enumerate(a)))]])

    def _det(self, node: Expr, args: list[Jet]) -> Jet:
        return self.ring.determinant(args[0])

    def _logdet(self, node: Expr, args: list[Jet]) -> Jet:
        return self.ring.apply(self.ring.determinant(args[0]), lambda x: (math.log(abs(x)), 1 / x, -1 / x**2))

    def _normsq(self, node: Expr, args: list[Jet]) -> Jet:
        return self._entry_sum(self.ring.product((args[0], args[0]), "hadamard"))

    def _norm(self, node: Expr, args: list[Jet]) -> Jet:
        return self.ring.apply(self._normsq(node, args), lambda x: _real_powers(x, 0.5))

    def _norm1(self, node: Expr, args: list[Jet]) -> Jet:
        return self._entry_sum(self._apply("abs", args[0]))

    def _entry_sum(self, a: Jet) -> Jet:
        return each(a, lambda m: [[self.ring.reduce(sum(map(sum, m)))]])

    def _column_sums(self, x: Jet) -> Jet:
        return each(x, lambda m: [[self.ring.reduce(sum(c)) for c in zip(*m, strict=True)]])

    def _softmax(self, node: Expr, args: list[Jet]) -> Jet:
        powers = self._apply("exp", args[0])
        divided = self.ring.apply(self._column_sums(powers), self._reciprocal)
        spread = each(divided, lambda m: [list(m[0]) for _ in powers[0]])
        return self.ring.product((powers, spread), "hadamard")

    def _logsumexp(self, node: Expr, args: list[Jet]) -> Jet:
        return self._apply("log", self._column_sums(self._apply("exp", args[0])))

    def _diag(self, node: Expr, args: list[Jet]) -> Jet:
        def spread(a: Matrix) -> Matrix:
            entries = [v for row in a for v in row]
            return [[v if i == j else 0 for j in range(len(entries))] for i, v in enumerate(entries)]

        return each(args[0], spread)

    def _diagonal(self, node: Expr, args: list[Jet]) -> Jet:
        return each(args[0], lambda a: [[row[i]] for i, row in enumerate(a)])

    def _unvec(self, node: Expr, args: list[Jet]) -> Jet:
        rows, columns = self.size(node)
        return each(args[0], lambda a: [[a[j * rows + i][0] for j in range(columns)] for i in range(rows)])

    def _unkron_left(self, node: Expr, args: list[Jet]) -> Jet:
        return self.ring.bilinear(lambda s, b: self._blocks(s, b, self.size(node), left=True), *args)

    def _unkron_right(self, node: Expr, args: list[Jet]) -> Jet:
        return self.ring.bilinear(lambda s, a: self._blocks(s, a, self.size(node), left=False), *args)

    def _blocks(self, s: Matrix, b: Matrix, size: tuple[int, int], left: bool) -> Matrix:
        """Σ S[(i,k),(j,l)]·B over the block (left: over k, l) or over the blocks (over i, j)."""
        p, q = (len(b), len(b[0])) if left else size
        result = [[0] * size[1] for _ in range(size[0])]
        for row, line in enumerate(s):
            for column, x in enumerate(line):
                (i, k), (j, l) = divmod(row, p), divmod(column, q)
                (r, c), (y, z) = ((i, j), (k, l)) if left else ((k, l), (i, j))
                result[r][c] = self.ring.reduce(result[r][c] + x * b[y][z])
        return result

    def _vec(self, node: Expr, args: list[Jet]) -> Jet:
        return each(args[0], stack)

    def _abstract(self, node: Expr, args: list[Jet]) -> Jet:
        """f(X, …) = Σ g(c·X_ij) + g(Σ c·X_ij), or its derivative by one argument."""
        name, index = node.data
        g = self.generic.setdefault(name, TestFunction(self.random))
        weights = [self._weights(name, i, a[0]) for i, a in enumerate(args)]
        inner = self.ring.sum(
            self._entry_sum(self.ring.product(({0: w}, a), "hadamard")) for w, a in zip(weights, args, strict=True)
        )
        order = 0 if index is None else 1
        outer = self.ring.apply(
            inner, lambda x: (g.derivative(order, x), g.derivative(order + 1, x), g.derivative(order + 2, x))
        )
        if index is None:
            if not node.is_scalar:
                raise UnsupportedError("only scalar abstract functions can be evaluated")
            singles = [self._entry_sum(self._waves(g, w, a, 0)) for w, a in zip(weights, args, strict=True)]
            return self.ring.sum([outer, *singles])
        w = weights[index]
        return self.ring.sum(
            [
                self.ring.product((outer, {0: w}), "scaled"),
                self.ring.product(({0: w}, self._waves(g, w, args[index], 1)), "hadamard"),
            ]
        )

    def _waves(self, g: TestFunction, w: Matrix, a: Jet, order: int) -> Jet:
        scaled = self.ring.product(({0: w}, a), "hadamard")
        return self.ring.apply(
            scaled, lambda x: (g.derivative(order, x), g.derivative(order + 1, x), g.derivative(order + 2, x))
        )

    def _weights(self, name: str, i: int, shape: Matrix) -> Matrix:
        random = Random(f"{name}{i}")
        return [[random.uniform(0.5, 1.5) for _ in row] for row in shape]


class _Entries(Evaluator):
    """Evaluates a scalar formula at every entry of a jet."""

    def __init__(self, outer: Evaluator, x: Expr, at: Jet) -> None:
        super().__init__(outer.ring, {x.name: at}, outer.sizes, outer.random)
        self.rows, self.columns = len(at[0]), len(at[0][0])

    def _number(self, node: Expr, args: list[Jet]) -> Jet:
        return constant(self.rational(node.data), self.rows, self.columns)

    def _pi(self, node: Expr, args: list[Jet]) -> Jet:
        return constant(math.pi, self.rows, self.columns)

    def _power(self, node: Expr, args: list[Jet]) -> Jet:
        n = node.args[1].value
        assert n is not None
        if n.denominator == 1 and abs(n) <= 12:
            return self._whole_power(args[0], int(n))
        return self.ring.apply(args[0], lambda x: _real_powers(x, float(n)))

    def _mul(self, node: Expr, args: list[Jet]) -> Jet:
        return self.ring.product(args, "hadamard")


def _real_powers(x: float, e: float) -> tuple[float, float, float]:
    """x^e and its first two derivatives, for x > 0."""
    if x <= SMALL:
        raise NoValue("a root of a number that is not positive")
    y = x**e
    return y, e * y / x, e * (e - 1) * y / x**2


Estimate: TypeAlias = tuple[float, float]
"""How far a number may be off, and the number."""


def _differences(f: Callable[[float], float], x: float, scale: float) -> tuple[Estimate, Estimate]:
    """The first two derivatives by differences of five points.

    How far they may be off is told by the differences of three points, and by what rounding makes of f.
    """
    h, k = scale * 2.0**-11, scale * 2.0**-8
    value, outer, inner = f(x), f(x + 2 * k) + f(x - 2 * k), f(x + k) + f(x - k)
    narrow = f(x + h) - f(x - h)
    first = (8 * narrow - (f(x + 2 * h) - f(x - 2 * h))) / (12 * h)
    second = (16 * inner - outer - 30 * value) / (12 * k * k)
    rounding = 1e-16 * abs(value)
    return (
        (abs(first - narrow / (2 * h)) + rounding / h, first),
        (abs(second - (inner - 2 * value) / (k * k)) + rounding / (k * k), second),
    )


@lru_cache(maxsize=256)
def _taylor(name: str) -> Callable[[float], tuple[float, float, float]]:
    """A primitive function and its first two derivatives, the derivatives by differences.

    Five points with step h leave an error of h⁴; away from the kinks that is far below the tolerance of the check.
    """
    f = float_value(name)
    known = find_function(name)
    kinked = known is not None and bool(known.kink)

    def jet(x: float) -> tuple[float, float, float]:
        if abs(x) > 1e8:
            raise NoValue("a large number")
        if kinked:
            if abs(x) < KINK:
                raise NoValue("a kink")
            value = f(x)
            return value, (f(x + KINK / 4) - f(x - KINK / 4)) * 2 / KINK, 0.0
        near = min(1.0, max(0.01, abs(x)))  # functions with a singularity at 0 change faster near it
        found = []
        for scale in (near, abs(x) / 4) if abs(x) > 4 or 0 < abs(x) < 0.04 else (near,):
            with suppress(ArithmeticError, ValueError):
                found.append(_differences(f, x, scale))
        if not found:
            raise NoValue("outside the domain, or at its edge")
        # log changes slowly far out and quickly near 0, exp does not: the step that agrees better with itself
        return f(x), min(first for first, _ in found)[1], min(second for _, second in found)[1]

    return jet
