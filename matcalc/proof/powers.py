"""Powers and elementwise functions of polynomials in entries."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from math import gcd, lcm
from typing import Any

from matcalc.atoms import MAX_BITS, bits
from matcalc.functions import find_function
from matcalc.proof.canonical import Exponent, Factor, Unprovable
from matcalc.proof.space import DELTA, Poly, Space, Term

__all__ = ["Algebra"]

LARGEST = 10
"""Powers of sums up to this are multiplied out."""

POSITIVE = frozenset({"dimension", "prime", "pi"})
POSITIVE_FUNCTIONS = frozenset({"abs", "exp", "cosh", "sigmoid"})


def whole(e: Exponent) -> bool:
    """Whether an exponent is an integer."""
    return isinstance(e, int) or e.denominator == 1


def _whole_power(c: Exponent, e: int) -> Fraction:
    """c^e, if it is a number that can be written out."""
    exact = Fraction(c)
    if bits(exact) * abs(e) > MAX_BITS:
        raise Unprovable("a high power of a number")
    return exact**e


class Algebra(Space):
    """Polynomials with powers and functions.

    Args:
        expand: write functions by their definitions (tanh by sinh and cosh, these by exp) instead of by their names.
    """

    def __init__(self, expand: bool = False) -> None:
        super().__init__()
        self.expand = expand
        self.hook = self._simplified
        self.definitions: Any = None

    # --- what is no factor of a normal form ---------------------------------------------------------------------------

    def _simplified(self, atom: int, args: tuple[int, ...], e: Exponent) -> Poly | None:
        """What a power of an atom is, if not a factor of a normal form."""
        a = self.atoms[atom]
        if a.kind == "prime" and not 0 < e < 1:
            k = e.numerator // e.denominator if isinstance(e, Fraction) else e
            rest = self.factor(atom, (), e - k) if e != k else self.constant(1)
            return self.scale(_whole_power(a.data, k), rest)
        if a.kind == "lower" and (e != 1 or args[0] == args[1]):
            return self.constant(1) if args[0] == args[1] else self.factor(atom, args)
        if a.kind in ("function", "symbolic", "base") and (
            len(set(args)) < len(args) or any(self.names[i][0] in ("fixed", "pair") for i in args)
        ):
            again = self.rebuilt(atom, args)
            if again != {((atom, args, 1),): 1}:
                return self.power(again, e)
        if a.kind == "base" and e > 0 and (whole(e) or e > 1):
            k = int(e)
            inner = self._multiplied(self.value_of(atom, 0, args), k)
            return inner if whole(e) else self.mul(inner, self.factor(atom, args, e - k))
        if a.kind == "function" and a.data == ("abs", 0) and whole(e) and e not in (0, 1):
            inner = self.value_of(atom, 0, args)
            k = int(e) if e % 2 == 0 else int(e) - 1
            powered = self.power(inner, k)
            return powered if e % 2 == 0 else self.mul(powered, {((atom, args, 1),): 1})
        return None

    def rebuilt(self, atom: int, args: tuple[int, ...]) -> Poly:
        """A function of polynomials made anew at its arguments."""
        a = self.atoms[atom]
        values = [self.value_of(atom, n, args) for n in range(len(a.polys))]
        if a.kind == "function":
            return self.apply(a.data[0], values[0], a.data[1])
        if a.kind == "symbolic":
            return self.symbolic(values[0], values[1], a.data)
        found, order = self.define(a.kind, a.data, tuple(values))
        return {((found, order, 1),): 1}

    def _multiplied(self, p: Poly, k: int) -> Poly:
        if k > LARGEST:
            raise Unprovable("a high power of a sum")
        return self.mul(*[p] * k)

    # --- powers -------------------------------------------------------------------------------------------------------

    def power(self, p: Poly, e: Exponent) -> Poly:
        """p^e for a number e."""
        if whole(e):
            e = int(e)
        if e == 1:
            return p
        if not p:
            if e > 0:
                return {}
            raise Unprovable("a power of zero")
        if e == 0:
            return self.constant(1)
        if len(p) == 1:
            ((term, c),) = p.items()
            return self._power_of_term(term, c, e)
        return self._multiplied(p, int(e)) if whole(e) and e > 0 else self._power_of_sum(p, e)

    def _power_of_sum(self, p: Poly, e: Exponent) -> Poly:
        """p^e without multiplying out: what all terms have in common stands outside."""
        c, common, rest = self._content(p, whole(e))
        outside, inside = self._outside(common, e)
        if inside:
            rest = self.mul(rest, self.term(1, (), inside))
        return self.mul(self._number(c, e), outside, self._base(rest, e))

    def _power_of_term(self, term: Term, c: Exponent, e: Exponent) -> Poly:
        if self.bound_of(term) or any(f[0] == DELTA for f in term):
            if whole(e) and e > 0:
                return self._multiplied({term: c}, int(e))
            return self._power_of_sum({term: c}, e)
        if whole(e):
            return self.mul(self._number(c, e), self.terms([(1, set(), [(a, args, x * e) for a, args, x in term])]))
        if c < 0:
            return self.mul(self._number(-c, e), self._base({term: -1}, e))
        outside, inside = self._outside(term, e)
        rest: Poly = self.constant(1)
        if len(inside) == 1 or all(f[2] != 1 for f in inside):
            rest = self.term(1, (), [(a, args, x * e) for a, args, x in inside])
        elif inside:
            rest = self._base(self.term(1, (), inside), e)
        return self.mul(self._number(c, e), outside, rest)

    def _outside(self, factors: Iterable[Factor], e: Exponent) -> tuple[Poly, list[Factor]]:
        """What of a product can be taken out of a power: (a²·b)^½ = |a|·b^½; and what is left inside."""
        out, inside = self.constant(1), []
        for atom, args, x in factors:
            if whole(e) or self.is_positive(atom):
                out = self.mul(out, self.factor(atom, args, x * e))
            elif whole(x) and x % 2 == 0:
                size = self.apply("abs", self.factor(atom, args, 1))
                out = self.mul(out, self.power(size, x * e))
            else:
                inside.append((atom, args, x))
        return out, inside

    def is_positive(self, atom: int) -> bool:
        """Whether an atom has no negative value."""
        a = self.atoms[atom]
        if a.kind in POSITIVE or atom in self.positive:
            return True
        if a.kind == "entry":
            return "positive" in a.data[1]
        if a.kind == "function":
            return a.data[1] == 0 and a.data[0] in POSITIVE_FUNCTIONS
        return a.kind == "base" and self.is_square_sum(a.polys[0])

    def is_square_sum(self, p: Poly) -> bool:
        """Whether each term is positive: a square, or a product of positive factors."""
        return all(
            c > 0 and all(self.is_positive(a) or (whole(x) and x % 2 == 0) for a, _, x in term) for term, c in p.items()
        )

    def _content(self, p: Poly, signed: bool) -> tuple[Exponent, list[Factor], Poly]:
        """A coefficient and factors common to all terms, and what is left."""
        numbers = [Fraction(c) for c in p.values()]
        c = Fraction(gcd(*(x.numerator for x in numbers)), lcm(*(x.denominator for x in numbers)))
        lead = p[min(p)]
        if signed and lead < 0:
            c = -c
        least: dict[tuple[int, tuple[int, ...]], Exponent] = {}
        for n, term in enumerate(p):
            own = {(a, args): x for a, args, x in term if not self.bound_of([(a, args, x)])}
            for key in {*least, *own}:
                x = own.get(key, 0)
                least[key] = x if n == 0 else min(least.get(key, 0), x)
        common = [(a, args, x) for (a, args), x in least.items() if x and a != DELTA]
        inverse = [(a, args, -x) for a, args, x in common]
        rest = self.mul(p, self.term(1 / c, (), inverse))
        return (int(c) if c.denominator == 1 else c), common, rest

    def _base(self, p: Poly, e: Exponent) -> Poly:
        """A power of a sum as a factor; a sum of entries under a fraction counts as one."""
        if p == self.constant(1):
            return p
        atom, args = self.define("base", None, (p,))
        return self.factor(atom, args, e)

    def _number(self, c: Exponent, e: Exponent) -> Poly:
        """c^e; roots by prime factors."""
        if whole(e):
            return self.constant(_whole_power(c, int(e)))
        if c < 0:
            raise Unprovable("a root of a negative number")
        exact = Fraction(c)
        factors: list[Factor] = []
        for n, sign in ((exact.numerator, 1), (exact.denominator, -1)):
            factors += [(self.atom("prime", q), (), sign * k * e) for q, k in _primes(n)]
        return self.terms([(1, set(), factors)])

    def symbolic(self, base: Poly, exponent: Poly, whole_exponent: bool = False) -> Poly:
        """base^exponent for an exponent that is no number: x^(2k + 1) is (x^k)²·x."""
        if not exponent:
            return self.constant(1)
        if base == self.constant(1):
            return base
        total = self.constant(1)
        for term, c in exponent.items():
            if not term:
                total = self.mul(total, self.power(base, c))
                continue
            for part in self._parts_of(base) if whole(c) and self.is_integer(term) else [base]:
                atom, args = self.define("symbolic", None, (part, {term: 1}))
                total = self.mul(total, self.factor(atom, args, c))
        return total

    def is_integer(self, term: Term) -> bool:
        """Whether a product of dimensions and integer variables."""
        return not self.bound_of(term) and all(
            whole(x) and x > 0 and (a.kind == "dimension" or (a.kind == "entry" and "integer" in a.data[1]))
            for a, x in ((self.atoms[f[0]], f[2]) for f in term)
        )

    def _parts_of(self, p: Poly) -> list[Poly]:
        """The factors of a term, each a base of its own."""
        if len(p) != 1:
            return [p]
        ((term, c),) = p.items()
        if self.bound_of(term) or any(f[0] == DELTA for f in term):
            return [p]
        numbers: list[Poly] = [{(): c}] if c != 1 else []
        return numbers + [self.term(1, (), [f]) for f in term]

    # --- functions ----------------------------------------------------------------------------------------------------

    def apply(self, name: str, p: Poly, order: int = 0) -> Poly:
        """The k-th derivative of an elementwise function, at a polynomial."""
        if order == 0:
            if name == "exp":
                return self._exponential(p)
            if name == "log":
                found = self._logarithm(p)
                if found is not None:
                    return found
            if name == "abs":
                found = self._absolute(p)
                if found is not None:
                    return found
            if name == "sign":
                return self.mul(self.apply("abs", p), self.power(p, -1)) if p else {}
            known = find_function(name)
            if known is not None and self.definitions is not None:
                formula = self.definitions(known, self.expand)
                if formula is not None:
                    return self.evaluated(formula, {known.parameter: p})
        atom, args = self.define("function", (name, order), (p,))
        return {((atom, args, 1),): 1}

    def evaluated(self, formula: Any, values: dict[str, Poly]) -> Poly:
        """The value of a scalar formula in polynomials; entries.py says how."""
        raise NotImplementedError

    def _exponential(self, p: Poly) -> Poly:
        """exp(a + 2·b) = exp(a)·exp(b)², exp(c·log x) = x^c"""
        total = self.constant(1)
        for term, c in p.items():
            inner = self.atoms[term[0][0]].data if len(term) == 1 and term[0][2] == 1 else None
            if inner == ("log", 0) and not self.bound_of(term):
                total = self.mul(total, self.power(self.value_of(term[0][0], 0, term[0][1]), c))
                continue
            atom, args = self.define("function", ("exp", 0), ({term: 1},))
            total = self.mul(total, self.factor(atom, args, c))
        return total

    def _logarithm(self, p: Poly) -> Poly | None:
        """log(2·|a|·x) = log 2 + log|a| + log x; None for the logarithm of a sum."""
        if len(p) != 1:
            return None
        ((term, c),) = p.items()
        if self.bound_of(term) or c < 0 or any(f[0] == DELTA for f in term):
            return None
        if not term and c == 1:
            return {}
        total: Poly = {}
        for n, sign in ((Fraction(c).numerator, 1), (Fraction(c).denominator, -1)):
            for q, k in _primes(n):
                total = self.add(total, self.scale(sign * k, self._log_of(self.constant(q))))
        loose = [f for f in term if not self.is_positive(f[0])]
        if len(loose) > 1:
            return None
        for atom, args, e in term:
            a = self.atoms[atom]
            if a.kind == "function" and a.data == ("exp", 0):
                total = self.add(total, self.scale(e, self.value_of(atom, 0, args)))
                continue
            if loose and atom == loose[0][0]:
                if whole(e) and e % 2 == 0:
                    x = self.apply("abs", self.factor(atom, args, 1))
                    total = self.add(total, self.scale(e, self.apply("log", x)))
                    continue
                self._assume_positive(atom, args)
            if a.kind == "symbolic" and a.polys:
                base, exponent = (self.value_of(atom, n, args) for n in (0, 1))
                if len(base) == 1 and all(self.is_positive(f[0]) for t in base for f in t):
                    total = self.add(total, self.mul(self.scale(e, exponent), self.apply("log", base)))
                    continue
            inner: Poly = self.value_of(atom, 0, args) if a.kind == "base" else {((atom, args, 1),): 1}
            total = self.add(total, self.scale(e, self._log_of(inner)))
        return total

    def _log_of(self, p: Poly) -> Poly:
        atom, args = self.define("function", ("log", 0), (p,))
        return {((atom, args, 1),): 1}

    def _assume_positive(self, atom: int, args: tuple[int, ...]) -> None:
        """Where the logarithm of every entry exists, the entries are positive."""
        if len(set(args)) == len(args) and all(self.names[i][0] in ("free", "place") for i in args):
            self.positive.add(atom)

    def _absolute(self, p: Poly) -> Poly | None:
        """|−2·a·b| = 2·|a|·|b|; None for the absolute value of one factor or a sum."""
        if not p:
            return {}
        c: Exponent = Fraction(p[min(p)])
        if self.is_square_sum(p):
            return p
        if len(p) > 1:
            if c < 0:
                return self.apply("abs", self.scale(-1, p))
            return None
        ((term, c1),) = p.items()
        if self.bound_of(term):
            return self.scale(c1 if c1 > 0 else -c1, self.apply("abs", {term: 1})) if c1 != 1 else None
        if len(term) == 1 and c1 == 1 and term[0][2] == 1 and self.atoms[term[0][0]].kind != "symbolic":
            return None
        total = self.constant(c1 if c1 > 0 else -c1)
        for atom, args, e in term:
            if atom == DELTA or self.is_positive(atom) or (whole(e) and e % 2 == 0) or not whole(e):
                one = self.factor(atom, args, e)
            elif self.atoms[atom].kind == "symbolic" and all(map(self.is_integer, self.atoms[atom].polys[1])):
                size = self.apply("abs", self.value_of(atom, 0, args))
                one = self.power(self.symbolic(size, self.value_of(atom, 1, args)), e)
            else:
                one = self.power(self.apply("abs", self.factor(atom, args, 1)), e)
            total = self.mul(total, one)
        return total


def _primes(n: int) -> list[tuple[int, int]]:
    """The prime factors of a number; what is left beyond a million stays whole."""
    found = []
    q = 2
    while q * q <= n and q < 1000:
        k = 0
        while n % q == 0:
            n //= q
            k += 1
        if k:
            found.append((q, k))
        q += 1
    return [*found, (n, 1)] if n > 1 else found
