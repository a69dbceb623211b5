r"""The pieces of LaTeX: blanks and what only sets type are left out, and subscripts come before superscripts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from matcalc.errors import Span, SyntaxMistake
from matcalc.syntax.comparisons import COMPARISONS
from matcalc.syntax.latex_words import (
    BARS,
    BLANKS,
    BRACKETS,
    CLOSERS,
    CLOSING,
    DROPPED,
    EQUALS,
    FRACTIONS,
    FUNCTIONS,
    HEADS,
    MATRICES,
    MINIMA,
    SIGNS,
    SIZE,
    STYLES,
    SWITCHES,
    TOKEN,
    UNWRAPPED,
    WORDS,
)

__all__ = ["Token", "Tokens", "constraints", "determinants", "group_end", "heading", "objective", "size_in", "words_of"]

INDICES = frozenset({*"ijkl", r"\ell"})
"""Letters that number entries where they stand below a name."""


class Token(NamedTuple):
    """A piece of LaTeX; apart: a blank of LaTeX stands before it, and t\\,(x + y) is a product."""

    kind: str
    text: str
    start: int
    end: int
    apart: bool = False


def tokenize(text: str) -> list[Token]:
    r"""The tokens of a formula.

    Raises: SyntaxMistake for a group that is never closed.

    >>> [t.text for t in tokenize(r"$\left\| A\, x \right\|^2_F.$")]
    ['\\|', 'A', 'x', '\\|', '_', 'F', '^', '2']
    """
    tokens = _indicators(_without_layout(text), text)
    while tokens and tokens[-1].text in (".", ",", ";"):
        tokens.pop()
    return _definitions_first(_subscripts_first(_typed_functions(tokens, text), text), text)


def _indicators(tokens: list[Token], text: str) -> list[Token]:
    r"""[x > 0] for \mathbb{1}[x > 0]: before a comparison in brackets this is no vector of ones."""
    found: list[Token] = []
    at = 0
    while at < len(tokens):
        end = group_end(tokens, at, text) if tokens[at].text in STYLES else at + 1
        if words_of(tokens[at:end]) == ["1"] and tokens[at].text in STYLES and _is_comparison(tokens[end:]):
            at = end
            continue
        found.append(tokens[at])
        at += 1
    return found


def _is_comparison(tokens: Iterable[Token]) -> bool:
    """Whether tokens begin with a bracket that holds a comparison."""
    depth = 0
    for token in tokens:
        depth += (token.text in ("(", "[", r"\{")) - (token.text in (")", "]", r"\}"))
        if depth == 0:
            return False
        if depth == 1 and SIGNS.get(token.text) in COMPARISONS.values():
            return True
    return False


def _typed_functions(tokens: list[Token], text: str) -> list[Token]:
    r"""log det(S) + tr(A) for \log\det(S) + \operatorname{tr}(A): letters side by side that name a function."""
    found: list[Token] = []
    at = 0
    while at < len(tokens):
        token, end = tokens[at], at + 1
        if token.text in STYLES | WORDS | {"_"}:
            end = group_end(tokens, end, text)
        while token.kind == "letter" and end < len(tokens) and tokens[end].kind == "letter" and not _gap(tokens, end):
            end += 1
        word = "\\" + "".join(t.text for t in tokens[at:end])
        called = end < len(tokens) and tokens[end].text in BRACKETS
        if token.kind == "letter" and (word in FUNCTIONS or (called and end - at > 1 and word[1:] in HEADS)):
            found.append(token._replace(kind="command", text=word, end=tokens[end - 1].end))
        else:
            found += tokens[at:end]
        at = end
    return found


def _gap(tokens: list[Token], at: int) -> bool:
    return tokens[at - 1].end < tokens[at].start


def group_end(tokens: list[Token], at: int, text: str) -> int:
    r"""The end of the group that begins at a place: {…}, \mathrm{F}, or a single token.

    Raises: SyntaxMistake for a group that is never closed.
    """
    while at < len(tokens) and tokens[at].text in STYLES | WORDS:
        at += 1
    if at >= len(tokens) or tokens[at].text != "{":
        return min(at + 1, len(tokens))
    depth = 0
    for i in range(at, len(tokens)):
        depth += {"{": 1, "}": -1}.get(tokens[i].text, 0)
        if depth == 0:
            return i + 1
    opened = tokens[at]
    raise SyntaxMistake("this bracket is never closed", span=Span(opened.start, opened.end), text=text, hint="add }")


def words_of(tokens: list[Token]) -> list[str]:
    """What a group says, without braces and without what only sets type."""
    return [t.text for t in tokens if t.text not in STYLES | WORDS | {"{", "}"}]


def size_in(tokens: list[Token]) -> str:
    """Dimensions, and ranges of them: m n is m*n."""
    shown = ""
    for t in tokens:
        if t.text in ("{", "}"):
            continue
        shown += "*" if shown[-1:].isalnum() and t.kind in ("letter", "number") else ""
        shown += "," if t.text == r"\times" else t.text
    return shown


def _without_layout(text: str) -> list[Token]:
    """All tokens but blanks, dollars, environments, labels, and the size of brackets."""
    found = [Token(str(m.lastgroup), m[0], m.start(), m.end()) for m in TOKEN.finditer(text)]
    tokens: list[Token] = []
    blank, at, inside = False, 0, 0
    while at < len(found):
        t = found[at]
        at += 1
        if t.text in ("\\begin", "\\end"):
            at = end = group_end(found, at, text)
            word = re.sub(r"[^a-zA-Z]", "", text[t.end : found[end - 1].end])
            if word in MATRICES:
                inside += 1 if t.text == "\\begin" else -1
                tokens.append(Token("environment", t.text + word, t.start, found[end - 1].end))
            continue
        if inside and t.text in ("&", "\\\\"):
            tokens.append(t)
        elif t.text in DROPPED:
            at = group_end(found, at, text)
        elif t.text in SWITCHES and tokens and tokens[-1].text == "{":
            tokens.insert(-1, t._replace(text=SWITCHES[t.text]))
        elif SIZE.match(t.text):
            at += at < len(found) and found[at].text == "."
        elif t.kind == "blank" or t.text in BLANKS:
            blank = blank or t.text in BLANKS
            continue
        elif t.text in EQUALS:
            if tokens and tokens[-1].text == ":" == text[t.start - 1]:
                tokens.pop()
            tokens.append(t._replace(text="=", apart=blank))
        else:
            tokens.append(t._replace(apart=blank))
        blank = False
    return _unwrapped(tokens, text)


def _unwrapped(tokens: list[Token], text: str) -> list[Token]:
    r"""\underbrace{…}_{\text{…}} without the brace and what it is labelled with."""
    if not any(t.text in UNWRAPPED for t in tokens):
        return tokens
    out: list[Token] = []
    labels: list[int] = []
    at = 0
    while at < len(tokens):
        if tokens[at].text in UNWRAPPED:
            labels.append(group_end(tokens, at + 1, text))
        elif at in labels and tokens[at].text in ("_", "^"):
            at = group_end(tokens, at + 1, text)
            continue
        else:
            out.append(tokens[at])
        at += 1
    return out


def _subscripts_first(tokens: list[Token], text: str) -> list[Token]:
    """x^2_F as x_F^2, so that what belongs to the name is read with it."""
    out = list(tokens)
    for i, t in enumerate(tokens):
        if t.text != "^":
            continue
        middle = group_end(tokens, i + 1, text)
        if middle < len(tokens) and tokens[middle].text == "_":
            end = group_end(tokens, middle + 1, text)
            out[i:end] = [*tokens[middle:end], *tokens[i:middle]]
    return out


def _definitions_first(tokens: list[Token], text: str) -> list[Token]:
    """f(Z), \\quad Z = X W as Z = X W; f(Z)."""
    depth, starts = 0, []
    for i, t in enumerate(tokens[:-1]):
        depth += (t.text in BRACKETS or t.text == "{") - (t.text in CLOSERS)
        if depth == 0 and t.text == "," and _begins_definition(tokens, i + 1, text):
            starts.append(i)
    if not starts:
        return tokens
    out: list[Token] = []
    for start, end in zip(starts, [*starts[1:], len(tokens)], strict=True):
        out += [*tokens[start + 1 : end], tokens[start]._replace(text=";")]
    return [*out, *tokens[: starts[0]]]


def _begins_definition(tokens: list[Token], at: int, text: str) -> bool:
    """Whether a name with an equals sign stands here."""
    end = group_end(tokens, at, text)
    while end < len(tokens) and tokens[end].text in ("_", "^"):
        end = group_end(tokens, end + 1, text)
    return end < len(tokens) and tokens[end].text == "="


def determinants(tokens: list[Token], at: int, text: str) -> set[int]:
    r"""Where the bars of log|X|, \\log(|X|) and \\log\\frac{|A|}{|B|} open, which hold determinants if they hold matrices."""
    begins = [at]
    if at < len(tokens) and tokens[at].text in FRACTIONS:
        middle = group_end(tokens, at + 1, text)
        begins = [at + 1, middle]
    found: set[int] = set()
    for begin in begins:
        inside = tokens[begin : _closed(tokens, begin)]
        if len(inside) > 2 and inside[0].text in BRACKETS.keys() | {"{"}:
            inside = inside[1:-1]
        bars = [i for i, t in enumerate(inside) if t.text in BARS and BARS[t.text][0] == "|"]
        if bars[:1] == [0] and len(bars) > 1 and (bars[1] == len(inside) - 1 or begin == at == begins[0]):
            found.add(inside[0].start)
    return found


def _closed(tokens: list[Token], at: int) -> int:
    """The end of what begins at a place: a bracket or all up to the next bracket that closes."""
    depth = 0
    for i in range(at, len(tokens)):
        depth += (tokens[i].text in BRACKETS or tokens[i].text == "{") - (tokens[i].text in CLOSING)
        if depth < 0 or (depth == 0 and (tokens[at].text in BRACKETS or tokens[at].text == "{")):
            return i + (depth == 0)
    return len(tokens)


def heading(tokens: list[Token]) -> tuple[int, int]:
    r"""Where the function of \mathcal{L}(W; X) = … is named, -1 without one, and the place of the token behind the =.

    What stands behind a semicolon or a bar is no argument, and goes.
    """
    depth, begin = 0, 0
    for i, t in enumerate(tokens):
        depth += (t.text in BRACKETS or t.text == "{") - (t.text in CLOSERS)
        begin = i + 1 if t.text == ";" and depth == 0 else begin
    end = next((i for i in range(begin, len(tokens)) if tokens[i].text == "="), begin)
    opened = next((i for i in range(begin, end) if tokens[i].text == "("), end)
    if opened == end:
        return -1, end + (end > begin)
    if opened == begin or tokens[end - 1].text != ")":
        return -1, begin
    stop = next((i for i in range(opened, end) if tokens[i].text in (";", "|", r"\mid")), end - 1)
    del tokens[stop : end - 1]
    return tokens[begin].start, stop + 2


def objective(tokens: list[Token], at: int, text: str) -> int:
    r"""Where what is minimised begins, behind \min_x, \arg\min_x, \underset{x}{\text{minimize}}; not behind \max_i of x_i."""
    begin = at + (at < len(tokens) and tokens[at].text == r"\arg")
    if begin < len(tokens) and tokens[begin].text == r"\underset":
        begin = group_end(tokens, begin + 1, text)
    end = group_end(tokens, begin, text)
    if "".join(w.lstrip("\\") for w in words_of(tokens[begin:end])) not in MINIMA or end >= len(tokens):
        return at
    if tokens[end].text == "_":
        begin = group_end(tokens, end + 1, text)
        varied = words_of(tokens[end + 1 : begin])
        below = (i + 1 for i in range(begin, len(tokens)) if tokens[i].text == "_" and "_" not in varied)
        used = {word for i in below for word in words_of(tokens[i : group_end(tokens, i, text)])}
        return begin if used.isdisjoint(INDICES.intersection(varied)) else at
    return at if tokens[end].text in BRACKETS else end


def constraints(tokens: list[Token]) -> int:
    r"""Where the conditions of a minimum begin: \text{subject to}, \text{s.t.}"""
    for i in range(len(tokens)):
        if tokens[i].text in WORDS:
            letters = "".join(t.text for t in tokens[i + 1 : i + 12] if t.kind == "letter")
            if letters.startswith(("subjectto", "suchthat")) or "".join(t.text for t in tokens[i + 2 : i + 5]) == "s.t":
                return i
    return len(tokens)


class Tokens:
    """Tokens that are read one after the other; bars are those that are open."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokenize(text)
        self.at = 0
        self.bars: list[str] = []

    def peek(self, ahead: int = 0) -> Token:
        """The next token; an empty one at the end."""
        place = self.at + ahead
        return self.tokens[place] if place < len(self.tokens) else Token("end", "", len(self.text), len(self.text))

    def next(self) -> Token:
        """The next token, read."""
        token = self.peek()
        self.at += 1
        return token

    def mistake(self, message: str, token: Token, hint: str | None = None) -> SyntaxMistake:
        """A mistake at a token."""
        return SyntaxMistake(
            message, span=Span(token.start, max(token.end, token.start + 1)), text=self.text, hint=hint
        )

    def group(self) -> list[Token]:
        r"""The tokens of the group that comes next, {…} or \mathrm{F}, or the one token in its place; not read yet."""
        return self.tokens[self.at : group_end(self.tokens, self.at, self.text)]

    def skip(self, tokens: list[Token]) -> list[str]:
        """Read past a group; its words without what only sets type."""
        self.at += len(tokens)
        return words_of(tokens)

    def starts_operand(self, token: Token) -> bool:
        """Whether an operand begins here."""
        if token.text in BARS:
            return not self.closes(token)
        return (
            not self.ends(token) and token.text not in SIGNS and token.text not in ("^", "_") and token.kind != "primes"
        )

    def ends(self, token: Token) -> bool:
        """Whether a bracket, a cell of a matrix or the formula ends here."""
        return token.text in CLOSING or token.kind == "end" or (token.kind == "environment" and token.text[1] == "e")

    def closes(self, token: Token) -> bool:
        """Whether a bar behind an operand closes the innermost one."""
        bar = BARS.get(token.text, "")
        return bar[1:] == ")" or (bar[1:] == "" and bool(self.bars) and self.bars[-1] == bar)
