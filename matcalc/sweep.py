"""The reverse sweep: derivatives from pullbacks, recorded as a derivation.

The unknown df/dN is the total derivative by the node N with N cut free. Each step replaces one unknown, everywhere, by
the sum of what the rules pull back from the consumers of N: one equation per node, so the sweep is linear in the DAG.
States, the expressions between the steps, are put together only when somebody looks at them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from matcalc import algebra, pattern
from matcalc.errors import UnsupportedError
from matcalc.expr import Expr, postorder
from matcalc.rulebook import COTANGENT, Pullback, Rule, Rulebook

__all__ = ["Equation", "Pull", "Sweep", "replace", "solve", "sweep", "unknowns_of"]

REST_SHOWN = 8
"""In a sum or product of more arguments the others are not gathered just to be named in a reason."""


@dataclass(frozen=True, slots=True)
class Pull:
    """One use of a rule: what a consumer contributes to the derivative by a node below it."""

    rule: Rule
    pullback: Pullback
    bindings: pattern.Bindings
    consumer: Expr
    target: Expr


@dataclass(frozen=True, slots=True)
class Equation:
    """df/dN = rhs, where rhs holds the unknowns of N's consumers."""

    unknown: Expr
    rhs: Expr
    pulls: tuple[Pull, ...]

    @property
    def node(self) -> Expr:
        """N itself."""
        return self.unknown.args[0]


@dataclass(slots=True)
class Sweep:
    """The equations of a sweep, from the variable to the function, and the result."""

    function: Expr
    variables: tuple[Expr, ...]
    label: str
    seed: Expr = algebra.ONE
    equations: dict[Expr, Equation] = field(default_factory=dict)
    results: dict[Expr, Expr] = field(default_factory=dict)

    @property
    def consumers(self) -> dict[Expr, tuple[Pull, ...]]:
        """For each node its uses, whose pullbacks make up its derivative."""
        return {node: eq.pulls for node, eq in self.equations.items()}

    def equations_of(self, variable: Expr) -> list[Equation]:
        """The equations that lead from a variable to the function, the variable's first."""
        todo, seen = [variable], {variable}
        reached: set[Expr] = set()
        while todo:
            node = todo.pop()
            reached.add(node)
            for pull in self.equations[node].pulls if node in self.equations else ():
                if pull.consumer not in seen:
                    seen.add(pull.consumer)
                    todo.append(pull.consumer)
        return [self.equations[node] for node in reversed(list(self.equations)) if node in reached]


def _depends(f: Expr, variables: Iterable[Expr]) -> set[Expr]:
    """The nodes of a DAG that contain a variable."""
    active = set(variables)
    for e in postorder(f):
        if any(a in active for a in e.args):
            active.add(e)
    return active


class _Activity:
    """Which expressions depend on the variables; also of expressions made during the sweep."""

    def __init__(self, f: Expr, variables: Sequence[Expr]) -> None:
        self.known: dict[Expr, bool] = dict.fromkeys(_depends(f, variables), True)

    def __call__(self, e: Expr) -> bool:
        found = self.known.get(e)
        if found is None:
            for node in postorder(e):
                if node not in self.known:
                    self.known[node] = any(self.known[a] for a in node.args)
            found = self.known[e]
        return found


def _whole(rule: Rule, node: Expr, active: _Activity) -> Iterator[Pull]:
    """The pullbacks of a rule whose pattern stands for the node as a whole."""
    for bindings in pattern.match(rule.pattern, node, {"generic": rule.generic}):
        bound = {k: v for k, v in bindings.items() if isinstance(v, Expr) and active(v)}
        if bound and all(k in rule.pullbacks for k in bound):
            for name, target in bound.items():
                yield Pull(rule, rule.pullbacks[name], bindings, node, target)
            return


def _factor(rules: Sequence[Rule], node: Expr, i: int) -> Pull | None:
    """The pullback to the i-th argument of a sum or product."""
    for rule in rules:
        if rule.is_whole:
            continue
        for name, pullback in rule.pullbacks.items():
            shown = len(node.args) <= REST_SHOWN or len(pullback.names - {COTANGENT, name}) > 0
            found = pattern.match_factor(rule.pattern, name, node, i, {"generic": rule.generic}, rest=shown)
            bindings = next(found, None)
            if bindings is not None:
                return Pull(rule, pullback, bindings, node, node.args[i])
    return None


def pulls_of(node: Expr, book: Rulebook, active: _Activity) -> list[Pull]:
    """What the rules pull back from a node to the active expressions below it.

    Raises: UnsupportedError if no rule applies.
    """
    rules = book.by_head.get(node.op, [])
    whole = next((pulls for r in rules if r.is_whole and (pulls := list(_whole(r, node, active)))), None)
    if whole is not None and all(r.priority <= whole[0].rule.priority for r in rules):
        return whole
    if node.op in pattern.NARY:
        found = [_factor(rules, node, i) for i, a in enumerate(node.args) if active(a)]
        chosen = [pull for pull in found if pull is not None]
        if len(chosen) == len(found) and (
            whole is None or any(p.rule.priority > whole[0].rule.priority for p in chosen)
        ):
            return chosen
    if whole is not None:
        return whole
    raise UnsupportedError(
        f"no rule differentiates {node.op} by this argument",
        hint="`matcalc rules` lists what is known; a rule of your own can be added",
    )


def _instance(pull: Pull, cotangent: Expr) -> Expr:
    return pattern.instantiate(pull.pullback.template, {**pull.bindings, COTANGENT: cotangent})


def sweep(f: Expr, variables: Sequence[Expr], book: Rulebook, seed: Expr = algebra.ONE, label: str = "f") -> Sweep:
    """Derive df/dX for several variables X in one pass over f.

    Args:
        f: the function, scalar unless a cotangent is given.
        variables: symbols.
        book: the rules.
        seed: the cotangent of f itself: 1 for a scalar function.
        label: the name of f in unknowns.

    Raises: UnsupportedError if a node has no rule.
    """
    active = _Activity(f, variables)
    result = Sweep(f, tuple(variables), label, seed)
    if not active(f):
        result.results = {x: algebra.zeros(x.shape) for x in variables}
        return result
    pulls = _all_pulls(f, book, active, frozenset(variables))
    incoming: dict[Expr, list[Pull]] = {}
    for node in _consumers_first(f, pulls):
        if node != f:
            contributions = [
                _instance(p, seed if p.consumer == f else algebra.unknown(label, p.consumer)) for p in incoming[node]
            ]
            unknown = algebra.unknown(label, node)
            result.equations[node] = Equation(unknown, algebra.add(*contributions), tuple(incoming[node]))
        for pull in pulls.get(node, ()):
            incoming.setdefault(pull.target, []).append(pull)
    values = solve(list(result.equations.values()), keep=variables)
    result.results = {x: seed if x == f else values.get(x, algebra.zeros(x.shape)) for x in variables}
    return result


def _all_pulls(f: Expr, book: Rulebook, active: _Activity, variables: frozenset[Expr]) -> dict[Expr, list[Pull]]:
    pulls: dict[Expr, list[Pull]] = {}
    todo = [f]
    while todo:
        node = todo.pop()
        if node in pulls or node in variables:
            continue
        pulls[node] = pulls_of(node, book, active)
        todo.extend(p.target for p in pulls[node])
    return pulls


def _consumers_first(f: Expr, pulls: dict[Expr, list[Pull]]) -> list[Expr]:
    """The nodes in an order where each comes after all that consume it."""
    order: list[Expr] = []
    seen: set[Expr] = set()
    stack: list[tuple[Expr, bool]] = [(f, False)]
    while stack:
        node, ready = stack.pop()
        if ready:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            stack.append((node, True))
            stack.extend((p.target, False) for p in pulls.get(node, ()) if p.target not in seen)
    order.reverse()
    return order


# --- putting the equations together -----------------------------------------------------------------------------------

PRODUCTS = {"mul": "product", "dot": "product", "hadamard": "hadamard"}


def solve(equations: Sequence[Equation], keep: Iterable[Expr]) -> dict[Expr, Expr]:
    """The values of the unknowns, by node; the equations come consumers first.

    A product that stands in only one other product is not built on its own: its factors are handed on, so that a
    product of n factors costs n and not n².
    """
    kept = set(keep)
    uses: dict[Expr, int] = {}
    hosts: dict[Expr, str] = {}
    for eq in equations:
        for u, count in unknowns_of(eq.rhs).items():
            uses[u.args[0]] = uses.get(u.args[0], 0) + count
        for a in eq.rhs.args if eq.rhs.op in PRODUCTS else ():
            if a.op == "unknown":
                hosts[a.args[0]] = PRODUCTS[eq.rhs.op]
    values: dict[Expr, Expr] = {}
    parts: dict[Expr, list[Expr]] = {}
    for eq in equations:
        node, rhs = eq.node, eq.rhs
        if rhs.op in PRODUCTS:
            factors = _Rope(rhs.args, parts, values)
            keeps_its_brackets = rhs.is_scalar and not all(a.is_scalar for a in rhs.args)
            single = uses.get(node) == 1 and hosts.get(node) == PRODUCTS[rhs.op]
            if single and node not in kept and not keeps_its_brackets:
                parts[node] = factors
                continue
            flat = factors.flat()
            values[node] = algebra.hadamard(*flat) if rhs.op == "hadamard" else algebra.mul(*flat)
        else:
            values[node] = _substitute(rhs, values)
    return values


class _Rope(list[Expr]):
    """The arguments of a product in which an unknown may stand for the arguments of another product."""

    def __init__(self, args: Iterable[Expr], parts: dict[Expr, list[Expr]], values: dict[Expr, Expr]) -> None:
        super().__init__(a if a.op == "unknown" else _substitute(a, values) for a in args)
        self.parts, self.values = parts, values

    def flat(self) -> list[Expr]:
        """All factors in order."""
        result: list[Expr] = []
        stack = list(reversed(self))
        while stack:
            a = stack.pop()
            if a.op == "unknown" and a.args[0] in self.parts:
                stack.extend(reversed(self.parts[a.args[0]]))
            else:
                result.append(self.values.get(a.args[0], a) if a.op == "unknown" else a)
        return result


def _substitute(e: Expr, values: dict[Expr, Expr]) -> Expr:
    """Put the values of unknowns into an expression."""
    found = {u: values[u.args[0]] for u in unknowns_of(e) if u.args[0] in values}
    return replace(e, found) if found else e


def unknowns_of(e: Expr) -> dict[Expr, int]:
    """The unknowns of an expression and how often each occurs; the nodes they are about are not looked into."""
    found: dict[Expr, int] = {}
    seen: set[Expr] = set()
    stack = [e]
    while stack:
        node = stack.pop()
        if node.op == "unknown":
            found[node] = found.get(node, 0) + 1
        elif node.has_unknown and node not in seen:
            seen.add(node)
            stack.extend(node.args)
    return found


def replace(e: Expr, replaced: dict[Expr, Expr]) -> Expr:
    """Replace unknowns in an expression; the nodes that unknowns are about are not looked into."""
    done = dict(replaced)
    stack: list[tuple[Expr, bool]] = [(e, False)]
    while stack:
        node, ready = stack.pop()
        if node in done:
            continue
        if ready:
            done[node] = pattern.remade(node, tuple(done[a] for a in node.args))
        elif node.op == "unknown" or not node.has_unknown:
            done[node] = node
        else:
            stack.append((node, True))
            stack.extend((a, False) for a in node.args)
    return done[e]
