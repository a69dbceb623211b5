"""Dimensions: integers, or polynomials in symbols such as n, m·n and n + 1."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from matcalc.limits import demand

__all__ = [
    "Dim",
    "DimLike",
    "Shape",
    "as_dim",
    "checked_dim",
    "dim_names",
    "divide_dim",
    "evaluate_dim",
    "show_dim",
    "show_shape",
    "substitute_dim",
]

Monomial: TypeAlias = tuple[str, ...]
"""The symbols of a product, sorted; () is the constant term."""


class Dim:
    """A polynomial with integer coefficients in dimension symbols.

    A polynomial that is a constant is never a Dim: arithmetic returns an int then.

    >>> Dim("n") * Dim("m") + 1
    Dim('m·n + 1')
    >>> Dim("n") - Dim("n")
    0
    """

    __slots__ = ("_hash", "_text", "name", "terms")

    name: str | None
    """The symbol, if the dimension is a single symbol."""

    def __init__(self, name: str) -> None:
        self._set({(name,): 1})

    def _set(self, terms: Mapping[Monomial, int]) -> None:
        self.terms: tuple[tuple[Monomial, int], ...] = tuple(sorted(terms.items(), key=_order))
        self._hash = hash(self.terms)
        self._text = ""
        single = len(self.terms) == 1 and self.terms[0][1] == 1 and len(self.terms[0][0]) == 1
        self.name = self.terms[0][0][0] if single else None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Dim) and self._hash == other._hash and self.terms == other.terms

    def __hash__(self) -> int:
        return self._hash

    def __reduce__(self) -> tuple[object, ...]:
        return (_make, (self.terms,))  # a hash of strings holds in one process only

    def __add__(self, other: DimLike) -> DimLike:
        return _make(_terms(self) + _terms(other))

    def __mul__(self, other: DimLike) -> DimLike:
        return _make([(tuple(sorted(a + b)), x * y) for a, x in _terms(self) for b, y in _terms(other)])

    def __sub__(self, other: DimLike) -> DimLike:
        return self + other * -1

    def __rsub__(self, other: int) -> DimLike:
        return self * -1 + other

    __radd__ = __add__
    __rmul__ = __mul__

    def __str__(self) -> str:
        if not self._text:
            self._text = show_dim(self)
        return self._text

    def __repr__(self) -> str:
        return f"Dim('{self}')"


DimLike: TypeAlias = int | Dim
Shape: TypeAlias = tuple[DimLike, DimLike]


def _order(term: tuple[Monomial, int]) -> tuple[int, Monomial]:
    return (-len(term[0]), term[0])


def _terms(d: DimLike) -> list[tuple[Monomial, int]]:
    return list(d.terms) if isinstance(d, Dim) else [((), d)]


def _make(terms: Iterable[tuple[Monomial, int]]) -> DimLike:
    total: dict[Monomial, int] = {}
    for monomial, coefficient in terms:
        total[monomial] = total.get(monomial, 0) + coefficient
    total = {m: c for m, c in total.items() if c}
    if not total:
        return 0
    if len(total) == 1 and () in total:
        return total[()]
    d = Dim.__new__(Dim)
    d._set(total)
    return d


def as_dim(value: int | str | Dim) -> DimLike:
    """A dimension from a number or the name of a symbol.

    >>> as_dim("n")
    Dim('n')
    """
    return Dim(value) if isinstance(value, str) else value


MAX_SIZE = 2**63
"""The largest number that a dimension may be."""

MAX_DEGREE = 64
"""The most symbols in a product, and the most terms of a dimension."""


def checked_dim(d: DimLike) -> DimLike:
    """The dimension, if it is not too large.

    Raises: LimitError.

    >>> checked_dim(Dim("n") * Dim("n"))
    Dim('n·n')
    """
    if isinstance(d, int):
        demand("rows or columns", d, MAX_SIZE, "use a name for the size")
    else:
        demand("symbols in a dimension", len(d.terms[0][0]), MAX_DEGREE, "use a name for the size")
        demand("terms of a dimension", len(d.terms), MAX_DEGREE, "use a name for the size")
    return d


def divide_dim(d: DimLike, by: DimLike) -> DimLike | None:
    """d/by where that is a dimension again, for a divisor with one term; None otherwise.

    >>> divide_dim(Dim("m") * Dim("n"), Dim("n"))
    Dim('m')
    """
    if by == 1:
        return d
    (names, c), *more = _terms(by)
    if more:
        return 1 if d == by else None
    quotient: list[tuple[Monomial, int]] = []
    for monomial, coefficient in _terms(d):
        left = list(monomial)
        for n in names:
            if n not in left:
                return None
            left.remove(n)
        if coefficient % c:
            return None
        quotient.append((tuple(left), coefficient // c))
    return _make(quotient)


def dim_names(d: DimLike) -> tuple[str, ...]:
    """The symbols in a dimension, sorted."""
    return tuple(sorted({name for monomial, _ in _terms(d) for name in monomial}))


def substitute_dim(d: DimLike, values: Mapping[str, DimLike]) -> DimLike:
    """Replace symbols of a dimension by other dimensions or numbers."""
    if isinstance(d, int) or not any(n in values for n in dim_names(d)):
        return d
    total: DimLike = 0
    for monomial, coefficient in d.terms:
        term: DimLike = coefficient
        for name in monomial:
            term = term * values.get(name, Dim(name))
        total = total + term
    return total


def evaluate_dim(d: DimLike, values: Mapping[str, int]) -> int:
    """The number that a dimension is, given every symbol.

    >>> evaluate_dim(Dim("n") * Dim("m"), {"n": 2, "m": 3})
    6
    """
    if isinstance(d, int):
        return d
    total = 0
    for monomial, coefficient in d.terms:
        for name in monomial:
            coefficient *= values[name]
        total += coefficient
    return total


def show_dim(d: DimLike, times: str = "·") -> str:
    """A dimension as text: m·n + 1."""
    if isinstance(d, int):
        return str(d)
    parts: list[str] = []
    for monomial, coefficient in d.terms:
        factors = [*([str(abs(coefficient))] if abs(coefficient) != 1 or not monomial else []), *monomial]
        sign = ("-" if coefficient < 0 else "") if not parts else (" - " if coefficient < 0 else " + ")
        parts.append(sign + times.join(factors))
    return "".join(parts)


def show_shape(shape: Shape) -> str:
    """A shape as text: m×n, or scalar.

    >>> show_shape((Dim("m"), 3))
    'm×3'
    """
    if shape == (1, 1):
        return "scalar"
    sides = (show_dim(d) if isinstance(d, int) or len(d.terms) == 1 else f"({show_dim(d)})" for d in shape)
    return "×".join(sides)
