"""Patterns: expressions whose symbols stand for expressions, whose dimensions stand for dimensions.

A pattern is an ordinary Expr. In an associative product a symbol may stand for a run of factors; in a commutative one
for several factors together. Patterns are a few levels deep, so matching recurses over the pattern, never over the
expression.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, combinations
from operator import is_
from typing import Any, NamedTuple, TypeAlias

from matcalc import algebra
from matcalc.atoms import is_diagonal
from matcalc.dims import Dim, DimLike, Shape, substitute_dim
from matcalc.entrywise import derivative
from matcalc.expr import TRANSPOSABLE, Expr, make, postorder

__all__ = ["Bindings", "PartialMatch", "instantiate", "match", "match_factor", "match_part", "remade", "substitute"]

Bindings: TypeAlias = Mapping[str, Any]
"""Expressions by the name of a symbol, (name, order) by "fn g", dimensions by "dim n"."""

NARY = frozenset({"add", "mul", "dot", "hadamard"})


class PartialMatch(NamedTuple):
    """A pattern found among the arguments of an n-ary node: what it bound, and the arguments around it."""

    bindings: Bindings
    before: tuple[Expr, ...]
    after: tuple[Expr, ...]


def _bind_dim(pattern: DimLike, d: DimLike, b: Bindings) -> Bindings | None:
    if isinstance(pattern, int):
        return b if pattern == d else None
    if pattern.name is None:
        bound = {k[4:]: v for k, v in b.items() if k.startswith("dim ")}
        return b if substitute_dim(pattern, bound) == d else None
    key = "dim " + pattern.name
    known = b.get(key)
    if known is None:
        return {**b, key: d}
    return b if known == d else None


def _bind_shape(pattern: Shape, shape: Shape, b: Bindings) -> Bindings | None:
    half = _bind_dim(pattern[0], shape[0], b)
    return None if half is None else _bind_dim(pattern[1], shape[1], half)


def _is_compound(p: Expr) -> bool:
    return any(isinstance(d, Dim) and d.name is None for d in p.shape)


def _bind_symbol(p: Expr, e: Expr, b: Bindings) -> Bindings | None:
    known = b.get(p.name)
    if known is not None:
        return b if known == e else None
    for prop in p.data[1]:
        if prop == "symmetric":
            if not e.is_symmetric:
                return None
        elif prop == "diagonal" and is_diagonal(e):
            continue
        elif not (e.op == "symbol" and prop in e.data[1]) and not (prop == "integer" and algebra.is_integer(e)):
            return None
    shaped = _bind_shape(p.shape, e.shape, b)
    return None if shaped is None else {**shaped, p.name: e}


def is_variable(p: Expr) -> bool:
    """Whether a pattern stands for any expression of its shape: a symbol, or the transpose of one."""
    return p.op == "symbol" or (p.op == "transpose" and p.args[0].op == "symbol")


def match(p: Expr, e: Expr, b: Bindings) -> Iterator[Bindings]:
    """The ways in which the pattern stands for the whole expression."""
    if p.op == "symbol":
        bound = _bind_symbol(p, e, b)
        if bound is not None:
            yield bound
    elif p.op == "transpose" and p.args[0].op == "symbol":
        yield from _match_transposed(p.args[0], e, b)
    elif p.op == "transpose" and e.op == "transpose":
        yield from match(p.args[0], e.args[0], b)
    elif e.op == "transpose" and p.op in TRANSPOSABLE and e.args[0].op == p.op:
        yield from _match_args(p, tuple(algebra.transpose(a) for a in e.args[0].args), e.args[0], e.shape, b)
    elif p.op in NARY and (e.op == p.op or p.op == "mul"):
        yield from _match_nary(p, e, b)
    elif e.op == p.op:
        yield from _match_args(p, e.args, e, e.shape, b)


def _match_transposed(p: Expr, e: Expr, b: Bindings) -> Iterator[Bindings]:
    """Match Xᵀ; the transpose of the expression is made only when X is still free and its shape fits."""
    known = b.get(p.name)
    if known is not None:
        if known.key == e.tkey:
            yield b
    elif _bind_shape(p.shape, (e.shape[1], e.shape[0]), b) is not None:
        yield from match(p, algebra.transpose(e), b)


def _match_args(p: Expr, args: Sequence[Expr], node: Expr, shape: Shape, b: Bindings) -> Iterator[Bindings]:
    """Match a node other than a sum or product argument by argument."""
    if p.op in NARY:
        yield from _match_bag(p.args, args, p.op, b)
        return
    if len(args) != len(p.args):
        return
    if p.op in ("elementwise", "abstract"):
        key = "fn " + p.data[0]
        if "generic" in b and p.data[0] in b["generic"]:
            if b.get(key, node.data) != node.data:
                return
            b = {**b, key: node.data}
        elif p.data != node.data:
            return
    elif p.op == "commutation":
        bound = _bind_shape(p.data, node.data, b)
        if bound is not None:
            yield bound
        return
    elif p.op == "dimension":
        bound = _bind_dim(p.data, node.data, b)
        if bound is not None:
            yield bound
        return
    elif p.data != node.data:
        return
    # What has a product of dimensions in its shape comes after what binds the factors.
    simple = sorted([*zip(p.args, args, strict=True), (p, None)], key=lambda pair: _is_compound(pair[0]))
    found: Iterator[Bindings] = iter((b,))
    for q, a in simple:
        found = _of_shape(p.shape, shape, found) if a is None else _and_also(q, a, found)
    yield from found


def _of_shape(p: Shape, shape: Shape, found: Iterator[Bindings]) -> Iterator[Bindings]:
    return (shaped for b in found if (shaped := _bind_shape(p, shape, b)) is not None)


def _and_also(p: Expr, e: Expr, found: Iterator[Bindings]) -> Iterator[Bindings]:
    """The ways to match under each of the bindings, none of them sought before it is asked for."""
    return chain.from_iterable(match(p, e, b) for b in found)


def _match_nary(p: Expr, e: Expr, b: Bindings) -> Iterator[Bindings]:
    if p.op == "dot":
        yield from _exactly(p.args, e.args, b)
    elif p.op == "mul" and e.op != "mul":
        return
    else:
        yield from _match_bag(p.args, e.args, p.op, b)


def _piece(fs: Sequence[Expr]) -> Expr:
    """A run of factors of a canonical product, which is canonical itself."""
    return fs[0] if len(fs) == 1 else make("dot", tuple(fs), None, (fs[0].shape[0], fs[-1].shape[1]))


def _match_piece(p: Expr, fs: Sequence[Expr], b: Bindings) -> Iterator[Bindings]:
    """Match a run of factors; what does not have the shape is not put together first."""
    if len(fs) == 1 or _bind_shape(p.shape, (fs[0].shape[0], fs[-1].shape[1]), b) is not None:
        yield from match(p, _piece(fs), b)


def _widths(p: Expr, longest: int, b: Bindings) -> range:
    """How many factors an element of a pattern may stand for."""
    if not is_variable(p):
        return range(1, min(longest, 1) + 1)
    known = b.get((p if p.op == "symbol" else p.args[0]).name)
    if known is None:
        return range(1, longest + 1)
    width = len(known.args) if known.op == "dot" else 1
    return range(width, min(longest, width) + 1)


def _runs(ps: Sequence[Expr], fs: Sequence[Expr], start: int, b: Bindings) -> Iterator[tuple[Bindings, int]]:
    """Match consecutive factors from `start`; yields the bindings and where the run ends."""
    if not ps:
        yield b, start
        return
    for n in _widths(ps[0], len(fs) - start - len(ps) + 1, b):
        for bound in _match_piece(ps[0], fs[start : start + n], b):
            yield from _runs(ps[1:], fs, start + n, bound)


def _runs_back(ps: Sequence[Expr], fs: Sequence[Expr], end: int, b: Bindings) -> Iterator[tuple[Bindings, int]]:
    """Match consecutive factors up to `end`; yields the bindings and where the run starts."""
    if not ps:
        yield b, end
        return
    for n in _widths(ps[-1], end - len(ps) + 1, b):
        for bound in _match_piece(ps[-1], fs[end - n : end], b):
            yield from _runs_back(ps[:-1], fs, end - n, bound)


def _windows(ps: Sequence[Expr], fs: Sequence[Expr], b: Bindings) -> Iterator[tuple[Bindings, int, int]]:
    """Match a stretch of factors, beginning with the first element of the pattern that is not just a variable."""
    anchor = next((j for j, p in enumerate(ps) if not is_variable(p)), None)
    if anchor is None:
        for start in range(len(fs) - len(ps) + 1):
            for bound, end in _runs(ps, fs, start, b):
                yield bound, start, end
        return
    for i in range(anchor, len(fs) - (len(ps) - anchor) + 1):
        for bound in match(ps[anchor], fs[i], b):
            for left, start in _runs_back(ps[:anchor], fs, i, bound):
                for right, end in _runs(ps[anchor + 1 :], fs, i + 1, left):
                    yield right, start, end


def _match_bag(ps: Sequence[Expr], args: Sequence[Expr], op: str, b: Bindings) -> Iterator[Bindings]:
    """Match all arguments of a commutative node: structured patterns first, the last free symbol takes the rest."""
    fixed = [p for p in ps if not is_variable(p)]
    free = [p for p in ps if is_variable(p)]
    if len(args) < len(ps) or (not free and len(args) > len(ps)):
        return  # before the ways to pick arguments for the others are tried one by one
    for bound, rest in _pick(fixed, tuple(args), b):
        if not free:
            if not rest:
                yield bound
        elif len(free) == 1:
            if rest:
                yield from match(free[0], algebra.reconstruct(_shell(op, rest), rest), bound)
        else:
            yield from _split(free, rest, op, bound)


def _shell(op: str, args: Sequence[Expr]) -> Expr:
    """A node of the operator, to be made anew from arguments."""
    return make(op, tuple(args), None, args[-1].shape)


def _split(free: Sequence[Expr], rest: tuple[Expr, ...], op: str, b: Bindings) -> Iterator[Bindings]:
    """Two free symbols: every way to give one argument to the first, the rest to the second.

    A scalar beside an array takes all scalars if it can, so that they need not come out one after the other.
    """
    if op == "mul" and free[0].is_scalar and not rest[-1].is_scalar:
        for bound in match(free[0], algebra.mul(*rest[:-1]), b):
            yield from match(free[1], rest[-1], bound)
    for i, one in enumerate(rest):
        others = rest[:i] + rest[i + 1 :]
        if not others:
            continue
        for bound in match(free[0], one, b):
            yield from _match_bag(free[1:], others, op, bound)


def _pick(ps: Sequence[Expr], args: tuple[Expr, ...], b: Bindings) -> Iterator[tuple[Bindings, tuple[Expr, ...]]]:
    """Match each pattern with an argument of its own; yields the arguments left over."""
    if not ps:
        yield b, args
        return
    for i, a in enumerate(args):
        for bound in match(ps[0], a, b):
            yield from _pick(ps[1:], args[:i] + args[i + 1 :], bound)


def match_part(p: Expr, e: Expr, b: Bindings) -> Iterator[PartialMatch]:
    """The ways in which the pattern stands for e, or for some of the arguments of an n-ary e."""
    if p.op != e.op or p.op not in NARY:
        for bound in match(p, e, b):
            yield PartialMatch(bound, (), ())
    elif p.op == "dot":
        for bound, start, end in _windows(p.args, e.args, b):
            yield PartialMatch(bound, e.args[:start], e.args[end:])
    else:
        yield from _match_some(p, e, b)


def _match_some(p: Expr, e: Expr, b: Bindings) -> Iterator[PartialMatch]:
    """Some arguments of a commutative node."""
    fixed = [q for q in p.args if not is_variable(q)]
    free = [q for q in p.args if is_variable(q)]
    for bound, rest in _pick(fixed, e.args, b):
        if not free:
            yield PartialMatch(bound, (), rest)
        for n in range(len(rest), 0, -1) if free else ():
            for chosen in combinations(range(len(rest)), n) if len(rest) <= 6 or n in (1, len(rest)) else ():
                some = tuple(rest[i] for i in chosen)
                left = tuple(r for i, r in enumerate(rest) if i not in chosen)
                for full in _match_bag(free, some, p.op, bound):
                    yield PartialMatch(full, (), left)


def match_factor(p: Expr, active: str, e: Expr, i: int, b: Bindings, *, rest: bool = True) -> Iterator[Bindings]:
    """Match an n-ary node so that the symbol `active` stands for its i-th argument alone.

    With rest=False the other symbols of a commutative pattern stay unbound, so that a long sum costs nothing to gather.
    """
    at = next((j for j, q in enumerate(p.args) if q.op == "symbol" and q.name == active), None)
    if at is None:
        return
    for bound in match(p.args[at], e.args[i], b):
        if p.op != "dot":
            others = p.args[:at] + p.args[at + 1 :]
            if not rest and all(q.op == "symbol" for q in others):
                yield bound
            else:
                yield from _match_bag(others, e.args[:i] + e.args[i + 1 :], p.op, bound)
            continue
        for left in _exactly(p.args[:at], e.args[:i], bound):
            yield from _exactly(p.args[at + 1 :], e.args[i + 1 :], left)


def _exactly(ps: Sequence[Expr], fs: Sequence[Expr], b: Bindings) -> Iterator[Bindings]:
    """Match all of a row of factors."""
    if not ps:
        if not fs:
            yield b
        return
    longest = len(fs) - len(ps) + 1
    widths = _widths(ps[0], longest, b)
    for n in widths if len(ps) > 1 else widths[-1:]:
        if len(ps) > 1 or n == longest:  # the last element takes all that is left
            for bound in _match_piece(ps[0], fs[:n], b):
                yield from _exactly(ps[1:], fs[n:], bound)


def substitute(e: Expr, values: Mapping[Expr, Expr]) -> Expr:
    """An expression with nodes replaced wherever they stand; what is above them is made anew in canonical form.

    >>> import matcalc
    >>> f = matcalc.parse("tr(A*X)", where="A: n×m, X: m×n")
    >>> substitute(f, {matcalc.matrix("X", "m", "n"): matcalc.parse("B'", where="B: n×m")})
    tr(A·Bᵀ)
    """
    done = {old.key: new for old, new in values.items()}
    for node in postorder(e):
        if node.key not in done:
            done[node.key] = remade(node, tuple([done[a.key] for a in node.args]))
    return done[e.key]


def remade(e: Expr, args: tuple[Expr, ...]) -> Expr:
    """The node of new arguments, in canonical form; the node itself where they are what they were."""
    return e if all(map(is_, args, e.args)) else algebra.reconstruct(e, args)


def instantiate(template: Expr, b: Bindings) -> Expr:
    """The expression that a template stands for under bindings, in canonical form."""
    dims = {k[4:]: v for k, v in b.items() if k.startswith("dim ")}
    done: dict[bytes, Expr] = {}
    for t in _in_order(template):
        done[t.key] = _instance(t, tuple([done[a.key] for a in t.args]), b, dims)
    return done[template.key]


def _in_order(template: Expr) -> tuple[Expr, ...]:
    found = _ORDERS.get(id(template))
    if found is None:
        if len(_ORDERS) > MOST_ORDERS:
            _ORDERS.clear()
        found = _ORDERS[id(template)] = tuple(postorder(template))
    return found


_ORDERS: dict[int, tuple[Expr, ...]] = {}
"""The nodes of templates, by identity: triu(Aᵀ) is equal to tril(A)ᵀ and yet another node. The last is the template,
which so lives as long as its number stands here."""
MOST_ORDERS = 1024


def _instance(t: Expr, args: tuple[Expr, ...], b: Bindings, dims: Mapping[str, DimLike]) -> Expr:
    if t.op == "symbol":
        bound: Expr = b.get(t.name, t)
        return bound
    if t.op in ("elementwise", "abstract"):
        return _function(t, args, b, dims)
    if t.args:
        return algebra.reconstruct(t, args)
    if t.op == "dimension":
        return algebra.dimension(substitute_dim(t.data, dims))
    if t.op == "commutation":
        return algebra.commutation(substitute_dim(t.data[0], dims), substitute_dim(t.data[1], dims))
    if t.op not in ("ones", "eye", "zero"):
        return t
    rows, columns = (substitute_dim(n, dims) for n in t.shape)
    return algebra.zeros((rows, columns)) if t.op == "zero" else (algebra.ones if t.op == "ones" else algebra.eye)(rows)


def _function(t: Expr, args: tuple[Expr, ...], b: Bindings, dims: Mapping[str, DimLike]) -> Expr:
    """A function in a template, or the one that its letter stands for."""
    bound = b.get("fn " + t.data[0])
    if bound is None:
        return algebra.reconstruct(t, args)
    name, order = bound
    if t.op == "elementwise":
        order += t.data[1]
        return derivative(name, order, args[0]) if order else algebra.elementwise(name, args[0])
    shape = (substitute_dim(t.shape[0], dims), substitute_dim(t.shape[1], dims))
    return algebra.abstract(name, t.data[1], args, shape if t.data[1] is None else args[t.data[1]].shape)
