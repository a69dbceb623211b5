"""What CONTRIBUTING says is enough to add something is enough."""

from __future__ import annotations

import math
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BLOCKS = re.findall(r"```\n(.*?)```", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"), re.S)
SINC, ROW, RULE, DEFINITION = BLOCKS
FILES = ("rules/elementwise.rules", "matcalc/operators.py", "rules/matrix.rules", "matcalc/check/evaluator.py")

SHOW = """
import sys, numpy, matcalc
d = matcalc.derive("sum(sinc(X))", "X", where="X: m×n")
print(d.text(), any("generic elementwise function" in note for note in d.notes))
if not d.notes:
    print(*d.compile()(X=numpy.array([[0.5, -2.0]])).ravel())
    print(matcalc.parse("sinc(x)", where="x: n").compile()(x=numpy.zeros(1))[0])
print(matcalc.derive("lndet(X*A)", "X", where="X: m×n, A: n×m" + sys.argv[1]).text())
"""


@pytest.mark.parametrize(("file", "block"), zip(FILES, BLOCKS, strict=True), ids=FILES)
def test_lines_are_there(file: str, block: str) -> None:
    """The lines shown are those that do it."""
    assert block in (ROOT / file).read_text(encoding="utf-8")


def run(copy: Path, declared: str = "") -> list[str]:
    """What a copy of matcalc answers, in a process of its own."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(copy),
        "XDG_CACHE_HOME": str(copy / "cache"),
        "PYTHONIOENCODING": "utf-8",
    }
    done = subprocess.run(
        [sys.executable, "-c", SHOW, declared],
        env=environment,
        cwd=copy,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return done.stdout.splitlines()


def edit(file: Path, old: str, new: str) -> None:
    """Replace a text that a file has."""
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_replay(tmp_path: Path) -> None:
    """Without its line sinc is unknown; the line, and the three places under another name, make both work."""
    for folder in ("matcalc", "grammar", "rules"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    edit(tmp_path / FILES[0], SINC, "")
    assert run(tmp_path, ", lndet: m×m -> scalar") == ["sinc′(X) True", "∂lndet/∂(X·A)·Aᵀ"]

    edit(tmp_path / FILES[0], "# --- special", SINC + "# --- special")
    edit(
        tmp_path / FILES[1],
        '    Operator(\n        "tr"',
        ROW.replace("logdet", "lndet") + '    Operator(\n        "tr"',
    )
    edit(tmp_path / FILES[2], "rule trace ", RULE.replace("logdet", "lndet").replace("log_", "ln_") + "\nrule trace ")
    edit(tmp_path / FILES[3], "    def _tr(", DEFINITION.replace("logdet", "lndet") + "\n    def _tr(")
    known, slopes, at_zero, determinant = run(tmp_path)
    assert known.endswith("False") and determinant == "(X·A)⁻ᵀ·Aᵀ"
    expected = [math.cos(x) / x - math.sin(x) / x**2 for x in (0.5, -2.0)]
    assert [float(v) for v in slopes.split()] == pytest.approx(expected) and float(at_zero) == 1
