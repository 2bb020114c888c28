"""The session's page: who is there, in which state; what is dropped; the production of guides."""

from __future__ import annotations

import io
import time
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from fiches import put_fiche

from cqp_forms.answers import Answer, Answers, Verdict
from cqp_forms.app.folder import hashed, issued_id
from cqp_forms.guide import FieldKind, Guide
from cqp_forms.issuing.register import Register
from cqp_forms.issuing.version import SignedCopy, Version
from cqp_forms.workbook.read import read_fiche
from cqp_forms.workbook.write import lot_bytes

from .conftest import EXAMPLES, NOW, Browser


def states(browser: Browser) -> dict[str, str]:
    return {one.path.name: one.state[1] for one in browser.screen.folder.listing().candidates}


def issued(browser: Browser) -> list[Version]:
    return [one for found in browser.screen.folder.versions().values() for one in found]


def issue(browser: Browser, name: str, **form: str) -> Any:
    identity = browser.id(name)
    page = browser.client.get(f"/fiche/{identity}/controle")
    assert page.status_code == 200
    found = browser.screen.folder.candidate(identity)
    assert found is not None
    sent = {"revision": hashed(found.canonical)} | form
    return browser.post(f"/fiche/{identity}/emettre", data=sent)


def test_the_states_of_the_candidates(browser: Browser, guide: Guide, answers: Answers) -> None:
    who = {key: answers[key] for key in ("candidat.nom", "candidat.prenom")}
    put_fiche(browser.path, guide, Answers(who), "a.xlsx")
    put_fiche(browser.path, guide, answers, "b.xlsx", dossier__reference="b", c6__1__1=None)
    put_fiche(browser.path, guide, answers, "c.xlsx", dossier__reference="c", c1__1__1=Verdict.NON)
    put_fiche(browser.path, guide, answers, "d.xlsx", dossier__reference="d")
    assert states(browser) == {
        "a.xlsx": "non commencée",
        "b.xlsx": "en cours 83/84",
        "c.xlsx": "à corriger",
        "d.xlsx": "prête",
    }
    assert "en cours 83/84" in browser.client.get("/").text
    issue(browser, "d.xlsx")
    assert states(browser)["d.xlsx"] == "émise v1"
    browser.answer("d.xlsx", ("remarques.autre", None, "Une remarque de plus."))
    assert states(browser)["d.xlsx"] == "modifiée depuis la v1"


def test_two_fiches_of_one_candidate_are_told_and_not_issued(
    browser: Browser, guide: Guide, answers: Answers
) -> None:
    put_fiche(browser.path, guide, answers, "a.xlsx")
    put_fiche(browser.path, guide, answers, "b.xlsx", remarques__autre="Autre chose.")
    assert set(states(browser).values()) == {"en double"}
    refused = issue(browser, "a.xlsx")
    assert refused.status_code == 422
    assert "plusieurs fiches" in refused.text
    assert not issued(browser)


def test_a_new_fiche(browser: Browser, guide: Guide) -> None:
    sent = {"guide": guide.id, "candidat.nom": " Durand ", "candidat.prenom": "Léa"}
    page = browser.post("/nouvelle", data=sent)
    assert page.status_code == 200
    assert "DURAND Léa" in page.text
    made = read_fiche(browser.path / "DURAND_Lea.xlsx", guide).answers
    assert made.canonical() == {"candidat.nom": "Durand", "candidat.prenom": "Léa"}
    browser.post("/nouvelle", data=sent)
    assert (browser.path / "DURAND_Lea_2.xlsx").is_file()


@pytest.mark.parametrize("order", ["nom", "entreprise", "etat", "fichier", "n’importe quoi"])
def test_the_list_can_be_sorted(
    browser: Browser, guide: Guide, answers: Answers, order: str
) -> None:
    put_fiche(browser.path, guide, answers, "z.xlsx", dossier__reference="1")
    put_fiche(browser.path, guide, answers, "y.xlsx", dossier__reference="2", candidat__nom="Abel")
    text = browser.client.get("/", params={"tri": order}).text
    assert text.index("y.xlsx") < text.index("z.xlsx")


def test_files_dropped(browser: Browser, guide: Guide, answers: Answers, tmp_path: Path) -> None:
    fiche = put_fiche(tmp_path, guide, answers, "fiche.xlsx").read_bytes()
    lot = lot_bytes(
        guide, [answers, Answers(dict(answers.by_field) | {"dossier.reference": Answer("2")})]
    )
    sent = [
        ("fichiers", ("fiche.xlsx", fiche)),
        ("fichiers", ("liste.xlsx", lot)),
        ("fichiers", ("vide.xlsx", b"")),
        ("fichiers", ("photo.png", b"\x89PNG")),
    ]
    page = browser.post("/deposer", files=sent).text
    assert "2 candidats" in page
    assert page.count("n’a pas été ajouté") == 2
    assert {one.name for one in browser.path.iterdir()} == {"fiche.xlsx", "liste.xlsx"}
    again = browser.post("/deposer", files=sent[:1])
    assert again.url.path == f"/fiche/{browser.id('fiche.xlsx')}"
    assert len(list(browser.path.iterdir())) == 2
    other = put_fiche(tmp_path, guide, answers, "other.xlsx", dossier__reference="3").read_bytes()
    browser.post("/deposer", files=[("fichiers", ("fiche.xlsx", other))])
    assert (browser.path / "fiche_2.xlsx").read_bytes() == other
    assert (browser.path / "fiche.xlsx").read_bytes() == fiche


def test_a_row_of_a_list_is_answered_in_its_row(
    browser: Browser, guide: Guide, answers: Answers
) -> None:
    second = Answers(dict(answers.by_field) | {"dossier.reference": Answer("2")})
    (browser.path / "liste.xlsx").write_bytes(lot_bytes(guide, [answers, second]))
    one = next(one for one in browser.screen.folder.listing().candidates if one.key == "2")
    name = f"liste.xlsx#{one.read.row}"
    browser.answer(name, ("c1.1.1", "OUI", "NA"), ("c1.1.1:précision", None, "Poste sédentaire."))
    found = {one.key: one.answers for one in browser.screen.folder.listing().candidates}
    assert found["2"].comment("c1.1.1") == "Poste sédentaire."
    assert found[answers.text("dossier.reference").casefold()] == answers


def produced(browser: Browser, guide: Guide) -> str:
    browser.post("/produire", data={"guide": guide.id})
    for _ in range(600):
        if browser.client.get("/production/etat").json()["ended"]:
            break
        time.sleep(0.05)
    return str(browser.client.get("/production").text)


def test_the_production_of_a_session_with_two_broken_fiches(
    browser: Browser, guide: Guide, answers: Answers
) -> None:
    for number in range(10):
        put_fiche(
            browser.path,
            guide,
            answers,
            f"{number}.xlsx",
            dossier__reference=f"r{number}",
            candidat__nom=f"Nom{number}",
        )
    put_fiche(browser.path, guide, answers, "x.xlsx", dossier__reference="rx", c3__1__1=None)
    (browser.path / "abime.xlsx").write_bytes(b"PK\x03\x04 nothing")
    browser.screen.folder.listing()
    assert "10 guides prêts" in browser.client.get("/").text
    page = produced(browser, guide)
    assert len(issued(browser)) == 10
    assert "10\u00a0émis" in page
    # From the question one is a click away.
    assert f'href="/fiche/{browser.id("x.xlsx")}#c3.1.1"' in page
    assert "abime.xlsx" in page
    for name in ("rapport.xlsx", "a-imprimer.pdf"):
        assert browser.client.get(f"/fichier/{name}").status_code == 200
    assert "10\u00a0déjà émis" in produced(browser, guide)
    assert len(issued(browser)) == 10


def test_nothing_is_produced_while_answers_wait(
    browser: Browser, guide: Guide, answers: Answers
) -> None:
    put_fiche(browser.path, guide, answers, "a.xlsx")
    (browser.path / "~$a.xlsx").write_bytes(b"")
    browser.answer("a.xlsx", ("remarques.autre", None, "Encore."))
    refused = browser.post("/produire", data={"guide": guide.id})
    assert refused.status_code == 422
    assert "attendent" in refused.text
    assert "attendent" in issue(browser, "a.xlsx").text
    assert not issued(browser)


def test_issue_then_correct(browser: Browser, guide: Guide, answers: Answers) -> None:
    path = put_fiche(browser.path, guide, answers, "a.xlsx")
    page = issue(browser, "a.xlsx")
    assert page.url.path.startswith("/emis/")
    (first,) = issued(browser)
    for role in ("docx", "pdf"):
        sent = browser.client.get(f"{page.url.path}/1/{role}")
        assert (
            sent.content
            == (
                browser.screen.folder.output / next(f.path for f in first.files if f.role == role)
            ).read_bytes()
        )
    assert "Copier" in page.text
    browser.answer("a.xlsx", ("c1.1.1", "OUI", "NA"), ("c1.1.1:précision", None, "Sans objet ici."))
    check = browser.client.get(f"/fiche/{browser.id('a.xlsx')}/controle").text
    assert "NA (non applicable)" in check
    assert "Émettre la version 2" in check
    assert issue(browser, "a.xlsx", motif="").status_code == 422
    corrected = issue(browser, "a.xlsx", motif="Erreur de saisie")
    assert "Sans objet ici." in corrected.text
    assert [one.number for one in issued(browser)] == [1, 2]
    path.unlink()
    again = browser.post(f"{page.url.path}/corriger")
    assert again.status_code == 200
    made = next(one for one in browser.path.glob("*.xlsx"))
    assert read_fiche(made, guide).answers.canonical()["c1.1.1"] == "NA"
    assert page.url.path == f"/emis/{issued_id(guide.id, first.key)}"


def test_what_changed_since_it_was_looked_at_is_not_issued(
    browser: Browser, guide: Guide, answers: Answers
) -> None:
    put_fiche(browser.path, guide, answers, "a.xlsx")
    refused = issue(browser, "a.xlsx", revision="seen-before")
    assert refused.status_code == 422
    assert "a changé" in refused.text
    assert not issued(browser)


def test_errors_are_never_issued(browser: Browser, guide: Guide, answers: Answers) -> None:
    put_fiche(browser.path, guide, answers, "a.xlsx", c1__1__1=None)
    assert "erreurs" in issue(browser, "a.xlsx").text
    assert not issued(browser)


def test_the_pages_of_the_draft(browser: Browser, guide: Guide, answers: Answers) -> None:
    put_fiche(browser.path, guide, answers, "a.xlsx", c1__1__1=None)
    identity = browser.id("a.xlsx")
    page = browser.client.get(f"/fiche/{identity}/controle").text
    assert "#page-" in page
    picture = browser.client.get(f"/fiche/{identity}/page/1.png")
    assert picture.content.startswith(b"\x89PNG")
    assert browser.client.get(f"/fiche/{identity}/page/999.png").status_code == 422


def test_a_text_that_goes_on_in_the_annex_is_told(
    browser: Browser, guide: Guide, answers: Answers
) -> None:
    put_fiche(browser.path, guide, answers, "a.xlsx")
    assert browser.state("a.xlsx")["annex"] == []
    key = "commentaires.evaluateur_metier"
    before = browser.state("a.xlsx")["answers"][key]
    told = browser.answer("a.xlsx", (key, before, "Un long commentaire. " * 200)).json()
    assert told["annex"] == [key]


def test_a_guide_that_comes_back_goes_into_its_fiche(
    browser: Browser, guide: Guide, answers: Answers
) -> None:
    put_fiche(browser.path, guide, answers, "a.xlsx")
    issue(browser, "a.xlsx")
    (version,) = issued(browser)
    content = (browser.screen.folder.output / version.files[-1].path).read_bytes()
    browser.answer(
        "a.xlsx", ("c1.1.1", "OUI", "NON"), ("c1.resultat", "MAITRISEE", "NON_MAITRISEE")
    )
    page = browser.post("/deposer", files=[("fichiers", ("rendu.pdf", content))])
    assert page.url.path.startswith("/recu/")
    assert "a.xlsx" in page.text
    done = browser.post(page.url.path, data={"dans": browser.id("a.xlsx")})
    assert done.url.path == f"/fiche/{browser.id('a.xlsx')}/controle"
    assert read_fiche(browser.path / "a.xlsx", guide).answers == answers
    assert browser.client.get(page.url.path).status_code == 404


def test_the_demonstration_guide_has_its_page(browser: Browser) -> None:
    name = "fiche-demo-conducteur-equipements.xlsx"
    (browser.path / name).write_bytes((EXAMPLES / name).read_bytes())
    for address in ("", "/controle"):
        assert browser.client.get(f"/fiche/{browser.id(name)}{address}").status_code == 200


def test_a_candidate_without_a_name_gets_no_fiche(browser: Browser) -> None:
    assert browser.post("/nouvelle", data={"candidat.nom": "  "}).status_code == 422
    assert not list(browser.path.iterdir())


def test_a_guide_that_was_signed_says_how_far(
    browser: Browser, guide: Guide, answers: Answers
) -> None:
    put_fiche(browser.path, guide, answers, "a.xlsx")
    page = issue(browser, "a.xlsx")
    (version,) = issued(browser)
    area = next(one.id for one in guide.of_kind(FieldKind.SIGNATURE))
    copy = SignedCopy(
        path=f"{version.folder}/signe.pdf",
        size=1,
        sha256="0" * 64,
        is_declared=False,
        extends="",
        signatures=({"area": area, "signer": "Léa", "kind": "pades", "verdict": "valide"},),
        entered_at=NOW.isoformat(),
        program="essai",
        issuer="",
    )
    with Register.open(browser.screen.folder.output) as register, register.writing():
        register.enter_signed(version, copy)
    assert states(browser)["a.xlsx"] == "signée 1/3 v1"
    assert "signée 1/3" in browser.client.get(page.url.path).text


def test_an_issued_file_that_was_altered_is_not_sent(
    browser: Browser, guide: Guide, answers: Answers
) -> None:
    put_fiche(browser.path, guide, answers, "a.xlsx")
    page = issue(browser, "a.xlsx")
    (version,) = issued(browser)
    (browser.screen.folder.output / version.files[0].path).write_bytes(b"something else")
    assert browser.client.get(f"{page.url.path}/1/{version.files[0].role}").status_code == 404
    assert "altéré" in browser.client.get(page.url.path).text


def test_what_is_in_doubt_in_a_guide_is_decided_by_a_person(
    browser: Browser, guide: Guide, answers: Answers
) -> None:
    put_fiche(browser.path, guide, answers, "a.xlsx")
    issue(browser, "a.xlsx")
    (version,) = issued(browser)
    pdf = next(one.path for one in version.files if one.role == "pdf")
    target = io.BytesIO()
    with pikepdf.open(browser.screen.folder.output / pdf) as document:
        del document.pages[-1]  # the signatures' page: its fields are gone
        document.save(target)
    (browser.path / "a.xlsx").unlink()
    page = browser.post("/deposer", files=[("fichiers", ("rendu.pdf", target.getvalue()))])
    assert "À trancher" in page.text
    assert 'name="evaluateur_cpne.nom"' in page.text
    assert 'class="crop"' not in page.text  # its page is gone: there is no picture of it
    sent = {"evaluateur_cpne.nom": "Martin", "evaluateur_cpne.date": "2026-06-15"}
    done = browser.post(page.url.path, data=sent)
    assert done.url.path.endswith("/controle")
    (made,) = browser.path.glob("*.xlsx")
    read = read_fiche(made, guide).answers.canonical()
    assert read["evaluateur_cpne.nom"] == "Martin"
    assert read["evaluateur_cpne.date"] == "2026-06-15"
    assert "evaluateur_metier.nom" not in read
    assert read["c1.1.1"] == "OUI"


def test_a_document_that_is_no_guide_is_told_by_what_it_is(browser: Browser) -> None:
    answer = browser.post("/deposer", files=[("fichiers", ("x.pdf", b"%PDF-1.7 nothing"))])
    assert answer.status_code == 422
    assert str(browser.path) not in answer.text
    assert not list((browser.path / ".recus").iterdir())
