r"""Formulas as LaTeX writes them, put into the notation of the grammar: `\Vert X\cdot W \Vert_F^2` is `‖X·W‖_F^2`.

There is no second grammar: the commands become characters of the first, and every character keeps the place in LaTeX
that it came from. Each letter is a name of its own unless it stands in \mathrm, \operatorname or \text; a subscript
belongs to the name. A function without brackets, as in \log\det X, takes what follows up to the next sign of a sum or
product, or the next function.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from matcalc.errors import LimitError, Span, SyntaxMistake
from matcalc.syntax.latex_words import (
    ACCENTS,
    BARS,
    BLANKS,
    BRACKETS,
    CLOSING,
    CONSTANTS,
    FRACTIONS,
    FUNCTIONS,
    HEADS,
    PRIVATE,
    REDUCTIONS,
    SIGNS,
    SIZE,
    STARS,
    STYLES,
    TOKEN,
    TRANSPOSES,
    WORDS,
)
from matcalc.syntax.names import is_greek_command
from matcalc.syntax.scanning import MAX_LENGTH

__all__ = ["Translated", "translate"]

DEEPEST = 100
"""Brackets, fractions and functions inside each other."""


class Token(NamedTuple):
    """A piece of LaTeX."""

    kind: str
    text: str
    start: int
    end: int


Pieces = list[tuple[str, Token]]
"""What is written, each piece with the token that it comes from."""


@dataclass(frozen=True)
class Translated:
    """A formula in the notation of the grammar, and for each of its characters the place in LaTeX."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def place(self, span: Span) -> Span:
        """Where in LaTeX a part of the text comes from."""
        if not self.text:
            return Span(0, 0)
        first, last = min(span.start, len(self.text) - 1), min(max(span.end, span.start + 1), len(self.text)) - 1
        if span.start >= len(self.text):
            return Span(self.ends[-1], self.ends[-1])
        return Span(min(self.starts[first : last + 1]), max(self.ends[first : last + 1]))

    @property
    def shown(self) -> str:
        """The text with bars for the private characters of the grammar, of the same length."""
        return self.text.translate({0xE000: "‖", 0xE001: "‖", 0xE002: "|", 0xE003: "|"})


def translate(
    text: str,
    known: Collection[str] = (),
    values: Collection[str] = (),
    function: Callable[[str], str | None] = lambda _: None,
) -> Translated:
    r"""LaTeX in the notation of the grammar.

    Args:
        known: names that are declared: `e`, `I` and `\sigma` among them are no more than names.
        values: those of them that are no functions, so that a bracket behind them is a factor.
        function: the name in formulas of what may be a function (`\sigma` is sigmoid), or None.

    Raises: SyntaxMistake for what means nothing here; LimitError for a text that is too long or too deep.

    >>> translate(r"\frac{1}{2} a^TGa + \log\det X").shown
    '(1)/(2) aᵀ G a + log(det(X))'
    """
    if len(text) > MAX_LENGTH:
        raise LimitError(
            f"the text has {len(text):,} characters, more than {MAX_LENGTH:,}", limit=MAX_LENGTH, found=len(text)
        )
    pieces = _Translation(text, frozenset(known), frozenset(values), function).whole()
    return Translated(
        "".join(piece for piece, _ in pieces),
        tuple(token.start for piece, token in pieces for _ in piece),
        tuple(token.end for piece, token in pieces for _ in piece),
    )


class _Translation:
    """One translation under way: it reads tokens and gives back pieces."""

    def __init__(
        self, text: str, known: Collection[str], values: Collection[str], function: Callable[[str], str | None]
    ) -> None:
        self.text, self.known, self.values, self.function = text, known, values, function
        found = (Token(str(m.lastgroup), m[0], m.start(), m.end()) for m in TOKEN.finditer(text))
        self.tokens: list[Token] = []
        self.apart: set[int] = set()  # where a blank of LaTeX stands before a token: t\,(x + y) is a product
        blank = False
        for t in found:
            if t.kind == "blank" or t.text in BLANKS or SIZE.match(t.text):
                blank = blank or t.text in BLANKS
                continue
            if blank:
                self.apart.add(t.start)
            self.tokens.append(t)
            blank = False
        self.at = 0
        self.depth = 0
        self.bars: list[str] = []

    # --- tokens -------------------------------------------------------------------------------------------------------

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

    def braced(self) -> list[Token]:
        """The tokens of the group in braces that comes next, or the one token in its place; they are not read yet."""
        if self.peek().text != "{":
            return [self.peek()] if self.peek().kind != "end" else []
        depth = 0
        for i in range(self.at, len(self.tokens)):
            depth += {"{": 1, "}": -1}.get(self.tokens[i].text, 0)
            if depth == 0:
                return self.tokens[self.at + 1 : i]
        raise self.mistake("this bracket is never closed", self.peek(), "add }")

    def skip(self, tokens: list[Token]) -> None:
        """Read past a group that `braced` gave."""
        self.at += len(tokens) + (2 if self.peek().text == "{" else 0)

    def starts_operand(self, token: Token) -> bool:
        """Whether an operand begins here."""
        if token.text in BARS:
            return not self.closes(token)
        if token.kind == "end" or token.text in CLOSING or token.text in SIGNS or token.text in ("^", "_"):
            return False
        return token.kind != "primes"

    def closes(self, token: Token) -> bool:
        """Whether a bar behind an operand closes the innermost one."""
        bar = BARS.get(token.text, "")
        return bar[1:] == ")" or (bar[1:] == "" and bool(self.bars) and self.bars[-1] == bar)

    # --- sequences ----------------------------------------------------------------------------------------------------

    def whole(self) -> Pieces:
        """The whole formula."""
        pieces = self.sequence()
        rest = self.peek()
        if rest.kind != "end":
            raise self.mistake(f"{rest.text} has nothing to close", rest)
        return pieces

    def sequence(self) -> Pieces:
        """Operands and the signs between them, up to what closes the bracket that they stand in."""
        pieces: Pieces = []
        complete = False
        while True:
            token = self.peek()
            if token.kind == "end" or token.text in CLOSING or (complete and token.text in BARS and self.closes(token)):
                return pieces
            if token.text in SIGNS:
                self.next()
                sign = SIGNS[token.text]
                pieces.append((f" {sign} " if sign in "+-=⊙⊗" and complete else sign, token))
                complete = False
                continue
            found = self.operand()
            if complete:
                pieces.append((" " if found[0][0][:1].isalpha() or found[0][0][:1] == "𝟏" else " * ", token))
            pieces += found
            complete = True

    def operand(self) -> Pieces:
        """A name, number, bracket, fraction or function with all that stands behind it above or below the line."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise LimitError(f"more than {DEEPEST} levels inside each other", limit=DEEPEST, found=self.depth)
        token = self.next()
        pieces = self.primary(token)
        while True:
            after = self.peek()
            if after.text == "^":
                self.next()
                pieces = self.raised(pieces, after)
            elif after.text == "_":
                self.next()
                pieces = self.lowered(pieces, after)
            elif after.kind == "primes":
                self.next()
                pieces = [*pieces, ("ᵀ" if self.peek().text != "(" else after.text, after)]
            else:
                self.depth -= 1
                return pieces

    def primary(self, token: Token) -> Pieces:
        """What an operand begins with."""
        word = token.text
        if word in BRACKETS:
            return self.bracket(token)
        if word == "{":
            inside = self.sequence()
            self.close(token, "}")
            simple = len(inside) == 1 or not any(
                text.strip() in ("+", "-", "·", "*", "/", "⊙", "⊗") or text == " " for text, _ in inside
            )
            return inside if simple and inside else [("(", token), *inside, (")", token)]
        if word in BARS:
            return self.between_bars(token)
        if token.kind == "number":
            return [(word, token)]
        if word in FRACTIONS:
            return self.fraction(token)
        if word == r"\sqrt":
            return self.root(token)
        if word == r"\sum":
            raise self.mistake("this sum has no matrix form here", token, "write it with norms, traces and products")
        if word == r"\partial":
            return [("∂", token), *self.operand()]
        if token.kind == "letter" or is_greek_command(word) or word in STYLES | WORDS | FUNCTIONS or word in ACCENTS:
            return self.named(token)
        if token.kind == "end":
            raise self.mistake("the formula ends too early", token)
        raise self.mistake(f"{word} is not known in formulas", token, _nearest(word))

    def close(self, opened: Token, closing: str) -> Token:
        """Read what closes a bracket."""
        token = self.next()
        if token.text != closing and not {token.text, closing} <= {")", "]", r"\}"}:
            found = "the formula ends" if token.kind == "end" else f"{token.text} comes"
            raise self.mistake(f"{opened.text} is closed by {closing}, but {found}", opened, f"add {closing}")
        return token

    def bracket(self, token: Token) -> Pieces:
        """Round, square and curly brackets are the same; angles hold an inner product."""
        bars, self.bars = self.bars, []
        inside = self.sequence()
        self.bars = bars
        closed = self.close(token, BRACKETS[token.text])
        angles = token.text in (r"\langle", "⟨")
        return [("⟨" if angles else "(", token), *inside, ("⟩" if angles else ")", closed)]

    def between_bars(self, token: Token) -> Pieces:
        """A norm or an absolute value."""
        bar = BARS[token.text][0]
        if BARS[token.text][1:] == ")":
            raise self.mistake(f"{token.text} has nothing to close", token)
        self.bars.append(bar)
        inside = self.sequence()
        self.bars.pop()
        closed = self.next()
        if BARS.get(closed.text, " ")[0] != bar:
            raise self.mistake("this bar is never closed", token)
        return [(PRIVATE[bar, 0], token), *inside, (PRIVATE[bar, 1], closed)]

    # --- fractions, roots, powers -------------------------------------------------------------------------------------

    def part(self) -> Pieces:
        """The group in braces that comes next, or one token: \frac12."""
        token = self.peek()
        if token.text == "{":
            self.next()
            inside = self.sequence()
            self.close(token, "}")
            return inside
        if token.kind == "number" and len(token.text) > 1:
            self.tokens[self.at] = token._replace(text=token.text[1:], start=token.start + 1)
            return [(token.text[0], token._replace(end=token.start + 1))]
        return self.primary(self.next())

    def fraction(self, token: Token) -> Pieces:
        """(a)/(b)"""
        above = self.part()
        below = self.part()
        return [("(", token), *above, (")/(", token), *below, (")", token)]

    def root(self, token: Token) -> Pieces:
        """sqrt(x), and the third root as a power."""
        degree: Pieces = []
        if self.peek().text == "[":
            self.next()
            degree = self.sequence()
            self.close(token, "]")
        inside = self.part()
        if degree:
            return [("(", token), *inside, (")^(1/(", token), *degree, ("))", token)]
        return [("sqrt(", token), *inside, (")", token)]

    def raised(self, base: Pieces, token: Token) -> Pieces:
        """A transpose, an inverse, a power, or a mark that belongs to a name."""
        tokens = self.braced()
        words = [t.text for t in tokens if t.text not in WORDS | STYLES | {"{", "}"}]
        if words and words[-1] in TRANSPOSES and words[:-1] in ([], ["-"], ["−"]):
            self.skip(tokens)
            return [*base, ("^-T" if len(words) > 1 else "ᵀ", token)]
        if words in (["-", "1"], ["−", "1"]):
            self.skip(tokens)
            return [*base, ("^-1", token)]
        if words in (["+"], [r"\dagger"], ["†"]):
            self.skip(tokens)
            return [("pinv(", token), *base, (")", token)]
        if len(base) == 1 and base[0][0].isidentifier() and self.is_mark(words):
            self.skip(tokens)
            mark = "star" if words[0] in STARS else self.word(tokens[1:-1])
            return [(f"{base[0][0]}_{mark}", base[0][1])]
        if words[:1] and words[0] in (r"\circ", r"\odot", "∘") and len(words) > 1:
            self.tokens = [t for i, t in enumerate(self.tokens) if i != self.at + 1]
            return [*base, (".^(", token), *self.part(), (")", token)]
        if len(base) == 1 and base[0][0] == "e" and "e" not in self.known:
            return [("exp(", base[0][1]), *self.part(), (")", token)]
        exponent = self.part()
        if len(exponent) == 1 and (exponent[0][0].isdigit() or exponent[0][0].isidentifier()):
            return [*base, ("^", token), *exponent]
        return [*base, ("^(", token), *exponent, (")", token)]

    def is_mark(self, words: list[str]) -> bool:
        """Whether an exponent is a mark, as in x^* and W^{(1)}."""
        return (len(words) == 1 and words[0] in STARS) or (len(words) > 2 and words[0] == "(" and words[-1] == ")")

    def lowered(self, base: Pieces, token: Token) -> Pieces:
        """Which norm it is; the positive part; an entry."""
        tokens = self.braced()
        words = [t.text for t in tokens if t.text not in WORDS | STYLES | {"{", "}"}]
        if base[-1][0] == "\ue001":
            which = {r"\ast": "*", r"\star": "*"}.get("".join(words), "".join(words))
            if which not in ("1", "2", "F", "*", "Fro", "fro", r"\mathcalF"):
                raise self.mistake("this norm is not supported", tokens[0] if tokens else token, "known: 1, 2, F and *")
            self.skip(tokens)
            return [*base, ("_F" if which[0] in "Ff\\" else f"_{which}", token)]
        if words == ["+"]:
            self.skip(tokens)
            return [("relu(", token), *base, (")", token)]
        if words and all(w.isdigit() or w == "," for w in words):
            self.skip(tokens)
            found = "".join(words)
            return [*base, (f"\ue004{found if ',' in found else ','.join(found)}]", token)]
        raise self.mistake("a subscript behind a bracket", token, "entries are named by numbers: (X W)_{1,2}")

    # --- names and functions ------------------------------------------------------------------------------------------

    def word(self, tokens: Iterable[Token]) -> str:
        r"""The letters of a group as one word: max, ij, lambda."""
        shown = ""
        for t in tokens:
            if t.text in WORDS or t.text in STYLES or t.text in ("{", "}", ",", "'"):
                continue
            if t.text == r"\_":
                shown += "_"
                continue
            if not (
                t.kind in ("letter", "number") or is_greek_command(t.text) or t.text in FUNCTIONS or t.text in STARS
            ):
                raise self.mistake(f"{t.text} cannot be part of a name", t)
            shown += "star" if t.text in STARS else t.text.lstrip("\\")
        return shown

    def named(self, token: Token) -> Pieces:
        """A name with its accents and subscripts, or a function with its argument."""
        name, whole = self.stem(token)
        if self.peek().text == "_" and whole and name in REDUCTIONS:
            return self.reduced(name, token)
        if self.peek().text == "_":
            below = self.tokens[self.at + 1 :][:1]
            self.next()
            tokens = self.braced()
            if name in CONSTANTS and name not in self.known and (sized := self.constant(name, token, tokens)):
                return sized
            mark = self.word(tokens)
            if not mark and below:
                raise self.mistake("nothing stands below the line", below[0])
            self.skip(tokens)
            joined = f"{name}_{mark}"
            name = joined if joined in self.known or name + mark not in self.known else name + mark
            name = {"log_2": "log2", "log_10": "log10"}.get(name, name)
        bracket = self.peek().text in ("(", "[", r"\{", r"\lbrace") and name not in self.values
        bracket = bracket and (whole or self.peek().start not in self.apart)
        meaning = None if name in self.known else self.meaning(name, token, bracket)
        if meaning is not None:
            return self.applied(meaning, token)
        if bracket and (len(name) > 1 or not name.isupper()) and name not in ("𝟏",):
            arguments = self.bracket(self.next()) if self.peek().text == "(" else []
            return [(name, token), *arguments]
        if self.peek().kind == "primes" and self.peek(1).text == "(" and len(name) == 1 and name.islower():
            primes = self.next()
            return [(name + primes.text, token), *self.bracket(self.next())]
        return [(name, token)]

    def reduced(self, name: str, token: Token) -> Pieces:
        r"""\operatorname{sum}_{\text{rows}}(X)"""
        self.next()
        tokens = self.braced()
        self.skip(tokens)
        arguments = self.bracket(self.next()) if self.peek().text == "(" else []
        if not arguments:
            raise self.mistake(f"{token.text} has no argument", token)
        return [(name, token), *arguments[:-1], (f", {self.word(tokens)})", token)]

    def stem(self, token: Token) -> tuple[str, bool]:
        r"""The letters of a name, and whether they were written as one word."""
        if token.text in ACCENTS:
            inside = self.braced()
            self.skip(inside)
            return f"{self.word(inside)}_{ACCENTS[token.text]}", False
        if token.text in STYLES or token.text in WORDS:
            inside = self.braced()
            word = self.word(inside)
            self.skip(inside)
            if not word:
                raise self.mistake(f"{token.text} has nothing inside", token)
            return {"1": "𝟏", "0": "𝟎"}.get(word, word), token.text in WORDS
        if token.text in FUNCTIONS:
            return {"ln": "log"}.get(token.text[1:], token.text[1:]), True
        return token.text.lstrip("\\").removeprefix("var"), False

    def meaning(self, name: str, token: Token, bracket: bool) -> str | None:
        """The function that a name stands for, if it is one."""
        if token.text in FUNCTIONS or (name in HEADS and (bracket or token.text in WORDS)):
            return HEADS.get(name, name)
        written = ("\\" + name) if is_greek_command("\\" + name) else name
        if token.text in WORDS or bracket:
            found = self.function(written) or (self.function(name) if token.text in WORDS or len(name) > 1 else None)
            return found if found is not None and (bracket or token.text in WORDS) else None
        return None

    def constant(self, name: str, token: Token, below: list[Token]) -> Pieces:
        r"""Ones, zeros, the identity and unit vectors with their sizes: \mathbf{1}_n, I_n, e_1^{(n)}."""
        sizes = _size(below)
        if name in "eE":
            marks = self.tokens[self.at + len(below) + 2 * (self.peek().text == "{") :]
            words = [t.text for t in marks]
            if words[:3] != ["^", "{", "("] or ")" not in words:
                return []
            end = words.index(")")
            self.skip(below)
            self.at += end + 2
            return [(f"{CONSTANTS[name]}({_size(marks[3:end])},{sizes})", token)]
        self.skip(below)
        return [(f"{CONSTANTS[name]}({sizes})", token)]

    def applied(self, name: str, token: Token) -> Pieces:
        """A function and its argument: the bracket, or what follows up to the next sign or function."""
        power: Pieces = []
        if self.peek().text == "^":
            sign = self.next()
            words = [t.text for t in self.braced()]
            if words[:1] in (["-"], ["−"]):
                raise self.mistake(f"is this the inverse function or 1/{name}?", sign, r"write \arcsin, or \frac{1}{…}")
            power = [(".^(", sign), *self.part(), (")", sign)]
        if self.peek().text in BRACKETS and self.peek().text not in (r"\langle", "⟨"):
            return [(name, token), *self.bracket(self.next()), *power]
        pieces: Pieces = []
        sign = self.peek()
        if sign.text in ("-", "−"):
            pieces.append(("-", self.next()))
        while self.starts_operand(self.peek()) and not (len(pieces) > 1 and self.peek().text in FUNCTIONS):
            first = self.peek()
            found = self.operand()
            if pieces and pieces[-1][0] != "-":
                pieces.append((" " if found[0][0][:1].isalpha() else " * ", first))
            pieces += found
        if not pieces or pieces[-1][0] == "-":
            raise self.mistake(f"{token.text} has no argument", token)
        return [(name, token), ("(", token), *pieces, (")", token), *power]


def _size(tokens: list[Token]) -> str:
    """Dimensions: m n is m*n."""
    shown = ""
    for t in tokens:
        shown += "*" if shown[-1:].isalnum() and t.kind in ("letter", "number") else ""
        shown += {r"\times": ",", ":": ","}.get(t.text, t.text)
    return shown


def _nearest(word: str) -> str | None:
    """A command that may have been meant."""
    import difflib

    known = {
        *SIGNS,
        *BARS,
        *BRACKETS,
        *FUNCTIONS,
        *FRACTIONS,
        *STYLES,
        *WORDS,
        *ACCENTS,
        r"\sqrt",
        r"\top",
        r"\lambda",
        r"\sigma",
    }
    near = difflib.get_close_matches(word, known, 1)
    return f"did you mean {near[0]}?" if near else None
