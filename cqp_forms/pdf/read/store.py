"""What a document's names and references stand for, looked up once each.

Fonts, resources and forms are shared by many pages; asking the PDF for them each time would cost
more than reading the pages.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from itertools import count

import pikepdf
from pikepdf import Dictionary, Name, Object

from cqp_forms.pdf.geometry import Matrix, matrix_of
from cqp_forms.pdf.read.fonts import NOTHING, Decoder, decoder

_PACKING = ("/Filter", "/DecodeParms")
_FORM = Name.Form
#: No sane form has forms in it deeper than this.
_DEPTH = 8


@dataclass(frozen=True, slots=True)
class Packed:
    """A content stream as it is stored.

    Attributes:
        identity: equal for equal bytes, packed alike: the same bytes unpacked otherwise are another
            stream.
    """

    identity: bytes
    stream: Object

    @classmethod
    def of(cls, stream: Object) -> Packed:
        """Take a stream's bytes."""
        packing = b"".join([stream[key].unparse() for key in _PACKING if key in stream])
        raw = stream.read_raw_bytes()
        # Small and hashed once: the bytes themselves would be kept, and compared, at each use.
        return cls(hashlib.blake2b(raw + packing, digest_size=16).digest(), stream)

    def content(self) -> bytes:
        """The stream unpacked; empty when it is damaged, as viewers show it."""
        try:
            return self.stream.read_bytes()
        except pikepdf.PdfError:
            return b""


@dataclass
class Form:
    """A form XObject."""

    packed: tuple[Packed, ...]
    matrix: Matrix | None
    resources: Resources | None
    whole: bytes | None = None

    @property
    def identity(self) -> bytes:
        """Equal for equal content."""
        return self.packed[0].identity


@dataclass(frozen=True)
class Picture:
    """An image XObject: only that it is there matters."""


@dataclass
class Resources:
    """What names in a content stream stand for."""

    fonts: dict[str, Decoder]
    forms: Object | None
    states: Object | None
    key: bytes
    named: dict[str, Form | Picture | None] = field(default_factory=dict)

    def font(self, name: str) -> Decoder:
        """The font of that name."""
        return self.fonts.get(name, NOTHING)

    def alphas(self, name: str) -> tuple[float | None, float | None]:
        """The fill and stroke alpha that a graphics state dictionary sets, ``None`` when not."""
        state = self.states.get(f"/{name}") if self.states is not None else None
        if not isinstance(state, Dictionary):
            return None, None
        fill, stroke = state.get("/ca"), state.get("/CA")
        return (
            None if fill is None else float(fill),
            None if stroke is None else float(stroke),
        )


#: Nothing at all: what a stream without resources can name.
EMPTY = Resources({}, None, None, b"")


@dataclass
class Store:
    """The looked-up objects of one document.

    Attributes:
        serial: tells it from the stores of other documents.
    """

    serial: int = field(default_factory=count().__next__)

    _by_font: dict[tuple[int, int], Decoder] = field(default_factory=dict)
    _by_fonts: dict[tuple[int, int] | bytes, dict[str, Decoder]] = field(default_factory=dict)
    _by_stream: dict[tuple[int, int], Packed] = field(default_factory=dict)
    _by_resources: dict[tuple[int, int], Resources] = field(default_factory=dict)
    _by_form: dict[tuple[int, int], Form | Picture] = field(default_factory=dict)

    def drawn(self, resources: Resources, name: str) -> Form | Picture | None:
        """What an XObject's name stands for, ``None`` when for nothing."""
        if name in resources.named:
            return resources.named[name]
        found: Form | Picture | None = None
        shown = resources.forms.get(f"/{name}") if resources.forms is not None else None
        if isinstance(shown, pikepdf.Stream):
            found = self._by_form.get(shown.objgen)
            if found is None:
                form = entry(shown, "/Subtype") == _FORM
                found = self.unfolded(shown) if form else Picture()
                self._by_form[shown.objgen] = found
        resources.named[name] = found
        return found

    def whole(self, resources: Resources, name: str, depth: int = 0) -> bytes:
        """What tells all that an XObject shows, the forms inside included; empty when unknown."""
        shown = self.drawn(resources, name)
        if not isinstance(shown, Form):
            return b"nothing" if shown is None else b"picture"
        if shown.whole is None:
            shown.whole = self._whole(shown, depth)
        return shown.whole

    def _whole(self, form: Form, depth: int) -> bytes:
        inner = form.resources
        # With those of its page, it shows what its page decides; and a loop has no end.
        if inner is None or depth > _DEPTH:
            return b""
        parts = [form.identity, inner.key, repr(form.matrix).encode()]
        for name in sorted(inner.forms.keys()) if inner.forms is not None else ():
            part = self.whole(inner, name[1:], depth + 1)
            if not part:
                return b""
            parts += [name.encode("utf-8", "surrogateescape"), part]
        return hashlib.blake2b(b"\0".join(parts), digest_size=16).digest()

    def unfolded(self, form: Object) -> Form:
        """A form's stream, matrix and resources."""
        matrix = matrix_of(entry(form, "/Matrix"))
        listed = form.get("/Resources")
        resources = None if listed is None else self.resources(listed)
        return Form((self.packed(form),), matrix, resources)

    def packed(self, stream: Object) -> Packed:
        """A content stream."""
        known = self._by_stream.get(stream.objgen)
        if known is None:
            known = self._by_stream[stream.objgen] = Packed.of(stream)
        return known

    def resources(self, listed: object) -> Resources:
        """A resource dictionary."""
        if not isinstance(listed, Dictionary):
            return EMPTY
        known = self._by_resources.get(listed.objgen) if listed.is_indirect else None
        if known is not None:
            return known
        fonts = self._fonts(listed.get("/Font"))
        states = entry(listed, "/ExtGState")
        parts = [name.encode() + one.key for name, one in fonts.items()]
        if isinstance(states, Dictionary):
            parts += [
                str(name).encode() + one.unparse(resolved=True) for name, one in states.items()
            ]
        forms = listed.get("/XObject")
        made = Resources(
            fonts,
            forms if isinstance(forms, Dictionary) else None,
            states if isinstance(states, Dictionary) else None,
            hashlib.blake2b(b"\0".join(parts), digest_size=16).digest() if parts else b"",
        )
        if listed.is_indirect:
            self._by_resources[listed.objgen] = made
        return made

    def _fonts(self, listed: object) -> dict[str, Decoder]:
        if not isinstance(listed, Dictionary):
            return {}
        # Equal references, in one document, are the same fonts.
        key = listed.objgen if listed.is_indirect else listed.unparse()
        known = self._by_fonts.get(key)
        if known is None:
            known = {
                str(name)[1:]: self._font(one)
                for name, one in listed.items()
                if isinstance(one, Dictionary)
            }
            self._by_fonts[key] = known
        return known

    def _font(self, font: Object) -> Decoder:
        if not font.is_indirect:
            return decoder(font)
        known = self._by_font.get(font.objgen)
        if known is None:
            known = self._by_font[font.objgen] = decoder(font)
        return known


def entry(node: Object, key: str) -> Object | None:
    """A dictionary's entry, ``None`` when it has none."""
    # Asking whether the key is there is five times faster than getting nothing for it.
    return node[key] if key in node else None  # noqa: SIM401
