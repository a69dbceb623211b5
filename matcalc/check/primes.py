"""The primes of the exact check: chains p, (p − 1)/2, ((p − 1)/2 − 1)/2, … of primes of about 118 bits.

The squares modulo p form a group of the prime order q = (p − 1)/2, so that roots of every order are unique in it, and
a base to the power of a number modulo q turns sums into products, as exp does. Modulo q the same holds again, and so
on for exp(exp(x)). Every prime is −1 modulo 8 and modulo the odd primes up to 47, so these are squares modulo p.
"""

from __future__ import annotations

from random import Random

__all__ = ["chain"]

LENGTH = 4
"""How many primes a chain has."""

_STEP = 64 * 307444891294245705  # the product of the odd primes up to 47

_FACTORS = (
    (12500716014358389, 11154143589876525, 9635960731750648, 16941831822076699, 9070081053776435, 11925466914840395),
    (14481957446889981, 11693639230201079, 17623783830820972, 11909908900236921, 12960631585726490, 9951302362999399),
    (13997184476203925, 12874268784810609, 18001436803000380, 12851121284057747, 16733517138897348, 16182088571413812),
    (14204120964684275, 13366421151089299, 13452869754539142, 14897874170230748, 12859766035184809, 12614661117050276),
    (13365898419421743, 12124749744998695, 17343520770381733, 15542115751387055, 16109509361382839, 9072914598096549),
    (13722829281274230, 12416844659394683),
)


def chain(random: Random) -> tuple[int, ...]:
    """A chain of primes, the largest first: one of many, so that no number in a claim is zero by design."""
    top = _STEP * random.choice([t for row in _FACTORS for t in row])
    return tuple((top >> i) - 1 for i in range(LENGTH))
