"""How alike two wordings are: what matching compares labels and titles with."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from rapidfuzz import fuzz

from cqp_forms.typography import folded

_NOT_WORD = re.compile(r"[^a-z0-9]+")

#: Shorter wordings (« Nom », « Date ») are too close to one another to be compared by letters.
_SHORT = 12
#: From this length on, a part of a wording still tells which one it is.
_TELLING = 25

_YES = frozenset({"oui", "o", "yes", "y", "vrai", "true", "acquis", "acquise", "valide", "validee"})
_NO = frozenset(
    {"non", "n", "no", "faux", "false", "non acquis", "non acquise", "non valide", "non validee"}
)
_NEITHER = frozenset(
    {"na", "n a", "non applicable", "sans objet", "so", "s o", "inconnu", "unknown", "nsp"}
)
#: How the wording beside a date ends, bare.
DATE_WORDS = re.compile(r"\b(date( de naissance)?|le|fait le|ne e le|nee? le|date of birth|dob)$")
_NEGATION = re.compile(r"\b(non|pas|not)\b")


@lru_cache(maxsize=8192)
def bare(text: str) -> str:
    """``text`` reduced to its words: no accents, case or punctuation.

    >>> bare("Je soussigné(e) :")
    'je soussigne e'
    """
    return _NOT_WORD.sub(" ", folded(text)).strip()


@lru_cache(maxsize=8192)
def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def likeness(expected: str, found: str) -> float:
    """How alike two wordings are, from 0 to 1 (the same words).

    A long wording is recognised in a longer text (other words on its line) or by a part of it
    (broken over pages); a short one must stand there as a whole word, so that « Nom » is not
    « Prénom ».
    """
    return _likeness(bare(expected), bare(found))


@lru_cache(maxsize=262144)
def _likeness(one: str, two: str) -> float:
    if not one or not two:
        return 0.0
    if one == two:
        return 1.0
    ratio = fuzz.ratio(one, two) / 100
    shorter, longer = sorted((one, two), key=len)
    if len(shorter) < _SHORT:
        if f" {shorter} " in f" {longer} ":
            return max(ratio, 0.75 + 0.2 * len(shorter) / len(longer))
        return ratio
    if is_negative(one) != is_negative(two) and len(shorter) > 0.75 * len(longer):
        # « est maîtrisée » and « n’est pas maîtrisée » differ by few letters and say the contrary.
        return 0.8 * ratio
    if ratio > 0.9 or len(shorter) < _TELLING:
        return ratio
    common = len(_words(shorter) & _words(longer)) / len(_words(shorter))
    if common < 0.7:
        return ratio
    weight = 0.95 if len(two) >= len(one) else 0.9
    return max(ratio, weight * fuzz.partial_ratio(shorter, longer) / 100)


@lru_cache(maxsize=8192)
def is_negative(text: str) -> bool:
    """Whether a wording denies something."""
    return bool(_NEGATION.search(bare(text)))


def is_yes(text: str) -> bool:
    """Whether a wording is a plain « OUI », or one of its equals."""
    return bare(text) in _YES


def is_no(text: str) -> bool:
    """Whether a wording is a plain « NON », or one of its equals."""
    return bare(text) in _NO


def is_answer_word(text: str) -> bool:
    """Whether a wording heads a column of boxes, or stands beside one, without naming it."""
    return is_yes(text) or is_no(text) or bare(text) in _NEITHER


#: Degrees of a scale that head columns, or stand beside boxes of which one is ticked.
_DEGREE = re.compile(
    r"(?:niveau |note |degre |n )?(?:[a-f]|[0-9]|1[0-9]|20|iii|ii|iv)"
    r"|(?:[0-9]|1[0-9]|20) [a-z ]{3,40}"
    r"|n?ac|eca?|n?v|n[daecsv]|nsp|so|s|ts|ps|i|tb|b|ab|p|m|e"
    r"|(?:(?:le|la|l) )?(?:bloc|unite|module|objectif|epreuve|certification|stage|periode) "
    r"(?:n est pas |est |non )?(?:acquis|valide|atteint|reussi)e?"
    r"|(?:(?:tres|trop|peu|plutot|assez|tout a fait|pas|du tout|non|partiellement|totalement|bien"
    r"|entierement|moyennement|en partie|la competence|le critere|avis|est|n est|ni|encore|mal) )*"
    r"(?:(?:satis(?:faisant|fait)|(?:in)?suffisant|bon|bien|moyen|mediocre|mauvais|faible|fort"
    r"|excellent|passable|acquis|maitrise|valide|conforme|atteint|realise|autonome|important"
    r"|(?:in)?adapte|acceptable|correct|evalue|observe|concerne|confirme|debutant|avance|partiel"
    r"|initie|(?:de)?favorable|facile|difficile|depasse|rare|frequent|normal)(?:n?e)?s?"
    r"(?: (?:avec|sous) reserves?)?"
    r"|(?:present|absent|fait|reserve|admis|ajourne)e?"  # « Présents » or « Réserves » head texts
    r"|d accord|pas d accord|evaluable|applicable|jamais|rarement|parfois|quelquefois|souvent"
    r"|toujours|expert|novice|intermediaire|pas du tout|tout a fait|plutot oui|plutot non)"
    r"|(?:acquisition )?en cours(?: d acquisition| de maitrise)?|a (?:ameliorer|revoir|renforcer)"
    r"|impossible a evaluer|ne sait pas|ne se prononce pas|sans avis|sans opinion"
    r"|(?:fait|realise|acquis|maitrise)e?s? (?:seule?|(?:avec|sans) aide|en autonomie|en binome)"
    r"|(?:(?:pas du tout|peu|assez|tres|plutot|tout a fait) )?a l aise"
    r"|avec aide|sans aide|en partie|a (?:voir|discuter|etudier|preciser|definir|confirmer)"
    r"|peut etre|en (?:reflexion|projet|attente)|a l etude|(?:je )?ne sai[st] pas"
    r"|ne souhaite pas repondre|sans reponse"
    r"|(?:avec|sous) (?:reserves?|conditions?)"
)
#: « Oui, à court terme », « Défavorable (motif) », « Non → rubrique 3 »: a degree and what it adds.
_QUALIFIED = re.compile(r"([^\W\d_]{3}[^,(–—→➔>]*?) ?[,(–—→➔>]+ ?[^\W\d_].{1,50}")
_SIGN = re.compile(r"[+]{1,3}|[-–−]{1,3}|[+][/ ]?[-–−]|[0-9]{1,3} ?%|[☹☺☻😀-🙏]\ufe0f?")


def is_degree(text: str) -> bool:
    """Whether a wording is a degree of a scale: « Satisfaisant », « B », « 2 », « ++ », « ☺ »."""
    # « N° » is a number's, whatever « n » stands for.
    words = "" if "°" in text else bare(text)
    found = is_answer_word(text) or _DEGREE.fullmatch(words) if words else None
    if found or _SIGN.fullmatch(text.strip()):
        return True
    qualified = _QUALIFIED.fullmatch(text.strip(" :\u00a0"))
    return qualified is not None and is_degree(qualified[1])


#: What a list says whose boxes do not exclude one another, bare.
_SEVERAL = re.compile(r"\b(tou(t|te|s|tes)|plusieurs|chaque|choix multiples?|une ou des)\b")


def says_several(text: str) -> bool:
    """Whether a list's wording says that its boxes do not exclude one another."""
    return bool(_SEVERAL.search(bare(text)))


def answered(question: str, wording: str) -> str:
    """A box's own wording behind what it answers: « Mobilité : interne »."""
    start = question.rstrip(" :\u00a0")
    return f"{start} {wording}" if start.endswith("?") else f"{start} : {wording}"


def is_worded_degree(text: str) -> bool:
    """Whether a wording is a degree of a scale, and no letter or figure that may be a name."""
    # « La compétence est maîtrisée » says all by itself.
    words = bare(text).split()
    return is_degree(text) and len("".join(words)) > 2 and "est" not in words


def asks(text: str) -> bool:
    """Whether a wording says that something follows which answers it."""
    return not text.startswith("(") and text.rstrip(" )\u00a0").endswith((":", "?"))


#: What heads or leads to texts, bare.
_WRITTEN = re.compile(
    r"\b(dates?|noms?|prenoms?|signatures?|visas?|heures?|durees?|lieux?|observations?|quantites?"
    r"|commentaires?|remarques?|nombres?|montants?|prix|totaux|total|notes?|codes?|ref\w*|tel\w*"
    r"|adresses?|periodes?|fonctions?|taux|unites?|valeurs?|resultats?|temps|si (?:oui|non)"
    r"|precise\w*|pourquoi|les?quels?|l[ae]s?quelles?)\b"
)


def asks_for_text(text: str) -> bool:
    """Whether a heading asks for what is written, not ticked: « Date », « Si oui, précisez »."""
    return bool(_WRITTEN.search(bare(text)))


#: « Nom : Date : » is two labels.
_LABEL_END = re.compile(r"\w[ \u00a0]?:(?=\s|$)")


def doubt_of(label: str) -> str:
    """Why a text may not be what its label asks for: « Nom : Date : » asks twice; else empty."""
    return "plusieurs libellés pour une seule place" if len(_LABEL_END.findall(label)) > 1 else ""


_SIGNED = re.compile(r"\b(signatures?|visas?|cachets?|paraphes?|emargements?)\b")
_LONGEST_SIGNED = 90


def is_signed(text: str) -> bool:
    """Whether a label, or a column's heading, is that of a place where somebody signs or stamps."""
    return len(text) < _LONGEST_SIGNED and bool(_SIGNED.search(bare(text)))


#: « Signature du tuteur », « (nom, date et signature) », « Date et signature, précédées de… »; but
#: « Signatures » is the title of several.
_SIGNING = re.compile(
    r"(?!signatures)((noms?|prenoms?|qualite|fonction|dates?|lieu|tampon|lu et approuve"
    r"|bon pour accord|et|de|du|des|la|le|l|d) )*(signatures?|visa|cachet)\b"
)


def announces_signing(text: str) -> bool:
    """Whether a wording announces the space for a signature, and does not only speak of one."""
    return bool(_SIGNING.match(bare(text))) and not text.rstrip().endswith(".")


#: What heads a column of a table, and is no title, bare.
_HEADERS = frozenset(
    (
        *("critere", "criteres", "evaluation", "evaluations", "item", "items", "n", "numero"),
        *("question", "questions", "reponse", "reponses", "competence", "competences"),
        *("intitule", "libelle", "observations", "commentaires", "cochez", "theme", "themes"),
        *("indicateur", "indicateurs", "points abordes", "points observes", "elements"),
    )
)


def heads_a_column(text: str) -> bool:
    """Whether a wording says what a table's column holds: « Critères », « N° »."""
    return bare(text) in _HEADERS


#: Figures beside these words number columns or boxes, and are no degrees.
_PERIODS = re.compile(
    r"\b(semaines?|jours?|mois|annees?|trimestres?|seances?|modules?|pages?|dates?)\b"
)


def counts_periods(text: str) -> bool:
    """Whether figures beside a wording number what it names: « Présent aux séances : 1 2 3 »."""
    return bool(_PERIODS.search(bare(text)))


def counts_up(words: Sequence[str]) -> bool:
    """Whether wordings are the figures of a scale, three at least: « 1 », « 2 », « 3 »."""
    if len(words) < 3 or not all(one.isdecimal() and len(one) < 3 for one in words):
        return False
    numbers = [int(one) for one in words]
    return numbers == list(range(numbers[0], numbers[0] + len(numbers)))
