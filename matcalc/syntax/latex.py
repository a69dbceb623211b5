r"""Formulas as LaTeX writes them, put into the notation of the grammar: `\Vert X\cdot W \Vert_F^2` is `‖X·W‖_F^2`.

There is no second grammar: the commands become characters of the first, and every character keeps the place in LaTeX
that it came from. Each letter is a name of its own unless it stands in \mathrm, \operatorname or \text; a subscript
belongs to the name. A function without brackets, as in \log\det X, takes what follows up to the next sign of a sum or
product, or the next function.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from matcalc.errors import LimitError, Span
from matcalc.syntax.latex_names import Names
from matcalc.syntax.latex_sums import SUMS, read_indices, summed_letters
from matcalc.syntax.latex_tokens import (
    Token,
    constraints,
    determinants,
    group_end,
    heading,
    objective,
    size_in,
    words_of,
)
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
    NORM_HINT,
    ONES,
    PRIVATE,
    REDUCTIONS,
    SIGNS,
    STARS,
    STYLES,
    TRANSPOSES,
    WORDS,
    nearest_command,
    norm_of,
)
from matcalc.syntax.names import is_greek_command
from matcalc.syntax.scanning import MAX_LENGTH

__all__ = ["Translated", "translate"]

TERMS = frozenset("+-−=,;:")
"""Where the summand of a sum ends."""
PRODUCTS = frozenset("·*⊙⊗⊘/")
DEEPEST = 100
"""Brackets, fractions and functions inside each other."""

Pieces = list[tuple[str, Token]]  # what is written, each piece with the token that it comes from


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
        """The text with bars and signs for the private characters of the grammar, of the same length."""
        return self.text.translate(dict(zip(range(0xE000, 0xE009), "‖‖||[<>≤≥", strict=True)))


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
    '((1)/(2)) aᵀ G a + logdet(X)'
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


class _Translation(Names):
    """One translation under way: it reads tokens and gives back pieces."""

    def __init__(
        self, text: str, known: Collection[str], values: Collection[str], function: Callable[[str], str | None]
    ) -> None:
        super().__init__(text, known, values, function)
        self.depth = 0
        self.determinants: set[int] = set()
        self.summed = summed_letters(self.tokens)
        self.leave_out(constraints(self.tokens), len(self.tokens))
        self.defined, begin = heading(self.tokens)
        self.leave_out(begin, objective(self.tokens, begin, text))

    def leave_out(self, begin: int, end: int) -> None:
        """Leave out what belongs to a minimum and not to the objective."""
        if begin < end:
            shown = self.text[self.tokens[begin].start : self.tokens[end - 1].end]
            self.note(f"{shown} is left out: what is minimised is read")
            del self.tokens[begin:end]

    # --- sequences ----------------------------------------------------------------------------------------------------

    def whole(self) -> Pieces:
        """The whole formula."""
        pieces = self.sequence()
        rest = self.peek()
        if rest.kind != "end":
            raise self.mistake(f"{rest.text} has nothing to close", rest)
        return pieces

    def sequence(self, stop: Collection[str] = ()) -> Pieces:
        """Operands and the signs between them, up to what closes the bracket that they stand in, or to a sign."""
        pieces: Pieces = []
        complete = False
        below: Token | None = None  # what the last slash divides by
        alone = True
        while True:
            token = self.peek()
            if token.text == "||" and self.bars[-1:] == ["|"]:
                ends = ((token.start, token.start + 1), (token.start + 1, token.end))
                self.tokens[self.at : self.at + 1] = [Token("other", "|", *place) for place in ends]
                continue
            if (
                self.ends(token)
                or (complete and token.text in stop)
                or (complete and token.text in BARS and self.closes(token))
            ):
                return pieces
            if token.text in SIGNS:
                self.next()
                sign = SIGNS[token.text]
                pieces.append((f" {sign} " if sign in "+-=⊙⊗" and complete else sign, token))
                below = self.peek() if sign == "/" else None
                complete, alone = False, sign not in PRODUCTS
                continue
            found = self.followed_by_number(token) if complete and token.kind == "number" else self.operand(alone)
            if complete:
                pieces.append((" " if found[0][0][:1].isalpha() or found[0][0][:1] == "𝟏" else " * ", token))
                if below is not None and (below.kind != "number" or below.end == token.start):
                    self.note(f"/{below.text} {token.text}: only {below.text} is below the line; \\frac decides it")
                below = None
            pieces += found
            complete, alone = True, False

    def followed_by_number(self, token: Token) -> Pieces:
        r"""A number behind an operand: the ones of x^\top 1, and nothing else."""
        if token.text != "1":
            raise self.mistake("a number cannot follow directly", token, r"write \cdot for the product")
        self.next()
        return [("𝟏", token)]

    def primed(self, base: Pieces, prime: Token, alone: bool) -> Pieces:
        """x'y and X' are transposes; in x - x', where it is no factor, x' is a name."""
        name, after = base[0][0], self.peek().text
        factor = not alone or self.starts_operand(self.peek()) or SIGNS.get(after, "+") in PRODUCTS
        if len(base) > 1 or not (name.isidentifier() and name[0].islower()) or factor or len(prime.text) > 1:
            return [*base, (prime.text if after == "(" else "ᵀ" * len(prime.text), prime)]
        shown = self.text[base[0][1].start : prime.end]
        self.note(f"{shown} read as a name of its own, {name}_prime; the transpose is {shown[:-1]}^T")
        return [(f"{name}_prime", base[0][1]._replace(end=prime.end))]

    def operand(self, alone: bool = False) -> Pieces:
        """A name, number, bracket, fraction or function with all that stands behind it above or below the line.

        alone: no other factor stands before it.
        """
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
                pieces = self.primed(pieces, after, alone)
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
            raised = self.peek().text in ("^", "_") or self.peek().kind == "primes"
            bare = len(inside) == 1 if raised else simple and inside
            return inside if bare else [("(", token), *inside, (")", token)]
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
        if word in SUMS and (word != r"\prod" or self.peek().text == "_"):
            return self.sum(token)
        if word == r"\partial":
            return [("∂", token), *self.operand()]
        if token.kind == "letter" or is_greek_command(word) or word in STYLES | WORDS | FUNCTIONS | ACCENTS.keys():
            return self.named(token)
        if word == r"\ell" or word[1:] in HEADS or (token.kind == "command" and self.function(word[1:])):
            return self.named(token)
        if token.kind == "end":
            raise self.mistake("the formula ends too early", token)
        raise self.mistake(f"{word} is not known in formulas", token, nearest_command(word))

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

    def sum(self, token: Token) -> Pieces:
        r"""\sum_{i,j} and what is summed, up to the next sign of a sum, as sum[i,j](…)."""
        indices = read_indices(self, token)
        shown = ",".join(f"{name}=1:{last}" if last else name for name, last in indices)
        names = [name for name, _ in indices]
        if not {*names}.isdisjoint(self.bound):
            raise self.mistake("this index is summed already", token, "give each sum an index of its own")
        self.bound += names
        body = self.sequence(TERMS)
        del self.bound[-len(names) :]
        if not body:
            raise self.mistake("nothing is summed", token)
        return [(f"{SUMS[token.text]}\ue004{shown}](", token), *body, (")", body[-1][1])]

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
            if after.text == r"\\" and self.peek().text.startswith(r"\end"):
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
        if bar == "|" and (token.start in self.determinants or self.is_root(self.at)):
            return [("bars", token), ("(", token), *inside, (")", closed)]
        return [(PRIVATE[bar, 0], token), *inside, (PRIVATE[bar, 1], closed)]

    def is_root(self, at: int) -> bool:
        r"""Whether ^{1/2} or ^{-1} stands here, which behind |X| only a number has."""
        if at >= len(self.tokens) or self.tokens[at].text != "^":
            return False
        words = words_of(self.tokens[at + 1 : group_end(self.tokens, at + 1, self.text)])
        return words[:1] in (["-"], ["−"]) or "/" in words or not FRACTIONS.isdisjoint(words)

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
        if token.kind == "letter" and self.peek(1).text in BRACKETS:  # \frac1n (…) is no n(…)
            return [(self.stem(self.next())[0], token)]
        return self.primary(self.next())

    def fraction(self, token: Token) -> Pieces:
        """((a)/(b))"""
        above, below = self.part(), self.part()
        return [("((", token), *above, (")/(", token), *below, ("))", token)]

    def root(self, token: Token) -> Pieces:
        """sqrt(x), and the third root as a power."""
        degree: Pieces = []
        if self.peek().text == "[":
            self.next()
            degree = self.sequence()
            self.close(token, "]")
        self.determinants |= determinants(self.tokens, self.at, self.text)
        inside = self.part()
        if degree:
            return [("(", token), *inside, (")^(1/(", token), *degree, ("))", token)]
        return [("sqrt(", token), *inside, (")", token)]

    def raised(self, base: Pieces, token: Token) -> Pieces:
        """A transpose, an inverse, a power, or a mark that belongs to a name."""
        tokens = self.group()
        words = words_of(tokens)
        token = token._replace(end=tokens[-1].end if tokens else token.end)
        if len(base) == 2 and "," in base[1][0] and base[1][1].start > token.start and base[1][0][0] == "\ue004":
            raise self.mistake("does the entry or the power come first?", token, "write (X^k)_{ij} or (X_{ij})^k")
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
        if self.is_mark(words) and (words[0] not in STARS or base[0][0].isidentifier()):
            self.skip(tokens)
            return self.marked(base, tokens, token)
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

    def marked(self, base: Pieces, tokens: list[Token], sign: Token) -> Pieces:
        """x^*, W^{(1)} as part of the name; x^{(i)} under a sum over i as an entry."""
        name, *index = base
        inside = [t for t in tokens if t.text not in BRACKETS and t.text not in CLOSING and t.text not in ("{", ",")]
        if not name[0].isidentifier() or len(index) > 1 or any(text[0] != "\ue004" for text, _ in index):
            raise self.mistake("a mark above a bracket", sign, "a power has no brackets: ^{2}")
        if any(t.text in self.bound for t in inside):
            if index:
                raise self.mistake("an index above and one below", sign, "write x_{i,j}, with x_i: rows of X")
            return [name, self.entry(inside, sign)]
        mark = "star" if inside[0].text in STARS else self.word(inside)
        return [(f"{name[0]}_{mark}", name[1]), *index]

    def lowered(self, base: Pieces, token: Token) -> Pieces:
        """Which norm it is; the positive part; an entry or slice."""
        tokens = self.group()
        words = words_of(tokens)
        token = token._replace(end=tokens[-1].end if tokens else token.end)
        if base[0][0] == "bars":
            raise self.mistake("a determinant has no subscript", token, r"a norm is \\|x\\|_1")
        if base[-1][0] == PRIVATE["|", 1]:  # |x|_1 is a norm
            base = [(PRIVATE["‖", 0], base[0][1]), *base[1:-1], (PRIVATE["‖", 1], base[-1][1])]
        if base[-1][0] in (PRIVATE["‖", 1], "⟩"):
            which = norm_of(words)
            if which is None or (base[-1][0] == "⟩" and which != "F"):
                raise self.mistake("this norm is not supported", (tokens or [token])[0], NORM_HINT)
            self.skip(tokens)
            return [*base, (f"_{{{which}}}", token)] if base[-1][0] != "⟩" else base
        if words == ["+"]:
            self.skip(tokens)
            return [("relu(", token), *base, (")", token)]
        if any(w in self.bound for w in words):
            self.skip(tokens)
            return [*base, self.entry(tokens, token)]
        if len(words) == 1 or any(w in ":,+-" or w.isdigit() for w in words):
            place = "".join(self.skip(tokens))
            return [*base, (f"\ue004{','.join(place) if place.isdigit() else size_in(tokens)}]", token)]
        raise self.mistake("a subscript behind a bracket", token, "entries are named by numbers: (X W)_{1,2}")

    # --- names and functions ------------------------------------------------------------------------------------------

    def named(self, token: Token) -> Pieces:
        """A name with its accents and subscripts, or a function with its argument."""
        name, whole = self.stem(token)
        if self.peek().text == "_" and whole and name in REDUCTIONS:
            return self.reduced(name, token)
        if self.peek().text == "_":
            below = self.next()
            tokens = self.group()
            if not self.bound_by_none(tokens):
                self.skip(tokens)
                return [(name, token), self.entry(tokens, below)]
            declared = f"{name}_{''.join(words_of(tokens))}" in self.known
            if name in CONSTANTS and not declared and (sized := self.constant(name, token, tokens)):
                return sized
            mark = self.word(tokens)
            if not mark:
                raise self.mistake("nothing stands below the line", below)
            self.skip(tokens)
            joined = f"{name}_{mark}"
            name = joined if joined in self.known or name + mark not in self.known else name + mark
            if token.text in FUNCTIONS and name not in LOGARITHMS:
                raise self.mistake(f"{token.text} with a subscript", below, "write max(x) for the greatest entry of x")
            name, token = LOGARITHMS.get(name, name), token._replace(end=tokens[-1].end)
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

    def constant(self, name: str, token: Token, below: list[Token]) -> Pieces:
        r"""Ones, zeros, the identity and unit vectors with their sizes: \mathbf{1}_n, I_n, e_1^{(n)}."""
        sizes = size_in(below).replace(":", ",")
        if name == "K" and "," not in sizes:
            return []
        if name in "eE":
            marks = self.tokens[self.at + len(below) :]
            words = [t.text for t in marks]
            if words[:3] != ["^", "{", "("] or ")" not in words:
                return []
            end = words.index(")")
            self.skip(below)
            self.at += end + 2
            return [(f"{CONSTANTS[name]}({size_in(marks[3:end])},{sizes})", token)]
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
        if name == "log":
            self.determinants |= determinants(self.tokens, self.at, self.text)
        if self.peek().text in BRACKETS and self.peek().text not in (r"\langle", "⟨"):
            return [(name, token), *self.bracket(self.next()), *power]
        pieces: Pieces = [("-", self.next())] if self.peek().text in ("-", "−") else []
        if name == "log" and not power and not pieces and self.peek().text == r"\det":
            return [("logdet", token), *self.applied("det", self.next())[1:]]
        closed = begun = False  # behind \log\sigma(x) the argument ends
        while self.starts_operand(self.peek()) and not closed and not (begun and self.peek().text in FUNCTIONS):
            first = self.peek()
            found = self.operand()
            closed = len(found) > 1 and found[0][0].isidentifier() and found[1][0] == "("
            if begun:
                pieces.append((" " if found[0][0][:1].isalpha() else " * ", first))
            pieces += found
            begun = True
        if not pieces or pieces[-1][0] == "-":
            raise self.mistake(f"{token.text} has no argument", token)
        return [(name, token), ("(", token), *pieces, (")", token), *power]
