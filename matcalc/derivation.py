"""A derivation as data: what was derived, by which steps, with what result, and how it was checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from matcalc import algebra, printing
from matcalc.atoms import TANGENT
from matcalc.check import CheckReport
from matcalc.codegen import Argument, Tensor, compile_function, source_code
from matcalc.dims import Shape, show_dim, show_shape
from matcalc.errors import UnsupportedError
from matcalc.expr import Expr
from matcalc.indices import index_terms
from matcalc.linear import LinearMap, fresh, inner, vec
from matcalc.newton import NewtonStep, newton_step, structure_of
from matcalc.proof import Proof, prove
from matcalc.rulebook import Rulebook
from matcalc.simplify import expand, simplest
from matcalc.sweep import Equation, Pull, Sweep, replace
from matcalc.sympy_bridge import to_sympy

__all__ = ["LAYOUTS", "Derivation", "Line", "Reading", "Step", "function_name", "is_turned"]

LAYOUTS = {"mixed": (), "numerator": ("gradient",), "denominator": ("jacobian", "derivative", "hessian")}
"""Conventions, and the kinds of derivatives that each prints transposed.

Mixed: gradients have the shape of X, all others are entries of F by entries of X. Numerator: gradients are rows, too.
Denominator: all are entries of X by entries of F.
"""

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
class Reading:
    """A step after the sweep: what was pulled back, read as the derivative that was asked for.

    left:   what the line is about, such as dF; "" for the derivative itself.
    """

    left: str
    before: Expr
    after: Expr
    reason: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a derivation in print: left side (or None for another = ), right side, number of the step, reason."""

    left: Expr | str | None
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
        notes: what was assumed, and which rules and rewrites without a proof were used; `unproved` holds the latter alone.
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
    book: Rulebook
    rewrites: tuple[str, ...] = ()
    readings: tuple[Reading, ...] = ()
    previous: Derivation | None = None
    direction: Expr | None = None
    layout: str = "mixed"
    convention: str = "within"
    unproved: tuple[str, ...] = ()
    differential: LinearMap | None = None
    notes: tuple[str, ...] = ()
    check: CheckReport | None = None
    timings: dict[str, float] = field(default_factory=dict)

    @property
    def shape(self) -> Shape:
        """The shape of the result."""
        return self.result.shape

    @property
    def raw(self) -> Expr:
        """The result of the sweep, before it was simplified."""
        return self.sweep.results[self.variable]

    @cached_property
    def proof(self) -> Proof | None:
        """A proof in index form that the result is right for all sizes; None where none was found.

        >>> import matcalc
        >>> matcalc.derive("||X - D*R||_F^2", "D").proof is not None
        True
        """
        if self.order > 2 or self.kind not in ("gradient", "jacobian", "derivative", "hessian"):
            return None
        claim = algebra.transpose(self.result) if is_turned(self.layout, self.kind, self.variable) else self.result
        first = self.variable if self.previous is None else self.previous.variable
        return prove(self.function, first, claim, self.kind, self.variable)

    @property
    def assurance(self) -> str:
        """How it is known that the result is right, in words: for all sizes only where there is a proof."""
        words = ["proved for all sizes"] if self.proof else []
        return "; ".join([*words, str(self.check)] if self.check else words)

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
        with self.book.in_force():
            state = algebra.unknown(self.sweep.label, self.variable)
            for eq in self.equations:
                after = replace(state, {eq.unknown: eq.rhs})
                rules = tuple(dict.fromkeys(p.rule.name for p in eq.pulls))
                found.append(
                    Step("rule", rules, eq.unknown, eq.rhs, state, after, eq.pulls, _reason(eq.pulls, "unicode"))
                )
                state = after
            for r in self.readings:
                after = simplest(r.after) if r.left else r.after
                found.append(Step("map", (), state, after, state, after, reason=r.reason))
                state = after
        if self.result is not state and (self.result != state or self.result.size != state.size):
            found.append(
                Step("simplify", (), state, self.result, state, self.result, reason="common factors taken out")
            )
        return tuple(found)

    def lines(self, style: str = "unicode") -> list[Line]:
        """The derivation for print: whole states, or one equation per node where there are very many."""
        unknown = algebra.unknown(self.sweep.label, self.variable)
        first = 1 if self.previous is None else self.previous.lines(style)[-1].number + 1
        if len(self.equations) > STATES:
            return [Line(eq.unknown, eq.rhs, i, _reason(eq.pulls, style)) for i, eq in enumerate(self.equations, first)]
        shown: list[Line] = []
        begun = False
        lefts = iter([r.left or self.heading(style) for r in self.readings])
        for i, s in enumerate(self.steps, first):
            reason = _reason(s.pulls, style) if s.pulls else s.reason
            left: Expr | str | None = None
            if s.kind == "rewrite":
                left = self.name
            elif s.kind == "map":
                left = next(lefts)
            elif not begun:
                left, begun = unknown, True
            shown.append(Line(left, s.after, i, reason))
        return shown

    def text(self, steps: bool = False, ascii: bool = False, form: str | None = None) -> str:
        """The result or a form of it, or with `steps` the whole derivation, as text.

        >>> import matcalc
        >>> matcalc.derive("a'*X*b", "X").text(ascii=True)
        "a*b'"
        >>> print(matcalc.derive("a'*X*a", "X").text(steps=True, form="index"))
        y_i = Σ_j X_ij·a_j
        f = Σ_i a_i·y_i = Σ_ij a_i·X_ij·a_j
        ∂f/∂X_kl = Σ_ij δ_ik·δ_jl·a_i·a_j = a_k·a_l
        """
        return self._written("ascii" if ascii else "unicode", steps, form)

    def latex(self, steps: bool = False, standalone: bool = False, form: str | None = None) -> str:
        """The result or a form of it, or with `steps` the derivation as align*, in LaTeX.

        `standalone` makes a file that compiles. How the result is known to be right stands in it; beside steps in comments.
        """
        body = self._written("latex", steps, form)
        if standalone:
            return printing.standalone(body, steps=steps, below=printing.remarks_latex(self, visible=True))
        return printing.remarks_latex(self, visible=False) + body if steps else body

    def _written(self, style: str, steps: bool, form: str | None) -> str:
        if form == "index":
            with self.book.in_force():
                return printing.index_text(self, style, steps)
        if steps:
            return printing.derivation_latex(self) if style == "latex" else printing.derivation_text(self, style)
        if form == "operator":
            return printing.operator_text(self._maps(), style)
        if form == "let":
            return printing.let_text(self.result, style)
        shown = self.result if form is None else self.form(form)
        assert isinstance(shown, Expr)
        return printing.result_text(shown, style)

    def heading(self, style: str = "unicode") -> str:
        """The name of the derivative: df/dW, ∂vec F/∂vec X, d²f/dx²; in Unicode, ASCII or LaTeX."""
        return printing.heading(self, style)

    @property
    def order(self) -> int:
        """1, 2 or 3."""
        return 1 if self.previous is None else self.previous.order + 1

    @property
    def tangent(self) -> Expr:
        """The symbol dX of the differential."""
        if self.differential is not None:
            return self.differential.argument
        x = self.variable
        return fresh("d" + x.name, x.shape, self.symbols, x.data[1] & TANGENT)

    @property
    def name(self) -> str:
        """What the function is called in print: f, f′, a matrix F, a gradient ∇f."""
        f = self.rewritten
        return self.sweep.label if f.is_scalar else function_name(f, self.previous)

    @property
    def layout_words(self) -> str:
        """What the rows and columns of the result are, and in which layout."""
        x, turned = self.variable.name, is_turned(self.layout, self.kind, self.variable)
        if self.result.is_scalar:
            return f"{self.layout} layout"
        of_function = self.kind == "directional" or self.variable.is_scalar
        if self.kind in ("gradient", "hvp") or of_function:
            words = f"that of {'the function' if of_function else x}" + " transposed" * turned
        else:
            function = self.previous.variable.name if self.previous is not None else "the function"
            pair = [x, function] if turned else [function, x]
            words = f"entries of {pair[0]} by entries of {pair[1]}"
        return f"{words}; {self.layout} layout"

    def shape_words(self, form: str | None = None) -> str:
        """The shape of the result or of a form of it, what its rows and columns are, and in which layout.

        >>> import matcalc
        >>> matcalc.derive("A*X*b", "X", where="A: m×n, X: n×p").shape_words("index")
        'm×n×p (entries of the function by entries of X)'
        """
        x = self.variable.shape
        if form == "operator":
            return f"{show_shape(x)} to {show_shape(self.linear_map.value.shape)}, the adjoint back"
        if form == "index" and self.kind not in ("gradient", "hvp"):
            axes = "×".join(show_dim(d) for d in (*self.linear_map.value.shape, *x) if d != 1) or "scalar"
            return f"{axes} ({self.layout_words.partition(';')[0]})"
        shown = self.form(form) if form in ("differential", "vec") else self.result
        assert isinstance(shown, Expr)
        if form == "differential":
            return show_shape(shown.shape) + " (that of the function)" * (not shown.is_scalar)
        if form == "vec":
            left = "the function" if self.previous is None else self.previous.variable.name
            return f"{show_shape(shown.shape)} (entries of {left} by entries of {self.variable.name})"
        return f"{show_shape(self.shape)} ({self.layout_words})"

    @property
    def plain(self) -> Expr:
        """The result in mixed layout."""
        return algebra.transpose(self.result) if is_turned(self.layout, self.kind, self.variable) else self.result

    @property
    def linear_map(self) -> LinearMap:
        """The derivative as a linear map: of dX for a first derivative, of dX to the change of ∇f for a second one."""
        if self.differential is not None:
            return self.differential
        if self.kind == "directional":
            hint = "without the direction it is one, with all its forms"
            raise UnsupportedError("a derivative along a direction is no linear map", hint=hint)
        with self.book.in_force():
            return LinearMap(self.tangent, inner(self.plain, self.tangent), self.book)

    def form(self, name: str) -> Expr | str:
        """Another view of the same result.

        Args:
            name: "expanded" (products multiplied out), "let" (named intermediates), "differential" (dF as a function of
                dX, d²f of a second derivative), "vec" (∂vec F/∂vec X), "operator" (the linear map and its adjoint), or
                "index" (entries with sums and deltas). Of these let, operator and index are text.

        Raises: UnsupportedError for another name.

        >>> import matcalc
        >>> matcalc.derive("||X - D*R||_F^2", "D").form("expanded")
        −2X·Rᵀ + 2D·R·Rᵀ
        >>> matcalc.derive("inv(X)", "X").form("differential")
        −X⁻¹·dX·X⁻¹
        """
        if name not in FORMS:
            raise UnsupportedError(f"there is no form {name}", hint=f"forms: {', '.join(FORMS)}")
        found = FORMS[name]
        if found is None:
            return self.text(form=name)
        with self.book.in_force():
            return found(self)

    @property
    def structure(self) -> str | None:
        """What is special about a Hessian, in words: "diagonal", "a Kronecker product", …, or "dense"."""
        if self.kind != "hessian" or self.variable.is_scalar or self.result.shape[0] != self.result.shape[1]:
            return None
        with self.book.in_force():
            return structure_of(self.result, self.variable)

    def solve(self, g: str | Expr = "G") -> NewtonStep:
        """H⁻¹·vec(G) for a Hessian H, in the shape of the variable, by the structure of H.

        Args:
            g: the right side, a name or a symbol of the shape of the variable.

        Raises: UnsupportedError for what is not a Hessian or is singular.

        >>> import matcalc
        >>> step = matcalc.derive("||T - U*V'||_F^2", "U", where="U: m×r, V: n×r", order=2).solve("G")
        >>> step, step.structure
        (1/2·G·(Vᵀ·V)⁻¹, 'block diagonal with equal blocks, rows in turn')
        """
        if self.structure is None:
            raise UnsupportedError("a Newton step needs a Hessian", hint="derive(…, order=2)")
        x = self.variable
        right = g if isinstance(g, Expr) else self.symbols.get(g) or algebra.symbol(g, x.shape, x.data[1] & TANGENT)
        with self.book.in_force():
            return newton_step(self.result, self.variable, right, self.symbols)

    def _expanded(self) -> Expr:
        return expand(self.result)

    def _differential(self) -> Expr:
        if self.order == 2 and self.previous is not None:
            return simplest(inner(self.previous.tangent, self.linear_map.value))
        return simplest(self.linear_map.value)

    def _vec(self) -> Expr:
        matrix = vec(self.plain) if self.kind in ("gradient", "hvp") or self.variable.is_scalar else self.plain
        return algebra.transpose(matrix) if self.kind == "gradient" else matrix

    @cached_property
    def simplest_map(self) -> LinearMap:
        """The linear map with its value simplified."""
        with self.book.in_force():
            return LinearMap(self.linear_map.argument, simplest(self.linear_map.value), self.book)

    def _maps(self) -> list[LinearMap]:
        """The linear map and its adjoint, simplified."""
        with self.book.in_force():
            back = self.linear_map.adjoint()
            return [self.simplest_map, LinearMap(back.argument, simplest(back.value), self.book)]

    def code(self, target: str = "numpy") -> str:
        """The source of a function that computes the result; vectors are 1-D arrays, rows 1×n."""
        return source_code(self.result, self._arguments(), target, self.kind, self._blocks(), self._tensor())

    def compile(self, target: str = "numpy") -> Callable[..., Any]:
        """A function of keyword arguments, one for every declared name, used or not.

        Generic functions are passed by name, g=…, their derivatives as dg=…, d2g=….
        """
        return compile_function(self.result, self._arguments(), target, self._blocks(), self._tensor())

    def _arguments(self) -> list[Argument]:
        return [Argument(n, s.shape) for n, s in self.symbols.items()]

    def _blocks(self) -> tuple[Shape, Shape] | None:
        """The shapes F and X of a derivative ∂vec F/∂vec X."""
        if self.kind in ("gradient", "hvp", "directional") or self.variable.is_scalar:
            return None
        outer = self.rewritten.shape if self.previous is None else self.previous.variable.shape
        blocks = (outer, self.variable.shape)
        return blocks[::-1] if is_turned(self.layout, self.kind, self.variable) else blocks

    def _tensor(self) -> Tensor | None:
        """The derivative as an array where it has more than two indices; None where its matrix is the array."""
        blocks = self._blocks()
        if blocks is None or not any(1 not in shape for shape in blocks) or self.differential is None:
            return None
        change = self.simplest_map
        turned = is_turned(self.layout, self.kind, self.variable)
        try:
            with self.book.in_force():
                terms = index_terms(change)
        except UnsupportedError:
            return Tensor(None, change.value, change.argument, turned)
        return Tensor(terms, change.value, change.argument, turned)

    def to_json(self) -> str:
        """The derivation as JSON, with a version."""
        return printing.derivation_json(self)

    def to_sympy(self) -> Any:
        """The result as a SymPy expression; raises UnsupportedError where SymPy has no such operator."""
        return to_sympy(self.result)

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"

    def __str__(self) -> str:
        return self.text()

    __repr__ = __str__


FORMS: dict[str, Callable[[Derivation], Expr] | None] = {
    "expanded": Derivation._expanded,
    "differential": Derivation._differential,
    "vec": Derivation._vec,
    "let": None,
    "operator": None,
    "index": None,
}
"""What else a result can be looked at as: expressions, and text."""


def function_name(f: Expr, previous: Derivation | None) -> str:
    """What a function of several entries is called in print: F, a vector f, the gradient ∇f, a directional derivative F′."""
    if previous is not None and previous.kind != "directional":
        return "∇f"
    return ("f" if 1 in f.shape else "F") + "′" * (0 if previous is None else previous.order)


def is_turned(layout: str, kind: str, variable: Expr) -> bool:
    """Whether a layout prints a derivative of a kind transposed; a second derivative by a scalar never is."""
    return kind in LAYOUTS[layout] and not (kind == "hessian" and variable.is_scalar)


def _reason(pulls: tuple[Pull, ...], style: str) -> str:
    """The reasons of the rules used, with the bound expressions in place of {names}."""
    return "; ".join(dict.fromkeys(printing.reason_text(p.pullback.reason, p.bindings, style) for p in pulls))
