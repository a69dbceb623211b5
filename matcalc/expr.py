"""Expressions: an immutable, interned DAG, every node born with its shape.

Nodes are made by the constructors of :mod:`matcalc.algebra`, which put them into canonical form;
this module knows what a node is, not which identities hold.

Two digests tell expressions apart. ``key`` does not depend on the order of terms in a sum or of factors in a
Hadamard product, nor on which way round a 1×1 product was written; ``tkey`` is the key of the transpose.
An expression is symmetric exactly when the two agree.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Hashable, Iterable, Iterator
from fractions import Fraction
from hashlib import blake2b
from operator import is_
from typing import Any, cast

from matcalc.dims import Shape
from matcalc.limits import still_room, still_time
from matcalc.operators import OPERATORS

__all__ = ["Expr", "free_symbols", "make", "postorder", "rebuild", "with_args"]

COMMUTATIVE = frozenset({"add", "mul", "hadamard"})
"""Operators whose arguments may be exchanged (in a mul all but one factor are scalars)."""

TRANSPOSABLE = frozenset({"add", "mul", "hadamard", "elementwise", "power", "inv", "matpower", "kron", "zero"}) | {
    name for name, row in OPERATORS.items() if row.transpose == "covariant"
}
"""Operators that commute with transposition: op(A, B)ᵀ = op(Aᵀ, Bᵀ)."""

MIRRORED = {name: row.mirror for name, row in OPERATORS.items() if row.mirror}
"""Of what the transpose of another operator's value is the value."""

SYMMETRIC = frozenset({"eye", "diag"}) | {name for name, row in OPERATORS.items() if row.transpose == "symmetric"}
"""Operators whose values are symmetric matrices."""

_interned: weakref.WeakValueDictionary[tuple[Hashable, ...], Expr] = weakref.WeakValueDictionary()


class Expr:
    """A node: an operator applied to arguments, with a shape.

    Shape:  (rows, columns); scalars are (1, 1), column vectors (n, 1), row vectors (1, n).
    Equality compares keys: ``X + Y == Y + X``.

    >>> import matcalc
    >>> X = matcalc.matrix("X", "m", "n")
    >>> (X.T @ X).shape
    (Dim('n'), Dim('n'))
    """

    __slots__ = ("__weakref__", "_hash", "args", "data", "has_unknown", "key", "op", "shape", "size", "tkey")

    op: str
    args: tuple[Expr, ...]
    data: Any
    shape: Shape
    key: bytes
    tkey: bytes
    size: int
    _hash: int
    has_unknown: bool

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Expr) and self._hash == other._hash and self.key == other.key)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return self._hash

    @property
    def is_scalar(self) -> bool:
        """Whether the shape is 1×1."""
        return self.shape == (1, 1)

    @property
    def is_symmetric(self) -> bool:
        """Whether the expression equals its transpose, as far as declared properties tell."""
        return self.key == self.tkey

    @property
    def value(self) -> Fraction | None:
        """The number, if the expression is one."""
        return cast(Fraction, self.data) if self.op == "number" else None

    @property
    def name(self) -> str:
        """The name of a symbol or an elementwise function."""
        return cast(str, self.data[0])

    def __str__(self) -> str:
        from matcalc.printing import text

        return text(self)

    __repr__ = __str__

    def _repr_latex_(self) -> str:
        from matcalc.printing import latex

        return f"$\\displaystyle {latex(self)}$"

    def compile(self, target: str = "numpy") -> Callable[..., Any]:
        """A function of keyword arguments, one for every name that occurs; vectors are 1-D arrays."""
        from matcalc.codegen import compile_function

        return compile_function(self, target=target)

    def to_sympy(self) -> Any:
        """The expression in SymPy; raises UnsupportedError where SymPy has no such operator."""
        from matcalc.sympy_bridge import to_sympy

        return to_sympy(self)

    def __reduce__(self) -> tuple[Any, ...]:
        return (make, (self.op, self.args, self.data, self.shape))


def _digest(op: str, data: Hashable, shape: Shape, keys: Iterable[bytes]) -> bytes:
    h = blake2b(f"{op}|{data}|{shape}".encode(), digest_size=16)
    for key in keys:
        h.update(key)
    return h.digest()


def _keys(op: str, args: tuple[Expr, ...], data: Hashable, shape: Shape) -> tuple[bytes, bytes]:
    """The key of a node and of its transpose."""
    if op == "transpose":
        return args[0].tkey, args[0].key
    keys, tkeys = [a.key for a in args], [a.tkey for a in args]
    if op == "dot":
        tkeys.reverse()
    if op in COMMUTATIVE:
        keys.sort()
        tkeys.sort()
    if op == "symbol":
        # The properties of a name belong to its declaration, so they count: X and a symmetric X differ.
        data = (data[0], *sorted(data[1]))  # type: ignore[index]
    if op == "tr" and args[0].op == "dot":
        key = _digest(op, data, shape, _least_rotation(args[0].args))
        return key, key
    key = _digest(op, data, shape, keys)
    if op == "commutation":
        return key, _digest(op, data[::-1], shape, keys)  # type: ignore[index]
    if shape == (1, 1):
        if op == "dot":
            key = min(key, _digest(op, data, shape, tkeys))
        return key, key
    if op == "sym":
        key = min(key, _digest(op, data, shape, tkeys))  # of A or of Aᵀ
    if op in SYMMETRIC or (op == "symbol" and "symmetric" in data):  # type: ignore[operator]
        return key, key
    transposed = (shape[1], shape[0])
    if op in TRANSPOSABLE or op == "dot":
        return key, _digest(op, data, transposed, tkeys)
    if op in MIRRORED:
        other, *order = MIRRORED[op]
        return key, _digest(str(other), data, transposed, [tkeys[int(i)] for i in order])
    return key, _digest("transpose", None, transposed, [key])


ROTATIONS = 64
"""Longer products under a trace are told apart even if one is a rotation of the other."""


def _least_rotation(factors: tuple[Expr, ...]) -> list[bytes]:
    """The keys of a product in the order that all its rotations and transposes have in common: tr(AB) = tr(BA)."""
    keys, tkeys = [f.key for f in factors], [f.tkey for f in reversed(factors)]
    if len(keys) > ROTATIONS:
        return keys
    return min(side[i:] + side[:i] for side in (keys, tkeys) for i in range(len(side)))


def make(op: str, args: tuple[Expr, ...], data: Any, shape: Shape) -> Expr:
    """The node with these parts; the same parts give the same object. Nothing is simplified here."""
    ident = (op, data, shape, *map(id, args))
    found = _interned.get(ident)
    if found is not None:
        return found
    still_room(len(_interned))
    e = object.__new__(Expr)
    e.op, e.args, e.data, e.shape = op, args, data, shape
    e.key, e.tkey = _keys(op, args, data, shape)
    e.size = 1 + sum(a.size for a in args)
    e.has_unknown = op == "unknown" or any(a.has_unknown for a in args)
    e._hash = hash(e.key)
    _interned[ident] = e
    return e


def with_args(e: Expr, args: tuple[Expr, ...]) -> Expr:
    """The node of other arguments as they stand: no constructor merges a name with what it stands for."""
    return e if all(map(is_, args, e.args)) else make(e.op, args, e.data, e.shape)


def postorder(*roots: Expr) -> Iterator[Expr]:
    """Every node of a DAG once, arguments before the node that uses them."""
    still_time()
    seen: set[bytes] = set()  # keys, because bytes are hashed faster than nodes
    for root in roots:
        stack: list[Expr | None] = [root]
        waiting: list[Expr] = []
        while stack:
            e = stack.pop()
            if e is None:
                yield waiting.pop()
                continue
            if e.key in seen:
                continue
            seen.add(e.key)
            if not e.args:
                yield e
                continue
            waiting.append(e)
            stack.append(None)
            for a in reversed(e.args):
                if a.key not in seen:
                    stack.append(a)


def rebuild(root: Expr, construct: Callable[[Expr, tuple[Expr, ...]], Expr]) -> Expr:
    """Make every node of a DAG anew, once; `construct` gets the old node and its new arguments."""
    done: dict[bytes, Expr] = {}
    for e in postorder(root):
        done[e.key] = construct(e, tuple([done[a.key] for a in e.args])) if e.args else e
    return done[root.key]


def free_symbols(*roots: Expr) -> dict[str, Expr]:
    """The symbols that occur, by name, in order of first occurrence."""
    return {e.name: e for e in postorder(*roots) if e.op == "symbol"}
