"""The value of a state of a derivation: unknowns df/dN got by cutting the graph at N and differentiating there.

Independent of the rules: N is found in f, replaced by a free symbol at N's value, and f is evaluated over jets along
every entry of that symbol.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from random import Random

from matcalc import algebra
from matcalc.check.evaluator import Evaluator, Floats
from matcalc.check.jets import Jet, Matrix
from matcalc.expr import Expr, make, postorder
from matcalc.pattern import instantiate
from matcalc.sweep import Pull

__all__ = ["cut", "value_of_state"]


def cut(f: Expr, node: Expr, free: Expr, consumers: Mapping[Expr, Sequence[Pull]]) -> Expr:
    """f with a node replaced by a free symbol in those that consume it.

    Nodes that a rule made on the way, such as the matrix AᵀA of the quadratic form xᵀAᵀAx, stand in no other node; they
    are found as a stretch of what consumes them.
    """
    present = set(postorder(f))
    made: dict[Expr, Expr] = {node: free}
    todo = [node]
    users: dict[Expr, list[Expr]] = {}
    while todo:
        part = todo.pop()
        for user in dict.fromkeys(pull.consumer for pull in consumers.get(part, ())):
            users.setdefault(user, []).append(part)
            if user not in present and user not in made:
                made[user] = _with(user, user, part, made[part], consumers[part])
                todo.append(user)
    done: dict[Expr, Expr] = {}
    for e in postorder(f):
        args = tuple(done[a] for a in e.args)
        new = e if args == e.args else make(e.op, args, e.data, e.shape)
        for part in users.get(e, ()):
            new = _with(new, e, part, made[part], consumers[part])
        done[e] = new
    return done[f]


def _with(e: Expr, original: Expr, part: Expr, new: Expr, pulls: Sequence[Pull]) -> Expr:
    """A consumer with one of its original arguments, or a stretch of them, replaced. Raw: nothing is simplified."""
    whole = next((p for p in pulls if p.consumer == original and p.rule.is_whole), None)
    if whole is not None:
        bindings = {k: new if isinstance(v, Expr) and v == part else v for k, v in whole.bindings.items()}
        return instantiate(whole.rule.pattern, bindings)
    if part in original.args:
        args = tuple(new if a == part else b for a, b in zip(original.args, e.args, strict=True))
        return make(e.op, args, e.data, e.shape)
    inside = _inside(e, part, new)
    return e if inside is None else make(e.op, inside, e.data, e.shape)


def _inside(e: Expr, node: Expr, free: Expr) -> tuple[Expr, ...] | None:
    """The arguments of a sum or product with those that make up the node replaced."""
    parts = node.args if node.op == e.op else None
    if e.op == "mul" and node.op == "dot":
        return None
    if parts is None or len(parts) >= len(e.args) or e.op not in ("add", "mul", "dot", "hadamard"):
        return None
    if e.op == "dot":
        for i in range(len(e.args) - len(parts) + 1):
            if e.args[i : i + len(parts)] == parts:
                return (*e.args[:i], free, *e.args[i + len(parts) :])
        return None
    left = Counter(e.args)
    if Counter(parts) - left:
        return None
    left -= Counter(parts)
    rest = tuple(a for a in e.args if left[a] > 0)
    return (free, *rest) if e.op == "mul" and free.is_scalar else (*rest, free)


def value_of_state(
    state: Expr,
    f: Expr,
    consumers: Mapping[Expr, Sequence[Pull]],
    point: Mapping[str, Matrix],
    sizes: Mapping[str, int],
    seed: int = 0,
) -> Matrix:
    """The value of an expression that may hold unknowns df/dN.

    Args:
        state: the expression.
        f: the function.
        consumers: for each node the uses of it, from the sweep.
        point, sizes: values of the symbols and of their dimensions.

    Raises: NoValue outside the domain.
    """
    plain = {n: {0: m} for n, m in point.items()}
    evaluator = Evaluator(Floats(), plain, sizes, Random(seed))
    evaluator.value(f)
    for e in postorder(state):
        if e.op == "unknown":
            evaluator.values[e] = {0: _cut_derivative(f, e.args[0], consumers, evaluator, plain, sizes, seed)}
    return evaluator.value(state)[0]


def _cut_derivative(
    f: Expr,
    node: Expr,
    consumers: Mapping[Expr, Sequence[Pull]],
    evaluator: Evaluator,
    plain: Mapping[str, Jet],
    sizes: Mapping[str, int],
    seed: int,
) -> Matrix:
    free = algebra.symbol("cut free", node.shape)
    opened = cut(f, node, free, consumers)
    at = evaluator.value(node)[0]
    result = [[0.0] * len(row) for row in at]
    for i, row in enumerate(at):
        for j in range(len(row)):
            unit = [[float((i, j) == (p, q)) for q in range(len(row))] for p in range(len(at))]
            inner = Evaluator(Floats(), {**plain, free.name: {0: at, 1: unit}}, sizes, Random(seed))
            inner.generic = evaluator.generic
            result[i][j] = inner.value(opened).get(1, [[0.0]])[0][0]
    return result
