r"""Where the derivations stand in a text: displays and environments of LaTeX, mathematics in Markdown, plain lines.

Nothing is cut out or moved. What is no mathematics, such as \tag, \label, & and words, is replaced by blanks, so that
every place stays the place in the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple

from matcalc.auditing.marks import BEGIN, ENVIRONMENTS, NO_EQUALITY, Mark, blank, read_marks
from matcalc.errors import MatcalcError, Span
from matcalc.syntax import Entry, is_latex, parse_where
from matcalc.syntax.latex_macros import written_out

__all__ = ["Block", "Chain", "Document", "Side", "line_of", "read_document"]


class Side(NamedTuple):
    """What stands between two signs =, and the tag of its line."""

    span: Span
    tag: str = ""


@dataclass(slots=True)
class Chain:
    """a = b = c: what stands first, and what is said to be equal to it.

    variables:  of a map G: X ↦ X·W, where X stands.
    """

    left: Span
    sides: list[Side] = field(default_factory=list)
    variables: Span | None = None


@dataclass(slots=True)
class Block:
    """A display, or lines without a blank one between them.

    aside:  mathematics within a sentence, of which only definitions matter.
    """

    span: Span
    language: str
    aside: bool = False
    chains: list[Chain] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Document:
    """A text with the derivations in it.

    text:   as it was typed.
    clean:  of the same length, with blanks for what is no mathematics.
    where:  declarations in lines of their own, in LaTeX as comments: where X: m×n, ….
    said:   what sentences say of matrices that are not differentiated by.
    said_of_variables: what they say of the others.
    """

    text: str
    clean: str
    blocks: tuple[Block, ...]
    where: str = ""
    said: tuple[Entry, ...] = ()
    said_of_variables: tuple[Entry, ...] = ()


_OPENERS = re.compile(
    rf"(?P<fence>^[ \t]*```[ \t]*(?P<kind>\w*)[^\n]*\n)|\\begin\s*\{{(?P<env>(?:{ENVIRONMENTS})\*?)\}}"
    r"|(?P<open>\$\$|\\\[|\\\(|(?<!\\)\$)",
    re.MULTILINE,
)
_CLOSERS = {"$$": re.compile(r"\$\$"), r"\[": re.compile(r"\\\]"), r"\(": re.compile(r"\\\)")}
_CLOSERS["$"] = re.compile(r"(?<!\\)\$")
_READ_FENCES = ("", "text", "matcalc", "math", "latex", "tex")

_PART = r"(?:[^\n=](?!\\\\|\\text))*?"
_WHERE = re.compile(
    rf"^[ \t]*(?:%|\#|<!--)?[ \t]*where[ \t]+({_PART}(?:[:∈]|\\in(?![A-Za-z])){_PART})[ \t.]*(?:-->)?[ \t]*$",
    re.MULTILINE,
)
_PROPERTY = (
    r"(?:(?:anti|skew)[- ]?symmetric|symmetric|positive[- ](?:semi)?definite|orthogonal|idempotent|diagonal"
    r"|(?:lower|upper)[- ]triangular|invertible)"
)
_NAME = r"\$?(?P<{0}>\\[A-Za-z]+(?:\s*\{{\s*\\?\w+\s*\}})?|[^\W\d_](?:_?\w)*)\$?"
_INTRODUCES = r"(?<![^\s(,;%])(?i:where|with|since|because|as|assum\w+|suppose|let|for|given|and)\s+"
_SAID = [
    re.compile(_INTRODUCES + text, re.DOTALL)
    for text in (
        rf"{_NAME.format('name')}\s+(?:is|are|be)\s+(?:an?\s+|real\s+|\$?\w+\s*(?:×|x|by|\\times)\s*\w+\$?\s+)*"
        rf"(?P<words>{_PROPERTY}(?:\s*(?:,|and|,\s*and|\s)\s*(?:an?\s+)?{_PROPERTY})*)",
        rf"(?:an?\s+)?(?P<words>{_PROPERTY})\s+(?:matrix\s+)?{_NAME.format('name')}(?![\w'^])",
        rf"{_NAME.format('name')}\s*=\s*\$?(?P=name)\s*(?:'|ᵀ|\^T|\^\{{?\\top\}}?|\^\{{T\}})(?P<words>)(?!\s*[-+*/·(]|\w)",
    )
]
"""What is said of a matrix: where Σ is symmetric, for symmetric A, since A = A'."""
_MAP = re.compile(
    r"([^\W\d][\w']*|\\[A-Za-z]+)\s*:\s*(.+?)\s*(?:\\mapsto(?![A-Za-z])|\\longmapsto(?![A-Za-z])|↦|\|->)", re.DOTALL
)
_GOES_ON = re.compile(r"\s*(?:[-+−*·⋅@⊙∘/]|\.\*|\\cdot|\\odot|\\circ|\\times|\\otimes)")
_UNFINISHED = re.compile(r"(?:[-+−*·⋅@⊙∘/]|\\cdot|\\odot|\\circ|\\times|\\otimes)\s*$")


def line_of(text: str, place: int) -> int:
    """The number of the line, from 1.

    >>> line_of("a\\nb", 2)
    2
    """
    return text.count("\n", 0, place) + 1


def read_document(text: str, language: str = "auto") -> Document:
    r"""Find the derivations of a text.

    Args:
        language: "text", "latex", or "auto" to find out.

    >>> document = read_document("f = x'*x\ndf/dx = 2*x\n      = x + x")
    >>> [[document.clean[s.start : s.end] for s, _ in chain.sides] for chain in document.blocks[0].chains]
    [["x'*x"], ['2*x', 'x + x']]
    """
    text = written_out(text)
    clean = list(text)
    where: list[str] = []
    said: dict[bool, list[Entry]] = {False: [], True: []}
    for name, entry in _said(text, clean):
        said[_is_differentiated(name, text)].append(entry)
    for found in _WHERE.finditer(text):
        where.append(found[1])
        blank(clean, *found.span())
    shown = "".join(clean)
    places = list(_displays(shown)) if language != "text" else []
    if not places:
        kind = "bare" if language == "latex" or (language == "auto" and is_latex(shown)) else "text"
        places = [(span, kind, False) for span in _paragraphs(shown)]
    blocks = [_read_block(shown, clean, span, kind, aside) for span, kind, aside in places]
    chained = tuple(b for b in blocks if b.chains)
    return Document(text, "".join(clean), chained, ", ".join(where), tuple(said[False]), tuple(said[True]))


def _said(text: str, clean: list[str]) -> Iterator[tuple[str, Entry]]:
    """The properties that are said of matrices, with their names; blanks go to `clean` for equations among them."""
    for pattern in _SAID:
        for found in pattern.finditer(text):
            name = found["name"]
            words = re.sub(r"\s*(?:,|\band\b)\s*(?:an?\b)?\s*", " ", found["words"]) or "symmetric"
            with suppress(MatcalcError):
                yield from ((name, entry) for entry in parse_where(f"{name}: {words}"))
            if not found["words"]:
                blank(clean, *found.span())


def _is_differentiated(name: str, text: str) -> bool:
    """Whether a text has d/dX or dX, or f(X) = … for a name."""
    typed = re.escape(name)
    change = rf"(?:(?<![\w\\])d|∂|\\partial|[\s{{]d|∇_?|\\nabla_?)\s*\{{?\s*{typed}(?![A-Za-z])"
    return bool(re.search(change, text) or re.search(rf"\(\s*{typed}\s*[,)]\s*&?\s*:?=", text))


# --- displays ---------------------------------------------------------------------------------------------------------


def _displays(text: str) -> Iterator[tuple[Span, str, bool]]:
    """The mathematics of a text: its place, "latex" or "text", and whether it stands within a sentence."""
    place = 0
    while (opened := _OPENERS.search(text, place)) is not None:
        place = opened.end()
        if opened["fence"]:
            closed = re.compile(r"^[ \t]*```[ \t]*$", re.MULTILINE).search(text, place)
            end = closed.start() if closed else len(text)
            if opened["kind"] in _READ_FENCES:
                inside = text[place:end]
                if "$" in inside or BEGIN.search(inside) or r"\[" in inside:
                    continue
                for span in _paragraphs(text, Span(place, end)):
                    yield span, "bare" if is_latex(inside) else "text", False
            place = closed.end() if closed else len(text)
            continue
        if opened["env"]:
            closed = re.compile(rf"\\end\s*\{{{re.escape(opened['env'])}\}}").search(text, place)
            place = opened.start() if closed else place
            end = closed.end() if closed else len(text)
            yield Span(place, end), "latex", False
            place = end
            continue
        closer = _CLOSERS[opened["open"]].search(text, place)
        if closer is None:
            continue
        inside = text[place : closer.start()]
        if opened["open"] == "$" and "\n\n" in inside:
            continue
        yield Span(place, closer.start()), "latex", opened["open"] in ("$", r"\(") and BEGIN.search(inside) is None
        place = closer.end()


def _paragraphs(text: str, within: Span | None = None) -> Iterator[Span]:
    start, end = within or Span(0, len(text))
    for found in re.compile(r"(?:[^\n]*\S[^\n]*(?:\n|$))+").finditer(text, start, end):
        yield Span(found.start(), found.end())


# --- lines ------------------------------------------------------------------------------------------------------------


def _read_block(text: str, clean: list[str], span: Span, language: str, aside: bool) -> Block:
    marks, tags = read_marks(text, clean, span, language)
    block = Block(span, "text" if language == "text" else "latex", aside)
    lines = "".join(clean[span.start : span.end])
    start, fresh = span.start, True
    equals: list[Mark] = []
    for mark in [*marks, Mark("row", span.end, span.end)]:
        if mark.kind == "equal":
            equals.append(mark)
            continue
        _add_statement(block, lines, span.start, Span(start, mark.start), equals, fresh)
        start, fresh, equals = mark.end, mark.kind == "row", []
    for place, tag in tags:
        _tag(block, place, tag)
    return block


def _add_statement(block: Block, lines: str, shift: int, span: Span, equals: list[Mark], fresh: bool) -> None:
    """Add what stands between two rows: a new chain, more sides of the last one, or the rest of its last side."""
    last = block.chains[-1] if block.chains else None
    if not equals:
        whole = _trimmed(lines, shift, *span)
        mapped = _MAP.match(lines, whole.start - shift, span.end - shift)
        if mapped is not None:
            name, variables = (Span(mapped.start(i) + shift, mapped.end(i) + shift) for i in (1, 2))
            block.chains.append(Chain(name, [Side(_trimmed(lines, shift, mapped.end() + shift, span.end))], variables))
        elif last is not None and NO_EQUALITY.match(lines, whole.start - shift):
            last.sides.append(Side(whole))
        elif fresh and last is not None and last.sides and whole.start < whole.end:
            side = last.sides[-1]
            typed, more = (lines[s.start - shift : s.end - shift] for s in (side.span, whole))
            if _GOES_ON.match(more) or _UNFINISHED.search(typed):
                last.sides[-1] = side._replace(span=Span(side.span.start, whole.end))
        return
    edges = [span.start, *(edge for e in equals for edge in (e.start, e.end)), span.end]
    parts = [_trimmed(lines, shift, a, b) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    first, *others = parts
    sides = [Side(s) for s in others if s.start < s.end]
    if first.start < first.end:
        block.chains.append(Chain(first, sides))
    elif last is not None:
        last.sides += sides
    elif sides:
        block.chains.append(Chain(Span(first.start, first.start), sides))


def _trimmed(lines: str, shift: int, start: int, end: int) -> Span:
    """A stretch without blanks around it and without the punctuation of its sentence."""
    piece = lines[start - shift : end - shift].rstrip()
    while piece.endswith((",", ";", ".", ":", r"\,", r"\;", r"\ ", r"\!", "~")):
        piece = piece[:-2].rstrip() if piece.endswith((r"\,", r"\;", r"\ ", r"\!")) else piece[:-1].rstrip()
    end = start + len(piece)
    while start < end and lines[start - shift].isspace():
        start += 1
    return Span(start, max(start, end))


def _tag(block: Block, place: int, tag: str) -> None:
    """Give a tag to the last side that begins before it."""
    found: tuple[Chain, int] | None = None
    for chain in block.chains:
        for i, side in enumerate(chain.sides):
            if side.span.start < place:
                found = (chain, i)
    if found is not None:
        chain, i = found
        chain.sides[i] = chain.sides[i]._replace(tag=tag)
