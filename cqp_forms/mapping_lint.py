"""What is wrong with a mapping that can be told without its document (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from cqp_forms.errors import MappingError
from cqp_forms.guide import Guide, PlacementKind
from cqp_forms.mapping import AnyMapping, DocxKind, DocxLocator, Locator, PdfKind, PdfLocator
from cqp_forms.typography import command_line

#: Of the placements that miss, how many a message names.
_NAMED = 5


def pending(mapping: AnyMapping, guide: Guide) -> tuple[str, ...]:
    """The guide's placements that nothing may be put in yet: not found, or not confirmed."""
    sure = {key for key, one in mapping.locators.items() if one.confirmed}
    return tuple(one for one in guide.placements if one not in sure)


def require_usable(mapping: AnyMapping, guide: Guide, where: str = "") -> None:
    """Refuse a mapping that a person has to correct, whatever is put in.

    Args:
        where: the mapping file's path, for the message.

    Raises:
        MappingError: naming what does not fit, or places that the guide does not have.
    """
    if problems := _misfits(mapping, guide):
        raise MappingError(
            "la correspondance n’est pas utilisable : " + " ; ".join(problems[:8]) + ".",
            where=where or mapping.document,
            remedy="Complétez le fichier, puis contrôlez-le : cqp-forms map DOCUMENT --check "
            "CORRESPONDANCE.",
        )


def require_complete(
    mapping: AnyMapping, guide: Guide, where: str = "", document: str = ""
) -> None:
    """Refuse a mapping that does not say for certain where each field of the guide is.

    Args:
        where: the mapping file's path, for the message.
        document: the document's.

    Raises:
        MappingError: naming every placement to confirm, and those that miss.
    """
    require_usable(mapping, guide, where)
    if problems := [*_missing(mapping, guide), *_unconfirmed(mapping)]:
        confirm = command_line("map", document or mapping.document, "-o", where, "--confirm")
        waits = bool(mapping.unconfirmed or mapping.numbered)
        raise MappingError(
            "la correspondance n’est pas utilisable : " + " ; ".join(problems) + ".",
            where=where or mapping.document,
            remedy="Regardez ces emplacements (cqp-forms map DOCUMENT --list --preview FICHIER), "
            f"puis confirmez-les : {confirm} ; ou émettez un brouillon (--draft), qui les laisse "
            "vides."
            if waits
            else "Complétez le fichier, puis contrôlez-le : cqp-forms map DOCUMENT --check "
            "CORRESPONDANCE.",
        )


def lint(mapping: AnyMapping, guide: Guide) -> list[str]:
    """What is wrong with a mapping that can be told without its document, in French."""
    return [*_missing(mapping, guide), *_misfits(mapping, guide), *_unconfirmed(mapping)]


def _missing(mapping: AnyMapping, guide: Guide) -> Iterable[str]:
    known = mapping.locators.keys() | mapping.numbered.keys()
    missing = [one for one in guide.placements if one not in known]
    if missing:
        what = "emplacement manque" if len(missing) == 1 else "emplacements manquent"
        more = " et d’autres" if len(missing) > _NAMED else ""
        yield f"{len(missing)} {what} : {', '.join(missing[:_NAMED])}{more}"


def _unconfirmed(mapping: AnyMapping) -> Iterable[str]:
    """All of them in one sentence, with the numbers of the places that each may be."""
    told = []
    for key in mapping.unconfirmed:
        numbers = " ou ".join(f"n° {one}" for one in mapping.locators[key].candidates)
        told.append(f"{key} ({numbers})" if numbers else key)
    told += [f"{key} (donné par son numéro, {number})" for key, number in mapping.numbered.items()]
    if told:
        what = "emplacement attend" if len(told) == 1 else "emplacements attendent"
        many = "s" if len(told) > 1 else ""
        yield f"{len(told)} {what} d’être confirmé{many} : {', '.join(told)}"


def _misfits(mapping: AnyMapping, guide: Guide) -> list[str]:
    problems = []
    if mapping.guide != guide.id:
        problems.append(f"elle est faite pour le guide « {mapping.guide} », pas « {guide.id} »")
    problems.extend(
        f"« {one} » n’est pas un emplacement du guide"
        for one in (*mapping.locators, *mapping.numbered)
        if one not in guide.placements
    )
    sure = {key: one for key, one in mapping.locators.items() if one.confirmed}
    problems.extend(_shared(sure))
    problems.extend(_unfit(sure, guide))
    return problems


def _shared(locators: Mapping[str, Locator]) -> Iterable[str]:
    taken: dict[tuple[object, ...], str] = {}
    for placement, one in locators.items():
        key: tuple[object, ...] = (
            (one.kind, one.part, one.target, one.offset)
            if isinstance(one, DocxLocator)
            else (one.page, one.rect)
        )
        if key in taken:
            yield f"« {taken[key]} » et « {placement} » désignent le même endroit"
        taken[key] = placement
    rects = [(key, one) for key, one in locators.items() if isinstance(one, PdfLocator)]
    for index, (placement, one) in enumerate(rects):
        for other, two in rects[index + 1 :]:
            if one.page == two.page and one.rect != two.rect and one.rect.overlaps(two.rect):
                yield f"« {placement} » et « {other} » se chevauchent page {one.page}"


_TICKABLE = frozenset(
    {
        DocxKind.CONTROL,
        DocxKind.CONTROL_AT,
        DocxKind.FORM_CHECKBOX,
        DocxKind.SYMBOL,
        DocxKind.GLYPH,
        DocxKind.CELL,
        DocxKind.DRAWING,
        PdfKind.WIDGET,
        PdfKind.BOX,
        PdfKind.CELL,
    }
)
_WRITABLE = frozenset(DocxKind) - {DocxKind.FORM_CHECKBOX, DocxKind.SYMBOL} | frozenset(
    {
        PdfKind.WIDGET,
        PdfKind.CELL,
        PdfKind.AREA,
        PdfKind.LINE,
        PdfKind.INVITE,
        PdfKind.COMB,
    }
)


def _unfit(locators: Mapping[str, Locator], guide: Guide) -> Iterable[str]:
    for placement, one in locators.items():
        known = guide.placements.get(placement)
        if known is None:
            continue
        if known.kind is PlacementKind.TICK_BOX and one.kind not in _TICKABLE:
            yield f"« {placement} » est une case à cocher, pas « {one.kind} »"
        if known.kind is PlacementKind.TEXT_AREA and one.kind not in _WRITABLE:
            yield f"« {placement} » est une zone de texte, pas « {one.kind} »"
        if isinstance(one, PdfLocator) and (one.rect.width <= 0 or one.rect.height <= 0):
            yield f"« {placement} » a un rectangle vide"
