"""Every rule, and the reading of rule files."""

from __future__ import annotations

import random
import re
import shutil
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from random import Random
from typing import Any

import pytest

import matcalc
from matcalc import algebra, rulebook
from matcalc.api import read
from matcalc.check import check
from matcalc.check.evaluator import Evaluator, Floats
from matcalc.check.points import direction, flat
from matcalc.errors import RuleError
from matcalc.expr import postorder
from matcalc.pattern import instantiate
from matcalc.resources import resource
from matcalc.rule_entries import read_entries
from matcalc.rulebook import COTANGENT, OTHER_TABLES, build, default_rulebook
from tests.work import calls

BOOK = default_rulebook()


@pytest.mark.parametrize("name", BOOK.rules)
@pytest.mark.parametrize("plan", ["distinct", "equal"])
def test_pullback_is_the_transposed_differential(name: str, plan: str, at_point: Callable[..., Any]) -> None:
    """<S, dF> = <pullback(S), dX>, with dF from jets through the definitions, not from the rule."""
    rule = BOOK.rules[name]
    concrete = instantiate(rule.pattern, {"fn g": ("tanh", 0), "generic": rule.generic} if "g" in rule.generic else {})
    cotangent = algebra.symbol(COTANGENT, concrete.shape)
    for variable, pullback in rule.pullbacks.items():
        symbol = next(e for e in postorder(concrete) if e.op == "symbol" and e.name == variable)
        template = instantiate(
            pullback.template, {"fn g": ("tanh", 0), "generic": rule.generic} if "g" in rule.generic else {}
        )

        def identity(
            point: dict[str, Any], sizes: dict[str, int], symbol: Any = symbol, template: Any = template
        ) -> None:
            h = direction(point[symbol.name], Random(5), symbol.data[1])
            jets = {n: {0: m} for n, m in point.items()}
            moved = Evaluator(Floats(), {**jets, symbol.name: {0: point[symbol.name], 1: h}}, sizes, Random(7))
            change = moved.value(concrete).get(1) or [[0.0] * len(r) for r in moved.value(concrete)[0]]
            still = Evaluator(Floats(), jets, sizes, Random(7))
            still.generic = moved.generic
            left = sum(s * d for s, d in zip(flat(point[COTANGENT]), flat(change), strict=True))
            right = sum(p * d for p, d in zip(flat(still.value(template)[0]), flat(h), strict=True))
            assert left == pytest.approx(right, rel=1e-6, abs=1e-9)

        at_point([concrete, template, cotangent], identity, plan)


@pytest.mark.parametrize("name", BOOK.rules)
def test_example_holds(name: str) -> None:
    """The example of an entry passes the check, and matcalc derives something equal to it."""
    entry = BOOK.rules[name].entry
    found = re.fullmatch(r"d/d(\w+)\s+(.*?)\s+=\s+(.*?)(?:\s+where (.*))?", entry.get("example"))
    assert found is not None
    variable, formula, expected, where = found.groups()
    where = where or entry.get("shapes")
    problem = read(formula, where, [variable])
    claim = matcalc.parse(f"({expected}) + 0*{variable}", where=where)
    assert check(problem.expr, problem.symbols[variable], claim).ok
    assert matcalc.derive(formula, variable, where=where).shape == claim.shape


@pytest.mark.parametrize("name", BOOK.rewrites)
def test_rewrite_keeps_the_value(name: str, at_point: Callable[..., Any]) -> None:
    """Both sides of a rewrite have the same value, at sizes all different and all equal."""
    for rewrite in [r for rs in BOOK.rewrites_by_head.values() for r in rs if r.name == name]:
        bindings = {"fn g": ("tanh", 0), "generic": rewrite.generic} if rewrite.generic else {}
        left, right = instantiate(rewrite.left, bindings), instantiate(rewrite.right, bindings)
        assert left.shape == right.shape
        for plan in ("distinct", "equal"):

            def same(point: dict[str, Any], sizes: dict[str, int], left: Any = left, right: Any = right) -> None:
                evaluator = Evaluator(Floats(), {n: {0: m} for n, m in point.items()}, sizes, Random(1))
                a, b = evaluator.value(left)[0], evaluator.value(right)[0]
                assert flat(a) == pytest.approx(flat(b), rel=1e-7, abs=1e-9)

            at_point([left, right], same, plan)


def _entries() -> list[Any]:
    rules = resource("rules")
    files = [f for folder in (rules, rules / "simplify") for f in folder.iterdir() if f.name.endswith(".rules")]
    return [e for f in files if f.name not in OTHER_TABLES for e in read_entries(f.read_text(encoding="utf-8"), f.name)]


@pytest.mark.parametrize("seed", range(3))
def test_order_of_entries_does_not_matter(seed: int) -> None:
    """Shuffled entries give the same rulebook, and the same derivations from it."""
    entries = _entries()
    random.Random(seed).shuffle(entries)
    shuffled = build(entries)
    assert {h: [r.name for r in rs] for h, rs in shuffled.by_head.items()} == {
        h: [r.name for r in rs] for h, rs in BOOK.by_head.items()
    }
    for formula, variable in [("||g(X*W) - Y||_F^2", "W"), ("x'*A*x + log(det(A))", "A"), ("tr(inv(X)*B)", "X")]:
        assert matcalc.derive(formula, variable, rules=shuffled).text() == matcalc.derive(formula, variable).text()


GOOD = """rule twice  "Twice"
  pattern     twice(X)
  shapes      X: m×n, twice: elementwise
  pullback X  2*S   "twice"
  example     d/dX sum(X) = ones(m,n)
  source      here
"""


@pytest.mark.parametrize(
    ("change", "message", "line"),
    [
        (("2*S   ", "2*S*Z "), "Z is not bound", 4),
        (("pullback X", "pullback Y"), "Y is not in the pattern", 4),
        (("2*S   ", "S'    "), "the pullback has shape n×m", 4),
        (("  example     d/dX sum(X) = ones(m,n)\n", ""), "example is missing", 1),
        (('"twice"\n  example', "\n  example"), "ends with its reason", 4),
        (("  source ", "  sauce  "), "not a field", 6),
        (("rule twice", "rool twice"), "begins with rule or rewrite", 1),
        (("twice(X)", "twice(X"), "bracket", 2),
    ],
)
def test_mistakes_in_rule_files_have_a_line(change: tuple[str, str], message: str, line: int) -> None:
    """A wrong entry is refused with file and line."""
    with pytest.raises(RuleError) as caught:
        build(list(read_entries(GOOD.replace(*change), "my.rules")))
    assert message in str(caught.value.render())
    assert f"my.rules:{line}" in caught.value.render()


def test_a_name_given_twice_is_refused() -> None:
    """Two entries of one name are a mistake."""
    with pytest.raises(RuleError, match="two entries called twice"):
        build(list(read_entries(GOOD + "\n" + GOOD, "my.rules")))


def test_overlap_needs_a_priority() -> None:
    """Patterns that overlap, neither an instance of the other, need a priority."""
    a = GOOD.replace("twice(X)", "kron(X, eye(p))").replace("rule twice", "rule a").replace("2*S   ", "X     ")
    b = a.replace("rule a", "rule b").replace("kron(X, eye(p))", "kron(eye(p), X)")
    with pytest.raises(RuleError, match="give one a priority"):
        build(list(read_entries(a + "\n" + b, "my.rules")))
    marks = "  priority    1\n  unproved    a test\n\n", "  unproved    a test\n"
    build(list(read_entries(a + marks[0] + b + marks[1], "my.rules")))


def test_a_rule_without_a_proof_is_refused() -> None:
    """A pullback that does not follow from the definitions is refused, unless it is marked."""
    with pytest.raises(RuleError, match="no proof of the pullback to X"):
        build(list(read_entries(GOOD, "my.rules")))
    norm = next(e.text for e in _entries() if e.name == "squared_norm")
    marked = [
        *(e for e in _entries() if e.name != "squared_norm"),
        *read_entries(norm + "\n  unproved    a test\n", "my.rules"),
    ]
    d = matcalc.derive("normsq(X)", "X", where="X: m×n", rules=build(marked))
    assert "squared_norm is not proved: a test" in d.notes
    assert not any("not proved" in note for note in matcalc.derive("normsq(X)", "X", where="X: m×n").notes)


def test_a_rewrite_without_a_proof_is_refused() -> None:
    """So is an identity that does not hold."""
    with pytest.raises(RuleError, match="no proof of"):
        build(list(read_entries("rewrite wrong   tr(A*B) => tr(A)*tr(B)   where A: n×n, B: n×n", "my.rules")))


def test_few_entries_are_marked_as_unproved() -> None:
    """At most ten entries of the table rest on their tests alone, all of them about functions of whole matrices."""
    marked = [e for e in _entries() if e.get("unproved")]
    assert len(marked) <= 10
    assert {e.file for e in marked} <= {"decompositions.rules"}
    assert not any(e.kind == "rule" for e in marked)


def test_what_is_kept_is_made_anew_when_a_rule_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rules that are kept between runs are those whose proofs were found for this very text."""
    shutil.copytree(str(resource("rules")), tmp_path / "rules")
    monkeypatch.setattr(rulebook, "resource", lambda folder: tmp_path / folder)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert set(rulebook._default_rulebook().rules) == set(BOOK.rules)
    for name, old, new in [
        ("matrix.rules", "S * inv(X)' ", "S * inv(X)"),
        ("simplify/inverses.rules", "inv(B)*inv(A) ", "inv(A)*inv(B) "),
        ("elementwise.rules", "1/(1 + exp(-x))", "1/(1 + exp(-2*x))"),
    ]:
        file = tmp_path / "rules" / name
        right = file.read_text(encoding="utf-8")
        assert old in right
        file.write_text(right.replace(old, new), encoding="utf-8")
        with pytest.raises(RuleError, match="no proof of") if name != "elementwise.rules" else nullcontext():
            rulebook._default_rulebook()
        assert len(list((tmp_path / "cache" / "matcalc").glob("rules-*"))) == (2 if name == "elementwise.rules" else 1)
        file.write_text(right, encoding="utf-8")


def test_a_long_product_is_matched_in_linear_work() -> None:
    """det(A·B·C·…): twice the factors, about twice the work, though the first rewrite that fits is sought among many ways."""

    def made(n: int) -> int:
        product = algebra.mul(*(matcalc.matrix(f"A{n}x{i}", "n", "n") for i in range(n)))
        with BOOK.in_force():
            return calls(lambda: algebra.apply("det", product))

    assert made(40) < 3 * made(20)
