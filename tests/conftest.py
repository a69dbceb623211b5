"""Random points for tests."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from matcalc.check.jets import NoValue
from matcalc.check.points import draw, sizes_of
from matcalc.expr import Expr, free_symbols

QUIET = {"deadline": None, "suppress_health_check": list(HealthCheck), "derandomize": True}
settings.register_profile("default", max_examples=100, **QUIET)  # type: ignore[arg-type]
settings.register_profile("nightly", max_examples=2500, **QUIET)  # type: ignore[arg-type]
settings.load_profile("default")

Point = tuple[dict[str, Any], dict[str, int]]


@pytest.fixture
def at_point() -> Callable[..., Any]:
    """Calls a function with a random point of some expressions, redrawing until it has a value there."""

    def call(
        roots: list[Expr],
        function: Callable[[dict[str, Any], dict[str, int]], Any],
        plan: str = "distinct",
        seed: int = 1,
    ) -> Any:
        random = Random(seed)
        symbols = free_symbols(*roots)
        for attempt in range(40):
            sizes = sizes_of([*roots, *symbols.values()], plan, random)
            point = {n: draw(s, sizes, attempt, random) for n, s in symbols.items()}
            try:
                return function(point, sizes)
            except NoValue:
                continue
        raise AssertionError("no point found")

    return call
