"""Formulas in LaTeX."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

from matcalc import algebra
from matcalc.dims import DimLike, show_dim
from matcalc.expr import Expr
from matcalc.functions import find_function
from matcalc.operators import OPERATORS
from matcalc.printing.layout import ADD, ATOM, HADAMARD, POWER, PREFIX, PRODUCT, Layout, Piece
from matcalc.printing.slices import Part
from matcalc.printing.text import GREEK, is_subscript
from matcalc.syntax.latex_words import ACCENTS

__all__ = ["Latex"]

SPECIAL = {
    "omicron": "o",
    "Alpha": "A",
    "Beta": "B",
    "Epsilon": "E",
    "Zeta": "Z",
    "Eta": "H",
    "Iota": "I",
    "Kappa": "K",
    "Mu": "M",
    "Nu": "N",
    "Omicron": "O",
    "Rho": "P",
    "Tau": "T",
    "Chi": "X",
}


def begins_with_digit(factor: Expr) -> bool:
    """Whether the first that is written of a factor is a number."""
    while factor.op in ("dot", "power") and factor.args[0].op != "number":
        factor = factor.args[0]
    return factor.op in ("number", "power")


ACCENT_COMMANDS = {word: command for command, word in reversed(ACCENTS.items())}
"""The command of each accent: \\hat{y} is y_hat."""


class Latex(Layout):
    r"""2 X^\top \left( \left( g(X W) - Y \right) \odot g'(X W) \right)"""

    times, minus = r" \, ", "-"
    hadamard_times, hadamard_over = r" \odot ", r" \oslash "
    left, right = r"\left( ", r" \right)"
    signs = (" > ", " < ", r" \le ", r" \ge ")
    transpose_mark = r"^{\top}"

    def level(self, e: Expr) -> int:
        """Operators that are written as sums bind like products, unit vectors like powers, the all-ones matrix as one."""
        if e.op in ("unit", "units"):
            return POWER
        if e.op == "dot" and algebra.is_ones(e):
            return PREFIX
        row = OPERATORS.get(e.op)
        return HADAMARD if row is not None and row.latex.startswith(r"\textstyle\sum") else super().level(e)

    def name(self, word: str) -> str:
        """A name: one letter as it is, Greek spelled as a command, digits as a subscript, words upright, the d of dX too."""
        if word.startswith("∇") or word.endswith("′"):
            primes = len(word) - len(word.rstrip("′"))
            return r"\nabla " * word.startswith("∇") + self.name(word.strip("∇′")) + "'" * primes
        if re.fullmatch(r"d[A-Za-z]\d*", word):
            return r"\mathrm{d} " + self.name(word[1:])
        found = re.fullmatch(r"([A-Za-z]+)_([a-z]+)(_\w+)?", word)
        if found and found[2] in ACCENT_COMMANDS and (len(found[1]) == 1 or found[1] in GREEK):
            below = f"_{{{found[3][1:].replace('_', ',')}}}" if found[3] else ""
            return rf"{ACCENT_COMMANDS[found[2]]}{{{self.name(found[1])}}}{below}"
        found = re.fullmatch(r"([A-Za-z]+)_?(\w*)", word)
        stem, index = found.groups() if found else (word, "")
        if stem in GREEK:
            stem = SPECIAL.get(stem, "\\" + stem)
        elif len(stem) > 1:
            stem = rf"\mathrm{{{stem}}}"
        return f"{stem}_{{{index.replace('_', ',')}}}" if index else stem

    def size(self, d: DimLike) -> str:
        """A dimension."""
        return show_dim(d, " ")

    def row_symbol(self, e: Expr) -> list[Piece]:
        """A name."""
        return [self.name(e.name)]

    def number_text(self, x: Fraction) -> list[Piece]:
        """p/q as a fraction, or a decimal where the denominator is a large power of ten."""
        if x.denominator == 1:
            return [str(x)]
        if x.denominator > 1000 and 10**18 % x.denominator == 0 and Fraction(repr(float(x))) == x:
            digits, _, exponent = repr(float(x)).partition("e")
            front = "" if digits == "1" else rf"{digits} \cdot "
            return [rf"{front}10^{{{int(exponent)}}}" if exponent else digits]
        return [rf"\tfrac{{{x.numerator}}}{{{x.denominator}}}"]

    def after_number(self, number: Fraction, factor: Expr) -> str:
        """A number stands directly before its factor, unless that begins with a digit."""
        return r" \cdot " if begins_with_digit(factor) else " "

    def between(self, factor: Expr) -> str:
        """A blank, and a dot before a digit."""
        return r" \cdot " if begins_with_digit(factor) else self.times

    def quotient(self, negative: bool, number: Fraction, upper: Sequence[Expr], below: Sequence[Expr]) -> list[Piece]:
        """A fraction where something divides; a single product in front of it reads better left whole."""
        if not below:
            return super().quotient(negative, number, upper, below)
        scalars = [f for f in upper if f.is_scalar]
        core = [f for f in upper if not f.is_scalar]
        simple = len(core) == 1 and core[0].size <= 12
        top = [*scalars, *core] if simple else scalars
        row: list[Piece] = ["-"] if negative else []
        row.append(r"\frac{")
        if number == 1 and len(top) < 2:
            row += [(top[0], ADD)] if top else ["1"]
        else:
            row += super().quotient(False, number, top, [])
        row.append("}{")
        for i, f in enumerate(below):
            row += [self.between(f)] * (i > 0) + [(f, PREFIX if len(below) > 1 else ADD)]
        row.append("}")
        if core and not simple:
            row += [r" \, ", (core[0], PRODUCT)]
        return row

    def row_dimension(self, e: Expr) -> list[Piece]:
        """A dimension as a number."""
        return [self.size(e.data)]

    def row_pi(self, e: Expr) -> list[Piece]:
        """π"""
        return [r"\pi"]

    def row_ones(self, e: Expr) -> list[Piece]:
        """The vector of ones."""
        return [rf"\mathbf{{1}}_{{{self.size(e.shape[0])}}}"]

    def ones_matrix(self, e: Expr) -> list[Piece]:
        """The all-ones matrix."""
        return [rf"\mathbf{{1}}_{{{self.size(e.shape[0])}}} \mathbf{{1}}_{{{self.size(e.shape[1])}}}^{{\top}}"]

    def sum_row(self, inner: Expr, axis: int | None) -> list[Piece]:
        """Sums over all entries, rows or columns."""
        word = {
            None: r"\operatorname{sum}",
            0: r"\operatorname{sum}_{\text{rows}}",
            1: r"\operatorname{sum}_{\text{columns}}",
        }[axis]
        return [word, self.left, (inner, ADD), self.right]

    def row_unit(self, e: Expr) -> list[Piece]:
        """A unit vector."""
        return [rf"e_{{{e.data}}}^{{({self.size(e.shape[0])})}}"]

    def row_units(self, e: Expr) -> list[Piece]:
        """Several unit vectors as columns."""
        return [rf"E_{{{self.size(e.data[0])}:{self.size(e.data[1])}}}^{{({self.size(e.shape[0])})}}"]

    def block_row(self, rows: Sequence[Sequence[Expr]]) -> list[Piece]:
        """A matrix of blocks."""
        row: list[Piece] = [r"\begin{bmatrix} "]
        for i, line in enumerate(rows):
            row.append(r" \\ " * (i > 0))
            for j, block in enumerate(line):
                row += [" & " * (j > 0), (block, ADD)]
        return [*row, r" \end{bmatrix}"]

    def part_row(self, part: Part) -> list[Piece]:
        """[X]_{1,2}, [X]_{1:3,:}; without brackets the subscript would belong to the name."""
        place = part.place(" ")
        if place.replace(" ", "").isalnum() and len(place) > 1:  # [x]_{12} is read as the entry 1,2
            place = f"{place},:" if part.columns is None else f":,{place}"
        turned = self.transpose_mark * part.turned
        return [r"\left[ ", (part.factor, ADD), rf" \right]_{{{place}}}{turned}"]

    def row_zero(self, e: Expr) -> list[Piece]:
        """A zero with its shape."""
        return [rf"\mathbf{{0}}_{{{self.size(e.shape[0])} \times {self.size(e.shape[1])}}}"]

    def row_eye(self, e: Expr) -> list[Piece]:
        """The identity."""
        return [rf"I_{{{self.size(e.shape[0])}}}"]

    def row_commutation(self, e: Expr) -> list[Piece]:
        """The commutation matrix."""
        return [rf"K_{{{self.size(e.data[0])},{self.size(e.data[1])}}}"]

    def function(self, word: str) -> str:
        """The name of a function."""
        known = find_function(word)
        if known is not None:
            spelled = word.replace("_", r"\_")
            return known.latex or rf"\operatorname{{{spelled}}}"
        return self.name(word)

    def row_elementwise(self, e: Expr) -> list[Piece]:
        """g(x), g'(x), |x|"""
        name, order = e.data
        if name == "abs":
            return [r"\left| ", (e.args[0], ADD), r" \right|"]
        inside = e.args[0]
        bars = inside.op == "elementwise" and inside.data[0] == "abs"
        if name == "log" and bars and 1 not in inside.shape:  # log|X| is that of the determinant
            entries: list[Piece] = [r"\operatorname{abs}", self.left, (inside.args[0], ADD), self.right]
            return [r"\log", self.left, *entries, self.right]
        return [self.function(name) + "'" * order, self.left, (e.args[0], ADD), self.right]

    def row_abstract(self, e: Expr) -> list[Piece]:
        """f(X), and its partial derivative as a fraction."""
        name, index = e.data
        if index is not None:
            return [
                rf"\frac{{\partial {self.name(name)}}}{{\partial ",
                (e.args[index], ATOM if e.args[index].args else ADD),
                "}",
            ]
        row: list[Piece] = [self.name(name), self.left]
        for i, a in enumerate(e.args):
            row += [", "] * (i > 0) + [(a, ADD)]
        return [*row, self.right]

    def row_unknown(self, e: Expr) -> list[Piece]:
        """df/dX as a fraction."""
        return [rf"\frac{{d {self.name(e.data)}}}{{d ", (e.args[0], ATOM), "}"]

    def exponent(self, text: str) -> str:
        """A whole exponent."""
        return f"^{{{text}}}"

    def raised(self, base: Expr, exponent: Expr, plain: bool) -> list[Piece]:
        """A power; of every entry with a circle before the exponent."""
        return [(base, ATOM), "^{" if plain else r"^{\circ ", (exponent, ADD), "}"]

    def root(self, base: Expr) -> list[Piece]:
        """A square root."""
        return [r"\sqrt{", (base, ADD), "}"]

    def row_inv(self, e: Expr) -> list[Piece]:
        """X⁻¹"""
        return [(e.args[0], ATOM), "^{-1}"]

    def inverse_transpose(self, x: Expr) -> list[Piece]:
        """X⁻ᵀ"""
        return [(x, ATOM), r"^{-\top}"]

    def row_norm(self, e: Expr) -> list[Piece]:
        """‖x‖, ‖X‖_F"""
        return [r"\left\Vert ", (e.args[0], ADD), r" \right\Vert", "" if 1 in e.args[0].shape else "_F"]

    def row_normsq(self, e: Expr) -> list[Piece]:
        """‖X‖_F²"""
        return [*self.row_norm(e), "^{2}"]

    def row_pnorm(self, e: Expr) -> list[Piece]:
        """‖x‖_p"""
        x, p = e.args
        if not is_subscript(p):
            return self.row_operator(e)
        return [r"\left\Vert ", (x, ADD), r" \right\Vert_{", (p, ADD), "}"]

    def row_norm1(self, e: Expr) -> list[Piece]:
        """‖x‖₁"""
        return [r"\left\Vert ", (e.args[0], ADD), r" \right\Vert_1"]

    def row_kron(self, e: Expr) -> list[Piece]:
        """A ⊗ B"""
        left, right = ((a, ATOM if algebra.is_ones(a) else PREFIX) for a in e.args)
        return [left, r" \otimes ", right]

    def operator_name(self, op: str) -> str:
        """The word for an operator that is written like a function."""
        return rf"\operatorname{{{op}}}"

    def row_operator(self, e: Expr) -> list[Piece]:
        """A named operator, by the LaTeX of its row."""
        pieces: list[Piece] = []
        parts = re.split(r"(?<!\{)(\{\d\})(?!\})", OPERATORS[e.op].latex)
        for part, after in zip(parts, [*parts[1:], ""], strict=True):
            if re.fullmatch(r"\{\d\}", part):
                pieces.append((e.args[int(part[1])], ATOM if after.startswith(("^", r" \,")) else ADD))
            else:
                pieces.append(
                    part.replace("{{", "{").replace("}}", "}").replace("(", self.left).replace(")", self.right)
                )
        return pieces
