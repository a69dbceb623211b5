"""Definitions in entries, read from text: F[(i,k),(j,l)] = A[i,j]*B[k,l].

An index in brackets stands for a pair whose last member runs fastest; sum[k] reaches to the end of its product.
lower[i,j] is 1 for i >= j and 0 above. series[X,i,k,l,j] stands for a sum of X^r[i,k]*X^s[l,j] over r and s with
coefficients that are symmetric in r and s, as in the differential of every function of a matrix (Higham 2008, ch. 3);
series[(X,t),…] has coefficients that depend on t. F(X,A) names the arguments where their order does not show.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from matcalc.errors import RuleError

__all__ = ["NAMED", "Definition", "Indices", "read_definition"]

Indices = tuple[tuple[str, ...], ...]
"""The index arguments of an entry, each a tuple of names."""


@dataclass(frozen=True, slots=True)
class Definition:
    """The index names of F, and its entry as steps of a stack machine.

    Steps: ("number", n), ("entry", name, indices), ("call", name), ("sum", names), ("+",), ("-",), ("*",), ("/",),
    ("^",), ("neg",).
    """

    head: Indices
    steps: tuple[tuple[object, ...], ...]
    arguments: tuple[str, ...]
    text: str


NAMED = frozenset({"delta", "lower", "series"})
"""What has entries without being an argument."""

_TOKEN = re.compile(
    r"\s*(?:(?P<sum>sum\[(?P<over>[\w,\s]*)\])|(?P<call>\w+)\(|(?P<name>[^\W\d]\w*)|(?P<number>\d+)|(?P<op>[-+*/^()]))"
)
_RANK = {"+": 1, "-": 1, "sum": 2, "*": 3, "/": 3, "neg": 3, "^": 4}


@lru_cache(maxsize=256)
def read_definition(text: str) -> Definition:
    """Read the definition of a value F.

    Raises: RuleError if it is not one.

    >>> read_definition("F = sum[i] X[i,i]").arguments
    ('X',)
    """
    left, equals, right = text.partition(";")[0].partition(" = ")
    head = re.match(r"F(?:\((?P<arguments>[^()]*)\))?(?:\[(?P<indices>.*)\])?$", left.strip())
    if head is None or not equals:
        raise RuleError(f"a definition in entries reads F[i,j] = …, not {text!r}")
    steps = _postfix(right, text)
    names = tuple(dict.fromkeys(str(s[1]) for s in steps if s[0] == "entry" and s[1] not in NAMED))
    if head["arguments"]:
        names = tuple(n.strip() for n in head["arguments"].split(","))
    return Definition(_indices(head["indices"] or ""), tuple(steps), names, text)


def _indices(text: str) -> Indices:
    found = re.findall(r"\(([^()]*)\)|(\w+)", text)
    return tuple(tuple(n.strip() for n in pair.split(",")) if pair else (name,) for pair, name in found)


def _postfix(text: str, whole: str) -> list[tuple[object, ...]]:
    """The steps of a formula, by precedence of its operators."""
    out: list[tuple[object, ...]] = []
    waiting: list[tuple[object, ...]] = []
    at, value = 0, False
    text = text.strip()

    def flush(rank: int) -> None:
        while waiting and waiting[-1][0] not in ("(", "call") and _RANK[str(waiting[-1][0])] >= rank:
            out.append(waiting.pop())

    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise RuleError(f"cannot read the definition {whole!r}")
        at = found.end()
        if found["sum"]:
            waiting.append(("sum", tuple(n.strip() for n in found["over"].split(","))))
        elif found["call"]:
            waiting.append(("call", found["call"]))
        elif found["name"]:
            inside = re.match(r"\[((?:\([^()]*\)|[^()\[\]])*)\]", text[at:])
            at += inside.end() if inside else 0
            out.append(("entry", found["name"], _indices(inside[1]) if inside else ()))
            value = True
        elif found["number"]:
            out.append(("number", int(found["number"])))
            value = True
        elif found["op"] == "(":
            waiting.append(("(",))
            value = False
        elif found["op"] == ")":
            flush(0)
            if not waiting:
                raise RuleError(f"cannot read the definition {whole!r}")
            opened = waiting.pop()
            if opened[0] == "call":
                out.append(opened)
            value = True
        elif found["op"] == "-" and not value:
            waiting.append(("neg",))
        else:
            flush(_RANK.get(found["op"], 0))
            waiting.append((found["op"],))
            value = False
    flush(0)
    if waiting:
        raise RuleError(f"cannot read the definition {whole!r}")
    return out
