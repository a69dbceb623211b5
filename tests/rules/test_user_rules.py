"""Rules that users bring: proved or refused, with the line and a counterexample."""

from __future__ import annotations

from pathlib import Path

import pytest

import matcalc
from matcalc.cli import main
from matcalc.errors import RuleError

CONGRUENCE = """\
rewrite trace_form   tr(A*B') => sum(A .* B)   where A: m×n, B: m×n

rule congruence  "Congruence with a symmetric matrix"
  pattern     X * P * X'
  shapes      X: m×n, P: n×n symmetric
  pullback X  (S + S')*X*P   "congruence"
  example     d/dX tr(A*X*P*X') = (A' + A)*X*P   where A: m×m, X: m×n, P: n×n symmetric
  source      the product rule
"""


def test_rules_of_a_user_are_used() -> None:
    """A rule takes part in the derivation, and the result is checked as any other."""
    d = matcalc.derive("tr(A*X*P*X')", "X", where="A: m×m, X: m×n, P: n×n symmetric", rules=CONGRUENCE)
    assert d.check is not None and d.check.ok
    assert any("congruence" in s.rules for s in d.steps)


@pytest.mark.parametrize(
    ("old", "new", "message", "line"),
    [
        ("(S + S')*X*P", "(S + S)*X*P", "the pullback to X is not the derivative", 6),
        ("(S + S')*X*P", "(S + S')*P*X", "shape", 6),
        ("sum(A .* B)", "sum(A) * sum(B)", "the sides are not equal", 1),
        ("(A' + A)*X*P ", "2*A*X*P ", "the example is refuted", 7),
        ("congruence  ", "inverse  ", "two entries called inverse", 3),
        ("  source      the product rule\n", "", "source is missing", 3),
        ("pattern     X", "pattren     X", "not a field", 4),
    ],
)
def test_mistakes_are_refused(old: str, new: str, message: str, line: int, tmp_path: Path) -> None:
    """With the file, the line and, where an entry is wrong, a point that shows it."""
    file = tmp_path / "my.rules"
    file.write_text(CONGRUENCE.replace(old, new), encoding="utf-8")
    with pytest.raises(RuleError, match=message) as caught:
        matcalc.derive("tr(X)", "X", rules=file)
    assert (caught.value.file, caught.value.line) == (str(file), line)
    if "equal" in message or "refuted" in message or "not the derivative" in message:
        assert any("A = " in fact or "S = " in fact for fact in caught.value.facts)


def test_a_right_rule_without_a_proof_needs_a_mark() -> None:
    """Neither refuted nor proved: it is loaded when it is marked, and the answer says so."""
    rule = (
        'rule weighted_exponential  "Exponential, weighted"\n'
        "  pattern     tr(P * expm(X))\n"
        "  shapes      X: n×n, P: n×n\n"
        "  pullback X  S*expm_frechet(X', P')   \"weighted exponential\"\n"
        "  example     d/dX tr(P*expm(X)) = expm_frechet(X', P')\n"
        "  source      Higham (2008), sec. 10.2\n"
    )
    with pytest.raises(RuleError, match="no proof of the pullback to X") as caught:
        matcalc.derive("tr(X)", "X", rules=rule)
    assert "unproved REASON" in (caught.value.hint or "")
    marked = rule + "  unproved    expm has no definition in entries\n"
    d = matcalc.derive("tr(P*expm(X))", "X", where="X, P: n×n", rules=marked)
    assert "weighted_exponential is not proved: expm has no definition in entries" in d.notes


def test_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """check-rules prints a line an entry; a mistake gives exit code 2 and nothing on standard output."""
    file = tmp_path / "my.rules"
    file.write_text(CONGRUENCE, encoding="utf-8")
    assert main(["check-rules", str(file)]) == 0
    assert capsys.readouterr().out == "trace_form: proved for all sizes\ncongruence: proved for all sizes\n"
    assert main(["derive", "tr(A*B')", "--wrt", "A", "--rules", str(file), "-q"]) == 0
    assert capsys.readouterr().out == "B\n"
    file.write_text(CONGRUENCE.replace("sum(A .* B)", "-sum(A .* B)"), encoding="utf-8")
    assert main(["check-rules", str(file)]) == 2
    assert capsys.readouterr().out == ""
    assert main(["check-rules", str(tmp_path / "nowhere")]) == 2
