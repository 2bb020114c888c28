"""A lost register made again from the documents alone."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from issuing_fakes import LATER, NOON, fiche, prepared, settings

from cqp_forms.answers import Verdict
from cqp_forms.guide import Guide
from cqp_forms.issuing.issuer import Issuer
from cqp_forms.issuing.rebuild import Rebuilt, rebuild
from cqp_forms.issuing.register import REGISTER, Access, Register
from cqp_forms.issuing.request import AlreadyIssued, Embedding, Settings
from cqp_forms.issuing.version import Version, parse_payload, payload
from cqp_forms.mapping import Format

FOLDER = "DUPONT_Zoe"
MUCH_LATER = LATER + timedelta(days=30)


@pytest.fixture
def lost(guide: Guide, tmp_path: Path) -> tuple[Path, tuple[Version, ...]]:
    """Three versions of two candidates, whose register is gone; and what it said."""
    with Issuer(settings(guide), tmp_path) as issuer:
        issuer.issue(fiche(guide), NOON)
        issuer.issue(fiche(guide, dossier__reference="B"), NOON)
        issuer.draft(fiche(guide), NOON)
        issuer.reissue(fiche(guide, c1__1__1=Verdict.NON), LATER, "motif")
        versions = issuer._writable().versions()
    (tmp_path / REGISTER).unlink()
    return tmp_path, versions


def again(run: Settings, directory: Path) -> Rebuilt:
    with Register.open(directory) as register:
        return rebuild(run, directory, register, MUCH_LATER)


def told(done: Rebuilt) -> dict[str, str]:
    return {one.path: one.message for one in done.problems}


def test_everything_comes_back(guide: Guide, lost: tuple[Path, tuple[Version, ...]]) -> None:
    out, versions = lost
    done = again(settings(guide), out)
    assert done.problems == ()
    assert set(done.entered) == set(versions)
    with Issuer(settings(guide), out) as issuer:
        assert set(issuer._writable().versions()) == set(versions)
        assert isinstance(issuer.issue(fiche(guide, c1__1__1=Verdict.NON), LATER), AlreadyIssued)
    twice = again(settings(guide), out)
    assert (twice.entered, twice.known, twice.problems) == ((), 3, ())


def test_one_format_is_enough(guide: Guide, lost: tuple[Path, tuple[Version, ...]]) -> None:
    out, versions = lost
    for path in out.glob("*/*.docx"):
        path.unlink()
    done = again(settings(guide), out)
    assert [one.number for one in done.entered] == [one.number for one in versions]
    assert all(Format.DOCX not in {file.role for file in one.files} for one in done.entered)


def test_a_file_without_answers_is_told(guide: Guide, tmp_path: Path) -> None:
    with Issuer(settings(guide, embedding=Embedding.NOTHING), tmp_path) as issuer:
        issuer.issue(fiche(guide), NOON)
    (tmp_path / REGISTER).unlink()
    done = again(settings(guide), tmp_path)
    assert done.entered == ()
    assert len(done.problems) == 2
    assert all("--no-embed" in message for message in told(done).values())


def test_a_document_changed_since_is_not_taken_for_what_was_issued(
    guide: Guide, lost: tuple[Path, tuple[Version, ...]]
) -> None:
    out, _ = lost
    path = out / FOLDER / f"OUTIL4_{FOLDER}_v1.docx"
    plain = json.loads(path.read_bytes())
    plain["ticks"]["c2.1.1.oui"] = False
    path.write_text(json.dumps(plain))
    done = again(settings(guide), out)
    assert "modifié depuis son émission" in told(done)[f"{FOLDER}/{path.name}"]
    first = next(one for one in done.entered if one.folder == FOLDER and one.number == 1)
    assert [file.role for file in first.files] == ["pdf"]


def test_a_list_of_changes_that_was_altered_or_lost_is_told(
    guide: Guide, lost: tuple[Path, tuple[Version, ...]]
) -> None:
    out, _ = lost
    path = out / FOLDER / f"OUTIL4_{FOLDER}_v2_modifications.pdf"
    path.write_bytes(path.read_bytes() + b"\n")
    assert "modifiée" in told(again(settings(guide), out))[f"{FOLDER}/{path.name}"]
    (out / REGISTER).unlink()
    path.unlink()
    assert "manque" in told(again(settings(guide), out))[FOLDER]


def test_a_version_that_misses_is_told_and_the_others_come_back(
    guide: Guide, lost: tuple[Path, tuple[Version, ...]]
) -> None:
    out, _ = lost
    for path in out.glob(f"{FOLDER}/*_v1.*"):
        path.unlink()
    done = again(settings(guide), out)
    assert {(one.folder, one.number) for one in done.entered} == {(FOLDER, 2), (f"{FOLDER}_2", 1)}
    assert "introuvable" in told(done)[FOLDER]


def test_copies_renamed_files_and_rubbish_are_told(
    guide: Guide, lost: tuple[Path, tuple[Version, ...]]
) -> None:
    out, versions = lost
    first = out / FOLDER / f"OUTIL4_{FOLDER}_v1.pdf"
    (out / "Copie").mkdir()
    (out / "Copie" / first.name).write_bytes(first.read_bytes())
    renamed = first.with_name(f"OUTIL4_{FOLDER}_v7.pdf")
    renamed.write_bytes(first.read_bytes())
    rubbish = first.with_name(f"OUTIL4_{FOLDER}_v8.docx")
    rubbish.write_bytes(b"{")
    done = again(settings(guide), out)
    messages = told(done)
    assert "dossier d’origine" in messages[f"Copie/{first.name}"]
    assert "celui de la version 1" in messages[f"{FOLDER}/{renamed.name}"]
    assert messages[f"{FOLDER}/{rubbish.name}"].startswith("illisible")
    assert ".)" not in messages[f"{FOLDER}/{rubbish.name}"]
    assert len(done.entered) == len(versions)


def test_documents_that_contradict_each_other_are_told(
    guide: Guide, lost: tuple[Path, tuple[Version, ...]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    out, _ = lost
    other = tmp_path_factory.mktemp("other")
    with Issuer(settings(guide), other) as issuer:
        issuer.issue(fiche(guide, c1__1__1=Verdict.NON), NOON)
    name = f"{FOLDER}/OUTIL4_{FOLDER}_v1.pdf"
    (out / name).write_bytes((other / name).read_bytes())
    done = again(settings(guide), out)
    assert any("contredisent" in message for message in told(done).values())
    assert (FOLDER, 1) not in {(one.folder, one.number) for one in done.entered}


def test_another_blank_is_entered_and_told(
    guide: Guide, lost: tuple[Path, tuple[Version, ...]]
) -> None:
    out, versions = lost
    blanks = tuple(replace(prepared(one), blank_sha256="f" * 64) for one in Format)
    done = again(Settings(guide, blanks, "1.0.0"), out)
    assert set(done.entered) == set(versions)
    assert all("sans contrôle" in message for message in told(done).values())
    with Register.open(out, Access.READ) as register:
        assert len(register.versions()) == 3


def test_a_document_of_another_guide_says_how_to_check_it(
    guide: Guide, lost: tuple[Path, tuple[Version, ...]]
) -> None:
    out, versions = lost
    other = replace(guide, id="autre")
    done = again(settings(other), out)
    assert set(done.entered) == set(versions)
    assert all(f"--guide {guide.id}" in message for message in told(done).values())


def test_a_payload_comes_back_and_a_false_one_does_not(guide: Guide, tmp_path: Path) -> None:
    with Issuer(settings(guide), tmp_path) as issuer:
        version = issuer.issue(fiche(guide), NOON).version
    content = payload(version, "a", "b", "c")
    carried = parse_payload(content)
    assert (carried.blank_sha256, carried.mapping_sha256, carried.changes_sha256) == tuple("abc")
    assert carried.version.answers == version.answers
    plain = json.loads(content)
    for false in (
        b"{",
        b"[]",
        b"\xff",
        json.dumps(plain | {"format": 2}).encode(),
        json.dumps(plain | {"answers": {"c1.1.1": "NON"}}).encode(),
        json.dumps(plain | {"issued_at": "2026-11-24T12:00:00"}).encode(),
        json.dumps({key: one for key, one in plain.items() if key != "key"}).encode(),
    ):
        with pytest.raises(ValueError):
            parse_payload(false)


def forged(path: Path, **changed: object) -> None:
    """Change what a document embeds, all hashes in order."""
    plain = json.loads(path.read_bytes())
    carried = json.loads(base64.b64decode(plain["payload"])) | changed
    canonical = json.dumps(
        carried["answers"], ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )
    carried["answers_sha256"] = hashlib.sha256(canonical.encode()).hexdigest()
    plain["payload"] = base64.b64encode(json.dumps(carried).encode()).decode()
    path.write_text(json.dumps(plain))


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"key": "victime|autre|soc"}, "mais ses réponses sont celles"),
        ({"candidate": "VICTIME Autre"}, "mais ses réponses sont celles"),
        ({"identity": "victime|autre|soc"}, "mais ses réponses sont celles"),
        ({"answers": [1, 2]}, "illisible"),
        ({"answers": {"candidat.nom": 3}}, "illisible"),
        ({"answers": {"inconnu": "x"}}, "illisible"),
        ({"version": 10**30}, "illisible"),
        ({"version": "1"}, "illisible"),
        ({"issued_at": "2199-01-01T00:00:00+00:00"}, "plus tard que maintenant"),
        ({"issued_at": "2026-11-23T12:00:00+01:00"}, "la version suivante dit"),
        ({"issued_at": 7}, "illisible"),
        ({"reason": "autre motif"}, "pas de la même version"),
    ],
)
def test_what_a_document_says_of_itself_is_held_to_what_it_shows(
    guide: Guide,
    lost: tuple[Path, tuple[Version, ...]],
    changed: dict[str, object],
    message: str,
) -> None:
    out, _ = lost
    for path in out.glob(f"{FOLDER}/*_v1.*"):
        forged(path, **changed)
    done = again(settings(guide), out)
    told_of = [one.message for one in done.problems if "_v1." in one.path]
    assert told_of and all(message in one.replace("\u00a0", " ") for one in told_of)
    assert [(one.folder, one.number) for one in done.entered] == [("DUPONT_Zoe_2", 1), (FOLDER, 2)]


def test_a_reader_that_breaks_on_one_file_does_not_stop_the_others(
    guide: Guide, lost: tuple[Path, tuple[Version, ...]]
) -> None:
    out, versions = lost
    victim = out / "DUPONT_Zoe_2" / "OUTIL4_DUPONT_Zoe_2_v1.docx"
    victim.write_bytes(b"[" * 100_000)  # too deep for the reader of these documents
    done = again(settings(guide), out)
    assert list(told(done)) == [f"DUPONT_Zoe_2/{victim.name}"]
    assert len(done.entered) == len(versions)
