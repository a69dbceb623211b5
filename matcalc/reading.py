"""Formulas as users write them, as text or in LaTeX, with their names, kinds and shapes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from matcalc.dims import dim_names, show_shape
from matcalc.elaborate import Elaborated, elaborate, is_known_function
from matcalc.errors import UnsupportedError
from matcalc.expr import Expr, postorder
from matcalc.syntax import (
    Declaration,
    Definition,
    Entry,
    Program,
    canonical_name,
    is_latex,
    parse_latex,
    parse_program,
    parse_where,
)

__all__ = [
    "LANGUAGES",
    "Where",
    "declared_as",
    "declared_names",
    "dimensions_in",
    "functions_in",
    "program_of",
    "read_formula",
]

Where = str | Mapping[str, str] | None
LANGUAGES = ("auto", "text", "latex")

SIGMOID = "sigmoid"


def program_of(text: str, language: str = "auto", known: Collection[str] = (), values: Collection[str] = ()) -> Program:
    """The syntax tree of a formula.

    Args:
        language: "text", "latex", or "auto" to find out.
        known: names that are declared; in LaTeX they are no constants and no functions of matcalc.
        values: those of them that are no functions.

    Raises: SyntaxMistake with the place.
    """
    if language not in LANGUAGES:
        raise UnsupportedError(f"there is no language {language}", hint=f"known: {', '.join(LANGUAGES)}")
    if language == "latex" or (language == "auto" and is_latex(text)):
        return parse_latex(text, known, values, _function)
    return parse_program(text)


def _function(name: str) -> str | None:
    """The function that a word or command of LaTeX stands for before a bracket."""
    if name == "\\sigma":
        return SIGMOID
    return name if is_known_function(name) else None


def read_formula(text: str, where: Where = None, wrt: Sequence[str] = (), language: str = "auto") -> Elaborated:
    """A formula with its names and shapes, and notes on what was assumed.

    Raises: MatcalcError with the place of the mistake.

    >>> read_formula(r"\\Vert Xw - y \\Vert^2", "X: m×n").expr
    ‖X·w − y‖²
    """
    declared = parse_where(where or "")
    variables = set(map(canonical_name, wrt))
    known = declared_names(declared) | variables
    program = program_of(text, language, known, declared_names(declared, functions=False) | variables)
    return elaborate(program, declared, wrt=tuple(wrt), where_text=where if isinstance(where, str) else None)


def declared_as(symbols: Mapping[str, Expr]) -> list[Entry]:
    """The declarations of names with the shapes and properties that they have in an expression."""
    entries = (
        f"{n}: {'' if 'integer' in s.data[1] else show_shape(s.shape)} {' '.join(sorted(s.data[1]))}"
        for n, s in symbols.items()
    )
    return list(parse_where(", ".join(entries)))


def functions_in(declared: Sequence[Entry]) -> list[Entry]:
    """Those of some declarations that are about functions."""
    return [e for e in declared if not isinstance(e, Declaration) or e.kind in ("elementwise", "function")]


def dimensions_in(*roots: Expr) -> set[str]:
    """The names of all dimensions in expressions."""
    return {name for node in postorder(*roots) for d in node.shape for name in dim_names(d)}


def declared_names(entries: Sequence[Entry], functions: bool = True) -> set[str]:
    """The names that declarations are about, with those of functions or without."""
    found: set[str] = set()
    for e in entries:
        if isinstance(e, Definition):
            found |= {e.name} if functions else set()
        elif functions or e.kind not in ("elementwise", "function"):
            found.update(e.names)
    return found
