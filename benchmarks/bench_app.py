"""The screen: start to first page, an answer saved, home with 1,000 candidates, a draft's page.

Goals: 1.5 s, 100 ms, 500 ms, 200 ms.
"""

from __future__ import annotations

import http.cookiejar
import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from common import ROOT, Line, guide

from cqp_forms.answers import Answer, Answers
from cqp_forms.app.folder import hashed
from cqp_forms.workbook.read import read_fiche
from cqp_forms.workbook.write import FicheWriter, lot_bytes

EXAMPLE = ROOT / "examples" / "fiche-maitrisee.xlsx"


@contextmanager
def screen(folder: Path) -> Iterator[tuple[str, Any, float]]:
    """A screen on a folder: its address, what opens pages, seconds to the first page."""
    start = time.perf_counter()
    command = [sys.executable, "-m", "cqp_forms", "app", str(folder), "--no-browser"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert server.stdout is not None
    entrance = server.stdout.readline().strip()
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}),
        urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()),
    )
    opener.open(entrance).read()
    seconds = time.perf_counter() - start
    try:
        yield entrance.split("/?")[0], opener, seconds
    finally:
        server.terminate()
        server.wait(20)


def timed(times: int, call: Callable[[int], object]) -> float:
    """The median time of a call, in seconds."""
    taken = []
    for number in range(times):
        start = time.perf_counter()
        call(number)
        taken.append(time.perf_counter() - start)
    return median(taken)


def answering(address: str, opener: Any) -> Callable[[int], object]:
    """Answers one criterion, OUI and NON by turns."""
    fiche = f"{address}/fiche/{hashed(EXAMPLE.name)}"
    page = opener.open(fiche).read().decode()
    token = page.split('name="jeton" content="')[1].split('"')[0]
    state = json.loads(page.split('id="etat">')[1].split("</script>")[0])

    def answer(number: int) -> None:
        values = ["OUI", "NON"]
        edit = {"key": "c1.1.1", "before": values[number % 2], "after": values[1 - number % 2]}
        body = json.dumps({"who": state["who"], "edits": [edit]}).encode()
        headers = {"X-Jeton": token, "Origin": address, "Accept": "application/json"}
        opener.open(urllib.request.Request(f"{fiche}/reponses", body, headers)).read()

    return answer


def main() -> list[Line]:
    """Measure; each call's answer is read to its end."""
    known = guide()
    whole = read_fiche(EXAMPLE, known).answers
    rows = [
        Answers(dict(whole.by_field) | {"dossier.reference": Answer(f"R{number}")})
        for number in range(1000)
    ]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / EXAMPLE.name).write_bytes(EXAMPLE.read_bytes())
        with screen(folder) as (_, _, _):
            pass  # modules are compiled
        with screen(folder) as (address, opener, started):
            saved = timed(20, answering(address, opener))
            fiche = f"{address}/fiche/{hashed(EXAMPLE.name)}"
            opener.open(f"{fiche}/controle").read()
            page = timed(10, lambda number: opener.open(f"{fiche}/page/{number + 1}.png").read())
        (folder / "lot.xlsx").write_bytes(lot_bytes(known, rows))
        lot = home(folder)
        (folder / "lot.xlsx").unlink()
        writer = FicheWriter(known)
        for number, one in enumerate(rows):
            (folder / f"fiche_{number:04}.xlsx").write_bytes(writer.fiche(one))
        apart = home(folder)
    measured = (
        ("the screen, from its start to the first page", started, 1.5),
        ("the screen, an answer saved in the .xlsx", saved, 0.1),
        ("the screen, home with 1,000 candidates of a lot", lot, 0.5),
        ("the screen, home with 1,000 fiches", apart, 0.5),
        ("the screen, a page of the draft", page, 0.2),
    )
    return [
        Line(what, "seconds", seconds, goal, False, f"{seconds * 1000:.0f} ms")
        for what, seconds, goal in measured
    ]


def home(folder: Path) -> float:
    """The median time of the first page, once everything in the folder has been read."""
    with screen(folder) as (address, opener, _):
        while "Lecture du dossier" in opener.open(address).read().decode():
            pass
        return timed(5, lambda _: opener.open(address).read())


if __name__ == "__main__":
    print("\n".join(line.row() for line in main()))
