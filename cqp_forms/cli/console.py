"""What reaches the terminal: the only place that writes to it, as text or as JSON.

A name, a cell or a file name can hold characters that command a terminal (ESC, ECMA-48). None of
them gets through: each is replaced by its picture.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Sequence
from itertools import takewhile
from typing import TYPE_CHECKING, Any, Final

import click

from cqp_forms.errors import AnswersError, CqpError
from cqp_forms.findings import Finding, Severity, errors, warnings
from cqp_forms.typography import spaced

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar

    from cqp_forms.issuing.history import Change
    from cqp_forms.shown import Difference

#: What stands before a line about one candidate.
GOOD, BAD = click.style("✓", fg="green"), click.style("✗", fg="red", bold=True)
NOTE = click.style("•", fg="yellow", bold=True)

_MARK = {
    Severity.ERROR: click.style("erreur", fg="red", bold=True),
    Severity.WARNING: click.style("avertissement", fg="yellow", bold=True),
    Severity.INFORMATION: click.style("information", fg="blue"),
}

_ORDER = list(Severity)

#: C0 and C1 controls but for tab and new line, and what reverses the direction of writing.
_CONTROLS: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def _picture(found: re.Match[str]) -> str:
    code = ord(found[0])
    return chr(0x2400 + code) if code < 0x20 else "\u2421" if code == 0x7F else "\ufffd"


def clean(text: object) -> str:
    """A text without what commands a terminal; ESC becomes « ␛ »."""
    return _CONTROLS.sub(_picture, str(text))


def echo(text: object = "", *, mark: str = "", err: bool = False, **style: Any) -> None:
    """A line on the terminal.

    Args:
        text: what it says, as it comes from anywhere.
        mark: what stands before it, a mark of this module's own: it is written as it is.
        err: on stderr.
        style: as :func:`click.style` takes it.
    """
    line = click.style(clean(text), **style) if style else clean(text)
    click.echo(f"{mark} {line}" if mark else line, err=err)


class Bar:
    """How far a long command is: a bar on stderr; nothing where that is no terminal.

    Args:
        wanted: whether the user wants to see one.
    """

    def __init__(self, *, wanted: bool) -> None:
        self.shown = wanted and sys.stderr.isatty()
        self._bar: ProgressBar[int] | None = None

    def begin(self, total: int) -> None:
        """Show an empty bar for ``total`` steps."""
        self._bar = click.progressbar(
            length=total,
            file=sys.stderr,
            hidden=not self.shown,
            show_pos=True,
            width=24,
            fill_char="█",
            empty_char="░",
            # A terminal over a network is slower than stamping.
            update_min_steps=max(1, total // 200),
        )

    def step(self) -> None:
        """One more is done."""
        if self._bar is not None and self.shown:
            self._bar.update(1)

    def clear(self) -> None:
        """Leave the line empty, for what is to be told."""
        self.say("")

    def end(self) -> None:
        """Take the bar away, and give the cursor back, which it hid."""
        self.clear()
        if self._bar is not None and self.shown:
            self._bar.render_finish()

    def say(self, text: str) -> None:
        """A text in the bar's place."""
        if self.shown:
            click.echo(f"\r\x1b[K{clean(text)}", err=True, nl=False)


def emit_json(data: object) -> None:
    """One JSON document on stdout; escaped where the console's encoding would lose characters."""
    encoding = getattr(sys.stdout, "encoding", None) or ""
    escape = not encoding.lower().startswith("utf")
    text = json.dumps(data, ensure_ascii=escape, indent=2)
    click.echo(_CONTROLS.sub(lambda found: f"\\u{ord(found[0]):04x}", text))


def show_error(error: CqpError) -> None:
    """An error on stderr: its findings, if any, then what is wrong, where, and what to do."""
    if isinstance(error, AnswersError) and {one.message for one in error.findings} != {
        error.message
    }:
        show_findings(error.told)
    where = f"{error.where}\u00a0: " if error.where else ""
    end = "" if error.message.endswith((".", "!", "?", "…")) else "."
    echo(f"Erreur\u00a0: {where}{error.message}{end}", fg="red", err=True)
    if error.remedy:
        echo(f"→ {error.remedy}", err=True)


def error_json(error: CqpError) -> dict[str, object]:
    """An error as ``--json`` gives it, whatever the command."""
    findings = error.findings if isinstance(error, AnswersError) else ()
    return {
        "error": {
            "exit_code": int(error.exit_code),
            "message": error.message,
            "where": error.where,
            "remedy": error.remedy,
        },
        "findings": [one.as_json() for one in findings],
    }


def show_findings(findings: Iterable[Finding]) -> None:
    """Findings on stderr, errors first, each with its place and its remedy."""
    for one in sorted(findings, key=lambda found: _ORDER.index(found.severity)):
        place = f"{one.where}\u00a0: " if one.where else ""
        mark = f"  {_MARK[one.severity]}"
        echo(f"[{one.code.value}] {place}{one.message}", mark=mark, err=True)
        echo(f"      → {one.remedy}", err=True)


def count_of(number: int, noun: str, plural: str = "") -> str:
    """« 1 erreur », « 3 erreurs »; French counts zero as singular."""
    return f"{number} {noun if number < 2 else plural or noun + 's'}"


def summary(findings: Sequence[Finding]) -> str:
    """« 2 erreurs, 1 avertissement »."""
    return (
        f"{count_of(len(errors(findings)), 'erreur')}, "
        f"{count_of(len(warnings(findings)), 'avertissement')}"
    )


def show_differences(found: Sequence[Difference], titles: dict[str, str]) -> None:
    """Placements that do not show what they should, on stdout.

    Args:
        found: the differences.
        titles: a readable title by placement id.
    """
    for one in found:
        place = f" ({one.place})" if one.place else ""
        echo(spaced(f"  {one.placement}{place} – {titles.get(one.placement, '')}"))
        expected, shown = _excerpts(one.expected, one.shown)
        echo(spaced(f"      attendu : {expected}"))
        echo(spaced(f"      montré  : {shown}"))


def show_changes(found: Sequence[Change]) -> None:
    """Answers that differ, on stdout: field, wording, before, after."""
    for one in found:
        echo(f"  {one.field} – {one.wording}")
        before, after = _excerpts(one.before, one.after)
        echo(spaced(f"      avant : {before}"))
        echo(spaced(f"      après : {after}"))


#: How much of a text is shown, and how much of it before what differs, in characters.
_SHOWN, _BEFORE = 160, 60


def _excerpts(one: str, two: str) -> tuple[str, str]:
    """Two texts, each on one line; of long ones, what stands around their first difference."""
    lines = [text.replace("\n", " ⏎ ") for text in (one, two)]
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(*lines, strict=False)))
    start = max(0, same - _BEFORE)
    if all(len(line) <= _SHOWN for line in lines):
        start = 0
    first, second = (_excerpt(line, min(start, max(0, len(line) - _BEFORE))) for line in lines)
    return first, second


def _excerpt(line: str, start: int) -> str:
    head = "…" if start else ""
    tail = "…" if len(line) - start > _SHOWN else ""
    return f"« {head}{line[start : start + _SHOWN - len(head) - len(tail)]}{tail} »"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A plain table, columns padded to their widest cell."""
    widths = [max(len(row[index]) for row in (header, *rows)) for index in range(len(header))]

    def line(cells: Sequence[str]) -> str:
        return "  ".join(
            cell.ljust(width) for cell, width in zip(cells, widths, strict=True)
        ).rstrip()

    rule = "  ".join("─" * width for width in widths)
    return "\n".join([line(header), rule, *(line(row) for row in rows)])
