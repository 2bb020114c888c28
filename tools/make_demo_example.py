"""Make the example fiche of the demonstration guide: invented people, answers and remarks.

Run it from the checkout: ``python tools/make_demo_example.py``. It writes the same bytes each time.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from cqp_forms.answers import Answer, Answers, Result, Value, Verdict
from cqp_forms.guide import Guide
from cqp_forms.project import Project
from cqp_forms.workbook.write import Existing, write_fiche

ROOT = Path(__file__).parents[1]
GUIDE = "demo-conducteur-equipements"
NAME = f"fiche-{GUIDE}.xlsx"

_VALUES: dict[str, Value] = {
    "dossier.reference": "2026-CE-0007",
    "candidat.nom": "Nguyễn",
    "candidat.prenom": "Maëlle",
    "candidat.site": "Saint-Fons – atelier B2, réacteurs",
    "candidat.poste": "Opératrice de fabrication",
    "conditions.poste_reel": True,
    "conditions.autre": True,
    "conditions.precisez": "Relecture de deux dossiers de lot",
    "commentaires.candidat": "Évaluation bien préparée ; à refaire sur le filtre-presse.",
    "commentaires.tuteur": "Maëlle conduit seule le R-204 depuis mars. Ses relevés sont complets "
    "et elle appelle avant que la dérive ne devienne un écart.",
    "commentaires.evaluateur": "Conduite sûre et tracée. Le contrôle en cours de fabrication reste "
    "à consolider : un résultat hors limites a été noté, mais signalé en fin de poste seulement.",
    "tuteur.nom": "Bérard",
    "tuteur.fonction": "Chef de poste",
    "tuteur.date": date(2026, 9, 22),
    "evaluateur.organisme": "Formachim Conseil",
    "evaluateur.nom": "Oliveira",
    "evaluateur.numero": "00611",
    "evaluateur.soussigne": "Inês Oliveira",
    "evaluateur.date": date(2026, 9, 23),
}
_FAILED = "c3.2.3"
_NOT_APPLICABLE = ("c1.3.3", "Le R-204 n’utilise ni vapeur ni azote.")


def answers(guide: Guide) -> Answers:
    """A complete fiche: one competence not acquired, one criterion that does not apply."""
    found = {key: Answer(value) for key, value in _VALUES.items()}
    for competence in guide.competences:
        for one in competence.criteria:
            found[one.id] = Answer(Verdict.NON if one.id == _FAILED else Verdict.OUI)
        failed = any(one.id == _FAILED for one in competence.criteria)
        result = Result.NON_MAITRISEE if failed else Result.MAITRISEE
        found[competence.result.id] = Answer(result)
    criterion, comment = _NOT_APPLICABLE
    found[criterion] = Answer(Verdict.NA, comment)
    return Answers(found)


def make(folder: Path, guide: Guide) -> None:
    """Write the example into a folder, replacing the one that is there."""
    write_fiche(folder / NAME, guide, answers(guide), existing=Existing.REPLACE)


if __name__ == "__main__":
    make(ROOT / "examples", Project.at(ROOT).guide(GUIDE))
