"""How declarations are read."""

import pytest

from matcalc.dims import Dim
from matcalc.errors import DeclarationError, LimitError, MatcalcError
from matcalc.syntax import Declaration, Definition, dimension_of, parse_expression, parse_where


def only(text: str) -> Declaration:
    """The one declaration of a text."""
    (entry,) = parse_where(text)
    assert isinstance(entry, Declaration)
    return entry


@pytest.mark.parametrize(
    ("text", "kind", "dims", "properties"),
    [
        ("X: m×n", "matrix", "(m, n)", ()),
        ("X: m x n", "matrix", "(m, n)", ()),
        ("X: mxn", "matrix", "(m, n)", ()),
        ("X: 3x4", "matrix", "(3, 4)", ()),
        ("X: nx3", "matrix", "(n, 3)", ()),
        ("X: 3xn", "matrix", "(3, n)", ()),
        ("X: n by p", "matrix", "(n, p)", ()),
        ("X: (m, n)", "matrix", "(m, n)", ()),
        ("X: R^{m×n}", "matrix", "(m, n)", ()),
        ("X ∈ ℝ^(m×n)", "matrix", "(m, n)", ()),
        ("X: m×n matrix", "matrix", "(m, n)", ()),
        ("X: 2n×3", "matrix", "((chain 2 _ n), 3)", ()),
        ("X: (n+1)×m*n", "matrix", "((add + n + 1), (chain m * n))", ()),
        ("X: n²×n^2", "matrix", "((power n 2), (power n 2))", ()),
        ("X: m·n×p", "matrix", "((chain m * n), p)", ()),
        ("a: n", "vector", "(n, 1)", ()),
        ("a: n×1", "vector", "(n, 1)", ()),
        ("a: x", "vector", "(x, 1)", ()),
        ("a: n vector", "vector", "(n, 1)", ()),
        ("a: vector", "vector", "None", ()),
        ("r: 1×n", "row", "(1, n)", ()),
        ("r: n row", "row", "(1, n)", ()),
        ("r: row", "row", "None", ()),
        ("t: scalar", "scalar", "None", ()),
        ("t: ℝ", "scalar", "None", ()),
        ("t: 1×1", "scalar", "(1, 1)", ()),
        ("t: positive scalar", "scalar", "None", ("positive",)),
        ("k: integer", "integer", "None", ()),
        ("g: elementwise", "elementwise", "None", ()),
        ("A: n×n symmetric", "matrix", "(n, n)", ("symmetric",)),
        ("A: symmetric", "matrix", "None", ("symmetric",)),
        ("A: symmetric n×n", "matrix", "(n, n)", ("symmetric",)),
        ("S: n×n spd", "matrix", "(n, n)", ("posdef",)),
        ("S: n×n positive definite", "matrix", "(n, n)", ("posdef",)),
        ("S: n×n symmetric posdef", "matrix", "(n, n)", ("symmetric", "posdef")),
        ("Q: n×n orthogonal", "matrix", "(n, n)", ("orthogonal",)),
        ("L: n×n lower triangular", "matrix", "(n, n)", ("lower",)),
        ("symmetric: n", "vector", "(n, 1)", ()),
    ],
)
def test_declaration(text: str, kind: str, dims: str, properties: tuple[str, ...]) -> None:
    """A declaration says kind, dimensions and properties."""
    declaration = only(text)
    assert (declaration.kind, repr(declaration.dims), declaration.properties) == (kind, dims, properties)


def test_several_names() -> None:
    """One declaration may hold for several names, each with its place."""
    text = "W₁, B: n×n symmetric"
    declaration = only(text)
    assert declaration.names == ("W1", "B")
    assert [text[span.start : span.end] for span in declaration.name_spans] == ["W₁", "B"]


def test_list() -> None:
    """Declarations are separated by commas, semicolons or line breaks; comments are left out."""
    text = "X: m×n, A, B: n×n symmetric; t: scalar\ny: m  # the data\n# nothing\nh(t) = t^2\ng: elementwise,\n"
    entries = parse_where(text)
    names = [entry.names if isinstance(entry, Declaration) else entry.name for entry in entries]
    assert names == [("X",), ("A", "B"), ("t",), ("y",), "h", ("g",)]


@pytest.mark.parametrize("text", ["", "  ", "# nothing", "\n"])
def test_nothing(text: str) -> None:
    """An empty text declares nothing."""
    assert parse_where(text) == ()


@pytest.mark.parametrize(
    ("text", "domain", "codomain"),
    [
        ("f: m×p -> scalar", ["(m, p)"], "None"),
        ("f: (m×p) → scalar", ["(m, p)"], "None"),
        ("f: n -> m", ["(n, 1)"], "(m, 1)"),
        ("f: (m×n, n) -> 1×n", ["(m, n)", "(n, 1)"], "(1, n)"),
        ("f: R^{m×n} -> R^m", ["(m, n)"], "(m, 1)"),
    ],
)
def test_function(text: str, domain: list[str], codomain: str) -> None:
    """An abstract function has a shape for each argument and one for its value."""
    declaration = only(text)
    assert declaration.kind == "function"
    assert declaration.codomain is not None
    assert [repr(shape.dims) for shape in declaration.domain] == domain
    assert repr(declaration.codomain.dims) == codomain


def test_function_definition() -> None:
    """A function may be defined where names are declared."""
    (entry,) = parse_where("swish(t) = t*sigmoid(t)")
    assert isinstance(entry, Definition)
    assert (entry.name, entry.params, repr(entry.body)) == ("swish", ("t",), "(chain t * (sigmoid t))")


def test_mapping() -> None:
    """A mapping declares what the text would, and takes shapes as NumPy writes them."""
    mapping = {"X": ("m", "n"), "t": (), "y": "n", "r": (1, "n"), "k": 3, "g": "elementwise", "b": ("n+1",)}
    kinds = {entry.names[0]: entry.kind for entry in parse_where(mapping) if isinstance(entry, Declaration)}
    assert kinds == {
        "X": "matrix",
        "t": "scalar",
        "y": "vector",
        "r": "row",
        "k": "vector",
        "g": "elementwise",
        "b": "vector",
    }
    (definition,) = parse_where({"swish(t)": "t*sigmoid(t)"})
    assert isinstance(definition, Definition)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("X: n p", "a shape is n×p"),
        ("X: m×n×p", "no more"),
        ("X: m×n, symmetric", "without a comma"),
        ("X: n×n symetric", "did you mean symmetric?"),
        ("t: scaler", "did you mean scalar?"),
        ("X: float", "did you mean scalar?"),
        ("X", "a declaration is"),
        ("X:", "add what comes after :"),
        ("X: m×", "add what comes after ×"),
        ("X m×n", "a colon is missing"),
        ("X: m×n Y: n", "a comma is missing before Y"),
        ("X = m×n", "a shape follows a colon"),
        ("X: m×n, X: n", "keep one of the two"),
        ("A, A: n", "give each its own name"),
        ("x: n symmetric", "declare n×n symmetric"),
        ("t: scalar n", "write the shape alone"),
        ("t: scalar vector", "keep one of the two"),
        ("X: 2.5", "write 3 or n"),
        ("X: 0×n", "write 3 or n"),
        ("X: m/n", "a declaration is"),
        ("X: (m, n, p)", "write X: m×n"),
        ("t: positive", "write scalar positive"),
        ("x: n matrix", "write m×n"),
        ("f: m×p symmetric -> scalar", "properties are declared of matrices"),
        ("f(x) = x 2", "write *"),
        ("X: m×(n", "add )"),
    ],
)
def test_mistakes(text: str, hint: str) -> None:
    """A declaration that cannot be meant is refused, with its place and a hint."""
    with pytest.raises(MatcalcError) as caught:
        parse_where(text)
    assert hint in (caught.value.hint or "")
    assert caught.value.exit_code == 2
    assert caught.value.text == text
    assert caught.value.span is not None


def test_dimension_of() -> None:
    """Sums, products and powers of names are dimensions; a quotient is none, and long ones are refused."""
    n, m = Dim("n"), Dim("m")
    assert dimension_of(parse_expression("2n + (m - 1)^2")) == n * 2 + m * m - m * 2 + 1
    assert dimension_of(parse_expression("3")) == 3
    for text in ("n/2", "0.5", "n^k", "f(n)"):
        with pytest.raises(DeclarationError):
            dimension_of(parse_expression(text))
    with pytest.raises(LimitError):
        dimension_of(parse_expression("((a+b+c+d)^16)*((e+f+g)^16)"))
