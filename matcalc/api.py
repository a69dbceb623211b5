"""The public functions: derive, parse, and expressions made in Python."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace as updated
from typing import Any, overload

from matcalc import algebra
from matcalc.check import check as run_check
from matcalc.derivation import Derivation
from matcalc.derive import Sweep, sweep
from matcalc.dims import DimLike, Dim, show_shape
from matcalc.elaborate import Elaborated, elaborate
from matcalc.errors import CheckFailed, MatcalcError, UndecidedError, UnsupportedError, UnknownName
from matcalc.expr import Expr, free_symbols, rebuild
from matcalc.linear import matrix_of
from matcalc.rulebook import Rulebook, default_rulebook
from matcalc.simplify import simplest
from matcalc.syntax import parse_program, parse_where

__all__ = ["derive", "parse"]

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


def _read(f: str | Expr, where: Where, wrt: Sequence[str]) -> Elaborated:
    if isinstance(f, str):
        return elaborate(parse_program(f), parse_where(where or ""), wrt=tuple(wrt))
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
    return _read(text, where, ()).expr


def derive(
    f: str | Expr,
    wrt: str | Expr | Sequence[str | Expr] | None = None,
    *,
    where: Where = None,
    order: int = 1,
    then: str | Expr | None = None,
    rules: Rulebook | None = None,
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
        seed: for the random points of the check.

    Raises: MatcalcError: the formula cannot be read, is not supported, or the answer did not pass its check.

    >>> derive("||X*w - y||^2", "w").text(ascii=True)
    "2*X'*(X*w - y)"
    """
    started = time.perf_counter()
    names = [wrt] if isinstance(wrt, str | Expr) else list(wrt or ())
    text_names = [n.name if isinstance(n, Expr) else n for n in names]
    read = _read(f, where, [*text_names, *([then.name if isinstance(then, Expr) else then] if then else [])])
    if not text_names:
        text_names = list(read.wrt)
    if not text_names:
        raise UnknownName("by which variable?", hint="name it: wrt=\"W\", or begin the formula with f(W) =")
    try:
        variables = [_variable(read, n) for n in text_names]
        parsed = (time.perf_counter() - started) * 1e3
        book = rules or default_rulebook()
        found = _derive(read, variables, book, order, then, seed)
    except MatcalcError as mistake:
        raise mistake.located(text=f if isinstance(f, str) else None)
    for d in found:
        d.timings["parse"] = parsed
    if wrt is not None and not isinstance(wrt, str | Expr):
        return {d.variable.name: d for d in found}
    return found[0]


def _variable(read: Elaborated, name: str) -> Expr:
    found = read.symbols.get(name)
    if found is None:
        import difflib

        near = difflib.get_close_matches(name, read.symbols, 1)
        raise UnknownName(f"{name} is neither declared nor in the formula", name=name, nearest=near[0] if near else None)
    return found


def _derive(
    read: Elaborated, variables: list[Expr], book: Rulebook, order: int, then: str | Expr | None, seed: int | None
) -> list[Derivation]:
    started = time.perf_counter()
    used: list[str] = []
    with _rewriting(book, used):
        f = rebuild(read.expr, algebra.reconstruct)
    rewrites = tuple(used)
    scope: Callable[[], AbstractContextManager[None]] = lambda: _rewriting(book)  # noqa: E731
    with scope():
        if f.is_scalar:
            swept = sweep(f, variables, book)
        else:
            cotangent = algebra.symbol("S", f.shape)
            swept = sweep(f, variables, book, seed=cotangent)
        derived = (time.perf_counter() - started) * 1e3 / len(variables)
        found = [_finish(read, f, rewrites, swept, x, scope, derived) for x in variables]
        if order == 2 or then is not None:
            found = [_second(d, read, book, then, scope) for d in found]
    for d in found:
        _verify(d, read, seed)
    return found


def _finish(
    read: Elaborated, f: Expr, rewrites: tuple[str, ...], swept: Sweep, x: Expr, scope: Any, spent: float
) -> Derivation:
    started = time.perf_counter()
    raw, reading, kind = swept.results[x], None, "gradient"
    notes = list(read.notes)
    if not f.is_scalar:
        raw, reading, kind = _read_map(f, x, raw)
    if x not in free_symbols(f).values():
        notes.append(f"{x.name} does not occur: the derivative is zero")
    result = simplest(raw)
    return Derivation(
        kind, read.expr, x, result, read.symbols, swept, f, rewrites, reading, notes=tuple(notes),
        timings={"derive": spent + (time.perf_counter() - started) * 1e3}, functions=read.functions, scope=scope,
    )


def _read_map(f: Expr, x: Expr, pulled: Expr) -> tuple[Expr, tuple[Expr, Expr, str], str]:
    """The derivative of a non-scalar function from its pullback: the linear map, read off."""
    if x.is_scalar:
        # By a scalar, ⟨S, dF/dx⟩ is linear in S: its gradient by S is dF/dx, in the shape of F.
        matrix = algebra.transpose(matrix_of(pulled, algebra.symbol("S", f.shape)))
        result = _unvec(pulled, f)
        return result, (pulled, result, "reading the linear map"), "derivative" if 1 not in f.shape else "jacobian"
    matrix = algebra.transpose(matrix_of(pulled, algebra.symbol("S", f.shape)))
    kind = "jacobian" if 1 in f.shape and 1 in x.shape else "derivative"
    return matrix, (pulled, matrix, "reading the linear map: the pullback is Jᵀ·S"), kind


def _unvec(pulled: Expr, f: Expr) -> Expr:
    """dF/dx for a scalar x, from ⟨S, dF/dx⟩."""
    s = algebra.symbol("S", f.shape)
    swept = sweep(pulled, [s], default_rulebook())
    return swept.results[s]


def _second(d: Derivation, read: Elaborated, book: Rulebook, then: str | Expr | None, scope: Any) -> Derivation:
    started = time.perf_counter()
    if not d.rewritten.is_scalar:
        raise UnsupportedError("second derivatives are those of scalar functions", hint="take the entry or the sum that you need")
    x = d.variable if then is None else _variable(read, then if isinstance(then, str) else then.name)
    gradient = d.result
    if gradient.is_scalar:
        swept = sweep(gradient, [x], book)
        raw, reading = swept.results[x], None
    else:
        swept = sweep(gradient, [x], book, seed=algebra.symbol("S", gradient.shape))
        raw, reading, _ = _read_map(gradient, x, swept.results[x])
    result = simplest(raw)
    return Derivation(
        "hessian", read.expr, x, result, read.symbols, swept, gradient, (), reading, previous=d, notes=d.notes,
        timings={"derive": d.timings["derive"] + (time.perf_counter() - started) * 1e3}, functions=read.functions, scope=scope,
    )


def _verify(d: Derivation, read: Elaborated, seed: int | None) -> None:
    """Check a result; nothing leaves unchecked.

    Raises: CheckFailed if it is refuted, UndecidedError if there is no verdict.
    """
    started = time.perf_counter()
    first = d.previous.variable if d.previous is not None else d.variable
    report = run_check(read.expr, first, d.result, d.kind, then=d.variable, seed=seed)
    d.check = report
    d.timings["check"] = (time.perf_counter() - started) * 1e3
    if report.ok is False:
        raise CheckFailed("the answer did not pass its check; it is withheld", counterexample=report.counterexample)
    if report.ok is None:
        raise UndecidedError(f"the answer could not be checked: {report.detail}", hint="declare properties or a domain, such as x: n positive")
