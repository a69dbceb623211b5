"""What the README and the examples show is what happens."""

from __future__ import annotations

import doctest
import re
import runpy
import shlex
from pathlib import Path

import pytest

from matcalc.cli import main

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
CONSOLE = [
    (page, block)
    for page in PAGES
    for block in re.findall(r"```console\n(.*?)```", page.read_text(encoding="utf-8"), re.S)
]


@pytest.mark.parametrize(("page", "block"), CONSOLE, ids=lambda v: str(v)[:40])
def test_console_blocks(page: Path, block: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Every `$ matcalc …` prints what stands below it."""
    for part in re.split(r"(?m)^\$ ", block)[1:]:
        command, _, expected = part.partition("\n")
        main(shlex.split(command)[1:])
        captured = capsys.readouterr()
        assert (captured.out + captured.err).strip() == expected.strip()


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_python_blocks(page: Path) -> None:
    """Every >>> gives what stands below it."""
    parser, globs = doctest.DocTestParser(), {}
    for i, block in enumerate(re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.S)):
        test = parser.get_doctest(block, globs, f"{page.name}[{i}]", str(page), 0)
        runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
        runner.run(test, clear_globs=False)
        globs = test.globs
        assert runner.failures == 0


@pytest.mark.parametrize("script", sorted((ROOT / "examples").glob("*.py")), ids=lambda p: p.name)
def test_examples_run(script: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every example runs, and its own assertions hold."""
    runpy.run_path(str(script), run_name="__main__")
    assert capsys.readouterr().out
