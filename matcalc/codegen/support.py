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
    function.body = [
        line for line in function.body if not (isinstance(line, ast.Import) and line.names[0].asname == "np")
    ]
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

    z = np.asarray(x, dtype=float)
    total = np.zeros_like(z)
    for _ in range(12):
        total, z = total - 1 / z, z + 1
    y = 1 / z**2
    return total + np.log(z) - 1 / (2 * z) - y * (1 / 12 - y * (1 / 120 - y * (1 / 252 - y * (1 / 240 - y / 132))))


def _polygamma(n: Any, x: Any) -> Any:
    """The n-th derivative of digamma, n = 1, 2, ..., for x > 0."""
    import math

    import numpy as np

    n, z = int(n), np.asarray(x, dtype=float)
    total = np.zeros_like(z)
    for _ in range(12 + 2 * n):
        total, z = total + z ** -(n + 1), z + 1
    total = total + z**-n / n + z ** -(n + 1) / 2
    for k, b in enumerate((1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66), start=1):
        total = total + b * math.comb(2 * k + n - 1, n) / (2 * k) * z ** -(2 * k + n)
    return math.factorial(n) * (total if n % 2 else -total)


def _adjugate(a: Any) -> Any:
    """The adjugate, which a singular matrix has as well."""
    import numpy as np

    u, s, v = np.linalg.svd(a)
    others = np.array([np.prod(np.delete(s, i)) for i in range(len(s))])
    return np.linalg.det(u) * np.linalg.det(v) * (v.T * others) @ u.T


def _beside(f: Any, x: Any, a: Any) -> Any:
    """What stands beside f(x) in f([x, a; 0, x])."""
    import numpy as np

    n = len(x)
    return f(np.block([[x, a], [np.zeros_like(x), x]]))[:n, n:]


def _power_sum(x: Any, a: Any, k: Any) -> Any:
    """The sum of x^r a x^(k-1-r)."""
    import numpy as np

    return _beside(lambda b: np.linalg.matrix_power(b, int(k)), x, a)


def _expm(a: Any) -> Any:
    """The matrix exponential: a series for a/2^s, squared s times."""
    import numpy as np

    s = max(0, int(np.ceil(np.log2(max(float(np.linalg.norm(a, 1)), 1e-9)))) + 2)
    total = term = np.eye(len(a))
    for r in range(1, 18):
        term = term @ a / (r * 2.0**s)
        total = total + term
    for _ in range(s):
        total = total @ total
    return total


def _expm_frechet(x: Any, a: Any) -> Any:
    """The derivative of the matrix exponential at x along a."""
    return _beside(_expm, x, a)


def _sqrtm(a: Any) -> Any:
    """The principal square root, by the scaled iteration of Denman and Beavers."""
    import numpy as np

    y, z = a, np.eye(len(a))
    for _ in range(50):
        scale = abs(np.linalg.det(y) * np.linalg.det(z)) ** (-0.5 / len(a)) or 1.0
        y, z, old = (
            (scale * y + np.linalg.inv(scale * z)) / 2,
            (scale * z + np.linalg.inv(scale * y)) / 2,
            y,
        )
        if np.abs(y - old).max() <= 1e-14 * np.abs(y).max():
            return y
    if np.abs(y @ y - a).max() > 1e-9 * np.abs(a).max():
        raise np.linalg.LinAlgError("no principal square root")
    return y


def _logm(a: Any) -> Any:
    """The principal logarithm: a series for a root of order 2^s near the identity."""
    import numpy as np

    one, s = np.eye(len(a)), 0
    while np.linalg.norm(a - one, 1) > 0.3:
        a, s = _sqrtm(a), s + 1
    z = np.linalg.solve(a + one, a - one)
    total, power = np.zeros_like(z), z
    for r in range(1, 30, 2):
        total, power = total + power / r, power @ z @ z
    return 2.0 ** (s + 1) * total


def _logm_frechet(x: Any, a: Any) -> Any:
    """The derivative of the matrix logarithm at x along a."""
    return _beside(_logm, x, a)


def _sylvester(a: Any, b: Any, c: Any) -> Any:
    """The solution f of a f + f b = c."""
    import numpy as np

    m, n = np.shape(c)
    k = np.kron(np.eye(n), a) + np.kron(b.T, np.eye(m))
    return np.reshape(np.linalg.solve(k, np.ravel(c, order="F")), (m, n), order="F")


def _eigvec(a: Any, i: Any) -> Any:
    """A unit eigenvector of a symmetric matrix, its largest entry positive."""
    import numpy as np

    v = np.linalg.eigh(a)[1][:, i]
    return v * np.sign(v[np.argmax(np.abs(v))])


def _eigvecs(a: Any) -> Any:
    """The unit eigenvectors of a symmetric matrix as columns, their largest entries positive."""
    import numpy as np

    v = np.linalg.eigh(a)[1]
    return v * np.sign(v[np.argmax(np.abs(v), axis=0), np.arange(len(v))])


def _eigproj(a: Any, k: Any) -> Any:
    """The projection onto the eigenvectors of the k largest eigenvalues."""
    import numpy as np

    v = np.linalg.eigh(a)[1][:, -int(k) :]
    return v @ v.T


def _singvec(a: Any) -> Any:
    """The singular vectors u and v of the largest singular value, the largest entry of v positive."""
    import numpy as np

    u, _, v = np.linalg.svd(a)
    sign = np.sign(v[0][np.argmax(np.abs(v[0]))])
    return sign * u[:, 0], sign * v[0]


def _polar(a: Any) -> Any:
    """The orthogonal factor of the polar decomposition."""
    import numpy as np

    u, _, v = np.linalg.svd(a, full_matrices=False)
    return u @ v


def _hardmax(a: Any) -> Any:
    """1 at the largest entry of each column, 0 elsewhere."""
    import numpy as np

    return np.where(a == np.max(a, axis=0), 1.0, 0.0)


def _sym(a: Any) -> Any:
    """The symmetric part."""
    return (a + a.T) / 2


_NAMES = frozenset(name for name in globals() if name.startswith("_") and name[1:2].isalpha()) - {"_plain"}
