"""Proofs in index form, for all sizes, made by the program from the definitions of the operators."""

from __future__ import annotations

from matcalc.proof.lemmas import LEMMAS
from matcalc.proof.prover import Proof, prove, prove_equal, prove_pullback

__all__ = ["LEMMAS", "Proof", "prove", "prove_equal", "prove_pullback"]
