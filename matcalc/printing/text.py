"""Formulas as text, in Unicode or ASCII; both read back."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from matcalc.dims import show_dim
from matcalc.expr import Expr
from matcalc.operators import OPERATORS
from matcalc.printing.layout import (
    ADD,
    ATOM,
    HADAMARD,
    POWER,
    PREFIX,
    Layout,
    Piece,
    bare,
    is_negative,
    is_reciprocal,
    reciprocal,
)
from matcalc.printing.slices import Part

__all__ = ["Ascii", "Unicode", "is_subscript"]

SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
GREEK = {
    name: chr(code)
    for name, code in zip(
        [
            "alpha",
            "beta",
            "gamma",
            "delta",
            "epsilon",
            "zeta",
            "eta",
            "theta",
            "iota",
            "kappa",
            "lambda",
            "mu",
            "nu",
            "xi",
            "omicron",
            "pi",
            "rho",
            "sigma",
            "tau",
            "upsilon",
            "phi",
            "chi",
            "psi",
            "omega",
        ],
        [*range(0x3B1, 0x3C2), *range(0x3C3, 0x3CA)],
        strict=True,
    )
}
GREEK |= {name.capitalize(): chr(ord(letter) - 32) for name, letter in GREEK.items()}


def is_subscript(p: Expr) -> bool:
    """Whether an exponent reads back as the subscript of a norm: a letter, or a whole number that is no norm's name."""
    if p.op == "symbol":
        return len(p.name) == 1 and p.name.isascii() and p.name != "F"
    return p.value is not None and p.value > 2 and p.value.denominator == 1


def is_scalar_over(e: Expr) -> bool:
    """Whether this is s·(1 ⊘ x) with a single scalar, no quotient and no negative number."""
    if e.op != "mul" or len(e.args) != 2 or e.is_scalar or not is_reciprocal(e.args[1]):
        return False
    return not is_reciprocal(e.args[0]) and not is_negative(e)


class Unicode(Layout):
    """2Xᵀ·((g(X·W) − Y) ⊙ g′(X·W))"""

    prime, bar, derivative = "′", "‖", "∂"

    def name(self, word: str) -> str:
        """A name, Greek letters as such."""
        return GREEK.get(word, word)

    def row_symbol(self, e: Expr) -> list[Piece]:
        """A name."""
        return [self.name(e.name)]

    def number_text(self, x: Fraction) -> list[Piece]:
        """p/q, or a decimal where the denominator is a large power of ten."""
        if x.denominator > 1000 and 10**18 % x.denominator == 0:
            return [repr(float(x)) if Fraction(repr(float(x))) == x else str(x)]
        return [str(x)]

    def row_dimension(self, e: Expr) -> list[Piece]:
        """A dimension as a number."""
        return [show_dim(e.data, self.times)]

    def row_pi(self, e: Expr) -> list[Piece]:
        """π"""
        return ["π"]

    def row_ones(self, e: Expr) -> list[Piece]:
        """The vector of ones."""
        return [f"ones({show_dim(e.shape[0], '*')})"]

    def row_unit(self, e: Expr) -> list[Piece]:
        """A unit vector."""
        return [f"unit({show_dim(e.shape[0], '*')}, {e.data})"]

    def row_units(self, e: Expr) -> list[Piece]:
        """Several unit vectors as columns."""
        return [f"units({show_dim(e.shape[0], '*')}, {show_dim(e.data[0], '*')}, {show_dim(e.data[1], '*')})"]

    def row_zero(self, e: Expr) -> list[Piece]:
        """A zero with its shape."""
        return [f"zeros({show_dim(e.shape[0], '*')}, {show_dim(e.shape[1], '*')})"]

    def block_row(self, rows: Sequence[Sequence[Expr]]) -> list[Piece]:
        """[A, B; C, D]"""
        row: list[Piece] = ["["]
        for i, line in enumerate(rows):
            row.append("; " * (i > 0))
            for j, block in enumerate(line):
                row += [", " * (j > 0), (block, ADD)]
        return [*row, "]"]

    def part_row(self, part: Part) -> list[Piece]:
        """X[1,2], X[1:3,:]"""
        return [(part.factor, ATOM), f"[{part.place('*')}]", *[self.transpose_mark] * part.turned]

    def row_mul(self, e: Expr) -> list[Piece]:
        """A product with scalars; s ⊘ x for s·(1 ⊘ x)."""
        if not is_scalar_over(e):
            return super().row_mul(e)
        return [(e.args[0], PREFIX), self.hadamard_over, (reciprocal(e.args[1]), POWER)]

    def level(self, e: Expr) -> int:
        """s ⊘ x binds like an entrywise product."""
        return HADAMARD if is_scalar_over(e) else super().level(e)

    def row_eye(self, e: Expr) -> list[Piece]:
        """The identity."""
        return [f"eye({show_dim(e.shape[0], '*')})"]

    def row_commutation(self, e: Expr) -> list[Piece]:
        """The commutation matrix."""
        return [f"commutation({show_dim(e.data[0], '*')}, {show_dim(e.data[1], '*')})"]

    def row_elementwise(self, e: Expr) -> list[Piece]:
        """g(x), g′(x), |x|"""
        name, order = e.data
        if name == "abs" and e.args[0].op == "symbol":
            return ["|", (e.args[0], ADD), "|"]
        return [self.name(name) + self.prime * order + "(", (e.args[0], ADD), ")"]

    def row_abstract(self, e: Expr) -> list[Piece]:
        """f(X), ∂f/∂X"""
        name, index = e.data
        if index is not None and len(e.args) == 1:
            return [f"∂{self.name(name)}/∂", (e.args[0], ATOM)]
        row: list[Piece] = ["∂" * (index is not None) + self.name(name) + "("]
        for i, a in enumerate(e.args):
            row += [", "] * (i > 0) + [(a, ADD)]
        return [*row, ")"] if index is None else [*row, ")/∂", (e.args[index], ATOM)]

    def row_unknown(self, e: Expr) -> list[Piece]:
        """df/dX"""
        return [f"d{self.name(e.data)}/d", (e.args[0], ATOM)]

    def exponent(self, text: str) -> str:
        """A whole exponent."""
        return text.translate(SUPERSCRIPTS)

    def raised(self, base: Expr, exponent: Expr, plain: bool) -> list[Piece]:
        """x², X^k, x.^2"""
        n = exponent.value
        if plain and n is not None and n.denominator == 1:
            return [(base, ATOM), self.exponent(str(n))]
        return [(base, ATOM), "^" if plain else ".^", (exponent, ATOM)]

    def row_inv(self, e: Expr) -> list[Piece]:
        """X⁻¹"""
        return [(e.args[0], ATOM), "⁻¹"]

    def inverse_transpose(self, x: Expr) -> list[Piece]:
        """X⁻ᵀ"""
        return [(x, ATOM), "⁻ᵀ"]

    def row_norm(self, e: Expr) -> list[Piece]:
        """‖x‖, ‖X‖_F"""
        return [self.bar, (e.args[0], ADD), self.bar, "" if 1 in e.args[0].shape else "_F"]

    def row_normsq(self, e: Expr) -> list[Piece]:
        """‖x‖², ‖X‖²_F"""
        return [*self.row_norm(e), self.exponent("2")]

    def row_pnorm(self, e: Expr) -> list[Piece]:
        """‖x‖_p"""
        x, p = e.args
        if is_subscript(p):
            return [self.bar, (x, ADD), self.bar, "_", (p, ATOM)]
        return self.row_operator(e)

    def row_norm1(self, e: Expr) -> list[Piece]:
        """The sum of absolute entries."""
        return ["norm1(", (e.args[0], ADD), ")"]

    def row_kron(self, e: Expr) -> list[Piece]:
        """A ⊗ B"""
        return [(e.args[0], PREFIX), " ⊗ ", (e.args[1], PREFIX)]

    def row_operator(self, e: Expr) -> list[Piece]:
        """A named operator, by the notation of its row."""
        row = OPERATORS[e.op]
        notation = (row.ascii or row.notation) if isinstance(self, Ascii) else row.notation
        args = e.args
        if row.kind == "same" and any(bare(a) is a for a in args):
            args = tuple(map(bare, args))
        pieces: list[Piece] = []
        for part in notation.replace("{", "\0{").replace("}", "}\0").split("\0"):
            pieces.append((args[int(part[1])], ADD) if part.startswith("{") else part)
        return pieces


class Ascii(Unicode):
    """2*X'*((g(X*W) - Y) .* g'(X*W))"""

    times, minus, hadamard_times, hadamard_over = "*", "-", " .* ", " ./ "
    signs = (" > ", " < ", " <= ", " >= ")
    transpose_mark, prime, bar = "'", "'", "||"

    def name(self, word: str) -> str:
        """A name, Greek letters spelled out."""
        return word

    def after_number(self, number: Fraction, factor: Expr) -> str:
        """Always a sign."""
        return self.times

    def row_pi(self, e: Expr) -> list[Piece]:
        """pi"""
        return ["pi"]

    def row_abstract(self, e: Expr) -> list[Piece]:
        """f(X), f'(X)"""
        name, index = e.data
        row: list[Piece] = [name + (self.prime if index is not None else "") + "("]
        for i, a in enumerate(e.args):
            row += [", "] * (i > 0) + [(a, ADD)]
        return [*row, ")"]

    def exponent(self, text: str) -> str:
        """^2"""
        return "^" + text

    def row_inv(self, e: Expr) -> list[Piece]:
        """inv(X)"""
        return ["inv(", (e.args[0], ADD), ")"]

    def inverse_transpose(self, x: Expr) -> list[Piece]:
        """inv(X)'"""
        return ["inv(", (x, ADD), ")'"]

    def row_kron(self, e: Expr) -> list[Piece]:
        """kron(A, B)"""
        return ["kron(", (e.args[0], ADD), ", ", (e.args[1], ADD), ")"]

    def level(self, e: Expr) -> int:
        """inv(X), kron(A, B) and f'(X) look like functions."""
        return ATOM if e.op in ("inv", "kron", "abstract") else super().level(e)
