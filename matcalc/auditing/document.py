r"""Where the derivations stand in a text: displays and environments of LaTeX, mathematics in Markdown, plain lines.

Nothing is cut out or moved. What is no mathematics, such as \tag, \label, & and words, is replaced by blanks, so that
every place stays the place in the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from matcalc.errors import Span
from matcalc.syntax import is_latex
from matcalc.syntax.latex_words import HEADS

__all__ = ["Block", "Chain", "Document", "NO_EQUALITY", "Side", "line_of", "read_document"]


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
    """

    text: str
    clean: str
    blocks: tuple[Block, ...]
    where: str = ""


ENVIRONMENTS = "align|alignat|aligned|alignedat|gather|gathered|multline|multlined|equation|eqnarray|split|flalign"
ENVIRONMENTS += "|displaymath|math"
_BEGIN = re.compile(rf"\\(begin|end)\s*\{{({ENVIRONMENTS})(\*?)\}}(?:\s*\{{\d+\}})?")
_OPENERS = re.compile(
    rf"(?P<fence>^[ \t]*```[ \t]*(?P<kind>\w*)[^\n]*\n)|\\begin\s*\{{(?P<env>(?:{ENVIRONMENTS})\*?)\}}"
    r"|(?P<open>\$\$|\\\[|\\\(|(?<!\\)\$)",
    re.MULTILINE,
)
_CLOSERS = {"$$": re.compile(r"\$\$"), r"\[": re.compile(r"\\\]"), r"\(": re.compile(r"\\\)")}
_CLOSERS["$"] = re.compile(r"(?<!\\)\$")
_READ_FENCES = ("", "text", "matcalc", "math", "latex", "tex")

_PIECES = re.compile(
    r"(?P<comma>,\s*\\q?quad(?![A-Za-z]))|(?P<tag>\\tag\*?\s*(?:\{(?P<name>(?:[^{}]|\{[^{}]*\})*)\}|(?P<single>\w)))"
    r"|(?P<drop>\\(?:label|eqref|ref|cite|footnote|hspace\*?|vspace\*?)\s*\{[^{}]*\}|\\(?:nonumber|notag|hfill|displaystyle|quad|qquad)(?![A-Za-z])(?:\s*\{\s*\})?"
    r"|(?<!\\)%[^\n]*|(?<![\\A-Za-z_^}])\{\s*\})"
    r"|(?P<words>\\(?:text|textrm|textit|textbf|mbox|intertext|shortintertext)\s*\{(?P<said>(?:[^{}$]|\$[^$]*\$|\{[^{}]*\})*)\})"
    r"|(?P<row>\\\\\*?(?:\s*\[[^\]\n]*\])?)"
    r"|(?P<arrow>\\(?:implies|impliedby|iff|Rightarrow|Longrightarrow|Leftrightarrow|Longleftrightarrow|therefore|because|so|to)\b|[⇒⟹⟺⇔∴])"
    r"|(?P<begin>\\begin\s*\{[^{}]*\})|(?P<end>\\end\s*\{[^{}]*\})"
    r"|(?P<amp>&)|(?P<equal>:=|\\(?:coloneqq|equiv|triangleq|doteq)\b|≡|="
    r"|\\(?:stackrel|overset|underset)\s*\{(?:[^{}]|\{[^{}]*\})*\}\s*(?:=|\{\s*=\s*\}))"
    r"|(?P<escaped>\\[{}])|(?P<open>[{(\[])|(?P<close>[})\]])|(?P<command>\\[A-Za-z]+|\\.)",
    re.DOTALL,
)
_PLAIN = re.compile(
    r"(?P<drop>\#[^\n]*)|(?P<remark>(?<![ \t])[ \t]{2,}\((?P<name>\d+)\)[^\n]*)|(?P<number>^[ \t]*\((?P<first>\d+)\)[ \t]+)"
    r"|(?P<row>\n)|(?P<arrow>=>|⇒|⟹|⟺|⇔|∴|;)|(?P<not>[<>!~]=)|(?P<equal>:=|==|≡|=)"
    r"|(?P<open>[{(\[])|(?P<close>[})\]])",
    re.MULTILINE,
)
_WHERE = re.compile(
    r"^[ \t]*(?:%|#|<!--)?[ \t]*where[ \t]+([^\n$\\=]*[:∈][^\n$\\=]*?)[ \t]*(?:-->)?[ \t]*$", re.MULTILINE
)
_MAP = re.compile(
    r"([^\W\d][\w']*|\\[A-Za-z]+)\s*:\s*(.+?)\s*(?:\\mapsto(?![A-Za-z])|\\longmapsto(?![A-Za-z])|↦|\|->)", re.DOTALL
)
_GOES_ON = re.compile(r"\s*(?:[-+−*·⋅@⊙∘/]|\.\*|\\cdot|\\odot|\\circ|\\times|\\otimes)")
NO_EQUALITY = re.compile(
    r"\\(?:approx|simeq|sim|propto|leq?|geq?|leqslant|geqslant|ll|gg|cong|neq?)(?![A-Za-z])|[≈≠≃∝≤≥<>]"
)
"""What a line may begin with that is not to be equal to the one before."""
_UNFINISHED = re.compile(r"(?:[-+−*·⋅@⊙∘/]|\\cdot|\\odot|\\circ|\\times|\\otimes)\s*$")
FUNCTION_WORDS = {
    *HEADS, "Diag", "T", "d", "F", "rows", "row", "columns", "column", "cols", "sigmoid", "relu", "ReLU", "tanh",
    "sign", "log", "exp", "max", "min", "sum", "mean", "var", "std", "inv",
}  # fmt: skip
r"""What \text{…} may hold that is no remark."""


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
    clean = list(text)
    where: list[str] = []
    for said in _WHERE.finditer(text):
        where.append(said[1])
        _blank(clean, *said.span())
    shown = "".join(clean)
    found = list(_displays(shown)) if language != "text" else []
    if not found:
        kind = "bare" if language == "latex" or (language == "auto" and is_latex(shown)) else "text"
        found = [(span, kind, False) for span in _paragraphs(shown)]
    blocks = [_read_block(shown, clean, span, kind, aside) for span, kind, aside in found]
    return Document(text, "".join(clean), tuple(b for b in blocks if b.chains), ", ".join(where))


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
                if "$" in inside or _BEGIN.search(inside) or r"\[" in inside:
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
        yield Span(place, closer.start()), "latex", opened["open"] in ("$", r"\(") and _BEGIN.search(inside) is None
        place = closer.end()


def _paragraphs(text: str, within: Span | None = None) -> Iterator[Span]:
    start, end = within or Span(0, len(text))
    for found in re.compile(r"(?:[^\n]*\S[^\n]*(?:\n|$))+").finditer(text, start, end):
        yield Span(found.start(), found.end())


# --- lines ------------------------------------------------------------------------------------------------------------


class _Mark(NamedTuple):
    """Something that divides a block: "row", "apart", "equal"; start and end of it."""

    kind: str
    start: int
    end: int


def _read_block(text: str, clean: list[str], span: Span, language: str, aside: bool) -> Block:
    plain = language == "text"
    marks, tags = (_plain_marks if plain else _latex_marks)(text, clean, span, language == "bare")
    block = Block(span, "text" if plain else "latex", aside)
    lines = "".join(clean[span.start : span.end])
    start, fresh = span.start, True
    equals: list[_Mark] = []
    for mark in [*marks, _Mark("row", span.end, span.end)]:
        if mark.kind == "equal":
            equals.append(mark)
            continue
        _add_statement(block, lines, span.start, Span(start, mark.start), equals, fresh)
        start, fresh, equals = mark.end, mark.kind == "row", []
    for place, tag in tags:
        _tag(block, place, tag)
    return block


def _add_statement(block: Block, lines: str, shift: int, span: Span, equals: list[_Mark], fresh: bool) -> None:
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


def _blank(clean: list[str], start: int, end: int) -> None:
    for i in range(start, end):
        if clean[i] != "\n":
            clean[i] = " "


def _latex_marks(text: str, clean: list[str], span: Span, bare: bool) -> tuple[list[_Mark], list[tuple[int, str]]]:
    """The rows, separators and signs = of LaTeX outside of brackets; blanks go to `clean`."""
    marks: list[_Mark] = []
    tags: list[tuple[int, str]] = []
    depth = columns = 0
    three = re.search(r"&\s*=\s*&", text[span.start : span.end]) is not None
    place = span.start
    while place < span.end:
        found = _PIECES.search(text, place, span.end)
        line = text.find("\n", place, found.start() if found else span.end) if bare and depth == 0 else -1
        if line >= 0:
            marks.append(_Mark("row", line, line + 1))
            place, columns = line + 1, 0
            continue
        if found is None:
            break
        start, place = found.span()
        kind = str(found.lastgroup)
        for outer in ("tag", "words"):
            kind = outer if found[outer] else kind
        match kind:
            case "tag":
                tags.append((start, found["name"] or found["single"]))
                _blank(clean, start, place)
            case "drop":
                _blank(clean, start, place)
            case "words":
                if depth == 0 and found["said"].strip() not in FUNCTION_WORDS:
                    _blank(clean, start, place)
                    marks.append(_Mark("apart", start, place))
            case "row" if depth == 0:
                _blank(clean, start, place)
                marks.append(_Mark("row", start, place))
                columns = 0
            case "comma" if depth == 0:
                _blank(clean, start, place)
                marks.append(_Mark("apart", start, place))
            case "arrow" if depth == 0 and found[0] != r"\to":
                _blank(clean, start, place)
                marks.append(_Mark("apart", start, place))
            case "begin" | "end":
                if _BEGIN.match(found[0]):
                    whole = _BEGIN.match(text, start)
                    place = whole.end() if whole else place
                    _blank(clean, start, place)
                    marks.append(_Mark("row", start, place))
                else:
                    depth += 1 if kind == "begin" else -1
            case "amp" if depth == 0:
                columns += 1
                _blank(clean, start, place)
                if columns % 2 == 0 and not three:
                    marks.append(_Mark("apart", start, place))
            case "equal" if depth == 0:
                marks.append(_Mark("equal", start, place))
            case "open":
                depth += 1
            case "close":
                depth -= 1
    return marks, tags


def _plain_marks(text: str, clean: list[str], span: Span, bare: bool) -> tuple[list[_Mark], list[tuple[int, str]]]:
    """The same for plain lines."""
    marks: list[_Mark] = []
    tags: list[tuple[int, str]] = []
    depth = 0
    for found in _PLAIN.finditer(text, span.start, span.end):
        start, end = found.span()
        match "remark" if found["remark"] else "number" if found["number"] else found.lastgroup:
            case "drop":
                _blank(clean, start, end)
            case "remark":
                tags.append((end, found["name"]))
                _blank(clean, start, end)
            case "number":
                tags.append((text.find("\n", end), found["first"]))
                _blank(clean, start, end)
            case "row" if depth == 0:
                marks.append(_Mark("row", start, end))
            case "arrow" if depth == 0:
                marks.append(_Mark("apart", start, end))
            case "equal" if depth == 0:
                marks.append(_Mark("equal", start, end))
            case "open":
                depth += 1
            case "close":
                depth -= 1
    return marks, tags
