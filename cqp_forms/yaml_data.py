"""Read YAML into typed values, strictly: an unknown key is refused, and each error has its path."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import yaml

from cqp_forms.errors import CqpError, refusal
from cqp_forms.limits import YAML_LENGTH

T = TypeVar("T")

# libyaml parses a guide ten times faster than the pure Python loader; both accept the same text.
_BASE: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _KeyError(yaml.MarkedYAMLError):
    """A key that this loader refuses; its problem is told in French."""


class _StrictLoader(_BASE):  # type: ignore[misc]
    """PyYAML with two of its surprises taken out.

    The last of two equal keys wins without a word: here that is an error. And YAML 1.1 reads the
    plain words on, off, yes and no as truth values, and 12:30 as 750: here, as in YAML 1.2, they
    are text.
    """

    yaml_implicit_resolvers: ClassVar[dict[str, list[tuple[str, Any]]]] = {
        first: [
            (tag, pattern)
            for tag, pattern in resolvers
            if tag not in {"tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp"}
            and not (tag.endswith(":int") and pattern.match("12:30"))
        ]
        for first, resolvers in _BASE.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[object] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node)
            if key in seen:
                raise _KeyError(
                    problem=f"la clé « {key} » est donnée deux fois",
                    problem_mark=key_node.start_mark,
                )
            seen.add(key)
            if not isinstance(key, str):
                raise _KeyError(
                    problem=f"la clé « {key_node.value} » doit être entre guillemets",
                    problem_mark=key_node.start_mark,
                )
        result: dict[Any, Any] = super().construct_mapping(node, deep)
        return result


_StrictLoader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"(true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)
_StrictLoader.add_implicit_resolver(
    "tag:yaml.org,2002:int", re.compile(r"[-+]?(0|[1-9][0-9]*)$"), list("-+0123456789")
)


class Node:
    """One value of a YAML document, with the path that leads to it.

    A mapping remembers which keys were asked for; :meth:`done` then refuses the others, so that a
    misspelt key is never silently ignored.

    Args:
        value: the parsed value.
        path: where it lies, such as ``competences[0].groups[2].title``.
        file: the file's name, for messages.
        error: the exception class to raise.
    """

    def __init__(self, value: object, path: str, file: str, error: type[CqpError]) -> None:
        self.value = value
        self.path = path
        self.file = file
        self.error = error
        self._asked: set[str] = set()

    def fail(self, message: str, remedy: str) -> CqpError:
        """The error to raise about this value."""
        where = f"{self.file}, {_line(self.path)}" if self.path else self.file
        return self.error(_line(message), where=where, remedy=_line(remedy))

    def _child(self, value: object, step: str) -> Node:
        joint = "" if not self.path or step.startswith("[") else "."
        return Node(value, f"{self.path}{joint}{step}", self.file, self.error)

    def _mapping(self) -> dict[str, object]:
        if not isinstance(self.value, dict):
            raise self.fail(
                "un groupe de clés « clé : valeur » est attendu ici.",
                "Écrivez une clé par ligne, toutes au même retrait.",
            )
        return self.value

    def keys(self) -> list[str]:
        """The keys of this mapping, in their order."""
        return [str(key) for key in self._mapping()]

    def has(self, key: str) -> bool:
        """Whether this mapping has ``key`` with a value."""
        return self._mapping().get(key) is not None

    def get(self, key: str) -> Node:
        """The value under ``key``; an error when it is missing."""
        self._asked.add(key)
        if not self.has(key):
            raise self.fail(
                f"la clé « {key} » manque.", f"Ajoutez-la à cet endroit, ainsi : « {key}: … »."
            )
        return self._child(self._mapping()[key], key)

    def text(self, key: str, default: str | None = None) -> str:
        """The text under ``key``, or ``default`` when the key is optional."""
        self._asked.add(key)
        if default is not None and not self.has(key):
            return default
        return self.get(key).as_text()

    def number(self, key: str, default: float | None = None) -> float:
        """The number under ``key``, or ``default`` when the key is optional."""
        self._asked.add(key)
        if default is not None and not self.has(key):
            return default
        node = self.get(key)
        if (
            isinstance(node.value, bool)
            or not isinstance(node.value, int | float)
            or not math.isfinite(node.value)
        ):
            raise node.fail(
                f"un nombre est attendu ici, pas {_shown(node.value)}.",
                "Écrivez-le en chiffres, sans guillemets.",
            )
        return node.value

    def whole(self, key: str, default: int | None = None) -> int:
        """The whole number under ``key``."""
        value = self.number(key, default)
        if value != int(value):
            raise self.get(key).fail(
                f"un nombre entier est attendu ici, pas « {value} ».",
                "Écrivez-le en chiffres, sans décimales.",
            )
        return int(value)

    def items(self, key: str) -> list[Node]:
        """The list under ``key``, empty when the key is absent."""
        self._asked.add(key)
        return self.get(key).as_list() if self.has(key) else []

    def done(self) -> None:
        """Refuse the keys that nobody asked for."""
        unknown = [key for key in self.keys() if key not in self._asked]
        if unknown:
            known = ", ".join(sorted(self._asked))
            raise self.fail(f"clé inconnue « {unknown[0]} ».", f"Clés admises ici : {known}.")

    def as_text(self) -> str:
        """This value as text; a number is refused, since YAML may already have changed it."""
        if not isinstance(self.value, str):
            raise self.fail(
                f"un texte est attendu ici, pas {_shown(self.value)}.",
                "Mettez-le entre guillemets.",
            )
        return self.value

    def as_list(self) -> list[Node]:
        """This value as a list of nodes."""
        if not isinstance(self.value, list):
            raise self.fail(
                "une liste est attendue ici.", "Commencez chaque ligne de la liste par un tiret."
            )
        return [self._child(one, f"[{index}]") for index, one in enumerate(self.value)]

    def choice(self, key: str, parse: Callable[[str], T], default: str | None = None) -> T:
        """The text under ``key`` through ``parse`` (an enum's constructor)."""
        text = self.text(key, default)
        try:
            return parse(text)
        except ValueError as error:
            members = ", ".join(str(one.value) for one in _members(parse))
            raise self.fail(
                f"« {text} » n’est pas une valeur de « {key} ».", f"Valeurs admises : {members}."
            ) from error


#: The most that a message says of a value, in characters.
_LINE = 240


def _line(text: str) -> str:
    """A message on one line, its middle left out where a value makes it long."""
    text = " ".join(text.split())
    return text if len(text) <= _LINE else f"{text[: _LINE // 2]} … {text[-_LINE // 2 :]}"


def _shown(value: object) -> str:
    if isinstance(value, list | dict):
        return "une liste" if isinstance(value, list) else "un groupe de clés"
    return "rien" if value is None else f"« {value} »"


def _members(parse: object) -> Iterator[Any]:
    return iter(parse) if isinstance(parse, type) else iter(())  # type: ignore[call-overload]


#: The most bytes of a file of that length in UTF-8, its mark included.
_BYTES = 4 * YAML_LENGTH + 3


def load(text: str, file: str, error: type[CqpError]) -> Node:
    """Parse YAML text.

    Args:
        text: the document.
        file: its name, for messages.
        error: the exception class for everything that is wrong in it.

    Raises:
        CqpError: of the class ``error``, when the text is not YAML.
    """
    if len(text) > YAML_LENGTH:
        raise _too_long(file, error)
    try:
        _refuse_aliases(text)
        return Node(yaml.load(text, Loader=_StrictLoader), "", file, error)
    except yaml.YAMLError as problem:
        mark = getattr(problem, "problem_mark", None)
        place = f", ligne {mark.line + 1}, colonne {mark.column + 1}" if mark else ""
        raise error(
            f"{_line(problem.problem or '')}."
            if isinstance(problem, _KeyError)
            else f"ce n’est pas du YAML valide{_why(problem)}.",
            where=f"{file}{place}",
            remedy="Corrigez la ligne indiquée : retrait, guillemets ou deux-points.",
        ) from problem
    except _UNTYPED as problem:
        raise error(
            "une clé ou une valeur n’est pas de son type.",
            where=file,
            remedy="Retirez les marques « !! » ; mettez le texte entre guillemets.",
        ) from problem


#: What PyYAML raises of a tag or a number that it takes for its word.
_UNTYPED = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)

#: Where an anchor may stand: without one there is no alias, and no need to look for any.
_ANCHOR = re.compile(r"(?:^|[\s\[{,:-])&\S")


def _too_long(file: str, error: type[CqpError]) -> CqpError:
    return error(
        f"ce fichier est trop long (plus de {YAML_LENGTH >> 20} Mo).",
        where=file,
        remedy="Donnez un fichier de guide ou de correspondance.",
    )


def _refuse_aliases(text: str) -> None:
    """Refuse what a file of a few lines can grow into without end. libyaml itself bounds nesting.

    An alias stands for a value that is elsewhere in the file: a few lines of them make billions of
    values (« billion laughs »). No guide and no mapping needs one.
    """
    if not _ANCHOR.search(text):
        return
    for event in yaml.parse(text, Loader=_BASE):
        if isinstance(event, yaml.AliasEvent):
            mark: Any = event.start_mark  # each parser has marks of its own
            raise _KeyError(
                problem="un renvoi (« *nom ») n’est pas admis ; écrivez la valeur elle-même",
                problem_mark=mark,
            )


#: What the parser says most, by what its English holds; the place is told beside.
_WHY = {
    "expected ':'": "il manque un deux-points",
    "mapping values": "un deux-points est de trop ; mettez le texte entre guillemets",
    "cannot start any token": "une tabulation ou un signe réservé commence un mot",
    "expected key": "une ligne n’est pas à son retrait",
    "block end": "une ligne n’est pas à son retrait",
    "end of stream": "un guillemet ou un crochet n’est pas fermé",
    "document separator": "un guillemet ou un crochet n’est pas fermé",
    "',' or": "une virgule, un crochet ou une accolade manque",
    "undefined alias": "un astérisque commence un mot ; mettez le texte entre guillemets",
    "unacceptable character": "un caractère de commande s’y trouve",
}


def _why(problem: yaml.YAMLError) -> str:
    english = getattr(problem, "problem", None) or str(problem)
    return next((f" ({french})" for known, french in _WHY.items() if known in english), "")


def read(path: Path, error: type[CqpError]) -> Node:
    """Read and parse a YAML file; raises ``error`` when it cannot be read or is not YAML."""
    return parse(content_of(path, error), str(path), error)


def content_of(path: Path, error: type[CqpError]) -> bytes:
    """The bytes of a YAML file; raises ``error`` when it cannot be read, or is too long."""
    try:
        with path.open("rb") as file:
            content = file.read(_BYTES + 1)
    except OSError as problem:
        raise error(
            f"fichier illisible ({refusal(problem)}).",
            where=str(path),
            remedy="Vérifiez le chemin et les droits.",
        ) from problem
    if len(content) > _BYTES:
        raise _too_long(str(path), error)
    return content


def parse(content: bytes, file: str, error: type[CqpError]) -> Node:
    """Parse the bytes of a YAML file; ``file`` is its name, for messages."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise error(
            "fichier illisible : ce n’est pas du texte UTF-8.",
            where=file,
            remedy="Donnez le fichier .yaml lui-même ; enregistrez-le en UTF-8.",
        ) from problem
    # Line ends are Python's, as in a file opened as text.
    return load(text.replace("\r\n", "\n").replace("\r", "\n"), file, error)


def dump(value: object) -> str:
    """YAML text of plain values, in their order; :func:`load` gives back equal ones."""
    # Every text in quotes: the words of a form may look like numbers, dates or truth values.
    return str(yaml.dump(value, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=1000))


class _Dumper(yaml.SafeDumper):
    """PyYAML's, with every text in quotes but for keys that need none."""

    def represent_mapping(self, tag: str, mapping: Any, flow_style: bool | None = None) -> Any:
        node = super().represent_mapping(tag, mapping, flow_style)
        for key, _ in node.value:
            if re.fullmatch("[a-z_]+", key.value):
                key.style = None
        return node


_Dumper.add_representer(
    str, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"')
)
