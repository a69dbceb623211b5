r"""Names in LaTeX: letters with their styles and accents, and the functions that they may stand for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from matcalc.errors import Span, UnsupportedError
from matcalc.syntax.latex_tokens import Token, Tokens, group_end, words_of
from matcalc.syntax.latex_words import ACCENTS, BRACKETS, FUNCTIONS, HEADS, ONES, STARS, STYLES, WORDS
from matcalc.syntax.names import is_greek_command

__all__ = ["Names"]

FUNCTION_LETTERS = frozenset({"f", "g", "h", "F", r"\ell", r"\phi", r"\varphi", r"\psi", r"\sigma"})
"""Letters of functions, which no entry has."""
EXPECTATIONS = {
    "E": "expectations",
    "P": "probabilities",
    "Pr": "probabilities",
    "Var": "variances",
    "Cov": "covariances",
}
"""What random variables have, as it is called."""


class Names(Tokens):
    """Tokens of which names are read; the arguments are those of `latex.translate`.

    bound: the indices of the sums that are under way; summed: those of any sum of the formula.
    """

    def __init__(
        self, text: str, known: Collection[str], values: Collection[str], function: Callable[[str], str | None]
    ) -> None:
        super().__init__(text)
        self.known, self.values, self.function = known, values, function
        self.notes: list[str] = []
        self.bound: list[str] = []
        self.summed: frozenset[str] = frozenset()

    def note(self, text: str) -> None:
        """Say what was assumed."""
        self.notes.append(text)

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

    def stem(self, token: Token) -> tuple[str, bool]:
        r"""The letters of a name, and whether they were written as one word."""
        self._refuse_expectation(token)
        if token.text in ACCENTS:
            inside = self.letters()
            self.skip(inside)
            return f"{self.word(inside)}_{ACCENTS[token.text]}", False
        if token.text in STYLES or token.text in WORDS:
            inside = self.letters()
            word = self.word(inside)
            self.skip(inside)
            if not word:
                raise self.mistake(f"{token.text} has nothing inside", token)
            return ONES.get(word, word), token.text in WORDS
        if token.text in FUNCTIONS:
            return {"ln": "log"}.get(token.text[1:], token.text[1:]), True
        name = token.text.lstrip("\\")
        return name.removeprefix("var"), token.kind == "command" and not is_greek_command(token.text)

    def _refuse_expectation(self, token: Token) -> None:
        r"""Refuse \mathbb{E}[…]: nothing is known of random variables."""
        if token.text != r"\mathbb" and token.text not in WORDS:
            return
        inside = self.group()
        word, at = "".join(words_of(inside)), len(inside)
        if word not in EXPECTATIONS or word in self.known:
            return
        if self.peek(at).text == "_":
            at = group_end(self.tokens, self.at + at + 1, self.text) - self.at
        if self.peek(at).text in BRACKETS:
            raise UnsupportedError(
                f"{EXPECTATIONS[word]} are not supported",
                span=Span(token.start, inside[-1].end),
                text=self.text,
                hint="differentiate what stands inside: the order of E and d may change; mean(…) is the average of all entries",
            )

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

    def is_mark(self, words: list[str]) -> bool:
        """Whether an exponent is a mark, as in x^*, W^{(1)} and W^{[1]}."""
        return (len(words) == 1 and words[0] in STARS) or (len(words) > 2 and words[0] + words[-1] in ("()", "[]"))

    def letters(self) -> list[Token]:
        r"""The group that comes next; of \hat{y_i} what stands on the line, the rest is left to be read behind it."""
        inside = self.group()
        above = next((i for i, t in enumerate(inside) if t.text in ("_", "^")), None)
        if above is not None and inside[-1].text == "}":
            brace = inside[-1]._replace(start=inside[above].start, end=inside[above].start)
            self.tokens[self.at : self.at + len(inside)] = [*inside[:above], brace, *inside[above:-1]]
            inside = self.group()
        return inside

    def entry(self, tokens: list[Token], sign: Token) -> tuple[str, Token]:
        """The indices of an entry, all of them summed or numbers."""
        inside = [t for t in tokens if t.text in words_of(tokens) and t.text != ","]
        for t in inside:
            if t.text in ("+", "-", "−"):
                raise self.mistake(
                    "an index stands alone", t, "name the rows without the first Y, and declare y_i: rows of Y"
                )
            if t.text not in self.bound and t.kind != "number":
                raise self.mistake(f"the index {t.text} is not summed", t, "indices are those of the sums, and numbers")
        return f"\ue004{','.join(t.text for t in inside)}]", sign._replace(end=tokens[-1].end)

    def bound_by_none(self, below: list[Token]) -> bool:
        """Whether a subscript is part of the name: no index of a sum occurs in it.

        Raises: SyntaxMistake for an index outside of its sum.
        """
        words = words_of(below)
        if any(w in self.bound for w in words):
            after = self.tokens[self.at + len(below) : self.at + len(below) + 1]
            if after and after[0].text == "(" and self.tokens[self.at - 2].text in FUNCTION_LETTERS:
                raise self.mistake("a function for each index is not supported", below[0])
            return False
        if words and all(w in self.summed or w == "," for w in words):
            hint = "put all that is summed into brackets: \\sum_i (x_i - y_i)"
            raise self.mistake(f"{words[0]} is summed elsewhere, and not here", below[0], hint)
        return True
