"""The command line: derive, parse, verify, audit, rules, code."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from matcalc.errors import MatcalcError, RuleError, SyntaxMistake
from matcalc.limits import SECONDS, limited

if TYPE_CHECKING:
    from matcalc.derivation import Derivation
    from matcalc.newton import NewtonStep

    _Commands: TypeAlias = argparse._SubParsersAction[argparse.ArgumentParser]

__all__ = ["main"]

EPILOG = """\
examples:
  matcalc derive "||g(X*W) - Y||_F^2" --wrt W --steps
  matcalc derive "x'*A*x" --wrt x --where "A: n×n symmetric"
  matcalc derive "log(sum(exp(A*x)))" --wrt x --order 2
  matcalc rules quadratic_form
"""


def _parser() -> tuple[argparse.ArgumentParser, _Commands]:
    """The parser, and within it those of the commands."""
    parser = argparse.ArgumentParser(
        prog="matcalc",
        description="Derivatives of matrix expressions in closed form, step by step, each answer checked.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="store_true", help="print the version and stop")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    _derive_command(commands)
    read = commands.add_parser("parse", help="show how a formula is read, with shapes")
    _formula(read)
    read.add_argument("--ascii", action="store_true", help="text without Unicode")
    _output(read)
    verify = commands.add_parser("verify", help="judge a claimed derivative: right, or wrong with a counterexample")
    _formula(verify)
    verify.add_argument("--wrt", metavar="NAME", help="the variable")
    verify.add_argument("--claim", metavar="FORMULA", required=True, help="what is said to be the derivative")
    _kind_options(verify)
    verify.add_argument("--ascii", action="store_true", help="text without Unicode")
    _output(verify)
    audit = commands.add_parser(
        "audit", help="judge a derivation line by line: the first wrong line, with a counterexample"
    )
    audit.add_argument(
        "file", metavar="FILE", help="LaTeX, Markdown with mathematics, or plain lines; - is standard input"
    )
    _reading_options(audit)
    audit.add_argument("--ascii", action="store_true", help="text without Unicode")
    _output(audit)
    rules = commands.add_parser("rules", help="list the rules, or show one")
    rules.add_argument("name", nargs="?", help="a rule or rewrite")
    rules.add_argument("--proof", action="store_true", help="with a name: prove it, in index form")
    rules.add_argument(
        "--format", choices=("text", "latex"), default="text", help="of the proof: text (default), latex"
    )
    rules.add_argument("--standalone", action="store_true", help="with --format latex: a file that compiles")
    rules.add_argument("--ascii", action="store_true", help="text without Unicode")
    _output(rules)
    judge = commands.add_parser("check-rules", help="prove the rules of a file, or show what is wrong in it")
    judge.add_argument("file", metavar="FILE", help="rules and rewrites, in the language of the folder rules")
    _output(judge)
    code = commands.add_parser("code", help="print a function that computes the derivative")
    _formula(code)
    code.add_argument("--wrt", metavar="NAME", help="the variable")
    code.add_argument("--order", type=int, choices=(1, 2, 3), default=1, help="2: the Hessian of a scalar function")
    code.add_argument("--then", metavar="NAME", help="a second variable, for the mixed second derivative")
    code.add_argument("--hvp", metavar="V", help="the product of the Hessian with V")
    code.add_argument("--target", default="numpy", help="numpy")
    _output(code)
    return parser, commands


def _derive_command(commands: _Commands) -> None:
    derive = commands.add_parser(
        "derive", help="differentiate a formula", epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    _formula(derive)
    derive.add_argument("--wrt", metavar="NAMES", help="the variable, or several with commas between them")
    _kind_options(derive)
    derive.add_argument("--hvp", metavar="V", help="the product of the Hessian with V, of the shape of the variable")
    derive.add_argument("--along", metavar="V", help="the derivative of --order along V: d^k f(X + tV)/dt^k at t = 0")
    derive.add_argument("--solve", metavar="G", help="with --order 2: the Newton step H⁻¹·vec(G) as well")
    derive.add_argument("--steps", action="store_true", help="show every step with its reason")
    derive.add_argument(
        "--form",
        choices=("expanded", "let", "differential", "vec", "index", "operator"),
        help="another view of the same result",
    )
    derive.add_argument(
        "--format", choices=("text", "latex", "json"), default="text", help="text (default), latex or json"
    )
    derive.add_argument("--standalone", action="store_true", help="with --format latex: a file that compiles")
    derive.add_argument("--ascii", action="store_true", help="text without Unicode")
    derive.add_argument("-q", "--quiet", action="store_true", help="print the formula alone")
    derive.add_argument("--seed", type=int, help="for the random points of the check")
    _output(derive)


def _kind_options(parser: argparse.ArgumentParser) -> None:
    """Which derivative is meant, and in which convention."""
    parser.add_argument(
        "--order", type=int, choices=(1, 2, 3), default=1, help="2: the Hessian of a scalar function; 3: by a scalar"
    )
    parser.add_argument("--then", metavar="NAME", help="a second variable, for the mixed second derivative")
    parser.add_argument(
        "--layout",
        choices=("mixed", "numerator", "denominator"),
        default="mixed",
        help="mixed (default): gradients have the shape of X, all else is F by X; numerator: gradients are transposed; "
        "denominator: all else is",
    )
    parser.add_argument(
        "--convention",
        choices=("within", "free"),
        default="within",
        help="for a structured variable: the gradient within its space (default), or by the free entries",
    )


def _formula(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("formula", help="the formula; - reads it from standard input")
    _reading_options(parser)


def _reading_options(parser: argparse.ArgumentParser) -> None:
    """What names are, how formulas are written, and which rules there are."""
    parser.add_argument(
        "--where", metavar="DECLARATIONS", help='shapes and properties, such as "X: m×n, A: n×n symmetric"'
    )
    parser.add_argument(
        "--from", dest="language", choices=("auto", "text", "latex"), default="auto", help="how the formula is written"
    )
    parser.add_argument(
        "--rules", metavar="FILE", action="append", help="rules of your own, proved before they are used"
    )


def _output(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--timeout",
        metavar="SECONDS",
        type=_seconds,
        default=SECONDS,
        help=f"give up after this time (default: {SECONDS:g})",
    )
    parser.add_argument("-o", "--output", metavar="FILE", help="write to a file instead of standard output")


def _seconds(text: str) -> float:
    """A time; what is none raises ValueError, which argparse reports."""
    seconds = float(text)
    if not seconds > 0:
        raise ValueError(text)
    return seconds


def _protect_minus(arguments: Sequence[str], commands: _Commands) -> list[str]:
    """Let a formula begin with a minus: a space before it, or = before a value, keeps it from being taken for an option."""
    options = {w: o for command in commands.choices.values() for w, o in command._option_string_actions.items()}
    takes_value = {word for word, option in options.items() if option.nargs is None}
    safe: list[str] = []
    for i, word in enumerate(arguments):
        is_formula = word.startswith("-") and not (word.startswith("--") or word == "-" or word in options)
        if is_formula and i > 0 and arguments[i - 1] in takes_value:
            safe[-1] += "=" + word
        else:
            safe.append(" " + word if is_formula else word)
    return safe


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code.

    0: done; 1: a check failed; 2: the input is at fault; 3: not supported, undecided or over a limit.
    """
    parser, commands = _parser()
    options = parser.parse_args(_protect_minus(sys.argv[1:] if arguments is None else arguments, commands))
    if options.version:
        from matcalc import __version__

        print(f"matcalc {__version__}")
        return 0
    if options.command is None:
        parser.print_help()
        return 0
    try:
        with limited(options.timeout):
            text, code = _COMMANDS[options.command](options)
        return max(code, _write(text, options.output))
    except MatcalcError as mistake:
        print(mistake.render(), file=sys.stderr)
        return mistake.exit_code
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as trouble:
        print(f"error: {trouble}", file=sys.stderr)
        return 2


def _write(text: str, path: str | None) -> int:
    if path is not None:
        with open(path, "w", encoding="utf-8") as file:
            file.write(text + "\n")
        return 0
    try:
        print(text)
    except UnicodeEncodeError:
        sys.stdout.buffer.write((text + "\n").encode())
    sys.stdout.flush()
    return 0


def _read_formula(options: argparse.Namespace) -> str:
    return sys.stdin.read() if options.formula == "-" else str(options.formula).strip()


def _derivations(options: argparse.Namespace) -> list[Derivation]:
    from matcalc.api import derive

    names = [n.strip() for n in (options.wrt or "").split(",") if n.strip()]
    given = ("order", "then", "hvp", "along", "layout", "convention", "seed", "rules", "language", "timeout")
    extra: dict[str, Any] = {word: getattr(options, word) for word in given if hasattr(options, word)}
    found = derive(_read_formula(options), names[0] if len(names) == 1 else names or None, where=options.where, **extra)
    return list(found.values()) if isinstance(found, dict) else [found]


def _derive(options: argparse.Namespace) -> str:
    shown = [_show(d, options) for d in _derivations(options)]
    if options.format == "json" and len(shown) > 1:
        return "[\n" + ",\n".join(shown) + "\n]"
    return ("\n" if options.quiet or options.format != "text" else "\n\n").join(shown)


def _show(d: Derivation, options: argparse.Namespace) -> str:
    if options.format == "json":
        return d.to_json()
    if options.format == "latex":
        shown = d.latex(steps=options.steps, standalone=options.standalone, form=options.form)
        marked = () if options.steps or options.standalone else d.unproved
        return "".join(f"% {note}\n" for note in marked) + shown
    from matcalc import printing

    style = "ascii" if options.ascii else "unicode"
    result = d.text(ascii=options.ascii, form=options.form)
    step = d.solve(options.solve) if options.solve else None
    if options.quiet:
        return printing.result_text(step.result, style) if step else result
    lines = [d.text(steps=True, ascii=options.ascii, form=options.form), ""] if options.steps else []
    notes = [*d.notes, *printing.unit_notes(d.result, result, style)]
    *names, result = printing.parts_of(result)
    name = printing.heading(d, style, options.form)
    lines.append(f"{name} = {result}" if name else result)
    lines += [f"with {definition}" for definition in names]
    lines.append(f"shape: {d.shape_words(options.form)}")
    if d.structure not in (None, "dense"):
        lines.append(f"structure: {d.structure}")
    if step is not None:
        lines += _step_lines(step, options.solve, style)
    lines += [f"note: {note}" for note in notes]
    lines.append(d.assurance)
    return "\n".join(lines)


def _step_lines(step: NewtonStep, right: str, style: str) -> list[str]:
    """A Newton step with its names; where only the sizes tell which formula saves work, both."""
    from matcalc import printing
    from matcalc.dims import show_dim

    *names, result = printing.parts_of(printing.result_text(step.result, style))
    left = f"{'inv(H)*vec' if style == 'ascii' else 'H⁻¹·vec'}({right})"
    if step.saves is None or step.otherwise is None:
        return [f"{left} = {result}", *(f"with {definition}" for definition in names)]
    r, n = map(show_dim, step.saves)
    *others, dense = printing.parts_of(printing.result_text(step.otherwise, style))
    defined = dict.fromkeys([*names, *others])
    return [
        f"{left} = {result}   for {r} < {n}",
        f"{' ' * len(left)} = {dense}   otherwise",
        *(f"with {definition}" for definition in defined),
    ]


def _parse(options: argparse.Namespace) -> str:
    from matcalc import printing
    from matcalc.api import read
    from matcalc.dims import show_shape

    found = read(_read_formula(options), options.where, language=options.language)
    style = "ascii" if options.ascii else "unicode"
    lines = [printing.text(found.expr, style), f"shape: {show_shape(found.expr.shape)}"]
    lines += [
        f"  {name}: {show_shape(e.shape)}{''.join(' ' + p for p in sorted(e.data[1]))}"
        for name, e in found.symbols.items()
    ]
    return "\n".join([*lines, *(f"note: {note}" for note in found.notes)])


def _rules(options: argparse.Namespace) -> str:
    from matcalc.printing import standalone
    from matcalc.rule_pages import entries, find_entry, proof_latex, proof_text
    from matcalc.rulebook import default_rulebook

    book = default_rulebook()
    if options.name is None:
        found = entries(book)
        width = max(map(len, found))
        return "\n".join(
            f"{n:{width}}  {e.title or e.get('left') + '  =>  ' + e.get('right')}" for n, e in found.items()
        )
    entry = find_entry(book, options.name)
    if options.proof and options.format == "latex":
        body = proof_latex(book, entry.name)
        return standalone(body, steps=True) if options.standalone else body
    if options.proof:
        return proof_text(book, entry.name, "ascii" if options.ascii else "unicode")
    return f"# {entry.file}:{entry.line}\n{entry.text}"


def _check_rules(options: argparse.Namespace) -> str:
    from matcalc.user_rules import judged_entries, rulebook_with

    found = list(judged_entries([options.file]))
    rulebook_with([options.file])
    if not found:
        raise RuleError("there is no rule in the file", file=options.file)
    return "\n".join(f"{entry.name}: {verdict}" for entry, verdict in found)


def _verify(options: argparse.Namespace) -> tuple[str, int]:
    """The verdict and its exit code: 0 right, 1 wrong, 3 undecided."""
    from matcalc.api import verify

    given = ("order", "then", "layout", "convention", "rules", "language", "timeout")
    extra = {word: getattr(options, word) for word in given}
    verdict = verify(_read_formula(options), options.wrt, claim=options.claim, where=options.where, **extra)
    return verdict.text(ascii=options.ascii), {True: 0, False: 1, None: 3}[verdict.ok]


def _audit(options: argparse.Namespace) -> tuple[str, int]:
    """The verdicts; mistakes in lines go to standard error."""
    from matcalc.api import audit

    if options.file == "-":
        text, name = sys.stdin.read(), ""
    else:
        try:
            with open(options.file, encoding="utf-8") as file:
                text, name = file.read(), options.file
        except UnicodeDecodeError:
            raise SyntaxMistake(f"{options.file} is no text in UTF-8", hint="save it as UTF-8") from None
    extra = {word: getattr(options, word) for word in ("where", "rules", "language", "timeout")}
    found = audit(text, name=name, **extra)
    errors = found.errors
    if found.exit_code == 2 and all(line.ok is None for line in found.lines):
        raise errors[0]
    for mistake in errors:
        print(mistake.render(), file=sys.stderr)
    return found.text(ascii=options.ascii), found.exit_code


def _code(options: argparse.Namespace) -> str:
    return "\n\n".join(d.code(options.target).rstrip() for d in _derivations(options))


_COMMANDS: dict[str, Callable[[argparse.Namespace], tuple[str, int]]] = {
    "derive": lambda options: (_derive(options), 0),
    "parse": lambda options: (_parse(options), 0),
    "verify": _verify,
    "audit": _audit,
    "rules": lambda options: (_rules(options), 0),
    "check-rules": lambda options: (_check_rules(options), 0),
    "code": lambda options: (_code(options), 0),
}
"""What each command prints, and its exit code."""


if __name__ == "__main__":
    sys.exit(main())
