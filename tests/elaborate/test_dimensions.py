"""Dimensions: unification, broadcasts, names for what nobody declared, readings of mixed chains."""

import pytest

from matcalc.dims import Dim, show_shape
from tests.elaborate.reading import expr, read, shapes


class TestBroadcasts:
    """Rows are added to rows, columns to columns, scalars to everything; the expression says so, and a note."""

    where = "X: m×n, r: 1×n, c: m, s: scalar"

    @pytest.mark.parametrize(
        ("formula", "same", "note"),
        [
            ("X + r", "X + ones(m)*r", "r is added to every row"),
            ("X - c", "X - c*ones(n)'", "c is added to every column"),
            ("X + s", "X + s*ones(m)*ones(n)'", "s is added to every entry"),
            ("c + s", "c + s*ones(m)", "s is added to every entry"),
            ("c + r", "c*ones(n)' + ones(m)*r", "c is added to every column"),
            ("X .* r", "X .* (ones(m)*r)", "r is multiplied with every row"),
            ("X ./ c", "X .* ((1 ./ c)*ones(n)')", "c is divided into every column"),
        ],
    )
    def test_broadcast(self, formula: str, same: str, note: str) -> None:
        """The broadcast is explicit in the expression."""
        found = read(formula, self.where)
        assert found.expr == expr(same, self.where)
        assert note in found.notes

    def test_numbers_need_no_note(self) -> None:
        """That a number is added everywhere goes without saying."""
        assert read("X + 1", "X: m×n").notes == ()

    def test_bias_of_a_square(self) -> None:
        """Where a column fits by accident, NumPy's reading is mentioned."""
        notes = read("X*W + b", "X, W: n×n, b: n").notes
        assert notes == ("b is added to every column; for a row, as NumPy would have it, write b'",)

    def test_not_from_an_undeclared_name(self) -> None:
        """An undeclared name first takes the other side's shape."""
        assert shapes("X*W + Y") == "X: m×n, W: n×p, Y: m×p"
        assert shapes("r + X", "X: m×n") == "r: m×n, X: m×n"


class TestNames:
    """Dimensions that nobody declared have readable names that nothing else has."""

    def test_single(self) -> None:
        """A single one is n."""
        assert shapes("tr(A*B)", "A: symmetric") == "A: n×n, B: n×n"

    def test_no_clash(self) -> None:
        """Names that are declared, or that the formula uses, are left alone."""
        assert shapes("X*w + m*y", "m: scalar, y: n") == "X: n×p, w: p×1, m: scalar, y: n×1"

    def test_many(self) -> None:
        """There are always more."""
        names = [
            d.name
            for e in read("+".join(f"||X{i}||" for i in range(30))).symbols.values()
            for d in e.shape
            if isinstance(d, Dim)
        ]
        assert len(set(names)) == 60

    def test_polynomials(self) -> None:
        """Declared dimensions may be sums and products."""
        assert show_shape(expr("A*x", "A: (n+1)×2n, x: 2*n").shape) == "(n + 1)×1"
        assert show_shape(expr("kron(A, B)", "A: m×n, B: p×(n+1)").shape) == "m·p×(n·n + n)"
        assert show_shape(expr("vec(X)", "X: m×n").shape) == "m·n×1"


class TestProducts:
    """Lengths that are products."""

    def test_vec_of_declared(self) -> None:
        """vec(X) has as many entries as X."""
        assert shapes("A*vec(X)", "X: m×n") == "A: p×m·n, X: m×n"

    def test_square_kron(self) -> None:
        """A ⊗ B is square where both factors are."""
        assert shapes("tr(A ⊗ B)") == "A: m×m, B: n×n"

    def test_vec_identity(self) -> None:
        """vec(A·X·B) = (Bᵀ ⊗ A)·vec(X) fits without declarations."""
        assert shapes("vec(A*X*B) - (B' ⊗ A)*vec(X)") == "A: m×n, X: n×p, B: p×k"

    def test_division(self) -> None:
        """One open factor is found by division."""
        assert shapes("a - vec(u*v')", "a: 6*n, u: 3") == "a: 6·n×1, u: 3×1, v: 2·n×1"


class TestChains:
    """Products without brackets: the reading that forces the fewest equations."""

    @pytest.mark.parametrize(
        ("formula", "where", "same"),
        [
            ("A*B.*C", "A: m×n, B: n×p, C: m×p", "(A*B).*C"),
            ("A*B.*C", "A: m×n, B: n×p, C: n×p", "A*(B.*C)"),
            ("A.*B*C", "A: m×p, B: m×n, C: n×p", "A.*(B*C)"),
            ("A.*B*C", "A: m×n, B: m×n, C: n×p", "(A.*B)*C"),
            ("A*B.*C*D", "A: m×n, B: n×p, C: m×q, D: q×p", "(A*B).*(C*D)"),
            ("A*B.*C*D", "A: m×n, B, C: n×p, D: p×q", "A*(B.*C)*D"),
            ("x'*A.*B*y", "A, B: m×n, x: m, y: n", "x'*(A.*B)*y"),
            ("u.*A*x", "A: m×n, u: m, x: n", "u.*(A*x)"),
            ("A*x.*y", "A: m×n, x, y: n", "A*(x.*y)"),
            ("x*y'.*z'", "x: m, y, z: n", "x*(y'.*z')"),
            ("2*A.*B*3", "A, B: n×n", "6*(A.*B)"),
            ("A.*t*B", "A, B: n×n, t: scalar", "t*(A*B)"),
            ("A*B./C", "A: m×n, B: n×p, C: m×p", "(A*B)./C"),
        ],
    )
    def test_reading(self, formula: str, where: str, same: str) -> None:
        """Shapes decide what binds tighter."""
        assert expr(formula, where) == expr(same, where)

    def test_tie(self) -> None:
        """Where several readings fit, the one from left to right is taken, and noted with its brackets."""
        found = read("A*B.*C", "A, B, C: n×n")
        assert found.expr == expr("(A*B).*C", "A, B, C: n×n")
        assert found.notes == ("A*B.*C read as (A*B) .* C; brackets decide it",)

    def test_no_note_where_only_one_fits(self) -> None:
        """The reading from left to right is not noted if it alone fits."""
        assert read("A*B.*C", "A: m×n, B: n×p, C: m×p").notes == ()

    def test_scalars_decide_nothing(self) -> None:
        """A scalar factor is no reason for a note."""
        assert read("t*A.*B", "A, B: n×n, t: scalar").notes == ()

    def test_division_before_juxtaposition(self) -> None:
        """a/2b is (a/2)·b, with a note; with a blank it is what is meant."""
        found = read("a/2b", "a, b: scalar")
        assert found.expr == expr("(a/2)*b", "a, b: scalar")
        assert found.notes == ("a/2b read as (a/2)*b",)
        assert read("1/2 x'*x", "x: n").notes == ()


class TestNorms:
    """A norm means what it means for a vector or a matrix, and conventions are noted."""

    @pytest.mark.parametrize(
        ("formula", "op", "note"),
        [
            ("||x||", "norm", None),
            ("||x||_2", "norm", None),
            ("||x||_1", "norm1", None),
            ("||X||_F", "norm", None),
            ("norm2(X)", "norm", None),
            ("||X||", "norm", "||X|| is the Frobenius norm"),
            ("||X||_1", "norm1", "||X||_1 is the sum of the absolute entries"),
            ("norm1(X)", "norm1", "norm1(X) is the sum of the absolute entries"),
            ("||x||_*", "norm", None),
        ],
    )
    def test_norm(self, formula: str, op: str, note: str | None) -> None:
        """The operator of a norm, and the note."""
        found = read(formula, "x: n, X: m×n")
        assert found.expr.op == op
        assert found.notes == ((note,) if note else ())


def test_softmax_of_a_matrix() -> None:
    """The softmax of a matrix is taken within each row, which is noted; axis=0 is the other way."""
    found = read("softmax(X)", "X: m×n")
    assert found.expr == expr("softmax(X', axis=0)'", "X: m×n")
    assert found.notes == ("softmax(X) is taken within each row; the other way is softmax(X, axis=0)",)
    assert expr("softmax(X, axis=0)", "X: m×n").shape == found.expr.shape
    assert expr("logsumexp(X, axis=1)", "X: m×n").shape == expr("sum(X, columns)", "X: m×n").shape


def test_properties_unite() -> None:
    """A declared property makes a matrix square, also without its sizes."""
    assert shapes("A*X", "A: symmetric, X: k×m") == "A: k×k, X: k×m"
