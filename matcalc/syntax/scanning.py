"""A look at the text before it is parsed: limits, unknown characters, brackets, and which way each bar faces.

The grammar has no undirected bars: `|` and `||` open or close by what stands beside them. Here each becomes one of
the private characters that the grammar calls NORM_OPEN, NORM_CLOSE, ABS_OPEN and ABS_CLOSE, the bracket of an index, as
in `X[i,j]`, becomes INDEX_OPEN, and a sign that compares COMPARE. Quotes around the name of an option vanish. The length
of the text stays, so that offsets are those of the typed text.
"""

from __future__ import annotations

import re

from matcalc.errors import LimitError, Span
from matcalc.syntax.bars import Bar, Piece, direct_bars, follow_first_choices
from matcalc.syntax.comparisons import COMPARISONS, with_comparisons
from matcalc.syntax.mistakes import (
    ambiguous_command,
    bracket_never_closed,
    bracket_never_opened,
    brackets_differ,
    one_entry_or_two,
    unbalanced_bars,
    unknown_character,
)
from matcalc.syntax.names import is_greek_command

__all__ = ["MAX_DEPTH", "MAX_LENGTH", "is_blank", "plain_declarations", "prepare", "separate_lines", "split"]

MAX_LENGTH = 100_000
"""The longest text that is read, in characters."""
MAX_DEPTH = 10_000
"""The deepest nesting of brackets that is read."""

# The characters of expression.lark for a bar by (size, whether it opens), and for the bracket of an index.
BAR_CHARACTERS = {
    (2, True): "\ue000",
    (2, False): "\ue001",
    (1, True): "\ue002",
    (1, False): "\ue003",
}
INDEX_OPEN = "\ue004"

CLOSING = {"(": ")", "[": "]", "{": "}", "⟨": "⟩", "<": ">"}
COMPLETE = frozenset(("operand", "number", "postfix", "close"))

# Coarser than the terminals of the grammar: what matters is where an operand is complete.
PIECES = re.compile(
    r"""
      (?P<blank>(?:[\s\u200b\u2060-\u2062\ufeff]|\#[^\n]*)+)
    | (?P<compare><=|>=|[≤≥⩽⩾])
    | (?P<number>[½⅓⅔¼¾⅕⅛]|\.?[0-9][\w\u0300-\u036f]*(?:\.[0-9]\w*)?)
    | (?P<postfix>_\s*[*∞]|_\w*|['’′″⊤]+|\.['’′]|\.T(?!\w)|[²³¹⁰-ₜᴬ-ᶿʰ-ʸˡˢˣ]+)
    | (?P<operand>[^\W_][\w\u0300-\u036f]*|[ℝ∑∏])
    | (?P<command>\\[a-zA-Z]+)
    | (?P<separator>->|→|[,;=∈])
    | (?P<open>[(\[{⟨<])
    | (?P<close>[)\]}⟩>])
    | (?P<bars>\|+) | (?P<double>[‖∥]) | (?P<single>∣)
    | (?P<sign>[-+−–∂])
    | (?P<colon>:)
    | (?P<operator>\.[*/^]|[*·@⋅∙•∗⊙∘⊗⊘/∕⁄\\^×⨯])
    | (?P<dot>\.)
    """,
    re.VERBOSE,
)

ACCENTS = {"hat": "hat", "widehat": "hat", "bar": "bar", "tilde": "tilde", "widetilde": "tilde", "check": "check"}
"""Accents whose command is no shorter than what they add to a name; overline, dot and breve are in formulas alone."""

LATEX_DECLARATIONS = [
    (re.compile(r"\\in(?![a-zA-Z])"), "∈"),
    (re.compile(r"\\times(?![a-zA-Z])"), "×"),
    (re.compile(r"\\mathbb\s*(?:\{\s*R\s*\}|R)"), "ℝ"),
    (re.compile(r"\\(?:mathbf|boldsymbol|bm|mathcal|mathrm|mathsf)\s*\{\s*(\\?[A-Za-z]+)\s*\}"), r"\1"),
    (re.compile(r"(?<=[A-Za-z])_\{\s*(\w+)\s*\}"), r"_\1"),
    *((re.compile(rf"\\{c}(?![a-zA-Z])\s*\{{?\s*\\?([A-Za-z]+)\s*\}}?"), rf"\1_{word}") for c, word in ACCENTS.items()),
    (re.compile(r"\\[,;! ]|\\q?quad|\$"), ""),
]

# Possessive: giving back what a comment took would take exponential time.
BLANK = re.compile(r"(?:[\s\u200b\u2060-\u2062\ufeff]|#[^\n]*+)*+")
# Of norm(X, 'fro'): where no operand is before it, a quote transposes nothing.
QUOTED = re.compile(r"([,=(][ ]*)(['\"])(\w+)\2(?=\s*[,)])")
ALIKE = {"≤": "<=", "⩽": "<=", "≥": ">=", "⩾": ">="}
COMMENT = re.compile(r"#[^\n]*")
# A line break behind something other than a separator, before what begins a declaration.
LINE_END = re.compile(r"(?<![,;\s])([^\S\n]*)\n(\s*+(?=[^\W\d_][\w ,]{0,200}(?:[:∈]|\([\w ,]{0,200}\)[ ]*=)))")


def prepare(text: str) -> str:
    """The text with its bars directed and its indices marked, of the same length.

    Raises: LimitError for a text too long or too deep; SyntaxMistake for unknown characters, for brackets and for
    bars that have no partner.

    >>> prepare("||x|| + y[1]").encode("ascii", "backslashreplace")
    b'\\\\ue000 x \\\\ue001 + y\\\\ue0041]'
    """
    if len(text) > MAX_LENGTH:
        raise LimitError(
            f"the text has {len(text):,} characters, more than {MAX_LENGTH:,}",
            limit=MAX_LENGTH,
            found=len(text),
            hint="define parts of it in Python and build the expression there",
        )
    text = QUOTED.sub(lambda found: f"{found[1]} {found[3]} ", text).replace("𝟙", "1")
    pieces = split(text)
    _match_brackets(text, pieces)
    bars = _direct(text, pieces)
    indices = _indices(text, pieces, bars)
    compared = [piece for piece in pieces if piece.kind == "compare"]
    if not indices and not bars and not compared:
        return text
    chars = list(text)
    for piece in compared:
        word = text[piece.start : piece.end]
        chars[piece.start : piece.end] = COMPARISONS[ALIKE.get(word, word)].ljust(piece.end - piece.start)
    for index in indices:
        chars[index] = INDEX_OPEN
    for bar in bars:
        chars[bar.start : bar.end] = " " * (bar.end - bar.start)
        # At the outer end, so that the span of what stands between the bars includes them.
        chars[bar.start if bar.opens else bar.end - 1] = BAR_CHARACTERS[bar.size, bar.opens]
    return "".join(chars)


def is_blank(text: str) -> bool:
    """Whether there is nothing but blanks and comments."""
    return BLANK.match(text).end() == len(text)  # type: ignore[union-attr]


def plain_declarations(text: str) -> str:
    r"""Declarations in LaTeX, such as X \\in \\mathbb{R}^{m\\times n}, in the notation of the grammar, of the same length."""
    if "\\" not in text and "$" not in text:
        return text
    for pattern, plain in LATEX_DECLARATIONS:
        text = pattern.sub(lambda found, plain=plain: found.expand(plain).ljust(len(found[0])), text)  # type: ignore[misc]
    return text


def separate_lines(text: str) -> str:
    """Declarations with a comma for each line break that ends one, of the same length.

    >>> separate_lines("X: m×n\\ny: m")
    'X: m×n,y: m'
    """
    if "\n" not in text:
        return text
    plain = COMMENT.sub(lambda comment: " " * len(comment[0]), text)
    return LINE_END.sub(lambda found: found[1] + "," + found[2], plain)


def split(text: str) -> list[Piece]:
    """The pieces of a text without blanks and comments."""
    pieces: list[Piece] = []
    place, length, match = 0, len(text), PIECES.match
    while place < length:
        found = match(text, place)
        if found is None:
            raise unknown_character(text, place)
        kind, end = str(found.lastgroup), found.end()
        if kind == "command":
            kind, end = _read_command(text, place, end, pieces)
        elif kind == "dot":
            kind = "postfix"
        if kind != "blank":
            pieces.append(Piece(kind, place, end))
        place = end
    return with_comparisons(text, pieces)


def _read_command(text: str, place: int, end: int, pieces: list[Piece]) -> tuple[str, int]:
    """A backslash with letters: the Greek letter `\\lambda`, or the operator of `A\\b`."""
    if not is_greek_command(text[place:end]):
        return "operator", place + 1
    if pieces and pieces[-1].kind in COMPLETE and pieces[-1].kind != "number":
        raise ambiguous_command(text, Span(place, end))
    while end < len(text) and (text[end].isalnum() or text[end] == "_"):
        end += 1
    return "operand", end


def _match_brackets(text: str, pieces: list[Piece]) -> None:
    """Check that brackets pair up, are not too deep, and that no block holds `[A -B]`, which MATLAB reads as two."""
    stack: list[Piece] = []
    for i, piece in enumerate(pieces):
        if piece.kind == "open":
            stack.append(piece)
            if len(stack) > MAX_DEPTH:
                raise LimitError(
                    f"brackets are nested more than {MAX_DEPTH:,} deep",
                    limit=MAX_DEPTH,
                    found=len(stack),
                    span=Span(piece.start, piece.end),
                    text=text,
                    hint="name inner parts first: Z = …; f(Z)",
                )
        elif piece.kind == "close":
            if not stack:
                raise bracket_never_opened(text, piece)
            opened = stack.pop()
            if CLOSING[text[opened.start]] != text[piece.start]:
                raise brackets_differ(text, opened, piece)
        elif piece.kind == "sign" and stack and text[stack[-1].start] == "[":
            _check_sign(text, pieces, i, stack[-1])
    if stack:
        raise bracket_never_closed(text, stack[-1], CLOSING[text[stack[-1].start]])


def _check_sign(text: str, pieces: list[Piece], i: int, bracket: Piece) -> None:
    """Refuse a sign in a block with a blank before it and none behind it."""
    before, sign, after = (
        pieces[i - 1],
        pieces[i],
        pieces[i + 1] if i + 1 < len(pieces) else pieces[i],
    )
    touched = text[bracket.start - 1] if bracket.start else " "
    index = touched.isalnum() or touched in ")]}'’′_|‖"
    if before.kind in COMPLETE and before.end < sign.start and sign.end == after.start and not index:
        raise one_entry_or_two(Span(before.start, after.end), text)


def _indices(text: str, pieces: list[Piece], bars: list[Bar]) -> list[int]:
    """Where a `[` touches an operand in front of it: X[i], but not X [A, B] or 2[A, B]."""
    ends = {piece.end for piece in pieces if piece.kind in ("operand", "postfix", "close")}
    ends.update(bar.end for bar in bars if not bar.opens)
    return [p.start for p in pieces if p.kind == "open" and text[p.start] == "[" and p.start in ends]


def _direct(text: str, pieces: list[Piece]) -> list[Bar]:
    """The direction of every bar."""
    if not any(piece.kind in ("bars", "double", "single") for piece in pieces):
        return []
    bars = direct_bars(pieces)
    if bars is None:
        bars, unclosed = follow_first_choices(pieces)
        if unclosed is not None:
            raise unbalanced_bars(text, unclosed)
    return bars
