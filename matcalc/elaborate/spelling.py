"""Functions without brackets, as books write them: tr X'Y, log det S, log|S|; and bars that mean a determinant."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from matcalc.elaborate.items import shorten
from matcalc.syntax import Node, postorder, rebuilt

__all__ = ["spelled_out"]

ENTRY_BY_ENTRY = frozenset({"sum", "mean", "norm", "norm1", "norm2"})
"""Within these, |X| is the absolute value of each entry."""

OF_DETERMINANTS = frozenset({"log", "ln", "sqrt"})


def spelled_out(root: Node, is_function: Callable[[str], bool], note: Callable[[str], None], text: str) -> Node:
    """The tree with a call wherever a function stands before its argument without brackets.

    It takes the factors that follow without a sign, up to the next function; of `log|S|` what is between the bars. |S| is
    the determinant, if S is a matrix, under a logarithm or a root, in a power and below a fraction bar.

    Args:
        is_function: whether a name is a function, and nothing else.
        note: takes what was assumed.
        text: the formula, for notes.
    """
    nodes = list(postorder(root))
    if not any(n.head == "abs" or (n.head == "name" and is_function(n.value)) for n in nodes):
        return root
    aside = _within_sums(root)

    def construct(node: Node, args: tuple[Node, ...]) -> Node:
        made = replace(node, args=args)
        if made.head == "chain":
            made = _applied(made, is_function, note, text)
        return made if id(node) in aside else _with_determinants(made)

    return rebuilt(root, construct)


def _within_sums(root: Node) -> set[int]:
    """The nodes, by identity, inside of a sum of entries."""
    found: set[int] = set()
    stack = [(root, False)]
    while stack:
        node, inside = stack.pop()
        if inside:
            found.add(id(node))
        inside |= node.head == "norm" or (node.head == "call" and node.value[0] in ENTRY_BY_ENTRY)
        stack.extend((a, inside) for a in node.args)
    return found


def _applied(chain: Node, is_function: Callable[[str], bool], note: Callable[[str], None], text: str) -> Node:
    """A chain in which every bare function has taken its factors, the last one first."""
    factors, signs = list(chain.args), list(chain.value)
    for i in range(len(factors) - 2, -1, -1):
        name = factors[i]
        if name.head != "name" or signs[i] or not is_function(name.value):
            continue
        end = i + 2
        while (
            factors[i + 1].head != "abs" and end < len(factors) and not signs[end - 1] and factors[end].head != "call"
        ):
            end += 1
        taken = factors[i + 1 : end]
        span = taken[0].span.to(taken[-1].span)
        inner = taken[0] if len(taken) == 1 else Node("chain", tuple(taken), span, tuple(signs[i + 1 : end - 1]))
        call = Node("call", (inner,), name.span.to(span), (name.value, 0), name.text)
        if len(taken) > 1:
            shown, argument = (shorten(text[s.start : s.end]) for s in (call.span, span))
            note(f"{shown} read as {name.text}({argument})")
        factors[i:end] = [_with_determinants(call)]
        del signs[i : end - 1]
    return factors[0] if len(factors) == 1 else replace(chain, args=tuple(factors), value=tuple(signs))


def _with_determinants(node: Node) -> Node:
    """log|S|, |S|^k and 1/|S| with `bars` for the bars."""
    if node.head == "call" and node.value[0] in OF_DETERMINANTS and len(node.args) == 1:
        return replace(node, args=(_bars(node.args[0]),))
    if node.head == "power":
        return replace(node, args=(_bars(node.args[0]), *node.args[1:]))
    if node.head == "chain" and "/" in node.value:
        below = [i + 1 for i, sign in enumerate(node.value) if sign == "/"]
        return replace(node, args=tuple(_bars(a) if i in below else a for i, a in enumerate(node.args)))
    return node


def _bars(node: Node) -> Node:
    inner = node
    while inner.head == "group":
        inner = inner.args[0]
    return Node("call", inner.args, node.span, ("bars", 0), "bars") if inner.head == "abs" else node
