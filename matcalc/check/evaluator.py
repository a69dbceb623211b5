"""The value of an expression over jets, from the definitions of its operators."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from random import Random
from typing import Any

from matcalc.check.decompositions import DEFINITIONS, EXACT
from matcalc.check.floats import Floats
from matcalc.check.jets import (
    Generic,
    Jet,
    Matrix,
    NoValue,
    OutsideDomain,
    Ring,
    constant,
    each,
    identity,
    kron,
    stack,
    transposed,
)
from matcalc.dims import evaluate_dim
from matcalc.entrywise import meaning_of
from matcalc.errors import UnsupportedError
from matcalc.expr import Expr, postorder
from matcalc.functions import find_function
from matcalc.limits import still_time

__all__ = ["Evaluator", "Floats"]

HALF = Fraction(1, 2)

LARGEST_EXPONENT, LARGEST_IN_FLOATS = 10_000, 64
"""Of whole powers of matrices; floats overflow."""


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
        self.generic: dict[str, Generic] = {}

    def value(self, e: Expr) -> Jet:
        """The jet of an expression; raises NoValue outside its domain."""
        for node in postorder(e):
            if node not in self.values:
                still_time()
                try:
                    found = self._value(node, [self.values[a] for a in node.args])
                except ValueError as trouble:
                    raise OutsideDomain(str(trouble)) from trouble
                except ArithmeticError as trouble:
                    reason = "a number out of range" if isinstance(trouble, OverflowError) else str(trouble)
                    raise NoValue(reason) from trouble
                self.values[node] = found
        return self.values[e]

    def still(self) -> Evaluator:
        """An evaluator at the same point in which nothing moves."""
        other = Evaluator(self.ring, {n: {0: jet[0]} for n, jet in self.point.items()}, self.sizes, self.random)
        other.values = {node: {0: jet[0]} for node, jet in self.values.items()}
        other.generic = self.generic
        return other

    def size(self, node: Expr) -> tuple[int, int]:
        """Rows and columns in numbers."""
        return evaluate_dim(node.shape[0], self.sizes), evaluate_dim(node.shape[1], self.sizes)

    def _value(self, node: Expr, args: list[Jet]) -> Jet:
        method = getattr(self, "_" + node.op, None)
        if method is None and node.op in DEFINITIONS and (node.op in EXACT or not self.ring.exact):
            return DEFINITIONS[node.op](self.ring, args)
        if method is None:
            raise UnsupportedError(f"{node.op} cannot be evaluated")
        found: Jet = method(node, args)
        return found

    # --- atoms --------------------------------------------------------------------------------------------------------

    def _number(self, node: Expr, args: list[Jet]) -> Jet:
        return constant(self.ring.rational(node.data))

    def _symbol(self, node: Expr, args: list[Jet]) -> Jet:
        return self.point[node.name]

    def _dimension(self, node: Expr, args: list[Jet]) -> Jet:
        return constant(evaluate_dim(node.data, self.sizes))

    def _pi(self, node: Expr, args: list[Jet]) -> Jet:
        return constant(self.ring.pi())

    def _ones(self, node: Expr, args: list[Jet]) -> Jet:
        return constant(1, *self.size(node))

    def _unit(self, node: Expr, args: list[Jet]) -> Jet:
        n = self.size(node)[0]
        if node.data > n:
            raise NoValue("a point with too few entries")
        return {0: [[int(i + 1 == node.data)] for i in range(n)]}

    def _units(self, node: Expr, args: list[Jet]) -> Jet:
        (first, last), n = (evaluate_dim(d, self.sizes) for d in node.data), self.size(node)[0]
        if not first <= last <= n:
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
        typed = node.args[1].value
        fixed = self.ring.fixed(args[1][0][0][0]) if typed is None else typed
        k = None if fixed is None else round(fixed)
        if k is None or abs(k) > LARGEST_EXPONENT:
            raise NoValue("a large exponent")
        if abs(k) > LARGEST_IN_FLOATS and not self.ring.exact:
            raise UnsupportedError("a large exponent cannot be evaluated in floats")
        base = args[0] if k >= 0 else self.ring.jet_inverse(args[0])
        total, left = identity(len(base[0])), abs(k)
        while left:
            if left % 2:
                total = self.ring.product((total, base), "dot")
            left //= 2
            base = self.ring.product((base, base), "dot") if left else base
        return total

    # --- entry by entry -----------------------------------------------------------------------------------------------

    def _power(self, node: Expr, args: list[Jet]) -> Jet:
        return self._raised(args[0], args[1], node.args[1].value)

    def _raised(self, base: Jet, exponent: Jet, n: Fraction | None) -> Jet:
        """base^exponent, entry by entry; n is the exponent, if it is a number."""
        if n is None and len(exponent) == 1 and len(exponent[0]) == 1 and len(exponent[0][0]) == 1:
            n = self.ring.fixed(exponent[0][0][0])
        if n is not None:
            return self._fixed_power(base, n)
        # x^y = exp(y·log x)
        product = self.ring.product((exponent, self._apply("log", base)), "scaled")
        for i, row in enumerate(product[0]):
            for j, p in enumerate(row):
                self.ring.note_power(_at(base[0], i, j), _at(exponent[0], i, j), p)
        return self._apply("exp", product)

    def _fixed_power(self, base: Jet, e: Any) -> Jet:
        if e != int(e) or not 0 < abs(e) <= 12:
            return self.ring.apply(base, lambda x: self.ring.power(x, e))
        total = base = base if e > 0 else self.ring.apply(base, self._reciprocal)
        for _ in range(abs(int(e)) - 1):
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
            return self._generic(name, order, args[0])
        return self._apply(known.name, args[0])

    def _generic(self, name: str, order: int, x: Jet) -> Jet:
        """g⁽ᵏ⁾ in every entry, of a function that nothing is known of."""
        if name not in self.generic:
            self.generic[name] = self.ring.generic(self.random)
        g = self.generic[name].derivative
        return self.ring.apply(x, lambda v: (g(order, v), g(order + 1, v), g(order + 2, v)))

    def _apply(self, name: str, x: Jet) -> Jet:
        """A function of the table in every entry; where nothing moves, kinks do not matter."""
        f = self.ring.function(name) if len(x) > 1 else None
        value = self.ring.value(name)
        if f is not None:
            return self.ring.apply(x, f)
        if value is not None:
            return {0: [[value(v) for v in row] for row in x[0]]}
        known = find_function(name)
        assert known is not None
        meaning = meaning_of(known)
        if meaning is None:
            raise UnsupportedError(f"{name} cannot be evaluated")
        return _Entries(self, known.parameter, x).value(meaning)

    def _max(self, node: Expr, args: list[Jet]) -> Jet:
        return self._choice(args, larger=True)

    def _min(self, node: Expr, args: list[Jet]) -> Jet:
        return self._choice(args, larger=False)

    def _choice(self, args: list[Jet], larger: bool) -> Jet:
        """max(A, B) = B + W ⊙ (A − B), W = 1 where A > B, else 0; the minimum has 1 − W."""
        a, b = args
        if a is b:
            return a
        ring, moving = self.ring, len(a) > 1 or len(b) > 1
        difference = ring.sum((a, each(b, lambda m: ring.times(-1, m))))
        weights = [[ring.step(x, moving) for x in row] for row in difference[0]]
        rest = [[ring.reduce(1 - w) for w in row] for row in weights]
        first, second = (weights, rest) if larger else (rest, weights)
        return ring.sum((ring.product(({0: first}, a), "hadamard"), ring.product(({0: second}, b), "hadamard")))

    def _where(self, node: Expr, args: list[Jet]) -> Jet:
        """C ⊙ A + (1 − C) ⊙ B"""
        c, a, b = args
        rest = self.ring.sum((constant(1, *self.size(node)), each(c, lambda m: self.ring.times(-1, m))))
        return self.ring.sum((self.ring.product((c, a), "hadamard"), self.ring.product((rest, b), "hadamard")))

    def _atan2(self, node: Expr, args: list[Jet]) -> Jet:
        """2·atan(a/(√(a² + b²) + b))"""
        ring, (a, b) = self.ring, args
        squares = ring.sum(ring.product((x, x), "hadamard") for x in args)
        below = ring.sum((ring.apply(squares, lambda x: ring.power(x, HALF)), b))
        half = self._apply("atan", ring.product((a, ring.apply(below, self._reciprocal)), "hadamard"))
        return each(half, lambda m: ring.times(2, m))

    def _center(self, node: Expr, args: list[Jet]) -> Jet:
        rows = self.size(node)[0]
        share = self.ring.rational(Fraction(-1, rows))
        means = each(self._column_sums(args[0]), lambda m: self.ring.times(share, [m[0]] * rows))
        return self.ring.sum((args[0], means))

    def _places(self, x: Jet) -> list[int]:
        """Where each column has its largest entry."""
        return [self.ring.largest(column) for column in zip(*x[0], strict=True)]

    def _amax(self, node: Expr, args: list[Jet]) -> Jet:
        places = self._places(args[0])
        return each(args[0], lambda m: [[m[i][j] for j, i in enumerate(places)]])

    def _hardmax(self, node: Expr, args: list[Jet]) -> Jet:
        places = self._places(args[0])
        return {0: [[int(i == place) for place in places] for i in range(len(args[0][0]))]}

    # --- named operators ----------------------------------------------------------------------------------------------

    def _tr(self, node: Expr, args: list[Jet]) -> Jet:
        return each(args[0], lambda a: [[self.ring.reduce(sum(row[i] for i, row in enumerate(a)))]])

    def _det(self, node: Expr, args: list[Jet]) -> Jet:
        return self.ring.determinant(args[0])

    def _logdet(self, node: Expr, args: list[Jet]) -> Jet:
        return self.ring.apply(self.ring.determinant(args[0]), self.ring.log_abs)

    def _normsq(self, node: Expr, args: list[Jet]) -> Jet:
        return self._entry_sum(self.ring.product((args[0], args[0]), "hadamard"))

    def _norm(self, node: Expr, args: list[Jet]) -> Jet:
        return self.ring.apply(self._normsq(node, args), lambda x: self.ring.power(x, HALF))

    def _norm1(self, node: Expr, args: list[Jet]) -> Jet:
        return self._entry_sum(self._apply("abs", args[0]))

    def _pnorm(self, node: Expr, args: list[Jet]) -> Jet:
        total = self._entry_sum(self._raised(self._apply("abs", args[0]), args[1], node.args[1].value))
        return self._raised(total, self.ring.apply(args[1], self._reciprocal), None)

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
        weights = [self._weights(name, i, a[0]) for i, a in enumerate(args)]
        inner = self.ring.sum(
            self._entry_sum(self.ring.product(({0: w}, a), "hadamard")) for w, a in zip(weights, args, strict=True)
        )
        outer = self._generic(name, 0 if index is None else 1, inner)
        if index is None:
            if not node.is_scalar:
                raise UnsupportedError("only scalar abstract functions can be evaluated")
            singles = [self._entry_sum(self._weighted(name, w, a, 0)) for w, a in zip(weights, args, strict=True)]
            return self.ring.sum([outer, *singles])
        w = weights[index]
        return self.ring.sum(
            [
                self.ring.product((outer, {0: w}), "scaled"),
                self.ring.product(({0: w}, self._weighted(name, w, args[index], 1)), "hadamard"),
            ]
        )

    def _weighted(self, name: str, w: Matrix, a: Jet, order: int) -> Jet:
        return self._generic(name, order, self.ring.product(({0: w}, a), "hadamard"))

    def _weights(self, name: str, i: int, shape: Matrix) -> Matrix:
        random = Random(f"{name}{i}")
        return [[self.ring.rational(Fraction(random.randint(50, 150), 100)) for _ in row] for row in shape]


def _at(a: Matrix, i: int, j: int) -> Any:
    """An entry; that of a 1×1 matrix everywhere."""
    return a[0][0] if len(a) == len(a[0]) == 1 else a[i][j]


class _Entries(Evaluator):
    """Evaluates a scalar formula at every entry of a jet."""

    def __init__(self, outer: Evaluator, parameter: str, at: Jet) -> None:
        super().__init__(outer.ring, {parameter: at}, outer.sizes, outer.random)
        self.rows, self.columns = len(at[0]), len(at[0][0])

    def _number(self, node: Expr, args: list[Jet]) -> Jet:
        return constant(self.ring.rational(node.data), self.rows, self.columns)

    def _pi(self, node: Expr, args: list[Jet]) -> Jet:
        return constant(self.ring.pi(), self.rows, self.columns)

    def _mul(self, node: Expr, args: list[Jet]) -> Jet:
        return self.ring.product(args, "hadamard")
