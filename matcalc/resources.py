"""Where the files of `grammar/` and `rules/` are."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

__all__ = ["resource"]


def resource(folder: str) -> Traversable:
    """The folder `grammar` or `rules`: in a wheel the copy inside the package, in a checkout the one beside it.

    Raises: FileNotFoundError if neither exists, which means a broken installation.

    >>> resource("grammar").joinpath("expression.lark").is_file()
    True
    """
    package = files("matcalc")
    inside = package / folder
    if inside.is_dir():
        return inside
    beside = Path(str(package)).parent / folder
    if beside.is_dir():
        return beside
    raise FileNotFoundError(f"the folder {folder} is neither in the package nor beside it")
