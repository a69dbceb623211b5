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


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("rewrite a   tr(A*B => tr(B*A)   where A: m×n, B: n×m", "bracket"),
        ("rewrite a   A' => A", "the sides have shapes n×m and m×n"),
        ("rewrite a   tr(A) => tr(B)   where A, B: n×n", "B is not bound on the left"),
        ("rewrite a   det(A + B) => det(A) + det(B)   where A, B: n×n", "the sides are not equal"),
        ("rewrite a   inv(A*B) => inv(A)*inv(B)   where A, B: n×n", "the sides are not equal"),
        ("rewrite a   sin(X).^2 => 1 - cos(X).^2", "no proof of"),
        ("rewrite exp_of_log   exp(log(X)) => X   where X: m×n", "two entries called exp_of_log"),
        ("rewrite a   tr(X) = sum(X)", "left => right"),
        ("softclip(x) = log(1 + exp(x))", "begins with rule or rewrite"),
        ("  rewrite a   tr(A') => tr(A)\n", "without a blank before it"),
        ("rewrite a   exp(X) => exp(X/2) .* exp(X/2)   where X: m×n", "again and again: a"),
        ("rewrite a   X*1e99999999 => X", "more than 1,000 digits"),
    ],
)
def test_wrong_rewrites(text: str, message: str) -> None:
    """Each with the line, and help where there is any; what goes on for ever is found when it is read."""
    with pytest.raises(RuleError, match=message) as caught:
        matcalc.derive("tr(X)", "X", rules=text if "\n" in text else text + "\n")
    assert caught.value.render().startswith("error: rules:1: ")


RULE = """rule energy  "Weighted energy"
  pattern     x'*A*x
  shapes      x: n, A: n×n
  pullback x  S*(A + A')*x   "weighted energy"
  example     d/dx x'*A*x = (A + A')*x
  source      here
"""


@pytest.mark.parametrize(
    ("old", "new", "message", "line"),
    [
        ("S*(A + A')*x", "S*(A - A')*x", "the pullback to x is not the derivative", 4),
        ("S*(A + A')*x", "S*(A + A')*x*x'", "the pullback has shape n×n, x has n×1", 4),
        ("S*(A + A')*x", "S*x*(A + A')", "shapes do not fit in a product", 4),
        ("= (A + A')*x", "= (A + A')*x*x'", "its derivative scalar|its derivative n×n", 5),
        ("= (A + A')*x", "= 2*A*x", "the example is refuted", 5),
        ("example     d/dx x'*A*x = (A + A')*x", "example     see there", "an example reads", 5),
        (
            "  source",
            "  lemma       dF = 3*x'*(A + A')*dx\n  source",
            "the pullback to x is not the derivative|no proof",
            4,
        ),
    ],
)
def test_wrong_rules(old: str, new: str, message: str, line: int) -> None:
    """A mistake in any field is shown in its line; a lemma is checked, not believed."""
    with pytest.raises(RuleError, match=message) as caught:
        matcalc.derive("tr(X)", "X", rules=RULE.replace(old, new))
    assert caught.value.line == line


def test_a_wrong_lemma_with_a_fitting_pullback_is_refused() -> None:
    """Both are wrong by the same factor, so that one follows from the other."""
    rule = RULE.replace("S*(A + A')*x ", "3*S*(A + A')*x ").replace(
        "  source", "  lemma  dF = 3*x'*(A + A')*dx\n  source"
    )
    with pytest.raises(RuleError, match="the pullback to x is not the derivative"):
        matcalc.derive("tr(X)", "X", rules=rule)


def test_shapes_follow_from_the_pattern() -> None:
    """What is not declared has in the pullback the shape that it has in the pattern; a place in a field is marked."""
    matcalc.derive(
        "tr(X)", "X", rules=RULE.replace("  shapes      x: n, A: n×n\n", "").replace("rule energy", "rule q")
    )
    with pytest.raises(RuleError) as caught:
        matcalc.derive("tr(X)", "X", rules=RULE.replace("S*(A + A')*x", "S*x*A"))
    assert "  S*x*A\n  ~~~^~\n" in caught.value.render()


def test_a_rewrite_that_is_no_change(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Both sides may be one and the same node; check-rules says so."""
    file = tmp_path / "my.rules"
    file.write_text("rewrite cyclic   tr(A*B) => tr(B*A)   where A: m×n, B: n×m", encoding="utf-8")
    assert main(["check-rules", str(file)]) == 0
    assert "not needed" in capsys.readouterr().out


def test_files_that_cannot_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder, a missing file, bytes that are no text, no rule at all: exit code 2."""
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")
    (tmp_path / "empty").write_text("# nothing\n", encoding="utf-8")
    for name, message in [
        ("", "is a directory"),
        ("missing", "no such file"),
        ("bytes", "no text in UTF-8"),
        ("empty", "no rule"),
    ]:
        assert main(["check-rules", str(tmp_path / name)]) == 2
        out, err = capsys.readouterr()
        assert out == "" and message in err
