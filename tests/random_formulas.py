"""Random well-shaped formulas, for tests and for the long run in benchmarks/random_formulas.py."""

from __future__ import annotations

from random import Random

WHERE = (
    "X: m×n, Y: m×n, A: m×m, B: n×n, C: m×m symmetric, P: m×m posdef, Q: n×n posdef, W: n×p, "
    "x: m, y: n, b: m, w: m positive, r: 1×n, s: scalar, t: scalar"
)
LEAVES = {
    ("m", "n"): ["X", "Y"],
    ("m", "m"): ["A", "C", "P", "eye(m)"],
    ("n", "n"): ["B", "Q"],
    ("n", "p"): ["W"],
    ("m", "1"): ["x", "b", "w", "ones(m)"],
    ("n", "1"): ["y"],
    ("1", "n"): ["r"],
    ("1", "1"): ["s", "t", "2", "0.5", "3"],
}
DIMS = ("m", "n", "p")
SMOOTH = ("sin", "cos", "tanh", "exp", "sigmoid", "softplus", "atan")
KINKED = ("abs", "relu")
Shape = tuple[str, str]


class Formulas:
    """Draws formulas of a given shape and depth."""

    def __init__(self, random: Random, kinks: bool = True) -> None:
        self.random, self.kinks = random, kinks

    def draw(self, shape: Shape, depth: int) -> str:
        """A formula in text, fully bracketed."""
        if depth == 0 or self.random.random() < 0.1:
            return self.leaf(shape)
        for _ in range(20):
            made = getattr(self, "_" + self.random.choice(PRODUCTIONS))(shape, depth - 1)
            if made is not None:
                return str(made)
        return self.leaf(shape)

    def leaf(self, shape: Shape) -> str:
        """A name, or the simplest formula of the shape."""
        if shape in LEAVES:
            return self.random.choice(LEAVES[shape])
        if shape[::-1] in LEAVES:
            return self.random.choice(LEAVES[shape[::-1]]) + "'"
        if "1" in shape:
            return f"ones({shape[0]})" if shape[1] == "1" else f"ones({shape[1]})'"
        return f"eye({shape[0]})" if shape[0] == shape[1] else f"(ones({shape[0]})*ones({shape[1]})')"

    def _add(self, s: Shape, d: int) -> str:
        return f"({self.draw(s, d)} {self.random.choice('+-')} {self.draw(s, d)})"

    def _shift(self, s: Shape, d: int) -> str:
        return f"({self.draw(s, d)} + {self.draw(('1', '1'), d)})"

    def _matmul(self, s: Shape, d: int) -> str:
        inner = self.random.choice((*DIMS, "1"))
        return f"({self.draw((s[0], inner), d)} * {self.draw((inner, s[1]), d)})"

    def _scale(self, s: Shape, d: int) -> str:
        return f"({self.draw(('1', '1'), d)} * {self.draw(s, d)})"

    def _hadamard(self, s: Shape, d: int) -> str:
        return f"({self.draw(s, d)} .* {self.draw(s, d)})"

    def _divide(self, s: Shape, d: int) -> str:
        return f"({self.draw(s, d)} ./ (1 + ({self.draw(s, d)}).^2))"

    def _transpose(self, s: Shape, d: int) -> str:
        return f"({self.draw(s[::-1], d)})'"

    def _function(self, s: Shape, d: int) -> str:
        names = SMOOTH + KINKED if self.kinks else SMOOTH
        return f"{self.random.choice(names)}({self.draw(s, d)})"

    def _log(self, s: Shape, d: int) -> str:
        return f"log(1 + ({self.draw(s, d)}).^2)"

    def _power(self, s: Shape, d: int) -> str:
        return f"({self.draw(s, d)}).^{self.random.choice('23')}"

    def _inverse(self, s: Shape, d: int) -> str | None:
        if s[0] != s[1] or s[0] == "1":
            return None
        inner = self.draw((self.random.choice(DIMS), s[0]), d)
        return f"inv(eye({s[0]}) + ({inner})'*({inner}))"

    def _scalar(self, s: Shape, d: int) -> str | None:
        if s != ("1", "1"):
            return None
        word = self.random.choice(
            ("tr", "det", "logdet", "norm", "normsq", "sum", "mean", "norm1", "inner", "quadratic")
        )
        n, k = self.random.choice(DIMS), self.random.choice(DIMS)
        if word in ("det", "logdet"):
            inner = self.draw((k, n), d)
            return f"{word}(eye({n}) + ({inner})'*({inner}))"
        if word == "tr":
            return f"tr({self.draw((n, n), d)})"
        if word == "inner":
            return f"tr(({self.draw((n, k), d)})'*{self.draw((n, k), d)})"
        if word == "quadratic":
            a = self.draw((n, "1"), d)
            return f"(({a})'*{self.draw((n, n), d)}*({a}))"
        if word == "norm1" and not self.kinks:
            return None
        shape = (n, self.random.choice((k, "1")))
        return f"||{self.draw(shape, d)} + 1||^2" if word == "normsq" else f"{word}({self.draw(shape, d)})"

    def _row_or_column(self, s: Shape, d: int) -> str | None:
        k = self.random.choice(DIMS)
        if s[1] == "1" and s[0] != "1":
            word = self.random.choice(("sum", "mean", "logsumexp", "diag", "softmax"))
            if word == "diag":
                return f"diag({self.draw((s[0], s[0]), d)})"
            if word == "softmax":
                return f"softmax({self.draw(s, d)})"
            return f"{word}({self.draw((s[0], k), d)}, columns)"
        if s[0] == "1" and s[1] != "1":
            return f"{self.random.choice(('sum', 'mean'))}({self.draw((k, s[1]), d)}, rows)"
        return None

    def _matrix(self, s: Shape, d: int) -> str | None:
        if "1" in s:
            return None
        word = self.random.choice(("diag", "softmax", "outer", "broadcast_row", "broadcast_column"))
        if word == "diag":
            return f"diag({self.draw((s[0], '1'), d)})" if s[0] == s[1] else None
        if word == "softmax":
            return f"softmax({self.draw(s, d)}, axis={self.random.choice('01')})"
        if word == "outer":
            return f"({self.draw((s[0], '1'), d)} * ({self.draw((s[1], '1'), d)})')"
        if word == "broadcast_row":
            return f"(ones({s[0]})*{self.draw(('1', s[1]), d)})"
        return f"({self.draw((s[0], '1'), d)}*ones({s[1]})')"

    def _decomposition(self, s: Shape, d: int) -> str | None:
        if s[0] != s[1] or s[0] == "1":
            return None
        word = self.random.choice(("expm", "cholesky", "sqrtm", "tril", "adjugate", "square"))
        if word in ("cholesky", "sqrtm"):
            inner = self.draw((self.random.choice(DIMS), s[0]), d)
            return f"{word}(eye({s[0]}) + ({inner})'*({inner}))"
        inner = self.draw(s, d)
        return f"expm(tanh({inner}))" if word == "expm" else f"({inner})^2" if word == "square" else f"{word}({inner})"

    def _spectral(self, s: Shape, d: int) -> str | None:
        if s != ("1", "1"):
            return None
        n, k = self.random.choice(DIMS), self.random.choice(DIMS)
        word = self.random.choice(("lambda_max", "spectral_norm", "nuclear_norm", "cube", "kron", "vec", "entry"))
        if word == "lambda_max":
            inner = self.draw((k, n), d)
            return f"lambda_max(eye({n}) + ({inner})'*({inner}))"
        if word == "cube":
            return f"tr(({self.draw((n, n), d)})^3)"
        if word == "kron":
            return f"tr(kron({self.draw((n, n), d)}, {self.draw((k, k), d)}))"
        inner = self.draw((n, k), d)
        return {"vec": f"normsq(vec({inner}))", "entry": f"({inner})[1,1]"}.get(word, f"{word}({inner})")

    def _choice(self, s: Shape, d: int) -> str | None:
        return f"{self.random.choice(('max', 'min'))}({self.draw(s, d)}, {self.draw(s, d)})" if self.kinks else None


PRODUCTIONS = sorted(n[1:] for n in vars(Formulas) if n.startswith("_") and not n.startswith("__"))
SHAPES: tuple[Shape, ...] = (("m", "n"), ("m", "1"), ("n", "1"), ("1", "n"), ("m", "m"), ("n", "p"))


def scalar_formula(random: Random, depth: int, kinks: bool = True) -> tuple[str, str]:
    """A scalar formula and a variable that occurs in it."""
    while True:
        text = Formulas(random, kinks).draw(("1", "1"), depth)
        names = [v for v in ("X", "x", "W", "A", "y", "t", "r") if _occurs(v, text)]
        if names:
            return text, random.choice(names)


def array_formula(random: Random, depth: int, kinks: bool = True) -> tuple[str, str]:
    """A vector- or matrix-valued formula and a variable that occurs in it."""
    while True:
        text = Formulas(random, kinks).draw(random.choice(SHAPES), depth)
        names = [v for v in ("X", "x", "W", "A", "y", "t", "r") if _occurs(v, text)]
        if names:
            return text, random.choice(names)


def _occurs(name: str, text: str) -> bool:
    import re

    return re.search(rf"(?<![\w]){name}(?![\w(])", text) is not None
