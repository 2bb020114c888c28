"""From the fiche to the deposit: issued, signed by three, returned, corrected, signed again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from returns_support import FICHE, run
from signers import signed_by_all

from cqp_forms.answers import Answer, Answers
from cqp_forms.guide import Guide
from cqp_forms.workbook.read import read_fiche
from cqp_forms.workbook.write import write_fiche

pytestmark = pytest.mark.slow


def data(*arguments: object, code: int = 0) -> dict[str, Any]:
    done = run(*arguments, "--json")
    assert done.exit_code == code, done.output
    return dict(json.loads(done.stdout))


def give_back(out: Path, number: int) -> dict[str, Any]:
    """All three sign a version, elsewhere; it comes back."""
    (issued,) = out.glob(f"*/*_v{number}.pdf")
    inbox = out.parent / f"recus-{number}"
    inbox.mkdir()
    (inbox / "scan0001.pdf").write_bytes(signed_by_all(issued.read_bytes()))
    (one,) = data("return", inbox, "-o", out)["returned"]
    return dict(one)


def test_from_the_fiche_to_the_deposit(guide: Guide, tmp_path: Path) -> None:
    out, depot = tmp_path / "out", tmp_path / "depot"
    assert run("fill", FICHE, "-o", out).exit_code == 0
    first = give_back(out, 1)
    assert (first["state"], first["version"], first["missing"]) == ("entré", 1, [])
    assert [one["standing"] for one in data("history", out)["versions"]] == ["signé"]

    whole = read_fiche(Path(FICHE), guide).answers
    corrected = Answers({**whole, "evaluateur_cpne.fonction": Answer("Responsable formation")})
    write_fiche(tmp_path / "corrigee.xlsx", guide, corrected)
    again = run("reissue", tmp_path / "corrigee.xlsx", "-o", out, "--reason", "fonction corrigée")
    assert again.exit_code == 0, again.output
    standing = [one["standing"] for one in data("history", out)["versions"]]
    assert standing == ["remplacé", "émis"]
    # The first is signed, but replaced: there is nothing to deposit yet.
    (missing,) = data("deposit", out, "-o", depot, code=7)["candidates"]
    assert missing["why"] == "aucun exemplaire signé n’est revenu"
    late = data("return", tmp_path / "recus-1", "-o", out)["returned"]
    assert [(one["state"], one["replaced_by"]) for one in late] == [("déjà rendu", 2)]

    second = give_back(out, 2)
    assert (second["state"], second["version"], second["missing"]) == ("entré", 2, [])
    assert run("history", out, "--unsigned").stdout == ""
    (done,) = data("deposit", out, "-o", depot)["candidates"]
    assert done["version"] == 2 and done["file"].endswith("_v2_signe.pdf")
    assert sorted(one.name for one in depot.iterdir()) == [done["file"], "liste.xlsx"]
    row = [cell.value for cell in openpyxl.load_workbook(depot / "liste.xlsx").active[2]]
    assert row[2] == 2 and row[6] == done["sha256"]
    assert run("history", out).exit_code == 0
