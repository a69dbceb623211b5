"""Derivatives in index notation, and their derivation with Kronecker deltas, as text or LaTeX."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from matcalc import algebra
from matcalc.errors import UnsupportedError
from matcalc.expr import Expr, make, postorder
from matcalc.indices import (
    Factor,
    IndexTerm,
    entries_of,
    index_terms,
    indices_of,
    letters_beside,
    monomials,
    partial_derivatives,
)
from matcalc.naming import names_in, renamed
from matcalc.printing.layout import ADD, ATOM, PREFIX, PRODUCT, broadcast_of
from matcalc.printing.styles import with_names, writer_of

if TYPE_CHECKING:
    from matcalc.derivation import Derivation

__all__ = ["index_formula", "index_lines"]

LETTERS = "ijpqrstuvw"
"""Summed indices of a derivation; k and l are those of the variable."""

NAMES = "yzuvrshNMZ"
"""Names for intermediate values, vectors from the front and matrices from the back."""


MARK = "\ue000"
"""A character that nobody types: it stands for the entries of a term while what is around them is written. The ones
after it stand for one entry each."""

ENTRYWISE = frozenset({"elementwise", "power", "hadamard", "add", "mul"})
"""Operators on each entry by itself."""


class _Writer:
    """Entries, deltas and sums in one of the three vocabularies."""

    def __init__(self, style: str) -> None:
        self.style = style
        self.words = writer_of(style)

    def subscript(self, indices: Sequence[str]) -> str:
        """_ij"""
        if not indices:
            return ""
        joined = "".join(indices)
        if self.style == "latex":
            return f"_{{{joined}}}"
        return "_" + joined if all(len(n) == 1 for n in indices) else "_" + ",".join(indices)

    def entry(self, f: Factor, level: int = ATOM) -> str:
        """X_ij, (A·B)_ij, g(X_ij), 1 − p_i: what is taken entry by entry, with the entries put into it."""
        shown, entries = _in_scalars(f)
        words = self.words.write(shown, level)
        for mark, leaf in entries.items():
            words = words.replace(mark, self.leaf(leaf))
        return words

    def leaf(self, f: Factor) -> str:
        """X_ij, X[2, i], (A·B)_ij: the entry of what is not taken apart."""
        turned = algebra.transpose(f.of)
        if turned.size < f.of.size:
            f = Factor(turned, f.column, f.row)
        indices = [n for n in (f.row, f.column) if n is not None]
        word = self.words.write(f.of, ATOM)
        if not indices:
            return word
        if f.of.op != "symbol":
            word = f"({word})" if re.search(r"[_\d]$", word) or not word.endswith((")", "]")) else word
        elif re.search(r"[_\d]", word) and self.style != "latex":
            return f"{word}[{', '.join(indices)}]"
        return word + self.subscript(indices)

    def delta(self, a: str, b: str) -> str:
        """δ_ij"""
        return {"latex": r"\delta", "ascii": "delta"}.get(self.style, "δ") + self.subscript((a, b))

    def sigma(self, bound: Sequence[str]) -> str:
        """Σ_ij"""
        if not bound:
            return ""
        return {"latex": r"\sum", "ascii": "sum"}.get(self.style, "Σ") + self.subscript(bound) + " "

    def term(self, t: IndexTerm, first: bool, alone: bool = False) -> str:
        """± 2Σ_pq a_p·δ_pk/s"""
        scalar = algebra.mul(*t.scalars) if t.scalars else algebra.ONE
        number, _ = algebra.split_number(scalar)
        minus = {"unicode": "−"}.get(self.style, "-")
        sign = (minus if first else f" {minus} ") if number < 0 else "" if first else " + "
        if number < 0:
            scalar = algebra.neg(scalar)
        parts = [self.delta(a, b) for a, b in t.deltas]
        parts += [self.entry(f, ADD if alone else PREFIX) for f in t.factors]
        if not parts:
            return sign + self.sigma(list(t.bound)) + self.words.write(scalar, PRODUCT)
        times = r" \, " if self.style == "latex" else "*" if self.style == "ascii" else "·"
        mark = algebra.symbol(MARK)
        around = self.words.write(algebra.mul(scalar, mark), PRODUCT)
        return sign + around.replace(self.words.write(mark), self.sigma(list(t.bound)) + times.join(parts))

    def sum(self, terms: Sequence[IndexTerm]) -> str:
        """The terms with their signs."""
        alone = len(terms) == 1 and not terms[0].scalars and not terms[0].deltas and len(terms[0].factors) == 1
        return "".join(self.term(t, i == 0, alone) for i, t in enumerate(terms)) or "0"

    def partial(self, over: str, x: Expr) -> str:
        """∂f/∂X_kl"""
        k, l = indices_of(x.shape, ("k", "l"))
        below = self.entry(Factor(x, k, l))
        if self.style == "latex":
            return rf"\frac{{\partial {over}}}{{\partial {below}}}"
        return f"d{over}/d{below}" if self.style == "ascii" else f"∂{over}/∂{below}"


def _in_scalars(f: Factor) -> tuple[Expr, dict[str, Factor]]:
    """What is done to every entry as a formula in marks, and the entries that these stand for."""
    entries: dict[str, Factor] = {}
    done: dict[tuple[Expr, bool], Expr] = {}
    stack: list[tuple[Expr, bool, bool]] = [(f.of, False, False)]
    while stack:
        e, turned, ready = stack.pop()
        inner = (e.args[0], not turned) if e.op == "transpose" else None
        constant = e if e.is_scalar else algebra.constant_entry(e)
        parts = [inner] if inner else [(a, turned) for a in e.args] if e.op in ENTRYWISE else []
        if constant is not None:
            done[e, turned] = constant
        elif not parts:
            done[e, turned] = _entry_mark(e, (f.column, f.row) if turned else (f.row, f.column), entries)
        elif not ready:
            stack += [(e, turned, True), *((*part, False) for part in parts if part not in done)]
        else:
            args = tuple(done[part] for part in parts)
            done[e, turned] = args[0] if inner else _scalar_like(e, args)
    return done[f.of, False], entries


def _scalar_like(e: Expr, args: tuple[Expr, ...]) -> Expr:
    return algebra.mul(*args) if e.op in ("hadamard", "mul") else make(e.op, args, e.data, (1, 1))


def _entry_mark(e: Expr, at: tuple[str | None, str | None], entries: dict[str, Factor]) -> Expr:
    """A mark for an entry of what is not taken apart."""
    small = broadcast_of(e) or e
    row, column = at
    mark = chr(ord(MARK) + 1 + len(entries))
    entries[mark] = Factor(small, None if small.shape[0] == 1 else row, None if small.shape[1] == 1 else column)
    return algebra.symbol(mark)


def _ordered(terms: Sequence[IndexTerm]) -> list[IndexTerm]:
    """Factors by their first index, deltas in front."""
    for t in terms:
        t.factors.sort(key=lambda f: f.indices)
    return list(terms)


def index_formula(d: Derivation, style: str = "unicode") -> str:
    """T[i,j,k,l] = …, or ∂f/∂X_kl = … for a scalar function, with the names that a textbook gives.

    Raises: UnsupportedError for a function of vec or kron, whose entries have compound indices.
    """
    writer = _Writer(style)
    whole = d.plain if d.kind in ("gradient", "hvp") else d.simplest_map.value
    names = names_in(whole)
    terms = _terms(d, renamed(whole, names))
    return with_names(f"{_left(d, writer)} = {writer.sum(_ordered(terms))}", names, style)


def _terms(d: Derivation, whole: Expr) -> list[IndexTerm]:
    """The terms of a derivative: of an array as it is, of the value of a linear map by its argument."""
    if d.kind not in ("gradient", "hvp"):
        return index_terms(replace(d.linear_map, value=whole))
    term = IndexTerm(letters=letters_beside(whole))
    entries_of(whole, *indices_of(d.variable.shape, ("k", "l")), term)
    return [term]


def _left(d: Derivation, writer: _Writer) -> str:
    shape = d.linear_map.value.shape
    if shape == (1, 1) or d.kind == "hvp":
        return writer.partial("f", d.variable) if d.kind == "gradient" else _entry_of(writer, "H", d.variable, "kl")
    f = indices_of(shape, ("i", "j"))
    x = indices_of(d.variable.shape, ("k", "l"))
    names = ",".join(n for n in (*f, *x) if n is not None)
    return f"T_{{{names.replace(',', '')}}}" if writer.style == "latex" else f"T[{names}]"


def index_lines(d: Derivation, style: str = "unicode") -> list[str]:
    """The derivation in index notation: intermediates in entries, f, the product rule with deltas, the result."""
    writer = _Writer(style)
    lines: list[str] = []
    f, x = d.rewritten, d.variable
    if f.is_scalar and d.order == 1:
        named, body = _intermediates(f, x)
        lines += [f"{_entry_of(writer, name, value)} = {_in_entries(writer, value)}" for name, value in named]
        lines.append(f"f = {_in_entries(writer, body)}")
        try:
            terms = monomials(f, letters_beside(f, LETTERS), x=x)
            full = writer.sum(terms)
            if not lines[-1].endswith("= " + full):
                lines[-1] += " = " + full
            derivative = writer.sum(partial_derivatives(terms, x))
            return [*lines, f"{writer.partial('f', x)} = {derivative} = {writer.sum(_ordered(_terms(d, d.plain)))}"]
        except UnsupportedError:
            pass  # not a polynomial in the entries: the result alone
    else:
        name = d.name.replace("∇", r"\nabla ") if style == "latex" else d.name
        lines.append(f"{_entry_of(writer, name, f)} = {_in_entries(writer, f)}")
    return [*lines, index_formula(d, style)]


def _entry_of(writer: _Writer, name: str, e: Expr, letters: str = "ij") -> str:
    row, column = indices_of(e.shape, (letters[0], letters[1]))
    return name + writer.subscript([n for n in (row, column) if n is not None])


def _intermediates(f: Expr, x: Expr) -> tuple[list[tuple[str, Expr]], Expr]:
    """Names for the values on the way from X to f, each in terms of those before it, and f in terms of them."""
    depends = {x}
    for e in postorder(f):
        if any(a in depends for a in e.args):
            depends.add(e)
    taken = {e.name for e in postorder(f) if e.op == "symbol"} | {"f"}
    done: dict[Expr, Expr] = {}
    named: list[tuple[str, Expr]] = []

    def name(value: Expr) -> Expr:
        letters = NAMES if 1 in value.shape else NAMES[::-1]
        word = next(w for n in range(99) for c in letters if (w := c + str(n or "")) not in taken)
        taken.add(word)
        named.append((word, value))
        return algebra.symbol(word, value.shape)

    for e in postorder(f):
        args = tuple(done[a] for a in e.args)
        new = e if args == e.args else make(e.op, args, e.data, e.shape)
        if e.op == "dot" and e.is_scalar and len(args) > 2 and e in depends:
            rest = make("dot", args[1:], None, (args[1].shape[0], 1))
            new = make("dot", (args[0], name(rest)), None, (1, 1))
        if e in depends and e is not f and e.op in ("dot", "add", "elementwise", "hadamard") and not e.is_scalar:
            new = name(new)
        done[e] = new
    return named, done[f]


def _in_entries(writer: _Writer, e: Expr) -> str:
    """The entry of one operator over named parts, as sums of products where it is one."""
    row, column = indices_of(e.shape, ("i", "j"))
    if e.op == "elementwise":
        return writer.entry(Factor(e, row, column))
    try:
        letters = letters_beside(e, "".join(c for c in LETTERS if c not in (row, column)))
        return writer.sum(monomials(e, letters, (row, column)))
    except UnsupportedError:
        return writer.words.write(e, ADD) if e.is_scalar else writer.entry(Factor(e, row, column))
