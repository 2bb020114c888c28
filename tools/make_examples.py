"""Make the workbooks of ``examples/``: invented people, answers and remarks.

Run it from the checkout: ``python tools/make_examples.py``. It writes the same bytes each time.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from cqp_forms.answers import Answer, Answers, Result, Value, Verdict
from cqp_forms.guide import FieldKind, Guide
from cqp_forms.project import DEFAULT_GUIDE, Project
from cqp_forms.workbook.write import Existing, write_fiche, write_lot

ROOT = Path(__file__).parents[1]

_EVALUATORS: dict[str, Value] = {
    "evaluateur_cpne.entreprise": "Formachim Conseil",
    "evaluateur_cpne.nom": "Marchand",
    "evaluateur_cpne.fonction": "Évaluatrice habilitée",
    "evaluateur_cpne.numero_habilitation": "00427",
    "evaluateur_cpne.soussigne": "Hélène Marchand",
    "evaluateur_metier.nom": "Lefèvre",
    "evaluateur_metier.fonction": "Directeur commercial",
    "evaluateur_metier.soussigne": "Jean-Noël Lefèvre",
    "documents.guide_reperage": True,
    "documents.livret_suivi": True,
    "documents.dossier_candidat": True,
}

_MASTERED: dict[str, Value] = {
    "dossier.reference": "2026-TC-0031",
    "candidat.nom": "Durand-Çelik",
    "candidat.prenom": "Léa",
    "candidat.entreprise": "Résines & Solvants de l’Ouest",
    "apports.prise_de_conscience": True,
    "apports.autonomie": True,
    "apports.evoluer": True,
    "remarques.reperage": "L’entretien m’a permis de mettre des mots sur ce que je fais tous les "
    "jours. Le questionnaire pourrait être envoyé une semaine avant.",
    "remarques.formation": "Les deux journées sur la réglementation REACH ont été les plus utiles. "
    "Un module sur la négociation en anglais serait bienvenu.",
    "remarques.evaluation_finale": "Bonnes conditions, échanges francs, questions proches du "
    "terrain.",
    "commentaires.evaluateur_metier": "Mme Durand-Çelik a pris en main le secteur Bretagne – Pays "
    "de la Loire en moins d’un an. Son plan d’actions est construit, chiffré et suivi : trois "
    "nouveaux comptes ouverts, dont un fabricant de peintures que nous n’avions jamais servi.\n"
    "Elle prépare ses visites, écoute, et revient avec une réponse technique vérifiée auprès du "
    "laboratoire. Les réclamations sont traitées le jour même.\n"
    "Piste de progrès : déléguer davantage le suivi administratif.",
    "commentaires.evaluateur_cpne": "Les six compétences sont maîtrisées. Les preuves apportées "
    "(plan d’actions 2026, trois offres, un dossier de réclamation) sont complètes et "
    "cohérentes avec l’entretien. La candidate argumente ses choix avec précision, y compris sur "
    "les aspects réglementaires.\nAvis favorable.",
    "evaluateur_metier.entreprise": "Résines & Solvants de l’Ouest",
    "evaluateur_cpne.date": date(2026, 6, 18),
    "evaluateur_metier.date": date(2026, 6, 18),
}

_LONG_COMMENT = "\n".join(
    (
        "M. Nguyễn travaille dans l’équipe commerciale depuis quatorze mois, après six ans au "
        "laboratoire d’applications. Cette double expérience se voit : ses interlocuteurs "
        "techniques l’appellent directement, et il sait traduire une fiche de données de sécurité "
        "en consignes simples pour un atelier.",
        "",
        "Plan d’actions commerciales : il est bien construit pour les clients existants. Les "
        "objectifs sont déclinés par famille de produits et par trimestre, les visites sont "
        "planifiées et leurs comptes rendus saisis dans la semaine. Le fichier de prospects est à "
        "jour ; sur les vingt-deux entreprises identifiées, onze ont été contactées et quatre "
        "reçues.",
        "",
        "Suivi de l’activité : les tableaux de bord sont tenus, les écarts sont expliqués. Il a su "
        "alerter en mars sur la baisse des volumes de solvants et proposer une action corrective, "
        "acceptée puis suivie avec le responsable de la logistique.",
        "",
        "Analyse des besoins : les entretiens auxquels j’ai assisté montrent une écoute réelle. Il "
        "reformule, prend des notes, vérifie les volumes et les conditions d’emploi. Il lui reste "
        "à interroger plus tôt son interlocuteur sur le budget et sur le circuit de décision.",
        "",
        "Offre technique et commerciale : c’est le point à travailler. Deux des trois offres "
        "étudiées ont été remises avec retard, et l’une d’elles sans le chiffrage du transport des "
        "matières dangereuses. Les conditions de paiement n’avaient pas été validées par la "
        "direction financière. En négociation, il accorde la remise avant d’avoir demandé une "
        "contrepartie. Ces points ont été repris ensemble ; un accompagnement de trois mois est "
        "prévu, avec une offre préparée en binôme chaque quinzaine.",
        "",
        "Réclamations : elles sont accueillies avec calme et traitées dans les délais. L’analyse "
        "des causes avec la qualité est un point fort ; deux modes opératoires ont été modifiés à "
        "la suite de ses remarques, et le client concerné, reçu à l’usine en juin, a renouvelé son "
        "contrat annuel pour les mêmes volumes.",
        "",
        "En résumé, cinq compétences sont acquises à un bon niveau. La cinquième ne l’est pas "
        "encore. M. Nguyễn en a conscience, il a lui-même proposé les étapes de sa progression, et "
        "je ne doute pas qu’il les tienne. Je propose que cette compétence soit évaluée de nouveau "
        "au printemps, après l’accompagnement, sur deux offres complètes remises à des clients et "
        "défendues en rendez-vous. L’équipe le soutient dans cette démarche, et je reste à la "
        "disposition de l’évaluatrice pour lui présenter les dossiers suivis d’ici là.",
    )
)

_NOT_MASTERED: dict[str, Value] = {
    "dossier.reference": "2026-TC-0032",
    "candidat.nom": "Nguyễn",
    "candidat.prenom": "Đức Minh",
    "candidat.entreprise": "Tensioactifs du Rhône",
    "apports.competences_supplementaires": True,
    "apports.elargir_activites": True,
    "apports.autre": True,
    "apports.precisez": "Mieux connaître les métiers de la logistique",
    "remarques.reperage": "Rien à signaler.",
    "remarques.formation": "Prévoir plus de mises en situation sur la négociation.",
    "remarques.evaluation_finale": "Deux heures, c’est court pour six compétences.",
    "commentaires.evaluateur_metier": _LONG_COMMENT,
    "commentaires.evaluateur_cpne": "Cinq compétences sur six sont maîtrisées. Pour la "
    "compétence 5, les critères de chiffrage et de négociation ne sont pas atteints ; voir "
    "le commentaire de l’évaluateur professionnel. Nouvelle évaluation proposée au printemps.",
    "evaluateur_metier.entreprise": "Tensioactifs du Rhône",
    "evaluateur_cpne.date": date(2026, 9, 10),
    "evaluateur_metier.date": date(2026, 9, 8),
    "documents.autre": True,
    "documents.precisez": "Trois offres commerciales (2026)",
}
_FAILED = ("c5.2.1", "c5.3.3", "c5.4.5")
_NOT_APPLICABLE = {
    "c2.1.2": "Aucune insatisfaction n’a été exprimée par les clients de son secteur sur la "
    "période : la situation ne s’est pas présentée.",
    "c2.3.1": "Les tableaux de bord sont fournis par le groupe ; le candidat les renseigne, il "
    "n’en crée pas.",
}

#: Name, first name, company; what is known of each after the evaluation.
_LOT = (
    ("Bernard", "Chloé", "Peintures Atlantique"),
    ("Wiśniewski", "Paweł", "Adhésifs du Nord"),
    ("Trần", "Thị Hồng Nhung", "Cosmétiques Valbonne"),
    ("Dvořák", "Jiří", "Gaz industriels de l’Est"),
    ("Lemaître-Nuñez", "Inès", "Engrais de la Loire"),
    ("Şahin", "Gülşen", "Résines & Solvants de l’Ouest"),
    ("Kovačević", "Željko", "Plastiques Techniques Savoie"),
    ("O’Connor", "Siobhán", "Arômes de Provence"),
    ("Papadópoulos", "Νίκος", "Tensioactifs du Rhône"),
    ("Hébert", "Anaïs", "Encres de Normandie"),
    ("Müller", "Jörg", "Catalyse Alsace"),
    ("Łukasik", "Małgorzata", "Détergents du Midi"),
)


#: Criteria that do not apply to some posts, and why.
_LOT_NOT_APPLICABLE = (
    ("c2.1.2", "Aucune insatisfaction de client sur la période."),
    ("c2.3.1", "Tableaux de bord fournis par le siège, identiques pour tous."),
    ("c6.2.1", "Une seule réclamation, réglée directement avec le laboratoire."),
    ("c3.1.3", "Pas de travail en réseau ni à distance dans ce poste."),
)


def fiche(
    guide: Guide, values: dict[str, Value], failed: tuple[str, ...], na: dict[str, str]
) -> Answers:
    """A complete fiche: every criterion OUI but those named, and the results that follow."""
    found = {key: Answer(value) for key, value in {**_EVALUATORS, **values}.items()}
    for competence in guide.competences:
        for one in competence.criteria:
            verdict = Verdict.NON if one.id in failed else Verdict.OUI
            found[one.id] = Answer(verdict)
            if one.id in na:
                found[one.id] = Answer(Verdict.NA, na[one.id])
        lost = any(one.id in failed for one in competence.criteria)
        found[competence.result.id] = Answer(Result.NON_MAITRISEE if lost else Result.MAITRISEE)
    return Answers(found)


def lot(guide: Guide) -> Iterator[Answers]:
    """Twelve candidates, all different: some NON, some NA, dates a day apart."""
    criteria = [one.id for one in guide.of_kind(FieldKind.CRITERION)]
    for index, (name, first_name, company) in enumerate(_LOT):
        failed = (criteria[(index * 17) % len(criteria)],) if index % 4 == 1 else ()
        day = date(2026, 10, 5) + timedelta(days=index)
        outcome = (
            "Une compétence reste à consolider ; un accompagnement est prévu."
            if failed
            else "Les six compétences sont maîtrisées."
        )
        values: dict[str, Value] = {
            "dossier.reference": f"2026-TC-{index + 101:04d}",
            "candidat.nom": name,
            "candidat.prenom": first_name,
            "candidat.entreprise": company,
            "apports.autonomie": True,
            "commentaires.evaluateur_metier": f"{first_name} connaît bien ses clients et ses "
            f"produits, et prépare ses rendez-vous avec soin. {outcome}",
            "commentaires.evaluateur_cpne": f"Entretien solide, exemples concrets. {outcome}",
            "evaluateur_metier.entreprise": company,
            "evaluateur_cpne.date": day,
            "evaluateur_metier.date": day,
        }
        comments = dict([_LOT_NOT_APPLICABLE[index // 3]]) if index % 3 == 2 else {}
        yield fiche(guide, values, failed, comments)


def make(folder: Path, guide: Guide) -> None:
    """Write the examples into a folder, replacing those that are there."""
    write_fiche(
        folder / "fiche-maitrisee.xlsx",
        guide,
        fiche(guide, _MASTERED, (), {}),
        existing=Existing.REPLACE,
    )
    write_fiche(
        folder / "fiche-non-maitrisee.xlsx",
        guide,
        fiche(guide, _NOT_MASTERED, _FAILED, _NOT_APPLICABLE),
        existing=Existing.REPLACE,
    )
    write_lot(folder / "lot-12-candidats.xlsx", guide, tuple(lot(guide)), existing=Existing.REPLACE)


if __name__ == "__main__":
    make(ROOT / "examples", Project.at(ROOT).guide(DEFAULT_GUIDE))
