"""Where the files of `grammar/` and `rules/` are, and where what is made of them is kept between runs."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

__all__ = ["cache_folder", "fingerprint", "resource", "table_lines"]


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


def table_lines(text: str) -> Iterator[tuple[int, str]]:
    """The entries of a table, one a line, with their numbers from 1; blank lines and comments are left out.

    >>> list(table_lines("# powers\\n\\nsquare(x) = x^2"))
    [(3, 'square(x) = x^2')]
    """
    lines = enumerate(text.splitlines(), 1)
    return ((number, line) for number, line in lines if line.strip() and not line.startswith("#"))


def cache_folder() -> Path | None:
    """The folder of this user alone for what can be made again; None if it is off or cannot be written.

    `MATCALC_CACHE=off` turns it off.
    """
    if os.environ.get("MATCALC_CACHE") == "off":
        return None
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    folder = Path(base) / "matcalc"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None


def fingerprint(files: Sequence[Traversable]) -> str:
    """A digest of all tables and of the code that reads and proves: after a change of any of them, all is proved anew."""
    digest = blake2b(sys.version.encode(), digest_size=12)
    for f in files:
        digest.update(f.read_bytes())
    for folder, _, names in sorted(os.walk(os.path.dirname(__file__))):
        for name in sorted(names):
            if name.endswith((".py", ".lark")):
                status = os.stat(os.path.join(folder, name))
                digest.update(f"{name}{status.st_mtime_ns}{status.st_size}".encode())
    return digest.hexdigest()
