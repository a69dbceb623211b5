"""grammar/ and rules/ are found from a checkout, an editable install, a wheel, and a wheel built from the sdist."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
COMMAND = ["-m", "matcalc.cli", "derive", "||X*w - y||^2", "--wrt", "w", "-q", "--ascii"]
ANSWER = "2*X'*(X*w - y)"


def run(*command: str | Path, cwd: Path, path: Path | None = None) -> str:
    """The output of a command; its error output if it fails."""
    environment = {**os.environ, "PYTHONPATH": str(path) if path else "", "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [str(c) for c in command],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def environment(folder: Path) -> tuple[Path, Path]:
    """The Python of a fresh environment without matcalc, which sees this environment's dependencies; and its packages."""
    venv.create(folder, with_pip=True)
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    packages = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_paths()['purelib'])", cwd=folder))
    dependencies = Path(sysconfig.get_paths()["purelib"])
    for name in (
        "lark",
        "sympy",
        "mpmath",
        "numpy",
        "numpy.libs",
        "hatchling",
        "editables",
        "packaging",
        "pathspec",
        "pluggy",
        "trove_classifiers",
    ):
        found = dependencies / name
        target = packages / name
        if found.exists() and not target.exists():
            target.symlink_to(found)
    for info in [*dependencies.glob("*.dist-info"), *dependencies.glob("mpmath*")]:
        target = packages / info.name
        if not target.exists() and not info.name.startswith("matcalc"):
            target.symlink_to(info)
    return python, packages


@pytest.fixture(scope="module")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A wheel, an sdist, and a wheel from the sdist."""
    out = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-t", "sdist", "-d", out, cwd=ROOT)
    (wheel,), (sdist,) = out.glob("*.whl"), out.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extractall(out / "unpacked", filter="data")
    (source,) = (out / "unpacked").iterdir()
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", out / "again", cwd=source)
    return {"wheel": wheel, "sdist wheel": next((out / "again").glob("*.whl"))}


@pytest.mark.packaging
@pytest.mark.parametrize("kind", ["wheel", "sdist wheel"])
def test_wheel(kind: str, distributions: dict[str, Path], tmp_path: Path) -> None:
    """The wheel carries both folders, and works where nothing else of the project is."""
    names = zipfile.ZipFile(distributions[kind]).namelist()
    assert "matcalc/grammar/expression.lark" in names and "matcalc/rules/simplify/inverses.rules" in names
    assert "matcalc/py.typed" in names
    python, _ = environment(tmp_path / "env")
    run(python, "-m", "pip", "install", "-q", "--no-deps", "--no-index", distributions[kind], cwd=tmp_path)
    assert run(python, *COMMAND, cwd=tmp_path) == ANSWER


@pytest.mark.packaging
def test_editable_install(tmp_path: Path) -> None:
    """pip install -e finds the folders beside the package."""
    python, _ = environment(tmp_path / "env")
    run(
        python,
        "-m",
        "pip",
        "install",
        "-q",
        "--no-deps",
        "--no-index",
        "--no-build-isolation",
        "-e",
        ROOT,
        cwd=tmp_path,
    )
    assert run(python, *COMMAND, cwd=tmp_path) == ANSWER


@pytest.mark.packaging
def test_checkout_without_install(tmp_path: Path) -> None:
    """The checkout on the path is enough."""
    assert run(sys.executable, *COMMAND, cwd=tmp_path, path=ROOT) == ANSWER
