"""People who sign PDFs with pyHanko, each with a certificate made on the spot."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from io import BytesIO
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.content import RawContent
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import BoxConstraints
from pyhanko.sign import fields, signers
from pyhanko.stamp import StaticStampStyle

AREAS = ("signature.candidat", "signature.evaluateur_cpne", "signature.evaluateur_metier")


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


@cache
def _authority() -> tuple[x509.Certificate, Any]:
    key = ec.generate_private_key(ec.SECP256R1())
    return _certified("Autorité d’essai", key, None), key


def _certified(common: str, key: Any, issuer: tuple[x509.Certificate, Any] | None) -> Any:
    start = datetime.now(UTC) - timedelta(days=1)
    usage = x509.KeyUsage(
        issuer is not None, issuer is not None, False, False, False, issuer is None, issuer is None,
        False, False,
    )  # fmt: skip
    made = (
        x509.CertificateBuilder()
        .subject_name(_name(common))
        .issuer_name(issuer[0].subject if issuer else _name(common))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=30))
        .add_extension(x509.BasicConstraints(issuer is None, None), critical=True)
        .add_extension(usage, critical=True)
    )
    return made.sign(issuer[1] if issuer else key, hashes.SHA256())


def root() -> bytes:
    """The authority's certificate, PEM."""
    return bytes(_authority()[0].public_bytes(serialization.Encoding.PEM))


def other_root() -> bytes:
    """The certificate of an authority that certified nobody here."""
    key = ec.generate_private_key(ec.SECP256R1())
    return bytes(_certified("Autre", key, None).public_bytes(serialization.Encoding.PEM))


@cache
def signer(common: str) -> signers.SimpleSigner:
    """Somebody with a certificate of the authority's."""
    from asn1crypto import keys
    from asn1crypto import x509 as asn1
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _certified(common, key, _authority())
    der = serialization.Encoding.DER
    plain = serialization.NoEncryption()
    private = key.private_bytes(der, serialization.PrivateFormat.PKCS8, plain)
    store = SimpleCertificateStore()
    store.register(asn1.Certificate.load(_authority()[0].public_bytes(der)))
    return signers.SimpleSigner(
        signing_cert=asn1.Certificate.load(certificate.public_bytes(der)),
        signing_key=keys.PrivateKeyInfo.load(private),
        cert_registry=store,
    )


def sign(content: bytes, field: str, common: str = "Jean Dupont", *, certify: bool = False,
         invisible: bool = False) -> bytes:  # fmt: skip
    """Sign a field, in a further revision of the document.

    Args:
        certify: as the document's author, who lets others fill and sign.
        invisible: in a field of its own that shows nothing.
    """
    writer = IncrementalPdfFileWriter(BytesIO(content), strict=False)
    levels: dict[str, Any] = {}
    if certify:
        levels = {"certify": True, "docmdp_permissions": fields.MDPPerm.FILL_FORMS}
    meta = signers.PdfSignatureMetadata(field_name=field, md_algorithm="sha256", **levels)
    drawn = RawContent(b"0 0 0.6 RG 2 w 4 4 m 40 20 l 70 6 l S", box=BoxConstraints(80, 24))
    spec = fields.SigFieldSpec(field) if invisible else None
    out = BytesIO()
    style = StaticStampStyle(background=drawn, border_width=0)
    made = signers.PdfSigner(meta, signer=signer(common), stamp_style=style, new_field_spec=spec)
    made.sign_pdf(writer, output=out, existing_fields_only=spec is None)
    return out.getvalue()


def signed_by_all(content: bytes, order: tuple[int, ...] = (0, 1, 2), **more: Any) -> bytes:
    """All three sign."""
    for rank in order:
        content = sign(content, AREAS[rank], f"Signataire {rank + 1}", **more)
        more = {}
    return content
