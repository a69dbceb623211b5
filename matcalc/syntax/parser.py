"""Text to syntax tree: one set of LALR tables, made from `grammar/`, with three starts."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, NoReturn, TypeAlias

from matcalc.errors import MatcalcError
from matcalc.resources import cache_folder, resource
from matcalc.syntax.declarations import Builder
from matcalc.syntax.latex import Translated, translate
from matcalc.syntax.mistakes import empty_text, explain
from matcalc.syntax.scanning import is_blank, plain_declarations, prepare, separate_lines, split
from matcalc.syntax.tree import Declaration, Definition, Node, Program, rebuilt

if TYPE_CHECKING:
    from lark import Lark

__all__ = [
    "Entry",
    "parse_expression",
    "parse_latex",
    "parse_program",
    "parse_where",
]

GRAMMARS = ("expression.lark", "program.lark", "where.lark")
"""The files of `grammar/`, read as one grammar."""

Start: TypeAlias = Literal["expression", "program", "where"]
Entry: TypeAlias = Declaration | Definition

_lock = threading.Lock()
_parser: Lark | None = None


def parse_program(text: str) -> Program:
    """Read a formula, with definitions in front of it if there are any.

    Raises: SyntaxMistake with the place and a hint; LimitError for a text too long, too deep, or a number too long.

    >>> parse_program("||X*w - y||^2").body
    (power (norm (add + (chain X * w) - y)) 2)
    """
    program = _parse("program", text)
    assert isinstance(program, Program)
    return replace(program, text=text)


def parse_expression(text: str) -> Node:
    """Read a formula alone, such as a field of a rule.

    Raises: as `parse_program`.

    >>> parse_expression("S * B'")
    (chain S * (transpose B))
    """
    node = _parse("expression", text)
    assert isinstance(node, Node)
    return node


def parse_where(text: str | Mapping[str, object]) -> tuple[Entry, ...]:
    """Read declarations, from a text or from a mapping of names.

    A value of the mapping is what would stand behind the colon, or a shape as NumPy writes it: () is a scalar,
    ("n",) or "n" a vector, (1, "n") a row, ("m", "n") a matrix. A function is {"swish(t)": "t*sigmoid(t)"}.
    Raises: as `parse_program`; DeclarationError for declarations that contradict themselves or each other.

    >>> parse_where("X: m×n, g: elementwise")[0].dims
    (m, n)
    >>> parse_where({"X": ("m", "n"), "t": ()})[1].kind
    'scalar'
    """
    if isinstance(text, str):
        line = separate_lines(plain_declarations(text))
        entries: tuple[Entry, ...] = _parse("where", line, text) if not is_blank(text) else ()
        return entries
    return parse_where(", ".join(_written(name, value) for name, value in text.items()))


def parse_latex(
    text: str,
    known: Collection[str] = (),
    values: Collection[str] = (),
    function: Callable[[str], str | None] = lambda _: None,
) -> Program:
    r"""Read a formula in LaTeX; the spans are those of the LaTeX.

    known, values, function: as for `latex.translate`.
    Raises: as `parse_program`.

    >>> parse_latex(r"\Vert Xw - y \Vert^2").body
    (power (norm (add + (chain X _ w) - y)) 2)
    """
    from lark.exceptions import LarkError

    found = translate(text, known, values, function)
    try:
        try:
            if is_blank(found.text):
                raise empty_text(text)
            program = load_parser().parse(found.text, start="program")
        except LarkError as error:
            _raise_mistake(error, found.shown, "program")
    except MatcalcError as mistake:
        if mistake.span is not None:
            mistake.span, mistake.point = found.place(mistake.span), None
        mistake.text = text
        raise
    assert isinstance(program, Program)
    return Program(
        tuple(d._replace(body=_moved(d.body, found)) for d in program.definitions),
        _moved(program.body, found),
        text,
        program.header,
        found.notes,
    )


def _moved(root: Node, found: Translated) -> Node:
    """A tree with the spans of the LaTeX that it was translated from."""
    return rebuilt(root, lambda node, args: replace(node, args=args, span=found.place(node.span)))


def _parse(start: Start, text: str, shown: str | None = None) -> Any:
    """The tree of a text; errors show the text as typed, `shown`."""
    from lark.exceptions import LarkError

    shown = text if shown is None else shown
    try:
        prepared = prepare(text)
        if is_blank(text):
            raise empty_text(text)
        return load_parser().parse(prepared, start=start)
    except LarkError as error:
        _raise_mistake(error, shown, start)
    except MatcalcError as error:
        error.text = shown
        raise error.located(text=shown) from None


def _raise_mistake(error: Any, text: str, start: Start) -> NoReturn:
    """Turn an error of Lark into one that says what is wrong and what to write."""
    token = getattr(error, "token", None)
    place = getattr(error, "pos_in_stream", None)
    if place is None or (token is not None and token.type == "$END"):
        place = len(text)
    raise explain(text, split(text), place, where=start == "where") from None


def _written(name: str, value: object) -> str:
    """An entry of a mapping as text."""
    if "(" in name:
        return f"{name} = {value}"
    if isinstance(value, (tuple, list)):
        value = "×".join(f"({size})" for size in value) if value else "scalar"
    return f"{name}: {value}"


# ---- the tables


def load_parser() -> Lark:
    """The tables, made once; from the user's cache if they are there, since making them takes ten times as long."""
    global _parser
    with _lock:
        if _parser is None:
            _parser = _make_parser()
    return _parser


def _make_parser() -> Lark:
    from lark import Lark

    folder = resource("grammar")
    grammar = "\n".join(folder.joinpath(name).read_text(encoding="utf-8") for name in GRAMMARS)
    return Lark(
        grammar,
        parser="lalr",
        lexer="contextual",
        start=["program", "expression", "where"],
        transformer=Builder(),
        keep_all_tokens=True,
        maybe_placeholders=False,
        cache=_cache_file() or False,
    )


def _cache_file() -> str | None:
    """Where the tables are kept between runs; None if nothing can be written there."""
    folder = cache_folder()
    return None if folder is None else str(folder / f"grammar-{sys.version_info.major}.{sys.version_info.minor}.lalr")
