"""What the benchmark counts as an error, and what it does not."""

from __future__ import annotations

import pytest

from bench.scoring import cer, folded, numbers_found, numbers_right, rows_whole, wer


@pytest.mark.parametrize(
    ("written", "same"),
    [
        ("क\u200dष  त्र\n\nपत्र", "कष त्र पत्र"),  # joiners, white space
        ("समाप्त |", "समाप्त ।"),
        ("विषयः भूमि", "विषय: भूमि"),
        ("विषयः", "विषय:"),
        ("महोदय ——— निवेदन", "महोदय निवेदन"),
    ],
)
def test_what_does_not_show_on_paper_is_no_error(written: str, same: str) -> None:
    assert folded(written) == folded(same)
    assert cer(same, written) == 0.0


def test_a_visarga_inside_a_word_stays() -> None:
    assert folded("दुःख") != folded("दु:ख")


def test_cer_is_edits_over_the_length_of_the_truth() -> None:
    assert cer("कखगघ", "कखगङ") == 0.25
    assert cer("कखगघ", "") == 1.0
    assert cer("क", "कखग") == 2.0  # much too much was read
    assert cer("", "") == 0.0


def test_digits_of_the_other_script_count_unless_they_are_folded() -> None:
    assert cer("१९८४", "1984") == 1.0
    assert cer("१९८४", "1984", digits=True) == 0.0


def test_wer_counts_words_in_order() -> None:
    assert wer("एक दो तीन चार", "एक तीन चार") == 0.25
    assert wer("एक दो", "दो एक") == 1.0
    assert wer("एक दो", " एक\nदो ") == 0.0


def test_numbers_are_found_in_any_script_place_and_punctuation() -> None:
    assert numbers_found("क्रमांक १२/१९८४, दिनांक २५.०७.१९८४।", "25.07.1984 (12/1984)") == 1.0
    assert numbers_found("12 और 13", "12") == 0.5


def test_a_number_read_once_is_found_once() -> None:
    assert numbers_found("7 तथा 7", "7") == 0.5


def test_without_numbers_nothing_is_told() -> None:
    assert numbers_found("कोई अंक नहीं", "5") is None


def test_numbers_are_counted() -> None:
    assert numbers_right("12 और 13", "१२") == (1, 2)


def test_a_row_is_whole_on_a_line_of_its_own() -> None:
    rows = [["1-6-68", "2535"], ["1-6-68", "2569"], ["4-6-68", "2735"]]

    assert rows_whole(rows, "१-६-६८ क ख २५३५\n1-6-68 ग\n2569\n4-6-68 घ 2735.\n") == 2
    assert rows_whole(rows, "1-6-68 2535 1-6-68 2569\n4-6-68 2735") == 1
