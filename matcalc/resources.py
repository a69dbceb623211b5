"""Where the files of `grammar/` and `rules/` are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

__all__ = ["resource"]


def resource(folder: str) -> Traversable:
    """The folder `grammar` or `rules`: in a wheel the copy inside the package, in a checkout the one beside it.

    Raises: FileNotFoundError if neither exists, which means a broken installation.

    >>> resource("grammar").joinpath("expression.lark").is_file()
    True
    """
    package = Path(__file__).parent
    for path in (package / folder, package.parent / folder):
        if path.is_dir():
            return path
    # Only a package inside a zip file comes here; importing the module costs 20 ms.
    from importlib.resources import files

    inside = files("matcalc") / folder
    if inside.is_dir():
        return inside
    raise FileNotFoundError(f"the folder {folder} is neither in the package nor beside it")
