r"""What divides a block into lines and sides: rows, signs =, and the words between formulas.

Nothing is cut out or moved. What is no mathematics, such as \tag, \label, & and words, is replaced by blanks, so that
every place stays the place in the file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from matcalc.errors import Span
from matcalc.syntax.latex_words import HEADS

__all__ = ["BEGIN", "ENVIRONMENTS", "NO_EQUALITY", "Mark", "blank", "read_marks"]

ENVIRONMENTS = "align|alignat|aligned|alignedat|gather|gathered|multline|multlined|equation|eqnarray|split|flalign"
ENVIRONMENTS += "|displaymath|math"
BEGIN = re.compile(rf"\\(begin|end)\s*\{{({ENVIRONMENTS})(\*?)\}}(?:\s*\{{\d+\}})?")

_UNEQUAL = (
    r"\\(?:approx|simeq|sim|propto|leq?|geq?|leqslant|geqslant|ll|gg|cong|neq?|succ|prec|succeq|preceq|lesssim|gtrsim)(?![A-Za-z])"
    r"|[≈≠≃∝≤≥≻≺⪰⪯]"
)
NO_EQUALITY = re.compile(rf"{_UNEQUAL}|[<>]")
"""What stands before what is not to be equal: at the beginning of a line, and but for < and > within one."""

PROSE = """
    let then so hence thus therefore we you get have has obtain find see where with and since because gives give giving
    yields yield yielding implies imply means setting put putting define defined denote that this it its which is are be
    for all now suppose assume assuming finally here consider given recall using use by the from when minimise minimize
    maximise maximize follows leads to iff that's i.e. e.g. also again substituting differentiating
"""
"""Words between formulas, in lines where nothing else tells them from names."""
NOUNS = "set note first second third next gradient derivative differential hessian loss objective function likelihood"
"""Such words too, but names before an =."""
_WORD, _NOUN = ("|".join(re.escape(w) for w in sorted(words.split(), reverse=True)) for words in (PROSE, NOUNS))
_NO_FACTOR = r"(?![ \t]*(?:[+*/^·⊙]|[-−](?=\s)))"
_LINES = (
    r"(?P<item>^(?P<indent>[ \t]*)(?:(?P<bullet>[-+*•‣])|\(?(?P<first>\d+)[.)])[ \t]+)"
    r"|(?P<label>^[ \t]*(?:\*\*[^*\n]+\*\*[ \t]*[:.]?|[^\W\d_]{2,}(?:[ \t]+\w+)*[ \t]*:(?=[ \t]))(?![^\n]*(?:↦|\|->|\\mapsto)))"
    rf"|(?P<prose>(?<![^\s,;:.])(?i:{_WORD}|(?:{_NOUN})(?![ \t]*:?[=≡]))(?![^\s,;:])(?:[ \t]*[,:](?=\s))?{_NO_FACTOR})"
)
"""What lines begin with in lists, labels such as Step 1:, and words."""
_LATEX = (
    r"(?P<comma>,\s*\\q?quad(?![A-Za-z]))|(?P<tag>\\tag\*?\s*(?:\{(?P<name>(?:[^{}]|\{[^{}]*\})*)\}|(?P<single>\w)))"
    r"|(?P<drop>\\(?:label|eqref|ref|cite|footnote|hspace\*?|vspace\*?)\s*\{[^{}]*\}|\\(?:nonumber|notag|hfill|displaystyle|quad|qquad)(?![A-Za-z])(?:\s*\{\s*\})?"
    r"|(?<!\\)%[^\n]*|(?<![\\A-Za-z_^}])\{\s*\})"
    r"|(?P<words>\\(?:text|textrm|textit|textbf|mbox|intertext|shortintertext)\s*\{(?P<said>(?:[^{}$]|\$[^$]*\$|\{[^{}]*\})*)\})"
    r"|(?P<row>\\\\\*?(?:\s*\[[^\]\n]*\])?)"
    r"|(?P<arrow>\\(?:implies|impliedby|iff|Rightarrow|Longrightarrow|Leftrightarrow|Longleftrightarrow|therefore|because|so|to)\b|<?=>|[⇒⟹⟺⇔∴])"
    r"|(?P<begin>\\begin\s*\{[^{}]*\})|(?P<end>\\end\s*\{[^{}]*\})"
    rf"|(?P<unequal>{_UNEQUAL})"
    r"|(?P<amp>&)|(?P<equal>:=|\\(?:coloneqq|equiv|triangleq|doteq)\b|≡|="
    r"|\\(?:stackrel|overset|underset)\s*\{(?:[^{}]|\{[^{}]*\})*\}\s*(?:=|\{\s*=\s*\}))"
    r"|(?P<escaped>\\[{}])|(?P<open>[{(\[])|(?P<close>[})\]])|(?P<command>\\[A-Za-z]+|\\.)"
)
_PIECES = {
    "latex": re.compile(_LATEX, re.DOTALL),
    "bare": re.compile(rf"{_LINES}|{_LATEX}|(?P<line>\n)", re.DOTALL | re.MULTILINE),
    "text": re.compile(
        r"(?P<drop>(?:\#|//|%|<-)[^\n]*|(?<=\S)[ \t]+\((?:[^\W\d_]{2,}[ \t]+)+[^\W\d_]{2,}\)[ \t]*$)"
        r"|(?P<tag>(?<![ \t])[ \t]{2,}\((?P<name>\d+)\)[^\n]*)"
        rf"|{_LINES}|(?P<line>\n)|(?P<unequal>{_UNEQUAL})|(?P<arrow><?=>|⇒|⟹|⟺|⇔|∴|;)|(?P<not>[<>!~]=)|(?P<equal>:=|==|≡|=)"
        r"|(?P<open>[{(\[])|(?P<close>[})\]])",
        re.MULTILINE,
    ),
}
"""What matters in LaTeX between the signs of a display, in LaTeX without one, and in plain lines."""
FUNCTION_WORDS = {
    *HEADS, "Diag", "T", "d", "F", "rows", "row", "columns", "column", "cols", "sigmoid", "relu", "ReLU", "tanh",
    "sign", "log", "exp", "max", "min", "sum", "mean", "var", "std", "inv",
}  # fmt: skip
r"""What \text{…} may hold that is no remark."""


class Mark(NamedTuple):
    """Something that divides a block: "row", "apart", "equal"; start and end of it."""

    kind: str
    start: int
    end: int


def blank(clean: list[str], start: int, end: int) -> None:
    """Put blanks for what is no mathematics."""
    for i in range(start, end):
        if clean[i] != "\n":
            clean[i] = " "


def read_marks(text: str, clean: list[str], span: Span, kind: str) -> tuple[list[Mark], list[tuple[int, str]]]:
    """The rows, separators and signs = of a block outside of brackets, and the tags with their places.

    Args:
        clean: where what is no mathematics becomes blank.
        kind: "latex" for a display, "bare" for LaTeX without one, where lines are rows, "text" for plain lines.
    """
    reading = _Reading(text, clean, span, re.search(r"&\s*=\s*&", text[span.start : span.end]) is not None)
    pattern, place = _PIECES[kind], span.start
    while (found := pattern.search(text, place, span.end)) is not None:
        place = reading.read(found)
    return reading.marks, reading.tags


@dataclass(slots=True)
class _Reading:
    """A block under way.

    three: whether a = b is typed in three columns, a & = & b.
    items: the bullet that items of a list have here, and the blanks before it.
    """

    text: str
    clean: list[str]
    span: Span
    three: bool
    marks: list[Mark] = field(default_factory=list)
    tags: list[tuple[int, str]] = field(default_factory=list)
    depth: int = 0
    columns: int = 0
    items: tuple[str, str] | None = None

    def read(self, found: re.Match[str]) -> int:
        """Read a piece; the place behind it."""
        outside = self.depth == 0
        match found.lastgroup:
            case "tag":
                self.tags.append((found.start(), found["name"] or found.groupdict().get("single") or ""))
                blank(self.clean, *found.span())
            case "drop":
                blank(self.clean, *found.span())
            case "item" if outside and self._is_item(found):
                blank(self.clean, *found.span())
                end = self.text.find("\n", found.end(), self.span.end)
                if found["first"]:
                    self.tags.append((self.span.end if end < 0 else end, found["first"]))
            case "prose" if outside and not self._behind_operator(found):
                self._divide("apart", found)
            case "words" if outside and found["said"].strip() not in FUNCTION_WORDS:
                self._divide("apart", found)
            case "label" | "comma" | "arrow" if outside and found[0] != r"\to":
                self._divide("apart", found)
            case "row" | "line" if outside:
                self._divide("row", found)
                self.columns = 0
            case "begin" | "end":
                return self._environment(found)
            case "amp" if outside:
                self.columns += 1
                blank(self.clean, *found.span())
                if self.columns % 2 == 0 and not self.three:
                    self._divide("apart", found)
            case "unequal" if outside:
                self.marks.append(Mark("apart", found.start(), found.start()))
            case "equal" if outside:
                self.marks.append(Mark("equal", *found.span()))
            case "open":
                self.depth += 1
            case "close":
                self.depth -= 1
        return found.end()

    def _divide(self, kind: str, found: re.Match[str]) -> None:
        blank(self.clean, *found.span())
        self.marks.append(Mark(kind, *found.span()))

    def _environment(self, found: re.Match[str]) -> int:
        whole = BEGIN.match(self.text, found.start())
        if whole is None:
            self.depth += 1 if found.lastgroup == "begin" else -1
            return found.end()
        self._divide("row", whole)
        return whole.end()

    def _is_item(self, found: re.Match[str]) -> bool:
        """Whether a line begins with a bullet, and not with the sign of a formula that goes on."""
        bullet, indent = found["bullet"], found["indent"]
        if bullet not in ("-", "+", "*"):
            return True
        if self.items is None:
            if "=" in self.text[self.span.start : found.start()]:
                return False
            self.items = (bullet, indent)
        line = self.text[found.end() : self.span.end].partition("\n")[0]
        return self.items == (bullet, indent) or (self.items[0] == bullet and "=" in line)

    def _behind_operator(self, found: re.Match[str]) -> bool:
        line = self.text[self.span.start : found.start()].rpartition("\n")[2]
        return line.rstrip().endswith(tuple("+-−*·⊙/^="))
