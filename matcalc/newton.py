"""Newton steps: H⁻¹·vec(G) by the structure of the Hessian, without ever forming what the structure saves."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from matcalc import algebra
from matcalc.atoms import TANGENT
from matcalc.check import CheckReport, check_equal
from matcalc.codegen import Argument, compile_function, source_code
from matcalc.dims import Dim, DimLike, Shape, show_dim
from matcalc.elaborate import elaborate
from matcalc.errors import RuleError, UndecidedError, UnsupportedError
from matcalc.expr import Expr, free_symbols, make, postorder, with_args
from matcalc.linear import fresh, vec
from matcalc.pattern import instantiate, match
from matcalc.resources import resource, table_lines
from matcalc.simplify import simplest
from matcalc.syntax import parse_program, parse_where

__all__ = ["NewtonStep", "newton_step", "structure_of"]

DENSE = "dense"
SINGULAR = "the Hessian is singular, so there is no Newton step"
REMEDY = "add a multiple of the squared norm to the function"


@dataclass(frozen=True, slots=True)
class _Entry:
    """A line of the table: what H looks like, the solution, the structure in words."""

    pattern: Expr
    solution: Expr
    words: str


@dataclass(frozen=True, slots=True)
class NewtonStep:
    """The solution U of H·vec(U) = vec(G), in the shape of the variable.

    Attributes:
        result: the formula.
        structure: what of the Hessian it uses, in words; "dense" if nothing.
        check: the formula for G = H·vec(V) against V at random points.
        saves: (r, n) where the formula saves work only if r < n, which the symbols do not tell; else None.
        otherwise: the formula for the other sizes.
    """

    result: Expr
    structure: str
    symbols: Mapping[str, Expr]
    check: CheckReport
    saves: Shape | None = None
    otherwise: Expr | None = None

    def code(self, target: str = "numpy") -> str:
        """The source of a function that computes the formula."""
        return source_code(self.result, self._arguments(), target, "newton_step")

    def compile(self, target: str = "numpy") -> Callable[..., Any]:
        """A function of keyword arguments; where only the sizes tell which formula saves work, it looks at them."""

        def compiled(e: Expr) -> Callable[..., Any]:
            return compile_function(e, self._arguments(), target)

        if self.saves is None or self.otherwise is None:
            return compiled(self.result)
        r, n = (compiled(algebra.dimension(d)) for d in self.saves)
        low_rank, dense = compiled(self.result), compiled(self.otherwise)
        return lambda **arrays: (low_rank if r(**arrays) < n(**arrays) else dense)(**arrays)

    def _arguments(self) -> list[Argument]:
        return [Argument(n, s.shape) for n, s in self.symbols.items()]

    def __str__(self) -> str:
        return str(self.result)

    __repr__ = __str__


_LINE = re.compile(r'solve\s+\w+\s+(.*?)\s+=>\s+(.*?)\s+where\s+(.*?)\s+"([^"]*)"\s*$')


@lru_cache(maxsize=1)
def _table() -> tuple[_Entry, ...]:
    entries: list[_Entry] = []
    text = resource("rules").joinpath("solve.rules").read_text(encoding="utf-8")
    for number, line in table_lines(text):
        found = _LINE.match(line)
        if found is None:
            raise RuleError(
                'a line reads: solve NAME H => U where DECLARATIONS "WORDS"', file="solve.rules", line=number
            )
        pattern, solution, shapes, words = found.groups()
        declared = parse_where(shapes)
        sides = [elaborate(parse_program(s), declared, dims=("n", "p", "q", "r")).expr for s in (pattern, solution)]
        entries.append(_Entry(sides[0], sides[1], words))
    return tuple(entries)


class _Found(NamedTuple):
    """A solution, the structure in words, and the rank and size of a Hessian of low rank."""

    solution: Expr
    words: str
    saves: Shape | None = None


def _find(h: Expr, g: Expr) -> _Found | None:
    """The solution for a Hessian with structure."""
    number, rest = algebra.split_number(h)
    scalars, core = algebra.split_scalars(rest)
    for entry in _table():
        right = next(e for e in postorder(entry.solution) if e.op == "symbol" and e.name == "G")
        for shaped in match(right, g, {}):
            for bound in match(entry.pattern, core, shaped):
                rank: DimLike | None = bound.get("dim r")
                if rank is not None and not _is_low(rank, g.shape[0]):
                    continue
                front = [algebra.power(s, algebra.number(-1)) for s in (algebra.number(number), *scalars)]
                words = entry.words.replace("{r}", "one" if rank == 1 else show_dim(rank or 1))
                solution = algebra.mul(*front, instantiate(entry.solution, bound))
                return _Found(solution, words, (rank, g.shape[0]) if isinstance(rank, Dim) else None)
    return None


def _is_low(rank: DimLike, n: DimLike) -> bool:
    """Whether a rank may be less than n."""
    return rank < n if isinstance(rank, int) and isinstance(n, int) else rank != n


def structure_of(h: Expr, x: Expr) -> str:
    """The structure of a Hessian by x in words: "diagonal", "a Kronecker product", …; "dense" if none is known."""
    try:
        found = _find(h, vec(x) if x.shape[0] == 1 else x)
    except UnsupportedError:
        return "singular"
    return DENSE if found is None else found.words


def newton_step(h: Expr, x: Expr, g: Expr, symbols: Mapping[str, Expr]) -> NewtonStep:
    """H⁻¹·vec(G) for a Hessian by x.

    Raises: UnsupportedError if G has not the shape of x or H is singular, UndecidedError if it could not be checked.
    """
    if g.shape != x.shape:
        raise UnsupportedError(f"{g.name} does not have the shape of {x.name}")
    flat = 1 in x.shape  # for a row its transpose is solved for
    try:
        found = _find(h, vec(g) if flat else g)
        dense = algebra.mul(algebra.inverse(h), vec(g))
        formulas = [dense if flat else algebra.apply("unvec", dense, x)] * (found is None or found.saves is not None)
        if found is not None:
            formulas.insert(0, found.solution)
        result, *others = (simplest(algebra.transpose(f) if x.shape[0] == 1 else f) for f in formulas)
    except UnsupportedError as zero:  # a denominator that is zero everywhere
        raise UnsupportedError(SINGULAR, hint=REMEDY) from zero
    report = _checked(h, x, g, result)
    if report.ok is False:
        raise UnsupportedError(SINGULAR, hint=REMEDY)
    if report.ok is None:
        raise UndecidedError(
            f"the Newton step could not be checked: {report.detail}",
            hint="the Hessian may be singular: " + REMEDY,
        )
    words, saves = (DENSE, None) if found is None else (found.words, found.saves)
    return NewtonStep(result, words, {**symbols, g.name: g}, report, saves, others[0] if others and saves else None)


def _checked(h: Expr, x: Expr, g: Expr, result: Expr) -> CheckReport:
    """The formula for G = H·vec(V) against V, with nothing simplified: no H⁻¹·H that might not exist.

    The other way round a formula that divides by a rounding error would pass where H is singular.
    """
    v = fresh("V", x.shape, free_symbols(h, result), x.data[1] & TANGENT)
    moved = make("dot", (h, vec(v)), None, (h.shape[0], 1))
    if x.shape[1] != 1:
        inside = (v.shape[0], v.shape[1])
        moved = make("transpose", (moved,), None, inside) if inside[0] == 1 else make("unvec", (moved, v), None, inside)

    done: dict[Expr, Expr] = {g: moved}
    for e in postorder(result):
        done.setdefault(e, with_args(e, tuple(done[a] for a in e.args)))
    return check_equal(done[result], v)
