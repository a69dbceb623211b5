"""From canonical expressions to readable formulas: what all printers have in common.

A node is laid out as a row of pieces: texts, and arguments with the precedence they need. The rows are written with a
stack, so depth does not matter. Text and LaTeX are vocabularies over this layout.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TypeAlias

from matcalc import algebra
from matcalc.dims import show_dim
from matcalc.expr import Expr, make
from matcalc.operators import COLUMNWISE
from matcalc.printing.slices import Part, blocks, parts

__all__ = ["ADD", "ATOM", "HADAMARD", "POWER", "PREFIX", "PRODUCT", "Layout", "Piece"]

ADD, HADAMARD, PRODUCT, PREFIX, POWER, ATOM = 1, 2, 3, 4, 5, 6
"""Precedences: sums; entrywise products; products; an operand of a product; a base; what never needs a bracket."""

Piece: TypeAlias = "str | tuple[Expr, int]"


class Layout:
    """Writes expressions; subclasses choose the words."""

    times = "·"
    minus = "−"
    hadamard_times = " ⊙ "
    hadamard_over = " ⊘ "
    left, right = "(", ")"
    signs = (" > ", " < ", " ≤ ", " ≥ ")

    def write(self, e: Expr, level: int = ADD) -> str:
        """The expression as a string, in brackets if it binds less than the level."""
        out: list[str] = []
        stack: list[Piece] = [(e, level)]
        while stack:
            piece = stack.pop()
            if isinstance(piece, str):
                out.append(piece)
                continue
            node, needed = piece
            row = self.row(node)
            if self.level(node) < needed:
                row = [self.left, *row, self.right]
            stack.extend(reversed(row))
        return "".join(out)

    # --- what binds how much ------------------------------------------------------------------------------------------

    def level(self, e: Expr) -> int:
        """The precedence of a node as it is written."""
        op = e.op
        if op == "add":
            return ADD if blocks(e) is None else ATOM
        if op == "number":
            return ATOM if e.data >= 0 and e.data.denominator == 1 else PRODUCT if e.data >= 0 else ADD
        if op == "mul":
            return ADD if e.args[0].op == "number" and e.args[0].data < 0 else PRODUCT
        if op == "dot":
            return self.dot_level(e)
        if op == "hadamard":
            return HADAMARD
        if op == "power":
            return self.power_level(e)
        if is_rowwise(e):
            return ATOM
        shown = power_of_rows(e)
        if shown is not None:
            return self.level(shown)
        if op in ("transpose", "inv", "matpower", "normsq"):
            return POWER  # (‖x‖²)²
        if op == "unknown" or (op == "abstract" and e.data[1] is not None):
            return POWER  # (∂f/∂X)ᵀ
        return HADAMARD if op == "kron" else ATOM

    def dot_level(self, e: Expr) -> int:
        """A product; a sum of entries looks like a function, an entry or slice like a name."""
        inside = self.sum_inside(e)
        if inside is not None:
            return POWER if is_turned_sum(*inside) else ATOM
        first, *others = parts(e.args)
        if first.is_taken and not others:
            return POWER if first.turned else ATOM
        return ATOM if algebra.is_ones(e) else POWER if self.run(e) > 1 else PRODUCT

    def power_level(self, e: Expr) -> int:
        """A power, a root, or a quotient 1/x."""
        n = e.args[1].value
        if n == Fraction(1, 2):
            return ATOM
        if n is not None and n < 0:
            return PRODUCT if e.is_scalar else HADAMARD
        return POWER

    # --- rows of pieces -----------------------------------------------------------------------------------------------

    def row(self, e: Expr) -> list[Piece]:
        """The pieces of a node."""
        method = getattr(self, "row_" + e.op, None)
        if method is not None:
            row: list[Piece] = method(e)
            return row
        return self.row_operator(e)

    def row_add(self, e: Expr) -> list[Piece]:
        """Blocks, or a sum, where broadcasts are bare if another term has the full shape and none is a diagonal."""
        found = blocks(e)
        if found is not None:
            return self.block_row(found)
        terms = e.args
        if len(terms) == 2 and terms[0].op == "transpose" and terms[0].args[0] == terms[1]:
            terms = terms[::-1]  # X + Xᵀ
        # I − 1/n misleads
        bare = any(broadcast_of(t) is None for t in terms) and not any(map(is_diagonal, terms))
        row: list[Piece] = []
        for i, t in enumerate(terms):
            negative = is_negative(t)
            shown = algebra.neg(t) if negative else t
            if bare:
                shown = broadcast_of(shown) or shown
            row.append((self.minus if negative else "") if i == 0 else f" {self.minus if negative else '+'} ")
            row.append((shown, HADAMARD))
        return row

    def row_mul(self, e: Expr) -> list[Piece]:
        """A number, scalars, the core, then what divides."""
        number = e.args[0].data if e.args[0].op == "number" else Fraction(1)
        factors = e.args[1:] if e.args[0].op == "number" else e.args
        over = [f for f in factors if is_reciprocal(f) and f.is_scalar]
        upper = sorted((f for f in factors if not (is_reciprocal(f) and f.is_scalar)), key=is_long)
        top, bottom = abs(number.numerator), number.denominator
        below = [reciprocal(f) for f in over]
        if over and bottom != 1:
            below.insert(0, algebra.number(bottom))
            bottom = 1
        return self.quotient(number < 0, Fraction(top, bottom), upper, below)

    def quotient(self, negative: bool, number: Fraction, upper: Sequence[Expr], below: Sequence[Expr]) -> list[Piece]:
        """±number·upper/below"""
        row: list[Piece] = [self.minus] if negative else []
        if number != 1 or not upper:
            row += self.number_text(number)
            if upper:
                row.append(self.after_number(number, upper[0]))
        for i, f in enumerate(upper):
            row += [self.between(f)] * (i > 0) + [(f, PREFIX if f.op != "dot" or i < len(upper) - 1 else PRODUCT)]
        if below:
            row.append("/")
            if len(below) == 1:
                row.append((below[0], POWER))
            else:
                row.append(self.left)
                for i, f in enumerate(below):
                    row += [self.between(f)] * (i > 0) + [(f, PREFIX)]
                row.append(self.right)
        return row

    def between(self, factor: Expr) -> str:
        """The sign of a product before a factor."""
        return self.times

    def after_number(self, number: Fraction, factor: Expr) -> str:
        """What stands between a number and the factor after it: nothing before a name or bracket."""
        if number.denominator != 1:
            return self.times
        start = factor
        while start.op in ("dot", "power", "transpose", "inv", "matpower") and not (
            start.op == "dot" and self.dot_level(start) == ATOM
        ):
            if start.op == "power" and self.power_level(start) == ATOM:
                break
            start = start.args[0]
        return (
            ""
            if (start.op in ("symbol", "add", "hadamard", "kron", "dot", "mul") and self.level(start) != ATOM)
            or start.op == "symbol"
            else self.times
        )

    def number_text(self, x: Fraction) -> list[Piece]:
        """A rational number that is not negative."""
        return [str(x)]

    def row_number(self, e: Expr) -> list[Piece]:
        """A number with its sign."""
        return [self.minus] * (e.data < 0) + self.number_text(abs(e.data))

    def row_dot(self, e: Expr) -> list[Piece]:
        """A product; sums of entries, slices, runs of equal factors and all-ones arrays have words of their own."""
        if algebra.is_ones(e):
            return self.ones_matrix(e)
        inside = self.sum_inside(e)
        if inside is not None:
            return self.sum_row(*inside)
        row: list[Piece] = []
        found = parts(e.args)
        if len(found) < len(e.args):
            for i, part in enumerate(found):
                row += [self.times] * (i > 0)
                row += self.part_row(part) if part.is_taken else [(part.factor, PREFIX)]
            return row
        i = 0
        while i < len(e.args):
            count = 1
            while i + count < len(e.args) and e.args[i + count] == e.args[i]:
                count += 1
            if i:
                row.append(self.times)
            if count > 1:
                row += self.equal_factors(e.args[i], count)
            else:
                row.append((e.args[i], PREFIX))
            i += count
        return row

    def equal_factors(self, factor: Expr, count: int) -> list[Piece]:
        """Xᵏ, X⁻ᵏ, (Xᵏ)ᵀ"""
        if factor.op == "transpose":
            inner = make("dot", (factor.args[0],) * count, None, factor.shape)
            return self.row(make("transpose", (inner,), None, factor.shape))
        if factor.op == "inv":
            return [(factor.args[0], ATOM), self.exponent(str(-count))]
        return [(factor, ATOM), self.exponent(str(count))]

    def run(self, e: Expr) -> int:
        """The number of factors if all are equal, else 1."""
        return len(e.args) if all(f == e.args[0] for f in e.args) else 1

    def sum_inside(self, e: Expr) -> tuple[Expr, int | None] | None:
        """X and the axis if the product is 1ᵀ·X·1, 1ᵀ·X or X·1."""
        left = e.args[0].op == "transpose" and e.args[0].args[0].op == "ones"
        right = e.args[-1].op == "ones"
        rest = e.args[left : len(e.args) - right]
        if not (left or right) or not rest or any(f.op == "ones" for f in rest[:1] if not left):
            return None
        inner = rest[0] if len(rest) == 1 else make("dot", rest, None, (rest[0].shape[0], rest[-1].shape[1]))
        if algebra.is_ones(inner):
            return None
        total = (left or inner.shape[0] == 1) and (right or inner.shape[1] == 1)
        if total:
            return (inner.args[0] if inner.op == "transpose" else inner), None
        return inner, 0 if left else 1

    def sum_row(self, inner: Expr, axis: int | None) -> list[Piece]:
        """sum(X), sum(X, rows) or sum(X, columns)"""
        if axis is None and inner.op == "transpose":
            inner = inner.args[0]
        if is_turned_sum(inner, axis):
            return [*self.sum_row(inner.args[0], 0 if axis else 1), self.transpose_mark]
        return ["sum(", (inner, ADD), {None: "", 0: ", rows", 1: ", columns"}[axis], ")"]

    def ones_matrix(self, e: Expr) -> list[Piece]:
        """The all-ones matrix."""
        return [f"ones({show_dim(e.shape[0])}, {show_dim(e.shape[1])})"]

    def row_hadamard(self, e: Expr) -> list[Piece]:
        """An entrywise product, then what divides."""
        upper = [f for f in e.args if not is_reciprocal(f)]
        row: list[Piece] = []
        for i, f in enumerate(upper):
            row += [self.hadamard_times] * (i > 0) + [(f, PREFIX)]
        if not upper:
            row.append("1")
        below = [reciprocal(f) for f in e.args if is_reciprocal(f)]
        if below:
            bottom = below[0] if len(below) == 1 else make("hadamard", tuple(below), None, e.shape)
            row += [self.hadamard_over, (bottom, POWER)]
        return row

    def row_power(self, e: Expr) -> list[Piece]:
        """A power, root or quotient."""
        base, exponent = e.args
        n = exponent.value
        if n == Fraction(1, 2):
            return self.root(base)
        if n is not None and n < 0:
            return (
                self.quotient(False, Fraction(1), [], [reciprocal(e)])
                if e.is_scalar
                else ["1", self.hadamard_over, (reciprocal(e), POWER)]
            )
        return self.raised(base, exponent, e.is_scalar)

    def row_matpower(self, e: Expr) -> list[Piece]:
        """X^k"""
        return self.raised(e.args[0], e.args[1], True)

    def row_transpose(self, e: Expr) -> list[Piece]:
        """Xᵀ, X⁻ᵀ"""
        inner = e.args[0]
        if inner.op == "inv":
            return self.inverse_transpose(inner.args[0])
        if is_rowwise(e):
            return self.row_columnwise(inner, 1)
        shown = power_of_rows(e)
        if shown is not None:
            return self.row(shown)
        return [(inner, ATOM), self.transpose_mark]

    def row_columnwise(self, e: Expr, axis: int = 0) -> list[Piece]:
        """An operator on columns, or with axis 1 the transpose of it, on rows; no axis for the only one."""
        shown = turned(e.args[0]) if axis else e.args[0]
        told = has_word_for_rows(e.op) or shown.shape[1 - axis] == 1
        option = [] if told else [", ", self.operator_name("axis"), f"={axis}"]
        return [self.operator_name(COLUMNWISE[e.op][axis]) + self.left, (shown, ADD), *option, self.right]

    def row_unvec(self, e: Expr) -> list[Piece]:
        """softmax(X, all), or by name."""
        inner, like = e.args
        whole = inner.args[0].args[0] if inner.op in COLUMNWISE and inner.args[0].op == "vec" else None
        if whole is not None and whole.shape == like.shape:
            return [self.operator_name(inner.op) + self.left, (whole, ADD), ", ", self.operator_name("all"), self.right]
        return self.row_operator(e)

    def row_where(self, e: Expr) -> list[Piece]:
        """where(x > 0, a, b), with numbers bare."""
        condition, *values = e.args
        if any(bare(a) is a for a in e.args):
            values = [bare(v) for v in values]
        row: list[Piece] = [self.operator_name("where") + self.left, *self.condition(condition)]
        return [*row, *(p for v in values for p in (", ", (v, ADD))), self.right]

    def condition(self, e: Expr) -> list[Piece]:
        """x > a for step(x − a), x ≤ a for 1 − step(x − a)."""
        negated = e.op == "add" and len(e.args) == 2 and algebra.is_ones(algebra.add(e, algebra.neg(e.args[1])))
        strict = algebra.neg(e.args[1]) if negated else e
        turned = strict.op == "transpose"
        strict = strict.args[0] if turned else strict
        if strict.op != "elementwise" or strict.data != ("step", 0):
            return [(e, ADD)]
        inner = algebra.transpose(strict.args[0]) if turned else strict.args[0]
        terms = inner.args if inner.op == "add" else (inner,)
        left = [t for t in terms if not is_negative(t)]
        right = [algebra.neg(t) for t in terms if is_negative(t)]
        sign = 2 * negated + (not left)
        if not left:
            left, right = right, left
        if all(bare(t) is not t for t in terms):
            return [(e, ADD)]
        sides = [bare(algebra.add(*s)) if s else algebra.zeros((1, 1)) for s in (left, right)]
        return [(sides[0], ADD), self.signs[sign], (sides[1], ADD)]

    row_softmax = row_logsumexp = row_colnorms = row_amax = row_hardmax = row_center = row_columnwise

    transpose_mark = "ᵀ"

    # --- words that differ between vocabularies -----------------------------------------------------------------------

    def block_row(self, rows: Sequence[Sequence[Expr]]) -> list[Piece]:
        """Blocks, row by row."""
        raise NotImplementedError

    def part_row(self, part: Part) -> list[Piece]:
        """What is taken of a factor."""
        raise NotImplementedError

    def operator_name(self, op: str) -> str:
        """The word for an operator that is written like a function."""
        return op

    def exponent(self, text: str) -> str:
        """A whole exponent after its base."""
        raise NotImplementedError

    def raised(self, base: Expr, exponent: Expr, plain: bool) -> list[Piece]:
        """A power of a scalar or matrix (plain), or of every entry."""
        raise NotImplementedError

    def root(self, base: Expr) -> list[Piece]:
        """A square root."""
        return ["sqrt(", (base, ADD), ")"]

    def inverse_transpose(self, x: Expr) -> list[Piece]:
        """X⁻ᵀ"""
        raise NotImplementedError

    def row_operator(self, e: Expr) -> list[Piece]:
        """A named operator."""
        raise NotImplementedError


def bare(e: Expr) -> Expr:
    """What is repeated in every entry, for where a broadcast needs no word; the expression itself if nothing is."""
    return algebra.zeros((1, 1)) if e.op == "zero" else broadcast_of(e) or e


def has_word_for_rows(op: str) -> bool:
    """Whether an operator on columns has another word for rows, so that it needs no axis."""
    return len(set(COLUMNWISE[op])) > 1


def is_rowwise(e: Expr) -> bool:
    """Whether the transpose of an operator on columns reads better as the operator on rows."""
    if e.op != "transpose" or e.args[0].op not in COLUMNWISE:
        return False
    argument = e.args[0].args[0]
    if has_word_for_rows(e.args[0].op):
        by_rows = argument.op in COLUMNWISE and argument.args[0].op == "transpose"
        return by_rows or turned(argument).size < argument.size
    return argument.shape[1] != 1 or argument.op == "transpose"


def turned(e: Expr) -> Expr:
    """The transpose; of a sum term by term, where that is shorter."""
    plain = algebra.transpose(e)
    if e.op != "add":
        return plain
    return min(plain, algebra.add(*(algebra.transpose(t) for t in e.args)), key=lambda t: t.size)


def power_of_rows(e: Expr) -> Expr | None:
    """wᵀ.^k for (w.^k)ᵀ, where wᵀ is an operator on rows; else None."""
    inner = e.args[0] if e.op == "transpose" else e
    if inner is e or inner.op != "power" or not inner.args[1].is_scalar or inner.args[0].op not in COLUMNWISE:
        return None
    base = algebra.transpose(inner.args[0])
    by_rows = base.op == "transpose" and is_rowwise(base) and inner.args[0].args[0].op != "symbol"
    return make("power", (base, inner.args[1]), None, e.shape) if by_rows else None


def is_turned_sum(inner: Expr, axis: int | None) -> bool:
    """Whether sum(Yᵀ, columns) reads better as sum(Y, rows)ᵀ: where Y is no name."""
    return (
        axis is not None
        and inner.op == "transpose"
        and inner.args[0].op != "symbol"
        and not is_rowwise(inner)
        and power_of_rows(inner) is None
    )


def is_long(f: Expr) -> bool:
    """Whether a factor comes after scalars with a name: 2s·tr(X), not 2·tr(X)·s."""
    base = f.args[0] if f.op == "power" else f
    return not (f.is_scalar and base.op in ("symbol", "dimension", "pi"))


def is_negative(e: Expr) -> bool:
    """Whether a term begins with a minus."""
    return algebra.split_number(e)[0] < 0


def is_reciprocal(f: Expr) -> bool:
    """Whether a factor is a power with a negative number as exponent, or the transpose of one."""
    if f.op == "transpose":
        f = f.args[0]
    return f.op == "power" and f.args[1].value is not None and f.args[1].value < 0


def reciprocal(f: Expr) -> Expr:
    """1/f for such a factor, written as it stands below a fraction bar."""
    if f.op == "transpose":
        return algebra.transpose(reciprocal(f.args[0]))
    base, n = f.args[0], -f.args[1].data
    return base if n == 1 else make("power", (base, algebra.number(n)), None, f.shape)


def is_diagonal(term: Expr) -> bool:
    """Whether a term of a sum is a multiple of an identity, or a diagonal matrix."""
    return algebra.split_scalars(term)[1].op in ("eye", "diag")


def broadcast_of(term: Expr) -> Expr | None:
    """What a term repeats: s of s·1·1ᵀ, c of c·1ᵀ, r of 1·r."""
    entry = None if term.is_scalar else algebra.constant_entry(term)
    if entry is not None:
        return entry
    scalars, core = algebra.split_scalars(term)
    if core.op != "dot" or 1 in term.shape:
        return None
    if core.args[0].op == "ones" and core.args[1].shape[0] == 1:
        return algebra.mul(*scalars, *core.args[1:])
    last = core.args[-1]
    if last.op == "transpose" and last.args[0].op == "ones" and core.args[-2].shape[1] == 1:
        return algebra.mul(*scalars, *core.args[:-1])
    return None
