"""Who signed a PDF, when, by which certificate, and whether anything changed afterwards.

Cryptography is pyHanko's (the extra « signature »); without it the signatures are listed all the
same, and it is said that they were not checked. ISO 32000-2, 12.8.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from io import BytesIO
from typing import Any, cast

import pikepdf
from pikepdf import Array, Dictionary, Name

from cqp_forms.errors import UsageError
from cqp_forms.mapping import AnyMapping, PdfMapping, Rect
from cqp_forms.pdf.geometry import chain, inherited, rect_of
from cqp_forms.pdf.opening import opened

#: How far a signature may reach out of its area, in points.
_SLACK = 3.0


class Kind(StrEnum):
    """How somebody signed."""

    CERTIFICATE = "certificat"
    DRAWN = "dessinée"
    SCAN = "scan déclaré"


class SignatureVerdict(StrEnum):
    """What is known of a signature."""

    INTACT = "intacte"
    BROKEN = "rompue"
    UNCHECKED = "non vérifiée"


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature.

    Attributes:
        area: the placement that it stands in; empty for one that is invisible or elsewhere.
        signer: what the certificate says of its owner; empty where there is none.
        signed_at: when, by the signer's own clock, as ISO 8601; may be empty.
        certificate: its SHA-256 in hexadecimal; may be empty.
        trust: « reconnu », « non reconnu », or empty when no roots were given.
        problem: what is wrong with it, in French.
    """

    kind: Kind
    area: str = ""
    signer: str = ""
    signed_at: str = ""
    verdict: SignatureVerdict = SignatureVerdict.UNCHECKED
    certificate: str = ""
    trust: str = ""
    problem: str = ""

    def as_json(self) -> dict[str, str]:
        """Its attributes, as they are printed and kept."""
        return {key: str(value) for key, value in asdict(self).items()}


def signatures(
    content: bytes, areas: Mapping[str, tuple[int, Rect]], roots: Sequence[bytes] = ()
) -> tuple[Signature, ...]:
    """The cryptographic signatures of a document, in the order of its fields.

    Args:
        areas: the signature areas: page from 1 and rectangle in user space, by placement.
        roots: certificates that are trusted, PEM or DER; empty to ask for no trust.

    Raises:
        DocumentError: the document cannot be read.
        UsageError: one of the roots is no certificate.
    """
    with opened(content) as pdf:
        listed = dict(_signed_fields(pdf, areas))
    if not listed:
        return ()
    if not is_checked():
        found = (Signature(Kind.CERTIFICATE, area, name, day)
                 for area, name, day in listed.values())  # fmt: skip
        return tuple(found)
    return tuple(_checked(content, {key: one[0] for key, one in listed.items()}, roots))


def pdf_places(mapping: AnyMapping) -> dict[str, tuple[int, Rect]]:
    """Page from 1 and rectangle of each placement of a PDF."""
    locators = cast(PdfMapping, mapping).locators
    return {key: (one.page, one.rect) for key, one in locators.items()}


def is_checked() -> bool:
    """Whether what checks signatures is installed."""
    from importlib.util import find_spec

    return find_spec("pyhanko") is not None


def _signed_fields(
    pdf: pikepdf.Pdf, areas: Mapping[str, tuple[int, Rect]]
) -> Iterator[tuple[str, tuple[str, str, str]]]:
    """Name of each signed field; its area, and what its dictionary says: name and date."""
    pages = {page.obj.objgen: number for number, page in enumerate(pdf.pages, start=1)}
    form = pdf.Root.get(Name.AcroForm)
    todo = list(form.get(Name.Fields, Array())) if isinstance(form, Dictionary) else []
    seen: set[tuple[int, int]] = set()
    while todo:
        one = todo.pop(0)
        if not isinstance(one, Dictionary) or one.objgen in seen:
            continue
        seen.add(one.objgen if one.is_indirect else (-len(seen) - 1, 0))
        todo.extend(one.get(Name.Kids, Array()))
        value = one.get(Name.V)
        if inherited(one, "/FT") == Name.Sig and isinstance(value, Dictionary):
            name = ".".join(reversed([str(up[Name.T]) for up in chain(one) if Name.T in up]))
            holder = one.get(Name.P)
            page = pages.get(holder.objgen, 0) if isinstance(holder, Dictionary) else 0
            area = _area(name, page, rect_of(one.get(Name.Rect)), areas)
            yield name, (area, str(value.get(Name.Name, "")), str(value.get(Name.M, "")))


def _area(name: str, page: int, rect: Rect | None, areas: Mapping[str, tuple[int, Rect]]) -> str:
    if name in areas:
        return name
    for key, (number, place) in areas.items():
        inside = rect is not None and rect.width > 1 and rect.height > 1 and (
            place.contains(rect.x0, rect.y0, _SLACK) and place.contains(rect.x1, rect.y1, _SLACK)
        )  # fmt: skip
        if inside and page in (0, number):
            return key
    return ""


def _checked(
    content: bytes, areas: Mapping[str, str], roots: Sequence[bytes]
) -> Iterator[Signature]:
    """Each signature, as pyHanko finds it."""
    from pyhanko.pdf_utils.reader import PdfFileReader

    # What it finds is told here; a certificate that nobody vouches for is no failure.
    logging.getLogger("pyhanko").setLevel(logging.CRITICAL)
    try:
        found = list(PdfFileReader(BytesIO(content), strict=False).embedded_regular_signatures)
    except Exception as problem:
        for area in areas.values():
            yield _broken(area, f"illisible ({type(problem).__name__})")
        return
    left = dict(areas)
    for one in found:
        yield _one(one, left.pop(str(one.field_name), ""), roots)
    for area in left.values():
        yield _broken(area, "ce n’est pas une signature lisible")


def _broken(area: str, why: str) -> Signature:
    return Signature(Kind.CERTIFICATE, area, verdict=SignatureVerdict.BROKEN, problem=why)


def _one(embedded: Any, area: str, roots: Sequence[bytes]) -> Signature:
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko.sign.validation.settings import KeyUsageConstraints

    signed = Signature(Kind.CERTIFICATE, area)
    try:
        certificate = embedded.signer_cert
        moment = embedded.self_reported_timestamp
        signed = replace(
            signed,
            signer=_owner(certificate),
            certificate=certificate.sha256.hex(),
            signed_at=moment.isoformat() if isinstance(moment, datetime) else "",
        )
        status = validate_pdf_signature(
            embedded,
            _context(roots),
            # What a signer's certificate is for differs from one issuer to another.
            key_usage_settings=KeyUsageConstraints(key_usage=set()),
        )
    except UsageError:
        raise
    except Exception as problem:
        return replace(signed, verdict=SignatureVerdict.BROKEN, problem=f"{type(problem).__name__}")
    return _judged(signed, status, bool(roots))


def _judged(signed: Signature, status: Any, asked: bool) -> Signature:
    trust = ("reconnu" if status.trusted else "non reconnu") if asked else ""
    problem = ""
    if not (status.intact and status.valid):
        problem = "ce qui a été signé n’est plus ce qui est là"
    elif status.docmdp_ok is False or not _harmless(status):
        problem = "le document a été modifié après cette signature"
    verdict = SignatureVerdict.BROKEN if problem else SignatureVerdict.INTACT
    return replace(signed, verdict=verdict, trust=trust, problem=problem)


def _harmless(status: Any) -> bool:
    """Whether what came after a signature is no more than other signatures and proofs of theirs."""
    from pyhanko.sign.diff_analysis import ModificationLevel

    level = status.modification_level
    return level is None or level < ModificationLevel.ANNOTATIONS


def _owner(certificate: Any) -> str:
    names = certificate.subject.native
    return str(names.get("common_name") or certificate.subject.human_friendly)


def _context(roots: Sequence[bytes]) -> Any:
    from asn1crypto import pem, x509
    from pyhanko_certvalidator import ValidationContext

    loaded = []
    for one in roots:
        try:
            ders = (
                [der for _, _, der in pem.unarmor(one, multiple=True)] if pem.detect(one) else [one]
            )
            for der in ders:
                loaded.append(x509.Certificate.load(der))
                loaded[-1].sha256  # noqa: B018 - parsed when it is asked for
        except (ValueError, TypeError) as problem:
            raise UsageError(
                "ce fichier n’est pas un certificat.",
                remedy="Donnez avec --trust un certificat racine, au format PEM ou DER.",
            ) from problem
    return ValidationContext(trust_roots=loaded, allow_fetching=False)
