"""YAML without its surprises, and errors with their path."""

from __future__ import annotations

from pathlib import Path

import pytest

from cqp_forms import yaml_data
from cqp_forms.errors import GuideError


def load(text: str) -> yaml_data.Node:
    return yaml_data.load(text, "f.yaml", GuideError)


@pytest.mark.parametrize(
    "word", ["on", "off", "yes", "no", "NON", "12:30", "2024-01-02", "012", "truely"]
)
def test_plain_words_stay_text(word: str) -> None:
    assert load(f"a: {word}").text("a") == word


def test_numbers_and_truth_values_are_themselves() -> None:
    assert load("a: [12, -3, 1.5, true, False]").value == {"a": [12, -3, 1.5, True, False]}


@pytest.mark.parametrize("text", ["a: 1\na: 2", "b: {a: 1, a: 1}"])
def test_a_key_given_twice_is_refused(text: str) -> None:
    with pytest.raises(GuideError, match=r"«.a.» est donnée deux fois"):
        load(text)


def test_a_key_that_is_no_text_is_refused() -> None:
    with pytest.raises(GuideError, match=r"«.1.» doit être entre guillemets"):
        load("1: a")


def test_what_is_no_yaml_is_refused_with_its_line() -> None:
    with pytest.raises(GuideError) as caught:
        load('a: 1\nb: "')
    assert "ligne" in caught.value.where


def test_an_unknown_key_is_refused_with_its_path() -> None:
    root = load("a:\n  - {b: x, c: y}")
    (item,) = root.items("a")
    item.text("b")
    with pytest.raises(GuideError, match=r"«.c.»") as caught:
        item.done()
    assert caught.value.where == "f.yaml, a[0]"
    assert "b" in caught.value.remedy


def test_a_file_that_is_missing_or_not_text_is_told(tmp_path: Path) -> None:
    with pytest.raises(GuideError, match="illisible") as caught:
        yaml_data.read(tmp_path / "absent.yaml", GuideError)
    assert "absent.yaml" in caught.value.where
    (tmp_path / "latin.yaml").write_bytes("é".encode("latin-1"))
    with pytest.raises(GuideError, match="illisible"):
        yaml_data.read(tmp_path / "latin.yaml", GuideError)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1\nb\nc: 2", "il manque un deux-points"),
        ("a: b: c", "un deux-points est de trop"),
        ("a:\n\t- b", "une tabulation"),
        ("a: [1, 2", "une virgule, un crochet"),
        ('a: "b', "n’est pas fermé"),
        ("a: *b", "un astérisque"),
        ("\x00", "un caractère de commande"),
    ],
)
def test_what_the_parser_says_is_told_in_french(text: str, said: str) -> None:
    with pytest.raises(GuideError) as caught:
        load(text)
    assert said in caught.value.message
    assert caught.value.remedy
    assert not {"expected", "found", "not", "are"} & set(caught.value.message.split())


def test_a_key_that_misses_says_where_and_how_to_mend_it(tmp_path: Path) -> None:
    file = tmp_path / "mappings" / "mon-guide" / "guide.yaml"
    file.parent.mkdir(parents=True)
    file.write_text("a: {b: 1}")
    with pytest.raises(GuideError, match="manque") as caught:
        yaml_data.read(file, GuideError).get("a").get("c")
    assert caught.value.where == f"{file}, a"
    assert "c: …" in caught.value.remedy


BOMB = "x0: &x0 [l, l, l, l, l, l, l, l, l, l]\n" + "".join(
    f"x{n}: &x{n} [{', '.join([f'*x{n - 1}'] * 10)}]\n" for n in range(1, 9)
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"{BOMB}id: *x8", "un renvoi"),
        ("a: &b 1\nc: *b", "un renvoi"),
        ("- " * 100_000 + "x", "pas du YAML valide"),
        ("a: " + "[" * 100_000, "pas du YAML valide"),
        ("a: " + "x" * 3_000_000, "trop long"),
        ("a: " + "1" * 6000, "pas de son type"),
        ("a: !!bool x", "pas de son type"),
        ("? [a]\n: b", "pas de son type"),
        ("a: !!python/object:os.system x", "pas du YAML valide"),
    ],
)
def test_what_would_grow_without_end_or_break_the_parser_is_refused(text: str, said: str) -> None:
    with pytest.raises(GuideError, match=said) as caught:
        load(text)
    assert len(caught.value.message) < 300


@pytest.mark.parametrize(
    "value", [f"[{'[' * 900}{']' * 900}]", "{b: 1}", ".inf", ".nan", "x" * 9999]
)
def test_a_message_holds_a_line_of_a_value_at_most(value: str) -> None:
    with pytest.raises(GuideError, match="un nombre est attendu ici, pas") as caught:
        load(f"a: {value}").whole("a")
    assert len(caught.value.message) < 300
    with pytest.raises(GuideError) as unknown:
        load(f"{'x' * 500}: {value}").done()
    assert len(unknown.value.message) < 300
