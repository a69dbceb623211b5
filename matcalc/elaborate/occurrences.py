"""Names in a syntax tree, by what they can stand for before it is known what they mean."""

from __future__ import annotations

from collections.abc import Iterable

from matcalc.elaborate.words import SIZED, formulas_of
from matcalc.syntax import Node, postorder

__all__ = ["bare_names", "names_of", "sizes"]


def names_of(body: Node) -> set[str]:
    """All names in a tree, those before brackets included."""
    nodes = list(postorder(body))
    return {n.value for n in nodes if n.head == "name"} | {n.value[0] for n in nodes if n.head == "call"}


def bare_names(body: Node) -> Iterable[str]:
    """Names that stand for values, not before a bracket, nor as sizes and axes."""
    aside = {id(part) for n in postorder(body) for option in _options(n) for part in postorder(option)}
    return (n.value for n in postorder(body) if n.head == "name" and id(n) not in aside)


def _options(node: Node) -> tuple[Node, ...]:
    if node.head == "sigma":
        return node.args[1:]
    if node.head != "call":
        return ()
    formulas = formulas_of(node)
    return tuple(a for a in node.args if a not in formulas)


def sizes(body: Node) -> Iterable[str]:
    """Names that stand for dimensions, as in eye(n)."""
    nodes = list(postorder(body))
    sized = [a for n in nodes if n.head == "call" and n.value[0] in SIZED for a in n.args]
    sized += [bound for n in nodes if n.head == "sigma" for bound in n.args[1:]]
    return (n.value for a in sized for n in postorder(a) if n.head == "name")
