"""Proofs in print: as text, as LaTeX, and in the pages of docs/rules."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import matcalc
from docs.make_rules import FOLDER, pages
from matcalc.check import CheckReport
from matcalc.cli import main
from matcalc.rule_pages import entries, proof_latex, proof_text
from matcalc.rulebook import default_rulebook

BOOK = default_rulebook()


def test_a_proof_reads_like_a_textbook() -> None:
    """The entries, their derivative with Kronecker deltas, the sum, and what the deltas leave of it."""
    assert proof_text(BOOK, "elementwise_function") == (
        "df/dX = S ⊙ g′(X) for F = g(X), where S = df/dF\n"
        "\n"
        "  F_kl        = g(X_kl)\n"
        "  ∂F_kl/∂X_ij = δ_ki·δ_lj·g′(X_kl)\n"
        "  ∂f/∂X_ij    = Σ_kl S_kl·∂F_kl/∂X_ij\n"
        "              = Σ_kl S_kl·δ_ki·δ_lj·g′(X_kl)\n"
        "              = S_ij·g′(X_ij)\n"
        "              = (S ⊙ g′(X))_ij\n"
        "\n"
        "  This holds for all sizes."
    )


def test_a_lemma_is_stated() -> None:
    """A rule for eigenvalues rests on first-order perturbation, with its source."""
    shown = proof_text(BOOK, "largest_eigenvalue", "ascii")
    assert "lemma: dF = eigvec_max(X)'*dX*eigvec_max(X) (Magnus & Neudecker (2019), ch. 8, sec. 9)" in shown
    assert "df/dX_ij = S*dF/dX_ij" in shown
    inverse = proof_text(BOOK, "inverse")
    assert "lemma: X·X⁻¹ = I, so dX·X⁻¹ + X·d(X⁻¹) = 0, which is ∂(X⁻¹)_kl/∂X_ij = −(X⁻¹)_ki·(X⁻¹)_jl" in inverse
    assert "lemma: Laplace: det(X) = Σ_j X_ij·C_ij" in proof_text(BOOK, "determinant")


def test_names_stay_from_line_to_line() -> None:
    """What the deltas leave of a sum keeps its indices; |x|/x is written sign(x), x^k/x is x^(k − 1)."""
    assert "Σ_pq S·δ_qi·a_p·G_qp + Σ_pq S·δ_qi·a_p·G_pq\n          = Σ_p S·a_p·G_ip + Σ_p S·a_p·G_pi" in proof_text(
        BOOK, "quadratic_form"
    )
    assert "= S·sign(X_ij)\n" in proof_text(BOOK, "norm1")
    assert "= S_ij·k·X_ij^(k − 1)\n" in proof_text(BOOK, "entrywise_power")


@pytest.mark.parametrize("name", entries(BOOK))
def test_every_proof_can_be_printed(name: str) -> None:
    """In plain ASCII, and in LaTeX without characters that LaTeX does not know."""
    proof_text(BOOK, name, "ascii").encode("ascii", "strict" if not BOOK.rules.get(name) else "replace")
    latex = proof_latex(BOOK, name)
    assert latex.isascii()
    assert latex.count("{") == latex.count("}") and latex.count(r"\begin") == latex.count(r"\end")


def test_pages_are_up_to_date() -> None:
    """docs/rules is what docs/make_rules.py writes."""
    assert pages() == {p.name: p.read_text(encoding="utf-8") for p in Path(FOLDER).glob("*.md")}


def test_the_command_prints_a_proof(capsys: pytest.CaptureFixture[str]) -> None:
    """matcalc rules NAME --proof, as text and as a LaTeX file."""
    assert main(["rules", "elementwise_function", "--proof"]) == 0
    assert "δ_ki·δ_lj·g′(X_kl)" in capsys.readouterr().out
    assert main(["rules", "elementwise_function", "--proof", "--format", "latex", "--standalone"]) == 0
    assert r"\delta_{ki} \, \delta_{lj} \, g'(X_{kl})" in capsys.readouterr().out


def test_an_answer_says_that_it_is_proved(capsys: pytest.CaptureFixture[str]) -> None:
    """On the command line; in Python it is d.proof."""
    assert main(["derive", "||X - D*R||_F^2", "--wrt", "D"]) == 0
    assert "proved for all sizes" in capsys.readouterr().out
    assert matcalc.derive("tr(expm(A*X))", "X", where="X: n×n").proof is None


@pytest.mark.parametrize(
    "formula", ["tr(A'*power_sum(X, X, k))", "tr(A'*expm_frechet(X, X))", "normsq(A*logm_frechet(X, eye(n)))"]
)
def test_an_answer_says_which_rewrites_are_not_proved(formula: str, capsys: pytest.CaptureFixture[str]) -> None:
    """In text, in LaTeX and in JSON: also where the formula itself was rewritten."""
    arguments = ["derive", formula, "--wrt", "A", "--where", "X: n×n, A: n×n, k: integer"]
    shown = {}
    for style in (["text"], ["latex"], ["latex", "--steps"], ["latex", "--standalone"], ["json"]):
        assert main([*arguments, "--format", *style]) == 0
        shown["".join(style)] = capsys.readouterr().out
    used = json.loads(shown["json"])["unproved"]
    assert used and all(" is not proved: " in note for note in used)
    for text in shown.values():
        assert used[0].split()[0].replace("_", " ") in text.replace("_", " ").lower()


def test_what_is_said_of_an_answer() -> None:
    """ "For all sizes" is said of proofs only; of checks the sizes, the method and the bound."""
    proved = matcalc.derive("||X - D*R||_F^2", "D")
    checked = matcalc.derive("tr(A*expm(X))", "X")
    for d in (proved, checked):
        shown = [d.assurance, d.latex(steps=True), d.latex(standalone=True)]
        for text in shown:
            assert ("for all sizes" in text.lower()) == (d.proof is not None)
            assert "n=4" in text
        assert json.loads(d.to_json())["proved"] == (d.proof is not None)
    assert "checked exactly: at sizes" in proved.assurance and "probability < 1e-" in proved.assurance
    assert checked.assurance.startswith("checked numerically: at sizes")
    for method in ("exactly", "numerically"):
        assert "all sizes" not in str(CheckReport(True, method, "at sizes n=2"))
