"""Named intermediates: p = softmax(x), u = x/‖x‖, Z1 = …, for what stands more than once in a formula."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from matcalc import algebra
from matcalc.elaborate import elaborate
from matcalc.errors import RuleError
from matcalc.expr import Expr, postorder, with_args
from matcalc.operators import COLUMNWISE
from matcalc.pattern import instantiate, match, substitute
from matcalc.resources import resource, table_lines
from matcalc.rulebook import default_rulebook
from matcalc.simplify import cost, simplest
from matcalc.syntax import parse_program, parse_where

__all__ = ["Named", "named", "names_in", "renamed", "shared"]

SIZE = 6
"""Shared subexpressions smaller than this are written out."""

LONG = 400
"""A subexpression whose remaining written form reaches this size gets a name even if it occurs once."""

WIDEST = 400
"""Above this written length no hidden names are looked for."""


class Named(NamedTuple):
    """Definitions (name, value) in order, each in terms of those before it, and the formula in terms of all."""

    definitions: tuple[tuple[str, Expr], ...]
    body: Expr


@dataclass(frozen=True, slots=True)
class _Entry:
    """A line of the table: the letter, what it stands for, and how what is inside is written with it."""

    letter: str
    formula: Expr
    inside: str = ""
    substitution: Expr | None = None


_LINE = re.compile(
    r"name\s+(?P<letter>\w+)\s*=\s*(?P<formula>.*?)\s+where\s+(?P<shapes>.*?)"
    r"(\s+solved for\s+(?P<inside>\w+)\s+by\s+(?P<substitution>.*))?\s*$"
)


@lru_cache(maxsize=1)
def _table() -> tuple[_Entry, ...]:
    entries = []
    for number, line in table_lines(resource("rules").joinpath("names.rules").read_text(encoding="utf-8")):
        found = _LINE.match(line)
        if found is None:
            raise RuleError("a name reads: name LETTER = FORMULA where DECLARATIONS", file="names.rules", line=number)
        declared = parse_where(found["shapes"])
        formula = elaborate(parse_program(found["formula"]), declared).expr
        substitution = None
        if found["substitution"]:
            with_name = parse_where(f"{found['shapes']}, {found['letter']}: n")
            substitution = elaborate(parse_program(found["substitution"]), with_name).expr
        entries.append(_Entry(found["letter"], formula, found["inside"] or "", substitution))
    return tuple(entries)


def named(e: Expr) -> Named:
    """The formula with the names that a textbook would give; without definitions if there are none to give."""
    taken = {n.name for n in postorder(e) if n.op == "symbol"}
    definitions: list[tuple[str, Expr]] = []
    if e.size <= WIDEST:
        for entry in _table():
            if entry.substitution is not None:
                for value, body, letter in _hidden(e, entry, taken):
                    definitions.append((letter, value))
                    taken.add(letter)
                    e = body
    uses = _uses(e)
    for node in list(postorder(e)):
        known = next((n.letter for n in _table() if n.substitution is None and _is(n, node)), None)
        if known is not None and uses.get(node, 0) > 1 and not any(node.key in (v.key, v.tkey) for _, v in definitions):
            if node.op in COLUMNWISE and 1 not in node.shape and _reads_by_rows(e, node):
                node = algebra.transpose(node)
            word = _free(known, taken)
            taken.add(word)
            definitions.append((word, node))
            e = _with(e, node, algebra.symbol(word, node.shape))
    return Named(tuple(definitions), e)


def names_in(e: Expr, *others: Expr) -> list[tuple[str, Expr]]:
    """The names that a textbook gives in e to what stands there, or in one of the others, as it is."""
    present = {node.key for node in postorder(e, *others)}
    return [(word, value) for word, value in named(e).definitions if value.key in present]


def renamed(e: Expr, definitions: Iterable[tuple[str, Expr]]) -> Expr:
    """The formula with names in place of what they stand for."""
    for word, value in definitions:
        e = _with(e, value, algebra.symbol(word, value.shape))
    return e


def shared(e: Expr) -> Named:
    """The formula with every long subexpression that stands more than once named: Z1, Z2, …"""
    start = named(e)
    uses = _uses(start.body)
    taken = {n.name for n in postorder(start.body) if n.op == "symbol"}
    done: dict[Expr, Expr] = {}
    definitions = list(start.definitions)
    count = 0
    for node in postorder(start.body):
        made = with_args(node, tuple(done[a] for a in node.args))
        if node is not start.body and node.args and ((uses[node] > 1 and made.size >= SIZE) or made.size >= LONG):
            count += 1
            while f"Z{count}" in taken:
                count += 1
            definitions.append((f"Z{count}", made))
            made = algebra.symbol(f"Z{count}", node.shape)
        done[node] = made
    return Named(tuple(definitions), done[start.body])


def _reads_by_rows(e: Expr, node: Expr) -> bool:
    """Whether an operator on the columns of Xᵀ reads better as that on the rows of X."""
    inside = node.args[0]
    fewer = algebra.transpose(inside).size - inside.size
    if fewer:
        return fewer < 0
    uses = _uses(e)
    turned = sum(uses[t] for t in postorder(e) if t.op == "transpose" and t.args[0] is node)
    return 2 * turned > uses[node]


def _is(entry: _Entry, node: Expr) -> bool:
    return next(match(entry.formula, node, {}), None) is not None


def _uses(e: Expr) -> dict[Expr, int]:
    """How many arguments each node is; a square counts twice."""
    uses: dict[Expr, int] = {}
    for node in postorder(e):
        for a in node.args:
            uses[a] = uses.get(a, 0) + (2 if node.op == "power" and a is node.args[0] else 1)
            if a.op == "transpose":
                uses[a.args[0]] = uses.get(a.args[0], 0) + 1
    return uses


def _free(letter: str, taken: set[str]) -> str:
    return next(w for w in (letter, *(f"{letter}{i}" for i in range(1, len(taken) + 2))) if w not in taken)


def _with(e: Expr, old: Expr, new: Expr) -> Expr:
    """A node replaced wherever it stands, its transpose by the transposed."""
    done: dict[Expr, Expr] = {}
    turned = algebra.transpose(new)
    for node in postorder(e):
        done[node] = (
            new
            if node == old
            else turned
            if node.key == old.tkey
            else with_args(node, tuple(done[a] for a in node.args))
        )
    return done[e]


def _hidden(e: Expr, entry: _Entry, taken: set[str]) -> Iterator[tuple[Expr, Expr, str]]:
    """What a name stands for, the formula written with it, and the name, where that is shorter."""
    assert entry.substitution is not None
    keep = next(f for f in postorder(entry.substitution) if f.op not in ("symbol", "mul"))
    for node in list(postorder(e)):
        bound = next(match(keep, node, {}), None) if node.op == keep.op else None
        if bound is None or bound[entry.inside].op == "number":
            continue
        inside, letter = bound[entry.inside], _free(entry.letter, taken)
        scale = algebra.symbol("|" + letter + "|", (1, 1), ["positive"])
        unit = algebra.symbol(letter, inside.shape)
        written = instantiate(_with(entry.substitution, keep, scale), {**bound, entry.letter: unit})
        without = _with(e, node, scale)
        try:
            with default_rulebook().in_force():
                short = simplest(substitute(without, {inside: written}))
        except ArithmeticError:
            continue
        body = _with(short, scale, node)
        if cost(short)[0] + 1 < cost(without)[0] and _uses(body).get(unit, 0) > 1:
            yield instantiate(entry.formula, bound), body, letter
            return
