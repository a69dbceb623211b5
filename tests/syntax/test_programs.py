"""Formulas with definitions, and the same tables fed by another tokenizer."""

import json
from pathlib import Path

import pytest

from matcalc.errors import SyntaxMistake
from matcalc.syntax import parse_latex, parse_program


def test_definitions_come_before_the_formula() -> None:
    """Definitions keep name, parameters, body and place."""
    text = "Z = X*W + b; h(t) = t^2; ||h(Z) - Y||_F^2"
    program = parse_program(text)
    first, second = program.definitions
    assert (first.name, first.params, repr(first.body)) == ("Z", (), "(add + (chain X * W) + b)")
    assert (second.name, second.params, repr(second.body)) == ("h", ("t",), "(power t 2)")
    assert text[second.span.start : second.span.end] == "h(t) = t^2"
    assert repr(program.body) == "(power (normF (add + (h Z) - Y)) 2)"
    assert program.header is None
    assert program.text == text


@pytest.mark.parametrize(
    ("text", "header"),
    [
        ("f(W) = ||g(X*W) - Y||_F^2", ("f", ("W",))),
        ("f(D, R) = ||X - D*R||_F^2", ("f", ("D", "R"))),
        ("φ(λ) = λ^2", ("phi", ("lambda",))),
        ("loss = x'x", ("loss", ())),
        ("Z = 2x; f(x) = Z'Z;", ("f", ("x",))),
    ],
)
def test_header(text: str, header: tuple[str, tuple[str, ...]]) -> None:
    """A formula that is itself a definition says which names are variables."""
    assert parse_program(text).header == header


@pytest.mark.parametrize("text", ["2x = 3", "f(2) = x", "f'(x) = x", "f() = x", "A*x = b", "a = b = c", "a; b"])
def test_refused_definitions(text: str) -> None:
    """Left of = stands a name or a function of names, once."""
    with pytest.raises(SyntaxMistake):
        parse_program(text)


def test_places_in_latex() -> None:
    """LaTeX goes through the same tables, with directed bars; places refer to its own text."""
    text = r"\lVert X \cdot W \rVert_F^{2}"
    program = parse_latex(text)
    assert repr(program.body) == "(power (normF (chain X * W)) 2)"
    norm = program.body.args[0].args[0]
    assert text[norm.span.start : norm.span.end] == r"X \cdot W"
    with pytest.raises(SyntaxMistake) as caught:
        parse_latex(text[:14])
    assert caught.value.span is not None


CORPUS = Path(__file__).parents[1] / "corpus" / "cases.jsonl"


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus lies beside the checkout, where there is one")
def test_corpus() -> None:
    """Every formula and every reference answer of the corpus parses."""
    for line in CORPUS.read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        parse_program(case["expr"])
        parse_program(case["closed_form"])
