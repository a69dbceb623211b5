r"""The derivations (1) to (10) of an article on matrix calculus, as they stand there, and every copy with one mistake."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

import matcalc

NET = (
    r"\[\begin{align} \frac{df}{dW}&=\frac{d(\Vert g(X\cdot W)-Y \Vert_F^2)}{dW}\\ "
    r"&=X^T\cdot\frac{d(\Vert g(X\cdot W)-Y \Vert_F^2)}{d(X\cdot W)}\tag 1\\ "
    r"&=X^T\cdot\frac{d(\Vert g(X\cdot W)-Y \Vert_F^2)}{d(g(X\cdot W))}\odot g'(X\cdot W)\tag 2\\ "
    r"&=X^T\cdot\frac{d(\Vert g(X\cdot W)-Y \Vert_F^2)}{d(g(X\cdot W)-Y)}\odot g'(X\cdot W)\tag 3\\ "
    r"&=X^T\cdot2(g(X\cdot W)-Y)\odot g'(X\cdot W)\tag 4\\ "
    r"&= 2X^T\cdot (g(X\cdot W)-Y)\odot g'(X\cdot W) \end{align}\]"
)
BY_D = (
    r"For the dictionary learning example we have \(\begin{align*} "
    r"\frac{df}{dD}&=\frac{d(\Vert X-D\cdot R\Vert_F^2)}{dD}\\ "
    r"&=\frac{d(\Vert X-D\cdot R\Vert_F^2)}{d(D\cdot R)}\cdot R^T\tag 5\\ "
    r"&=\frac{d(\Vert X-D\cdot R\Vert_F^2)}{d(-D\cdot R)}\cdot -R^T\\ "
    r"&=\frac{d(\Vert X-D\cdot R\Vert_F^2)}{d(X-D\cdot R)}\cdot -R^T\tag 6\\ "
    r"&=2(X-D\cdot R)\cdot -R^T\tag 7\\ "
    r"&=-2(X-D\cdot R)\cdot R^T\\ "
    r"&=-2XR^T+2DRR^T \end{align*}\) For (5) we’ve used the framework with the map $G:D\mapsto D\cdot R$."
)
BY_R = (
    r"\(\begin{align*} \frac{df}{dR}&=\frac{d(\Vert X-D\cdot R\Vert_F^2)}{dR}\\ "
    r"&=(-D)^T\cdot\frac{d(\Vert X-D\cdot R\Vert_F^2)}{d(-D\cdot R)}\tag 8\\ "
    r"&=(-D)^T\cdot\frac{d(\Vert X-D\cdot R\Vert_F^2)}{d(X-D\cdot R)}\tag 9\\ "
    r"&=(-D)^T\cdot 2(X-D\cdot R)\tag {10}\\ "
    r"&=-2D^TX+2D^TDR \end{align*}\) using similar steps to above."
)
ROW = re.compile(r"&=(.*?)(?=(?:\\tag ?\{?\d+\}?)?(?:\\\\| \\end))")


def lines_of(text: str) -> list[str]:
    """The right sides."""
    return [found[1].strip() for found in ROW.finditer(text)]


@pytest.mark.parametrize(
    ("text", "reasons"),
    [
        (NET, ["", "left multiplication by X", "elementwise function g", "adding −Y", "squared Frobenius norm",
               "scalars to the front"]),
        (BY_D, ["", "right multiplication by R", "scaling by −1", "adding X", "squared Frobenius norm",
                "scalars to the front", "expanded"]),
        (BY_R, ["", "left multiplication by D; scaling by −1", "adding X", "squared Frobenius norm", "expanded"]),
    ],
)  # fmt: skip
def test_every_line_is_right_and_its_rule_is_named(text: str, reasons: list[str]) -> None:
    """The derivations pass as pasted, and the rule that leads to each line has the words of its entry."""
    audit = matcalc.audit(text)
    assert audit.ok and audit.exit_code == 0, audit.text()
    assert [line.typed for line in audit.lines] == lines_of(text)
    assert [line.reason for line in audit.lines] == reasons


def mutants(text: str) -> Iterator[tuple[str, str]]:
    """Copies with one sign changed, one transpose dropped, or one ⊙ replaced, each with the line that is wrong."""
    for found in list(ROW.finditer(text))[1:]:
        line = found[1]
        changed = [line.strip().removeprefix("-") if line.strip().startswith("-") else "-" + line.strip()]
        for sign, other in (("-", "+"), ("+", "-"), ("^T", ""), (r"\odot", r"\cdot")):
            for place in re.finditer(re.escape(sign), line):
                before = line[: place.start()].rstrip()
                if sign == "-" and (not before or before.endswith(("(", "t"))):
                    other_text = ""  # a sign before a factor
                else:
                    other_text = other
                changed.append(line[: place.start()] + other_text + line[place.end() :])
        for new in dict.fromkeys(changed):
            yield text[: found.start(1)] + new + text[found.end(1) :], new.strip()


MUTANTS = [pair for text in (NET, BY_D, BY_R) for pair in mutants(text)]


def test_there_are_mutants_of_every_sort() -> None:
    """The mutations find what they are to change."""
    assert len(MUTANTS) > 60
    assert sum(r"\odot" in text for text, _ in MUTANTS) > 10


@pytest.mark.parametrize(("text", "wrong"), MUTANTS, ids=range(len(MUTANTS)))
def test_one_mistake_is_found_at_its_line(text: str, wrong: str) -> None:
    """The first wrong line is the one with the mistake."""
    audit = matcalc.audit(text)
    assert audit.exit_code == 1, audit.text()
    first = audit.first_wrong
    assert first is not None and first.typed == wrong, audit.text()
    assert first.difference is not None or first.error is not None or "no part of" in first.reason
