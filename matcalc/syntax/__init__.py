"""From text to a syntax tree: one node per occurrence, with its span."""

from matcalc.syntax.tree import (
    Declaration,
    Definition,
    FunctionShape,
    Node,
    Program,
    Span,
    postorder,
    show_tree,
)

__all__ = [
    "Declaration",
    "Definition",
    "FunctionShape",
    "Node",
    "Program",
    "Span",
    "postorder",
    "show_tree",
]
