"""Facts that proofs rest on without proving them anew: each is a line of a textbook, stated where it is used."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["LEMMAS", "Lemma"]


class Lemma(NamedTuple):
    """What is used, in the three vocabularies, and where it is found."""

    unicode: str
    ascii: str
    latex: str
    source: str

    def text(self, style: str) -> str:
        """The statement with its source."""
        words = {"unicode": self.unicode, "ascii": self.ascii, "latex": self.latex}[style]
        return f"{words} ({self.source.replace('&', chr(92) + '&') if style == 'latex' else self.source})"


LEMMAS = {
    "inverse": Lemma(
        "X·X⁻¹ = I has one solution X⁻¹",
        "X*inv(X) = I has one solution inv(X)",
        r"$X \, X^{-1} = I$ has one solution $X^{-1}$",
        "Horn & Johnson (2013), sec. 0.5",
    ),
    "differential of an inverse": Lemma(
        "X·X⁻¹ = I, so dX·X⁻¹ + X·d(X⁻¹) = 0, which is ∂(X⁻¹)_kl/∂X_ij = −(X⁻¹)_ki·(X⁻¹)_jl",
        "X*inv(X) = I, so dX*inv(X) + X*d(inv(X)) = 0, which is d(X^-1)_kl/dX_ij = -(X^-1)_ki*(X^-1)_jl",
        r"$X \, X^{-1} = I$, so $dX \, X^{-1} + X \, d(X^{-1}) = 0$, which is "
        r"$\frac{\partial (X^{-1})_{kl}}{\partial X_{ij}} = -(X^{-1})_{ki} \, (X^{-1})_{jl}$",
        "Magnus & Neudecker (2019), ch. 8, sec. 4",
    ),
    "Jacobi": Lemma(
        "Laplace: det(X) = Σ_j X_ij·C_ij, where no cofactor C_ij depends on row i; so ∂det(X)/∂X_ij = C_ij = det(X)·(X⁻¹)_ji",
        "Laplace: det(X) = sum_j X_ij*C_ij, where no cofactor C_ij depends on row i; so ddet(X)/dX_ij = C_ij = "
        "det(X)*(X^-1)_ji",
        r"Laplace: $\det(X) = \sum_{j} X_{ij} \, C_{ij}$, where no cofactor $C_{ij}$ depends on row $i$; so "
        r"$\frac{\partial \det(X)}{\partial X_{ij}} = C_{ij} = \det(X) \, (X^{-1})_{ji}$",
        "Magnus & Neudecker (2019), ch. 8, sec. 3",
    ),
    "determinant of a product": Lemma(
        "det(A·B) = det(A)·det(B)",
        "det(A*B) = det(A)*det(B)",
        r"$\det(A \, B) = \det(A) \, \det(B)$",
        "Horn & Johnson (2013), sec. 0.3.5",
    ),
    "determinant of a multiple": Lemma(
        "det(s·A) = sⁿ·det(A), since each of n rows is multiplied by s",
        "det(s*A) = s^n*det(A), since each of n rows is multiplied by s",
        r"$\det(s \, A) = s^{n} \det(A)$, since each of $n$ rows is multiplied by $s$",
        "Horn & Johnson (2013), sec. 0.3.3",
    ),
    "determinant of an inverse": Lemma(
        "det(A)·det(A⁻¹) = det(I) = 1",
        "det(A)*det(inv(A)) = det(I) = 1",
        r"$\det(A) \, \det(A^{-1}) = \det(I) = 1$",
        "Horn & Johnson (2013), sec. 0.3.5",
    ),
    "determinant of expm": Lemma(
        "det(expm(A)) = exp(tr(A)): the eigenvalues of expm(A) are the exponentials of those of A",
        "det(expm(A)) = exp(tr(A)): the eigenvalues of expm(A) are the exponentials of those of A",
        r"$\det(e^{A}) = e^{\operatorname{tr}(A)}$: the eigenvalues of $e^{A}$ are the exponentials of those of $A$",
        "Higham (2008), sec. 10.1",
    ),
}
"""By the name under which a proof notes them."""
