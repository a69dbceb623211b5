"""Which rule leads from one line of a derivation to the next, in the words of the rule."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from matcalc import algebra
from matcalc.auditing.cuts import Cuts
from matcalc.errors import LimitError, MatcalcError
from matcalc.expr import Expr, rebuild
from matcalc.pattern import substitute
from matcalc.printing import reason_text
from matcalc.simplify import expand, simplest
from matcalc.sweep import Equation, replace, unknowns_of
from matcalc.syntax import Node, postorder

__all__ = ["reason"]

STEPS = 40
"""Rules that a line may apply at once."""

SHOWN = 4
"""Reasons that are named for a line."""


def reason(
    before: Expr,
    after: Expr,
    trees: tuple[Node, Node],
    functions: Mapping[str, Expr],
    cuts: Cuts,
) -> str:
    """The rules that a line applies to the one before, in words; "" if none were found.

    Args:
        before, after: the lines, with unknowns df/dN.
        trees: the lines as they were typed.
        functions: what the labels of the unknowns stand for.
    """
    try:
        with cuts.book.in_force():
            before, after = _canonical(before), _canonical(after)
        words, reached = _rules(before, after, functions, cuts)
    except MatcalcError:
        return ""
    with cuts.book.in_force():
        if not words:
            return _algebra(before, after, trees, cuts)
        return _joined(words) if reached == after or _same(reached, after) else ""


def _joined(words: list[str]) -> str:
    more = len(words) - SHOWN
    return "; ".join(words) if more <= 1 else "; ".join(words[:SHOWN]) + f"; {more} more rules"


def _same(a: Expr, b: Expr) -> bool:
    with suppress(LimitError):
        if expand(a) == expand(b):
            return True
    return simplest(a) == simplest(b)


def _canonical(e: Expr) -> Expr:
    return rebuild(e, algebra.reconstruct)


def _rules(before: Expr, after: Expr, functions: Mapping[str, Expr], cuts: Cuts) -> tuple[list[str], Expr]:
    """The reasons of the rules that replace the unknowns which the next line does not have, and what comes of it."""
    wanted = set(unknowns_of(after))
    words: list[str] = []
    for _ in range(STEPS):
        unknown = next((u for u in unknowns_of(before) if u not in wanted), None)
        if unknown is None:
            break
        equation = cuts.equation(functions[unknown.data], unknown.args[0], unknown.data)
        if equation is None:
            break
        words += [w for w in _words(equation, unknown.args[0]) if w not in words]
        with cuts.book.in_force():
            before = _canonical(replace(before, {unknown: equation.rhs}))
    return words, before


def _words(equation: Equation, part: Expr) -> list[str]:
    free = equation.unknown.args[0]
    found = []
    for pull in equation.pulls:
        bindings = {k: substitute(v, {free: part}) if isinstance(v, Expr) else v for k, v in pull.bindings.items()}
        found.append(reason_text(pull.pullback.reason, bindings))
    return found


def _algebra(before: Expr, after: Expr, trees: tuple[Node, Node], cuts: Cuts) -> str:
    """What was done to a line without a rule for derivatives."""
    if before == after:
        moved = _has_scalar_inside(trees[0]) and not _has_scalar_inside(trees[1])
        return "scalars to the front" if moved else "the same, written differently"
    with suppress(LimitError):
        expanded = expand(before)
        if expanded == expand(after):
            return "expanded" if expanded == after else "factored" if expanded == before else "rearranged"
    used: list[str] = []
    with cuts.book.in_force(used):
        if simplest(before) == simplest(after):
            return ", ".join(name.replace("_", " ") for name in used) or "simplified"
    return ""


def _has_scalar_inside(root: Node) -> bool:
    """Whether a number or a sign stands inside of a product."""
    return any(
        part.head in ("number", "neg")
        for node in postorder(root)
        if node.head == "chain"
        for sign, part in zip(node.value, node.args[1:], strict=True)
        if sign != "/"
    )
