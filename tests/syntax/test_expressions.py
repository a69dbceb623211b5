"""How formulas are read: text on the left, the tree as an s-expression on the right, written by hand."""

import pytest

from matcalc.syntax import parse_expression

SUMS_AND_PRODUCTS = {
    "x": "x",
    "(x)": "(group x)",
    "a + b - c": "(add + a + b - c)",
    "-x": "(add - x)",
    "+x": "x",
    "−x": "(add - x)",
    "a - -b": "(add + a + b)",
    "- -x": "x",
    "a*b": "(chain a * b)",
    "A·B": "(chain A * B)",
    "A⋅B": "(chain A * B)",
    "A @ B": "(chain A * B)",
    "A .* B": "(chain A .* B)",
    "A ⊙ B ∘ C": "(chain A .* B .* C)",
    "X .* Y * Z": "(chain X .* Y * Z)",
    "a / b": "(chain a / b)",
    "x ./ y ⊘ z": "(chain x ./ y ./ z)",
    "A\\b": r"(chain A \ b)",
    "A ⊗ B ⊗ C": "(kron A B C)",
    "(A ⊗ B)*C": "(chain (group (kron A B)) * C)",
    "a*-b*c": "(chain a * (neg b) * c)",
    "A·−B": "(chain A * (neg B))",
    "a*+b": "(chain a * b)",
    "-x^2": "(add - (power x 2))",
    "-2X": "(add - (chain 2 _ X))",
    "1./x": "(chain 1 ./ x)",
    "3.*X": "(chain 3 .* X)",
    "2.*3": "(chain 2 .* 3)",
    "a*.5": "(chain a * 1/2)",
    "x # a comment": "x",
    "x + # a comment\n y": "(add + x + y)",
    "x\u00a0+\u2009y\u200b": "(add + x + y)",
}

JUXTAPOSITION = {
    "2X": "(chain 2 _ X)",
    "2 x y": "(chain 2 _ x _ y)",
    "2(A + B)": "(chain 2 _ (group (add + A + B)))",
    "a' X b": "(chain (transpose a) _ X _ b)",
    "x'A x": "(chain (transpose x) _ A _ x)",
    "x^2 y": "(chain (power x 2) _ y)",
    "a -b": "(add + a - b)",
    "a/2b": "(chain a / 2 _ b)",
    "A/n B": "(chain A / n _ B)",
    "(A)(B)": "(chain (group A) _ (group B))",
    "(A + B)'(C)": "(chain (transpose (group (add + A + B))) _ (group C))",
    "2<A, B>": "(chain 2 _ (inner A B))",
    "X [A, B]": "(chain X _ (block (row A B)))",
    "x^n (a + b)": "(chain (power x n) _ (group (add + a + b)))",
    "2.5e-3x": "(chain 1/400 _ x)",
    "2\\lambda x": "(chain 2 _ lambda _ x)",
}

NUMBERS_AND_NAMES = {
    "2": "2",
    "2.": "2",
    ".5": "1/2",
    "0.25": "1/4",
    "1e3": "1000",
    "1.5E−2": "3/200",
    "2e": "(chain 2 _ e)",
    "λ": "lambda",
    "\\lambda": "lambda",
    "lambda": "lambda",
    "ϵ": "epsilon",
    "µ": "mu",
    "Σ": "Sigma",
    "λ_1": "lambda_1",
    "W₁": "W1",
    "W1": "W1",
    "𝐗": "X",
    "ŷ": "ŷ",
    "y\u0302": "ŷ",
    "𝟏": "(vector 1)",
    "𝟏'X": "(chain (transpose (vector 1)) _ X)",
}

POSTFIXES = {
    "X'": "(transpose X)",
    "X’": "(transpose X)",
    "X′": "(transpose X)",
    "X''": "(transpose (transpose X))",
    "Xᵀ": "(transpose X)",
    "X^T": "(transpose X)",
    "X^{T}": "(transpose X)",
    "X.T": "(transpose X)",
    "X.'": "(transpose X)",
    "X⊤": "(transpose X)",
    "X^⊤": "(transpose X)",
    "X^T*Y": "(chain (transpose X) * Y)",
    "X.T@Y": "(chain (transpose X) * Y)",
    "X^TY": "(power X TY)",
    "a'*b": "(chain (transpose a) * b)",
    "sin(x)'": "(transpose (sin x))",
    "X^-1": "(power X (neg 1))",
    "X⁻¹": "(power X (neg 1))",
    "X^{-1}": "(power X (add - 1))",
    "X^(-1)": "(power X (group (add - 1)))",
    "X^-1.5": "(power X (neg 3/2))",
    "X^-T": "(invtranspose X)",
    "X^{-T}": "(invtranspose X)",
    "X⁻ᵀ": "(invtranspose X)",
    "X^-t": "(power X (neg t))",
    "X²": "(power X 2)",
    "x³y": "(chain (power x 3) _ y)",
    "x¹⁰": "(power x 10)",
    "X⁻²": "(power X (neg 2))",
    "Xᵏ": "(power X k)",
    "X²ᵀ": "(transpose (power X 2))",
    "X^k": "(power X k)",
    "X^(n+1)": "(power X (group (add + n + 1)))",
    "X^{n+1}": "(power X (add + n + 1))",
    "x'^2": "(power (transpose x) 2)",
    "x.^2'": "(transpose (elpower x 2))",
    "x.^-1": "(elpower x (neg 1))",
    "(x^2)^3": "(power (group (power x 2)) 3)",
    "e^-x": "(power e (neg x))",
    "e^|x|": "(power e (abs x))",
    "a^sin(x)": "(power a (sin x))",
    "a^b": "(power a b)",
}

CALLS = {
    "f(x)": "(f x)",
    "f (x)": "(f x)",
    "f(x, y)": "(f x y)",
    "f()": "(f)",
    "g'(X)": "(g' X)",
    "g''(X)": "(g'' X)",
    "g″(X)": "(g'' X)",
    "g’ (X)": "(g' X)",
    "A'(B + C)": "(A' (add + B + C))",
    "f(x)(y)": "(chain (f x) _ (group y))",
    "sum(X, axis=0)": "(sum X (keyword axis 0))",
    "sum(S, rows)": "(sum S rows)",
    "softmax(X, axis=1)'": "(transpose (softmax X (keyword axis 1)))",
    "<A, B>": "(inner A B)",
    "⟨A, B⟩ + 1": "(add + (inner A B) + 1)",
    "∂f/∂(X·W)·Wᵀ": "(chain (partial f (group (chain X * W))) * (transpose W))",
    "∂f/∂X": "(partial f X)",
    "∂f(X, Y)/∂X ⊙ Y": "(chain (partial f X X Y) .* Y)",
}

BRACKETS = {
    "X[i,j]": "(index X i j)",
    "x[i]": "(index x i)",
    "X[i,:]": "(index X i :)",
    "X[1:3, 2]": "(index X (range 1 3) 2)",
    "X[i -1, 2]": "(index X (add + i - 1) 2)",
    "X'[1]": "(index (transpose X) 1)",
    "(x + y)[1]": "(index (group (add + x + y)) 1)",
    "|x|[1]": "(index (abs x) 1)",
    "x[1]'": "(transpose (index x 1))",
    "[A, B; C, D]": "(block (row A B) (row C D))",
    "[A - B, 2C]": "(block (row (add + A - B) (chain 2 _ C)))",
    "2[A, B]": "(chain 2 _ (block (row A B)))",
}

BARS = {
    "|x|": "(abs x)",
    "||x||": "(norm x)",
    "‖x‖": "(norm x)",
    "∥x∥": "(norm x)",
    "||x||_1": "(norm1 x)",
    "‖x‖₂": "(norm2 x)",
    "||X||_F": "(normF X)",
    "||X||_{F}": "(normF X)",
    "||X||_*": "(norm* X)",
    "||X||_**Y": "(chain (norm* X) * Y)",
    "||x||^2": "(power (norm x) 2)",
    "||x||_2^2": "(power (norm2 x) 2)",
    "‖G‖²_F": "(power (normF G) 2)",
    "‖G‖_F²": "(power (normF G) 2)",
    "||G||^2_F": "(power (normF G) 2)",
    "||G||_F^{2}": "(power (normF G) 2)",
    "||a - ||b|| c||": "(norm (add + a - (chain (norm b) _ c)))",
    "||||x|| y||": "(norm (chain (norm x) _ y))",
    "||x|-|y||": "(abs (add + (abs x) - (abs y)))",
    "|||x|-y||": "(norm (add + (abs x) - y))",
    "|||x||-y|": "(abs (add + (norm x) - y))",
    "|| |a| - |b| ||": "(norm (add + (abs a) - (abs b)))",
    "||A*x - |b|||": "(norm (add + (chain A * x) - (abs b)))",
    "|-x|": "(abs (add - x))",
    "|x||y|": "(chain (abs x) _ (abs y))",
    "|a|b|c|": "(chain (abs a) _ b _ (abs c))",
    "2||x|| ||y||": "(chain 2 _ (norm x) _ (norm y))",
    "‖x‖ - |y|⊙‖z‖": "(add + (norm x) - (chain (abs y) .* (norm z)))",
    "f(|x|, ||y||)": "(f (abs x) (norm y))",
    "<|x|, |y|>": "(inner (abs x) (abs y))",
    "|<x, y>|": "(abs (inner x y))",
    "||[|x|, y]||": "(norm (block (row (abs x) y)))",
    "||X[1,:]||": "(norm (index X 1 :))",
    "||x|-|y|| + ||z|-|w||": "(add + (abs (add + (abs x) - (abs y))) + (abs (add + (abs z) - (abs w))))",
}

AS_ON_MATRIXCALCULUS = {
    "0.5*x'*A*x": "(chain 1/2 * (transpose x) * A * x)",
    "(y.*v)'*x": "(chain (transpose (group (chain y .* v))) * x)",
    "norm1(A*x-y)": "(norm1 (add + (chain A * x) - y))",
    "norm2(A*x-y)^2": "(power (norm2 (add + (chain A * x) - y)) 2)",
    "tr(A*X'*B*X*C)": "(tr (chain A * (transpose X) * B * X * C))",
    "log(det(inv(X)))": "(log (det (inv X)))",
    "sum(log(exp(-y.*(X*w)) + vector(1)))": (
        "(sum (log (add + (exp (add - (chain y .* (group (chain X * w))))) + (vector 1))))"
    ),
}


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        pytest.param(text, tree, id=text.encode("ascii", "backslashreplace").decode())
        for table in (
            SUMS_AND_PRODUCTS,
            JUXTAPOSITION,
            NUMBERS_AND_NAMES,
            POSTFIXES,
            CALLS,
            BRACKETS,
            BARS,
            AS_ON_MATRIXCALCULUS,
        )
        for text, tree in table.items()
    ],
)
def test_tree(text: str, tree: str) -> None:
    """A formula is read as a mathematician reads it."""
    assert repr(parse_expression(text)) == tree


def test_decimal_text() -> None:
    """A number keeps the digits as typed, so that 0.50 prints back as 0.50."""
    node = parse_expression("0.50")
    assert (node.value, node.text) == (parse_expression("1/2").args[0].value / 2, "0.50")


@pytest.mark.parametrize(
    ("text", "path", "part"),
    [
        ("||g(X*W) - Y||_F^2", (), "||g(X*W) - Y||_F^2"),
        ("||g(X*W) - Y||_F^2", (0,), "||g(X*W) - Y||_F"),
        ("||g(X*W) - Y||_F^2", (0, 0), "g(X*W) - Y"),
        ("||g(X*W) - Y||_F^2", (0, 0, 0), "g(X*W)"),
        ("||g(X*W) - Y||_F^2", (0, 0, 0, 0), "X*W"),
        ("||g(X*W) - Y||_F^2", (0, 0, 1), "Y"),
        ("2 ‖x‖²", (1,), "‖x‖²"),
        ("2 ‖x‖²", (1, 0), "‖x‖"),
        ("a + (b' + c)", (1,), "(b' + c)"),
        ("a + (b' + c)", (1, 0, 0), "b'"),
        ("x'' + y", (0, 0), "x'"),
        ("A*X[i,:]", (1,), "X[i,:]"),
        ("-x + y", (), "-x + y"),
        ("a*-b", (1,), "-b"),
        ("X⁻¹", (1,), "⁻¹"),
    ],
)
def test_spans(text: str, path: tuple[int, ...], part: str) -> None:
    """Every node knows the part of the text that it was read from."""
    node = parse_expression(text)
    for step in path:
        node = node.args[step]
    assert text[node.span.start : node.span.end] == part
