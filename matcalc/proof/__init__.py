"""Proofs in index form, for all sizes, made by the program from the definitions of the operators."""

from __future__ import annotations

from matcalc.proof.prover import Proof, prove, prove_equal, prove_pullback

__all__ = ["Proof", "prove", "prove_equal", "prove_pullback"]
