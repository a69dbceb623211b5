"""matcalc: derivatives of matrix expressions in closed form, step by step, each answer checked."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matcalc.api import derive as derive
    from matcalc.api import parse as parse

__version__ = "0.1.0"

_HOMES = {
    "audit": "matcalc.api",
    "derive": "matcalc.api",
    "parse": "matcalc.api",
    "verify": "matcalc.api",
    "from_sympy": "matcalc.sympy_reader",
    "Audit": "matcalc.auditing",
    "Verdict": "matcalc.claims",
    "Derivation": "matcalc.derivation",
    "Expr": "matcalc.expr",
    "MatcalcError": "matcalc.errors",
    "matrix": "matcalc.construct",
    "vector": "matcalc.construct",
    "row": "matcalc.construct",
    "scalar": "matcalc.construct",
    "function": "matcalc.construct",
    "matrix_power": "matcalc.construct",
    "inv": "matcalc.construct",
    "tr": "matcalc.construct",
    "det": "matcalc.construct",
    "logdet": "matcalc.construct",
    "norm": "matcalc.construct",
    "normsq": "matcalc.construct",
    "norm1": "matcalc.construct",
    "sum": "matcalc.construct",
    "mean": "matcalc.construct",
    "diag": "matcalc.construct",
    "kron": "matcalc.construct",
    "vec": "matcalc.construct",
    "inner": "matcalc.construct",
    "outer": "matcalc.construct",
    "eye": "matcalc.construct",
    "ones": "matcalc.construct",
    "zeros": "matcalc.construct",
    "hadamard": "matcalc.construct",
    "exp": "matcalc.construct",
    "log": "matcalc.construct",
    "sqrt": "matcalc.construct",
    "apply": "matcalc.construct",
}
"""Where each public name lives; it is imported when it is first asked for, so that `import matcalc` costs little."""

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'matcalc' has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*(name for name in globals() if name.startswith("__")), *_HOMES]
