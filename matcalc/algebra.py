"""Constructors that give birth to canonical nodes.

What stands here is the algebra itself: sums and products are flat, like terms and equal bases are collected, numbers
and scalars (1×1 included) stand in front, transposes sit on atoms and sums, ones and zeros vanish. A sum inside a
product stays as it is: nothing is ever multiplied out. Identities about named operators are entries in
``rules/simplify``; the constructors offer them every new node.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextvars import ContextVar
from fractions import Fraction
from itertools import pairwise
from math import isqrt
from typing import Any, TypeAlias

from matcalc.atoms import (
    MAX_BITS,
    ONE,
    UNITY,
    ZERO,
    abstract,
    are_apart,
    bits,
    entry_power,
    eye,
    is_integer,
    is_ones,
    is_positive,
    is_zero,
    number,
    ones,
    pi,
    split_number,
    split_scalars,
    symbol,
    unit,
    units,
    unknown,
    without_identities,
    zeros,
)
from matcalc.dims import DimLike, Shape, as_dim, show_shape
from matcalc.errors import ShapeError, Side, UnsupportedError
from matcalc.expr import Expr, make
from matcalc.operators import OPERATORS, result_shape

__all__ = [
    "ONE",
    "REWRITER",
    "abstract",
    "add",
    "apply",
    "broadcast",
    "commutation",
    "constant_entry",
    "dimension",
    "divide",
    "elementwise",
    "eye",
    "hadamard",
    "inverse",
    "is_integer",
    "is_ones",
    "is_zero",
    "kron",
    "matpower",
    "mul",
    "neg",
    "number",
    "ones",
    "ones_like",
    "pi",
    "power",
    "reconstruct",
    "split_number",
    "split_scalars",
    "sub",
    "symbol",
    "total",
    "transpose",
    "unit",
    "units",
    "unknown",
    "zeros",
]

Rewriter: TypeAlias = Callable[[Expr], "Expr | None"]
REWRITER: ContextVar[Rewriter | None] = ContextVar("REWRITER", default=None)
"""What is offered every new node: a simpler expression for it, or None."""

LITERAL_POWERS = 8
"""X^k with k up to this is the product X·X·…; beyond, a node of its own."""


def _born(op: str, args: Iterable[Expr], shape: Shape, data: Any = None) -> Expr:
    e = make(op, tuple(args), data, shape)
    rewrite = REWRITER.get()
    return e if rewrite is None else rewrite(e) or e


def dimension(d: DimLike) -> Expr:
    """A dimension as a number: the scalar n.

    >>> dimension(3) == number(3)
    True
    """
    if isinstance(d, int):
        return number(d)
    if d.name is not None:
        return make("dimension", (), d, (1, 1))
    return add(*(mul(number(c), *(dimension(as_dim(n)) for n in names)) for names, c in d.terms))


def ones_like(shape: Shape) -> Expr:
    """The all-ones array of a shape: 1·1ᵀ for a matrix."""
    return mul(ones(shape[0]), transpose(ones(shape[1])))


def constant_entry(e: Expr) -> Expr | None:
    """The scalar s if every entry of the expression is s (s·1, s·1·1ᵀ)."""
    scalars, core = split_scalars(e)
    return mul(*scalars) if is_ones(core) else None


# --- sums -------------------------------------------------------------------------------------------------------------


def _terms(e: Expr) -> Iterable[Expr]:
    if e.op == "add":
        return e.args
    c, rest = split_number(e)
    if c == -1 and rest.op == "add":
        return [neg(t) for t in rest.args]
    if abs(c) == 1 and rest.op == "transpose" and rest.args[0].op == "add":
        turned = [transpose(t) for t in rest.args[0].args]
        return turned if c == 1 else [neg(t) for t in turned]
    return (e,)


def add(*terms: Expr) -> Expr:
    """The sum of terms of one shape: flat, like terms collected, in the order given.

    Raises: ShapeError if the shapes differ.
    """
    shape = terms[0].shape
    collected: dict[Expr, Fraction] = {}
    for given in terms:
        if given.shape != shape:
            raise ShapeError(
                "shapes do not fit in a sum", left=Side(shape, "the first term"), right=Side(given.shape, "a term")
            )
        for term in _terms(given):
            c, rest = split_number(term)
            collected[rest] = collected[rest] + c if rest in collected else c
    summands = [_scaled(c, rest) for rest, c in collected.items() if c and rest.op != "zero"]
    if not summands:
        return zeros(shape)
    return summands[0] if len(summands) == 1 else _born("add", summands, shape)


def _scaled(c: Fraction, rest: Expr) -> Expr:
    """A coefficient put back before a term that has none; −1 goes into a sum."""
    if c == 1:
        return rest
    if c == -1 and rest.op == "add":
        return make("add", tuple(neg(t) for t in rest.args), None, rest.shape)
    if rest is ONE:
        return number(c)
    return make("mul", (number(c), *(rest.args if rest.op == "mul" else (rest,))), None, rest.shape)


def neg(e: Expr) -> Expr:
    """−e."""
    c, rest = split_number(e)
    return zeros(e.shape) if is_zero(e) else _scaled(-c, rest)


def sub(a: Expr, b: Expr) -> Expr:
    """a − b."""
    return add(a, neg(b))


# --- products ---------------------------------------------------------------------------------------------------------


class _Scalars:
    """The scalar part of a product: a rational coefficient and powers of scalar bases."""

    def __init__(self) -> None:
        self.coefficient = UNITY
        self.bases: dict[Expr, Expr] = {}

    def absorb(self, e: Expr) -> None:
        for factor in e.args if e.op == "mul" else (e,):
            if factor.op == "number":
                self.coefficient *= factor.data
                continue
            base, exponent = factor.args if factor.op == "power" else (factor, ONE)
            known = self.bases.get(base)
            self.bases[base] = exponent if known is None else add(known, exponent)

    def factors(self) -> list[Expr]:
        """The factors, a number first; a power that turns into something else is absorbed again."""
        done: list[Expr] = []
        todo, self.bases = self.bases, {}
        for base, exponent in todo.items():
            p = base if exponent is ONE else power(base, exponent)
            if p is base or p.op == "power":
                done.append(p)
            else:
                again = _Scalars()
                again.absorb(p)
                self.coefficient *= again.coefficient
                done.extend(q if n is ONE else make("power", (q, n), None, (1, 1)) for q, n in again.bases.items())
        if self.coefficient == 0:
            return [ZERO]
        return done if self.coefficient == 1 else [number(self.coefficient), *done]


def mul(*factors: Expr) -> Expr:
    """The matrix product; scalars may stand anywhere and come to the front.

    Raises: ShapeError if neighbours do not fit.
    """
    scalars = _Scalars()
    chain: list[Expr] = []
    for f in factors:
        if f.is_scalar:
            scalars.absorb(f)
            continue
        front, core = split_scalars(f)
        for s in front:
            scalars.absorb(s)
        if len(factors) > 1 and _is_all_negative(core):
            scalars.coefficient *= -1
            core = neg(core)
        chain.extend(core.args if core.op == "dot" else (core,))
    if not chain:
        return _assemble(scalars, None, (1, 1))
    for a, b in pairwise(chain):
        if a.shape[1] != b.shape[0]:
            raise ShapeError(
                "shapes do not fit in a product",
                left=Side(a.shape, "the left factor"),
                right=Side(b.shape, "the right factor"),
                differ=(a.shape[1], b.shape[0]),
            )
    shape = (chain[0].shape[0], chain[-1].shape[1])
    if any(f.op == "zero" for f in chain) or any(map(are_apart, chain, chain[1:])):
        return zeros(shape)
    product = _chain(chain, scalars)
    if product is not None and (product.is_scalar or product.op == "mul"):
        return mul(*scalars.factors(), product)
    return _assemble(scalars, product, shape)


def _chain(chain: list[Expr], scalars: _Scalars) -> Expr | None:
    """The non-scalar core of a product; 1×1 stretches inside it go to the scalars."""
    segments: list[list[Expr]] = [[]]
    for f in chain:
        if segments[-1] and f.shape[0] == 1:
            segments.append([])
        segments[-1].append(f)
    kept: list[Expr] = []
    for segment in segments:
        if segment[0].shape[0] == 1 and segment[-1].shape[1] == 1:
            scalars.absorb(_dot(segment))
        else:
            kept += segment
    return _dot(kept) if kept else None


def _dot(chain: list[Expr]) -> Expr:
    shape = (chain[0].shape[0], chain[-1].shape[1])
    rest = without_identities(chain)
    if not rest:
        return eye(shape[0])
    if len(rest) == 2 and is_ones(rest[0]) and is_ones(rest[1]) and shape == (1, 1):
        return dimension(rest[1].shape[0])
    return rest[0] if len(rest) == 1 else _born("dot", rest, shape)


def _assemble(scalars: _Scalars, core: Expr | None, shape: Shape) -> Expr:
    factors = scalars.factors()
    if factors and factors[0] is ZERO:
        return zeros(shape)
    if core is not None:
        if core.op == "add" and len(factors) == 1 and factors[0].data == -1:
            return neg(core)
        factors.append(core)
    if not factors:
        return ONE
    return factors[0] if len(factors) == 1 else _born("mul", factors, shape)


def _is_all_negative(e: Expr) -> bool:
    return e.op == "add" and all(split_number(t)[0] < 0 for t in e.args)


def divide(a: Expr, s: Expr) -> Expr:
    """A/s for a scalar s."""
    return mul(power(s, number(-1)), a)


def matpower(x: Expr, k: Expr) -> Expr:
    """X^k of a square matrix with a whole exponent; X·X·… for a small number."""
    if x.is_scalar:
        return power(x, k)
    if x.shape[0] != x.shape[1]:
        raise ShapeError(
            f"a power needs a square matrix, not one of shape {show_shape(x.shape)}",
            hint="X.^k takes each entry to the power k",
        )
    if x.op == "eye":
        return x
    if k.value is not None and k.value.denominator == 1 and abs(k.value) <= LITERAL_POWERS:
        base = x if k.value >= 0 else inverse(x)
        return mul(*[base] * abs(int(k.value))) if k.value else eye(x.shape[0])
    return _born("matpower", (x, k), x.shape)


# --- entry by entry ---------------------------------------------------------------------------------------------------


def hadamard(*factors: Expr) -> Expr:
    """The entrywise product of factors of one shape; scalars come to the front.

    Raises: ShapeError if the shapes differ.
    """
    shape = factors[0].shape
    if shape == (1, 1) and all(f.is_scalar for f in factors):
        return mul(*factors)
    scalars: list[Expr] = []
    bases: dict[Expr, Expr] = {}
    for given in factors:
        if given.shape != shape:
            raise ShapeError(
                "shapes do not fit in a Hadamard product",
                left=Side(shape, "the first factor"),
                right=Side(given.shape, "a factor"),
            )
        front, core = split_scalars(given)
        scalars.extend(front)
        if len(factors) > 1 and _is_all_negative(core):
            scalars.append(number(-1))
            core = neg(core)
        turned = core.op == "transpose" and core.args[0].op == "hadamard"
        for f in map(transpose, core.args[0].args) if turned else core.args if core.op == "hadamard" else (core,):
            base, exponent, is_turned = entry_power(f)
            base = transpose(base) if is_turned else base
            if not is_ones(base):
                bases[base] = _add_exponents(bases[base], exponent) if base in bases else exponent
    if any(is_zero(b) for b in bases):
        return zeros(shape)
    return mul(*scalars, _entrywise(bases, shape))


def _add_exponents(a: Expr, b: Expr) -> Expr:
    shape = a.shape if b.is_scalar else b.shape
    return add(broadcast(a, shape), broadcast(b, shape))


def _entrywise(bases: dict[Expr, Expr], shape: Shape) -> Expr:
    if bases and all(b.op == "transpose" and n.is_scalar for b, n in bases.items()):
        return transpose(_entrywise({b.args[0]: n for b, n in bases.items()}, (shape[1], shape[0])))
    parts = [power(b, n) for b, n in bases.items()]
    if any(p.op in ("mul", "hadamard") for p in parts):
        return hadamard(*parts)
    parts = [p for p in parts if not is_ones(p)]
    if not parts:
        return ones_like(shape)
    return parts[0] if len(parts) == 1 else _born("hadamard", parts, shape)


def power(base: Expr, exponent: Expr) -> Expr:
    """base^exponent, entry by entry; the exponent is a scalar or has the shape of the base."""
    n = exponent.value
    if n == 0:
        return ones_like(base.shape)
    if n == 1 or is_ones(base) or is_ones(exponent):
        return base
    entry = None if exponent.is_scalar else constant_entry(exponent)
    if entry is not None:
        return power(base, entry)
    if base.op == "number":
        return _number_power(base, exponent)
    if base.op == "zero" and n is not None and n > 0:
        return base
    if base.op == "transpose" and exponent.is_scalar:
        return transpose(power(base.args[0], exponent))
    if base.op == "power" and base.args[1].is_scalar and exponent.is_scalar:
        inner = base.args[1]
        even = inner.value is not None and inner.value.denominator == 1 and inner.value % 2 == 0
        if is_integer(exponent) or (inner.value is not None and not even) or is_positive(base.args[0]):
            return power(base.args[0], mul(inner, exponent))
    if base.op == "mul" and exponent.is_scalar:
        return _product_power(base, exponent)
    if base.op == "hadamard" and is_integer(exponent):
        return hadamard(*(power(f, exponent) for f in base.args))
    return _born("power", (base, exponent), base.shape)


def _number_power(base: Expr, exponent: Expr) -> Expr:
    b, n = base.data, exponent.value
    if n is None or abs(n) > 1000 or (b == 0 and n < 0) or bits(b) * abs(n) > MAX_BITS:
        if b == 0 and n is not None and n < 0:
            raise UnsupportedError("division by zero", hint="the formula has no value anywhere")
        return base if b == 1 or (b == 0 and n is not None) else _born("power", (base, exponent), exponent.shape)
    if n.denominator == 1:
        return number(b ** int(n))
    root = Fraction(isqrt(abs(b.numerator)), isqrt(b.denominator))
    if n.denominator == 2 and root**2 == b:
        return number(root**n.numerator)
    return _born("power", (base, exponent), (1, 1))


def _product_power(base: Expr, exponent: Expr) -> Expr:
    """(s·A)^n: every factor for a whole n, the positive scalars else."""
    inner = [f for f in base.args if not (is_integer(exponent) or (is_positive(f) and f.is_scalar))]
    outer = [f for f in base.args if is_integer(exponent) or (is_positive(f) and f.is_scalar)]
    if not outer:
        return _born("power", (base, exponent), base.shape)
    parts = [power(f, exponent) for f in outer]
    return mul(*parts, power(mul(*inner), exponent)) if inner else mul(*parts)


def elementwise(name: str, x: Expr, order: int = 0) -> Expr:
    """g applied to each entry, or its derivative g′ of an order."""
    if x.op == "transpose":
        return transpose(elementwise(name, x.args[0], order))
    entry = None if x.is_scalar else constant_entry(x)
    if entry is not None:
        return broadcast(elementwise(name, entry, order), x.shape)
    return _born("elementwise", (x,), x.shape, (name, order))


# --- transposes, sums of entries, named operators ---------------------------------------------------------------------


def transpose(e: Expr) -> Expr:
    """eᵀ, with the transposes pushed to atoms and sums."""
    if e.op == "transpose":
        return e.args[0]
    shape = (e.shape[1], e.shape[0])
    if e.is_scalar or e.key == e.tkey:
        return e
    if e.op == "zero":
        return zeros(shape)
    if e.op == "commutation":
        return commutation(*reversed(e.data))
    if e.op == "dot":
        return _dot([transpose(f) for f in reversed(e.args)])
    if e.op == "mul":
        return mul(*e.args[:-1], transpose(e.args[-1]))
    if e.op == "hadamard" and not any(f.op == "transpose" for f in e.args):
        return _born("transpose", (e,), shape)
    if e.op in ("hadamard", "kron") or (e.op == "add" and all(_is_transposed(t) for t in e.args)):
        return reconstruct(e, tuple(transpose(a) for a in e.args))
    return _born("transpose", (e,), shape)


def _is_transposed(e: Expr) -> bool:
    core = split_scalars(e)[1]
    return core.op == "transpose" or core.key == core.tkey


def broadcast(x: Expr, shape: Shape) -> Expr:
    """x repeated to a shape: s·1·1ᵀ for a scalar, c·1ᵀ for a column, 1·r for a row."""
    if x.shape == shape:
        return x
    left = ones(shape[0]) if x.shape[0] == 1 else eye(shape[0])
    right = transpose(ones(shape[1])) if x.shape[1] == 1 else eye(shape[1])
    return mul(x, left, right) if x.is_scalar else mul(left, x, right)


def total(x: Expr, axis: int | None = None) -> Expr:
    """The sum of all entries, 1ᵀ·X·1; over the rows (axis 0), 1ᵀ·X; over the columns (axis 1), X·1."""
    left = transpose(ones(x.shape[0])) if axis in (None, 0) else ONE
    right = ones(x.shape[1]) if axis in (None, 1) else ONE
    return mul(left, x, right)


def inverse(x: Expr) -> Expr:
    """X⁻¹; 1/x for a scalar."""
    return power(x, number(-1)) if x.is_scalar else apply("inv", x)


def kron(a: Expr, b: Expr) -> Expr:
    """A ⊗ B; the product Aᵀ-outer-B where one is a column and the other a row."""
    if a.is_scalar or b.is_scalar or (a.shape[1] == 1 and b.shape[0] == 1):
        return mul(a, b)
    if a.shape[0] == 1 and b.shape[1] == 1:
        return mul(b, a)
    if is_zero(a) or is_zero(b):
        return zeros((a.shape[0] * b.shape[0], a.shape[1] * b.shape[1]))
    if a.op == "eye" and b.op == "eye":
        return eye(a.shape[0] * b.shape[0])
    (s, x), (t, y) = split_scalars(a), split_scalars(b)
    return mul(*s, *t, apply("kron", x, y))


def commutation(m: DimLike, n: DimLike) -> Expr:
    """The matrix K with vec(Xᵀ) = K·vec(X) for X of shape m×n."""
    return eye(m * n) if m == 1 or n == 1 else make("commutation", (), (m, n), (m * n, m * n))


def apply(name: str, *args: Expr) -> Expr:
    """A named operator of its arguments.

    Raises: ArityError, ShapeError as the row of the operator says.
    """
    row = OPERATORS[name]
    shape = result_shape(row, tuple(a.shape for a in args))
    if args[0].op == "transpose" and len(args) == 1:
        if row.transpose == "invariant":
            return apply(name, args[0].args[0])
        if row.transpose == "covariant":
            return transpose(apply(name, args[0].args[0]))
    return _born(name, args, shape)


def reconstruct(e: Expr, args: tuple[Expr, ...]) -> Expr:
    """The node e made anew from other arguments, in canonical form."""
    construct = _CONSTRUCTORS.get(e.op)
    if construct is not None:
        return construct(*args)
    if e.op == "elementwise":
        return elementwise(e.data[0], args[0], e.data[1])
    if e.op == "abstract":
        name, index = e.data
        return abstract(name, index, args, e.shape if index is None else args[index].shape)
    if e.op == "unknown":
        return unknown(e.data, args[0])
    return apply(e.op, *args) if args else e


_CONSTRUCTORS: dict[str, Callable[..., Expr]] = {
    "add": add,
    "mul": mul,
    "dot": mul,
    "hadamard": hadamard,
    "power": power,
    "matpower": matpower,
    "transpose": transpose,
    "inv": inverse,
    "kron": kron,
}
