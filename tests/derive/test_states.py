"""Every line of every derivation of the corpus is the same number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import matcalc
from matcalc.check.points import flat
from matcalc.expr import make
from matcalc.states import value_of_state
from tests.corpus import cases, where


@pytest.mark.parametrize("case", cases("gradient"), ids=lambda c: c["id"])
def test_lines_are_equal(case: dict[str, Any], at_point: Callable[..., Any]) -> None:
    """Unknowns are valued by cutting the graph at their node, independently of the rules."""
    d = matcalc.derive(case["expr"], case["wrt"], where=where(case))
    steps = [s for s in d.steps if s.kind != "rewrite"]

    def compare(point: dict[str, Any], sizes: dict[str, int]) -> None:
        states = [steps[0].before, *(s.after for s in steps)] if steps else []
        values = [flat(value_of_state(s, d.rewritten, d.sweep.consumers, point, sizes)) for s in states]
        for value in values[1:]:
            assert list(value) == pytest.approx(list(values[0]), rel=1e-5, abs=1e-6)

    at_point([d.rewritten, d.variable, d.result], compare)


SECOND = [c for c in cases() if c["kind"] != "gradient"]


@pytest.mark.parametrize("case", SECOND, ids=lambda c: c["id"])
def test_lines_of_arrays_are_equal(case: dict[str, Any], at_point: Callable[..., Any]) -> None:
    """The same for φ = ⟨S, F⟩, from which Jacobians and Hessians are read: every line down to the differential."""
    d = matcalc.derive(case["expr"], case["wrt"], where=where(case), order=2 if case["kind"] == "hessian" else 1)
    steps = [s for s in d.steps if s.kind == "rule"]
    s, f = d.sweep.seed, d.rewritten
    if f.is_scalar:
        paired = f
    else:
        product = make("dot", (make("transpose", (s,), None, s.shape[::-1]), f), None, (s.shape[1], f.shape[1]))
        paired = product if product.is_scalar else make("tr", (product,), None, (1, 1))

    def compare(point: dict[str, Any], sizes: dict[str, int]) -> None:
        states = [steps[0].before, *(s.after for s in steps)] if steps else []
        values = [flat(value_of_state(s, paired, d.sweep.consumers, point, sizes)) for s in states]
        for value in values[1:]:
            assert list(value) == pytest.approx(list(values[0]), rel=1e-5, abs=1e-6)

    at_point([paired, d.variable, d.result], compare)


def test_a_wrong_line_shows(at_point: Callable[..., Any]) -> None:
    """The comparison fails for a derivation with a lost transpose, so it can fail."""
    d = matcalc.derive("||X*W - Y||_F^2", "W", where="X: n×n, W: n×n, Y: n×n")
    wrong = matcalc.parse("X*(X*W - Y)*2", where="X: n×n, W: n×n, Y: n×n")

    def values(point: dict[str, Any], sizes: dict[str, int]) -> tuple[list[float], list[float]]:
        return tuple(
            list(flat(value_of_state(s, d.rewritten, d.sweep.consumers, point, sizes)))
            for s in (d.steps[0].before, wrong)
        )  # type: ignore[return-value]

    right, claimed = at_point([d.rewritten, d.result], values)
    assert right != pytest.approx(claimed, rel=1e-3)
