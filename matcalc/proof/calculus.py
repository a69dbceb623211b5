"""The derivative of a polynomial in entries by an entry of a variable."""

from __future__ import annotations

from collections.abc import Sequence

from matcalc.entrywise import derivative_formula
from matcalc.expr import Expr
from matcalc.functions import find_function
from matcalc.proof.canonical import Unprovable
from matcalc.proof.entries import Entries, Tensor
from matcalc.proof.space import DELTA, Poly, Raw

__all__ = ["Differential"]


class Differential:
    """∂/∂X[p,q] for a variable X: a Kronecker delta for each index of an entry of X, the chain rule for all else.

    Args:
        space: where the polynomials live.
        variable: X.
        like: a matrix of the shape of X; p and q are divided as its indices are.
    """

    def __init__(self, space: Entries, variable: Expr, like: Tensor | None = None) -> None:
        self.space = space
        x = space.read(variable)
        ((term, _),) = x.entry.items()
        self.atom = term[0][0]
        x = x if like is None else space.same([x, like])[0]
        self.rows = space.named("p", [space.dims[i] for i in x.rows])
        self.columns = space.named("q", [space.dims[i] for i in x.columns])
        self.places = tuple(space.join(side) for side in (self.rows, self.columns) if side)
        self.inner: dict[int, Poly | None] = {}

    def raw(self, p: Poly) -> list[Raw]:
        """The terms of the derivative with their deltas."""
        space = self.space
        out: list[Raw] = []
        for term, c in p.items():
            for k, (atom, args, e) in enumerate(term):
                rest = [*term[:k], *term[k + 1 :]]
                if e != 1:
                    rest.append((atom, args, e - 1))
                if atom == self.atom:
                    deltas = [(DELTA, pair, 1) for pair in zip(args, self.places, strict=True)]
                    out.append((c * e, space.bound_of(term), [*rest, *deltas]))
                    continue
                with space.opened(args) as (open_args, back):
                    inner = self.of_factor(atom, open_args)
                out += space.spliced((c * e, space.bound_of(term), rest), inner, back)
        return out

    def of(self, p: Poly) -> Poly:
        """The derivative."""
        return self.space.terms(self.raw(p))

    def of_factor(self, atom: int, args: Sequence[int]) -> Poly:
        """The derivative of an atom at its arguments, as a factor of exponent 1."""
        space = self.space
        if not space.atoms[atom].polys:
            return {}
        self._reach(atom)
        found = self.inner[atom]
        if not found:
            return {}
        a = space.atoms[atom]
        if a.kind in ("determinant", "abstract"):
            own = () if a.kind == "determinant" or a.data[1] is None else self.own_slots(atom)
            return space.renamed(found, dict(zip(own, args, strict=True)))
        return space.renamed(found, dict(zip(a.slots, args, strict=True)))

    def own_slots(self, atom: int) -> tuple[int, ...]:
        """The placeholders for an entry of a partial derivative of an abstract function."""
        raise Unprovable("a second derivative of an abstract function")

    def _reach(self, atom: int) -> None:
        """Differentiate an atom, and first the atoms that it is a function of."""
        todo = [atom]
        while todo:
            top = todo[-1]
            if top in self.inner:
                todo.pop()
                continue
            below = {
                f[0] for p in self.space.atoms[top].polys for t in p for f in t if self.space.atoms[f[0]].polys
            } - self.inner.keys()
            if below:
                todo.extend(below)
                continue
            todo.pop()
            self.inner[top] = self._differentiated(top)

    def _differentiated(self, atom: int) -> Poly | None:
        """The derivative of a function of polynomials, at its placeholders."""
        space = self.space
        a = space.atoms[atom]
        changes = [self.of(p) for p in a.polys]
        if not any(changes):
            return None
        if a.kind == "base":
            return changes[0]
        if a.kind == "function":
            return space.mul(self.outer(a.data[0], a.data[1], a.polys[0]), changes[0])
        me: Poly = {((atom, a.slots, 1),): 1}
        if a.kind == "symbolic":
            base, exponent = a.polys
            first = space.mul(exponent, space.power(base, -1), me, changes[0]) if changes[0] else {}
            second = space.mul(space.apply("log", base), me, changes[1]) if changes[1] else {}
            return space.add(first, second)
        half = len(a.slots) // 2
        rows, columns = a.slots[:half], a.slots[half:]
        if a.kind == "inverse":
            # X·X⁻¹ = I, so that dX·X⁻¹ + X·dX⁻¹ = 0.
            k, l = self.fresh("k", rows), self.fresh("l", columns)
            left = space.renamed(me, dict(zip(columns, k, strict=True)))
            right = space.renamed(me, dict(zip(rows, l, strict=True)))
            middle = space.renamed(changes[0], dict(zip((*rows, *columns), (*k, *l), strict=True)))
            space.lemmas["differential of an inverse"] = None
            return space.mul(space.constant(-1), left, middle, right, over=(*k, *l))
        if a.kind == "determinant":
            inverse = space.inverse(Tensor(rows, columns, a.polys[0])).entry
            turned = space.renamed(inverse, dict(zip((*rows, *columns), (*columns, *rows), strict=True)))
            space.lemmas["Jacobi"] = None
            return space.mul({((atom, (), 1),): 1}, turned, changes[0], over=(*rows, *columns))
        if a.kind == "abstract" and a.data[1] is None:
            return self.of_abstract(atom, changes)
        raise Unprovable(f"the derivative of {a.kind}")

    def fresh(self, key: str, like: Sequence[int]) -> tuple[int, ...]:
        """Free indices that run over the same ranges."""
        return self.space.named(key, [self.space.dims[i] for i in like])

    def outer(self, name: str, order: int, at: Poly) -> Poly:
        """g′ at a polynomial: from the table of functions, or g with one more prime."""
        space = self.space
        known = find_function(name)
        if known is None or order:
            return space.apply(name, at, order + 1)
        return space.evaluated(derivative_formula(known), {"x": at, "y": space.apply(name, at), known.parameter: at})

    def of_abstract(self, atom: int, changes: Sequence[Poly]) -> Poly:
        """∂f(A, B)/∂A[k,l]·dA[k,l] + …"""
        space = self.space
        a = space.atoms[atom]
        name, _, sizes = a.data
        total: Poly = {}
        start = 0
        for n, (rows, columns) in enumerate(sizes):
            own = a.slots[start : start + rows + columns]
            start += rows + columns
            if changes[n]:
                partial, _ = space.define("abstract", (name, n, sizes), a.polys, [a.slots])
                space.atoms[partial] = space.atoms[partial]._replace(orders=((),))
                total = space.add(total, space.mul({((partial, own, 1),): 1}, changes[n], over=own))
        return total
