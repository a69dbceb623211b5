"""Linear maps: a pullback, linear in its cotangent, read as a matrix.

The pullback of F at a cotangent S is P(S) = Jᵀ·S. Sweeping P backwards gives its transpose, the differential; stripping
S from it, node by node with vec(A·E·B) = (Bᵀ ⊗ A)·vec E, gives the matrix of P, whose transpose is ∂vec F/∂vec X.
"""

from __future__ import annotations

from collections.abc import Callable

from matcalc import algebra
from matcalc.errors import UnsupportedError
from matcalc.expr import Expr, postorder

__all__ = ["matrix_of", "vec"]


def vec(e: Expr) -> Expr:
    """The columns stacked; a column is its own vec, a row its transpose."""
    if e.shape[1] == 1:
        return e
    return algebra.transpose(e) if e.shape[0] == 1 else algebra.apply("vec", e)


def matrix_of(p: Expr, s: Expr) -> Expr:
    """The matrix M with vec(p) = M·vec(s), for an expression p that is linear in the symbol s.

    Shape:  (entries of p) × (entries of s).
    Raises: UnsupportedError if a node is not a known linear map of its argument.
    """
    length = s.shape[0] * s.shape[1]
    size = p.shape[0] * p.shape[1]
    maps: dict[Expr, Expr] = {s: algebra.eye(length)}
    for e in postorder(p):
        if e in maps or not any(a in maps for a in e.args):
            continue
        read = _READERS.get(e.op)
        if read is None:
            raise UnsupportedError(
                f"{e.op} is not read as a linear map yet", hint='the form "differential" shows the same derivative'
            )
        maps[e] = read(e, maps)
    return maps.get(p) or algebra.zeros((size, length))


def _sum(e: Expr, maps: dict[Expr, Expr]) -> Expr:
    return algebra.add(*(maps[a] for a in e.args))


def _split(e: Expr, maps: dict[Expr, Expr]) -> tuple[int, Expr]:
    """Where the one argument is that depends on the cotangent."""
    found = [i for i, a in enumerate(e.args) if a in maps]
    if len(found) != 1:
        raise UnsupportedError("a product of two parts that depend on the cotangent is not linear")
    return found[0], maps[e.args[found[0]]]


def _chain(e: Expr, maps: dict[Expr, Expr]) -> Expr:
    """vec(A·E·B) = (Bᵀ ⊗ A)·vec E"""
    i, m = _split(e, maps)
    middle = e.args[i]
    left = algebra.mul(*e.args[:i]) if i else algebra.eye(middle.shape[0])
    right = algebra.mul(*e.args[i + 1 :]) if i + 1 < len(e.args) else algebra.eye(middle.shape[1])
    return algebra.mul(algebra.kron(algebra.transpose(right), left), m)


def _scaled(e: Expr, maps: dict[Expr, Expr]) -> Expr:
    """vec(s·E) = s·vec E, and for a scalar that depends on the cotangent vec(E)·s"""
    i, m = _split(e, maps)
    rest = algebra.mul(*(a for j, a in enumerate(e.args) if j != i))
    return algebra.mul(vec(rest), m) if e.args[i].is_scalar else algebra.mul(rest, m)


def _hadamard(e: Expr, maps: dict[Expr, Expr]) -> Expr:
    """vec(C ⊙ E) = Diag(vec C)·vec E"""
    i, m = _split(e, maps)
    rest = algebra.hadamard(*(a for j, a in enumerate(e.args) if j != i)) if len(e.args) > 2 else e.args[1 - i]
    return algebra.mul(algebra.apply("diag", vec(rest)), m)


def _transposed(e: Expr, maps: dict[Expr, Expr]) -> Expr:
    """vec(Eᵀ) = K·vec E"""
    inner = e.args[0]
    return algebra.mul(algebra.commutation(*inner.shape), maps[inner])


def _trace(e: Expr, maps: dict[Expr, Expr]) -> Expr:
    """tr(E) = vec(I)ᵀ·vec E"""
    inner = e.args[0]
    return algebra.mul(algebra.transpose(vec(algebra.eye(inner.shape[0]))), maps[inner])


def _stacked(e: Expr, maps: dict[Expr, Expr]) -> Expr:
    """vec and unvec change no entry and no order."""
    if e.args[0] not in maps:
        raise UnsupportedError("only the first argument is linear")
    return maps[e.args[0]]


def _unkron_left(e: Expr, maps: dict[Expr, Expr]) -> Expr:
    """The transpose of vec(X ⊗ B) = (Iₙ ⊗ K_qm ⊗ I_p)·(I_mn ⊗ vec B)·vec X"""
    (m, n), b = e.shape, e.args[1]
    p, q = b.shape
    arrange = algebra.kron(algebra.kron(algebra.eye(n), algebra.commutation(q, m)), algebra.eye(p))
    spread = algebra.mul(arrange, algebra.kron(algebra.eye(m * n), vec(b)))
    return algebra.mul(algebra.transpose(spread), maps[e.args[0]])


def _unkron_right(e: Expr, maps: dict[Expr, Expr]) -> Expr:
    """The transpose of vec(A ⊗ X) = (I_q ⊗ K_np ⊗ I_m)·(vec A ⊗ I_mn)·vec X"""
    (m, n), a = e.shape, e.args[1]
    p, q = a.shape
    arrange = algebra.kron(algebra.kron(algebra.eye(q), algebra.commutation(n, p)), algebra.eye(m))
    spread = algebra.mul(arrange, algebra.kron(vec(a), algebra.eye(m * n)))
    return algebra.mul(algebra.transpose(spread), maps[e.args[0]])


_READERS: dict[str, Callable[[Expr, dict[Expr, Expr]], Expr]] = {
    "add": _sum,
    "dot": _chain,
    "mul": _scaled,
    "hadamard": _hadamard,
    "transpose": _transposed,
    "tr": _trace,
    "vec": _stacked,
    "unvec": _stacked,
    "unkron_left": _unkron_left,
    "unkron_right": _unkron_right,
}
