"""A version: one issue of a candidate's guide, as register, documents and pages keep it. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any

from cqp_forms.answers import COMMENT, Answer, Answers, Option, Result, Value, Verdict
from cqp_forms.errors import DocumentError, UsageError
from cqp_forms.fonts import describe, unprintable
from cqp_forms.guide import Field, FieldKind, Guide
from cqp_forms.issuing.naming import Person, Role
from cqp_forms.pagecode import is_id
from cqp_forms.plan import Stage, Trail
from cqp_forms.typography import typeset

PAYLOAD_FORMAT = 1

#: A version's number stays far below; a document that says otherwise was tampered with.
_MAX_NUMBER = 9999

#: The mention stands on the cover, where a few lines are free.
MAX_REASON = 300


@dataclass(frozen=True, slots=True)
class IssuedFile:
    """One file of a version.

    Attributes:
        path: relative to the output folder, with ``/`` between folder and file.
        size: in bytes.
        sha256: of the file, in hexadecimal.
        blank_sha256: of the blank that it was made from; empty for a list of changes.
        mapping_sha256: of the mapping file that was used; empty likewise.
        added_at: when it came, as ISO 8601; empty for a file that came with its version.
    """

    role: Role
    path: str
    size: int
    sha256: str
    blank_sha256: str = ""
    mapping_sha256: str = ""
    added_at: str = ""


def ordered(files: Iterable[IssuedFile]) -> tuple[IssuedFile, ...]:
    """The files of a version in the order of their roles."""
    return tuple(sorted(files, key=lambda one: list(Role).index(one.role)))


@dataclass(frozen=True, slots=True)
class SignedCopy:
    """A signed copy of a version that came back; once in the register it never changes.

    Attributes:
        path: relative to the output folder, with ``/``.
        size: in bytes.
        sha256: of the file, in hexadecimal.
        is_declared: whether somebody said that it is this version: a scan cannot be proved.
        extends: the SHA-256 of the copy that it begins with; empty for a first one.
        signatures: what was found in it, each as plain texts (« area », « signer », « verdict »…).
        entered_at: when, as ISO 8601.
        program: the program's version.
        issuer: the operating system's user; may be empty.
    """

    path: str
    size: int
    sha256: str
    is_declared: bool
    extends: str
    signatures: tuple[dict[str, str], ...]
    entered_at: str
    program: str
    issuer: str

    @property
    def areas(self) -> frozenset[str]:
        """The signature areas that hold a signature that is not broken."""
        return frozenset(
            one["area"] for one in self.signatures if one["area"] and one["verdict"] != "rompue"
        )


@dataclass(frozen=True, slots=True)
class Version:
    """One issued version; once in the register it never changes.

    Attributes:
        guide: the guide's id.
        key: the candidate's key, folded.
        identity: family name, first name, company, folded.
        candidate: « DUPONT Jean », for people.
        folder: the candidate's folder, relative to the output folder.
        number: from 1.
        issued_at: aware.
        reason: why the version before was replaced; empty for the first.
        answers: the canonical JSON of the answers.
        program: the program's version.
        issuer: the operating system's user; may be empty.
        code: the random id that its pages carry; empty for none.
    """

    guide: str
    key: str
    identity: str
    candidate: str
    folder: str
    number: int
    issued_at: datetime
    reason: str
    answers: str
    program: str
    issuer: str
    files: tuple[IssuedFile, ...] = ()
    code: str = ""

    @property
    def answers_sha256(self) -> str:
        """The SHA-256 of the canonical answers, in hexadecimal."""
        return hashlib.sha256(self.answers.encode()).hexdigest()

    @property
    def day(self) -> str:
        """« 24/11/2026 », in the zone that it was issued in."""
        return f"{self.issued_at:%d/%m/%Y}"

    def blank_of(self, kind: str) -> str:
        """The SHA-256 of the blank that its file of a format was made from; empty without one."""
        return next((one.blank_sha256 for one in self.files if one.role == kind), "")

    def canonical(self) -> dict[str, str | bool]:
        """The answers as plain values, by field id."""
        plain: dict[str, str | bool] = json.loads(self.answers)
        return plain

    @classmethod
    def of(
        cls,
        guide: Guide,
        person: Person,
        answers: str,
        *,
        number: int,
        issued_at: datetime,
        program: str,
        issuer: str,
        reason: str = "",
        code: str = "",
    ) -> Version:
        """A version of a person’s guide that has no folder and no file yet."""
        return cls(
            guide=guide.id,
            key=person.key,
            identity=person.identity,
            candidate=person.name,
            folder="",
            number=number,
            issued_at=issued_at,
            reason=reason,
            answers=answers,
            program=program,
            issuer=issuer,
            code=code,
        )

    def completes(self, other: Version) -> bool:
        """Whether these files may be added to the same version, which lacks them."""
        return (
            replace(self, files=()) == replace(other, files=())
            and all(one.added_at for one in self.files)
            and not {one.role for one in self.files} & {one.role for one in other.files}
        )

    def to_json(self) -> str:
        """The whole version, for the register's table of what is being issued."""
        plain = asdict(self) | {"issued_at": self.issued_at.isoformat()}
        return json.dumps(plain, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Version:
        """The version that :meth:`to_json` wrote.

        Raises:
            ValueError: it is not one, or is incomplete.
        """
        try:
            plain: dict[str, Any] = json.loads(text)
            files = tuple(
                IssuedFile(**(one | {"role": Role(one["role"])})) for one in plain.pop("files")
            )
            issued_at = datetime.fromisoformat(plain.pop("issued_at"))
            version = cls(**plain, issued_at=issued_at, files=files)
            texts = [value for key, value in plain.items() if key != "number"]
            texts.extend(
                value for one in files for key, value in asdict(one).items() if key != "size"
            )
            if not all(isinstance(one, str) for one in texts):
                raise TypeError("not a text")
            if {type(one) for one in (version.number, *(one.size for one in files))} != {int}:
                raise TypeError("not a number")
            _plain_answers(version.canonical())
        except (TypeError, KeyError, AttributeError, RecursionError) as problem:
            raise ValueError(str(problem)) from problem
        return version


def payload(version: Version, blank_sha256: str, mapping_sha256: str, changes: str = "") -> bytes:
    """What a document carries so that a lost register can be made again from it.

    Args:
        version: its files are not told: a file cannot hold its own SHA-256.
        blank_sha256: of the blank that this document is made from.
        mapping_sha256: of its mapping.
        changes: the SHA-256 of the list of changes that comes with the version; may be empty.
    """
    plain = {
        "format": PAYLOAD_FORMAT,
        "guide": version.guide,
        "key": version.key,
        "identity": version.identity,
        "candidate": version.candidate,
        "version": version.number,
        "issued_at": version.issued_at.isoformat(),
        "reason": version.reason,
        "program": version.program,
        "issuer": version.issuer,
        "blank_sha256": blank_sha256,
        "mapping_sha256": mapping_sha256,
        "changes_sha256": changes,
        "answers_sha256": version.answers_sha256,
    }
    if version.code:
        plain["code"] = version.code
    lines = [f'"{key}": {json.dumps(value, ensure_ascii=False)}' for key, value in plain.items()]
    # The answers are put in as they are: to parse and to indent them again takes a millisecond.
    return ("{\n" + ",\n".join([*lines, f'"answers": {version.answers}']) + "\n}\n").encode()


@dataclass(frozen=True, slots=True)
class EmbeddedVersion:
    """What :func:`payload` put into a document.

    Attributes:
        version: without folder and files; number 0 for a draft.
        changes_sha256: of the list of changes; empty when the version has none.
    """

    version: Version
    blank_sha256: str
    mapping_sha256: str
    changes_sha256: str


def parse_payload(content: bytes) -> EmbeddedVersion:
    """Read what :func:`payload` wrote.

    Raises:
        ValueError: it is something else, a later format, or its answers do not match their SHA-256.
    """
    try:
        plain: dict[str, Any] = json.loads(content)
        if plain["format"] != PAYLOAD_FORMAT:
            raise ValueError("format inconnu")
        answers = canonical_json(_plain_answers(plain["answers"]))
        number = plain["version"]
        if type(number) is not int or not 0 <= number <= _MAX_NUMBER:
            raise ValueError("numéro de version impossible")
        version = Version(
            guide=str(plain["guide"]),
            key=str(plain["key"]),
            identity=str(plain["identity"]),
            candidate=str(plain["candidate"]),
            folder="",
            number=number,
            issued_at=datetime.fromisoformat(plain["issued_at"]),
            reason=str(plain["reason"]),
            answers=answers,
            program=str(plain["program"]),
            issuer=str(plain["issuer"]),
            code=code if is_id(code := str(plain.get("code", ""))) else "",
        )
        hashes = [str(plain[f"{one}_sha256"]) for one in ("blank", "mapping", "changes")]
    except (TypeError, KeyError, UnicodeDecodeError, OverflowError, RecursionError) as problem:
        raise ValueError(f"réponses embarquées abîmées : {problem}") from problem
    if version.answers_sha256 != plain.get("answers_sha256") or version.issued_at.tzinfo is None:
        raise ValueError("les réponses embarquées ne correspondent pas à leur empreinte")
    return EmbeddedVersion(version, *hashes)


def _plain_answers(found: object) -> dict[str, str | bool]:
    if isinstance(found, dict) and all(isinstance(one, str | bool) for one in found.values()):
        return found
    raise ValueError("les réponses embarquées n’en sont pas")


def canonical_json(plain: dict[str, str | bool]) -> str:
    """The same line of JSON as :meth:`Answers.canonical_json` gives."""
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def clean_reason(text: str) -> str:
    """A reason as it is printed: one line, typeset.

    Raises:
        UsageError: it is empty, too long, or has a character that cannot be printed.
    """
    reason = typeset(" ".join(text.split()))
    if not reason:
        raise UsageError(
            "le motif est vide.",
            remedy="Dites en quelques mots pourquoi la version est remplacée : --reason "
            '"erreur sur la date d’évaluation".',
        )
    if len(reason) > MAX_REASON:
        raise UsageError(
            f"le motif est trop long : {len(reason)} caractères, {MAX_REASON} au plus.",
            remedy="Raccourcissez-le : la liste des modifications donne déjà le détail.",
        )
    if strange := unprintable(reason):
        raise UsageError(
            f"le motif contient un caractère qui ne s’imprime pas : {describe(strange[0])}.",
            remedy="Retapez le motif sans ce caractère.",
        )
    return reason


def trail_of(version: Version, previous: Version | None) -> Trail:
    """What a version's documents say of it; number 0 is a draft."""
    return Trail(
        stage=Stage.ISSUED if version.number else Stage.DRAFT,
        number=version.number,
        replaces=previous.number if previous else 0,
        replaced_on=previous.issued_at.date() if previous else None,
        reason=version.reason,
        code=version.code,
    )


def answers_from_canonical(
    guide: Guide, plain: Mapping[str, str | bool], name: str = ""
) -> Answers:
    """Type the answers that a register or a document keeps.

    Args:
        guide: the guide that they answer; says what kind each field is.
        plain: what :meth:`Answers.canonical` gave.
        name: where they were found, kept in the answers.

    Returns:
        Answers whose ``canonical()`` is ``plain`` again.

    Raises:
        DocumentError: a field that the guide does not have, or a value that it does not take.
    """
    values: dict[str, Value] = {}
    comments: dict[str, str] = {}
    for key, value in plain.items():
        field_id = key.removesuffix(COMMENT)
        field = guide.fields.get(field_id)
        if field is None:
            raise DocumentError(
                f"le champ « {field_id} » n’est pas dans le guide « {guide.id} ».",
                where=name,
                remedy="Ces réponses viennent d’une autre édition du guide : reprenez ses fichiers "
                "dans mappings/.",
            )
        if field_id != key:
            comments[field_id] = str(value)
        else:
            values[field_id] = _typed(field, value, name)
    ids = dict.fromkeys([*values, *comments])
    found = {one: Answer(values.get(one), comments.get(one, "")) for one in ids}
    return Answers(found, name=name)


def _typed(field: Field, value: str | bool, name: str) -> Value:
    try:
        match field.kind, value:
            case FieldKind.TICK, True:
                return True
            case FieldKind.CRITERION, str():
                return Verdict(value)
            case FieldKind.RESULT, str():
                return Result(value)
            case FieldKind.CHOICE, str():
                return field.options[field.options.index(Option(value, ""))]
            case FieldKind.DATE, str():
                return date.fromisoformat(value)
            case FieldKind.TEXT | FieldKind.LONG_TEXT, str():
                return value
    except ValueError:
        pass
    raise DocumentError(
        f"« {value} » n’est pas une réponse à « {field.id} ».",
        where=name,
        remedy="Ces réponses ont été modifiées, ou viennent d’une autre édition du guide.",
    )
