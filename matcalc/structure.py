"""Variables with structure: what a declared property does to a gradient."""

from __future__ import annotations

import re
from functools import lru_cache

from matcalc.atoms import IMPLIED
from matcalc.elaborate import elaborate
from matcalc.errors import RuleError, UnsupportedError
from matcalc.expr import Expr
from matcalc.pattern import instantiate
from matcalc.resources import resource, table_lines
from matcalc.syntax import parse_program, parse_where

__all__ = ["CONVENTIONS", "structured_derivative"]

CONVENTIONS = ("within", "free")
"""The gradient inside the space, and the derivative by the free entries."""

NOT_YET = frozenset({"orthogonal", "idempotent", "stochastic", "triangular"})
"""Properties of a variable whose spaces are not in the table."""

_LINE = re.compile(r"structure\s+(\w+)\s+within\s+(.*?)\s+free\s+(.*?)\s*$")


@lru_cache(maxsize=1)
def _table() -> dict[str, dict[str, Expr]]:
    """The formulas in G for each property and convention."""
    found: dict[str, dict[str, Expr]] = {}
    text = resource("rules").joinpath("structures.rules").read_text(encoding="utf-8")
    declared = parse_where("G: n×n")
    for number, line in table_lines(text):
        entry = _LINE.match(line)
        if entry is None:
            raise RuleError(
                "a structure reads: structure NAME within FORMULA free FORMULA", file="structures.rules", line=number
            )
        formulas = [elaborate(parse_program(f), declared).expr for f in entry.groups()[1:]]
        found[entry[1]] = dict(zip(CONVENTIONS, formulas, strict=True))
    return found


def structured_derivative(raw: Expr, variable: Expr, convention: str, kind: str) -> tuple[Expr, str] | None:
    """The derivative by a structured variable and a note about the convention; None for a variable without structure.

    Args:
        raw: the one in which all entries are independent, or for what is not a gradient the one along changes that have
            the structure; within the space the latter is the answer.
        convention: "within" or "free".
        kind: that of the derivative.

    Raises: UnsupportedError for a structure that is not in the table, and for free entries of what is not a gradient.
    """
    props = variable.data[1]
    unknown = sorted(props & NOT_YET)
    if unknown:
        hint = f"declare {variable.name} without the property: all entries are independent then"
        if unknown[0] == "triangular":
            hint = f"declare {variable.name} lower triangular or upper triangular"
        raise UnsupportedError(f"gradients by a variable declared {unknown[0]} are not supported", hint=hint)
    table = _table()
    implied = {q for p in props & table.keys() for q in IMPLIED.get(p, ())}
    for name in sorted(props & table.keys() - implied):
        gradient = kind == "gradient"
        shown = name + " triangular" * (name in ("lower", "upper"))
        if not gradient and convention == "free":
            raise UnsupportedError(
                f"by the free entries only gradients are supported, and {variable.name} is declared {shown}",
                hint=f"within the space of {shown} matrices, which is the default, there are all kinds of derivatives",
            )
        if convention == "free":
            words = f"derivative by the free entries of {shown} matrices (the other convention: within)"
        elif gradient:
            words = f"gradient within the space of {shown} matrices (the other convention: free)"
        else:
            words = f"the derivative is meant for changes that are {shown}, too"
        formula = table[name][convention]
        found = instantiate(formula, {"G": raw, "dim n": raw.shape[0]}) if gradient else raw
        return found, f"{variable.name} is {shown}: {words}"
    return None
