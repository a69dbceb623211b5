"""The wording of every syntax mistake: what is wrong, and what to write instead."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from matcalc.errors import Span, SyntaxMistake
from matcalc.syntax.bars import Bar, Piece

__all__ = [
    "ambiguous_command",
    "bracket_never_closed",
    "bracket_never_opened",
    "brackets_differ",
    "empty_text",
    "explain",
    "nearest_word",
    "one_entry_or_two",
    "unbalanced_bars",
    "unknown_character",
]

PROPERTIES = (
    "symmetric", "antisymmetric", "posdef", "psd", "orthogonal", "idempotent", "stochastic", "diagonal", "lower triangular",
    "upper triangular", "positive", "nonnegative",
    "invertible", "square", "unit", "scalar", "integer", "vector", "column", "row", "matrix", "elementwise",
)  # fmt: skip
"""The words of where.lark, to suggest the nearest one."""

ELSEWHERE = {
    "float": "scalar", "real": "scalar", "number": "scalar", "constant": "scalar", "int": "integer",
    "pd": "posdef", "spd": "posdef", "sym": "symmetric", "skew": "antisymmetric",
}  # fmt: skip
"""What other languages and papers call them."""

CHARACTER_HINTS = {
    "×": "a product is *, · or @; × stands in shapes such as m×n only",
    "⨯": "a product is *, · or @; × stands in shapes such as m×n only",
    "÷": "write / for a division by a scalar, ./ for an elementwise one",
    "√": "write sqrt(x)",
    "∑": "write sum(X), sum(X, rows) or sum(X, columns)",
    "∏": "write prod(x)",
    "∇": "the derivative is what matcalc finds; give it the function alone",
    "∫": "integrals are not supported",
    "$": "leave out the dollar signs",
    "%": "a comment begins with #",
    "!": "a name may have letters, digits, Greek letters and _",
    '"': "the transpose is one ' or ᵀ",
    "`": "the transpose is ' or ᵀ",
    "≤": "comparisons are not part of a formula",
    "≥": "comparisons are not part of a formula",
    "≈": "give the function alone",
    "∈": "declarations go into where: X: m×n",
    "→": "declarations go into where: f: m×p -> scalar",
    "?": "a name may have letters, digits, Greek letters and _",
    "&": "an elementwise product is .* or ⊙",
    "~": "a name may have letters, digits, Greek letters and _",
}


def empty_text(text: str) -> SyntaxMistake:
    """There is nothing but blanks and comments."""
    return SyntaxMistake(
        "the text is empty",
        span=Span(0, 0),
        text=text,
        hint="write a formula, such as ||X*w - y||^2",
    )


def unknown_character(text: str, place: int) -> SyntaxMistake:
    """A character that no formula has, or not there."""
    char = text[place]
    shown = f"the character {char}" if char.isprintable() else f"the character U+{ord(char):04X}"
    return SyntaxMistake(
        f"{shown} cannot stand here",
        span=Span(place, place + 1),
        text=text,
        hint=CHARACTER_HINTS.get(char, "remove it; names have letters, digits, Greek letters and _"),
    )


def ambiguous_command(text: str, span: Span) -> SyntaxMistake:
    """`A\\beta`, which may be a solve or a product."""
    command = text[span.start : span.end]
    return SyntaxMistake(
        f"{command} behind an operand may be a product with the letter or the operator \\",
        span=span,
        text=text,
        hint=f"write *{command} for the product, \\ {command[1:]} with a space to solve",
    )


def bracket_never_closed(text: str, opened: Piece, closing: str) -> SyntaxMistake:
    """`sin(x`."""
    bracket = text[opened.start]
    hint = f"add {closing}, or remove {bracket}"
    if bracket == "<":
        hint = "<A, B> is the inner product; comparisons are not part of a formula"
    return SyntaxMistake(
        f"the closing bracket of {bracket} is missing",
        span=Span(opened.start, opened.end),
        text=text,
        hint=hint,
    )


def bracket_never_opened(text: str, closing: Piece) -> SyntaxMistake:
    """`x)`."""
    bracket = text[closing.start]
    hint = f"remove {bracket}, or add the bracket that opens"
    if bracket == ">":
        hint = "<A, B> is the inner product; comparisons are not part of a formula"
    return SyntaxMistake(
        f"the bracket {bracket} closes nothing",
        span=Span(closing.start, closing.end),
        text=text,
        hint=hint,
    )


def brackets_differ(text: str, opened: Piece, closing: Piece) -> SyntaxMistake:
    """`(x]`."""
    return SyntaxMistake(
        f"the bracket {text[opened.start]} is closed by {text[closing.start]}",
        span=Span(opened.start, closing.end),
        text=text,
        point=closing.start,
        hint="close the inner bracket first, with its own kind",
    )


def one_entry_or_two(span: Span, text: str | None = None) -> SyntaxMistake:
    """`[A B]`, `[A -B]`."""
    return SyntaxMistake(
        "it is not clear whether this is one entry or two",
        span=span,
        text=text,
        hint="commas separate entries, [A, B]; a product needs *, a difference blanks on both sides",
    )


def unbalanced_bars(text: str, bar: Bar) -> SyntaxMistake:
    """`||x| + y`."""
    shown = text[bar.start : bar.end]
    return SyntaxMistake(
        f"the bar {shown} has no partner",
        span=Span(bar.start, bar.end),
        text=text,
        hint="close it, or write norm2(…) and abs(…) where bars are hard to pair",
    )


def explain(text: str, pieces: Sequence[Piece], place: int, *, where: bool) -> SyntaxMistake:
    """Why the parser stopped at the piece that holds `place`, told from that piece and those around it.

    where: the text holds declarations, not a formula.
    """
    at = next((i for i, piece in enumerate(pieces) if piece.end > place), len(pieces))
    words = [_shorten(text[piece.start : piece.end]) for piece in pieces[max(at - 2, 0) : at + 2]]
    words = [""] * (2 - min(at, 2)) + words + [""] * 2
    stop = _Stop(pieces[at - 1] if at else None, pieces[at] if at < len(pieces) else None, *words[:4])
    message, hint = _in_where(stop) if where else _in_formula(stop)
    if hint is None and "∂" in text:
        hint = "a partial derivative is ∂f/∂X or ∂f/∂(X·W)"
    end = len(text.rstrip())
    span = Span(stop.here.start, stop.here.end) if stop.here else Span(end, end)
    return SyntaxMistake(message, span=span, text=text, hint=hint)


def _shorten(word: str) -> str:
    """A word as a message can hold it."""
    return word if len(word) <= 40 else word[:40] + "…"


class _Stop(NamedTuple):
    """Where the parser stopped: the pieces before and here (None at the ends), and four words around."""

    before: Piece | None
    here: Piece | None
    earlier: str
    last: str
    word: str
    next: str

    def after_operand(self) -> bool:
        return self.before is not None and self.before.kind in OPERAND_ENDS


OPERAND_ENDS = ("operand", "number", "postfix", "close", "bars", "double", "single")


def _in_formula(stop: _Stop) -> tuple[str, str | None]:
    here, last, word = stop.here, stop.last, stop.word
    if here is None and stop.after_operand():
        return "the formula ends too early", None
    if here is None:
        return f"the formula ends after {last}", f"add what comes after {last}, or remove it"
    if word in CHARACTER_HINTS:
        return f"the character {word} cannot stand here", CHARACTER_HINTS[word]
    if not stop.after_operand() and here.kind in ("operator", "close", "separator", "postfix", "colon"):
        return _operand_missing(stop, here)
    if here.kind == "compare":
        return "a formula is no comparison", "in brackets it is 1 where it holds, else 0: [x > 0], where(x > 0, a, b)"
    if here.kind == "separator":
        return _separator_misplaced(word)
    if here.kind == "colon":
        return "a colon cannot stand here", "a slice is X[i,:]; declarations go into where: X: m×n"
    if word == "{" or last == "{":
        return (
            "a brace cannot stand here",
            "braces enclose an exponent, x^{n+1}; otherwise use round brackets",
        )
    if word == ">":
        return "the inner product needs two operands", "write <A, B>"
    if here.kind == "postfix" and word.startswith(("_", "₁", "₂")):
        return (
            f"the subscript {word} cannot stand here",
            "entries are X[i,j]; a norm is ||x||_1, _2, _F, _*, _inf or _p",
        )
    if here.kind == "postfix":
        return f"{word} cannot stand here", "a transpose is X' or Xᵀ, an elementwise product .* and a power ^"
    if here.kind == "number":
        return (
            "a number cannot follow directly",
            "write * for the product, ^ for the power, or [i] for an entry",
        )
    return f"{word} cannot stand here", None


def _operand_missing(stop: _Stop, here: Piece) -> tuple[str, str | None]:
    last, word = stop.last, stop.word
    if word == "\\":
        return (
            "\\ cannot stand here",
            "A\\b solves A·x = b; besides Greek letters, LaTeX commands are not read here",
        )
    if last == "*" and word == "*":
        return "two operators follow each other", "a power is X^2 (matrix) or X.^2 (elementwise)"
    if last == "=" and word == "=":
        return "a formula is no comparison", "give one function; a definition has a single ="
    if stop.before is not None and stop.before.kind == "open" and here.kind == "close":
        return "the brackets are empty", "put a formula between them"
    if here.kind in ("close", "separator"):
        return f"something is missing before {word}", "add an operand before it, or remove what is too much"
    if stop.before is None or stop.before.kind in ("separator", "open"):
        return f"a formula cannot begin with {word}", "only a sign can come before the first operand"
    return "two operators follow each other", f"remove {last} or {word}, or put an operand between them"


def _separator_misplaced(word: str) -> tuple[str, str | None]:
    if word == "=":
        return "= cannot stand here", "a definition is name = formula; definitions are separated by ;"
    if word == ",":
        return (
            "a comma cannot stand here",
            "commas separate arguments f(a, b), indices X[i,j] and entries of blocks [A, B]; definitions need ;",
        )
    if word == ";":
        return (
            "a semicolon cannot stand here",
            "it separates definitions, and the rows of a block [A, B; C, D]",
        )
    return f"{word} cannot stand here", "declarations go into where: X: m×n"


BETWEEN = ("×", "x", "by", "⨯")
"""What stands between rows and columns."""
EXAMPLE = "a declaration is X: m×n, or g: elementwise, or f: m×p -> scalar"


def _in_where(stop: _Stop) -> tuple[str, str | None]:
    here, last, word = stop.here, stop.last, stop.word
    # Whether the last word is a name to declare, with nothing said of it.
    named = stop.before is not None and stop.before.kind == "operand" and stop.earlier in ("", ",", ";")
    if here is None and not stop.after_operand():
        return f"the declaration ends after {last}", f"add what comes after {last}; {EXAMPLE}"
    if here is None or word in (",", ";"):
        near = nearest_word(last)
        if near:
            return (
                f"{last} is read as a name here",
                f"a property follows the shape without a comma: n×n {near}",
            )
        return f"nothing is said of {last}" if named else f"{word or 'the end'} cannot stand here", EXAMPLE
    if here.kind == "operand" and word not in BETWEEN:
        near = nearest_word(word)
        if near and not named:
            return f"the word {word} is not known", f"did you mean {near}?"
        if stop.next in (":", "∈", "in", "="):
            return f"{word} cannot stand here", f"a comma is missing before {word}"
        if named:
            return f"{word} cannot stand here", f"a colon is missing: {last}: {word}"
        if stop.after_operand():
            hint = f"a shape is {last}×{word}; declarations are separated by commas"
            if stop.earlier in BETWEEN:
                hint = f"a comma is missing, or a property: {', '.join(PROPERTIES[:14])}"
            return f"{word} cannot stand here", hint
    if word in BETWEEN:
        if "=" in (stop.earlier, last):
            return f"{word} cannot stand here", "a shape follows a colon, X: m×n"
        return f"{word} cannot stand here", "a shape has rows and columns, no more: X: m×n"
    if word == "=":
        return "= cannot stand here", "a shape follows a colon, X: m×n; a function is h(t) = t*sigmoid(t)"
    return f"{word} cannot stand here", EXAMPLE


def nearest_word(word: str) -> str | None:
    """The word of a declaration that a word may have been meant to be; None for a short or a strange one.

    >>> nearest_word("symetric"), nearest_word("SPD"), nearest_word("n")
    ('symmetric', 'posdef', None)
    """
    if word.lower() in ELSEWHERE:
        return ELSEWHERE[word.lower()]
    if len(word) < 4:
        return None
    import difflib

    near = difflib.get_close_matches(word, PROPERTIES, n=1, cutoff=0.75)
    return near[0] if near else None
