"""Proofs for all sizes: both sides of a claim written in entries have one normal form."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from matcalc import algebra
from matcalc.atoms import TANGENT
from matcalc.expr import Expr, postorder
from matcalc.operators import OPERATORS
from matcalc.pattern import substitute
from matcalc.proof.calculus import Differential
from matcalc.proof.canonical import Exponent, Unprovable
from matcalc.proof.entries import Entries, Tensor
from matcalc.proof.equations import factored, vanishing
from matcalc.proof.space import Poly, Raw

__all__ = ["Proof", "Step", "prove", "prove_equal", "prove_pullback"]

ROUNDS = 6
"""How often a difference is multiplied by a denominator before it is given up."""


@dataclass(frozen=True)
class Step:
    """A line of a proof: a name for it, the terms of a polynomial, and over what they are summed besides.

    `same_names` says that the indices are those of the step before.
    """

    name: str
    terms: tuple[Raw, ...]
    over: tuple[int, ...] = ()
    same_names: bool = False


@dataclass(frozen=True)
class Proof:
    """A proof that a derivative is what is claimed, or that two expressions are the same.

    Args:
        kind: "pullback", "equal", or the kind of a derivative.
        claim: the function and its pullback or derivative, or the two sides.
        variable: by what, unless kind is "equal".
        steps: (definition, derivative, times the cotangent, contracted, claimed), or the two sides.
        lemmas: the names of lemmas that it rests on.
        space: what the indices and atoms in the steps are.
    """

    kind: str
    claim: tuple[Expr, Expr]
    variable: Expr | None
    steps: tuple[Step, ...]
    lemmas: tuple[str, ...]
    space: Entries = field(repr=False, compare=False)

    def lines(self, style: str = "unicode") -> list[tuple[str, str]]:
        """The proof for readers: left sides ("" for another =) and right sides."""
        from matcalc.printing.proofs import proof_lines

        return proof_lines(self, style)


@contextmanager
def plain() -> Iterator[None]:
    """No rewrites while expressions are made: a proof must not use what it proves."""
    token = algebra.REWRITER.set(None)
    try:
        yield
    finally:
        algebra.REWRITER.reset(token)


def is_zero(space: Entries, p: Poly) -> bool:
    """Whether a polynomial is zero: its denominators are multiplied out one after another."""
    for _ in range(ROUNDS):
        if not p:
            return True
        least: dict[tuple[int, tuple[int, ...]], Exponent] = {}
        for n, term in enumerate(p):
            own = {(a, args): e for a, args, e in term if space.atoms[a].kind == "base"}
            for key in {*least, *own}:
                e = own.get(key, 0)
                least[key] = e if n == 0 else min(least.get(key, 0), e)
        lowest = [
            (atom, args, -e) for (atom, args), e in least.items() if e < 0 and not any(space.bound_in(a) for a in args)
        ]
        if not lowest:
            return False
        for atom, args, e in lowest:
            p = space.terms(
                [space._times((c, space.bound_of(t), list(t)), ((atom, args, e),), 1) for t, c in p.items()]
            )
    return not p


def same(space: Entries, a: Poly, b: Poly) -> bool:
    """Whether two polynomials are equal."""
    return a == b or is_zero(space, space.add(a, space.scale(-1, b)))


def fitted(space: Entries, t: Tensor, rows: Sequence[int], columns: Sequence[int]) -> Poly | None:
    """The entry of a tensor at indices of its shape; None if the shapes differ."""
    t = space.divided(t, 0, [space.dims[i] for i in rows])
    t = space.divided(t, 1, [space.dims[i] for i in columns])
    if [space.dims[i] for i in (*t.rows, *t.columns)] != [space.dims[i] for i in (*rows, *columns)]:
        return None
    return space.at(t, rows, columns)


def as_raw(space: Entries, p: Poly) -> tuple[Raw, ...]:
    """The terms of a polynomial as they are shown."""
    return tuple((c, space.bound_of(t), list(t)) for t, c in p.items())


def prove_pullback(pattern: Expr, variable: Expr, template: Expr, cotangent: str = "S") -> Proof | None:
    """Prove that a pullback is ∂⟨S, F⟩/∂X, for all sizes.

    Args:
        pattern: F.
        variable: X, a symbol of F.
        template: what is claimed, in the symbols of F and S.
        cotangent: the name of S.
    """
    for expand in (False, True):
        space = Entries(expand)
        try:
            proof = _pullback(space, pattern, variable, template, algebra.symbol(cotangent, pattern.shape))
        except Unprovable:
            continue
        if proof is not None:
            return proof
    return None


def _pullback(space: Entries, pattern: Expr, variable: Expr, template: Expr, cotangent: Expr) -> Proof | None:
    with plain():
        value = space.read(pattern)
        claim = space.read(template)
        d = Differential(space, variable, claim)
        raw = d.raw(value.entry)
        s = space.same([value, space.read(cotangent)])
        if s[0].rows != value.rows or s[0].columns != value.columns:
            raise Unprovable("two ways to divide an index")
        names = {i: space.index("bound", ("F", k), space.dims[i]) for k, i in enumerate((*value.rows, *value.columns))}
        times: list[Raw] = []
        for r in raw:
            for term, c in s[1].entry.items():
                c2, bound, factors = space._times(r, term, c)
                moved = [(a, space.moved(args, names), e) for a, args, e in factors]
                times.append((c2, bound | set(names.values()), moved))
        contracted = space.terms(times)
        claimed = fitted(space, claim, d.rows, d.columns)
        if claimed is None or not same(space, contracted, claimed):
            return None
        shown = [Step("definition", as_raw(space, value.entry)), Step("derivative", tuple(raw))]
        over = tuple(names)
        shown.append(Step("summed", tuple((c, b, [*f, *t]) for c, b, f in raw for t in s[1].entry), over))
        shown.append(_contracted(space, shown[-1], contracted))
        shown.append(Step("claimed", as_raw(space, claimed)))
        return Proof("pullback", (pattern, template), variable, tuple(shown), tuple(space.lemmas), space)


def _contracted(space: Entries, summed: Step, result: Poly) -> Step:
    """The step in which the deltas are carried out: with the indices of the one before, if no more than that happens."""
    terms: list[Raw] = []
    for c, bound, factors in summed.terms:
        left = space._contract(bound | set(summed.over), list(factors))
        if left is not None:
            terms.append((c, *left))
    used = [{p for _, args, _ in fs for a in args for p in space.pieces[a]} for _, _, fs in terms]
    if len(terms) == len(result) and all(r[1] <= own for r, own in zip(terms, used, strict=True)):
        return Step("contracted", tuple(terms), same_names=True)
    return Step("contracted", as_raw(space, result))


def prove_equal(left: Expr, right: Expr) -> Proof | None:
    """Prove that two expressions are the same, for all sizes.

    An inverse on the left is proved by its definition: X·F = I has one solution.
    """
    for expand in (False, True):
        space = Entries(expand)
        try:
            proof = _equal(space, left, right)
        except Unprovable:
            proof = None
        if proof is None and left.op == "inv" and left.args[0].shape == right.shape:
            with plain():
                product = algebra.mul(left.args[0], right)
            space = Entries(expand)
            space.lemmas["inverse"] = None
            try:
                proof = _equal(space, product, algebra.eye(left.shape[0]))
            except Unprovable:
                proof = None
        if proof is not None:
            return proof
    return _by_definition(left, right)


def _by_definition(left: Expr, right: Expr) -> Proof | None:
    """A proof from the equations that define an operator on the left: the claim is one of them, or holds for every
    argument of the form that one of them says.
    """
    for node in postorder(left, right):
        if node.op not in OPERATORS:
            continue
        with plain():
            difference = algebra.sub(left, right)
            for zero in vanishing(node):
                for same_thing in (zero, algebra.neg(zero)):
                    if difference in (same_thing, algebra.transpose(same_thing)):
                        definition = f"{node.op}: {OPERATORS[node.op].definition}"
                        return Proof("equal", (left, right), None, (), (definition,), Entries())
            found = factored(node)
            if found is None:
                continue
            value, formula = found
            here = {node: value, node.args[0]: formula}
            sides = [substitute(side, here) for side in (left, right)]
        if all(node not in postorder(side) for side in sides):
            for one, two in (sides, sides[::-1]):
                if one != left and (proof := prove_equal(one, two)) is not None:
                    lemmas = (*proof.lemmas, f"{node.op}: {OPERATORS[node.op].definition}")
                    return Proof("equal", proof.claim, None, proof.steps, lemmas, proof.space)
    return None


def _equal(space: Entries, left: Expr, right: Expr) -> Proof | None:
    with plain():
        first = space.read(left)
        space.done.clear()  # triu(Aᵀ) is read anew, though it is known to be equal to tril(A)ᵀ: that is to be proved
        sides = space.same([first, space.read(right)])
        if not same(space, sides[0].entry, sides[1].entry):
            return None
        steps = tuple(Step(n, as_raw(space, t.entry)) for n, t in zip(("left", "right"), sides, strict=True))
        return Proof("equal", (left, right), None, steps, tuple(space.lemmas), space)


def prove(f: Expr, x: Expr, claim: Expr, kind: str = "gradient", then: Expr | None = None) -> Proof | None:
    """Prove that a derivative is what is claimed, for all sizes; None if no proof is found, right or wrong.

    Args:
        f: the function.
        x: the variable.
        claim: its derivative, in the shape that `kind` says.
        kind: "gradient" (the shape of x), "jacobian" or "derivative" (∂vec f/∂vec x), "hessian" (∂vec ∇/∂vec then).
        then: the second variable of a mixed second derivative.
    """
    if any(v.op != "symbol" or v.data[1] & TANGENT for v in (x, then or x)):
        return None
    for expand in (False, True):
        space = Entries(expand)
        try:
            with plain():
                proof = _derivative(space, f, x, claim, (kind, then or x))
        except Unprovable:
            continue
        if proof is not None:
            return proof
    return None


def _derivative(space: Entries, f: Expr, x: Expr, claim: Expr, how: tuple[str, Expr]) -> Proof | None:
    kind, then = how
    value = space.read(f)
    claim_read = space.read(claim)
    d = Differential(space, x, claim_read if claim.shape == x.shape and kind == "gradient" else None)
    change = d.of(value.entry)
    rows, columns = d.rows, d.columns
    if kind == "hessian":
        own = space.named("g", [space.dims[i] for i in (*d.columns, *d.rows)])
        gradient = space.renamed(change, dict(zip((*d.columns, *d.rows), own, strict=True)))
        d = Differential(space, then)
        change = d.of(gradient)
        rows, columns = own, (*d.columns, *d.rows)
    elif kind != "gradient" or (value.rows or value.columns):
        if x.is_scalar and claim.shape == f.shape:
            rows, columns = value.rows, value.columns
        else:
            rows, columns = (*value.columns, *value.rows), (*d.columns, *d.rows)
    claimed = fitted(space, claim_read, rows, columns)
    if claimed is None or not same(space, change, claimed):
        return None
    steps = (
        Step("definition", as_raw(space, value.entry)),
        Step("contracted", as_raw(space, change)),
        Step("claimed", as_raw(space, claimed)),
    )
    return Proof(kind, (f, claim), x, steps, tuple(space.lemmas), space)
