"""Formulas as users write them, as text or in LaTeX, with their names, kinds and shapes."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from matcalc.check.sums import confirm
from matcalc.dims import dim_names, show_shape
from matcalc.elaborate import Elaborated, elaborate, is_known_function
from matcalc.elaborate.mistakes import nearest
from matcalc.elaborate.words import known_words
from matcalc.errors import MatcalcError, Span, SyntaxMistake, UnknownName, UnsupportedError
from matcalc.expr import Expr, postorder
from matcalc.functions import find_function
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
from matcalc.syntax import postorder as syntax_nodes
from matcalc.syntax.latex_macros import written_out

__all__ = [
    "LANGUAGES",
    "Where",
    "checked",
    "declared_as",
    "declared_names",
    "dimensions_in",
    "functions_in",
    "generic_functions",
    "joined",
    "program_of",
    "read_formula",
    "refuse_unknown_functions",
    "variable_name",
    "with_functions",
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
        return parse_latex(written_out(text), known, values, _function)
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
    wrt = [variable_name(name) for name in wrt]
    variables = set(wrt)
    known = declared_names(declared) | variables
    program = program_of(text, language, known, declared_names(declared, functions=False) | variables)
    found = checked(elaborate(program, declared, wrt=tuple(wrt), where_text=where if isinstance(where, str) else None))
    if found.expr.is_scalar:
        return found
    return replace(found, notes=(*found.notes, *_scalar_readings(program, declared, found, known)))


def _scalar_readings(
    program: Program, declared: Sequence[Entry], found: Elaborated, known: Collection[str]
) -> Iterator[str]:
    """What to declare if a formula that is an array was meant to be a scalar: one name that was taken as a vector."""
    for name, symbol in found.symbols.items():
        if name in known or symbol.is_scalar or symbol.shape[1] != 1:
            continue
        with suppress(MatcalcError):
            other = elaborate(program, [*declared, *parse_where(f"{name}: scalar")], wrt=found.wrt)
            if other.expr.is_scalar:
                shape = show_shape(found.expr.shape)
                yield f"the function is {shape}, with {name} as a vector; for a scalar function declare {name}: scalar"
                return


def variable_name(text: str) -> str:
    r"""A name as it is written in a formula, in text or in LaTeX.

    >>> variable_name(r"\mathbf{x}"), variable_name("W^{(1)}"), variable_name("λ")
    ('x', 'W_1', 'lambda')
    """
    text = text.strip()
    if re.search(r"\\|[{^$]", text):
        with suppress(MatcalcError):
            body = parse_latex(text).body
            return str(body.value) if body.head == "name" else text
    return canonical_name(text)


def checked(found: Elaborated) -> Elaborated:
    """A formula whose sums over indices were read as what they are.

    Raises: UnsupportedError for a reading that fails its check.
    """
    for one in found.sums:
        try:
            confirm(one)
        except MatcalcError as mistake:
            raise mistake.located(text=found.program.text if found.program else None) from None
    return found


def with_functions(where: Where, functions: Mapping[str, str] | None) -> Where:
    """Declarations and, by head such as "swish(t)", formulas of functions.

    Raises: SyntaxMistake for a head without the names of its arguments.
    """
    for head in functions or {}:
        if not head.rstrip().endswith(")"):
            raise SyntaxMistake(f"of what is {head} a function?", hint=f'name the argument: {{"{head}(t)": "t^2"}}')
    if not functions:
        return where
    if not isinstance(where, str):
        return {**(where or {}), **functions}
    return ", ".join([where, *(f"{head} = {body}" for head, body in functions.items())]).removeprefix(", ")


def declared_as(symbols: Mapping[str, Expr]) -> list[Entry]:
    """The declarations of names with the shapes and properties that they have in an expression."""
    entries = (
        f"{n}: {'' if 'integer' in s.data[1] else show_shape(s.shape)} {' '.join(sorted(s.data[1]))}"
        for n, s in symbols.items()
    )
    return list(parse_where(", ".join(entries)))


def joined(entries: Sequence[Entry], more: Iterable[Entry]) -> list[Entry]:
    """Declarations, and others that count where a name is not declared yet; else they add properties to it."""
    found = list(entries)
    for entry in more:
        if not isinstance(entry, Declaration):
            found += [] if entry.name in declared_names(found) else [entry]
            continue
        for name, span in zip(entry.names, entry.name_spans, strict=True):
            one = replace(entry, names=(name,), name_spans=(span,))
            if name in declared_names(found):
                found = [e for old in found for e in _with_property(old, one)]
            else:
                found.append(one)
    return found


def _with_property(old: Entry, new: Declaration) -> Iterator[Entry]:
    """A declaration of a matrix with the properties of another of the same name."""
    if not isinstance(old, Declaration) or new.names[0] not in old.names or old.kind != "matrix":
        yield old
        return
    at = old.names.index(new.names[0])
    others = old.names[:at] + old.names[at + 1 :]
    if others:
        yield replace(old, names=others, name_spans=old.name_spans[:at] + old.name_spans[at + 1 :])
    yield replace(
        old,
        names=new.names,
        name_spans=old.name_spans[at : at + 1],
        properties=tuple(dict.fromkeys([*old.properties, *new.properties])),
    )


def functions_in(declared: Sequence[Entry]) -> list[Entry]:
    """Those of some declarations that are about functions, and about what the rows of a matrix are called."""
    kinds = ("elementwise", "function", "rows", "columns")
    return [e for e in declared if not isinstance(e, Declaration) or e.kind in kinds]


def dimensions_in(*roots: Expr) -> set[str]:
    """The names of all dimensions in expressions."""
    return {name for node in postorder(*roots) for d in node.shape for name in dim_names(d)}


def generic_functions(e: Expr) -> set[str]:
    """The elementwise functions in an expression of which nothing is known."""
    return {n.data[0] for n in postorder(e) if n.op == "elementwise" and find_function(n.data[0]) is None}


def refuse_unknown_functions(e: Expr, program: Program, allowed: Collection[str]) -> None:
    """Refuse a claim with a function of which nothing can be said.

    Raises: UnknownName with the place.
    """
    for name in sorted(generic_functions(e).difference(allowed)):
        calls = (n for n in syntax_nodes(program.body) if n.head == "call" and n.value[0] == name)
        start = next((n.span.start for n in calls), None)
        meant = nearest(name, known_words())
        raise UnknownName(
            f"{name} is neither a function that is known nor one of the formula",
            name=name,
            nearest=meant,
            span=None if start is None else Span(start, start + len(name)),
            hint=None if meant else f"write it out, or declare {name}: elementwise",
        )


def declared_names(entries: Sequence[Entry], functions: bool = True) -> set[str]:
    """The names that declarations are about, with those of functions or without."""
    found: set[str] = set()
    for e in entries:
        if isinstance(e, Definition):
            found |= {e.name} if functions else set()
        elif functions or e.kind not in ("elementwise", "function"):
            found.update(e.names)
    return found
