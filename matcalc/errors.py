"""Every mistake that matcalc reports: one class each, with the place, the facts and a hint as fields."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import ClassVar, NamedTuple, Self, TypedDict, Unpack

__all__ = [
    "ArityError",
    "CheckFailed",
    "DeclarationError",
    "LimitError",
    "MatcalcError",
    "NameClash",
    "RuleError",
    "ShapeError",
    "Side",
    "Span",
    "SyntaxMistake",
    "UndecidedError",
    "UnknownName",
    "UnsupportedError",
]

LINE_WIDTH = 100
"""The most characters of the user's line that an error shows."""


class Span(NamedTuple):
    """The half-open range of characters of a text that a node was read from."""

    start: int
    end: int

    def to(self, other: Span) -> Span:
        """The smallest span that covers both.

        >>> Span(2, 3).to(Span(7, 9))
        Span(start=2, end=9)
        """
        return Span(min(self.start, other.start), max(self.end, other.end))


class _Context(TypedDict, total=False):
    """What any mistake may say besides its message; the attributes of `MatcalcError`."""

    span: Span | None
    text: str | None
    hint: str | None
    facts: tuple[str, ...]
    point: int | None


class MatcalcError(Exception):
    """A mistake, with where it is (`span` in `text`), what is known (`facts`) and what to do (`hint`).

    >>> error = SyntaxMistake("a closing bracket is missing", span=Span(3, 4), text="sin(x", hint="add )")
    >>> print(error.render())
    error: a closing bracket is missing
      sin(x
         ^
    help: add )
    """

    exit_code: ClassVar[int] = 2
    usual_hint: ClassVar[str | None] = None
    """What helps where nothing more special is known."""

    def __init__(
        self,
        message: str,
        *,
        span: Span | None = None,
        text: str | None = None,
        hint: str | None = None,
        facts: tuple[str, ...] = (),
        point: int | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.span = span
        self.text = text
        self.hint = hint
        self.facts = facts
        self.point = point
        """Where in the span the caret stands, such as at the operator; the start if it is None."""

    def located(self, span: Span | None = None, text: str | None = None) -> Self:
        """Fill in the place where it is still unknown, and return the error itself to be raised again."""
        if self.span is None:
            self.span = span
        if self.text is None:
            self.text = text
        return self

    def headline(self) -> str:
        """What is wrong, in one line."""
        return self.message

    def details(self) -> tuple[str, ...]:
        """The facts that led to it, a line each."""
        return self.facts

    def __str__(self) -> str:
        """As a traceback shows it: all but the word error.

        >>> print(SyntaxMistake("a closing bracket is missing", hint="add )"))
        a closing bracket is missing
        help: add )
        """
        return self.render().removeprefix("error: ")

    def render(self) -> str:
        """The error for print: what is wrong, the line with a caret under the place, the facts, the help."""
        lines = ["error: " + self.headline()]
        if self.text is not None and self.span is not None:
            lines += ["  " + line for line in excerpt(self.text, self.span, self.point)]
        lines += ["  " + fact for fact in self.details()]
        hint = self.hint or self.usual_hint
        if hint:
            lines.append("help: " + hint)
        return "\n".join(lines)


class SyntaxMistake(MatcalcError):
    """The text is not a formula, or not a list of declarations."""


class DeclarationError(MatcalcError):
    """A declaration that can be read but not be meant: twice the same name, properties that do not fit."""


class UnknownName(MatcalcError):
    """A name that is neither declared nor occurs; `name` holds it, `nearest` what may have been meant."""

    def __init__(
        self,
        message: str,
        *,
        name: str = "",
        nearest: str | None = None,
        **context: Unpack[_Context],
    ) -> None:
        if context.get("hint") is None and nearest is not None:
            context["hint"] = f"did you mean {nearest}?"
        super().__init__(message, **context)
        self.name = name
        self.nearest = nearest


class NameClash(MatcalcError):
    """A name used for two things at once, such as a function and a variable."""


class ArityError(MatcalcError):
    """An operator with too few or too many arguments, or with an argument of the wrong kind."""

    usual_hint = "give it the arguments that it takes, such as tr(X), kron(A, B), sum(X, rows)"


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a clash of shapes: the shape, what has it, and where the shape comes from.

    >>> str(Side(("m", "n"), "X", "declared"))
    'X is m×n (declared)'
    """

    shape: tuple[object, ...]
    name: str = ""
    origin: str = ""

    def __str__(self) -> str:
        """`X is m×n (declared)`."""
        shape = "×".join(f"({size})" if " " in str(size) else str(size) for size in self.shape) or "1×1"
        return (f"{self.name} is " if self.name else "") + shape + (f" ({self.origin})" if self.origin else "")


class ShapeError(MatcalcError):
    """Two shapes that do not fit; `left` and `right` name both and where each came from.

    >>> error = ShapeError("shapes do not fit in a product", left=Side(("m", "n"), "X", "declared"),
    ...                    right=Side(("p", "k"), "W", "declared"), differ=("n", "p"))
    >>> print(error.render())
    error: shapes do not fit in a product
      X is m×n (declared), W is p×k (declared): n and p differ
    """

    def __init__(
        self,
        message: str,
        *,
        left: Side | None = None,
        right: Side | None = None,
        differ: tuple[object, object] | None = None,
        **context: Unpack[_Context],
    ) -> None:
        super().__init__(message, **context)
        self.left = left
        self.right = right
        self.differ = differ

    def details(self) -> tuple[str, ...]:
        """Both shapes, where they came from and which dimensions differ, then further facts."""
        sides = ", ".join(str(side) for side in (self.left, self.right) if side is not None)
        if sides and self.differ:
            sides += f": {self.differ[0]} and {self.differ[1]} differ"
        return ((sides,) if sides else ()) + self.facts


class UnsupportedError(MatcalcError):
    """A formula that is understood but that matcalc cannot derive."""

    exit_code = 3


class LimitError(MatcalcError):
    """An input or a computation beyond a stated limit; `limit` is the limit, `found` what there was."""

    exit_code = 3

    def __init__(
        self,
        message: str,
        *,
        limit: int | None = None,
        found: int | None = None,
        **context: Unpack[_Context],
    ) -> None:
        super().__init__(message, **context)
        self.limit = limit
        self.found = found


class UndecidedError(MatcalcError):
    """Neither right nor refuted: the check came to no verdict, so there is no answer."""

    exit_code = 3


class CheckFailed(MatcalcError):
    """A formula that is wrong; `counterexample` says at which values."""

    exit_code = 1

    def __init__(
        self,
        message: str,
        *,
        counterexample: str | None = None,
        **context: Unpack[_Context],
    ) -> None:
        super().__init__(message, **context)
        self.counterexample = counterexample

    def details(self) -> tuple[str, ...]:
        """The facts, then the counterexample."""
        return self.facts + ((self.counterexample,) if self.counterexample else ())


class RuleError(MatcalcError):
    """A mistake in a rule file, with its `file` and `line` (from 1).

    >>> print(RuleError("S is not bound", file="rules/products.rules", line=12))
    rules/products.rules:12: S is not bound
    """

    def __init__(
        self,
        message: str,
        *,
        file: str = "",
        line: int | None = None,
        **context: Unpack[_Context],
    ) -> None:
        super().__init__(message, **context)
        self.file = file
        self.line = line

    def headline(self) -> str:
        """The message, behind file and line."""
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{place}: {self.message}" if place else self.message

    def __str__(self) -> str:
        """The headline."""
        return self.headline()


def excerpt(text: str, span: Span, point: int | None = None) -> tuple[str, str]:
    """The line of the text that holds the start of the span, and the marks under it.

    A long line is cut on both sides; a span that goes on to the next line is marked to the end of its own.

    >>> print("\\n".join(excerpt("a + b*c", Span(4, 7), point=5)))
    a + b*c
        ~^~
    """
    start = min(max(span.start, 0), len(text))
    first = text.rfind("\n", 0, start) + 1
    last = text.find("\n", start)
    last = len(text) if last < 0 else last
    end = max(min(span.end, last), start + 1)
    caret = point if point is not None and start <= point < end else start
    low, high = _window(first, last, caret)
    end = min(end, max(high, caret + 1))
    before, after = ("…" if low > first else ""), ("…" if high < last else "")
    line = before + "".join(_visible(char) for char in text[low:high]) + after
    marks = "".join(
        ("^" if i == caret else "~" if start <= i < end else " ") * _width(text[i]) for i in range(low, high)
    )
    if caret >= high:
        marks += "^"
    return line, (" " * len(before) + marks).rstrip()


def _window(first: int, last: int, caret: int) -> tuple[int, int]:
    """The part of a line from `first` to `last` that is shown: all of it, or LINE_WIDTH about the caret."""
    if last - first <= LINE_WIDTH:
        return first, last
    low = min(max(first, caret - LINE_WIDTH // 2), last - LINE_WIDTH)
    return low, low + LINE_WIDTH


def _visible(char: str) -> str:
    return char if char.isprintable() else " "


def _width(char: str) -> int:
    """The columns a character takes on a terminal."""
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
