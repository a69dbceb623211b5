"""NumPy code for an expression: shared work once, products in the cheapest order, no inverse where a solve does.

In the code vectors and rows are 1-D arrays, whose orientation is known here; scalars are numbers.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Sequence
from typing import NamedTuple

from matcalc import algebra
from matcalc.codegen.support import sources
from matcalc.dims import DimLike, Shape, dim_names
from matcalc.entrywise import formula_of, lift
from matcalc.errors import UnsupportedError
from matcalc.expr import Expr, make, postorder
from matcalc.functions import find_function
from matcalc.operators import OPERATORS
from matcalc.printing.layout import broadcast_of, is_reciprocal, reciprocal

__all__ = ["ATOM", "POWER", "Argument", "Code", "Generator", "identifier", "numpy_source"]

LONG = 60
"""A piece of code longer than this gets a line of its own."""

RESERVED = {"np", "math"}

SUM, TERM, POWER, ATOM = 1, 2, 3, 4


class Argument(NamedTuple):
    """A parameter of the generated function: its name in formulas, and its shape (None for a function)."""

    name: str
    shape: Shape | None


class Code(NamedTuple):
    """A piece of Python and its precedence."""

    text: str
    level: int = ATOM

    def at(self, level: int) -> str:
        """The text, in brackets if it binds less than a level."""
        return self.text if self.level >= level else f"({self.text})"


def identifier(name: str) -> str:
    """A name as a Python identifier."""
    word = re.sub(r"\W", "_", name)
    return word + "_" if keyword.iskeyword(word) or word in RESERVED else word


def function_parameter(name: str, order: int) -> str:
    """The parameter for a generic function or its derivative: g, dg, d2g."""
    prefix = "" if order == 0 else "d" if order == 1 else f"d{order}"
    return prefix + identifier(name)


def numpy_source(
    e: Expr, arguments: Sequence[Argument], name: str = "gradient", blocks: tuple[Shape, Shape] | None = None
) -> str:
    """The source of a function that computes an expression.

    Args:
        e: the expression.
        arguments: the parameters in order; every symbol of the expression must be among them.
        name: of the function.
        blocks: for a derivative ∂vec F/∂vec X the shapes of F and X; the function returns an array of shape
            F.shape + X.shape then.

    Raises: UnsupportedError for an operator that NumPy does not have.
    """
    generator = Generator([e], arguments)
    generator.emit_shared([e])
    return generator.function(name, generator.finish(e, blocks))


class Generator:
    """Code for the nodes of some expressions, with lines for what is used again."""

    def __init__(self, roots: Sequence[Expr], arguments: Sequence[Argument]) -> None:
        self.arguments = arguments
        self.lines: list[str] = []
        self.code: dict[Expr, Code] = {}
        self.uses: dict[Expr, int] = {}
        self.functions: dict[str, None] = {}  # parameters beside the arrays: generic functions, sizes of no array
        self.sizes: dict[str, str] = {}
        self.taken = {identifier(a.name) for a in arguments} | RESERVED
        self.imports = ["import numpy as np"]
        self.temporaries = 0
        self.occurring: set[str] = set()
        self.roots = roots
        for node in postorder(*roots):
            if node.op == "symbol":
                self.occurring.add(node.name)
            for a in node.args:
                self.uses[a] = self.uses.get(a, 0) + 1

    def emit_shared(self, whole: Sequence[Expr]) -> None:
        """Code for every node, but for factors that are treated in their product."""
        for node in postorder(*self.roots):
            if node in whole or not self.is_in_chains_only(node):
                self.code[node] = self.shared(node, self.emit(node))

    def function(self, name: str, result: str) -> str:
        """The source of the function with the lines so far."""
        parameters = [identifier(a.name) for a in self.arguments if a.shape is not None] + list(self.functions)
        rows = [
            f"    {identifier(a.name)} = np.ravel({identifier(a.name)})"
            for a in self.arguments
            if a.shape and a.shape[0] == 1 and a.shape[1] != 1 and a.name in self.occurring
        ]
        used = set(re.findall(r"\w+", " ".join([*self.lines, result])))
        sizes = [f"    {word} = {value}" for word, value in self.sizes.items() if word in used]
        helpers = sources(used)
        body = [*rows, *sizes, *(f"    {line}" for line in self.lines), f"    return {result}"]
        return "\n".join(
            [*self.imports, "", "", *helpers, f"def {name}({', '.join(dict.fromkeys(parameters))}):", *body, ""]
        )

    def is_in_chains_only(self, node: Expr) -> bool:
        """Whether a factor is treated in its product, and has no code of its own unless it is asked for."""
        inner = node.args[0] if node.op == "transpose" else node
        return inner.op in ("inv", "diag", "ones", "eye", "unit") or broadcast_of(node) is not None

    def shared(self, node: Expr, code: Code) -> Code:
        """A name for what is used again or is long."""
        trivial = code.level == ATOM and code.text.replace("_", "").isalnum()
        if trivial or not node.args or (self.uses.get(node, 0) < 2 and len(code.text) <= LONG):
            return code
        return self.named(code)

    def named(self, code: Code) -> Code:
        """A line of its own for a piece of code."""
        self.temporaries += 1
        word = self.free_name(f"t{self.temporaries}")
        self.lines.append(f"{word} = {code.text}")
        return Code(word)

    def free_name(self, word: str) -> str:
        """A name for a variable of the function, with underscores behind it where it is taken."""
        while word in self.taken or word in self.sizes:
            word += "_"
        self.taken.add(word)
        return word

    def finish(self, root: Expr, blocks: tuple[Shape, Shape] | None) -> str:
        """The result in the shape that the caller gets."""
        code, shape = self.expression(root), root.shape
        if blocks is None:
            return f"{code.at(ATOM)}[None, :]" if shape[0] == 1 and shape[1] != 1 else code.text
        axes = [self.size(d) for s in blocks for d in s]
        kept = [a for s in blocks for a in self.kept_axes(s)]
        array = f"np.reshape({code.text}, ({', '.join(axes)}), order='F')"
        return array if len(kept) == 4 else f"{array}.reshape(({', '.join(kept)}{',' * (len(kept) == 1)}))"

    def kept_axes(self, shape: Shape) -> list[str]:
        """The axes of an array in code: none of a scalar, one of a vector, two of a row or matrix."""
        if shape == (1, 1):
            return []
        return [self.size(shape[0])] if shape[1] == 1 else [self.size(d) for d in shape]

    def size(self, d: DimLike) -> str:
        """A dimension as code, read off the shape of an argument."""
        if isinstance(d, int):
            return str(d)
        for n in dim_names(d):
            self.find_size(n)
        words = [
            " * ".join([*([str(c)] if c != 1 or not m else []), *(self.find_size(n) for n in m)]) for m, c in d.terms
        ]
        return " + ".join(words)

    def find_size(self, name: str) -> str:
        word = identifier(name)
        while word in self.taken and word not in self.sizes:
            word += "_"
        if word in self.sizes:
            return word
        for a in self.arguments:
            for axis, d in enumerate(a.shape or ()):
                if not isinstance(d, int) and d.name == name:
                    single = a.shape is not None and 1 in a.shape
                    self.sizes[word] = (
                        f"len({identifier(a.name)})"
                        if single and axis == 0
                        else f"np.size({identifier(a.name)})"
                        if single
                        else f"{identifier(a.name)}.shape[{axis}]"
                    )
                    return word
        if any(a.name == name for a in self.arguments):
            raise UnsupportedError(
                f"the size {name} is not that of any argument", hint="declare an array that has it, or rename it"
            )
        self.functions[word] = None  # a parameter of its own
        return word

    def expression(self, e: Expr) -> Code:
        """The code of a node that may have been made on the way."""
        for node in postorder(e):
            if node not in self.code:
                self.code[node] = self.emit(node)
        return self.code[e]

    # --- nodes --------------------------------------------------------------------------------------------------------

    def emit(self, node: Expr) -> Code:
        method = getattr(self, "_" + node.op, None)
        found: Code = method(node) if method is not None else self.operator(node)
        return found

    def _number(self, node: Expr) -> Code:
        x = node.data
        if x.denominator == 1:
            return Code(str(x), ATOM if x >= 0 else TERM)
        return Code(repr(float(x)), ATOM if x >= 0 else TERM)

    def _symbol(self, node: Expr) -> Code:
        return Code(identifier(node.name))

    def _dimension(self, node: Expr) -> Code:
        return Code(self.size(node.data))

    def _pi(self, node: Expr) -> Code:
        return Code("np.pi")

    def _ones(self, node: Expr) -> Code:
        return Code(f"np.ones({self.size(node.shape[0])})")

    def _eye(self, node: Expr) -> Code:
        return Code(f"np.eye({self.size(node.shape[0])})")

    def _unit(self, node: Expr) -> Code:
        return Code(f"np.eye({self.size(node.shape[0])})[{node.data - 1}]")

    def _units(self, node: Expr) -> Code:
        matrix = f"np.eye({self.size(node.shape[0])})"
        return Code(f"{matrix}[:, {self.slice(node)}]" if node.shape[1] != 1 else f"{matrix}[{self.slice(node)}]")

    def slice(self, node: Expr) -> str:
        """A range of unit vectors as a range of indices, a single one as an index."""
        start = self.size(node.data[0] - 1)
        return start if node.shape[1] == 1 else f"{start}:{self.size(node.data[1])}"

    def _zero(self, node: Expr) -> Code:
        axes = [self.size(d) for d in node.shape if d != 1]
        return Code(f"np.zeros(({', '.join(axes)}{',' * (len(axes) == 1)}))")

    def _commutation(self, node: Expr) -> Code:
        m, n = (self.size(d) for d in node.data)
        return Code(f"np.eye(({m}) * ({n}))[np.arange(({m}) * ({n})).reshape(({m}, {n}), order='F').ravel()]")

    def _add(self, node: Expr) -> Code:
        words: list[str] = []
        full = any(broadcast_of(t) is None for t in node.args)
        for i, t in enumerate(node.args):
            c, _ = algebra.split_number(t)
            shown = algebra.neg(t) if c < 0 else t
            code = self.spread(shown) if full else self.expression(shown)
            sign = "-" if c < 0 else "+"
            words.append(
                (sign if i else sign.replace("+", "")) + (" " if i else "") + code.at(TERM if c >= 0 else POWER)
            )
        return Code(" ".join(words), SUM)

    def spread(self, t: Expr) -> Code:
        """A term that NumPy broadcasts by itself."""
        small = broadcast_of(t)
        if small is None:
            return self.expression(t)
        code = self.expression(small)
        if small.is_scalar or small.shape[0] == 1:
            return code
        return Code(f"{code.at(ATOM)}[:, None]") if t.shape[1] != 1 else code

    def _mul(self, node: Expr) -> Code:
        upper = [f for f in node.args if not is_reciprocal(f) or not f.is_scalar]
        lower = [reciprocal(f) for f in node.args if is_reciprocal(f) and f.is_scalar]
        negative = len(upper) > 1 and upper[0].value == -1
        words = [self.expression(f).at(POWER if i else TERM) for i, f in enumerate(upper[negative:])] or ["1"]
        text = "-" * negative + " * ".join(words)
        for f in lower:
            text += " / " + self.expression(f).at(POWER)
        return Code(text, TERM)

    def _hadamard(self, node: Expr) -> Code:
        upper = [
            self.expression(f).at(TERM if not i else POWER)
            for i, f in enumerate(f for f in node.args if not is_reciprocal(f))
        ] or ["1"]
        text = " * ".join(upper)
        for f in node.args:
            if is_reciprocal(f):
                text += " / " + self.expression(reciprocal(f)).at(POWER)
        return Code(text, TERM)

    def _power(self, node: Expr) -> Code:
        base, exponent = node.args
        n = exponent.value
        if n is not None and n < 0:
            return Code("1 / " + self.expression(reciprocal(node)).at(POWER), TERM)
        if n is not None and n.denominator == 2 and n.numerator == 1:
            return Code(f"np.sqrt({self.expression(base).text})")
        return Code(f"{self.expression(base).at(ATOM)} ** {self.expression(exponent).at(ATOM)}", POWER)

    def _matpower(self, node: Expr) -> Code:
        return Code(
            f"np.linalg.matrix_power({self.expression(node.args[0]).text}, int({self.expression(node.args[1]).text}))"
        )

    def _transpose(self, node: Expr) -> Code:
        inner = self.expression(node.args[0])
        return inner if 1 in node.shape else Code(f"{inner.at(ATOM)}.T")

    def _elementwise(self, node: Expr) -> Code:
        name, order = node.data
        x = self.expression(node.args[0])
        known = find_function(name)
        if known is None:
            word = function_parameter(name, order)
            self.functions[word] = None
            return Code(f"{word}({x.text})")
        if known.numpy:
            if "math." in known.numpy and "import math" not in self.imports:
                self.imports.insert(0, "import math\n")
            return (
                Code(known.numpy.replace("{x}", x.at(ATOM)))
                if "{x}" in known.numpy
                else Code(f"{known.numpy}({x.text})")
            )
        variable, formula = formula_of(known)
        lifted = lift(formula, {variable.name: node.args[0]}, node.shape)
        code = self.expression(lifted)
        if known.at:
            point, value = known.at.split(":")
            return Code(f"np.where({x.text} == {point.strip()}, {value.strip()}, {code.text})")
        return code

    def _abstract(self, node: Expr) -> Code:
        name, index = node.data
        word = function_parameter(name, 0 if index is None else 1) + (
            str(index + 1) if index is not None and len(node.args) > 1 else ""
        )
        self.functions[word] = None
        return Code(f"{word}({', '.join(self.expression(a).text for a in node.args)})")

    def _tr(self, node: Expr) -> Code:
        inner = node.args[0]
        if inner.op != "dot":
            return Code(f"np.trace({self.expression(inner).text})")
        first = self.product(inner.args[:-1])
        last = self.expression(algebra.transpose(inner.args[-1]))
        return Code(f"np.sum({first.at(POWER)} * {last.at(POWER)})")

    def _kron(self, node: Expr) -> Code:
        sides = [self.two_dimensional(a) for a in node.args]
        text = f"np.kron({', '.join(sides)})"
        return Code(text if 1 not in node.shape else f"{text}.ravel()")

    def two_dimensional(self, e: Expr) -> str:
        """An array with two axes, also for a vector or a row."""
        code = self.expression(e)
        if 1 not in e.shape:
            return code.text
        return f"{code.at(ATOM)}[:, None]" if e.shape[1] == 1 else f"{code.at(ATOM)}[None, :]"

    def operator(self, node: Expr) -> Code:
        row = OPERATORS.get(node.op)
        if row is None or not row.numpy:
            raise UnsupportedError(f"{node.op} has no code in NumPy")
        if node.op == "vec" and 1 in node.args[0].shape:
            return self.expression(node.args[0])
        words = [self.expression(a) for a in node.args]
        flat = [a for a in node.args if row.takes_two_axes(a.shape)]
        for i, (a, code) in enumerate(zip(node.args, words, strict=True)):
            if a in flat:
                words[i] = code = Code(self.two_dimensional(a))
            if row.numpy.count(f"{{{i}}}") > 1 and not code.text.isidentifier():
                words[i] = self.named(code)
        text = row.numpy.format(*(code.text for code in words))
        return Code(f"np.ravel({text})" if flat and 1 in node.shape and not node.is_scalar else text)

    # --- products -----------------------------------------------------------------------------------------------------

    def _dot(self, node: Expr) -> Code:
        return self.product(node.args)

    def product(self, factors: Sequence[Expr]) -> Code:
        """A product in the cheapest order, vectors counting as dimension 1, all else alike."""
        n = len(factors)
        sizes = [1 if d == 1 else 100 for d in (factors[0].shape[0], *(f.shape[1] for f in factors))]
        if n > 12:
            return self.fold(factors)
        best: dict[tuple[int, int], tuple[int, int]] = {(i, i): (0, i) for i in range(n)}
        for length in range(2, n + 1):
            for i in range(n - length + 1):
                j = i + length - 1
                best[i, j] = min(
                    (best[i, k][0] + best[k + 1, j][0] + sizes[i] * sizes[k + 1] * sizes[j + 1], k) for k in range(i, j)
                )
        order: list[tuple[int, int, int]] = []
        todo = [(0, n - 1)]
        while todo:
            i, j = todo.pop()
            if i < j:
                order.append((i, best[i, j][1], j))
                todo += [(i, best[i, j][1]), (best[i, j][1] + 1, j)]
        made: dict[tuple[int, int], tuple[Expr, Code | None]] = {(i, i): (f, None) for i, f in enumerate(factors)}
        for i, k, j in reversed(order):
            made[i, j] = self.pair(made[i, k], made[k + 1, j])
        e, code = made[0, n - 1]
        return code or self.expression(e)

    def fold(self, factors: Sequence[Expr]) -> Code:
        """A long product from the side that is a vector."""
        items: list[tuple[Expr, Code | None]] = [(f, None) for f in factors]
        if factors[-1].shape[1] == 1:
            total = items.pop()
            while items:
                total = self.pair(items.pop(), total)
        else:
            total = items[0]
            for item in items[1:]:
                total = self.pair(total, item)
        return total[1] or self.expression(total[0])

    def pair(self, a: tuple[Expr, Code | None], b: tuple[Expr, Code | None]) -> tuple[Expr, Code]:
        """The code of a product of two, either of which may be a product already in code."""
        (x, left), (y, right) = a, b
        shape = (x.shape[0], y.shape[1])
        whole = make("dot", (x, y), None, shape)
        return whole, self.special(x, y, left, right) or self.plain(
            x, y, left or self.expression(x), right or self.expression(y)
        )

    def plain(self, x: Expr, y: Expr, left: Code, right: Code) -> Code:
        if x.shape[1] == 1:
            return Code(f"np.outer({left.text}, {right.text})")
        return Code(f"{left.at(TERM)} @ {right.at(POWER)}", TERM)

    def special(self, x: Expr, y: Expr, left: Code | None, right: Code | None) -> Code | None:
        """Sums for ones, scaling for diagonal matrices, solves for inverses."""
        a = (lambda: left or self.expression(x)), (lambda: right or self.expression(y))
        if is_row_of_ones(x) and y.shape[0] != 1:
            return Code(f"{a[1]().at(ATOM)}.sum()" if y.shape[1] == 1 else f"{a[1]().at(ATOM)}.sum(axis=0)")
        if x.op == "transpose" and x.args[0].op == "unit" and y.shape[0] != 1:
            return Code(f"{a[1]().at(ATOM)}[{x.args[0].data - 1}]")
        if y.op == "unit" and x.shape[1] != 1:
            return Code(f"{a[0]().at(ATOM)}[{'' if x.shape[0] == 1 else ':, '}{y.data - 1}]")
        if x.op == "transpose" and x.args[0].op == "units":
            return Code(f"{a[1]().at(ATOM)}[{self.slice(x.args[0])}]")
        if y.op == "units":
            return Code(f"{a[0]().at(ATOM)}[{'' if x.shape[0] == 1 else ':, '}{self.slice(y)}]")
        if y.op == "ones" and x.shape[1] != 1:
            return Code(f"{a[0]().at(ATOM)}.sum()" if x.shape[0] == 1 else f"{a[0]().at(ATOM)}.sum(axis=1)")
        if x.op == "diag" and left is None:
            v = self.expression(x.args[0])
            return Code(
                f"{v.at(ATOM)}[:, None] * {a[1]().at(POWER)}"
                if y.shape[1] != 1
                else f"{v.at(TERM)} * {a[1]().at(POWER)}",
                TERM,
            )
        if y.op == "diag" and right is None:
            return Code(f"{a[0]().at(TERM)} * {self.expression(y.args[0]).at(POWER)}", TERM)
        if left is None and (solved := self.solved(x)) is not None and self.uses.get(x, 0) < 2:
            return Code(f"np.linalg.solve({solved}, {a[1]().text})")
        if right is None and (solved := self.solved(algebra.transpose(y))) is not None and self.uses.get(y, 0) < 2:
            return Code(f"np.linalg.solve({solved}, {a[0]().at(ATOM)}{'.T).T' if x.shape[0] != 1 else ')'}")
        return None

    def solved(self, x: Expr) -> str | None:
        """A, if x is its inverse; Aᵀ, if x is the transposed inverse."""
        if x.op == "inv":
            return self.expression(x.args[0]).text
        if x.op == "transpose" and x.args[0].op == "inv":
            return self.expression(algebra.transpose(x.args[0].args[0])).text
        return None


def is_row_of_ones(x: Expr) -> bool:
    """Whether a factor is 1ᵀ."""
    return x.op == "transpose" and x.args[0].op == "ones"
