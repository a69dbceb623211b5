"""What an audit found: a verdict on each line, and the first line that is wrong."""

from __future__ import annotations

from dataclasses import dataclass, field

from matcalc import printing
from matcalc.check.examples import Example
from matcalc.claims import Repair
from matcalc.errors import MatcalcError, excerpt
from matcalc.expr import Expr

__all__ = ["Audit", "AuditedChain", "AuditedLine", "Finding"]

WIDEST = 60
"""Lines are aligned up to this width."""

ASCII = {
    **printing.IN_ASCII,
    **str.maketrans({"×": "x", "⊗": "kron", "‖": "||", "∂": "d", "…": "...", "⁻": "^-"}),
    **str.maketrans({digit: f"^{n}" for n, digit in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")}),
}
"""For the reasons; formulas are printed so from the beginning."""

WORDS = {
    "given": "given",
    "right": "right",
    "wrong": "WRONG",
    "follows": "wrong as the line before",
    "condition": "not judged: a condition, not an identity",
    "unread": "not read",
    "unreadable": "cannot be read",
    "undecided": "undecided",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """The verdict on a line.

    Attributes:
        status: "given", "right", "wrong", "follows" (equal to a wrong line before), "condition" (an equation to be solved,
            such as … = 0), "unread" (written with indices), "unreadable", "undecided".
        formula: as it was read; derivatives are unknowns df/dN.
        reason: the rule that leads here, or what is wrong, in words.
        difference: where the line and the one before differ.
        repair: what would make it right.
        error: why it cannot be read or decided.
    """

    status: str
    formula: Expr | None = None
    reason: str = ""
    difference: Example | None = None
    repair: Repair | None = None
    error: MatcalcError | None = None

    @classmethod
    def of(cls, mistake: MatcalcError) -> Finding:
        """No verdict: the line cannot be read, or matcalc has no answer."""
        return cls("unreadable" if mistake.exit_code == 2 else "undecided", error=mistake, reason=mistake.message)

    @property
    def ok(self) -> bool | None:
        """True for right, False for wrong, None for no verdict."""
        return {"given": True, "right": True, "wrong": False, "follows": False}.get(self.status)


@dataclass(frozen=True, slots=True)
class AuditedLine(Finding):
    """A line with its verdict.

    Attributes:
        number: of the line in the file, from 1.
        tag: as typed: "1", "chain rule".
        typed: the formula as it stands there.
    """

    number: int = 0
    tag: str = ""
    typed: str = ""


@dataclass(frozen=True, slots=True)
class AuditedChain:
    """Lines that are said to be equal, and what they are said to be equal to.

    Attributes:
        number: the line of the file in which it begins.
        left: what stands first, as typed.
        lines: the other sides.
        formula: the left side as it was read.
    """

    number: int
    left: str
    lines: tuple[AuditedLine, ...]
    formula: Expr | None = None


@dataclass(frozen=True, slots=True)
class Audit:
    r"""The verdict on a text with derivations; true when every line that was read is right.

    >>> import matcalc
    >>> print(matcalc.audit("f = x'*A*x\ndf/dx = A*x + A'*x\n      = 2*A*x"))
       1  f = xᵀ·A·x  given
       2  df/dx = A·x + Aᵀ·x  right: quadratic form with matrix A
       3        = 2A·x        WRONG: not equal to the line before
            at n = 2; A = [2, -2; 3, 2], x = (2, 3)
            this line gives -4 in entry (1, 1), the one before 11
            repair: right if A is symmetric, which is not declared: 2A·x
    2 lines judged, the first wrong one is line 3
    """

    name: str
    chains: tuple[AuditedChain, ...] = field(default=())

    @property
    def lines(self) -> tuple[AuditedLine, ...]:
        """All lines, in order."""
        return tuple(line for chain in self.chains for line in chain.lines)

    @property
    def first_wrong(self) -> AuditedLine | None:
        """The first line that is not equal to the one before."""
        return next((line for line in self.lines if line.status == "wrong"), None)

    @property
    def errors(self) -> tuple[MatcalcError, ...]:
        """The mistakes of lines that cannot be read."""
        return tuple(line.error for line in self.lines if line.status == "unreadable" and line.error is not None)

    @property
    def exit_code(self) -> int:
        """0: all lines right; 1: one is wrong; 2: one cannot be read; 3: no verdict."""
        found = {line.status for line in self.lines}
        if "wrong" in found:
            return 1
        if "unreadable" in found:
            return 2
        return 0 if "right" in found and "undecided" not in found else 3

    @property
    def ok(self) -> bool | None:
        """True (all lines right), False (one is wrong) or None (no verdict)."""
        return {0: True, 1: False}.get(self.exit_code)

    def __bool__(self) -> bool:
        return self.ok is True

    def text(self, ascii: bool = False) -> str:
        """The verdicts for print."""
        style = "ascii" if ascii else "unicode"
        shown: list[str] = []
        for chain in self.chains:
            left = chain.left if chain.formula is None else _formula(chain.formula, chain.left, style)
            rows = [_formula(line.formula, line.typed, style) for line in chain.lines]
            width = min(WIDEST, max(map(len, rows), default=0))
            for line, formula in zip(chain.lines, rows, strict=True):
                tag = f"({line.tag}) " if line.tag.isalnum() else ""
                shown.append(f"{line.number:4}  {left} = {formula:{width}}  {tag}{_verdict(line)}".rstrip())
                shown += [" " * 8 + row for row in _details(line, style)]
                left = " " * len(left)
        text = "\n".join([*shown, self.summary])
        return text.translate(ASCII) if ascii else text

    @property
    def summary(self) -> str:
        """How many lines there are, and what was found of them."""
        counts = {status: sum(line.status == status for line in self.lines) for status in WORDS}
        judged = counts["right"] + counts["wrong"] + counts["follows"]
        words = [f"{judged} line{'s' * (judged != 1)} judged"]
        if self.first_wrong is not None:
            words.append(f"the first wrong one is line {self.first_wrong.number}")
        elif judged and not counts["undecided"] and not counts["unreadable"]:
            words.append("all right")
        words += [f"{counts[s]} {WORDS[s]}" for s in ("unread", "unreadable", "undecided") if counts[s]]
        return (f"{self.name}: " if self.name else "") + ", ".join(words)

    __str__ = text


def _formula(e: Expr | None, typed: str, style: str) -> str:
    """A formula as it was read, or else as it was typed."""
    return _shortened(typed) if e is None else printing.text(e, style)


def _shortened(typed: str) -> str:
    line = " ".join(typed.split())
    return line if len(line) <= WIDEST else line[: WIDEST - 1] + "…"


def _verdict(line: AuditedLine) -> str:
    word = WORDS[line.status]
    return f"{word}: {line.reason}" if line.reason else word


def _details(line: AuditedLine, style: str) -> list[str]:
    """The counterexample, and what would repair the line."""
    rows: list[str] = []
    if line.status == "wrong" and line.error is not None:
        place = (line.error.text, line.error.span)
        rows += excerpt(place[0], place[1], line.error.point) if place[0] is not None and place[1] is not None else ()
        rows += line.error.details()
    if line.difference is not None:
        entry = (
            ""
            if line.formula is not None and line.formula.is_scalar
            else " in entry ({}, {})".format(*line.difference.entry)
        )
        here, before = line.difference.shown
        rows += [str(line.difference), f"this line gives {here}{entry}, the one before {before}"]
    if line.repair is not None:
        rows.append(f"repair: {line.repair.words}: {printing.text(line.repair.formula, style)}")
    return rows
