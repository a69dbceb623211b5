"""Rules that users bring: the same language and the same demands as for those that come with matcalc."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

from matcalc import algebra
from matcalc.check import check
from matcalc.check.examples import smallest_example
from matcalc.check.questions import EqualityQuestion
from matcalc.dims import show_shape
from matcalc.elaborate import elaborate
from matcalc.errors import LimitError, MatcalcError, RuleError
from matcalc.expr import free_symbols, rebuild
from matcalc.linear import inner
from matcalc.rule_entries import Entry, read_entries
from matcalc.rulebook import (
    COTANGENT,
    Rulebook,
    build,
    compile_rewrite,
    compile_rule,
    default_rulebook,
    unproved_part,
)
from matcalc.syntax import parse_program, parse_where

__all__ = ["Rules", "judged_entries", "rulebook_with"]

Rules: TypeAlias = "Rulebook | str | Path | Sequence[str | Path] | None"
"""A rulebook; or files, or a text that begins with rule or rewrite, with what is added to the rules of matcalc."""

_EXAMPLE = re.compile(r"d/d(\w+)\s+(.*?)\s+=\s+(.*?)(?:\s+where (.*))?")


def rulebook_with(rules: Rules) -> Rulebook:
    """The rules of matcalc with those of a user.

    Raises: RuleError with file and line: an entry that cannot be read, is wrong, or is neither proved nor marked.

    >>> book = rulebook_with("rewrite mine   tr(A*B') => sum(A .* B)   where A: m×n, B: m×n\\n")
    >>> "mine" in book.rewrites
    True
    """
    if rules is None:
        return default_rulebook()
    if isinstance(rules, Rulebook):
        return rules
    entries = [entry for entry, _ in judged_entries(rules)]
    book = build(entries, default_rulebook())
    for entry in entries:
        if entry.name in book.rewrites:
            try:
                with book.in_force():
                    rebuild(book.rewrites[entry.name].left, algebra.reconstruct)
            except LimitError as endless:
                message = f"{entry.name}: {endless.headline()}"
                raise RuleError(message, file=entry.file, line=entry.line, hint=endless.hint) from None
    return book


def judged_entries(rules: str | Path | Sequence[str | Path]) -> Iterator[tuple[Entry, str]]:
    """The entries of files or of a text, each with the verdict on it in words.

    Raises: as `rulebook_with`.
    """
    for source in [rules] if isinstance(rules, str | Path) else rules:
        for entry in _read(source):
            yield entry, _judge(entry)


def _read(source: str | Path) -> Iterator[Entry]:
    if isinstance(source, str) and ("\n" in source or re.match(r"(rule|rewrite)\s", source)):
        return read_entries(source, "rules")
    try:
        text = Path(source).read_text(encoding="utf-8")
    except UnicodeDecodeError as trouble:
        raise RuleError(f"no text in UTF-8: {trouble.reason}", file=str(source)) from None
    except (OSError, ValueError) as trouble:
        reason = getattr(trouble, "strerror", None) or str(trouble)
        raise RuleError(f"cannot be read: {reason[:1].lower()}{reason[1:]}", file=str(source)) from None
    return read_entries(text, str(source))


def _judge(entry: Entry) -> str:
    """The verdict: proved, or marked and checked."""
    missing = unproved_part(entry)
    if missing is not None or entry.get("lemma"):
        wrong = _counterexample(entry)
        if wrong is not None:
            what, field, facts = wrong
            raise RuleError(f"{entry.name}: {what}", file=entry.file, line=entry.line_of(field), facts=facts)
        if missing is not None and not entry.get("unproved"):
            raise RuleError(
                f"{entry.name}: no proof of {missing[0]}",
                file=entry.file,
                line=entry.line_of(missing[1]),
                hint="no counterexample was found either; if it is right, mark the entry: unproved REASON",
            )
    if entry.kind == "rule":
        _check_example(entry)
    if entry.kind == "rewrite" and not any(compile_rewrite(entry)):
        return "proved for all sizes, and not needed: both sides are written in the same way"
    if missing is not None:
        return f"checked at random points, not proved: {entry.get('unproved')}"
    return "proved for all sizes" + (", from its lemma, which was checked at random points" * bool(entry.get("lemma")))


def _counterexample(entry: Entry) -> tuple[str, str, tuple[str, ...]] | None:
    """What is wrong in an entry, the field where it stands, and a point that shows it."""
    if entry.kind == "rewrite":
        for rewrite in compile_rewrite(entry):
            found = smallest_example(EqualityQuestion(rewrite.left, rewrite.right))
            if found is not None:
                left, right = found.shown
                values = f"entry {found.entry} is {left} on the left and {right} on the right"
                return "the sides are not equal", "left", (str(found), values)
        return None
    rule = compile_rule(entry)
    value = inner(algebra.symbol(COTANGENT, rule.pattern.shape), rule.pattern)
    for name, pullback in rule.pullbacks.items():
        report = check(value, free_symbols(rule.pattern)[name], pullback.template)
        if report.ok is False:
            what = f"the pullback to {name} is not the derivative of ⟨{COTANGENT}, {rule.pattern}⟩"
            return what, f"pullback {name}", (str(report.counterexample),)
    return None


def _check_example(entry: Entry) -> None:
    """Compare the example of a rule with the function that it differentiates."""
    found = _EXAMPLE.fullmatch(entry.get("example"))
    try:
        if found is None:
            raise RuleError("an example reads d/dX formula = derivative where X: m×n")
        variable, formula, expected, where = found.groups()
        declared = parse_where(where or entry.get("shapes"))
        f = elaborate(parse_program(formula), declared, wrt=(variable,))
        claim = elaborate(parse_program(f"({expected}) + 0*{variable}"), declared).expr
        shape = f.symbols[variable].shape
        if not f.expr.is_scalar or claim.shape != shape:
            raise RuleError(
                f"the function has shape {show_shape(f.expr.shape)}, its derivative {show_shape(claim.shape)}",
                hint=f"an example differentiates a scalar; its derivative has the shape of {variable}, {show_shape(shape)}",
            )
        report = check(f.expr, f.symbols[variable], claim)
        if not report.ok:
            raise RuleError(f"the example is {report}", facts=(report.counterexample or "",))
    except MatcalcError as mistake:
        message = f"{entry.name}: {mistake.headline()}"
        raise RuleError(
            message, file=entry.file, line=entry.line_of("example"), facts=mistake.facts, hint=mistake.hint
        ) from None
