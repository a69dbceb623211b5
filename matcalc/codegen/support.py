"""What NumPy lacks: functions whose source is put before the code that calls them, so that it stands on its own.

Rows of the tables name them with their underscore; `sources` finds those that a piece of code needs.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

__all__ = ["sources"]


def sources(words: Iterable[str]) -> list[str]:
    """The sources of the functions here that are among the words, and of those that they call.

    >>> "def _digamma(x):" in "".join(sources({"_digamma", "np"}))
    True
    """
    found: dict[str, str] = {}
    todo = sorted(words, reverse=True)
    while todo:
        word = todo.pop()
        if word.startswith("_") and word in _NAMES and word not in found:
            found[word], called = _plain(word)
            todo += called
    return [line for name in sorted(found) for line in (found[name], "", "")]


@lru_cache(maxsize=64)
def _plain(name: str) -> tuple[str, list[str]]:
    """A function without annotations, and the names in it."""
    tree = ast.parse(inspect.getsource(globals()[name]))
    function = tree.body[0]
    assert isinstance(function, ast.FunctionDef)
    function.returns = None
    for a in function.args.args:
        a.annotation = None
    names = sorted({n.id for n in ast.walk(tree) if isinstance(n, ast.Name)} - {name})
    return ast.unparse(tree), names


def _erfinv(x: Any) -> Any:
    """The inverse of erf."""
    from statistics import NormalDist

    import numpy as np

    return np.vectorize(lambda t: NormalDist().inv_cdf((t + 1) / 2) / 2**0.5, otypes=[float])(x)


def _digamma(x: Any) -> Any:
    """The derivative of log Γ, for x > 0."""
    import numpy as np

    z, total = np.asarray(x, dtype=float), 0
    for _ in range(12):
        total, z = total - 1 / z, z + 1
    y = 1 / z**2
    return total + np.log(z) - 1 / (2 * z) - y * (1 / 12 - y * (1 / 120 - y * (1 / 252 - y * (1 / 240 - y / 132))))


def _trigamma(x: Any) -> Any:
    """The second derivative of log Γ, for x > 0."""
    import numpy as np

    z, total = np.asarray(x, dtype=float), 0
    for _ in range(12):
        total, z = total + 1 / z**2, z + 1
    y = 1 / z**2
    return total + 1 / z + y / 2 + y / z * (1 / 6 - y * (1 / 30 - y * (1 / 42 - y * (1 / 30 - y * 5 / 66))))


_NAMES = frozenset(name for name in globals() if name.startswith("_") and name[1:2].isalpha()) - {"_plain"}
