"""From a formula as read to checked derivatives of every kind and order."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from matcalc import algebra
from matcalc.atoms import TANGENT
from matcalc.check import PROOF, CheckReport, check
from matcalc.derivation import Derivation, Reading, function_name, is_turned
from matcalc.elaborate import Elaborated
from matcalc.errors import CheckFailed, LimitError, ShapeError, Side, UndecidedError, UnsupportedError
from matcalc.expr import Expr, free_symbols, postorder, rebuild
from matcalc.linear import LinearMap, fresh, inner
from matcalc.rulebook import COTANGENT, Rulebook
from matcalc.simplify import cost, simplest
from matcalc.structure import structured_derivative
from matcalc.sweep import Sweep, sweep

__all__ = ["HIGHEST", "Differentiation"]

HIGHEST = 3
"""The highest order: of derivatives by a scalar, and of directional derivatives."""


class Differentiation:
    """One differentiation under way: the formula as read, the rules, the conventions, the seed of the check."""

    def __init__(self, found: Elaborated, book: Rulebook, convention: str, layout: str, seed: int | None) -> None:
        self.found, self.book, self.convention, self.layout, self.seed = found, book, convention, layout, seed
        self.applied: list[str] = []

    # --- first, second and third derivatives --------------------------------------------------------------------------

    def first(self, variables: Sequence[Expr]) -> list[Derivation]:
        """The first derivatives by some variables, from one sweep."""
        started = time.perf_counter()
        used: list[str] = []
        with self.book.in_force(used):
            f = rebuild(self.found.expr, algebra.reconstruct)
        self.applied += used
        with self.book.in_force(self.applied):
            swept = self.swept(f, variables)
            shared = (time.perf_counter() - started) * 1e3 / len(variables)
            return [self.finish(f, swept, x, shared, rewrites=tuple(used)) for x in variables]

    def again(self, before: Derivation, y: Expr) -> Derivation:
        """The derivative of a derivative: a Hessian, a mixed second derivative, a third one by a scalar."""
        if not before.rewritten.is_scalar:
            raise UnsupportedError(
                "second derivatives are those of scalar functions", hint="take the entry or the sum that you need"
            )
        started = time.perf_counter()
        gradient = before.result
        with self.book.in_force(self.applied):
            swept = self.swept(gradient, [y], "f" + "′" * before.order)
            spent = before.timings["derive"] + (time.perf_counter() - started) * 1e3
            return self.finish(gradient, swept, y, spent, previous=before)

    def repeated(self, d: Derivation, order: int) -> Derivation:
        """The derivative of an order by the same variable."""
        if order > 2 and not d.variable.is_scalar:
            raise UnsupportedError(
                f"the third derivative by {d.variable.name} has more than two indices",
                hint='along a direction it is a number: along="V" (--along V)',
            )
        for _ in range(order - 1):
            d = self.again(d, d.variable)
        return d

    def hessian_product(self, gradient: Derivation, v: Expr) -> Derivation:
        """H·V: the derivative of the gradient in the direction V, in the shape of the variable."""
        if not gradient.rewritten.is_scalar:
            raise UnsupportedError("Hessian products are those of scalar functions")
        started = time.perf_counter()
        x = gradient.variable
        _same_shape(v, x)
        with self.book.in_force(self.applied):
            swept = self.swept(gradient.result, [x], "f′")
            spent = gradient.timings["derive"] + (time.perf_counter() - started) * 1e3
            return self.finish(gradient.result, swept, x, spent, previous=gradient, direction=v)

    def along(self, f: Derivation, v: Expr, order: int) -> Derivation:
        """The directional derivative dᵏF(X + tV)/dtᵏ at t = 0, in the shape of F."""
        _same_shape(v, f.variable)
        if not f.rewritten.is_scalar:
            return self._array_along(f, v, order)
        d = f
        for level in range(1, order + 1):
            if level > 1:
                with self.book.in_force(self.applied):
                    swept = self.swept(d.result, [f.variable], "f" + "′" * (level - 1))
                    d = self.finish(d.result, swept, f.variable, d.timings["derive"], previous=d, kind="gradient")
            with self.book.in_force(self.applied):
                value = simplest(inner(d.result, v))
            reading = Reading("", d.result, value, f"the inner product with {v.name}")
            d = replace(
                d,
                kind="directional",
                result=value,
                direction=v,
                readings=(*d.readings, reading),
                symbols={**d.symbols, v.name: v},
            )
        return d

    def _array_along(self, f: Derivation, v: Expr, order: int) -> Derivation:
        """The differential at V, and the differential of that at V."""
        x, spent = f.variable, f.timings["derive"]
        with self.book.in_force(self.applied):
            d = self.finish(f.rewritten, f.sweep, x, spent, f.rewrites, direction=v, kind="directional")
            for _ in range(order - 1):
                swept = self.swept(d.result, [x])
                d = self.finish(d.result, swept, x, spent, previous=d, direction=v, kind="directional")
        return d

    # --- reading the derivative off what was pulled back --------------------------------------------------------------

    def cotangent(self, f: Expr) -> Expr:
        """The symbol S, with a name that is still free."""
        return fresh(COTANGENT, f.shape, self.found.symbols)

    def swept(self, f: Expr, variables: Sequence[Expr], label: str = "f") -> Sweep:
        """The sweep of f, or of φ = ⟨S, f⟩ for a cotangent S of its shape."""
        if f.is_scalar:
            return sweep(f, variables, self.book, label=label)
        pairing = fresh("phi", (1, 1), self.found.symbols).name
        return sweep(f, variables, self.book, seed=self.cotangent(f), label=pairing)

    def finish(
        self,
        f: Expr,
        swept: Sweep,
        x: Expr,
        spent: float,
        rewrites: tuple[str, ...] = (),
        previous: Derivation | None = None,
        direction: Expr | None = None,
        kind: str | None = None,
    ) -> Derivation:
        """Read the derivative off what was pulled back, and simplify it."""
        started = time.perf_counter()
        kind = kind or _kind(f, x, previous, direction)
        notes = list(self.found.notes)
        if x not in free_symbols(f).values() and previous is None:
            notes.append(f"the formula does not depend on {x.name}, so the derivative is zero")
        raw, differential = swept.results[x], None
        readings: list[Reading] = []
        if not f.is_scalar:
            differential, readings = self.differential(f, swept, x, previous)
            raw, reason = differential.value, "; ".join(differential.identities())
            if direction is not None or x.is_scalar:
                raw = differential(algebra.ONE if direction is None else direction)
                reason = f"{differential.argument.name} = {direction or 1}"
            else:
                try:
                    raw = self.matrix_of(differential)
                except UnsupportedError as unread:
                    notes.append(f"{unread.headline()}, so the answer is the differential")
                    direction, kind = differential.argument, "directional" if previous is None else "hvp"
            if raw is not differential.value:
                readings.append(Reading("", readings[-1].after, raw, reason))
        elif direction is not None:
            raw = algebra.mul(raw, direction)
        structured = structured_derivative(raw, x, self.convention, kind)
        if structured is not None:
            notes.append(structured[1])
            if structured[0] is not raw:
                readings.append(Reading("", raw, structured[0], structured[1]))
            raw = structured[0]
        result = simplest(raw)
        unproved = self.unproved(swept)
        notes += unproved
        same = kind == "hessian" and previous is not None and x == previous.variable
        if same and structured is None and not result.is_symmetric:
            result = min((result, simplest(algebra.transpose(raw))), key=cost)  # a Hessian is symmetric
        if is_turned(self.layout, kind, x):
            turned = simplest(algebra.transpose(result))
            readings.append(Reading("", result, turned, f"transposed: {self.layout} layout"))
            result = turned
        return Derivation(
            kind=kind,
            function=self.found.expr,
            variable=x,
            result=result,
            symbols=self.found.symbols if direction is None else {**self.found.symbols, direction.name: direction},
            sweep=swept,
            rewritten=f,
            rewrites=rewrites,
            readings=tuple(readings),
            previous=previous,
            direction=direction,
            layout=self.layout,
            differential=differential,
            notes=tuple(notes),
            timings={"derive": spent + (time.perf_counter() - started) * 1e3},
            book=self.book,
            convention=self.convention,
            unproved=tuple(unproved),
        )

    def differential(
        self, f: Expr, swept: Sweep, x: Expr, previous: Derivation | None
    ) -> tuple[LinearMap, list[Reading]]:
        """dF as a linear map of dX, and the step that leads to it: the adjoint of the pullback."""
        tangent = fresh("d" + x.name, x.shape, self.found.symbols, x.data[1] & TANGENT)
        found = LinearMap(self.cotangent(f), swept.results[x], self.book).adjoint(tangent)
        left = "d" + function_name(f, previous)
        s, phi = swept.seed.name, swept.label.replace("phi", "φ")
        reason = f"⟨{s}, {left}⟩ = ⟨d{phi}/d{x.name}, {tangent.name}⟩ for every {s}"
        return found, [Reading(left, swept.results[x], found.value, reason)]

    def matrix_of(self, differential: LinearMap) -> Expr:
        """∂vec F/∂vec X; where transposes remain, read off the simplified differential if that is shorter."""
        matrix = differential.matrix()
        if not any(e.op == "commutation" for e in postorder(matrix)):
            return matrix
        again = replace(differential, value=simplest(differential.value)).matrix()
        return min((matrix, again), key=lambda m: cost(simplest(m)))

    def unproved(self, swept: Sweep) -> list[str]:
        """A note for each rule and rewrite used that is marked as unproved."""
        rules = [pull.rule.entry for equation in swept.equations.values() for pull in equation.pulls]
        entries = dict.fromkeys([*rules, *(self.book.rewrites[n].entry for n in self.applied)])
        return [f"{e.name} is not proved: {e.get('unproved')}" for e in entries if e.get("unproved")]

    # --- the check ----------------------------------------------------------------------------------------------------

    def verify(self, d: Derivation) -> None:
        """Check a result; nothing leaves unchecked.

        Raises: CheckFailed if it is refuted, UndecidedError if there is no verdict.
        """
        started = time.perf_counter()
        function, first, kind = self.found.expr, d.variable, d.kind
        claim = algebra.transpose(d.result) if is_turned(d.layout, d.kind, d.variable) else d.result
        if d.order > 2 or (d.kind == "directional" and d.previous is not None):
            assert d.previous is not None  # one derivative more of what is checked first
            self.verify(d.previous)
            function, kind = d.previous.result, "gradient" if d.kind == "derivative" else d.kind
        elif d.previous is not None:
            first = d.previous.variable
        try:
            d.check = check(
                function,
                first,
                claim,
                kind,
                then=d.variable,
                direction=d.direction,
                convention=self.convention,
                seed=self.seed,
            )
        except LimitError as limit:  # a proof does not depend on sizes
            if d.proof is None:
                raise
            d.check = CheckReport(True, PROOF, f"not evaluated: {limit.headline()}")
        d.timings["check"] = (time.perf_counter() - started) * 1e3
        if d.check.ok is False:
            raise CheckFailed(
                "the answer did not pass its check, so it is withheld", counterexample=d.check.counterexample
            )
        if d.check.ok is None:
            raise UndecidedError(
                f"the answer could not be checked: {d.check.detail}",
                hint="declare what keeps the formula in its domain, such as x: n positive",
            )


def _kind(f: Expr, x: Expr, previous: Derivation | None, direction: Expr | None) -> str:
    """The word for a derivative."""
    if direction is not None:
        return "hvp"
    if previous is not None:
        return "hessian" if previous.previous is None else "derivative"
    if f.is_scalar:
        return "gradient"
    return "jacobian" if 1 in f.shape and 1 in x.shape else "derivative"


def _same_shape(v: Expr, x: Expr) -> None:
    if v.shape != x.shape:
        raise ShapeError(
            f"the direction {v.name} does not have the shape of {x.name}",
            left=Side(v.shape, v.name),
            right=Side(x.shape, x.name),
        )
