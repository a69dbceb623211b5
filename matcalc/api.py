"""The public functions: derive, parse, read."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from matcalc import algebra
from matcalc import construct as _construct  # noqa: F401 - gives expressions their operators
from matcalc.check import check
from matcalc.derivation import Derivation
from matcalc.elaborate import Elaborated, elaborate
from matcalc.errors import CheckFailed, MatcalcError, UndecidedError, UnknownName, UnsupportedError
from matcalc.expr import Expr, free_symbols, rebuild
from matcalc.linear import matrix_of
from matcalc.rulebook import COTANGENT, Rulebook, default_rulebook
from matcalc.simplify import simplest
from matcalc.structure import CONVENTIONS, structured_gradient
from matcalc.sweep import Sweep, sweep
from matcalc.syntax import canonical_name, parse_program, parse_where

__all__ = ["derive", "parse", "read"]

Where = str | Mapping[str, str] | None


@contextmanager
def _rewriting(book: Rulebook, used: list[str] | None = None) -> Iterator[None]:
    """Offer every new node to the rewrites of a rulebook; their names go to `used`."""

    def rewrite(e: Expr) -> Expr | None:
        found = book.rewrite_step(e)
        if found is None:
            return None
        if used is not None and found[0].name not in used:
            used.append(found[0].name)
        return found[1]

    token = algebra.REWRITER.set(rewrite)
    try:
        yield
    finally:
        algebra.REWRITER.reset(token)


def read(f: str | Expr, where: Where = None, wrt: Sequence[str] = ()) -> Elaborated:
    """A formula with its names, and what was assumed of them.

    Raises: as `parse`.

    >>> read("x'*A*x", where="A: n×n").symbols["x"].shape
    (Dim('n'), 1)
    """
    if isinstance(f, str):
        return elaborate(
            parse_program(f),
            parse_where(where or ""),
            wrt=tuple(wrt),
            where_text=where if isinstance(where, str) else None,
        )
    return Elaborated(expr=f, symbols=free_symbols(f))


def parse(text: str, where: Where = None) -> Expr:
    """Read a formula.

    Args:
        text: the formula, such as ``tr(A*X)``.
        where: declarations, such as ``A: n×m, X: m×n``, as text or as a mapping from names.

    Raises: MatcalcError with the place of the mistake.

    >>> parse("tr(A*X)", where="A: n×m, X: m×n").shape
    (1, 1)
    """
    return read(text, where).expr


def derive(
    f: str | Expr,
    wrt: str | Expr | Sequence[str | Expr] | None = None,
    *,
    where: Where = None,
    order: int = 1,
    then: str | Expr | None = None,
    rules: Rulebook | None = None,
    convention: str = "within",
    seed: int | None = None,
) -> Any:
    """Differentiate a formula by a name that occurs in it.

    Args:
        f: the formula as text, or an expression.
        wrt: the variable; a list of variables gives a mapping from name to Derivation, all from one sweep. Without it
            the variable of a definition ``f(W) = …``.
        where: declarations, as text or as a mapping from names.
        order: 1, or 2 for the Hessian of a scalar function.
        then: a second variable, for the mixed derivative ∂²f/∂wrt∂then.
        rules: a rulebook in place of the one that comes with matcalc.
        convention: for a variable declared symmetric, antisymmetric or diagonal: "within" (the gradient inside that
            space) or "free" (the derivative by the free entries).
        seed: for the random points of the check.

    Raises: MatcalcError: the formula cannot be read, is not supported, or the answer did not pass its check.

    >>> derive("||X*w - y||^2", "w").text(ascii=True)
    "2*X'*(X*w - y)"
    """
    if order not in (1, 2):
        raise UnsupportedError(f"derivatives of order {order} are not supported", hint="order is 1 or 2")
    if convention not in CONVENTIONS:
        raise UnsupportedError(f"there is no convention {convention}", hint=f"conventions: {', '.join(CONVENTIONS)}")
    started = time.perf_counter()
    several = wrt is not None and not isinstance(wrt, str | Expr)
    names = [_name(n) for n in ([wrt] if isinstance(wrt, str | Expr) else wrt or ())]
    try:
        found = read(f, where, [*names, *([_name(then)] if then is not None else [])])
        names = names or list(found.wrt)
        if not names:
            raise UnknownName("by which variable?", hint="name it, or begin the formula with f(W) =")
        work = _Work(found, rules or default_rulebook(), convention, seed)
        parsed = (time.perf_counter() - started) * 1e3
        results = work.derive([found.symbols[n] for n in names])
        if order == 2 or then is not None:
            results = [work.again(d, d.variable if then is None else found.symbols[_name(then)]) for d in results]
        for d in results:
            d.timings["parse"] = parsed
            work.verify(d)
    except MatcalcError as mistake:
        raise mistake.located(text=f if isinstance(f, str) else None) from None
    return {d.variable.name: d for d in results} if several else results[0]


def _name(variable: str | Expr) -> str:
    return variable.name if isinstance(variable, Expr) else canonical_name(variable)


class _Work:
    """One derivation under way: the formula as read, the rules, and the seed of the check."""

    def __init__(self, found: Elaborated, book: Rulebook, convention: str, seed: int | None) -> None:
        self.found, self.book, self.convention, self.seed = found, book, convention, seed

    def scope(self) -> AbstractContextManager[None]:
        """The rewrites in force, for everything that makes nodes."""
        return _rewriting(self.book)

    def derive(self, variables: Sequence[Expr]) -> list[Derivation]:
        """The first derivatives by some variables, from one sweep."""
        started = time.perf_counter()
        used: list[str] = []
        with _rewriting(self.book, used):
            f = rebuild(self.found.expr, algebra.reconstruct)
        with self.scope():
            seed = algebra.ONE if f.is_scalar else algebra.symbol(COTANGENT, f.shape)
            swept = sweep(f, variables, self.book, seed=seed)
            shared = (time.perf_counter() - started) * 1e3 / len(variables)
            return [self.finish(f, swept, x, shared, rewrites=tuple(used)) for x in variables]

    def again(self, first: Derivation, y: Expr) -> Derivation:
        """The derivative of a gradient: a Hessian, or a mixed second derivative."""
        if not first.rewritten.is_scalar:
            raise UnsupportedError(
                "second derivatives are those of scalar functions", hint="take the entry or the sum that you need"
            )
        started = time.perf_counter()
        gradient = first.result
        with self.scope():
            seed = algebra.ONE if gradient.is_scalar else algebra.symbol(COTANGENT, gradient.shape)
            swept = sweep(gradient, [y], self.book, seed=seed, label="∇f" if not gradient.is_scalar else "f′")
            spent = first.timings["derive"] + (time.perf_counter() - started) * 1e3
            return self.finish(gradient, swept, y, spent, previous=first)

    def finish(
        self,
        f: Expr,
        swept: Sweep,
        x: Expr,
        spent: float,
        rewrites: tuple[str, ...] = (),
        previous: Derivation | None = None,
    ) -> Derivation:
        """Read the derivative off what was pulled back, and simplify it."""
        started = time.perf_counter()
        raw, reading = swept.results[x], None
        kind = "gradient" if previous is None else "hessian"
        if not f.is_scalar:
            seed = algebra.symbol(COTANGENT, f.shape)
            if x.is_scalar:
                read_off, words = sweep(raw, [seed], self.book).results[seed], "reading the derivative off ⟨S, dF⟩"
            else:
                read_off, words = (
                    algebra.transpose(matrix_of(raw, seed)),
                    "reading the linear map: the pullback is Jᵀ·S",
                )
            reading, raw = (raw, read_off, words), read_off
            if previous is None:
                kind = "jacobian" if 1 in f.shape and 1 in x.shape else "derivative"
        notes = list(self.found.notes)
        if x not in free_symbols(f).values() and previous is None:
            notes.append(f"{x.name} does not occur in the formula, so the derivative is zero")
        structured = structured_gradient(raw, x, self.convention)
        if structured is not None:
            if kind != "gradient":
                raise UnsupportedError(
                    f"only gradients by a structured variable are supported, and {x.name} is declared with a structure",
                    hint=f"declare {x.name} without it: all entries are independent then",
                )
            notes.append(structured[1])
            reading, raw = (raw, structured[0], structured[1]), structured[0]
        result = simplest(raw)
        return Derivation(
            kind,
            self.found.expr,
            x,
            result,
            self.found.symbols,
            swept,
            f,
            rewrites,
            reading,
            previous,
            tuple(notes),
            timings={"derive": spent + (time.perf_counter() - started) * 1e3},
            scope=self.scope,
            book=self.book,
        )

    def verify(self, d: Derivation) -> None:
        """Check a result; nothing leaves unchecked.

        Raises: CheckFailed if it is refuted, UndecidedError if there is no verdict.
        """
        started = time.perf_counter()
        first = d.variable if d.previous is None else d.previous.variable
        d.check = check(
            self.found.expr, first, d.result, d.kind, then=d.variable, convention=self.convention, seed=self.seed
        )
        d.timings["check"] = (time.perf_counter() - started) * 1e3
        if d.check.ok is False:
            raise CheckFailed(
                "the answer did not pass its check, so it is withheld", counterexample=d.check.counterexample
            )
        if d.check.ok is None:
            raise UndecidedError(
                f"the answer could not be checked: {d.check.detail}",
                hint="declare what keeps the formula in its domain, such as x: n positive",
            )
