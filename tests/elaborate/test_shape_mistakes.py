"""Every mistake about names and shapes: what is wrong, both sides and where they came from, a caret, what to write instead."""

import pytest

from matcalc.errors import (
    ArityError,
    DeclarationError,
    MatcalcError,
    NameClash,
    ShapeError,
    SyntaxMistake,
    UnknownName,
    UnsupportedError,
)
from tests.elaborate.reading import mistake

RENDERED = [
    (
        "||g(X*W) - Y||_F^2",
        "X: m×n, W: p×k, Y: m×k",
        """
error: shapes do not fit in a product
  ||g(X*W) - Y||_F^2
      ~^~
  X is m×n (declared), W is p×k (declared): n and p differ
help: declare W: n×k, or change X
""",
    ),
    (
        "||g(X*W) - Y||",
        "X: m×n, W: n×p, Y: p×m",
        """
error: shapes do not fit in a sum
  ||g(X*W) - Y||
    ~~~~~~~^~~
  g(X*W) is m×p, Y is p×m (declared): m and p differ
  m: the rows of X (declared)
help: the transpose would fit: Y'
""",
    ),
    (
        "X*W + b",
        "X: m×n, W: n×p, b: p",
        """
error: shapes do not fit in a sum
  X*W + b
  ~~~~^~~
  X*W is m×p, b is p×1 (declared): m and p differ
  m: the rows of X (declared)
help: for a row added to every row write b', or declare b: 1×p
""",
    ),
    (
        "2*(X - D*R)*R",
        "X: m×n, D: m×p, R: p×n",
        """
error: shapes do not fit in a product
  2*(X - D*R)*R
  ~~~~~~~~~~~^~
  2*(X - D*R) is m×n, R is p×n (declared): n and p differ
  n: the columns of X (declared)
  p: the rows of R (declared)
help: these would fit: (2*(X - D*R))*R'
""",
    ),
    (
        "A*x + A'*x",
        "A: m×n",
        """
error: shapes do not fit in a product
  A*x + A'*x
        ~~^~
  A' is n×m, x is n×1 (taken as a vector): m and n differ
  m: the rows of A (declared)
  n: the columns of A (declared), by A*x
help: these would fit: A*x
""",
    ),
    (
        "X*W",
        "X, W: m×n",
        """
error: shapes do not fit in a product
  X*W
  ~^~
  X is m×n (declared), W is m×n (declared): n and m differ
help: these would fit: X*W', X'*W, X.*W entry by entry
""",
    ),
    (
        "a'*(X*y - b)",
        "X: m×n, b: n, a: n",
        """
error: shapes do not fit in a sum
  a'*(X*y - b)
      ~~~~^~~
  X*y is m×1, b is n×1 (declared): m and n differ
  m: the rows of X (declared)
help: shapes must be equal; only rows, columns and scalars are repeated
""",
    ),
    (
        "vec(X)'*A*vec(X)",
        "A: N×N, X: m×n",
        """
error: the size of vec(X) does not fit
  vec(X)'*A*vec(X)
  ^~~~~~
  a side of vec(X) is m·n, and N is needed
  N: the rows of A (declared), by vec(X)'*A*vec(X)
help: declare the shapes so that both are equal
""",
    ),
    (
        "(X*w)^2",
        "X: m×n",
        """
error: a vector has no powers
  (X*w)^2
  ~~~~~^~
  X*w is m×1
help: (X*w).^2 takes each entry to the power 2; (X*w)'*(X*w) is the sum of squares
""",
    ),
]


@pytest.mark.parametrize(("formula", "where", "text"), RENDERED, ids=[formula for formula, _, _ in RENDERED])
def test_rendered(formula: str, where: str, text: str) -> None:
    """The whole message: what is wrong, the place, both sides and their origin, the help."""
    assert mistake(formula, where).render() == text.strip()


SHAPES = [
    (
        "x*y",
        "x, y: n",
        "in a product",
        "1 and n differ",
        "x'*y is the inner product, x*y' the outer one, x.*y goes entry by entry",
    ),
    ("x*y", "x: m, y: n", "in a product", "1 and n differ", "x*y' is the outer product"),
    ("x'*A*y", "A: m×n, x: n, y: m", "in a product", "x' is 1×n", "these would fit: x'*A'"),
    ("A*B", "A: m×n, B: p×m", "in a product", "n and p differ", "these would fit: B*A"),
    ("diag(x)*y", "x: m, y: n", "in a product", "m: the length of x (declared)", "declare y: m, or change diag(x)"),
    ("X*x'*x", "X: m×n, x: p", "in a product", "x' is 1×p", "a scalar such as x'*y goes in brackets"),
    ("(A + B)*C", "A, B: m×n, C: m×p", "in a product", "A + B is m×n", "these would fit: (A + B)'*C"),
    (
        "(A*B)(C)",
        "A: m×n, B: n×p, C: q×r",
        "in a product",
        "p: the columns of B (declared)",
        "declare C: p×r, or change (A*B)",
    ),
    ("X .* Y", "X: m×n, Y: n×m", "in an entrywise product", "m and n differ", "the transpose would fit: Y'"),
    ("X ./ Y", "X: m×n, Y: m×p", "in an entrywise quotient", "n and p differ", "shapes must be equal"),
    ("x.^y", "x: n, y: m", "in a power entry by entry", "n and m differ", "shapes must be equal"),
    ("max(X, Y)", "X: m×n, Y: n×n", "in max(…)", "m and n differ", "shapes must be equal"),
    ("A*B - C", "A: (n+1)×n, B: n×m, C: n×m", "in a sum", "n + 1: the rows of A (declared)", "shapes must be equal"),
    ("ones(3) + x", "x: 4", "in a sum", "ones(3) is 3×1, x is 4×1 (declared): 3 and 4 differ", "shapes must be equal"),
    ("<A, B>", "A: m×n, B: n×m", "in an inner product", "m and n differ", "the transpose would fit: B'"),
    ("<x, r>", "x: n, r: 1×n", "in an inner product", "r is 1×n (declared)", "transpose one of them: r'"),
    ("A\\b", "A: n×n, b: m", "in A\\b", "n and m differ", "A and b need as many rows"),
    ("A\\b", "A: m×n, b: m", "A\\b needs a square matrix A", "A is m×n (declared)", "least squares is inv(A'*A)*A'*b"),
    (
        "X/Y",
        "X, Y: n×n",
        "only a scalar can divide",
        "Y is n×n (declared)",
        "X*inv(Y) multiplies by the inverse, X./Y divides",
    ),
    ("x/y", "x, y: n", "only a scalar can divide", "y is n×1 (declared)", "x./y divides entry by entry"),
    ("1/(X*w)", "X: m×n, w: n", "only a scalar can divide", "X*w is m×1", "1./(X*w) divides entry by entry"),
    ("det(X)", "X: m×n", "det(…) needs a square matrix", "m and n differ", "X'*X and X*X' are square"),
    ("tr(x)", "x: n", "tr(…) needs a square matrix", "x is n×1 (declared)", "sum(x) adds the entries up"),
    (
        "logdet(A*B)",
        "A: m×n, B: n×p",
        "logdet(…) needs a square matrix",
        "p: the columns of B (declared)",
        "are square",
    ),
    ("inv(x)", "x: n", "an inverse needs a square matrix", "x is n×1 (declared)", "diag(x) is a square matrix"),
    ("X^-1", "X: m×n", "an inverse needs a square matrix", "X is m×n (declared)", "X'*X and X*X' are square"),
    ("X^2", "X: m×n", "a power needs a square matrix", "m and n differ", "X.^k takes each entry to a power"),
    ("x^2", "x: n", "a vector has no powers", "x is n×1 (declared)", "x.^2 takes each entry to the power 2; x'*x"),
    ("r^2", "r: 1×n", "a vector has no powers", "r is 1×n (declared)", "r*r' is the sum of squares"),
    ("a^TGa", "a: n", "an exponent is a scalar", "TGa is", "for the transpose write a^T Ga"),
    ("2^x", "x: n", "an exponent is a scalar", "x is n×1 (declared)", "2.^x goes entry by entry"),
    ("e^x", "x: n", "an exponent is a scalar", "x is n×1 (declared)", "exp(x) is the exponential of each entry"),
    ("X^k", "X: n×n, k: scalar", "a whole exponent, and k is not declared whole", "X^k", "declare k: integer"),
    ("X^0.25", "X: n×n", "a whole exponent, not 0.25", "X^0.25", "X.^(0.25) takes each entry"),
    ("vector(x)", "x: n", "vector(…) repeats a scalar", "x is n×1 (declared)", "sum(X)"),
    (
        "f(x)",
        "f: m×p -> scalar, x: n",
        "f is declared to take m×p",
        "x is n×1 (declared)",
        "change the declaration of f",
    ),
    ("f(X*W)", "f: m×n -> scalar, X: m×n, W: n×p", "f is declared to take m×n", "X*W is m×p", "or its argument"),
    ("f(x, X)", "f: (n, vector) -> scalar, x: n, X: n×n", "to take a vector as argument 2", "X is n×n (declared)", "f"),
    ("lam*A*x", "lam: n", "in a product", "lam is n×1 (declared)", "or change lam"),
    ("kron(A, B) + C", "A: m×n, B: p×q, C: m×n", "the size of kron(A, B) does not fit", "m·p", "declare the shapes"),
]


@pytest.mark.parametrize(
    ("formula", "where", "message", "fact", "hint"), SHAPES, ids=[f"{s[0]} | {s[1]}" for s in SHAPES]
)
def test_shape(formula: str, where: str, message: str, fact: str, hint: str) -> None:
    """Shapes that do not fit: the message, a fact and the help, with a caret."""
    error = mistake(formula, where)
    assert isinstance(error, ShapeError)
    assert message in error.headline()
    assert fact in error.render()
    assert hint in (error.hint or "")
    assert error.text == formula
    assert error.span is not None
    assert "^" in error.render().splitlines()[2]


OTHERS = [
    (
        NameClash,
        "g + g(x)",
        "g: elementwise",
        "g is declared a function and stands here as a variable",
        "rename one of them",
    ),
    (NameClash, "h(t) = t; h + 1", "", "h is defined as a function", "write h(…)"),
    (
        NameClash,
        "sin + x",
        "",
        "sin is a function and stands here without its argument",
        "declare it, such as sin: scalar",
    ),
    (NameClash, "x - mean", "x: n", "mean is a function", "write mean(…)"),
    (NameClash, "Z = Z + 1; Z", "", "Z is defined by itself", "another name"),
    (NameClash, "h(t) = h(t) + 1; h(x)", "", "h is defined by itself", "another name"),
    (NameClash, "f(x) = f(x) + 1", "", "f is defined by itself", "rename"),
    (NameClash, "Z = H; H = 2; Z", "", "H is used before it is defined", "put its definition first"),
    (NameClash, "Z = 1; Z = 2; Z", "", "Z is defined twice", "its own name"),
    (NameClash, "X = 1; X", "X: m×n", "X is declared and defined", "leave out one"),
    (ArityError, "f(X, Y)", "", "f takes one argument, not 2", "declared f: (n, n) -> scalar"),
    (ArityError, "sin(x, y)", "", "sin takes one argument, not 2", "sin is elementwise"),
    (ArityError, "det(X, Y)", "", "det takes one argument, not 2", ""),
    (ArityError, "sum()", "", "sum takes one or two arguments, not 0", ""),
    (ArityError, "max(x, y, z)", "", "max takes two arguments, not 3", "max(X) is the largest of all entries"),
    (UnsupportedError, "where(2*x, a, b)", "x, a, b: n", "2*x is no condition", "a comparison, such as x > 0"),
    (ShapeError, "polygamma(x, 2)", "x: n", "polygamma(…) takes arguments of shapes scalar, m×n", ""),
    (ArityError, "kron(A, B, C)", "", "kron takes two arguments, not 3", ""),
    (ArityError, "f(x, y)", "f: n -> scalar", "f takes one argument, not 2", ""),
    (ArityError, "h(t) = t; h(x, y)", "", "h takes one argument, not 2", ""),
    (
        SyntaxMistake,
        "X(1,2)",
        "X: m×n",
        "X is a variable, and 2 factors stand in the brackets behind it",
        "for an entry write X[i,j]",
    ),
    (SyntaxMistake, "sum(X, axis=2)", "", "an axis is rows, columns, all, 0 or 1", "sum(X, rows) adds the rows up"),
    (SyntaxMistake, "sum(x, axis=0, dtype=1)", "", "sum takes one array and an axis", "sum(X, axis=0)"),
    (SyntaxMistake, "foo(axis=1)", "", "axis=1 cannot stand here", "sum, mean, softmax"),
    (SyntaxMistake, "||X||_{2,p}", "", "this norm is not supported", "a pair such as 2,1"),
    (SyntaxMistake, "eye(X)", "X: m×n", "X is a variable, and a dimension is needed", "names of dimensions"),
    (SyntaxMistake, "ones(0)", "", "a dimension is 1 or more", ""),
    (SyntaxMistake, "∂f(X, Y)/∂Z", "f: (m×n, m×n) -> scalar", "Z is no argument of f here", "∂f(X, Y)/∂Y"),
    (UnsupportedError, "f'(X, Y)", "f: (m×n, m×n) -> scalar", "f' is not supported", "∂f(X, Y)/∂Y"),
    (UnsupportedError, "∂g/∂X", "", "needs a declared function g", "declare g: m×n -> scalar"),
    (UnsupportedError, "∂f/∂X", "f: m×n -> m×n", "∂f is supported for scalar functions only", "f: m×p -> scalar"),
    (UnsupportedError, "svd(X)", "", "svd is not supported", "polar(X)"),
    (UnsupportedError, "eig(X)*y", "", "eig is not supported", "lambda_max"),
    (ShapeError, "lambda_max(X)", "X: n×n", "X is not known to be symmetric", "X: n×n symmetric"),
    (
        ShapeError,
        "sylvester(A, B, C)",
        "A: m×m, B: n×n, C: n×m",
        "sylvester(…) takes arguments of shapes m×m",
        "letter",
    ),
    (UnsupportedError, "x[i:2]", "x: n", "an index is a whole number from 1", "declared vector e"),
    (ShapeError, "x[2:1]", "x: n", "there are no entries 2 to 1", "indices run from 1"),
    (ShapeError, "x[2:4]", "x: 3", "there are no entries 2 to 4", "indices run from 1"),
    (ShapeError, "[A, B]", "A: m×n, B: p×n", "different numbers of rows", "a semicolon one below the other"),
    (ShapeError, "[A; B]*x", "A: m×n, B: m×p", "different widths", "a comma puts blocks side by side"),
    (ShapeError, "[x; y]'*M", "x: n, y: m, M: k×k", "the size of [x; y] does not fit", "declare the shapes"),
    (UnsupportedError, "eye(m, n)", "", "eye(m, n) is not square", "eye(n)"),
    (UnsupportedError, "tanh''(x)", "", "the derivative tanh'' has to be written out", "elementwise"),
    (UnsupportedError, "h(t) = t^2; h'(x)", "", "h is defined, so write its derivative out", "elementwise"),
]


@pytest.mark.parametrize(
    ("kind", "formula", "where", "message", "hint"), OTHERS, ids=[f"{o[1]} | {o[2]}" for o in OTHERS]
)
def test_other(kind: type[MatcalcError], formula: str, where: str, message: str, hint: str) -> None:
    """Names that clash, wrong numbers of arguments, words in wrong places, and what is not supported."""
    error = mistake(formula, where)
    assert type(error) is kind
    assert message in error.headline()
    assert hint in (error.hint or "")
    assert error.text == formula
    assert "^" in error.render().splitlines()[2]


@pytest.mark.parametrize(
    ("kind", "formula", "where", "wrt", "message", "hint"),
    [
        (UnknownName, "x'*x", "", "y", "y is neither declared nor in the formula", "the names are x"),
        (
            UnknownName,
            "X*w",
            "alpha: scalar",
            "alpah",
            "alpah is neither declared nor in the formula",
            "did you mean alpha?",
        ),
        (UnknownName, "W'*W", "", "w", "w is neither declared nor in the formula", "did you mean W?"),
        (UnknownName, "1 + 1", "", "x", "x is neither declared nor in the formula", "the formula has no names"),
        (NameClash, "x'*x", "x: n", "n", "n is a dimension, so it is no variable", "use another name"),
        (NameClash, "g(x)", "g: elementwise", "g", "g is a function, so it is no variable", "arguments"),
        (
            NameClash,
            "Z = X*W; sum(Z)",
            "",
            "Z",
            "Z is defined by the formula, so it is no variable",
            "leave the definition of Z out",
        ),
    ],
)
def test_no_variable(kind: type[MatcalcError], formula: str, where: str, wrt: str, message: str, hint: str) -> None:
    """What the user differentiates by is declared or occurs, and is a variable."""
    error = mistake(formula, where, wrt)
    assert type(error) is kind
    assert message in error.headline()
    assert hint in (error.hint or "")


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("S: m×n symmetric", "S is declared m×n, and symmetric says that it is square"),
        ("X: n×p, p: elementwise", "p is declared a function and is a dimension too"),
    ],
)
def test_declarations(where: str, message: str) -> None:
    """Declarations that contradict themselves are shown with the place in their own text."""
    error = mistake("x", where)
    assert isinstance(error, DeclarationError | NameClash)
    assert error.headline() == message
    assert error.text == where


def test_mistake_in_a_function_defined_elsewhere() -> None:
    """A mistake in a function from the declarations points at its use, and names what it is about."""
    error = mistake("sum(q(b))", "q(x) = x'*A*x, A: m×m, b: n")
    assert error.render().splitlines()[1:3] == ["  sum(q(b))", "      ^~~~"]
    assert "b" in error.render()
