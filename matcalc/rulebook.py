"""Rules and rewrites: read from text, checked, indexed by what they apply to.

A *rule* says how a cotangent is pulled back through an operator; a *rewrite* says that two expressions are the same.
Both are entries in ``rules/``; the order of files and of entries does not matter. Each is proved for all sizes when it
is read, or marked as unproved.
"""

from __future__ import annotations

import os
import pickle
import re
from collections import deque
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from importlib.resources.abc import Traversable

from matcalc import algebra, pattern
from matcalc.dims import Dim, DimLike, Shape, dim_names, show_shape, substitute_dim
from matcalc.elaborate import elaborate
from matcalc.errors import LimitError, MatcalcError, RuleError
from matcalc.expr import Expr, free_symbols, postorder
from matcalc.limits import limited
from matcalc.proof import Proof, prove_equal, prove_pullback
from matcalc.resources import cache_folder, fingerprint, resource
from matcalc.rule_entries import Entry, read_entries
from matcalc.syntax import Declaration, parse_program, parse_where

__all__ = ["Pullback", "Rewrite", "Rule", "Rulebook", "default_rulebook", "read_rulebook"]

OTHER_TABLES = ("definitions.rules", "elementwise.rules", "names.rules", "solve.rules", "structures.rules")
"""Files of rules/ in formats of their own."""

DECLARED_ONLY = frozenset({"orthogonal", "idempotent", "stochastic", "posdef", "lower", "upper"})
"""Properties that only a declared name has, as far as patterns know."""

COTANGENT = "S"
"""The name of df/dF in the right sides of pullbacks."""


@dataclass(frozen=True, slots=True)
class Pullback:
    """What a rule contributes to df/dX: a template in the pattern's symbols and S, and the reason in words."""

    variable: str
    template: Expr
    reason: str
    text: str

    @property
    def names(self) -> frozenset[str]:
        """The symbols that the template uses."""
        return frozenset(e.name for e in postorder(self.template) if e.op == "symbol")


@dataclass(frozen=True)
class Rule:
    """A derivative rule: a pattern, its pullbacks, and the differential of the pattern where a lemma states it."""

    entry: Entry
    pattern: Expr
    pullbacks: Mapping[str, Pullback]
    generic: frozenset[str]
    priority: int
    differential: Expr | None = None

    @property
    def name(self) -> str:
        """The name of the entry."""
        return self.entry.name

    def stated(self, variable: str) -> tuple[Expr, Expr]:
        """What a proof starts from, and what moves in it: the pattern and the variable, or the lemma and the change."""
        if self.differential is None:
            return self.pattern, free_symbols(self.pattern)[variable]
        change = algebra.symbol(f"d{variable}", free_symbols(self.pattern)[variable].shape)
        return self.differential, free_symbols(self.differential).get(change.name, change)

    def proof(self, variable: str) -> Proof | None:
        """The proof of a pullback, from the definition of the operator or from the lemma of the entry."""
        return prove_pullback(*self.stated(variable), self.pullbacks[variable].template, COTANGENT)

    @cached_property
    def is_whole(self) -> bool:
        """Whether the pattern stands for a node as a whole, rather than for one factor or term of it."""
        if self.pattern.op not in pattern.NARY:
            return True
        names = [e.name for a in self.pattern.args for e in postorder(a) if e.op == "symbol"]
        return len(names) > len(set(names))

    def sides(self, variable: str) -> tuple[bool, bool]:
        """Whether the pattern of a product has factors before and after a variable."""
        if self.pattern.op != "dot":
            return (False, False)
        at = next((i for i, a in enumerate(self.pattern.args) if a.op == "symbol" and a.name == variable), -1)
        return (at > 0, 0 <= at < len(self.pattern.args) - 1)


@dataclass(frozen=True, slots=True)
class Rewrite:
    """left => right: the right side is the simpler one.

    `required` holds the operators, functions and properties of names that must be among the arguments of a node for the left
    side to be found in it.
    """

    entry: Entry
    left: Expr
    right: Expr
    generic: frozenset[str]
    required: frozenset[str]

    @property
    def name(self) -> str:
        """The name of the entry."""
        return self.entry.name


REMEMBERED = 20_000
"""So many nodes are remembered with what the rewrites made of them."""


@dataclass
class Rulebook:
    """All rules and rewrites, by name and by the operator at the head of their pattern."""

    rules: dict[str, Rule] = field(default_factory=dict)
    rewrites: dict[str, Rewrite] = field(default_factory=dict)
    by_head: dict[str, list[Rule]] = field(default_factory=dict)
    rewrites_by_head: dict[str, list[Rewrite]] = field(default_factory=dict)
    offered: dict[int, tuple[Expr, tuple[str, ...], Expr | None]] = field(
        default_factory=dict, repr=False, compare=False
    )
    """What became of nodes offered before, by identity, for equal nodes may differ in the order of their terms."""
    offered_to: int = 0

    def copy(self) -> Rulebook:
        """A rulebook that can grow without this one."""
        by_head = {head: list(found) for head, found in self.by_head.items()}
        rewrites_by_head = {head: list(found) for head, found in self.rewrites_by_head.items()}
        return Rulebook(dict(self.rules), dict(self.rewrites), by_head, rewrites_by_head)

    def rewrite(self, e: Expr) -> Expr | None:
        """The simpler form that a rewrite gives for a node, or None."""
        found = self.rewrite_step(e)
        return None if found is None else found[1]

    def rewrite_step(self, e: Expr, applied: deque[str] | None = None) -> tuple[Rewrite, Expr] | None:
        """The first rewrite (by name) that applies to the node, and what it gives; its name goes to `applied`."""
        candidates = self.rewrites_by_head.get(e.op)
        if not candidates:
            return None
        present: set[str] = set()
        for a in e.args:
            inner = a.args[0] if a.op == "transpose" else a
            present.add(inner.op)
            if inner.op == "symbol":
                present |= inner.data[1]
            elif inner.op == "elementwise":
                present.add(inner.data[0])
        for r in candidates:
            if not r.required <= present:
                continue
            for found in pattern.match_part(r.left, e, {"generic": r.generic}):
                if applied is not None:
                    applied.append(r.name)
                new = pattern.instantiate(r.right, found.bindings)
                if e.op == "dot":
                    return r, algebra.mul(*found.before, new, *found.after)
                return r, algebra.reconstruct(e, (new, *found.after)) if found.after else new
        return None

    @contextmanager
    def in_force(self, used: list[str] | None = None) -> Iterator[None]:
        """Offer every new node to the rewrites; the names of those that applied go to `used`.

        Raises: LimitError from within, for rewrites that apply to what they make too often, if not for ever.
        """
        if self.offered_to != len(self.rewrites) or len(self.offered) > REMEMBERED:
            self.offered.clear()
            self.offered_to = len(self.rewrites)
        offered = self.offered

        within: list[list[str]] = []  # the rewrites used so far by those under way, one inside the other
        latest: deque[str] = deque(maxlen=6)

        def rewrite(e: Expr) -> Expr | None:
            known = offered.get(id(e))
            if known is None or known[0] is not e:
                within.append([])
                try:
                    found = self.rewrite_step(e, latest)
                except RecursionError:
                    if len(within) > 1:
                        raise
                    raise _endless(latest) from None
                finally:
                    inner = within.pop()
                known = offered[id(e)] = (e, (), None) if found is None else (e, (*inner, found[0].name), found[1])
            if within:
                within[-1].extend(known[1])
            if used is not None:
                used.extend(name for name in dict.fromkeys(known[1]) if name not in used)
            return known[2]

        token = algebra.REWRITER.set(rewrite)
        try:
            yield
        finally:
            algebra.REWRITER.reset(token)


def _endless(names: Iterable[str]) -> LimitError:
    return LimitError(
        f"rewrites apply to what they make, again and again: {', '.join(sorted(set(names)))}",
        hint="simplify the formula; the right side of a rewrite of your own has to be the simpler one",
    )


# --- reading ----------------------------------------------------------------------------------------------------------

_REASON = re.compile(r'^(?P<template>.*?)\s+"(?P<reason>[^"]*)"\s*$')


def _compile(text: str, declared: Sequence[Declaration], entry: Entry, key: str, head: Expr | None = None) -> Expr:
    dims = {n for e in postorder(head) for d in e.shape for n in dim_names(d)} if head is not None else ()
    try:
        return elaborate(parse_program(text), declared, dims=dims).expr
    except MatcalcError as mistake:
        raise _in_entry(mistake, entry, key, text) from mistake


def _in_entry(mistake: MatcalcError, entry: Entry, key: str, text: str) -> RuleError:
    """A mistake in a field of an entry, with the line of the file."""
    return RuleError(
        f"{entry.name}: {mistake.headline()}",
        file=entry.file,
        line=entry.line_of(key),
        text=text,
        span=mistake.span,
        point=mistake.point,
        facts=mistake.details(),
        hint=mistake.hint or mistake.usual_hint,
    )


def _inferred(head: Expr, declared: Sequence[Declaration]) -> list[Declaration]:
    """The declarations of an entry, and those of the names whose shapes follow from its pattern or left side."""
    given = {n for d in declared for n in d.names}
    others = [e for e in postorder(head) if e.op == "symbol" and e.name not in given]
    return [*declared, *(d for e in others for d in _declared(f"{e.name}: {_declared_shape(e.shape)}"))]


def compile_rule(entry: Entry) -> Rule:
    """The rule of an entry.

    Raises: RuleError if a field is missing, a name on the right is not bound, or the shapes of the sides differ.
    """

    def wrong(message: str, key: str = "") -> RuleError:
        return RuleError(f"{entry.name}: {message}", file=entry.file, line=entry.line_of(key))

    for key in ("pattern", "example", "source"):
        if not entry.get(key):
            raise wrong(f"the field {key} is missing")
    declared = _declarations(entry)
    head = _compile(entry.get("pattern"), declared, entry, "pattern")
    declared = _inferred(head, declared)
    generic = frozenset(n for d in declared if d.kind in ("elementwise", "function") for n in d.names)
    bound = {e.name: e for e in postorder(head) if e.op == "symbol"}
    pullbacks: dict[str, Pullback] = {}
    for key, value, _ in entry.fields:
        if not key.startswith("pullback "):
            continue
        variable = key.split()[1]
        parts = _REASON.match(value)
        if parts is None:
            raise wrong("a pullback ends with its reason in quotes", key)
        if variable not in bound:
            raise wrong(f"{variable} is not in the pattern", key)
        cotangent = _declared(f"{COTANGENT}: {_declared_shape(head.shape)}")
        template = _compile(parts["template"], [*declared, *cotangent], entry, key, head)
        template = _fit(template, bound[variable].shape)
        loose = [
            e.name for e in postorder(template) if e.op == "symbol" and e.name not in bound and e.name != COTANGENT
        ]
        if loose:
            raise wrong(f"{loose[0]} is not bound by the pattern", key)
        if template.shape != bound[variable].shape:
            raise wrong(
                f"the pullback has shape {show_shape(template.shape)}, "
                f"{variable} has {show_shape(bound[variable].shape)}",
                key,
            )
        pullbacks[variable] = Pullback(variable, template, parts["reason"], parts["template"].strip())
    if not pullbacks:
        raise wrong("there is no pullback")
    priority = entry.get("priority") or "0"
    if not re.fullmatch(r"-?\d{1,9}", priority, re.ASCII):
        raise wrong("a priority is a whole number", "priority")
    lemma = _lemma(entry, declared, head)
    stated = free_symbols(lemma) if lemma is not None else {}
    for name, pullback in pullbacks.items():
        if lemma is not None and f"d{name}" not in stated and not algebra.is_zero(pullback.template):
            raise wrong(f"the lemma says nothing of d{name}", "lemma")
    return Rule(entry, head, pullbacks, generic, int(priority), lemma)


def _lemma(entry: Entry, declared: Sequence[Declaration], head: Expr) -> Expr | None:
    """The differential of the value, where a rule states it: a formula in dX, dA … for the variables X, A …"""
    text = entry.get("lemma")
    if not text:
        return None
    left, _, right = text.partition("=")
    if left.strip() != "dF":
        raise RuleError(f"{entry.name}: a lemma reads dF = …", file=entry.file, line=entry.line_of("lemma"))
    variables = [e for e in postorder(head) if e.op == "symbol"]
    changes = [_declared(f"d{v.name}: {_declared_shape(v.shape)}") for v in variables]
    differential = _compile(right, [*declared, *(d for ds in changes for d in ds)], entry, "lemma", head)
    if differential.shape != head.shape:
        shapes = f"{show_shape(differential.shape)}, the value {show_shape(head.shape)}"
        raise RuleError(
            f"{entry.name}: the differential has shape {shapes}", file=entry.file, line=entry.line_of("lemma")
        )
    return differential


def _fit(template: Expr, shape: Shape) -> Expr:
    return algebra.zeros(shape) if algebra.is_zero(template) else template


def _declared_shape(shape: Shape) -> str:
    return "scalar" if shape == (1, 1) else show_shape(shape)


def _declared(text: str) -> list[Declaration]:
    found = parse_where(text) if text else ()
    return [d for d in found if isinstance(d, Declaration)]


def _declarations(entry: Entry) -> list[Declaration]:
    try:
        return _declared(entry.get("shapes"))
    except MatcalcError as mistake:
        raise _in_entry(mistake, entry, "shapes", entry.get("shapes")) from mistake


def compile_rewrite(entry: Entry) -> Iterator[Rewrite]:
    """The rewrite of an entry, and its instances for vectors and scalars where these look different."""
    declared = _declarations(entry)
    left = _compile(entry.get("left"), declared, entry, "left")
    right = _compile(entry.get("right"), _inferred(left, declared), entry, "right", left)
    bound = {e.name for e in postorder(left) if e.op == "symbol"}
    loose = [e.name for e in postorder(right) if e.op == "symbol" and e.name not in bound]
    if loose:
        raise RuleError(f"{entry.name}: {loose[0]} is not bound on the left", file=entry.file, line=entry.line)
    if algebra.is_zero(right):
        right = algebra.zeros(left.shape)
    if left.shape != right.shape:
        raise RuleError(
            f"{entry.name}: the sides have shapes {show_shape(left.shape)} and {show_shape(right.shape)}",
            file=entry.file,
            line=entry.line,
        )
    generic = frozenset(n for d in declared if d.kind in ("elementwise", "function") for n in d.names)
    required = _required(left, generic)
    seen: set[Expr] = set()
    for dims in _smaller(left):
        small = [pattern.instantiate(side, {**dims, **_reshaped(left, dims)}) for side in (left, right)]
        if small[0].op == left.op or (left.op, small[0].op) == ("hadamard", "mul"):
            needs = _required(small[0], generic)  # a broadcast in a sum only gets simpler, in a product it may vanish
            changes = small[0] != small[1] or left.op == "transpose"  # where one is equal, but its arguments are turned
            if small[0] not in seen and changes and (needs == required or left.op == "add"):
                seen.add(small[0])
                yield Rewrite(entry, small[0], small[1], generic, needs)


def _required(left: Expr, generic: Container[str]) -> frozenset[str]:
    fixed = [a for a in left.args if not pattern.is_variable(a) and a.op != "transpose"]
    operators = {a.data[0] if a.op == "elementwise" and a.data[0] not in generic else a.op for a in fixed}
    symbols = [a.args[0] if a.op == "transpose" else a for a in left.args if pattern.is_variable(a)]
    return frozenset(operators.union(*(s.data[1] & DECLARED_ONLY for s in symbols)))


def _smaller(left: Expr) -> Iterator[dict[str, DimLike]]:
    """The pattern itself, and, where it broadcasts or is entrywise, with a dimension or both equal to 1."""
    yield {}
    names = [n for n in ("dim m", "dim n") if any(Dim(n[4:]) in e.shape for e in postorder(left))]
    if any(e.op in ("ones", "hadamard") for e in postorder(left)) or left.op == "elementwise":
        for some in ([n] for n in names):
            yield dict.fromkeys(some, 1)
        if len(names) == 2:
            yield dict.fromkeys(names, 1)


def _reshaped(left: Expr, dims: Mapping[str, DimLike]) -> dict[str, Expr]:
    """The symbols of a pattern with smaller shapes."""
    values = {k[4:]: v for k, v in dims.items()}
    return {
        e.name: algebra.symbol(
            e.name, (substitute_dim(e.shape[0], values), substitute_dim(e.shape[1], values)), e.data[1]
        )
        for e in postorder(left)
        if e.op == "symbol"
    }


def build(entries: Sequence[Entry], base: Rulebook | None = None) -> Rulebook:
    """The rulebook of entries in any order, and of those that are there already.

    Raises: RuleError for a name given twice, for patterns that overlap without a priority, and for an entry that has
        neither a proof nor the mark `unproved`.
    """
    book = Rulebook() if base is None else base.copy()
    for entry in sorted(entries, key=lambda e: e.name):
        before = book.rules.get(entry.name) or book.rewrites.get(entry.name)
        if before is not None:
            where = f"the other stands in {before.entry.file}:{before.entry.line}"
            raise RuleError(
                f"there are two entries called {entry.name}", file=entry.file, line=entry.line, facts=(where,)
            )
        if entry.kind == "rule":
            rule = compile_rule(entry)
            book.rules[rule.name] = rule
            book.by_head.setdefault(rule.pattern.op, []).append(rule)
        else:
            for rewrite in compile_rewrite(entry):
                book.rewrites.setdefault(rewrite.name, rewrite)
                book.rewrites_by_head.setdefault(rewrite.left.op, []).append(rewrite)
    for rules in book.by_head.values():
        _sort_by_precedence(rules)
    for entry in entries:
        missing = None if entry.get("unproved") else unproved_part(entry)
        if missing is not None:
            raise RuleError(
                f"{entry.name}: no proof of {missing[0]}",
                file=entry.file,
                line=entry.line_of(missing[1]),
                hint="correct it, or mark the entry: unproved REASON",
            )
    return book


@lru_cache(maxsize=1024)
def unproved_part(entry: Entry) -> tuple[str, str] | None:
    """What of an entry has no proof in index form, in words, and the field where it stands; None if all is proved."""
    if entry.kind == "rewrite":
        for rewrite in compile_rewrite(entry):
            if prove_equal(rewrite.left, rewrite.right) is None:
                return (f"{rewrite.left} = {rewrite.right}", "left")
        return None
    rule = compile_rule(entry)
    for name in rule.pullbacks:
        if rule.proof(name) is None:
            return (f"the pullback to {name}", f"pullback {name}")
    return None


def _is_instance(special: Rule, general: Rule) -> bool:
    """Whether every node that the first pattern stands for, the second stands for as well."""
    return next(pattern.match(general.pattern, special.pattern, {"generic": general.generic}), None) is not None


def _sort_by_precedence(rules: list[Rule]) -> None:
    """Put an instance of a pattern before the pattern itself; a higher priority first of all."""
    rank = {
        r.name: (-r.priority, not r.is_whole, -sum(_is_instance(r, other) for other in rules if other is not r))
        for r in rules
    }
    for i, r in enumerate(rules):
        for other in rules[i + 1 :]:
            if r.is_whole == other.is_whole and r.priority == other.priority and _overlap(r, other):
                if not (_is_instance(r, other) or _is_instance(other, r)):
                    raise RuleError(
                        f"{r.name} and {other.name} overlap, and neither is an instance of the other: "
                        "give one a priority",
                        file=r.entry.file,
                        line=r.entry.line,
                    )
    rules.sort(key=lambda r: (*rank[r.name], r.name))


def _overlap(a: Rule, b: Rule) -> bool:
    """Whether some node can be an instance of both patterns (for the same factor of a product)."""
    if not a.is_whole and not any(a.sides(v) == b.sides(w) for v in a.pullbacks for w in b.pullbacks):
        return False
    pairs = [(a.pattern, b.pattern)]
    while pairs:
        p, q = pairs.pop()
        if p.op == "symbol" or q.op == "symbol":
            small, large = (p, q) if p.op == "symbol" else (q, p)
            if any(s == 1 and not isinstance(t, Dim) and t != 1 for s, t in zip(small.shape, large.shape, strict=True)):
                return False
            continue
        if p.op != q.op or len(p.args) != len(q.args) or (p.op == "number" and p.data != q.data):
            return False
        if p.is_scalar != q.is_scalar and 1 in (p.shape + q.shape) and p.op in pattern.NARY:
            return False
        pairs.extend(zip(p.args, q.args, strict=True))
    return True


def read_rulebook(paths: Sequence[Traversable]) -> Rulebook:
    """The rulebook of files."""
    return build([e for path in paths for e in read_entries(path.read_text(encoding="utf-8"), path.name)])


@lru_cache(maxsize=1)
def default_rulebook() -> Rulebook:
    """The rules that come with matcalc, read and proved once; that takes from the time of no formula."""
    with limited(None):
        return _default_rulebook()


def _default_rulebook() -> Rulebook:
    rules = resource("rules")
    found = [f for folder in (rules, rules / "simplify") for f in folder.iterdir() if f.name.endswith(".rules")]
    tables = sorted(found, key=lambda f: f.name)
    files = [f for f in tables if f.name not in OTHER_TABLES]
    folder = cache_folder()
    if folder is None:
        return read_rulebook(files)
    kept = folder / f"rules-{fingerprint(tables)}.pickle"
    try:
        book = pickle.loads(kept.read_bytes())
    except Exception:  # whatever is wrong with the file, it can be made again
        book = None
    if not isinstance(book, Rulebook):
        book = read_rulebook(files)
        with suppress(OSError):
            part = kept.with_suffix(f".{os.getpid()}")
            part.write_bytes(pickle.dumps(replace(book, offered={})))
            part.replace(kept)
    return book
