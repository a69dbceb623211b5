"""Newton steps: H⁻¹·vec(G) by the structure of the Hessian, without ever forming what the structure saves."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from matcalc import algebra
from matcalc.check import CheckReport, check_equal
from matcalc.elaborate import elaborate
from matcalc.errors import RuleError, UndecidedError, UnsupportedError
from matcalc.expr import Expr, postorder
from matcalc.linear import vec
from matcalc.pattern import instantiate, match
from matcalc.resources import resource
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
        check: H·vec(U) against vec(G) at random points.
    """

    result: Expr
    structure: str
    symbols: Mapping[str, Expr]
    check: CheckReport

    def code(self, target: str = "numpy") -> str:
        """The source of a function that computes it."""
        from matcalc.codegen import Argument, source_code

        return source_code(self.result, [Argument(n, s.shape) for n, s in self.symbols.items()], target, "newton_step")

    def compile(self, target: str = "numpy") -> Callable[..., Any]:
        """A function of keyword arguments."""
        from matcalc.codegen import Argument, compile_function

        return compile_function(self.result, [Argument(n, s.shape) for n, s in self.symbols.items()], target)

    def __str__(self) -> str:
        return str(self.result)

    __repr__ = __str__


_LINE = re.compile(r'solve\s+\w+\s+(.*?)\s+=>\s+(.*?)\s+where\s+(.*?)\s+"([^"]*)"\s*$')


@lru_cache(maxsize=1)
def _table() -> tuple[_Entry, ...]:
    entries = []
    text = resource("rules").joinpath("solve.rules").read_text(encoding="utf-8")
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        found = _LINE.match(line)
        if found is None:
            raise RuleError(
                'a line reads: solve NAME H => U where DECLARATIONS "WORDS"', file="solve.rules", line=number
            )
        pattern, solution, shapes, words = found.groups()
        declared = parse_where(shapes)
        sides = [elaborate(parse_program(s), declared, dims=("n", "p", "q")).expr for s in (pattern, solution)]
        entries.append(_Entry(sides[0], sides[1], words))
    return tuple(entries)


def _find(h: Expr, g: Expr) -> tuple[Expr, str] | None:
    """The solution for a Hessian with structure, and the structure in words."""
    number, rest = algebra.split_number(h)
    scalars, core = algebra.split_scalars(rest)
    for entry in _table():
        right = next(e for e in postorder(entry.solution) if e.op == "symbol" and e.name == "G")
        for shaped in match(right, g, {}):
            for bound in match(entry.pattern, core, shaped):
                front = [algebra.power(s, algebra.number(-1)) for s in (algebra.number(number), *scalars)]
                return algebra.mul(*front, instantiate(entry.solution, bound)), entry.words
    return None


def structure_of(h: Expr, x: Expr) -> str:
    """The structure of a Hessian by x in words: "diagonal", "a Kronecker product", …; "dense" if none is known."""
    try:
        found = _find(h, algebra.symbol("G", x.shape))
    except UnsupportedError:
        return "singular"
    return DENSE if found is None else found[1]


def newton_step(h: Expr, x: Expr, g: Expr, symbols: Mapping[str, Expr]) -> NewtonStep:
    """H⁻¹·vec(G) for a Hessian by x.

    Raises: UnsupportedError if G has not the shape of x or H is singular, UndecidedError if it could not be checked.
    """
    if g.shape != x.shape:
        raise UnsupportedError(f"{g.name} does not have the shape of {x.name}")
    try:
        found = _find(h, g)
        if found is None:
            stacked = algebra.mul(algebra.inverse(h), vec(g))
            found = stacked if x.shape[1] == 1 else algebra.apply("unvec", stacked, x), DENSE
        result, words = simplest(found[0]), found[1]
    except UnsupportedError as zero:  # a denominator that is zero everywhere
        raise UnsupportedError(SINGULAR, hint=REMEDY) from zero
    report = check_equal(algebra.mul(h, vec(result)), vec(g))
    if report.ok is False:
        raise UnsupportedError(SINGULAR, hint=REMEDY)
    if report.ok is None:
        raise UndecidedError(
            f"the Newton step could not be checked: {report.detail}",
            hint="the Hessian may be singular: " + REMEDY,
        )
    return NewtonStep(result, words, {**symbols, g.name: g}, report)
