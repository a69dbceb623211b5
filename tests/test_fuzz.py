"""Spoiled and random input: an answer or a clear error, and nothing else. benchmarks/fuzz.py tries more of it."""

from __future__ import annotations

import pytest

from benchmarks.fuzz import SHARES, made, outcome

SAMPLE = 2000


@pytest.mark.parametrize("part", range(8))
def test_nothing_but_our_own_errors(part: int) -> None:
    """No input raises anything but a MatcalcError."""
    found = {number: outcome(number) for number in range(part, SAMPLE, 8)}
    assert not {made(number): what for number, what in found.items() if "!" in what}


@pytest.mark.parametrize("number", [20061430, 30013829])
def test_what_went_wrong_once(number: int) -> None:
    """A norm with an odd subscript; a line whose value has another shape than its formula."""
    assert "!" not in outcome(number)


def test_inputs_are_of_all_kinds() -> None:
    """Each target gets inputs that can be read, and inputs that cannot; the same on every run."""
    outcomes = {outcome(number) for number in range(400)}
    for target in SHARES:
        assert f"{target} done" in outcomes
        assert any(o.startswith(target) and o.endswith(("Mistake", "Error", "Clash", "Name")) for o in outcomes)
    assert made(17) == made(17)
