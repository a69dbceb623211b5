"""The verdict of a check."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

__all__ = ["PROOF", "CheckReport", "bound_text", "sizes_text"]


PROOF = "by proof"
"""The method of a report on an answer that is proved and too large to be evaluated."""


@dataclass(frozen=True, slots=True)
class CheckReport:
    """The verdict of a check: `ok` is True (right), False (refuted) or None (undecided).

    `method` says how ("exactly", "numerically" or "by proof"), `detail` at which sizes, and with which error or chance of one,
    `bound` how probable it is that an answer which is wrong at these sizes passes (None where no bound is known),
    `counterexample` where it is refuted.
    """

    ok: bool | None
    method: str
    detail: str
    bound: float | None = None
    counterexample: str | None = None

    def __str__(self) -> str:
        if self.method == PROOF:
            return self.detail
        word = {True: "checked", False: "refuted", None: "undecided"}[self.ok]
        return f"{word} {self.method}: {self.detail}"


def sizes_text(tried: Sequence[Mapping[str, int]]) -> str:
    """Some of the sizes of runs, in words."""
    shown = "; ".join(list(dict.fromkeys(", ".join(f"{n}={v}" for n, v in list(s.items())[:8]) for s in tried))[:4])
    return f"at sizes {shown}" if shown else f"at {len(tried)} points"


def bound_text(bound: float | None) -> str:
    """How probable a mistake is, in words."""
    if bound is None:
        return "no bound on the chance of a mistake"
    return f"a wrong answer passes with probability < 1e{math.ceil(math.log10(bound))}"
