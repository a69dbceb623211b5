"""Matrices of jets: numbers a + b·ε₁ + c·ε₂ + d·ε₁ε₂ with ε₁² = ε₂² = 0, over floats or a prime field.

A value is a dict from a mask (0, 1, 2, 3: which ε) to a matrix, a list of rows; a mask that is absent is zero.
f(X + ε₁H₁ + ε₂H₂) then holds f, its first derivatives along H₁ and H₂ and its mixed second derivative, with no
difference quotient and no rule of calculus beyond ε² = 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from operator import add, mul
from random import Random
from typing import Any, ClassVar, Protocol, TypeAlias

__all__ = ["Generic", "Jet", "Matrix", "NoValue", "OutsideDomain", "Ring", "Taylor"]

Matrix: TypeAlias = list[list[Any]]
Jet: TypeAlias = dict[int, Matrix]
Taylor: TypeAlias = tuple[Any, Any, Any]
"""The value of a function of one number, and its first two derivatives there."""

SPLITS = {0: ((0, 0),), 1: ((0, 1), (1, 0)), 2: ((0, 2), (2, 0)), 3: ((0, 3), (1, 2), (2, 1), (3, 0))}
"""How the ε of a mask can be shared between two factors."""


MINORS = 6
"""Larger determinants are found by elimination, which divides; up to this size by minors, which does not."""


class NoValue(Exception):
    """The point is outside the domain, at a kink, or too badly conditioned: draw another."""


class OutsideDomain(NoValue):
    """A function of a number has no real value there."""


class Generic(Protocol):
    """What stands for a function that nothing is known of."""

    def derivative(self, order: int, x: Any) -> Any:
        """g⁽ᵏ⁾(x)"""


class Ring:
    """Arithmetic of matrices of jets; a subclass says what a number is and which functions it has.

    `reduce` brings a number to its normal form (a residue), `invert` gives 1/x or raises NoValue.
    """

    method: ClassVar[str]
    """How a check in this ring is called."""

    exact: ClassVar[bool] = False
    """Whether numbers are equal or not, and nothing between."""

    digits: int = 0
    """How many decimal digits a number has that is rounded."""

    def reduce(self, x: Any) -> Any:
        """The normal form of a number."""
        return x

    def invert(self, x: Any) -> Any:
        """1/x; raises NoValue for zero."""
        raise NotImplementedError

    # --- numbers and functions ----------------------------------------------------------------------------------------

    def rational(self, x: Fraction) -> Any:
        """A rational number."""
        raise NotImplementedError

    def pi(self) -> Any:
        """π"""
        raise NotImplementedError

    def draw(self, style: int, positive: bool, random: Random) -> Any:
        """A random number for an entry of a point; positive if that is demanded."""
        raise NotImplementedError

    def fixed(self, x: Any) -> Any:
        """A number as an exponent that `power` takes, or None."""
        raise NotImplementedError

    def power(self, x: Any, e: Any) -> Taylor:
        """xᵉ for a rational exponent, or one that `fixed` gave."""
        raise NotImplementedError

    def note_power(self, x: Any, y: Any, product: Any) -> None:
        """Take note of x, y and y·log x before exp(y·log x) is asked for."""

    def function(self, name: str) -> Callable[[Any], Taylor] | None:
        """A function of the table; None if it is to be computed from its formula."""
        raise NotImplementedError

    def value(self, name: str) -> Callable[[Any], Any] | None:
        """The same without derivatives, so that kinks do not matter."""
        f = self.function(name)
        return None if f is None else lambda x: f(x)[0]

    def polygamma(self, order: int) -> Callable[[Any], Taylor]:
        """ψ⁽ⁿ⁾, the n-th derivative of digamma, n ≥ 1."""
        raise NotImplementedError

    def log_abs(self, x: Any) -> Taylor:
        """log |x|"""
        raise NotImplementedError

    def step(self, x: Any, moving: bool) -> Any:
        """1 for x > 0, else 0: what decides a maximum; raises NoValue near 0 if x moves."""
        raise NotImplementedError

    def largest(self, values: Sequence[Any]) -> int:
        """The place of the largest number; raises NoValue near a tie."""
        raise NotImplementedError

    def generic(self, random: Random) -> Generic:
        """A function that nothing is known of."""
        raise NotImplementedError

    def gap(self, got: Any, terms: Sequence[Any], noise: Any = 0) -> float:
        """How far a number is from a sum, relative to its terms (and noise); 0 or 1 where numbers are exact."""
        raise NotImplementedError

    # --- matrices -----------------------------------------------------------------------------------------------------

    def matmul(self, a: Matrix, b: Matrix) -> Matrix:
        """The product of two matrices."""
        columns = list(zip(*b, strict=True))
        reduce = self.reduce
        return [[reduce(sum(map(mul, row, column))) for column in columns] for row in a]

    def entrywise(self, a: Matrix, b: Matrix) -> Matrix:
        """The Hadamard product of two matrices."""
        reduce = self.reduce
        return [[reduce(x * y) for x, y in zip(p, q, strict=True)] for p, q in zip(a, b, strict=True)]

    def plus(self, a: Matrix, b: Matrix) -> Matrix:
        """The sum of two matrices."""
        reduce = self.reduce
        return [list(map(reduce, map(add, p, q))) for p, q in zip(a, b, strict=True)]

    def times(self, s: Any, a: Matrix) -> Matrix:
        """A number times a matrix."""
        reduce = self.reduce
        return [[reduce(s * x) for x in row] for row in a]

    def scaled(self, a: Matrix, b: Matrix) -> Matrix:
        """A product in which either factor may be 1×1 and multiplies the other."""
        if len(a) == 1 and len(a[0]) == 1:
            return self.times(a[0][0], b)
        return self.times(b[0][0], a) if len(b) == 1 and len(b[0]) == 1 else self.entrywise(a, b)

    def inverse(self, a: Matrix) -> Matrix:
        """The inverse, by elimination; raises NoValue for a singular matrix."""
        n = len(a)
        rows = [list(row) + [int(i == j) for j in range(n)] for i, row in enumerate(a)]
        for k in range(n):
            pivot = max(range(k, n), key=lambda i: abs(rows[i][k]))
            rows[k], rows[pivot] = rows[pivot], rows[k]
            scale = self.invert(rows[k][k])
            rows[k] = [self.reduce(scale * x) for x in rows[k]]
            for i in range(n):
                factor = rows[i][k]
                if i != k and factor:
                    rows[i] = [self.reduce(x - factor * y) for x, y in zip(rows[i], rows[k], strict=True)]
        return [row[n:] for row in rows]

    # --- jets ---------------------------------------------------------------------------------------------------------

    def bilinear(self, product: Callable[[Matrix, Matrix], Matrix], a: Jet, b: Jet) -> Jet:
        """A bilinear product of jets, mask by mask."""
        result: Jet = {}
        for mask, splits in SPLITS.items():
            for s, t in splits:
                if s in a and t in b:
                    term = product(a[s], b[t])
                    result[mask] = self.plus(result[mask], term) if mask in result else term
        return result

    def sum(self, jets: Iterable[Jet]) -> Jet:
        """The sum of jets of one shape."""
        result: Jet = {}
        for jet in jets:
            for mask, m in jet.items():
                result[mask] = self.plus(result[mask], m) if mask in result else m
        return result

    def product(self, jets: Iterable[Jet], kind: str) -> Jet:
        """The product of jets: "dot", "hadamard" or "scaled"."""
        operation = {"dot": self.matmul, "hadamard": self.entrywise, "scaled": self.scaled}[kind]
        factors = iter(jets)
        total = next(factors)
        for f in factors:
            total = self.bilinear(operation, total, f)
        return total

    def jet_inverse(self, a: Jet) -> Jet:
        """Y with A·Y = I, order by order: Y_m = −Y₀·Σ A_s·Y_{m−s}."""
        y: Jet = {0: self.inverse(a[0])}
        for mask in (1, 2, 3):
            terms = [self.matmul(a[s], y[t]) for s, t in SPLITS[mask] if s and s in a and t in y]
            if terms:
                total = terms[0]
                for term in terms[1:]:
                    total = self.plus(total, term)
                y[mask] = self.times(-1, self.matmul(y[0], total))
        return y

    def apply(self, a: Jet, f: Callable[[Any], tuple[Any, Any, Any]]) -> Jet:
        """A scalar function, given with its first two derivatives, in every entry."""
        values = [[f(x) for x in row] for row in a[0]]
        result: Jet = {0: [[v[0] for v in row] for row in values]}
        if len(a) == 1:
            return result
        first = [[v[1] for v in row] for row in values]
        for mask in (1, 2, 3):
            if mask in a:
                result[mask] = self.entrywise(first, a[mask])
        if 1 in a and 2 in a:
            second = self.entrywise([[v[2] for v in row] for row in values], self.entrywise(a[1], a[2]))
            result[3] = self.plus(result[3], second) if 3 in result else second
        return result

    def determinant(self, a: Jet) -> Jet:
        """The determinant from its expansion by rows, every minor computed once; no division."""
        n = len(a[0])
        if n > MINORS:
            return self._eliminated(a)
        entries = [[{m: [[a[m][i][j]]] for m in a} for j in range(n)] for i in range(n)]
        minors: dict[int, Jet] = {0: {0: [[1]]}}
        for i in range(n):
            larger: dict[int, list[Jet]] = {}
            for used, minor in minors.items():
                for j in range(n):
                    if not used >> j & 1:
                        sign = -1 if bin(used >> j).count("1") % 2 else 1
                        term = self.product((entries[i][j], minor), "dot")
                        signed = {m: self.times(sign, x) for m, x in term.items()}
                        larger.setdefault(used | 1 << j, []).append(signed)
            minors = {used: self.sum(terms) for used, terms in larger.items()}
        return minors[(1 << n) - 1]

    def _eliminated(self, a: Jet) -> Jet:
        """The determinant as the product of pivots: det A = p·det(A₂₂ − c·r/p)."""
        total: Jet = identity(1)
        while True:
            n = len(a[0])
            row = max(range(n), key=lambda i: abs(a[0][i][0]))
            if row:
                a = {mask: [[-x for x in m[row]], *m[1:row], m[0], *m[row + 1 :]] for mask, m in a.items()}
            pivot = each(a, lambda m: [m[0][:1]])
            total = self.product((total, pivot), "dot")
            if n == 1:
                return total
            column, line = each(a, lambda m: [r[:1] for r in m[1:]]), each(a, lambda m: [m[0][1:]])
            minus = each(self.product((column, self.jet_inverse(pivot), line), "dot"), lambda m: self.times(-1, m))
            a = self.sum((each(a, lambda m: [r[1:] for r in m[1:]]), minus))


def transposed(a: Matrix) -> Matrix:
    """The transpose of a matrix."""
    return [list(row) for row in zip(*a, strict=True)]


def each(a: Jet, f: Callable[[Matrix], Matrix]) -> Jet:
    """A linear rearrangement, mask by mask."""
    return {mask: f(m) for mask, m in a.items()}


def constant(value: Any, rows: int = 1, columns: int = 1) -> Jet:
    """A matrix with one number in every entry."""
    return {0: [[value] * columns for _ in range(rows)]}


def identity(n: int) -> Jet:
    """The identity matrix."""
    return {0: [[int(i == j) for j in range(n)] for i in range(n)]}


def kron(a: Matrix, b: Matrix) -> Matrix:
    """A ⊗ B."""
    return [[x * y for x in p for y in q] for p in a for q in b]


def stack(a: Matrix) -> Matrix:
    """vec(A): the columns below one another."""
    return [[row[j]] for j in range(len(a[0])) for row in a]
