"""Laying text out: nothing is lost, words stay whole, and sizes stay readable."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cqp_forms.pdf.layout import SIZES, Line, Measured, capacity, fit, fit_line, joined

# A fixed-pitch face of half an em: ten points make five points a character.
PITCH = dict.fromkeys(map(chr, range(32, 0x2000)), 500)
PITCH["\u0301"] = 0

texts = st.text(alphabet="ab c\n\u00a0\u0301é", max_size=120)


def wrapped(text: str, characters: int) -> list[str]:
    return [line.text for line in Measured(text, PITCH).wrap(characters * 5, 10)]


def test_lines_break_between_words() -> None:
    assert wrapped("aaa bbb ccc", 7) == ["aaa bbb ", "ccc"]


def test_an_unbreakable_space_does_not_break() -> None:
    assert wrapped("aaa bbb\u00a0ccc", 8) == ["aaa ", "bbb\u00a0ccc"]


def test_french_marks_do_not_begin_a_line() -> None:
    assert wrapped("aa bb ; cc", 6) == ["aa ", "bb ; ", "cc"]
    assert wrapped("a « bc » d", 6) == ["a ", "« bc » ", "d"]


def test_a_word_longer_than_the_line_breaks() -> None:
    assert wrapped("abcdefghij kl", 4) == ["abcd", "efgh", "ij ", "kl"]


def test_a_mark_stays_on_its_letter() -> None:
    assert wrapped("abce\u0301fg", 4) == ["abce\u0301", "fg"]
    assert wrapped("e\u0301\u0301\u0301e", 1) == ["e\u0301\u0301\u0301", "e"]


def test_typed_breaks_blank_lines_and_spaces_are_kept() -> None:
    lines = Measured("a\n\n  b   c", PITCH).wrap(500, 10)
    assert lines == [Line("a", True), Line("", True), Line("  b   c", True)]


def test_a_wrapped_line_is_told_from_a_typed_one() -> None:
    lines = Measured("aa bb\ncc", PITCH).wrap(10, 10)
    assert [(one.text, one.starts) for one in lines] == [
        ("aa ", True),
        ("bb", False),
        ("cc", True),
    ]


@given(text=texts, width=st.integers(1, 30))
def test_wrapping_loses_nothing_and_never_overflows(text: str, width: int) -> None:
    lines = Measured(text, PITCH).wrap(width * 5, 10)
    assert joined(lines) == text
    for line in lines:
        ink = line.text.rstrip(" ")
        breakable = sum(char != "\u0301" for char in ink) > 1
        assert not breakable or sum(PITCH[char] for char in ink) <= width * 500


@given(text=texts, width=st.integers(20, 200), height=st.integers(10, 90))
def test_what_is_shown_and_what_is_left_make_the_text(text: str, width: int, height: int) -> None:
    fitted = fit(Measured(text, PITCH), width, height)
    assert joined((*fitted.lines, *fitted.rest)) == text
    assert fitted.size in SIZES
    assert len(fitted.lines) <= capacity(height, fitted.size)


def test_text_shrinks_only_as_far_as_needed_and_never_under_eight_points() -> None:
    measured = Measured("abcd " * 20, PITCH)
    sizes = [fit(measured, 100, height).size for height in (400, 58, 46, 30)]
    assert sizes[0] == 10
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] == 8
    assert fit(measured, 100, 30).rest


def test_a_line_is_kept_free_for_the_mention() -> None:
    fitted = fit(Measured("abcd\n" * 50, PITCH), 100, 50)
    assert len(fitted.lines) == capacity(50, 8) - 1


def test_a_short_text_shrinks_to_its_line() -> None:
    assert fit_line(Measured("a" * 10, PITCH), 50).size == 10
    assert fit_line(Measured("a" * 10, PITCH), 45.5).size == 9
    assert fit_line(Measured("a" * 10, PITCH), 40).size == 8


def test_a_line_that_is_too_short_shows_the_beginning_and_hands_the_whole_on() -> None:
    fitted = fit_line(Measured("mot " * 30, PITCH), 60, tail=5000)
    assert fitted.lines[0].text == "mot"
    assert joined(fitted.rest) == "mot " * 30


def test_a_line_has_no_room_for_typed_breaks() -> None:
    fitted = fit_line(Measured("a\nb", PITCH), 500)
    assert fitted.lines[0].text == "a"
    assert joined(fitted.rest) == "a\nb"


@pytest.mark.parametrize("text", ["mot " * 2500, "x" * 10_000, "\n" * 10_000, " " * 10_000])
def test_ten_thousand_characters_come_back_whole(text: str) -> None:
    lines = Measured(text, PITCH).wrap(300, 8)
    assert joined(lines) == text
