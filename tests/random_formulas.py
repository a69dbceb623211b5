"""Random well-shaped formulas, for tests and for the long runs in benchmarks/.

What is drawn is read from the tables: every operator, every elementwise function and every definition. A new one is
drawn without a word here, wherever its shape rule allows. Arguments are wrapped so that most formulas have a value:
what a domain asks of a number is read from the table, and a square matrix with a domain is made positive definite.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from random import Random

import matcalc
from matcalc.dims import Dim
from matcalc.elaborate.library import find_defined, library_names
from matcalc.elaborate.words import EXTREMES, FIRST_ONLY
from matcalc.errors import MatcalcError
from matcalc.expr import Expr, postorder
from matcalc.functions import Function, find_function, function_names
from matcalc.operators import OPERATORS, Operator, Signature

WHERE = (
    "X: m×n, Y: m×n, A: m×m, B: n×n, C: m×m symmetric, P: m×m posdef, Q: n×n posdef, W: n×p, "
    "U: m×p, D: p×p, x: m, y: n, z: p, b: m, w: m positive, r: 1×n, s: scalar, t: scalar, k: integer"
)
LEAVES = {
    ("m", "n"): ["X", "Y"],
    ("m", "m"): ["A", "C", "P", "eye(m)"],
    ("n", "n"): ["B", "Q"],
    ("n", "p"): ["W"],
    ("m", "p"): ["U"],
    ("p", "p"): ["D", "eye(p)"],
    ("m", "1"): ["x", "b", "w", "ones(m)"],
    ("n", "1"): ["y"],
    ("p", "1"): ["z"],
    ("1", "n"): ["r"],
    ("1", "1"): ["s", "t", "2", "0.5", "3"],
}
DIMS = ("m", "n", "p")
Shape = tuple[str, str]
SCALAR: Shape = ("1", "1")

RANGES = {
    "{}": (-7.3, -1.3, -0.4, 0.4, 1.3, 7.3),
    "0.9*tanh({})": (-0.8, -0.3, 0.3, 0.8),
    "1 + ({}).^2": (1.01, 1.4, 40.0),
    "2 + ({}).^2": (2.01, 2.4, 40.0),
    "sigmoid({})": (0.02, 0.4, 0.95),
}
"""What an argument is wrapped in, and numbers that it may be then: the first that lie in a domain are chosen."""


# --- what the tables hold ---------------------------------------------------------------------------------------------


def wrapped(f: Function) -> str:
    """What brings an argument into the domain of an elementwise function."""
    return next(text for text, numbers in RANGES.items() if all(_holds(f.domain, x) for x in numbers))


def _holds(domain: str, x: float) -> bool:
    for condition in filter(None, domain.split(", ")):
        left, sign, right = condition.split()
        value = abs(x) if left.startswith("abs") else x
        if not (value < float(right) if sign == "<" else value > float(right)):
            return False
    return True


FUNCTIONS = {n: f for n in function_names() if (f := find_function(n)) is not None and f.name == n}


def has_kink(f: Function) -> bool:
    """Whether a derivative jumps somewhere."""
    return bool(f.kink) or "abs" in f.formula


@dataclass(frozen=True, slots=True)
class Use:
    """How something of the tables is written, the shapes of its arguments, and what each of them is wrapped in."""

    text: str
    shapes: tuple[Shape, ...]
    wraps: tuple[str, ...]
    kinked: bool


Uses = dict[Shape, dict[str, list[Use]]]
"""What has values of a shape, by how it is written."""

KINKED = ("abs(A", "abs(X[", "largest entry")
"""What the definition of an operator with a kink holds."""

COUNT = "a whole number"
DEFINITE = "a positive definite matrix"


@lru_cache(maxsize=1)
def operators() -> Uses:
    """The operators of the table. A number that a signature asks for is whole, and no dimension is 1 by chance there."""
    dims = {**{d: Dim(d) for d in DIMS}, "1": 1}
    found: Uses = defaultdict(lambda: defaultdict(list))
    for row in OPERATORS.values():
        if row.kind == "blocks":
            continue  # an argument that is a Kronecker product: _large draws them
        fits: list[tuple[Shape, tuple[Shape, ...]]] = []
        for shapes in product(product(dims, dims), repeat=row.arity):
            if isinstance(row.shape, Signature) and not all(map(_is_fitting, shapes, row.shape.arguments)):
                continue
            if not isinstance(row.shape, Signature) and len(set(shapes)) > 1 and any("1" in s for s in shapes):
                continue  # kron(x, t) and the like: many, and nothing but scaling
            try:
                rows, columns = row.shape(row.name, *((dims[a], dims[b]) for a, b in shapes))
            except MatcalcError:
                continue
            fits.append(((str(rows), str(columns)), shapes))
        axis = (
            ", axis=0"
            if row.name in {*FIRST_ONLY, *EXTREMES} and row.kind in ("row", "same") and row.arity == 1
            else ""
        )
        text = f"{row.name}({', '.join(['{}'] * row.arity)}{axis})"
        wraps = _wraps_of(row, [shapes for _, shapes in fits])
        for value, shapes in fits:
            if set(value) <= set(dims):
                found[value][text].append(Use(text, shapes, wraps, any(word in row.definition for word in KINKED)))
    return found


def _is_fitting(shape: Shape, letters: Shape) -> bool:
    return shape == SCALAR if letters == SCALAR else "1" not in shape


def _wraps_of(row: Operator, fits: list[tuple[Shape, ...]]) -> tuple[str, ...]:
    wraps = []
    for i, shapes in enumerate(zip(*fits, strict=True)):
        if isinstance(row.shape, Signature) and row.shape.arguments[i] == SCALAR:
            wraps.append(COUNT)
        elif row.conditional and i == 0:
            wraps.append("step({})")
        elif row.domain == "X > 0":
            wraps.append("1 + ({}).^2")
        elif (row.domain or row.symmetric) and all(a == b for a, b in shapes):
            wraps.append(DEFINITE)
        else:
            wraps.append("tanh({})" if row.name.startswith("expm") else "{}")
    return tuple(wraps)


@lru_cache(maxsize=1)
def definitions() -> Uses:
    """The definitions, for those shapes of arguments with which they can be read."""
    found: Uses = defaultdict(lambda: defaultdict(list))
    for name in sorted(library_names()):
        known = next(d for count in (1, 2, 3, 4) if (d := find_defined(name, count)) is not None)
        names = "ABDE"[: len(known.params)]
        for axis in ("", ", rows", ", columns") if known.has_axis else ("",):
            read: list[tuple[tuple[Shape, ...], Expr]] = []
            for shapes in product((("m", "n"), ("m", "m"), ("m", "1"), SCALAR), repeat=len(names)):
                where = ", ".join(f"{n}: {a}×{b}" for n, (a, b) in zip(names, shapes, strict=True))
                try:
                    read.append((shapes, matcalc.parse(f"{name}({', '.join(names)}{axis})", where=where)))
                except MatcalcError:
                    continue
            square = [all(a == b != "1" for a, b in s) for s in zip(*(shapes for shapes, _ in read), strict=True)]
            text = f"{name}({', '.join('{}' for _ in names)}{axis})"
            for shapes, e in read:
                inside = [f for n in postorder(e) if n.op == "elementwise" and (f := find_function(n.data[0]))]
                plain = "sigmoid({})" if any(f.domain for f in inside) else "{}"
                kinked = any(map(has_kink, inside)) or any(n.op in ("max", "min", "norm1") for n in postorder(e))
                wraps = tuple(DEFINITE if s else plain for s in square)
                found[str(e.shape[0]), str(e.shape[1])][text].append(Use(text, shapes, wraps, kinked))
    return found


# --- formulas ---------------------------------------------------------------------------------------------------------


class Formulas:
    """Draws formulas of a given shape and depth; without kinks if they are not wanted."""

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

    def definite(self, n: str, depth: int) -> str:
        """A symmetric matrix whose eigenvalues are 1 or larger."""
        inner = self.draw((self.random.choice(DIMS), n), depth)
        return f"(eye({n}) + ({inner})'*({inner}))"

    # --- by the tables ------------------------------------------------------------------------------------------------

    def _operator(self, s: Shape, d: int) -> str | None:
        return self._used(operators().get(s, {}), d)

    def _matrix(self, s: Shape, d: int) -> str | None:
        return None if "1" in s else self._operator(s, d)

    def _definition(self, s: Shape, d: int) -> str | None:
        return self._used(definitions().get(s, {}), d)

    def _used(self, uses: dict[str, list[Use]], d: int) -> str | None:
        if not uses:
            return None
        use = self.random.choice(uses[self.random.choice(list(uses))])
        if use.kinked and not self.kinks:
            return None
        return use.text.format(*(self._argument(s, w, d) for s, w in zip(use.shapes, use.wraps, strict=True)))

    def _argument(self, s: Shape, wrap: str, d: int) -> str:
        if wrap == COUNT:
            return self.random.choice("12")
        return self.definite(s[0], d) if wrap == DEFINITE else wrap.format(self.draw(s, d))

    def _function(self, s: Shape, d: int) -> str | None:
        f = FUNCTIONS[self.random.choice(list(FUNCTIONS))]
        return None if has_kink(f) and not self.kinks else f"{f.name}({wrapped(f).format(self.draw(s, d))})"

    def _tame(self, s: Shape, d: int) -> str:
        return f"{self.random.choice(('sin', 'tanh', 'exp', 'sigmoid', 'g'))}({self.draw(s, d)})"

    # --- sums and products --------------------------------------------------------------------------------------------

    def _add(self, s: Shape, d: int) -> str:
        return f"({self.draw(s, d)} {self.random.choice('+-')} {self.draw(s, d)})"

    def _shift(self, s: Shape, d: int) -> str:
        return f"({self.draw(s, d)} + {self.draw(SCALAR, d)})"

    def _matmul(self, s: Shape, d: int) -> str:
        inner = self.random.choice((*DIMS, "1"))
        return f"({self.draw((s[0], inner), d)} * {self.draw((inner, s[1]), d)})"

    def _scale(self, s: Shape, d: int) -> str:
        return f"({self.draw(SCALAR, d)} * {self.draw(s, d)})"

    def _hadamard(self, s: Shape, d: int) -> str:
        return f"({self.draw(s, d)} .* {self.draw(s, d)})"

    def _divide(self, s: Shape, d: int) -> str:
        return f"({self.draw(s, d)} ./ (1 + ({self.draw(s, d)}).^2))"

    def _transpose(self, s: Shape, d: int) -> str:
        return f"({self.draw(s[::-1], d)})'"

    def _entry_power(self, s: Shape, d: int) -> str:
        e = self.random.choice(("2", "3", "(-1)", "0.5", "(-2)", "t", "other"))
        if e in "23":
            return f"({self.draw(s, d)}).^{e}"
        return f"(1 + ({self.draw(s, d)}).^2).^{f'(tanh({self.draw(s, d)}))' if e == 'other' else e}"

    def _power(self, s: Shape, d: int) -> str | None:
        if s[0] != s[1] or s[0] == "1":
            return None
        e = self.random.choice(("2", "3", "k", "-1", "-2", "-T"))
        if e == "-T":
            return f"(tanh({self.draw(s, d)}) + 3*eye({s[0]}))^-T"
        return f"{self.definite(s[0], d)}^{e}" if "-" in e else f"({self.draw(s, d)})^{e}"

    def _solve(self, s: Shape, d: int) -> str | None:
        return None if s[0] == "1" else f"({self.definite(s[0], d)} \\ {self.draw(s, d)})"

    # --- reshaping ----------------------------------------------------------------------------------------------------

    def _reduction(self, s: Shape, d: int) -> str | None:
        other = self.random.choice(DIMS)
        word = self.random.choice(("sum", "mean", "logsumexp", "norm"))
        if s == SCALAR:
            if word == "norm":
                n = self.random.choice(DIMS)
                return f"inner({self.draw((n, other), d)}, {self.draw((n, other), d)})"
            return f"{word}({self.draw((self.random.choice(DIMS), self.random.choice((other, '1'))), d)})"
        if "1" not in s:
            return f"outer({self.draw((s[0], '1'), d)}, {self.draw((s[1], '1'), d)})"
        inner = self.draw((s[0], other) if s[1] == "1" else (other, s[1]), d)
        return f"{word}({inner}{' + 1' * (word == 'norm')}, axis={int(s[1] == '1')})"

    def _spread(self, s: Shape, d: int) -> str | None:
        if "1" in s:
            return None
        row, column = f"(ones({s[0]})*{self.draw(('1', s[1]), d)})", f"({self.draw((s[0], '1'), d)}*ones({s[1]})')"
        return self.random.choice((row, column))

    def _large(self, s: Shape, d: int) -> str | None:
        """Numbers from matrices with dimensions that are sums or products of others, or numbers."""
        if s != SCALAR:
            return None
        (m, n), (p, q) = ((self.random.choice(DIMS), self.random.choice(DIMS)) for _ in range(2))
        a, b = self.draw((m, n), d), self.draw((p, q), d)
        return self.random.choice(
            (
                f"tr(kron({self.draw((m, m), d)}, {self.draw((n, n), d)}))",
                f"normsq(vec({a}) + 1)",
                f"sum(unvec(vec({a}) .* vec({self.draw((m, n), d)}), {a}))",
                f"sum(unkron_left(kron({a}, {b}), {self.draw((p, q), d)}))",
                f"sum(unkron_right(kron({a}, {b}), {self.draw((m, n), d)}))",
                f"normsq([{a}, {self.draw((m, q), d)}; {self.draw((p, n), d)}, {b}])",
                f"det([{self.definite(m, d)}, {a}; {self.draw((n, m), d)}, 3*eye({n})])",
                f"({a})[1,1]",
                f"sum(({a})[1:2,:])",
                f"norm(({a})[:,2] + 2)",
                f"(vec({a})'*commutation({n}, {m})*vec(({self.draw((m, n), d)})'))",
            )
        )


PRODUCTIONS = sorted(n[1:] for n in vars(Formulas) if re.match("_[a-z]", n) and n not in ("_used", "_argument"))
SHAPES: tuple[Shape, ...] = (("m", "n"), ("m", "1"), ("n", "1"), ("1", "n"), ("m", "m"), ("n", "p"))


def scalar_formula(random: Random, depth: int, kinks: bool = True) -> tuple[str, str]:
    """A scalar formula and a variable that occurs in it."""
    return _with_variable(random, [SCALAR], depth, kinks)


def array_formula(random: Random, depth: int, kinks: bool = True) -> tuple[str, str]:
    """A vector- or matrix-valued formula and a variable that occurs in it."""
    return _with_variable(random, SHAPES, depth, kinks)


def _with_variable(random: Random, shapes: list[Shape] | tuple[Shape, ...], depth: int, kinks: bool) -> tuple[str, str]:
    while True:
        text = Formulas(random, kinks).draw(random.choice(shapes), depth)
        names = [v for v in ("X", "x", "W", "A", "y", "t", "r") if re.search(rf"(?<!\w){v}(?![\w(])", text)]
        if names:
            return text, random.choice(names)
