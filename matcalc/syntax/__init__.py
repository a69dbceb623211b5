"""From text to a syntax tree: one node per occurrence, with its span."""

from matcalc.syntax.dimensions import dimension_of
from matcalc.syntax.latex_words import is_latex
from matcalc.syntax.names import canonical_name
from matcalc.syntax.parser import (
    Entry,
    parse_expression,
    parse_latex,
    parse_program,
    parse_where,
)
from matcalc.syntax.tree import (
    Declaration,
    Definition,
    FunctionShape,
    Kind,
    Node,
    Program,
    Span,
    postorder,
    rebuilt,
    show_tree,
)

__all__ = [
    "Declaration",
    "Definition",
    "Entry",
    "FunctionShape",
    "Kind",
    "Node",
    "Program",
    "Span",
    "canonical_name",
    "dimension_of",
    "is_latex",
    "parse_expression",
    "parse_latex",
    "parse_program",
    "parse_where",
    "postorder",
    "rebuilt",
    "show_tree",
]
