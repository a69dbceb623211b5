"""The derivatives in tests/corpus/cases.jsonl: formulas from textbooks, manuals and test suites of other systems."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def cases(kind: str = "") -> list[dict[str, Any]]:
    """The cases of a kind: gradient, jacobian, derivative4, hessian."""
    lines = (Path(__file__).parent / "corpus" / "cases.jsonl").read_text(encoding="utf-8").splitlines()
    found = [json.loads(line) for line in lines]
    return [c for c in found if kind in c["kind"] and not c.get("structured")]


def where(case: dict[str, Any]) -> str:
    """The declarations of a case as text."""
    out = []
    for name, dims in case["shapes"].items():
        shape = "×".join(str(d) for d in dims) if dims else "scalar"
        out.append(f"{name}: {' '.join([shape, *(case.get('assume') or {}).get(name, [])])}")
    return ", ".join(out)
