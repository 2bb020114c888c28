"""What there is to say of a document's pages, in French, before any of its answers."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from cqp_forms.errors import DocumentError
from cqp_forms.findings import Code, Finding, Severity, finding
from cqp_forms.pdf.read.recognise import Recognised

_FROM_ORIGINAL = "Retrouvez ses réponses sur l’original, puis complétez la fiche."


def page_remarks(
    recognised: Recognised, total: int, pictures: Collection[int], turned: Collection[int]
) -> tuple[Finding, ...]:
    """One finding for each way in which the pages are not those of the guide.

    Args:
        total: how many pages the guide has.
        pictures: the pages of the document that are but a picture, from 0.
        turned: the pages of the document that are turned, shrunk or moved, from 0.
    """
    return tuple(_remarks(recognised, total, pictures, turned))


def _remarks(
    recognised: Recognised, total: int, pictures: Collection[int], turned: Collection[int]
) -> Iterator[Finding]:
    copies = recognised.copies
    scanned = [one for one in recognised.strange if one in pictures]
    strange = [one for one in recognised.strange if one not in pictures]
    if scanned:
        yield _remark(
            f"{pages(scanned)} du fichier : image sans texte (page numérisée), non lue.",
            _FROM_ORIGINAL,
        )
    if strange:
        yield _remark(
            f"{pages(strange)} du fichier : texte qui n’est pas celui du guide (page ajoutée), "
            "non lue.",
            "Vérifiez qu’elle ne porte aucune réponse.",
        )
    for number, options in recognised.undecided.items():
        either = " ou ".join(str(one + 1) for one in options)
        yield _remark(
            f"page {number + 1} du fichier : c’est la page {either} du guide, rien ne dit "
            "laquelle ; elle n’est pas lue.",
            _FROM_ORIGINAL,
        )
    maybe = {one for options in recognised.undecided.values() for one in options}
    if missing := [one for one in range(total) if one not in copies and one not in maybe]:
        yield _remark(f"{pages(missing)} du guide : absente du document.", _FROM_ORIGINAL)
    for page, several in copies.items():
        if len(several) > 1:
            yield _remark(
                f"page {page + 1} du guide : en double ({pages([one.number for one in several])} "
                "du fichier).",
                "Retirez l’exemplaire en trop, ou vérifiez que les deux disent la même chose.",
            )
    if lost := [one.number for several in copies.values() for one in several if not one.matrix]:
        yield _remark(
            f"{pages(lost)} du fichier : mise en page autrement que dans le guide, non lue.",
            _FROM_ORIGINAL,
        )
    order = [one.number for _, several in sorted(copies.items()) for one in several]
    if order != sorted(order):
        moved = [one for one, two in zip(order, sorted(order), strict=True) if one != two]
        yield _remark(
            f"{pages(sorted(moved))} du fichier : dans un autre ordre que le guide ; chacune est "
            "lue à sa place.",
            "Remettez les pages dans l’ordre avant d’archiver le document.",
        )
    if shown := [one for one in sorted(turned) if one not in lost]:
        yield finding(
            Code.CHANGED_PAGES,
            Severity.INFORMATION,
            f"{pages(shown)} du fichier : tournée, réduite ou déplacée ; ses réponses sont lues à "
            "leur place.",
            "Vérifiez quelques réponses sur l’original.",
        )


def _remark(message: str, remedy: str) -> Finding:
    return finding(Code.CHANGED_PAGES, Severity.WARNING, message, remedy)


def pages(numbers: Sequence[int]) -> str:
    """« page 3 », « pages 3, 4 et 7 », from numbers that begin with 0."""
    told = [str(one + 1) for one in numbers]
    if len(told) == 1:
        return f"page {told[0]}"
    return f"pages {', '.join(told[:-1])} et {told[-1]}"


def refuse_other(recognised: Recognised, pictures: Collection[int], total: int) -> None:
    """Refuse a document of which no page can be read.

    Args:
        pictures: its pages that are but a picture; ``total``: how many pages it has.

    Raises:
        DocumentError: with what it is instead.
    """
    copies = [one for several in recognised.copies.values() for one in several]
    if any(one.matrix for one in copies) or recognised.undecided:
        return
    if copies:
        raise DocumentError(
            "ce PDF a le texte du guide, mis en page autrement : il a été exporté de Word ou d’un "
            "autre traitement de texte.",
            remedy="Donnez le DOCX dont il vient, ou le PDF tel qu’il a été émis.",
        )
    if total and len(pictures) == total:
        raise DocumentError(
            "ce PDF est numérisé : ses pages sont des images, sans texte ; ses cases ne peuvent "
            "pas être lues.",
            remedy="Donnez le document d’avant la numérisation (PDF ou DOCX), ou saisissez les "
            "réponses dans une fiche.",
        )
    raise DocumentError(
        "ce document n’est pas fait d’après ce guide : aucune de ses pages n’y correspond.",
        remedy="Donnez le document vierge d’origine : --document FICHIER --mapping FICHIER.",
    )
