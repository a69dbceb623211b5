"""Atoms of expressions, and looking into nodes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from matcalc.dims import DimLike, Shape, as_dim, show_dim
from matcalc.errors import ShapeError
from matcalc.expr import Expr, make
from matcalc.limits import demand

MAX_BITS = 14_000
"""The longest numerator or denominator: Python writes out integers of up to 4,300 digits."""


def number(value: int | str | float | Fraction) -> Expr:
    """An exact number; a float stands for the decimal that it prints as.

    >>> number(0.5).data
    Fraction(1, 2)
    """
    exact = Fraction(repr(value)) if isinstance(value, float) else Fraction(value)
    demand("bits in a number", bits(exact), MAX_BITS, "use a name for it")
    return make("number", (), exact, (1, 1))


def bits(x: Fraction) -> int:
    """The length of the longer of numerator and denominator."""
    return max(x.numerator.bit_length(), x.denominator.bit_length())


UNITY = Fraction(1)
ONE = number(UNITY)
ZERO = number(0)

IMPLIED = {"posdef": ("symmetric",), "psd": ("symmetric",), "diagonal": ("symmetric",)}
"""Properties that follow from a declared one."""

TANGENT = frozenset({"symmetric", "antisymmetric", "diagonal", "lower", "upper"})
"""Properties that a change of the variable has, too: what is posdef changes by what is symmetric."""


def symbol(name: str, shape: tuple[DimLike | str, DimLike | str] = (1, 1), props: Iterable[str] = ()) -> Expr:
    """A named scalar, vector, row or matrix with declared properties."""
    closed = {q for p in props for q in (p, *IMPLIED.get(p, ()))}
    return make("symbol", (), (name, frozenset(closed)), (as_dim(shape[0]), as_dim(shape[1])))


def ones(n: DimLike) -> Expr:
    """The column of n ones; the number 1 if n is 1."""
    return ONE if n == 1 else make("ones", (), None, (n, 1))


def unit(n: DimLike, i: int) -> Expr:
    """The i-th unit vector of length n, counted from 1.

    Raises: ShapeError if there are fewer entries.
    """
    if isinstance(n, int) and not 1 <= i <= n:
        raise ShapeError(f"there is no entry {i} among {n}", hint=f"indices run from 1 to {n}")
    return ONE if n == 1 else make("unit", (), i, (n, 1))


def units(n: DimLike, first: DimLike, last: DimLike) -> Expr:
    """The unit vectors e_first … e_last of length n as columns, counted from 1.

    Raises: ShapeError if there are fewer entries, or none between the two.
    """
    count, left = last - first + 1, n - last
    if (isinstance(count, int) and count < 1) or (isinstance(left, int) and left < 0):
        message = f"there are no entries {show_dim(first)} to {show_dim(last)}"
        raise ShapeError(message, hint="indices run from 1, as in X[1:3,:]")
    if isinstance(first, int) and first == last:
        return unit(n, first)
    return eye(n) if n == last and first == 1 else make("units", (), (first, last), (n, count))


UNITS = ("unit", "units")


def _units_product(a: Expr, b: Expr) -> Expr | None:
    """a·b if these are ranges of unit vectors, one of them transposed, and it is an identity or zero; else None."""
    if a.op != "transpose" or a.args[0].op not in UNITS or b.op not in UNITS:
        return None
    (first, last), (start, end) = ((e.data, e.data) if e.op == "unit" else e.data for e in (a.args[0], b))
    if (first, last) == (start, end):
        return eye(b.shape[1])
    apart = any(_is_above(*pair) for pair in ((start, last), (first, end)))
    return zeros((a.shape[0], b.shape[1])) if apart else None


def are_apart(a: Expr, b: Expr) -> bool:
    """Whether a·b is zero because both are ranges of unit vectors that have none in common."""
    found = _units_product(a, b)
    return found is not None and is_zero(found)


def without_identities(chain: Sequence[Expr]) -> list[Expr]:
    """The factors but for identities, also those that are two ranges of unit vectors: EᵀE = I."""
    rest: list[Expr] = []
    for f in chain:
        found = _units_product(rest[-1], f) if rest else None
        if found is not None and not is_zero(found):
            rest.pop()
        elif f.op != "eye":
            rest.append(f)
    return rest


def _is_above(a: DimLike, b: DimLike) -> bool:
    """Whether a > b for all sizes, which are 1 or more."""
    difference = a - b
    if isinstance(difference, int):
        return difference > 0
    return sum(c for _, c in difference.terms) > 0 and all(c > 0 for m, c in difference.terms if m)


def zeros(shape: Shape) -> Expr:
    """The zero of a shape; the number 0 for 1×1."""
    return ZERO if shape == (1, 1) else make("zero", (), None, shape)


def eye(n: DimLike) -> Expr:
    """The n×n identity; the number 1 if n is 1."""
    return ONE if n == 1 else make("eye", (), None, (n, n))


def pi() -> Expr:
    """The constant π."""
    return make("pi", (), None, (1, 1))


def unknown(label: str, node: Expr) -> Expr:
    """The unknown df/dN of a derivation, of the shape of N."""
    return make("unknown", (node,), label, node.shape)


def derivative(f: Expr, node: Expr, shape: Shape) -> Expr:
    """df/dN as somebody wrote it; what it is equal to is found when it is judged."""
    return make("derivative", (f, node), None, shape)


def differential(e: Expr) -> Expr:
    """d(…) as somebody wrote it, where some variables move."""
    return make("differential", (e,), None, e.shape)


def abstract(name: str, index: int | None, args: Sequence[Expr], shape: Shape) -> Expr:
    """An abstract function f(A, …), or with an index its partial derivative by that argument."""
    return make("abstract", tuple(args), (name, index), shape)


def is_zero(e: Expr) -> bool:
    """Whether the expression is the zero of its shape."""
    return e.op == "zero" or e is ZERO


def is_ones(e: Expr) -> bool:
    """Whether every entry is literally 1: a column or row of ones, or the product 1·1ᵀ."""
    if e.op == "dot":
        return len(e.args) == 2 and is_ones(e.args[0]) and is_ones(e.args[1])
    return e.op == "ones" or (e.op == "transpose" and e.args[0].op == "ones")


def split_number(e: Expr) -> tuple[Fraction, Expr]:
    """The rational coefficient of a term and the rest: −2·X gives (−2, X)."""
    if e.op == "number":
        return e.data, ONE
    if e.op == "mul" and e.args[0].op == "number":
        rest = e.args[1:]
        return e.args[0].data, rest[0] if len(rest) == 1 else make("mul", rest, None, e.shape)
    return UNITY, e


def split_scalars(e: Expr) -> tuple[tuple[Expr, ...], Expr]:
    """The scalar factors of a non-scalar term and its core: 2·t·X gives ((2, t), X)."""
    return (e.args[:-1], e.args[-1]) if e.op == "mul" and not e.is_scalar else ((), e)


def entry_power(f: Expr) -> tuple[Expr, Expr, bool]:
    """Base and exponent of an entrywise factor, and whether the base is to be transposed, as A and 2 of (A.^2)ᵀ."""
    power = f.args[0] if f.op == "transpose" else f
    if power.op != "power" or not (power is f or power.args[1].is_scalar):
        return f, ONE, False
    return power.args[0], power.args[1], power is not f


def is_diagonal(e: Expr) -> bool:
    """Whether a sum of diag(v), multiples of the identity and symbols declared diagonal, as far as can be seen."""
    cores = [split_scalars(t)[1] for t in (e.args if e.op == "add" else (e,))]
    return all(c.op in ("diag", "eye") or (c.op == "symbol" and "diagonal" in c.data[1]) for c in cores)


def is_indicator(e: Expr) -> bool:
    """Whether every entry is 0 or 1, as far as can be seen: step(u), 1 − step(u), products of these, and names."""
    stack, seen = [e], set()
    while stack:
        e = stack.pop()
        if e in seen:
            continue
        seen.add(e)
        if e.op in ("mul", "hadamard", "transpose"):
            stack.extend(e.args)
        elif e.op == "power" and (e.args[1].value or 0) > 0:
            stack.append(e.args[0])
        elif e.op == "dot" and sum(not is_ones(f) for f in e.args) < 2:  # repeated
            stack.extend(f for f in e.args if not is_ones(f))
        elif e.op == "add" and len(e.args) == 2 and any(is_ones(t) or t is ONE for t in e.args):
            c, rest = split_number(next((t for t in e.args if not (is_ones(t) or t is ONE)), ONE))
            if c != -1:
                return False
            stack.append(rest)
        elif not (is_ones(e) or is_zero(e) or e is ONE or e.op == "symbol" or e.data == ("step", 0)):
            return False
    return True


def is_integer(e: Expr) -> bool:
    """Whether an exponent is a whole number, as far as is known: k − 1 is for a whole k."""
    stack = [e]
    while stack:
        e = stack.pop()
        if e.op in ("add", "mul") and e.is_scalar:
            stack.extend(e.args)
        elif not (
            (e.op == "number" and e.data.denominator == 1)
            or e.op == "dimension"
            or (e.op == "symbol" and "integer" in e.data[1])
        ):
            return False
    return True


def is_positive(e: Expr) -> bool:
    """Whether every entry is positive (or at least not negative) wherever it exists."""
    if e.op == "number":
        return bool(e.data > 0)
    if e.op == "symbol":
        return "positive" in e.data[1]
    if e.op == "power":
        exponent = e.args[1].value
        if exponent is None or exponent.denominator % 2 == 0 or exponent.numerator % 2 == 0:
            return exponent is not None
        return e.args[0].op in POSITIVE or (e.args[0].op == "elementwise" and e.args[0].data[0] in POSITIVE)
    return e.op in POSITIVE or (e.op == "elementwise" and e.data[0] in POSITIVE)


POSITIVE = frozenset({"exp", "abs", "cosh", "sigmoid", "norm", "normsq", "norm1", "pi", "dimension", "ones"})
