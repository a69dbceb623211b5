"""Proofs for readers: sums over indices, Kronecker deltas and what is left of them, as text or LaTeX."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from matcalc import algebra, printing
from matcalc.expr import Expr, free_symbols
from matcalc.operators import OPERATORS
from matcalc.proof.canonical import Exponent, Factor
from matcalc.proof.space import DELTA, Atom, Poly, Raw

if TYPE_CHECKING:
    from matcalc.proof.prover import Proof

__all__ = ["proof_lines"]

LETTERS = "klpqrstuvwabcdefgh"
"""Summed indices; i, j are those of the variable (or of both sides), k, l those of the value as long as it is there."""
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
MANY = 2
"""More terms than these stand on a line each, in LaTeX."""
NESTED = 12
"""Functions of functions deeper than this are shown as three dots."""


class _Writer:
    """Polynomials in entries, in one of the three vocabularies."""

    def __init__(self, proof: Proof, style: str, own: Mapping[str, str]) -> None:
        self.space, self.style = proof.space, style
        self.latex = style == "latex"
        self.dot = r" \, " if self.latex else "*" if style == "ascii" else "·"
        self.letters: dict[int, str] = {}
        for i, (kind, key) in enumerate(self.space.names):
            if kind == "free" and isinstance(key, tuple) and key[0] in own:
                self.letters[i] = own[key[0]] + self.word("′", "'", "'") * key[1]

    def word(self, unicode: str, ascii: str, latex: str) -> str:
        """A word of the vocabulary."""
        return latex if self.latex else ascii if self.style == "ascii" else unicode

    def subscript(self, letters: Sequence[str]) -> str:
        """_ij"""
        joined = "".join(letters)
        return "" if not letters else f"_{{{joined}}}" if self.latex else f"_{joined}"

    def index(self, i: int, scope: Mapping[int, str]) -> str:
        """The letters of an index; a pair in brackets."""
        pieces = self.space.pieces[i]
        found = [self.piece(p, scope) for p in pieces]
        return found[0] if len(found) == 1 else f"({','.join(found)})"

    def piece(self, p: int, scope: Mapping[int, str]) -> str:
        """The letter of a simple index."""
        kind, key = self.space.names[p]
        if kind == "fixed":
            return str(key)
        if p not in scope and p not in self.letters:
            self.letters[p] = self.unused(scope)
        return scope.get(p) or self.letters[p]

    def unused(self, scope: Mapping[int, str]) -> str:
        """A letter that stands for no other index."""
        taken = {*scope.values(), *self.letters.values()}
        return next((x for x in LETTERS if x not in taken), f"i{len(taken)}")

    def sum(self, terms: Iterable[Raw], scope: Mapping[int, str], over: Sequence[int] = (), depth: int = 0) -> str:
        """A sum of terms."""
        shown = ""
        broken = " \\\\\n  &\\quad" if self.latex and not depth and len(terms := list(terms)) > MANY else ""
        for c, bound, factors in terms:
            text = self.term(c if c > 0 else -c, bound, factors, scope, over, depth)
            minus = self.word("−", "-", "-")
            sign = (minus if not shown else f"{broken} {minus} ") if c < 0 else "" if not shown else f"{broken} + "
            shown += sign + text
        return shown or "0"

    def term(
        self,
        c: Exponent,
        bound: Iterable[int],
        factors: Sequence[Factor],
        scope: Mapping[int, str],
        over: Sequence[int],
        depth: int,
    ) -> str:
        """Σ_kl 2·A_ik·B_kl"""
        scope = dict(scope)
        summed = [self.piece(i, scope) for i in over]
        first: dict[int, None] = {}
        for _, args, _ in factors:
            first.update(dict.fromkeys(p for a in args for p in self.space.pieces[a] if p in bound))
        for p in (*first, *sorted(set(bound) - first.keys())):
            scope[p] = self.letters.get(p) or self.unused(scope)
            summed.append(scope[p])
        summed.sort(key=lambda letter: (LETTERS.find(letter[0]), letter))
        words = self.factors(sorted(factors, key=self.place), scope, depth)
        if c != 1 or not words:
            words.insert(
                0, rf"\tfrac{{{c.numerator}}}{{{c.denominator}}}" if self.latex and c.denominator > 1 else str(c)
            )
        sigma = self.word("Σ", "sum", r"\sum") + self.subscript(summed) + " " if summed else ""
        return sigma + self.dot.join(words)

    def place(self, f: Factor) -> int:
        """Where a factor stands in a product: the cotangent first, then the deltas, then scalars."""
        a = self.space.atoms[f[0]]
        if a.kind == "entry" and a.data[0] == "S":
            return 0
        return 1 if f[0] == DELTA else 2 if a.kind == "dimension" or (a.kind == "entry" and not f[1]) else 3

    def factors(self, factors: Sequence[Factor], scope: Mapping[int, str], depth: int) -> list[str]:
        """The factors of a product in words; |x|/x is written sign(x), and x^k/x is x^(k − 1)."""
        words: list[str] = []
        left = list(factors)
        while left:
            f = left.pop(0)
            of = self.argument(f)
            partner = next((g for g in left if of is not None and self.divides(g, of)), None)
            partner = partner or next((g for g in left if self.divides(f, self.argument(g))), None)
            if partner is None:
                words.append(self.factor(f, scope, depth))
                continue
            left.remove(partner)
            number, args, _ = f if of is not None else partner
            a = self.space.atoms[number]
            inner = {**scope, **dict(zip(a.slots, [self.index(i, scope) for i in args], strict=False))}
            base = self.poly(a.polys[0], inner, depth)
            if a.kind == "function":
                words.append(f"{self.name('sign')}({base})")
            else:
                less = f"{self.poly(a.polys[1], inner, depth)} {self.word('−', '-', '-')} 1"
                words.append(self.raised(base, less))
        return words

    def argument(self, f: Factor) -> Poly | None:
        """x of a factor |x| or x^k, for an exponent k that is no number."""
        a = self.space.atoms[f[0]]
        if f[2] != 1 or (a.kind != "symbolic" and (a.kind, a.data) != ("function", ("abs", 0))):
            return None
        return self.space.value_of(f[0], 0, f[1])

    def divides(self, f: Factor, x: Poly | None) -> bool:
        """Whether a factor is 1/x."""
        if f[2] != -1 or x is None:
            return False
        base = self.space.atoms[f[0]].kind == "base"
        return x == (self.space.value_of(f[0], 0, f[1]) if base else {((f[0], f[1], 1),): 1})

    def factor(self, f: Factor, scope: Mapping[int, str], depth: int) -> str:
        """X_ij, δ_ij, g(X_ij), (Σ_k x_k²)^(1/2), (X⁻¹)_ij …"""
        number, args, e = f
        shown = self.atom(number, args, scope, depth)
        if e == 1:
            return shown
        return self.raised(shown, str(e))

    def raised(self, base: str, exponent: str) -> str:
        """base^exponent; an entry of an inverse in brackets"""
        if any(mark in base for mark in ("+", " ", "⁻", "^")) and not (base.startswith("(") and base.endswith(")")):
            base = f"({base})"
        if self.latex:
            return f"{base}^{{{exponent}}}"
        if self.style == "unicode" and exponent.lstrip("-").isdigit():
            return base + exponent.translate(SUPERSCRIPTS)
        exponent = exponent.replace("-", self.word("−", "-", "-"))
        return f"{base}^{exponent}" if exponent.isalnum() else f"{base}^({exponent})"

    def atom(self, number: int, args: Sequence[int], scope: Mapping[int, str], depth: int) -> str:
        """What a factor is an entry of, at its indices."""
        a = self.space.atoms[number]
        letters = [self.index(i, scope) for i in args]
        if number == DELTA:
            return self.word("δ", "delta", r"\delta") + self.subscript(letters)
        if a.kind == "lower":
            return f"[{letters[0]} {self.word('≥', '>=', chr(92) + 'ge')} {letters[1]}]"
        if a.kind == "entry":
            name = self.name(a.data[0])
            return f"({name})" + self.subscript(letters) if name[-1].isdigit() else name + self.subscript(letters)
        if not a.polys:
            return self.word("π", "pi", r"\pi") if a.kind == "pi" else str(a.data)
        if depth > NESTED:
            return "…"
        inner = {**scope, **dict(zip(a.slots, letters, strict=False))}
        if a.kind == "function":
            name, order = a.data
            primes = self.word("′", "'", "'") * order
            return f"{self.name(name)}{primes}({self.poly(a.polys[0], inner, depth)})"
        if a.kind == "base":
            return f"({self.poly(a.polys[0], inner, depth)})"
        if a.kind == "symbolic":
            return self.raised(self.poly(a.polys[0], inner, depth), self.poly(a.polys[1], inner, depth))
        if a.kind == "abstract" and a.data[1] is not None:
            return self.quotient(a.data[0], self.whole(a.polys[a.data[1]], a, inner, depth) + self.subscript(letters))
        return self.matrix(a, letters, inner, depth)

    def matrix(self, a: Atom, letters: Sequence[str], scope: Mapping[int, str], depth: int) -> str:
        """(X⁻¹)_ij, det(X), expm(X)_ij: what is a function of a whole matrix."""
        of = self.whole(a.polys[0], a, scope, depth)
        if a.kind == "inverse":
            return f"({of}{self.word('⁻¹', '^-1', '^{-1}')})" + self.subscript(letters)
        if a.kind == "determinant":
            return f"{self.word('det', 'det', chr(92) + 'det')}({of})"
        name = str(a.data[0]) if isinstance(a.data, tuple) and isinstance(a.data[0], str) else a.kind
        others = [self.whole(p, a, scope, depth) for p in a.polys[1:]]
        row = OPERATORS.get(name)
        if row is None or row.arity != len(a.polys):
            return f"{self.name(name)}({', '.join([of, *others])})" + self.subscript(letters)
        template = {"latex": row.latex, "ascii": row.ascii or row.notation}.get(self.style, row.notation)
        shown = template.format(of, *others)
        return (shown if self.latex or shown.endswith(")") else f"({shown})") + self.subscript(letters)

    def whole(self, p: Poly, a: Atom, scope: Mapping[int, str], depth: int) -> str:
        """A matrix by its name; one that has none by an entry in brackets."""
        if p:
            (term, c), *_ = p.items()
            if len(p) == 1 and c == 1 and len(term) == 1 and term[0][2] == 1:
                number, args, _ = term[0]
                atom = self.space.atoms[number]
                turned = len(args) == 2 and list(args) == sorted(args, reverse=True)
                if atom.kind in ("entry", "opaque", "inverse"):
                    named = self.name(atom.data[0]) if atom.kind == "entry" else self.atom(number, (), scope, depth)
                    return named + (self.word("ᵀ", "'", r"^\top") if turned else "")
        return f"[{self.poly(p, scope, depth)}]"

    def poly(self, p: Poly, scope: Mapping[int, str], depth: int) -> str:
        """A polynomial."""
        return self.sum([(c, self.space.bound_of(t), list(t)) for t, c in p.items()], scope, (), depth + 1)

    def quotient(self, f: str, x: str) -> str:
        """∂f/∂x"""
        partial = self.word("∂", "d", r"\partial ")
        return rf"\frac{{{partial}{f}}}{{{partial}{x}}}" if self.latex else f"{partial}{f}/{partial}{x}"

    def name(self, name: str) -> str:
        """A name as printed."""
        if self.latex and (name in OPERATORS or (len(name) > 1 and not name.startswith("d"))):
            escaped = name.replace("_", r"\_")
            return rf"\operatorname{{{escaped}}}"
        return (
            printing.text(algebra.symbol(name), self.style) if not self.latex else printing.latex(algebra.symbol(name))
        )


def proof_lines(proof: Proof, style: str = "unicode") -> list[tuple[str, str]]:
    """The lines of a proof: left sides ("" for another =) and right sides.

    Args:
        style: "unicode", "ascii" or "latex".
    """
    if proof.kind == "pullback":
        return _pullback(proof, style)
    w = _Writer(proof, style, {"r": "i", "c": "j"} if proof.kind == "equal" else {"p": "i", "q": "j"})
    shown: list[tuple[str, str]] = []
    at = w.subscript(
        _joined(*([w.letters[i] for i in _free(proof, key)] for key in ("rc" if proof.kind == "equal" else "pq")))
    )
    for step in proof.steps:
        left = {"left": proof.claim[0], "right": proof.claim[1]}.get(step.name)
        head = _written(left, style) if left is not None else ""
        head = f"({head}){at}" if at and left is not None and left.op != "symbol" else head + at
        shown.append((head, w.sum(step.terms, {}, step.over)))
    return shown


def _pullback(proof: Proof, style: str) -> list[tuple[str, str]]:
    before = _Writer(proof, style, {"p": "i", "q": "j", "r": "k", "c": "l"})
    after = _Writer(proof, style, {"p": "i", "q": "j"})
    assert proof.variable is not None
    x = proof.variable.name
    stated = x.startswith("d") and x not in free_symbols(proof.claim[1])  # dF is linear in dX, by a lemma
    steps = {s.name: s for s in proof.steps}
    places = {key: [before.letters[i] for i in _free(proof, key)] for key in "rcpq"}
    at, to = before.subscript(_joined(places["r"], places["c"])), before.subscript(_joined(places["p"], places["q"]))
    f, y = "dF" if stated else "F", before.name(x[1:] if stated else x) + to
    change = before.quotient("F" + at, y)
    sigma = before.word("Σ", "sum", r"\sum") + before.subscript([*places["r"], *places["c"]]) + " " if at else ""
    lines = [
        (f + at, before.sum(steps["definition"].terms, {})),
        (change, before.sum(steps["derivative"].terms, {})),
        (before.quotient("f", y), sigma + "S" + at + before.dot + change),
        ("", before.sum(steps["summed"].terms, {}, steps["summed"].over)),
        ("", (before if steps["contracted"].same_names else after).sum(steps["contracted"].terms, {})),
    ]
    claim = _written(proof.claim[1], style)
    lines.append(("", f"({claim}){to}" if to and proof.claim[1].op != "symbol" else f"{claim}{to}"))
    return [line for k, line in enumerate(lines) if line[0] or line[1] != lines[k - 1][1]]


def _free(proof: Proof, key: str) -> list[int]:
    """The indices of the rows or columns of the value or the variable, in their order."""
    found = [
        (name[1], i)
        for i, (kind, name) in enumerate(proof.space.names)
        if kind == "free" and isinstance(name, tuple) and name[0] == key
    ]
    used = {
        p for s in proof.steps for _, _, fs in s.terms for _, args, _ in fs for a in args for p in proof.space.pieces[a]
    }
    return [i for _, i in sorted(found) if i in used]


def _joined(*sides: Sequence[str]) -> list[str]:
    """Letters of rows and columns; a pair in brackets."""
    return [side[0] if len(side) == 1 else f"({','.join(side)})" for side in sides if side]


def _written(e: Expr, style: str) -> str:
    return printing.latex(e) if style == "latex" else printing.text(e, style)
