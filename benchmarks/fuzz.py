"""Give matcalc spoiled and random input: nothing may come of it but an answer or a clear error, in little time and memory.

    python benchmarks/fuzz.py [COUNT] [FIRST]

Input number k is the same on every run. It is one of the seeds (formulas of the tests, LaTeX of papers, entries of
rules, derivations) with tokens dropped, doubled, exchanged, repeated, nested or replaced, spliced with another, or tokens
drawn at random. It goes to one of TARGETS. A worker of its own runs the inputs: SECONDS each, MEMORY at most. Derivations
and audits are given TIMEOUT seconds, so that one over SECONDS shows where the time is not asked for.
"""

from __future__ import annotations

import multiprocessing
import re
import resource
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import matcalc
from matcalc.errors import MatcalcError
from matcalc.resources import resource as folder
from matcalc.syntax import parse_where
from matcalc.user_rules import judged_entries
from tests.corpus import cases, where
from tests.formulas.test_formulas import FORMULAS
from tests.latex.snippets import SNIPPETS

SECONDS = 5
"""Of one processor: the time on the wall says little where others are at work."""
TIMEOUT = 4
MEMORY = 1 << 30
SHARES = {"parse": 36, "latex": 18, "where": 10, "derive": 18, "rules": 10, "audit": 8}
"""How many of a hundred inputs go where."""

LENGTH = 4000
"""The longest input, in characters: what is longer is cut."""

NAMES = re.findall(r"\S+", "X Y A B W x y w a b n m k s g f S F pi I e T")
FUNCTIONS = re.findall(
    r"\S+",
    "exp log sin tanh relu softmax sum mean tr det inv logdet norm diag vec kron max min expm pinv cholesky lambda_max "
    "sqrtm prod norm1 entr sinc abs step unvec logsumexp eye ones zeros commutation",
)
KEYWORDS = re.findall(
    r"\S+",
    "axis rows columns scalar symmetric posdef orthogonal integer elementwise where rule rewrite pattern shapes pullback "
    "definition lemma example source unproved priority d/dX",
)
MARKS = re.findall(
    r"\S+",
    r"+ - * / ^ ' ( ) [ ] { } < > | , ; : = . # & \ _ ~ ! ? @ $ % .* ./ .^ || => -> ^T ^-1 '' ^{ _{ &= "
    r"\frac{ \left( \right) \sum_{i,j} \top \| \Vert \mathbf{x} \log\det \\ "
    r"· ⊙ ⊗ ⊘ ∘ ᵀ ⁻ ¹ ² ³ ᵏ ′ − ‖ ≥ × ∈ ∂ Σ λ α β Ω 𝟏 ∇ √ ∑",
)
ODD = ["\x00", "\u200f", "\u202e", "\u0301", "\ufeff", "\ud800", "é", "🙂", "ｘ", "٣", '"', "\n", "\n  ", "\t"]
NUMBERS = re.findall(r"\S+", "0 1 2 -1 0.5 10 1e400 1e-9 99999999 12345678901234567890 1/3 1e9999 2^64")
OPERATORS = ["*", "+", " - ", ".*", "./", "*", "·", "^2*", "'*", "ᵀ·", "/", "^-1*", "\\", "⊗"]
TOKEN = re.compile(r"\\[A-Za-z]+|\w+|\s+|.", re.DOTALL)


@dataclass(frozen=True)
class Seed:
    """A formula with its variable and declarations, or a text alone."""

    text: str
    wrt: str = ""
    where: str = ""


def formulas() -> list[Seed]:
    """The formulas of the tests."""
    found = [Seed(c["expr"], c["wrt"], where(c)) for c in cases()]
    return found + [Seed(f["formula"], f["wrt"], f["where"]) for f in FORMULAS]


def entries() -> list[Seed]:
    """The entries of the rule files, two at a time."""
    rules = folder("rules")
    files = [f for place in (rules, rules / "simplify") for f in place.iterdir() if f.name.endswith(".rules")]
    texts = [e for f in files for e in re.split(r"\n(?=rule |rewrite )", f.read_text(encoding="utf-8"))]
    return [Seed(f"{a}\n{b}\n") for a, b in pairwise(texts)]


def derivations() -> list[Seed]:
    """The derivations of the tests: LaTeX, Markdown and plain lines; the plain ones once more as Markdown."""
    files = sorted((Path(__file__).parents[1] / "tests" / "auditing" / "derivations").iterdir())
    texts = [f.read_text(encoding="utf-8") for f in files]
    fenced = [f"Then\n```\n{t}\n```\n" for t in texts if "$" not in t and "\\" not in t]
    return [Seed(t) for t in texts + fenced]


SEEDS: dict[str, list[Seed]] = {}


def seeds(target: str) -> list[Seed]:
    """What the inputs of a target are made from."""
    if not SEEDS:
        SEEDS["latex"] = [Seed(s[1], s[2]) for s in SNIPPETS]
        SEEDS["rules"] = entries()
        SEEDS["audit"] = derivations()
        SEEDS["parse"] = SEEDS["derive"] = formulas()
        SEEDS["where"] = [Seed(s.where) for s in SEEDS["parse"] if s.where]
    return SEEDS[target]


def changed(tokens: list[str], random: Random) -> None:
    """Exchange one token for another of its kind: what comes of it can mostly be read."""
    at = random.randrange(len(tokens))
    old, following = tokens[at], tokens[at + 1 : at + 2]
    if old.isalpha():
        names = [t for t in tokens if t.isalpha()]
        tokens[at] = random.choice(FUNCTIONS if following == ["("] and random.random() < 0.8 else names)
        if following != ["("] and random.random() < 0.3:
            tokens[at] = f"{random.choice(FUNCTIONS)}({old})"
    elif old.isdigit():
        tokens[at] = random.choice(NUMBERS)
    elif old in "*+-·/":
        tokens[at] = random.choice(OPERATORS)


def draw(random: Random) -> str:
    """A random token."""
    kinds = (NAMES, FUNCTIONS, KEYWORDS, MARKS, NUMBERS, ODD)
    return random.choice(random.choices(kinds, (5, 3, 2, 9, 1, 1))[0])


def spoiled(text: str, other: str, random: Random) -> str:
    """A text with some mistakes in it."""
    tokens = TOKEN.findall(text)
    if random.random() < 0.5:
        for _ in range(random.choice((1, 2, 3, 4)) if tokens else 0):
            changed(tokens, random)
        return "".join(tokens)[:LENGTH]
    for _ in range(random.choice((1, 1, 2, 3, 5, 9))):
        i, j = sorted(random.randrange(len(tokens) + 1) for _ in range(2))
        j = min(j, i + 12)
        match random.randrange(8):
            case 0:
                del tokens[i : i + random.randint(1, 3)]
            case 1:
                tokens[i:i] = [draw(random)]
            case 2:
                tokens[i : i + 1] = [draw(random)]
            case 3:
                tokens[i:j] = tokens[i:j] * random.choice((2, 2, 3, 40))
            case 4:
                tokens[i:j] = tokens[i:j][::-1]
            case 5:
                inner, opened = "".join(tokens[i:j]), random.choice(("(", "exp(", "inv(", "||", "[", "{", "|", "sum("))
                closed = {"(": ")", "[": "]", "{": "}"}.get(opened[-1], opened)
                depth = random.choice((1, 2, 30))
                tokens[i:j] = [opened * depth + inner + closed * depth]
            case 6:
                tail = TOKEN.findall(other)
                tokens[i:] = tail[random.randrange(len(tail) + 1) :] if tail else []
            case _:
                changed(tokens, random) if tokens else None
    return "".join(tokens)[:LENGTH]


def made(number: int) -> tuple[str, Seed]:
    """The target and the input of a number."""
    random = Random(number)
    target = random.choices(list(SHARES), list(SHARES.values()))[0]
    known = seeds(target)
    seed, other = random.choice(known), random.choice(known)
    if random.random() < 0.1:
        soup = "".join(draw(random) + " " * random.randrange(2) for _ in range(random.choice((3, 8, 20, 60))))
        return target, Seed(soup, random.choice("Xx"), "")
    text, wrt, declared = seed.text, seed.wrt, seed.where
    if random.random() < 0.9 or not declared:
        text = spoiled(text, other.text, random)
    if declared and random.random() < 0.2:
        declared = spoiled(declared, other.where, random)
    if random.random() < 0.1:
        wrt = draw(random)
    return target, Seed(text, wrt, declared)


def _derive(seed: Seed) -> None:
    order = 1 + len(seed.text) % 7 // 6
    d = matcalc.derive(seed.text, seed.wrt or None, where=seed.where, order=order, timeout=TIMEOUT)
    d.text(steps=True), d.latex(steps=True), d.to_json(), d.assurance


def _latex(seed: Seed) -> None:
    matcalc.parse(seed.text, language="latex")


def _parse(seed: Seed) -> None:
    e = matcalc.parse(seed.text, seed.where)
    str(e), e._repr_latex_()


def _audit(seed: Seed) -> None:
    found = matcalc.audit(seed.text, where=seed.where, timeout=TIMEOUT)
    found.text(), found.text(ascii=True)
    for mistake in found.errors:
        mistake.render()


TARGETS: dict[str, Callable[[Seed], Any]] = {
    "parse": _parse,
    "latex": _latex,
    "where": lambda seed: parse_where(seed.text),
    "derive": _derive,
    "rules": lambda seed: list(judged_entries("\n" + seed.text)),
    "audit": _audit,
}


def outcome(number: int) -> str:
    """What came of an input: "done", or the name of an exception that is not ours with a "!"."""
    target, seed = made(number)
    try:
        TARGETS[target](seed)
    except MatcalcError as mistake:
        mistake.render().encode("utf-8", "surrogatepass")
        return f"{target} {type(mistake).__name__}"
    except Exception as trouble:
        return f"{target} !{type(trouble).__name__}: {trouble}"
    return f"{target} done"


# --- the worker -------------------------------------------------------------------------------------------------------


class TooLong(BaseException):
    """The time of an input is up; no Exception, so that nothing catches it."""


def _too_long(*_: Any) -> None:
    raise TooLong


def work(numbers: list[int], at: Any, reports: Any) -> None:
    """Run some inputs; each report is a number, an outcome and seconds."""
    matcalc.derive("x'*x", "x")
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.signal(signal.SIGVTALRM, _too_long)
    for number in numbers:
        at.value = number
        started = time.process_time()
        signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
        try:
            found = outcome(number)
        except TooLong:
            found = f"{made(number)[0]} !more than {SECONDS} s"
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        reports.put((number, found, time.process_time() - started))
    reports.put((-1, "", 0.0))


def run(numbers: range) -> Iterator[tuple[int, str, float]]:
    """The outcomes of inputs; a worker that dies is replaced."""
    context = multiprocessing.get_context("spawn")
    left = list(numbers)
    while left:
        at, reports = context.Value("q", left[0]), context.Queue()
        worker = context.Process(target=work, args=(left, at, reports))
        worker.start()
        while True:
            try:
                number, found, seconds = reports.get(timeout=20 * SECONDS)
            except Exception:
                worker.kill()
                worker.join()
                yield at.value, "!the worker died", 0.0
                left = [n for n in left if n > at.value]
                break
            if number < 0:
                worker.join()
                left = []
                break
            yield number, found, seconds


def main(count: int, first: int) -> int:
    """Run, print what should not be, and the counts."""
    counts: Counter[str] = Counter()
    slowest, bad = 0.0, 0
    for number, found, seconds in run(range(first, first + count)):
        counts[found.partition(":")[0]] += 1
        slowest = max(slowest, seconds)
        if "!" in found or seconds > SECONDS:
            bad += 1
            target, seed = made(number)
            print(f"{number} {found} after {seconds:.1f} s\n  {target} {seed!r}"[:1500], flush=True)
    for kind, n in sorted(counts.items()):
        print(f"{n:8} {kind}")
    print(f"{count} inputs from {first}, {bad} bad, the slowest took {slowest:.1f} s")
    return int(bad > 0)


if __name__ == "__main__":
    words = [int(a) for a in sys.argv[1:]]
    sys.exit(main(words[0] if words else 200_000, words[1] if len(words) > 1 else 0))
