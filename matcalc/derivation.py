"""A derivation as data: what was derived, by which steps, with what result, and how it was checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from matcalc import algebra
from matcalc.check import CheckReport
from matcalc.dims import Shape
from matcalc.errors import UnsupportedError
from matcalc.expr import Expr
from matcalc.rulebook import COTANGENT, Rulebook
from matcalc.sweep import Equation, Pull, Sweep, replace, sweep

__all__ = ["Derivation", "Line", "Step"]

STATES = 60
"""Derivations of more steps are shown as equations, one per node, instead of whole states."""


@dataclass(frozen=True, slots=True)
class Step:
    """One rewriting of one place of the state before it into the state after it.

    kind:   "rewrite" (of the function, before the sweep), "rule" (an unknown is replaced), "map" (a linear map is read
            off) or "simplify" (of the result).
    rules:  the names of the entries used.
    reason: why, in words, with the bound expressions in `bindings` for its {names}.
    """

    kind: str
    rules: tuple[str, ...]
    place: Expr
    replacement: Expr
    before: Expr
    after: Expr
    pulls: tuple[Pull, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a derivation in print: left side (or None for another = ), right side, number of the step, reason."""

    left: Expr | None
    right: Expr
    number: int
    reason: str


@dataclass
class Derivation:
    """A derivative in closed form, with the steps that lead to it and the check that it passed.

    Attributes:
        kind: "gradient", "jacobian", "derivative" or "hessian".
        function: what was differentiated.
        variable: by what.
        result: the closed form.
        notes: what was assumed.
        check: the verdict of the checker.
        timings: milliseconds of "parse", "derive" and "check".

    >>> import matcalc
    >>> matcalc.derive("||X - D*R||_F^2", "D").text()
    '−2(X − D·R)·Rᵀ'
    """

    kind: str
    function: Expr
    variable: Expr
    result: Expr
    symbols: Mapping[str, Expr]
    sweep: Sweep
    rewritten: Expr
    rewrites: tuple[str, ...] = ()
    reading: tuple[Expr, Expr, str] | None = None
    previous: Derivation | None = None
    notes: tuple[str, ...] = ()
    check: CheckReport | None = None
    timings: dict[str, float] = field(default_factory=dict)
    scope: Callable[[], Any] | None = None
    book: Rulebook | None = None

    @property
    def shape(self) -> Shape:
        """The shape of the result."""
        return self.result.shape

    @property
    def raw(self) -> Expr:
        """The result of the sweep, before it was simplified."""
        return self.sweep.results[self.variable]

    @cached_property
    def equations(self) -> list[Equation]:
        """df/dN for each node N on the way from the variable to the function, the variable's first."""
        return self.sweep.equations_of(self.variable)

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The steps, each with the state before and after it."""
        found: list[Step] = []
        if self.rewrites and str(self.rewritten) != str(self.function):
            found.append(
                Step(
                    "rewrite",
                    self.rewrites,
                    self.function,
                    self.rewritten,
                    self.function,
                    self.rewritten,
                    reason="rewriting: " + ", ".join(r.replace("_", " ") for r in self.rewrites),
                )
            )
        with self._scope():
            state = algebra.unknown(self.sweep.label, self.variable)
            for eq in self.equations:
                after = replace(state, {eq.unknown: eq.rhs})
                rules = tuple(dict.fromkeys(p.rule.name for p in eq.pulls))
                found.append(
                    Step("rule", rules, eq.unknown, eq.rhs, state, after, eq.pulls, _reason(eq.pulls, "unicode"))
                )
                state = after
        if self.reading is not None:
            before, after, reason = self.reading
            found.append(Step("map", (), before, after, before, after, reason=reason))
            state = after
        if self.result is not state and (self.result != state or self.result.size != state.size):
            found.append(
                Step("simplify", (), state, self.result, state, self.result, reason="common factors taken out")
            )
        return tuple(found)

    def _scope(self) -> Any:
        from contextlib import nullcontext

        return self.scope() if self.scope is not None else nullcontext()

    def lines(self, style: str = "unicode") -> list[Line]:
        """The derivation for print: whole states, or one equation per node where there are very many."""
        unknown = algebra.unknown(self.sweep.label, self.variable)
        if len(self.equations) > STATES:
            return [Line(eq.unknown, eq.rhs, i, _reason(eq.pulls, style)) for i, eq in enumerate(self.equations, 1)]
        shown: list[Line] = []
        for i, s in enumerate(self.steps, 1):
            reason = _reason(s.pulls, style) if s.pulls else s.reason
            left = None if s.kind != "rewrite" and any(line.left is unknown for line in shown) else unknown
            shown.append(Line(algebra.symbol(self.sweep.label) if s.kind == "rewrite" else left, s.after, i, reason))
        return shown

    def text(self, steps: bool = False, ascii: bool = False) -> str:
        """The result, or with `steps` the whole derivation, as text.

        >>> import matcalc
        >>> matcalc.derive("a'*X*b", "X").text(ascii=True)
        "a*b'"
        """
        from matcalc import printing

        style = "ascii" if ascii else "unicode"
        if not steps:
            return printing.text(self.result, style=style)
        return printing.derivation_text(self, style=style)

    def latex(self, steps: bool = False, standalone: bool = False) -> str:
        """The result, or with `steps` the derivation as align*, in LaTeX; `standalone` makes a file that compiles."""
        from matcalc import printing

        body = printing.derivation_latex(self) if steps else printing.latex(self.result)
        return printing.standalone(body, steps=steps) if standalone else body

    def heading(self, style: str = "unicode") -> str:
        """The name of the derivative: df/dW, ∂vec F/∂vec X, d²f/dx²."""
        from matcalc import printing

        x = printing.text(self.variable, style)
        d = "d" if style == "ascii" else "∂"
        if self.previous is not None:
            first = printing.text(self.previous.variable, style)
            if self.variable == self.previous.variable:
                return f"d^2f/d{x}^2" if style == "ascii" else f"d²f/d{x}²"
            return f"{d}^2f/{d}{first} {d}{x}" if style == "ascii" else f"∂²f/∂{first}∂{x}"
        return f"{d}vec F/{d}vec {x}" if self.kind == "derivative" and not self.variable.is_scalar else f"df/d{x}"

    def form(self, name: str) -> Expr | str:
        """Another view of the same result.

        Args:
            name: "expanded" (products multiplied out), "differential" (dF as a function of dX), or "let" (named
                intermediates, as text).

        Raises: UnsupportedError for another name.

        >>> import matcalc
        >>> matcalc.derive("||X - D*R||_F^2", "D").form("expanded")
        −2X·Rᵀ + 2D·R·Rᵀ
        """
        from matcalc import printing
        from matcalc.simplify import expand, simplest

        with self._scope():
            if name == "expanded":
                return expand(self.result)
            if name == "differential" and self.previous is None:
                tangent = algebra.symbol("d" + self.variable.name, self.variable.shape)
                if self.rewritten.is_scalar:
                    product = algebra.mul(algebra.transpose(self.result), tangent)
                    return product if product.is_scalar else algebra.apply("tr", product)
                cotangent = algebra.symbol(COTANGENT, self.rewritten.shape)
                assert self.book is not None
                return simplest(sweep(self.raw, [cotangent], self.book, seed=tangent).results[cotangent])
        if name == "let":
            return printing.let_text(self.result)
        raise UnsupportedError(
            f"there is no form {name} of this derivative",
            hint="forms: expanded, let, differential (of first derivatives)",
        )

    def code(self, target: str = "numpy") -> str:
        """The source of a function that computes the result; vectors are 1-D arrays, rows 1×n."""
        from matcalc.codegen import source_code

        return source_code(self.result, self._arguments(), target, self.kind, self._blocks())

    def compile(self, target: str = "numpy") -> Callable[..., Any]:
        """A function of keyword arguments, one for every declared name, used or not.

        Generic functions are passed by name, g=…, their derivatives as dg=…, d2g=….
        """
        from matcalc.codegen import compile_function

        return compile_function(self.result, self._arguments(), target, self._blocks())

    def _arguments(self) -> list[Any]:
        from matcalc.codegen import Argument

        return [Argument(n, s.shape) for n, s in self.symbols.items()]

    def _blocks(self) -> tuple[Shape, Shape] | None:
        """The shapes F and X of a derivative ∂vec F/∂vec X."""
        first = self.variable if self.previous is None else self.previous.variable
        outer = self.rewritten.shape if self.previous is None else first.shape
        if self.kind == "gradient" or self.variable.is_scalar:
            return None
        return (outer, self.variable.shape)

    def to_json(self) -> str:
        """The derivation as JSON, with a version."""
        from matcalc import printing

        return printing.derivation_json(self)

    def to_sympy(self) -> Any:
        """The result as a SymPy expression; raises UnsupportedError where SymPy has no such operator."""
        from matcalc.sympy_bridge import to_sympy

        return to_sympy(self.result)

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"

    def __str__(self) -> str:
        return self.text()

    __repr__ = __str__


def _reason(pulls: tuple[Pull, ...], style: str) -> str:
    """The reasons of the rules used, with the bound expressions in place of {names}."""
    from matcalc.printing import reason_text

    return "; ".join(dict.fromkeys(reason_text(p.pullback.reason, p.bindings, style) for p in pulls))
