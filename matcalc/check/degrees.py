"""How probable it is that two different expressions agree at a random point of a prime field.

Every entry of a value is a quotient of polynomials in the random numbers: the entries of the point, and one unknown for
each value of a function. A polynomial of degree d that is not zero is zero at a share of at most d/p of all points
(Schwartz and Zippel). Degrees are bounded from above, node by node, for all orders of the jets at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import TypeAlias

from matcalc.dims import evaluate_dim
from matcalc.entrywise import meaning_of
from matcalc.expr import Expr, postorder
from matcalc.functions import find_function

__all__ = ["Degrees", "chance"]

Degree: TypeAlias = tuple[int, int]
"""The degrees of the numerators of all entries, and of a denominator that they have in common."""

PRIMITIVE = 8
"""The degree of the value and the first two derivatives of a function of the table, in its argument and unknowns."""

POWER = 8
"""The largest whole exponent that is drawn, with room for shifts."""

LINEAR = frozenset(
    {"transpose", "vec", "diag", "diagonal", "unvec", "tr", "tril", "triu", "lower_half", "sym", "center"}
)
CONSTANT = frozenset({"number", "dimension", "ones", "zero", "eye", "unit", "units", "commutation"})
PRODUCTS = frozenset({"mul", "dot", "hadamard", "kron", "unkron_left", "unkron_right"})


class Degrees:
    """Bounds for expressions over jets of an order: 1 for values, 2 with tangents, 3 with second derivatives."""

    def __init__(self, sizes: Mapping[str, int], order: int) -> None:
        self.sizes, self.order = sizes, order
        self.unknowns, self.argument = 0, 0

    def of(self, root: Expr, at: Mapping[str, Degree] | None = None) -> Degree | None:
        """The degrees of an expression; None where no bound is known."""
        found: dict[Expr, Degree] = {}
        for e in postorder(root):
            if at is not None and e.op == "symbol":
                found[e] = at[e.name]
                continue
            degree = self._of(e, [found[a] for a in e.args])
            if degree is None:
                return None
            found[e] = degree
        return found[root]

    def _size(self, e: Expr) -> tuple[int, int]:
        return evaluate_dim(e.shape[0], self.sizes), evaluate_dim(e.shape[1], self.sizes)

    def _of(self, e: Expr, args: list[Degree]) -> Degree | None:
        rows, columns = self._size(e)
        if e.op == "symbol":
            return _symbol(e, rows)
        if e.op in CONSTANT:
            return 0, 0
        if e.op == "pi":
            return 2, 0
        if e.op == "add":
            return _sum(args)
        if e.op in PRODUCTS:
            return sum(n for n, _ in args), sum(d for _, d in args)
        if e.op in LINEAR:
            return args[0]
        if e.op in ("max", "min"):
            n, d = _sum(args)
            return self._note((n + 1, d), rows * columns, n + d)
        if e.op == "where":
            return args[0][0] + _sum(args[1:])[0], args[0][1] + _sum(args[1:])[1]
        if e.op in ("amax", "hardmax"):  # an entry, or a number
            return self._note(args[0], columns, sum(args[0]))
        if e.op == "power":
            return self._power(e, args, rows * columns)
        if e.op == "elementwise":
            return self._function(e.data[0], args[0], rows * columns)
        if e.op == "abstract":
            total = sum(n for n, _ in args), sum(d for _, d in args)
            entries = sum(a * b for a, b in map(self._size, e.args))
            return self._note(self._generic(total), entries + 1, sum(total))
        return self._named(e, args)

    def _note(self, degree: Degree, unknowns: int, argument: int) -> Degree:
        """Count unknowns: two of them are one if their arguments happen to be equal."""
        self.unknowns += unknowns
        self.argument = max(self.argument, argument)
        return degree

    def _generic(self, x: Degree) -> Degree:
        """g(x): unknowns, times what moves x."""
        n, d = x
        return 1 + (self.order - 1) * n, (self.order - 1) * d

    def _primitive(self, x: Degree, count: int) -> Degree:
        """A function of the table in so many entries."""
        n, d = x
        each = PRIMITIVE * (1 + n + d)
        degree = (count + 1) * each + (self.order - 1) * n, count * each + (self.order - 1) * d
        return self._note(degree, 2 * count, each)

    def _function(self, name: str, x: Degree, count: int) -> Degree | None:
        known = find_function(name)
        if known is None:
            return self._note(self._generic(x), count, sum(x))
        meaning = meaning_of(known)
        if meaning is None:
            return self._primitive(x, count)
        return self._entries(known.parameter, meaning, x, count)

    def _entries(self, parameter: str, meaning: Expr, x: Degree, count: int) -> Degree | None:
        """A formula in so many entries."""
        one = Degrees(self.sizes, self.order)
        found = one.of(meaning, {parameter: x})
        if found is None:
            return None
        n, d = found
        return self._note((n + count * d, (count + 1) * d), one.unknowns * count, one.argument)

    def _power(self, e: Expr, args: list[Degree], count: int) -> Degree | None:
        exponent = e.args[1].value
        if exponent is None:
            if "integer" in {p for s in postorder(e.args[1]) if s.op == "symbol" for p in s.data[1]}:
                return self._reciprocal(_times(POWER, args[0]), count)
            log = self._primitive(args[0], count)
            return self._primitive((log[0] + args[1][0], log[1] + args[1][1]), count)
        return self._fixed_power(args[0], exponent, count)

    def _fixed_power(self, x: Degree, e: Fraction, count: int) -> Degree:
        (n, d), a, b = x, abs(e.numerator), e.denominator
        if b > 1:  # the root is an unknown s: s^a, and the derivatives hold s^(a − 2b)
            each = a + 2 * b
            degree = (count + 1) * each + (self.order - 1) * n, count * each + (self.order - 1) * d
            return self._note(degree, count, n + d)
        return _times(a, x if e > 0 else self._reciprocal(x, count))

    def _reciprocal(self, x: Degree, count: int) -> Degree:
        """1/x in so many entries: N/δ becomes δ/N, and its derivatives have N² and N³ below."""
        n, d = x
        return d + self.order * (count + 1) * (n + d), self.order * count * n + self.order * d

    def _inverse(self, x: Degree, size: int) -> Degree:
        """δ·adj(N)/det(N), and its derivatives Y·Ẋ·Y, Y·Ẋ·Y·Ẋ·Y"""
        n, d = x
        return d + self.order * size * n, self.order * size * n

    def _named(self, e: Expr, args: list[Degree]) -> Degree | None:
        rows, columns = self._size(e.args[0])
        x, count, op = args[0], rows * columns, e.op
        if op == "inv":
            return self._inverse(x, rows)
        if op in ("det", "logdet"):
            x = _times(rows, x)
            return x if op == "det" else self._primitive(x, 1)
        if op == "adjugate":
            return _times(rows, x)
        if op == "prod":
            return _times(count, x)
        if op == "matpower":
            k = e.args[1].value
            return _times(POWER if k is None else abs(int(k)), x if k is not None and k > 0 else self._inverse(x, rows))
        if op == "power_sum":
            return _times(POWER, _sum([x, args[1]]))
        if op == "sylvester":
            other = self._size(e.args[1])[0]
            inverse = self._inverse(_sum(args[:2]), rows * other)
            return inverse[0] + args[2][0], inverse[1] + args[2][1]
        if op == "pinv":
            gram = self._inverse(_times(2, x), min(rows, columns))
            return gram[0] + x[0], gram[1] + x[1]
        if op in ("normsq", "norm", "colnorms"):
            x = _times(2, x)
            return x if op == "normsq" else self._fixed_power(x, Fraction(1, 2), 1 if op == "norm" else columns)
        if op == "pnorm":
            powers = self._primitive(_sum(args), count)
            return self._primitive((powers[0] + args[1][0], powers[1] + args[1][1]), 1)
        if op == "norm1":
            return self._note((1 + x[0], x[1]), count, sum(x))
        if op in ("softmax", "logsumexp"):
            powers = self._primitive(x, count)
            if op == "logsumexp":
                return self._primitive(powers, columns)
            below = self._reciprocal(powers, columns)
            return powers[0] + below[0], powers[1] + below[1]
        return None


def _symbol(e: Expr, rows: int) -> Degree:
    """The degrees with which `points.draw` makes a matrix, and a direction of it, from random numbers."""
    props = e.data[1]
    if "orthogonal" in props:
        return 6, 6
    if "idempotent" in props:
        return 4, 4
    if "stochastic" in props:
        return 4 * rows, 4 * rows
    return (4, 0) if "posdef" in props else (2, 0)


def _times(k: int, x: Degree) -> Degree:
    return k * x[0], k * x[1]


def _sum(args: list[Degree]) -> Degree:
    """A sum of quotients, over the product of the denominators; those without numerators in unknowns cost nothing."""
    below = sum(d for _, d in args)
    return max(n + below - d for n, d in args), below


def chance(parts: list[tuple[Expr, int]], sizes: Mapping[str, int], p: int) -> float | None:
    """How probable it is that different sides agree at a point; each side is given with the order of its jets.

    None where degrees outgrow the field, so that nothing can be said.
    """
    total, unknowns, argument = 0, 0, 0
    for e, order in parts:
        degrees = Degrees(sizes, order)
        found = degrees.of(e)
        if found is None:
            return None
        total += sum(found)
        unknowns += degrees.unknowns
        argument = max(argument, degrees.argument)
    directions = 4
    collisions = 8 * unknowns * unknowns * argument
    bound = 2 * (total + directions + collisions)
    return bound / p if bound < p else None
