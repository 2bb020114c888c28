"""Documents that detection refuses: each with its own message and remedy, exit code 4."""

from __future__ import annotations

import io

import pikepdf
import pytest
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from cqp_forms.errors import DocumentError, ExitCode
from cqp_forms.pdf.detect import detect


def form() -> pikepdf.Pdf:
    out = io.BytesIO()
    canvas = Canvas(out)
    canvas.drawString(60, 700, "Autre")
    canvas.acroForm.checkbox(name="Case1", x=100, y=700, size=12)
    canvas.showPage()
    canvas.save()
    return pikepdf.open(io.BytesIO(out.getvalue()))


def saved(pdf: pikepdf.Pdf, **options: object) -> bytes:
    out = io.BytesIO()
    pdf.save(out, **options)  # type: ignore[arg-type]
    return out.getvalue()


def scan(text: str = "") -> bytes:
    """A page that is one grey picture, with recognised text under it or not."""
    image = ImageReader(io.BytesIO(_png()))
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(595, 842))
    canvas.drawImage(image, 0, 0, 595, 842)
    if text:
        hidden = canvas.beginText(60, 700)
        hidden.setTextRenderMode(3)
        hidden.textLine(text)
        canvas.drawText(hidden)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def _png() -> bytes:
    import struct
    import zlib

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    rows = zlib.compress(b"".join(b"\0" + b"\xdd" * 16 for _ in range(16)))
    head = struct.pack(">IIBBBBB", 16, 16, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def _xfa() -> bytes:
    pdf = form()
    pdf.Root.AcroForm.XFA = pdf.make_stream(b"<xdp/>")
    return saved(pdf)


def _signed() -> bytes:
    pdf = form()
    widget = pdf.make_indirect(
        pikepdf.Dictionary(FT=pikepdf.Name.Sig, T="S", V=pikepdf.Dictionary(Type=pikepdf.Name.Sig))
    )
    pdf.Root.AcroForm.Fields.append(widget)
    return saved(pdf)


def _locked() -> bytes:
    return saved(form(), encryption=pikepdf.Encryption(owner="a", user="b"))


def _half() -> bytes:
    whole = saved(form())
    return whole[: len(whole) // 2]


REFUSED = {
    "empty": (lambda: b"", "vide"),
    "not a PDF": (lambda: b"PK\x03\x04" + b"\0" * 500, "pas un PDF"),
    "half": (_half, "tronqué"),
    "damaged": (lambda: b"%PDF-1.7\n" + b"\xff" * 400 + b"\n%%EOF\n", "endommagé"),
    "no page": (lambda: saved(pikepdf.new()), "aucune page"),
    "locked": (_locked, "mot de passe"),
    "XFA": (_xfa, "XFA"),
    "signed": (_signed, "signé"),
    "scan": (scan, "image"),
    "recognised scan": (lambda: scan("OUI NON"), "image"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_refused_with_its_own_message(what: str) -> None:
    make, word = REFUSED[what]
    with pytest.raises(DocumentError, match=word) as raised:
        detect(make())
    assert raised.value.exit_code is ExitCode.DOCUMENT
    assert raised.value.remedy


def test_messages_differ() -> None:
    messages = set()
    for what, (make, _) in REFUSED.items():
        if what == "recognised scan":
            continue
        with pytest.raises(DocumentError) as raised:
            detect(make())
        messages.add(raised.value.message)
    assert len(messages) == len(REFUSED) - 1


def test_an_owner_password_alone_does_not_lock() -> None:
    document = saved(
        form(),
        encryption=pikepdf.Encryption(owner="secret", user=""),
        object_stream_mode=pikepdf.ObjectStreamMode.generate,
    )
    (one,) = detect(document)
    assert one.label == "Autre"


def test_a_signature_field_that_is_not_signed_is_no_obstacle() -> None:
    pdf = form()
    pdf.Root.AcroForm.Fields.append(
        pdf.make_indirect(pikepdf.Dictionary(FT=pikepdf.Name.Sig, T="S"))
    )
    assert len(detect(saved(pdf))) == 1


def test_a_picture_beside_real_content_is_no_scan() -> None:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(595, 842))
    canvas.drawImage(ImageReader(io.BytesIO(_png())), 0, 0, 595, 842)
    canvas.rect(100, 700, 10, 10)
    canvas.drawString(116, 702, "Autre")
    canvas.showPage()
    canvas.save()
    assert len(detect(out.getvalue())) == 1


@pytest.mark.parametrize("part", range(1, 10))
def test_cut_anywhere_it_is_refused(part: int) -> None:
    whole = saved(form())
    with pytest.raises(DocumentError):
        detect(whole[: len(whole) * part // 10])
