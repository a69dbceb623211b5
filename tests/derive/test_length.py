"""Results are no longer than what textbooks print, in nodes of the written formula."""

from __future__ import annotations

import matcalc
from tests.corpus import cases, where


def test_corpus() -> None:
    """At least 97 of 100 results are not longer than the source's form, and none is more than a fifth longer."""
    ratios = {}
    for case in cases():
        if case.get("closed_form"):
            d = matcalc.derive(case["expr"], case["wrt"], where=where(case), order=1 + (case["kind"] == "hessian"))
            ratios[case["id"]] = d.result.size / matcalc.parse(case["closed_form"], where=where(case)).size
    assert len(ratios) > 150
    assert {name: r for name, r in ratios.items() if r > 1.2} == {}
    assert sum(r <= 1 for r in ratios.values()) >= 0.97 * len(ratios)
