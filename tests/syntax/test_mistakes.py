"""Every syntax mistake has a place, a reason and a hint; no exception of the parser's comes out."""

import random

import pytest

from matcalc.errors import LimitError, MatcalcError, SyntaxMistake
from matcalc.syntax import parse_expression, parse_program, parse_where

MISTAKES = [
    # text, what is marked, part of the message, part of the hint
    ("sin(x", "(", "the closing bracket of ( is missing", "add )"),
    ("sin(x))", ")", "closes nothing", "remove )"),
    ("(a]", "(a]", "is closed by ]", "inner bracket first"),
    ("[A, B", "[", "the closing bracket of [", "add ]"),
    ("||x|", "|", "no partner", "norm2"),
    ("|x", "|", "no partner", "abs"),
    ("||x|| + |y", "|", "no partner", "close it"),
    ("f(|x)| + y", "|", "no partner", "close it"),
    ("x 2", "2", "a number cannot follow directly", "write *"),
    ("|x| 2", "2", "a number cannot follow directly", "write *"),
    ("2 3x", "3", "a number cannot follow directly", "write *"),
    ("x^y^z", "x^y^z", "needs brackets", "x^(y^z)"),
    ("x.^2.^3", "x.^2.^3", "needs brackets", "(x^y)^z"),
    ("X**2", "**", "** may mean two things", "X.^2"),
    ("x $ y", "$", "the character $", "dollar"),
    ("x × y", "×", "the character ×", "a product is *"),
    ("√x", "√", "the character √", "sqrt(x)"),
    ("x½", "½", "a number cannot follow directly", "write *"),
    ("a +", "", "the formula ends after +", "add what comes after +"),
    ("a + * b", "*", "two operators follow each other", "remove + or *"),
    ("* a", "*", "cannot begin with *", "only a sign"),
    ("'x", "'", "cannot begin with '", "only a sign"),
    ("()", ")", "the brackets are empty", "put a formula"),
    ("x[]", "]", "the brackets are empty", "put a formula"),
    ("f(a,)", ")", "something is missing before )", "add an operand"),
    ("(a, b)", ",", "a comma cannot stand here", "f(a, b)"),
    ("a == b", "=", "a formula is no comparison", "one function"),
    ("a = b = c", "=", "= cannot stand here", "separated by ;"),
    ("A*x = b", "A*x", "left of = stands a name", "give a - b"),
    ("f(x, x) = x", "x", "stands twice", "its own name"),
    ("a; b", "a", "before a semicolon stands a definition", "name = formula"),
    ("a < b", "<", "a formula is no comparison", "in brackets"),
    ("a > b", ">", "a formula is no comparison", "in brackets"),
    ("<a, b", "<", "the closing bracket of <", "comparisons"),
    ("<a>", ">", "needs two operands", "<A, B>"),
    ("x: n", ":", "a colon cannot stand here", "where"),
    ("x{1}", "{", "a brace cannot stand here", "x^{n+1}"),
    ("(x)_1", "_1", "belongs to no norm", "x[i]"),
    ("(x)_3", "_3", "the subscript _3", "_F"),
    ("x.y", ".", ". cannot stand here", "Xᵀ"),
    ("[A B]", "A B", "one entry or two", "commas"),
    ("[A -B]", "A -B", "one entry or two", "commas"),
    ("A ⊗ B * C", "B * C", "⊗ is mixed", "bracket"),
    ("2A ⊗ B", "2A", "⊗ is mixed", "bracket"),
    ("X\\beta", "\\beta", "may be a product", "\\ beta"),
    ("\\frac{a}{b}", "\\", "cannot stand here", "LaTeX"),
    ("f(2=3)", "2", "= cannot stand here", "axis=0"),
    ("∂f", "", "ends too early", "∂f/∂X"),
    ("∑x", "∑", "the character ∑", "sum(X)"),
    ('"x"', '"', "the character", "transpose"),
    ("x\x00", "\x00", "U+0000", "remove it"),
    ("x\ue000", "\ue000", "U+E000", "remove it"),
]


@pytest.mark.parametrize(("text", "marked", "message", "hint"), MISTAKES, ids=[repr(row[0]) for row in MISTAKES])
def test_mistake(text: str, marked: str, message: str, hint: str) -> None:
    """A mistake is marked where it is, and said with what to write instead."""
    with pytest.raises(MatcalcError) as caught:
        parse_program(text)
    error = caught.value
    assert error.exit_code == 2
    assert error.text == text
    assert error.span is not None
    assert text[error.span.start : error.span.end] == marked
    assert message in error.message
    assert hint in (error.hint or "")


@pytest.mark.parametrize("text", ["", "   ", "# only a comment", "\n\t"])
def test_empty(text: str) -> None:
    """An empty text is a mistake of its own."""
    for parse in (parse_program, parse_expression):
        with pytest.raises(SyntaxMistake, match="empty"):
            parse(text)


def test_render() -> None:
    """An error shows the line with a caret, then the help."""
    with pytest.raises(SyntaxMistake) as caught:
        parse_program("Z = X*W;\nx 2")
    assert caught.value.render() == (
        "error: a number cannot follow directly\n  x 2\n    ^\nhelp: write * for the product, ^ for the power, or [i] for an entry"
    )


@pytest.mark.parametrize("text", ["1e999999999999", "1e5000", "7" * 2000, "x" + "²" * 2000])
def test_long_numbers(text: str) -> None:
    """A number that would fill the memory is over a limit."""
    with pytest.raises(LimitError):
        parse_program(text)


def test_random_texts() -> None:
    """Whatever is typed, the answer is a tree or an error of matcalc's, with a place inside the text."""
    words = r"x Y 2 .5 ( ) [ ] { } | || ‖ + - * .* / \ ^ .^ ' ᵀ ² _F , ; : = < > sin( g'( ∂ ⊗ # λ \beta 𝟏 -> × m×n"
    pieces = [*words.split(), "\n"]
    chance = random.Random(0)
    for _ in range(2000):
        text = "".join(chance.choice(pieces) + chance.choice(("", " ")) for _ in range(chance.randrange(1, 12)))
        for parse in (parse_program, parse_where):
            try:
                parse(text)
            except MatcalcError as error:
                assert error.render().startswith("error: ")
                assert error.span is None or 0 <= error.span.start <= error.span.end <= len(text)
