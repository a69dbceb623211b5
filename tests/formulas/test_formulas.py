"""Formulas from books and papers: each is derived and checked, and its code agrees with differences of the function.

`formulas.jsonl` holds one formula a line: name, formula, the variable, declarations, the order of the derivative (1 if
it is left out) and the place that the formula is taken from.
"""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc.check.points import direction, draw, sizes_of
from matcalc.expr import postorder
from tests.corpus import cases

FORMULAS = [
    json.loads(line)
    for line in (Path(__file__).parent / "formulas.jsonl").read_text(encoding="utf-8").splitlines()
    if line
]
STEP = 1e-4
OPERATIONS = frozenset({"symbol", "number", "dimension"})


def _array(m: list[list[float]], shape: Any) -> Any:
    a = np.array(m, dtype=float)
    return a.reshape(()) if shape == (1, 1) else a.ravel() if shape[1] == 1 else a


def _differences(f: Any, at: dict[str, Any], name: str, h: Any) -> Any:
    """The derivative of f along h by central differences; None where two steps disagree: singular, or at a kink."""

    def quotient(step: float) -> Any:
        values = [np.asarray(f(**{**at, name: at[name] + s * step * h}), dtype=float) for s in (1, -1, 2, -2)]
        return (8 * (values[0] - values[1]) - (values[2] - values[3])) / (12 * step)

    wide, narrow = quotient(STEP), quotient(STEP / 2)
    if not (np.isfinite(wide).all() and np.isfinite(narrow).all()) or np.abs(narrow).max() > 1e6:
        return None
    return narrow if np.allclose(wide, narrow, rtol=1e-6, atol=1e-7 * (1 + np.abs(narrow).max())) else None


def _along(derivative: Any, h: Any) -> Any:
    """The derivative along h: contracted over the axes of the variable."""
    return np.tensordot(derivative, h, h.ndim) if derivative.ndim >= h.ndim else derivative * h


@pytest.mark.parametrize("case", FORMULAS, ids=lambda c: c["name"])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_derivative(case: dict[str, Any]) -> None:
    """The check passes, and so do central differences of the compiled function, in float64 at random sizes."""
    order = case.get("order", 1)
    d = matcalc.derive(case["formula"], case["wrt"], where=case["where"], order=order)
    assert d.check is not None and d.check.ok
    function = matcalc.parse(case["formula"], where=case["where"]).compile() if order == 1 else d.previous.compile()
    random = Random(case["name"])
    compared = 0
    for attempt in range(60):
        sizes = sizes_of([d.function, *d.symbols.values()], "distinct", random)
        at = {n: _array(draw(s, sizes, attempt, random), s.shape) for n, s in d.symbols.items()}
        variable = d.symbols[case["wrt"]]
        like = np.reshape(at[case["wrt"]], (-1, 1)).tolist() if at[case["wrt"]].ndim < 2 else at[case["wrt"]].tolist()
        h = _array(direction(like, random, variable.data[1]), variable.shape).reshape(at[case["wrt"]].shape)
        try:
            expected = _differences(function, at, case["wrt"], h)
            derivative, nearby = (
                np.asarray(d.compile()(**{**at, case["wrt"]: at[case["wrt"]] + s * h}), dtype=float) for s in (0, 1e-9)
            )
        except np.linalg.LinAlgError:
            continue
        size = np.abs(derivative).max()
        if expected is None or not size < np.inf or np.abs(nearby - derivative).max() > 1e-4 * size + 1e-9:
            continue  # singular
        got = _along(derivative, h)
        scale = size * np.abs(h).sum() + np.abs(np.asarray(function(**at))).max() * 1e-3
        assert np.squeeze(got) == pytest.approx(np.squeeze(expected), rel=1e-5, abs=1e-6 * scale + 1e-9)
        compared += 1
        if compared == 2:
            return
    raise AssertionError(f"{compared} points found")


def test_there_are_enough_and_none_twice() -> None:
    """300 formulas, 100 of them with three operators or more, every one with its source, none of them in the corpus."""
    assert len(FORMULAS) >= 300
    assert len({c["name"] for c in FORMULAS}) == len(FORMULAS)
    assert len({(c["formula"], c["wrt"], c.get("order", 1)) for c in FORMULAS}) == len(FORMULAS)
    assert all(c["origin"] for c in FORMULAS)
    known = {(c["expr"].replace(" ", ""), c["wrt"]) for c in cases()}
    assert not [c["name"] for c in FORMULAS if (c["formula"].replace(" ", ""), c["wrt"]) in known]
    rich = 0
    for c in FORMULAS:
        e = matcalc.parse(c["formula"], where=c["where"])
        rich += len({node.op for node in postorder(e)} - OPERATIONS) >= 3
    assert rich >= 100
