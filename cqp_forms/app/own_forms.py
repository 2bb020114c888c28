"""Forms of one's own that are being placed: each waits in a folder of its own until it is saved.

What a person decides is written at once, as the YAML that the command ``map`` writes: a screen that
is killed has lost nothing. Nothing of it is used before it is saved into the project's folder.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from cqp_forms import limits
from cqp_forms.app.folder import Folder
from cqp_forms.blank_form import BlankForm, draft_guide
from cqp_forms.errors import CqpError, DocumentError, OutputError, UsageError
from cqp_forms.files import Existing, save
from cqp_forms.formats import lint, recognise
from cqp_forms.guide import FieldKind, Guide, Placement, PlacementKind
from cqp_forms.guide_edit import GuideWords, reworded, with_field, without
from cqp_forms.guide_yaml import GUIDE_FILE, parse_guide, read_guide
from cqp_forms.mapping import AnyMapping, Format, Locator, PdfKind, PdfLocator, Rect, with_places
from cqp_forms.mapping_lint import pending
from cqp_forms.mapping_yaml import dump_mapping, read_mapping
from cqp_forms.matching import mapping_of, match
from cqp_forms.matching.confirm import confirmed
from cqp_forms.project import FORMER, MAPPINGS, SOURCE_DOCS
from cqp_forms.typography import folded

if TYPE_CHECKING:
    from cqp_forms.app.form_pages import FormPages

#: Where forms wait, in the open folder; hidden, and never taken for fiches or issued guides.
KEPT = ".formulaires"
#: Points: an area that was drawn and is less high takes one line.
_ONE_LINE = 22.0
#: Points: the least that can be drawn.
_LEAST = 4.0
_ID_LENGTH = 40


@dataclass(frozen=True)
class OwnForm:
    """A form that is being placed.

    Attributes:
        name: of its folder; pages call it by that.
        guide_text: the ``guide.yaml`` of a guide that does not exist yet; empty for one that does.
    """

    name: str
    form: BlankForm
    guide: Guide
    mapping: AnyMapping
    guide_text: str = ""

    @property
    def is_new(self) -> bool:
        """Whether the guide is made from this form."""
        return bool(self.guide_text)

    @property
    def waiting(self) -> tuple[str, ...]:
        """The placements that are not found, or that nobody confirmed."""
        return pending(self.mapping, self.guide)

    @property
    def numbers(self) -> dict[str, int]:
        """By placement, the number of the place it is at; what was drawn has none."""
        spots = {_bare(one.locator): one.number for one in self.form.found}
        known = {key: spots.get(_bare(one)) for key, one in self.mapping.locators.items()}
        return {key: one for key, one in known.items() if one is not None}

    def problems(self) -> list[str]:
        """What still keeps it from being saved, in French, in the words of the questions."""
        names = {key: self.guide.wording_of(one) for key, one in self.guide.placements.items()}
        return [
            re.sub("[\\w.@]+", lambda found: names.get(found[0], found[0]), one)
            for one in lint(self.mapping, self.guide, self.form.content)
        ]


class OwnForms:
    """The forms that wait in an open folder; safe for several threads."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._read: dict[str, BlankForm] = {}
        #: The pages of the form that is looked at, and its last example with its pages.
        self.pages: dict[str, FormPages] = {}
        self.tried: dict[str, tuple[bytes, bytes]] = {}

    def start(self, name: str, content: bytes, guide_id: str, title: str) -> str:
        """Take a form in; gives what pages call it.

        Args:
            name: the document's file name, safe to use.
            guide_id: the guide it is an edition of; empty for a new guide.
            title: of the new guide; the file's name where it is empty.

        Raises:
            CqpError: it is no form, too large, or the guide is not known.
        """
        if len(content) > limits.FILE_BYTES:
            raise UsageError("ce document est trop gros.", remedy="Déposez le formulaire vierge.")
        kind = recognise(content, Path(name))
        form = BlankForm(Path(name), content, kind)
        files: dict[str, bytes] = {f"document.{kind}": content}
        if guide_id:
            guide = self._folder.guide(guide_id)
            mapping = self._mapped(form, guide, f"{Path(name).stem}.{kind}")
        else:
            guide_id = self._free_id(title or Path(name).stem)
            made = draft_guide([form], guide_id).made
            guide, mapping = made.guide, made.mapping
            words = GuideWords(title, [], {}, [])
            files[GUIDE_FILE] = reworded(made.text, words).encode()
        files[f"{kind}.yaml"] = dump_mapping(mapping, guide.placements).encode()
        key = hashlib.sha256(f"{guide_id}\n".encode() + content).hexdigest()[:24]
        with self._folder.lock:
            place = self._folder.path / KEPT / key
            if not (place / f"{kind}.yaml").is_file():
                # The mapping last: a form without one was not taken in, and comes again.
                for one, body in files.items():
                    save(place / one, body, Existing.REPLACE)
        self._read[key] = form
        return key

    def _mapped(self, form: BlankForm, guide: Guide, document: str) -> AnyMapping:
        """The mapping of a document that is known already, else the places that are found."""
        sha256 = hashlib.sha256(form.content).hexdigest()
        known = self._folder.project.blank_named(guide, form.kind, sha256)
        if known is not None:
            return known.mapping
        matched = match(form.boxes(), guide)
        return mapping_of(matched, guide, form.kind, document, form.content)

    def _free_id(self, title: str) -> str:
        """An id for a new guide: neither a guide's at hand, nor one's that is being made."""
        words = re.sub("[^a-z0-9]+", "-", folded(title)).strip("-")[:_ID_LENGTH].strip("-")
        base = words or "formulaire"
        taken = {*self._folder.project.guide_ids(), *(one.guide.id for one in self.all())}
        rank, made = 2, base
        while made in taken:
            made, rank = f"{base}-{rank}", rank + 1
        return made

    def all(self) -> list[OwnForm]:
        """Those that wait and can be read, the last one first."""
        return [one for one in self.shelf().values() if isinstance(one, OwnForm)]

    def shelf(self) -> dict[str, OwnForm | CqpError]:
        """All that wait by name, the last one first; why, where one cannot be read any more."""
        shelf = self._folder.path / KEPT
        found = [one for one in shelf.iterdir() if one.is_dir()] if shelf.is_dir() else []
        forms: dict[str, OwnForm | CqpError] = {}
        for place in sorted(found, key=lambda one: one.stat().st_mtime_ns, reverse=True):
            try:
                forms[place.name] = self.open(place.name)
            except CqpError as error:
                forms[place.name] = error
        return forms

    def open(self, name: str) -> OwnForm:
        """A form that waits, as it is now.

        Raises:
            CqpError: it waits no more, or its files were damaged.
        """
        place = self._place(name)
        kind = next((one for one in Format if (place / f"{one}.yaml").is_file()), None)
        if kind is None or not (place / f"document.{kind}").is_file():
            raise _gone()
        with self._folder.lock:
            mapping = read_mapping(place / f"{kind}.yaml")
            path = place / GUIDE_FILE
            guide = read_guide(path) if path.is_file() else self._folder.guide(mapping.guide)
            text = path.read_text("utf-8") if path.is_file() else ""
            if name not in self._read:
                content = (place / f"document.{kind}").read_bytes()
                self._read[name] = BlankForm(Path(mapping.document), content, kind)
        mapping.require_document(self._read[name].content)
        form = OwnForm(name, self._read[name], guide, mapping, text)
        # The guide is written first: killed then, the mapping still has what was taken away.
        gone = {*mapping.locators, *mapping.todo} - guide.placements.keys()
        return _with(form, without_keys=gone) if gone else form

    def _place(self, name: str) -> Path:
        """The folder of that name: looked up among those that are there."""
        shelf = self._folder.path / KEPT
        known = {one.name: one for one in shelf.iterdir()} if shelf.is_dir() else {}
        if name not in known or not known[name].is_dir() or known[name].is_symlink():
            raise _gone()
        return known[name]

    def keep(self, form: OwnForm) -> None:
        """Write what a person decided."""
        place = self._place(form.name)
        with self._folder.lock:
            if form.is_new:
                save(place / GUIDE_FILE, form.guide_text.encode(), Existing.REPLACE)
            text = dump_mapping(form.mapping, form.guide.placements)
            save(place / f"{form.form.kind}.yaml", text.encode(), Existing.REPLACE)

    def drop(self, name: str) -> None:
        """Forget a form, and what was decided about it."""
        shutil.rmtree(self._place(name))
        self._read.pop(name, None)

    def finish(self, form: OwnForm) -> list[Path]:
        """Save a form into the project's folder, where every command finds it; gives the files.

        The mapping that it replaces, if any, stays known with its document.

        Raises:
            UsageError: something is still to be placed or confirmed.
            OutputError: the folder refuses, or such a guide came meanwhile.
        """
        if problems := form.problems():
            raise UsageError(
                "ce formulaire n’est pas encore prêt : " + " ; ".join(problems[:3]) + ".",
                remedy="Placez et confirmez ce qui reste, puis enregistrez-le.",
            )
        root, kind = self._folder.project_folder, form.form.kind
        own = root / MAPPINGS / form.guide.id
        with self._folder.lock:
            guide = form.guide_text.encode()
            if form.is_new and _other(own / GUIDE_FILE, guide):
                raise OutputError(
                    f"le guide « {form.guide.id} » existe déjà.",
                    remedy="Déposez de nouveau le formulaire, pour ce guide.",
                )
            document = _free(root / SOURCE_DOCS, form.mapping.document, form.form.content)
            mapping = replace(form.mapping, document=document.name)
            self._shelve(own / f"{kind}.yaml", kind)
            save(document, form.form.content, Existing.REPLACE)
            text = dump_mapping(mapping, form.guide.placements)
            save(own / f"{kind}.yaml", text.encode(), Existing.REPLACE)
            if form.is_new:
                # Last: before, there is no such guide, and the form is saved again.
                save(own / GUIDE_FILE, guide, Existing.REPLACE)
        self._folder.forget_guides()
        self.drop(form.name)
        return [own / f"{kind}.yaml", document]

    def _shelve(self, path: Path, kind: Format) -> None:
        """Keep the mapping that was there, and its document: guides were issued with them."""
        if not path.is_file():
            return
        root = self._folder.project_folder / SOURCE_DOCS
        former = read_mapping(path)
        source = root / former.document
        if source.is_file() and hashlib.sha256(source.read_bytes()).hexdigest() == former.sha256:
            shelf = root / FORMER / former.sha256
            save(shelf / f"document.{kind}", source.read_bytes(), Existing.REPLACE)
            save(shelf / f"{kind}.yaml", path.read_bytes(), Existing.REPLACE)


def _gone() -> DocumentError:
    return DocumentError(
        "ce formulaire n’attend plus.", remedy="Déposez-le de nouveau : « Un formulaire à vous »."
    )


def _other(path: Path, content: bytes) -> bool:
    """Whether a file is there that says something else."""
    return path.exists() and path.read_bytes() != content


def _free(folder: Path, name: str, content: bytes) -> Path:
    """Where a document goes: a name that no other document has."""
    path = folder / name
    for rank in range(2, 1000):
        if not _other(path, content):
            return path
        path = folder / f"{Path(name).stem}-{rank}{Path(name).suffix}"
    raise OutputError("ce nom est pris trop de fois.", where=name, remedy="Rangez le dossier.")


# --------------------------------------------------------------------------- what a person decides


def _bare(locator: Locator) -> Locator:
    """The place alone, without what was thought of it."""
    return replace(locator, confidence=1.0, reason="", confirmed=True, candidates=())


def _placement(form: OwnForm, key: str) -> Placement:
    if key not in form.guide.placements:
        raise UsageError("cette question n’est plus dans le guide.", remedy="Rechargez la page.")
    return form.guide.placements[key]


def placed(form: OwnForm, key: str, number: int | None) -> tuple[OwnForm, tuple[str, ...]]:
    """The form with a placement put at a numbered place, or nowhere for ``None``.

    Returns:
        The form, and the placements that lost that place to it: they are to be found again.

    Raises:
        UsageError: the two do not go together.
    """
    _placement(form, key)
    if number is None:
        return _with(form, lacking=(key,)), ()
    spot = next((_bare(one.locator) for one in form.form.found if one.number == number), None)
    lost = tuple(
        other
        for other, one in form.mapping.locators.items()
        if other != key and spot is not None and _bare(one) == spot
    )
    made, _ = confirmed(form.mapping, form.guide, form.form.found, {key: number})
    return _with(replace(form, mapping=made), lacking=lost), lost


def accepted(form: OwnForm, keys: Iterable[str]) -> OwnForm:
    """The form with places confirmed that were supposed."""
    waiting = set(form.mapping.unconfirmed)
    asked = dict.fromkeys(one for one in keys if one in waiting)
    if not asked:
        return form
    made, _ = confirmed(form.mapping, form.guide, form.form.found, asked)
    return replace(form, mapping=made)


def drawn(form: OwnForm, key: str, page: int, rect: Rect) -> OwnForm:
    """The form with a placement in a rectangle that a person drew.

    Args:
        page: from 1.
        rect: in points, default user space of that page.

    Raises:
        UsageError: the rectangle is too small, or the question is gone.
    """
    if rect.width < _LEAST or rect.height < _LEAST:
        raise UsageError("ce rectangle est trop petit.", remedy="Tracez-le plus grand.")
    place = _placement(form, key)
    if place.kind is PlacementKind.TICK_BOX:
        kind = PdfKind.BOX
    else:
        lines = place.kind is PlacementKind.TEXT_AREA and rect.height < _ONE_LINE
        kind = PdfKind.LINE if lines else PdfKind.AREA
    locator = PdfLocator(kind, page, rect)
    return _with(form, {key: locator})


def added(form: OwnForm, group: int, kind: FieldKind, label: str) -> tuple[OwnForm, str]:
    """A new guide's form with a question more, still to be placed; and that question's placement.

    Raises:
        UsageError: it cannot be added.
    """
    text, made = with_field(_text(form), group, kind, label)
    longer = replace(form, guide_text=text, guide=parse_guide(text))
    (place,) = longer.guide.fields[made].placements
    return _with(longer, lacking=(place.id,)), place.id


def removed(form: OwnForm, field_id: str) -> OwnForm:
    """A new guide's form without one of its questions. Raises :class:`UsageError`."""
    text = without(_text(form), field_id)
    gone = {one.id for one in form.guide.fields[field_id].placements}
    shorter = replace(form, guide_text=text, guide=parse_guide(text))
    return _with(shorter, without_keys=gone)


def renamed(form: OwnForm, words: GuideWords) -> OwnForm:
    """A new guide's form with other wordings. Raises :class:`GuideError`."""
    text = reworded(_text(form), words)
    return replace(form, guide_text=text, guide=parse_guide(text))


def _text(form: OwnForm) -> str:
    if not form.is_new:
        raise UsageError(
            "les questions de ce guide ne se changent pas ici.",
            remedy="Son formulaire peut seulement être placé.",
        )
    return form.guide_text


def _with(
    form: OwnForm,
    locators: Mapping[str, Locator] | None = None,
    lacking: Iterable[str] = (),
    without_keys: Iterable[str] = (),
) -> OwnForm:
    """The form with some places set, and others to be found."""
    mapping, missing, gone = form.mapping, set(lacking), set(without_keys)
    known: dict[str, Locator] = {**mapping.locators, **(locators or {})}
    kept = {key: one for key, one in known.items() if key not in missing | gone}
    todo = tuple(key for key in (*mapping.todo, *missing) if key not in kept and key not in gone)
    todo = tuple(dict.fromkeys(todo))
    return replace(form, mapping=with_places(mapping, kept, todo))
