"""The gallery of the Matrix Cookbook is what the program makes of its table."""

from __future__ import annotations

import pytest

from docs.make_cookbook import HERE, Row, find, pages, read


def test_pages_are_up_to_date() -> None:
    """Both pages come out as they stand; `python docs/make_cookbook.py` writes them."""
    for name, page in pages().items():
        assert page == (HERE / name).read_text(encoding="utf-8"), name


def test_all_equations_are_there() -> None:
    """Every equation of section 2 from the rules for differentials on is shown, or it is said why not."""
    table = (HERE / "cookbook.txt").read_text(encoding="utf-8")
    numbers = {row.number for _, rows in read(table) for row in rows} - {"§"}
    assert numbers == {str(n) for n in range(33, 145)}


def test_what_the_book_has_wrong() -> None:
    """Two misprints and two assumptions that are not stated; every other line of the book is confirmed."""
    rows = [r for r in (HERE / "cookbook.md").read_text(encoding="utf-8").splitlines() if "**not equal**" in r]
    assert [r.split(" | ")[0].strip("| ") for r in rows] == ["(51)", "(92)", "(95)", "(127)"]


@pytest.mark.parametrize(
    ("formula", "variable", "option", "where", "book"),
    [
        ("tr(X*A)", "X", "", "X, A: n×n", "A"),
        ("inv(X)", "X", "differential", "X: n×n", "-inv(X)*dX'*inv(X)"),
        ("tr(A*X)", "X", "free", "A: n×n, X: n×n symmetric", "A + A'"),
        ("x'*A*x", "x", "order 2", "x: n, A: n×n", "2*A"),
        ("X*A", "X", "index", "X, A: n×n", "kron(A, eye(n))"),
    ],
)
def test_mistakes_would_show(formula: str, variable: str, option: str, where: str, book: str) -> None:
    """A row whose answer is a common mistake is not taken for equal."""
    assert find(Row("0", formula, (variable,), option, where, book)).right is False
