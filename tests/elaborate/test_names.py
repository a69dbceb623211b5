"""What names mean: variables, dimensions, constants, functions, definitions; what is a call, what a product."""

import pytest

import matcalc
from matcalc.errors import ArityError
from matcalc.reading import read_formula
from tests.elaborate.reading import expr, mistake, read, shapes

X_W = "X: m×n, W: n×p"


@pytest.mark.parametrize(
    ("formula", "where", "same"),
    [
        ("X(A + B)", "X: m×n, A, B: n×p", "X*(A + B)"),
        ("x'(y + z)", "x, y, z: n", "x'*(y + z)"),
        ("x(y'*z)", "x, y, z: n", "x*(y'*z)"),
        ("2 pi (t + 1)", "t: scalar", "2*pi*(t + 1)"),
        ("pi(t + 1)", "t: scalar", "pi*(t + 1)"),
        ("Z = A*B; Z(C)", "A, B, C: n×n", "(A*B)*C"),
    ],
)
def test_product(formula: str, where: str, same: str) -> None:
    """A name before a bracket is a factor if it is a variable."""
    assert expr(formula, where) == expr(same, where)


def test_call_or_product_by_use() -> None:
    """An undeclared name is a factor if it also stands alone, which is noted, and a function otherwise."""
    found = read("a(x + y) + a", "x, y: scalar")
    assert found.expr == expr("a*(x + y) + a", "a, x, y: scalar")
    assert any(note.startswith("a(…) read as a product, since a is a variable") for note in found.notes)
    assert expr("a(x + y)", "x, y: scalar").op == "elementwise"
    assert read("a(x + y)", "x, y: scalar", "a").expr.op != "elementwise"


def test_declared_function_stays_one() -> None:
    """A declared elementwise function is applied, with its derivatives."""
    e = expr("g''(X)", "X: m×n, g: elementwise")
    assert (e.op, e.data) == ("elementwise", ("g", 2))


@pytest.mark.parametrize(
    ("word", "meant"),
    [("logdte", "logdet"), ("sigmoide", "sigmoid"), ("sotfmax", "softmax")],
)
def test_near_miss(word: str, meant: str) -> None:
    """A name that nearly is a known one earns a note."""
    assert f"{word} taken as a generic elementwise function; did you mean {meant}?" in read(f"{word}(X)").notes


@pytest.mark.parametrize(("word", "meant"), [("Tr", "tr"), ("ReLU", "relu"), ("DET", "det"), ("Var", "var")])
def test_capital_letters(word: str, meant: str) -> None:
    """A name that differs from a known one in capital letters alone is that one, unless it is declared."""
    found = read(f"{word}(X)", "X: n×n")
    assert found.expr == expr(f"{meant}(X)", "X: n×n") and f"{word}(…) read as {meant}(…)" in found.notes
    assert expr(f"{word}(X)", f"X: n×n, {word}: elementwise").op == "elementwise"
    assert isinstance(mistake("Softmax(X, rows)", "X: m×n"), ArityError)


def test_transposed_number() -> None:
    """1' is no vector of ones, and it is said what is."""
    assert any("a vector of ones is ones(n)" in note for note in read("1'*X*1").notes)


@pytest.mark.parametrize(
    ("formula", "name"), [("y*log(sigmoid(w'*x))", "y"), ("max(0, 1 - y*w'*x)", "y"), ("sin(x)", None)]
)
def test_scalar_meant(formula: str, name: str | None) -> None:
    """Where one undeclared vector makes an array of a scalar formula, it is said how to declare it."""
    notes = [
        n for n in read_formula(formula, wrt=["w"] if "w" in formula else ["x"]).notes if "for a scalar function" in n
    ]
    assert len(notes) == (name is not None) and all(n.endswith(f"declare {name}: scalar") for n in notes)


def test_near_variable() -> None:
    """An undeclared name like one that was declared and is not used earns a note."""
    assert "lamda is not declared; did you mean lambda?" in read("lamda*x'*x", "lambda: scalar, x: n").notes


def test_dimensions_are_numbers() -> None:
    """A dimension in a formula is that number, which is noted; a declared variable of that name goes before."""
    found = read("1/n*||X*w - y||^2", "X: m×n, w: n, y: m")
    assert found.expr == expr("||X*w - y||^2/n", "X: m×n, w: n, y: m")
    assert "n is the dimension n, used as a number" in found.notes
    assert [e.op for e in read("m*n", "m: scalar, X: m×n").expr.args] == ["symbol", "dimension"]


def test_sizes_are_dimensions() -> None:
    """The arguments of eye, ones and zeros are dimensions, whether they occur elsewhere or not."""
    found = read("ones(k)'*X*ones(n) + k")
    assert shapes("ones(k)'*X*ones(n)") == "X: k×n"
    assert "k is the dimension k, used as a number" in found.notes
    assert expr("eye(n + 1)").shape == expr("zeros(n + 1, n + 1)").shape


def test_constants() -> None:
    """pi is the constant and I the identity, unless they are declared; e is a name."""
    assert expr("pi").op == "pi"
    assert expr("X + I", "X: n×n") == expr("X + eye(n)", "X: n×n")
    assert expr("I*X", "I: m×n, X: n×p").shape == expr("A*X", "A: m×n, X: n×p").shape
    assert expr("pi", "pi: scalar").op == "symbol"
    assert expr("e*x", "x: n") == expr("e*x", "e: scalar, x: n")


def test_sizes_that_fit() -> None:
    """vector(1), matrix(1), I and 𝟏 take the size that fits; ones are the same."""
    where = "x: n, X: m×n, S: n×n"
    assert expr("x + vector(1)", where) == expr("x + ones(n)", where)
    assert expr("X + matrix(2)", where) == expr("X + 2*ones(m, n)", where)
    assert expr("X*𝟏", where) == expr("X*ones(n)", where)
    assert expr("S + I*S", where) == expr("S + S", where)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("trace(S)", "tr(S)"),
        ("ln(X)", "log(X)"),
        ("sqrt(X)", "X.^0.5"),
        ("square(X)", "X.^2"),
        ("transpose(X)", "X'"),
        ("hadamard(X, X)", "X.*X"),
        ("matmul(X, x)", "X*x"),
        ("solve(S, x)", "S\\x"),
        ("inner(X, X)", "tr(X'*X)"),
        ("<x, x>", "x'*x"),
        ("dot(x, x)", "x'*x"),
        ("outer(x, x)", "x*x'"),
        ("norm1(x)", "||x||_1"),
        ("norm2(X)", "||X||_F"),
        ("norm(x)", "||x||"),
        ("norm(x, 1)", "||x||_1"),
        ("X^-T", "(X')^-1"),
        ("S^{-1}", "inv(S)"),
        ("S^(-1)", "inv(S)"),
        ("matrix_power(S, 3)", "S*S*S"),
        ("|x|", "abs(x)"),
        ("A ⊗ S", "kron(A, S)"),
        ("X[2,3]", "unit(m, 2)'*X*unit(n, 3)"),
        ("X[2,:]", "unit(m, 2)'*X"),
        ("X[:,2]", "X*unit(n, 2)"),
        ("X[2]", "X[2,:]"),
        ("x[2]", "unit(n, 2)'*x"),
        ("x'[2]", "x[2]"),
        ("sum(X, rows)[2]", "sum(X[:,2])"),
        ("logsumexp(X)", "logsumexp(vec(X))"),
        ("softmax(x')", "softmax(x)'"),
        ("sum(X, axis=0)", "sum(X, rows)"),
        ("sum(X, 1)", "sum(X, columns)"),
        ("mean(X)", "sum(X)/(m*n)"),
        ("mean(X, rows)", "sum(X, rows)/m"),
        ("sigmoid'(x)", "sigmoid(x).*(1 - sigmoid(x))"),
        ("tanh'(X)", "1 - tanh(X).^2"),
        ("sign'(x)", "zeros(n, 1)"),
    ],
)
def test_synonyms(one: str, other: str) -> None:
    """Words and signs that mean the same."""
    where = "X: m×n, S: n×n, x: n, A: k×k"
    if one == "X^-T":
        where = where.replace("X: m×n", "X: n×n")
    assert expr(one, where) == expr(other, where)


class TestDefinitions:
    """Names for parts of a formula, and functions that the user defines."""

    def test_chain(self) -> None:
        """Definitions may use those before them."""
        found = read("Z = X*W; H = g(Z); ||H - Y||_F^2", X_W + ", Y: m×p")
        assert found.expr == expr("||g(X*W) - Y||_F^2", X_W + ", Y: m×p")

    def test_header(self) -> None:
        """A formula that is a definition names its variables."""
        assert read("f(W) = ||X*W||_F^2").wrt == ("W",)
        assert read("loss(W, b) = ||X*W + b||_F^2").wrt == ("W", "b")
        assert read("f(W) = ||X*W||_F^2", "", "X").wrt == ("X",)

    @pytest.mark.parametrize("place", ["formula", "declarations"])
    def test_entrywise_function(self, place: str) -> None:
        """A function made of scalars and elementwise functions goes entry by entry."""
        definition = "h(t) = t*sigmoid(c*t)/2 + t^2"
        same = "X.*sigmoid(c*X)/2 + X.^2"
        if place == "formula":
            assert expr(f"{definition}; h(X)", "X: m×n, c: scalar") == expr(same, "X: m×n, c: scalar")
        else:
            assert expr("h(X)", f"X: m×n, c: scalar, {definition}") == expr(same, "X: m×n, c: scalar")

    def test_constant_function(self) -> None:
        """A function that leaves its argument out still has its shape."""
        assert expr("h(t) = 3; h(x)", "x: n") == expr("3*ones(n)")

    def test_function_of_matrices(self) -> None:
        """Any other function is taken as it stands, with arguments of any kind."""
        assert expr("q(x) = x'*A*x; q(a - b) + q(b)", "a, b: n") == expr("(a - b)'*A*(a - b) + b'*A*b", "a, b: n")
        assert expr("d(X, Y) = ||X - Y||_F^2; d(A, B')", "A: m×n, B: n×m") == expr("||A - B'||_F^2", "A: m×n, B: n×m")

    def test_functions_of_functions(self) -> None:
        """A function may use functions defined before it."""
        assert expr("h(t) = t + 1; k(t) = h(h(t)); k(x)", "x: n") == expr("x + 2", "x: n")

    def test_shared_parts(self) -> None:
        """Functions may use names that are defined before them, each of them."""
        text = "Z = X*w; h(t) = sum(Z) + t; Y = Z + 1; k(t) = t*sum(Y); h(a) + k(b)"
        assert expr(text, "a, b: scalar") == expr("sum(X*w) + a + b*sum(X*w + 1)", "a, b: scalar")

    def test_constant(self) -> None:
        """A constant may be defined among the declarations."""
        assert expr("lam*x'*x", "x: n, lam = 1/2") == expr("x'*x/2", "x: n")

    def test_unused(self) -> None:
        """A definition that is not used is noted."""
        assert "Z is defined but not used" in read("Z = X*W; sum(X)").notes


class TestAbstractFunctions:
    """Functions of which only the shapes are known."""

    where = "X: m×n, W: n×p, f: m×p -> scalar, h: (m×n, n×p) -> scalar"

    def test_value(self) -> None:
        """f(X*W) is a scalar here."""
        e = expr("f(X*W)", self.where)
        assert (e.op, e.data, e.shape) == ("abstract", ("f", None), (1, 1))

    @pytest.mark.parametrize("formula", ["f'(X*W)", "∂f/∂(X*W)", "∂f(X*W)/∂(X·W)"])
    def test_derivative(self, formula: str) -> None:
        """The derivative has the shape of the argument."""
        e = expr(formula, self.where)
        assert e.data == ("f", 0)
        assert e.shape == expr("X*W", self.where).shape

    def test_partial(self) -> None:
        """The argument is found by how it is written."""
        assert expr("∂h(X, W)/∂W", self.where).data == ("h", 1)

    def test_shapes_from_declaration(self) -> None:
        """A declared function tells the shapes of undeclared names."""
        assert shapes("f(A)", "f: m×p -> n").startswith("A: m×p")
        assert expr("f(x)", "f: vector -> 1×k").shape[0] == 1


def test_variables_are_known() -> None:
    """A declared variable need not occur; all names have symbols with their properties."""
    found = read("tr(S*X)", "S: n×n posdef, X: n×n, z: k", "z")
    assert found.wrt == ("z",)
    assert list(found.symbols) == ["S", "X", "z"]
    assert found.symbols["S"].is_symmetric


def test_what_was_assumed() -> None:
    """What was assumed is said in the words of a declaration, once."""
    assert read("||g(X*W) - Y||_F^2").notes == ("assumed X: m×n, W: n×p, Y: m×p, g: elementwise",)
    assert read("||X*W - Y||_F^2", "X: m×n, W: n×p, Y: m×p").notes == ()
    assert read("X^k").notes == ("assumed X: n×n, k: integer",)


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("X(A + B)' + X", "X*(A + B)' + X"),
        ("X(A + B)^2 + X", "X*(A + B)^2 + X"),
        ("2X(A + B)'^2 (C)' + X", "2*X*((A + B)')^2*C' + X"),
        ("X(A).^2 + X", "X*(A.^2) + X"),
    ],
)
def test_a_mark_belongs_to_the_bracket_before_it(short: str, long: str) -> None:
    """X(A + B)' is X·((A + B)'), not (X·(A + B))', where X is a variable."""
    where = "X, A, B, C: n×n"
    assert expr(short, where) == expr(long, where)
    assert expr("g(A + B)' + X", where) == expr("(g(A + B))' + X", where)


def test_an_objective_is_no_factor() -> None:
    """min_w ‖Xw − y‖² is not w ↦ min_w·‖Xw − y‖², unless that name is declared."""
    with pytest.raises(matcalc.MatcalcError, match="unless it is declared") as refused:
        matcalc.parse("min_w ||X*w - y||^2")
    assert "what is minimised alone" in str(refused.value.hint)
    assert matcalc.parse("min_w*||X*w - y||^2", "min_w: scalar").is_scalar


def test_a_product_without_its_sign_is_refused() -> None:
    """Ax beside x is a product; Wx times x is a matrix of that name."""
    with pytest.raises(matcalc.MatcalcError, match="Ax is one name") as raised:
        matcalc.parse("||Ax - b||^2 + lam*||x||_1")
    assert raised.value.exit_code == 2 and "A*x" in (raised.value.hint or "")
    assert matcalc.parse("||Ax - b||^2 + lam*||x||_1", where="Ax: m").is_scalar
    assert matcalc.parse("sigmoid(Wx*x + Wh*h + b)").shape[1] == 1
