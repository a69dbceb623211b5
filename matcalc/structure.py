"""Variables with structure: what a declared property does to a gradient."""

from __future__ import annotations

import re
from functools import lru_cache

from matcalc.atoms import IMPLIED
from matcalc.elaborate import elaborate
from matcalc.errors import RuleError, UnsupportedError
from matcalc.expr import Expr
from matcalc.pattern import instantiate
from matcalc.resources import resource
from matcalc.syntax import parse_program, parse_where

__all__ = ["CONVENTIONS", "structured_gradient"]

CONVENTIONS = ("within", "free")
"""The gradient inside the space, and the derivative by the free entries."""

NOT_YET = frozenset({"orthogonal", "lower", "upper", "triangular"})
"""Properties of a variable whose spaces are not in the table."""

_LINE = re.compile(r"structure\s+(\w+)\s+within\s+(.*?)\s+free\s+(.*?)\s*$")


@lru_cache(maxsize=1)
def _table() -> dict[str, dict[str, Expr]]:
    """The formulas in G for each property and convention."""
    found: dict[str, dict[str, Expr]] = {}
    text = resource("rules").joinpath("structures.rules").read_text(encoding="utf-8")
    declared = parse_where("G: n×n")
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        entry = _LINE.match(line)
        if entry is None:
            raise RuleError(
                "a structure reads: structure NAME within FORMULA free FORMULA", file="structures.rules", line=number
            )
        formulas = [elaborate(parse_program(f), declared).expr for f in entry.groups()[1:]]
        found[entry[1]] = dict(zip(CONVENTIONS, formulas, strict=True))
    return found


def structured_gradient(gradient: Expr, variable: Expr, convention: str, kind: str) -> tuple[Expr, str] | None:
    """The gradient by a structured variable and a note about the convention; None for a variable without structure.

    Args:
        gradient: the one in which all entries are independent.
        convention: "within" or "free".
        kind: that of the derivative.

    Raises: UnsupportedError for a structure that is not in the table, and for what is not a gradient.
    """
    props = variable.data[1]
    unknown = sorted(props & NOT_YET)
    if unknown:
        raise UnsupportedError(
            f"gradients by a variable declared {unknown[0]} are not supported",
            hint=f"declare {variable.name} without the property: all entries are independent then",
        )
    table = _table()
    implied = {q for p in props & table.keys() for q in IMPLIED.get(p, ())}
    for name in sorted(props & table.keys() - implied):
        if kind != "gradient":
            raise UnsupportedError(
                f"only gradients by a structured variable are supported, and {variable.name} is declared {name}",
                hint=f"declare {variable.name} without it: all entries are independent then",
            )
        words = "gradient within the space of" if convention == "within" else "derivative by the free entries of"
        other = "free" if convention == "within" else "within"
        note = f"{variable.name} is {name}: {words} {name} matrices (the other convention: {other})"
        return instantiate(table[name][convention], {"G": gradient, "dim n": gradient.shape[0]}), note
    return None
