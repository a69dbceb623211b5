"""Write docs/rules: a page per rule with formula, shapes, proof, example and source, and one for all rewrites.

python docs/make_rules.py
"""

from __future__ import annotations

from pathlib import Path

from matcalc.rule_pages import page, proof_text
from matcalc.rulebook import default_rulebook

FOLDER = Path(__file__).parent / "rules"


def pages() -> dict[str, str]:
    """The text of each page by the name of its file."""
    book = default_rulebook()
    made = {f"{name}.md": page(book, name) for name in book.rules}
    listed = [f"- [{rule.entry.title}]({name}.md)" for name, rule in sorted(book.rules.items())]
    proofs = [f"## {name}\n\n```\n{proof_text(book, name)}\n```\n" for name in sorted(book.rewrites)]
    made["rewrites.md"] = "# Rewrites\n\n" + "\n".join(proofs)
    head = "# Rules\n\nEvery rule with its proof in index form; [the rewrites](rewrites.md) that simplify, with theirs.\n\n"
    made["README.md"] = head + "\n".join(listed) + "\n"
    return made


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
