"""The tables are kept between runs where that is possible, and made anew where it is not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = "from matcalc.syntax import parse_expression; print(parse_expression('X*W'))"


def run(cache: Path) -> str:
    """What a fresh process prints that keeps its cache there."""
    environment = {
        **os.environ,
        "XDG_CACHE_HOME": str(cache),
        "PYTHONPATH": os.pathsep.join(p or "." for p in sys.path),
    }
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return done.stdout


def test_cache_is_made_and_used(tmp_path: Path) -> None:
    """The first run writes the tables; a second reads them."""
    assert run(tmp_path) == "(chain X * W)\n"
    (kept,) = (tmp_path / "matcalc").iterdir()
    assert kept.stat().st_mode & 0o077 == 0 or (tmp_path / "matcalc").stat().st_mode & 0o077 == 0
    assert run(tmp_path) == "(chain X * W)\n"


def test_broken_cache_is_replaced(tmp_path: Path) -> None:
    """Nonsense in the cache costs time, no more."""
    run(tmp_path)
    (kept,) = (tmp_path / "matcalc").iterdir()
    kept.write_bytes(kept.read_bytes()[:200])
    assert run(tmp_path) == "(chain X * W)\n"
    kept.write_bytes(b"nonsense")
    assert run(tmp_path) == "(chain X * W)\n"


@pytest.mark.parametrize("content", [None, "a file where the folder should be"])
def test_no_cache(tmp_path: Path, content: str | None) -> None:
    """Where nothing can be written the tables are made each time, in silence."""
    place = tmp_path / "none"
    if content is not None:
        place.write_text(content)
        assert run(place) == "(chain X * W)\n"
    else:
        place.mkdir()
        place.chmod(0o500)
        assert run(place) == "(chain X * W)\n"
