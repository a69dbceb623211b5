"""Derivatives by a part of an expression: df/d(−D·R), where −D·R stands somewhere inside ‖X − D·R‖².

The graph is cut there: the part becomes a free variable, by which the function is differentiated like by any other. A
part of a sum may be any of its terms, a part of a product any stretch of it; signs and numbers are pulled out first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from fractions import Fraction

from matcalc import algebra
from matcalc.atoms import TANGENT
from matcalc.derivation import Derivation
from matcalc.differentiate import Differentiation
from matcalc.elaborate import Elaborated
from matcalc.expr import Expr, free_symbols, postorder, rebuild
from matcalc.linear import fresh
from matcalc.pattern import substitute
from matcalc.rulebook import Rulebook
from matcalc.simplify import simplest
from matcalc.sweep import Equation, sweep

__all__ = ["Cuts", "Scope", "cut", "tangent"]


class Scope(Enum):
    """Which places are meant by a part of a function: what people write is not always what a graph has for a node."""

    EVERYWHERE = "wherever it stands, also transposed, (D·R)ᵀ = Rᵀ·Dᵀ, or as a stretch of a product"
    NODES = "where it is a node of its own, or else a stretch"


def cut(f: Expr, part: Expr, free: Expr, scope: Scope = Scope.EVERYWHERE) -> Expr | None:
    """f with a part of it replaced by a free symbol of the same shape; None if it is not found.

    >>> from matcalc import parse
    >>> f, part = parse("||X - D*R||_F^2"), parse("-D*R", where="D: m×p, R: p×n")
    >>> cut(f, part, algebra.symbol("N", part.shape))
    ‖X + N‖_F²
    """
    if scope is Scope.NODES and part in set(postorder(f)):
        return _replaced(f, [(part, free)], stretches=False)
    number, core = algebra.split_number(part)
    if not number:  # nothing can be differentiated by 0
        return None
    value = algebra.mul(algebra.number(1 / Fraction(number)), free)
    patterns = [(core, value)]
    if scope is Scope.EVERYWHERE and not core.is_symmetric and part.op != "transpose":
        patterns.append((algebra.transpose(core), algebra.transpose(value)))
    if core.op == "add":
        patterns += [(algebra.neg(p), algebra.neg(v)) for p, v in patterns]
    return _replaced(f, patterns)


def _replaced(f: Expr, patterns: Sequence[tuple[Expr, Expr]], stretches: bool = True) -> Expr | None:
    done: dict[Expr, Expr] = {}
    found = False
    for e in postorder(f):
        args = tuple(done[a] for a in e.args)
        new = algebra.reconstruct(e, args) if any(a is not b for a, b in zip(args, e.args, strict=True)) else e
        for pattern, v in patterns:
            replaced = v if e == pattern and e.shape == pattern.shape else None
            if replaced is None and stretches:
                replaced = _within(e, args, pattern, v)
            if replaced is not None:
                new, found = replaced, True
                break
        done[e] = new
    return done[f] if found else None


def _within(e: Expr, args: tuple[Expr, ...], part: Expr, value: Expr) -> Expr | None:
    """A sum or product with some of its arguments, which make up the part, replaced."""
    if e.op == "mul":
        return _in_scaled(e, args, part, value)
    if e.op != part.op or len(part.args) >= len(e.args):
        return None
    if e.op == "dot":
        size = len(part.args)
        for i in range(len(e.args) - size + 1):
            if e.args[i : i + size] == part.args:
                return algebra.mul(*args[:i], value, *args[i + size :])
        return None
    if e.op not in ("add", "hadamard"):
        return None
    rest = _without(e.args, args, part.args)
    construct: Callable[..., Expr] = algebra.add if e.op == "add" else algebra.hadamard
    return None if rest is None else construct(*rest, value)


def _in_scaled(e: Expr, args: tuple[Expr, ...], part: Expr, value: Expr) -> Expr | None:
    """2·λ·A·B·C with λ·B·C replaced."""
    scalars = part.args if part.is_scalar and part.op == "mul" else part.args[:-1] if part.op == "mul" else ()
    if part.is_scalar:
        rest = _without(e.args, args, scalars) if scalars else None
        return None if rest is None else algebra.mul(value, *rest)
    if not scalars:
        return None
    core, whole = part.args[-1], e.args[-1]
    rest = _without(e.args[:-1], args[:-1], scalars)
    if rest is None:
        return None
    inner = value if whole == core else _within(whole, whole.args, core, value)
    return None if inner is None else algebra.mul(*rest, inner)


def _without(args: Sequence[Expr], new: Sequence[Expr], taken: Sequence[Expr]) -> list[Expr] | None:
    """The arguments, made anew, without those that are taken; None if these are not among them."""
    left = Counter(taken)
    rest = []
    for old, e in zip(args, new, strict=True):
        if left[old] > 0:
            left[old] -= 1
        else:
            rest.append(e)
    return None if +left else rest


@dataclass(slots=True)
class Cuts:
    """Derivatives of functions by their parts, each derived once, and checked."""

    book: Rulebook
    found: dict[tuple[Expr, Expr, Scope], Expr | None] = field(default_factory=dict)

    def derivative(self, f: Expr, part: Expr, scope: Scope = Scope.EVERYWHERE) -> Expr | None:
        """df/dN; None if N is no part of f that can be found.

        Raises: UnsupportedError, UndecidedError where matcalc has no answer.
        """
        key = (f, part, scope)
        if key not in self.found:
            opened = self._opened(f, part, scope)
            self.found[key] = None if opened is None else substitute(self._derived(*opened), {opened[1]: part})
        return self.found[key]

    def equation(self, f: Expr, part: Expr, label: str) -> Equation | None:
        """What the rules say of df/dN in terms of the unknowns of what N stands in; None where they say nothing."""
        opened = self._opened(f, part, Scope.EVERYWHERE)
        if opened is None:
            return None
        function, free = opened
        with self.book.in_force():
            swept = sweep(function, [free], self.book, label=label)
            equation = swept.equations.get(free)
            if equation is None:
                return None
            return Equation(equation.unknown, substitute(equation.rhs, {free: part}), equation.pulls)

    def differential(self, e: Expr, variables: Sequence[Expr]) -> Expr:
        """de, where some variables move: dX is a symbol."""
        moving = [v for v in variables if v in free_symbols(e).values()]
        terms = [algebra.zeros(e.shape)]
        for v in moving:
            d = self._derivation(e, v)
            terms.append(substitute(d.linear_map.value, {d.tangent: tangent(v)}))
        return algebra.add(*terms)

    def _opened(self, f: Expr, part: Expr, scope: Scope) -> tuple[Expr, Expr] | None:
        if part.op == "symbol":
            return (f, part) if part in free_symbols(f).values() else None
        free = fresh("N", part.shape, free_symbols(f))
        if scope is Scope.EVERYWHERE:
            opened = cut(f, part, free, scope)
            if opened is not None:
                return opened, free
        with self.book.in_force():  # where matcalc would write it otherwise, tr(A)·A for tr(A·tr(A))
            f, part = (rebuild(e, algebra.reconstruct) for e in (f, part))
            opened = cut(f, part, free, scope) or cut(f, simplest(part), free, scope)
        return None if opened is None else (opened, free)

    def _derived(self, f: Expr, variable: Expr) -> Expr:
        return self._derivation(f, variable).result

    def _derivation(self, f: Expr, variable: Expr) -> Derivation:
        work = Differentiation(Elaborated(f, free_symbols(f)), self.book, "within", "mixed", None)
        (d,) = work.first([variable])
        work.verify(d)
        return d


def tangent(variable: Expr) -> Expr:
    """The symbol dX."""
    return algebra.symbol(f"d{variable.name}", variable.shape, variable.data[1] & TANGENT)
