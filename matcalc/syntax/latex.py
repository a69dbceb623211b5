r"""Formulas as LaTeX writes them, put into the notation of the grammar: `\Vert X\cdot W \Vert_F^2` is `‖X·W‖_F^2`.

There is no second grammar: the commands become characters of the first, and every character keeps the place in LaTeX
that it came from. Each letter is a name of its own unless it stands in \mathrm, \operatorname or \text; a subscript
belongs to the name. A function without brackets, as in \log\det X, takes what follows up to the next sign of a sum or
product, or the next function.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from matcalc.errors import LimitError, Span
from matcalc.syntax.latex_tokens import Token, Tokens, heading, objective, words_of
from matcalc.syntax.latex_words import (
    ACCENTS,
    BARS,
    BRACKETS,
    CLOSING,
    CONSTANTS,
    FACTORS,
    FRACTIONS,
    FUNCTIONS,
    HEADS,
    LOGARITHMS,
    ONES,
    PRIVATE,
    REDUCTIONS,
    SIGNS,
    STARS,
    STYLES,
    TRANSPOSES,
    WORDS,
)
from matcalc.syntax.names import is_greek_command
from matcalc.syntax.scanning import MAX_LENGTH

__all__ = ["Translated", "translate"]

DEEPEST = 100
"""Brackets, fractions and functions inside each other."""


Pieces = list[tuple[str, Token]]
"""What is written, each piece with the token that it comes from."""


@dataclass(frozen=True)
class Translated:
    """A formula in the notation of the grammar, for each of its characters the place in LaTeX, and what was assumed."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    notes: tuple[str, ...] = ()

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
    '((1)/(2)) aᵀ G a + log(det(X))'
    """
    if len(text) > MAX_LENGTH:
        raise LimitError(
            f"the text has {len(text):,} characters, more than {MAX_LENGTH:,}", limit=MAX_LENGTH, found=len(text)
        )
    translation = _Translation(text, frozenset(known), frozenset(values), function)
    pieces = translation.whole()
    return Translated(
        "".join(piece for piece, _ in pieces),
        tuple(token.start for piece, token in pieces for _ in piece),
        tuple(token.end for piece, token in pieces for _ in piece),
        tuple(dict.fromkeys(translation.notes)),
    )


class _Translation(Tokens):
    """One translation under way: it reads tokens and gives back pieces."""

    def __init__(
        self, text: str, known: Collection[str], values: Collection[str], function: Callable[[str], str | None]
    ) -> None:
        super().__init__(text)
        self.known, self.values, self.function = known, values, function
        self.depth = 0
        self.notes: list[str] = []
        self.defined, begin = heading(self.tokens)
        end = objective(self.tokens, begin, text)
        if end > begin:
            shown = text[self.tokens[begin].start : self.tokens[end - 1].end]
            self.note(f"{shown} is left out: what is minimised is read")
            del self.tokens[begin:end]

    def note(self, text: str) -> None:
        """Say what was assumed."""
        self.notes.append(text)

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
        below: Token | None = None  # what the last slash divides by
        while True:
            token = self.peek()
            if token.text == "||" and self.bars[-1:] == ["|"]:
                ends = ((token.start, token.start + 1), (token.start + 1, token.end))
                self.tokens[self.at : self.at + 1] = [Token("other", "|", *place) for place in ends]
                continue
            if self.ends(token) or (complete and token.text in BARS and self.closes(token)):
                return pieces
            if token.text in SIGNS:
                self.next()
                sign = SIGNS[token.text]
                pieces.append((f" {sign} " if sign in "+-=⊙⊗" and complete else sign, token))
                below = self.peek() if sign == "/" else None
                complete = False
                continue
            found = self.followed_by_number(token) if complete and token.kind == "number" else self.operand()
            if complete:
                pieces.append((" " if found[0][0][:1].isalpha() or found[0][0][:1] == "𝟏" else " * ", token))
                if below is not None and (below.kind != "number" or below.end == token.start):
                    self.note(f"/{below.text} {token.text}: only {below.text} is below the line; \\frac decides it")
                below = None
            pieces += found
            complete = True

    def followed_by_number(self, token: Token) -> Pieces:
        r"""A number behind an operand: the ones of x^\top 1, and nothing else."""
        if token.text != "1":
            raise self.mistake("a number cannot follow directly", token, r"write \cdot for the product")
        self.next()
        return [("𝟏", token)]

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
            if self.peek().text == "_" and word in ONES:
                self.next()
                return self.constant(ONES[word], token, self.group())
            return [(word, token)]
        if token.kind == "environment":
            return self.matrix(token)
        if word in FRACTIONS:
            return self.fraction(token)
        if word == r"\sqrt":
            return self.root(token)
        if word == r"\sum":
            raise self.mistake("this sum has no matrix form here", token, "write it with norms, traces and products")
        if word == r"\partial":
            return [("∂", token), *self.operand()]
        if token.kind == "letter" or is_greek_command(word) or word in STYLES | WORDS | FUNCTIONS | ACCENTS.keys():
            return self.named(token)
        if word == r"\ell" or word[1:] in HEADS or (token.kind == "command" and self.function(word[1:])):
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

    def matrix(self, token: Token) -> Pieces:
        r"""Rows of blocks between \begin{bmatrix} and \end{bmatrix}."""
        if token.text.startswith(r"\end"):
            raise self.mistake(f"{token.text} has nothing to close", token)
        if token.text.endswith("array"):
            self.skip(self.group())
        pieces: Pieces = [("[", token)]
        bars, self.bars = self.bars, []
        while True:
            entry = self.sequence()
            pieces += [("(", entry[0][1]), *entry, (")", entry[-1][1])] if len(entry) > 1 else entry
            after = self.next()
            if after.text == r"\\" and self.peek().kind == "environment":
                after = self.next()
            if after.kind == "environment" and after.text == r"\end" + token.text.removeprefix(r"\begin"):
                break
            if after.text not in ("&", r"\\"):
                raise self.mistake("these brackets are never closed", token, r"add \end{…}")
            pieces.append((", " if after.text == "&" else "; ", after))
        self.bars = bars
        pieces.append(("]", after))
        return [("det(", token), *pieces, (")", after)] if token.text.endswith("vmatrix") else pieces

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
        """((a)/(b))"""
        above = self.part()
        below = self.part()
        return [("((", token), *above, (")/(", token), *below, ("))", token)]

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
        tokens = self.group()
        words = words_of(tokens)
        token = token._replace(end=tokens[-1].end if tokens else token.end)
        if words and words[-1] in TRANSPOSES and words[:-1] in ([], ["-"], ["−"]):
            self.skip(tokens)
            ones = [("𝟏", base[0][1])] if [text for text, _ in base] == ["1"] else base
            return [*ones, ("^-T" if len(words) > 1 else "ᵀ", token)]
        if words in (["-", "1"], ["−", "1"]):
            self.skip(tokens)
            return [*base, ("^-1", token)]
        if words in (["+"], [r"\dagger"], ["†"]):
            self.skip(tokens)
            return [("pinv(", token), *base, (")", token)]
        if len(base) == 1 and base[0][0].isidentifier() and self.is_mark(words):
            self.skip(tokens)
            mark = (
                "star"
                if words[0] in STARS
                else self.word(t for t in tokens if t.text not in BRACKETS and t.text not in CLOSING)
            )
            return [(f"{base[0][0]}_{mark}", base[0][1])]
        if words[:1] and words[0] in (r"\circ", r"\odot", "∘", "⊙") and len(words) > 1:
            self.at += 2
            exponent = self.sequence()
            self.close(tokens[0], "}")
            return [*base, (".^(", token), *exponent, (")", token)]
        if len(base) == 1 and base[0][0] == "e" and "e" not in self.known:
            return [("exp(", base[0][1]), *self.part(), (")", token)]
        exponent = self.part()
        if len(exponent) == 1 and (exponent[0][0].isdigit() or exponent[0][0].isidentifier()):
            return [*base, ("^", token), *exponent]
        return [*base, ("^(", token), *exponent, (")", token)]

    def is_mark(self, words: list[str]) -> bool:
        """Whether an exponent is a mark, as in x^*, W^{(1)} and W^{[1]}."""
        return (len(words) == 1 and words[0] in STARS) or (len(words) > 2 and words[0] + words[-1] in ("()", "[]"))

    def lowered(self, base: Pieces, token: Token) -> Pieces:
        """Which norm it is; the positive part; an entry."""
        tokens = self.group()
        words = words_of(tokens)
        if base[-1][0] in ("\ue001", "⟩"):
            which = {r"\ast": "*", r"\star": "*", "Fro": "F", "fro": "F"}.get("".join(words), "".join(words))
            if which not in ("1", "2", "F", "*")[2 * (base[-1][0] == "⟩") :]:
                raise self.mistake("this norm is not supported", tokens[0] if tokens else token, "known: 1, 2, F and *")
            self.skip(tokens)
            return [*base, (f"_{which}", token)] if base[-1][0] != "⟩" else base
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
            below = self.next()
            tokens = self.group()
            if name in CONSTANTS and name not in self.known and (sized := self.constant(name, token, tokens)):
                return sized
            mark = self.word(tokens)
            if not mark:
                raise self.mistake("nothing stands below the line", below)
            self.skip(tokens)
            joined = f"{name}_{mark}"
            name = joined if joined in self.known or name + mark not in self.known else name + mark
            if token.text in FUNCTIONS and name not in LOGARITHMS:
                raise self.mistake(f"{token.text} with a subscript", below, "write max(x) for the greatest entry of x")
            name = LOGARITHMS.get(name, name)
        bracket = self.peek().text in ("(", "[", r"\{", r"\lbrace") and name not in self.values
        bracket = bracket and (whole or not self.peek().apart)
        defined = token.start == self.defined
        meaning = None if name in self.known or defined else self.meaning(name, token, bracket, whole)
        if meaning is not None:
            return self.applied(meaning, token)
        if bracket and "\\" + name in FACTORS and name not in self.known and not defined:
            shown = self.text[token.start : token.end]
            self.note(f"{shown}(…) read as a product; for a function declare {name}: elementwise")
        elif bracket and (len(name) > 1 or not name.isupper() or defined) and name not in ("𝟏",):
            arguments = self.bracket(self.next()) if self.peek().text == "(" else []
            return [(name, token), *arguments]
        if self.peek().kind == "primes" and self.peek(1).text == "(" and name not in self.values:
            greek = is_greek_command("\\" + name) and "\\" + name not in FACTORS
            if greek or (len(name) == 1 and name.islower()):
                known = self.function("\\" + name) if greek and name not in self.known else None
                primes = self.next()
                return [((known or name) + primes.text, token), *self.bracket(self.next())]
        return [(name, token)]

    def reduced(self, name: str, token: Token) -> Pieces:
        r"""\operatorname{sum}_{\text{rows}}(X)"""
        self.next()
        tokens = self.group()
        self.skip(tokens)
        arguments = self.bracket(self.next()) if self.peek().text == "(" else []
        if not arguments:
            raise self.mistake(f"{token.text} has no argument", token)
        return [(name, token), *arguments[:-1], (f", {self.word(tokens)})", token)]

    def stem(self, token: Token) -> tuple[str, bool]:
        r"""The letters of a name, and whether they were written as one word."""
        if token.text in ACCENTS:
            inside = self.group()
            self.skip(inside)
            return f"{self.word(inside)}_{ACCENTS[token.text]}", False
        if token.text in STYLES or token.text in WORDS:
            inside = self.group()
            word = self.word(inside)
            self.skip(inside)
            if not word:
                raise self.mistake(f"{token.text} has nothing inside", token)
            return ONES.get(word, word), token.text in WORDS
        if token.text in FUNCTIONS:
            return {"ln": "log"}.get(token.text[1:], token.text[1:]), True
        name = token.text.lstrip("\\")
        return name.removeprefix("var"), token.kind == "command" and not is_greek_command(token.text)

    def meaning(self, name: str, token: Token, bracket: bool, whole: bool) -> str | None:
        """The function that a name stands for, if it is one."""
        if token.text in FUNCTIONS or (name in HEADS and (bracket or whole)):
            return HEADS.get(name, name)
        if not (bracket or whole):
            return None
        written = ("\\" + name) if is_greek_command("\\" + name) else name
        found = self.function(written)
        if found is not None and found != name:
            self.note(f"{written} is the {found}; for another function declare {name}: elementwise")
        return found or (self.function(name) if whole or len(name) > 1 else None)

    def constant(self, name: str, token: Token, below: list[Token]) -> Pieces:
        r"""Ones, zeros, the identity and unit vectors with their sizes: \mathbf{1}_n, I_n, e_1^{(n)}."""
        sizes = _size(below)
        if name in "eE":
            marks = self.tokens[self.at + len(below) :]
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
            if words_of(self.group())[:1] in (["-"], ["−"]):
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
        if t.text in ("{", "}"):
            continue
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
