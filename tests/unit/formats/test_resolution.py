"""What resolution is told of a page, by its pixels, what is stated, and its letters."""

from __future__ import annotations

import pytest

from pipeline.formats.resolution import Resolution, dots_per_inch, squared


@pytest.mark.parametrize(
    ("size", "dpi"),
    [
        ((2481, 3507), 300),
        ((3507, 2481), 300),
        ((1654, 2339), 200),
        ((1240, 1754), 150),
        ((827, 1169), 100),
        ((620, 877), 75),
        ((595, 842), 72),
        ((4961, 7016), 600),
        ((2550, 4200), 300),  # legal
        ((1700, 2600), 200),  # foolscap
        ((2550, 3300), 300),  # letter
        ((3508, 4961), 300),  # A3
        ((2339, 3307), 200),  # A3
        ((4050, 5100), 300),  # a ledger's sheet
        ((1748, 2480), 300),  # half of an A4 sheet
        ((2470, 3500), 300),  # cut a little short
        ((900, 3600), 308),  # a receipt: as long as an A4 sheet
    ],
)
@pytest.mark.parametrize("stated", [0, 1, 72, 96])
def test_pixels_tell_the_resolution_where_what_is_stated_means_nothing(
    size: tuple[int, int], dpi: int, stated: int
) -> None:
    assert dots_per_inch(*size, stated, default=300) == dpi


@pytest.mark.parametrize(
    ("size", "stated"), [((1240, 1754), 300), ((2480, 3508), 300), ((1728, 2200), 204), ((9933, 14043), 300)]
)
def test_a_plausible_resolution_is_believed(size: tuple[int, int], stated: int) -> None:
    """Half of half an A4 sheet, a page, a fax, and a plan of A0."""
    assert dots_per_inch(*size, stated, default=150) == stated


@pytest.mark.parametrize("stated", [72, 96, 75, 50, 20, 3000])
def test_a_scan_on_a_sheet_of_any_size_has_the_resolution_of_paper(stated: float) -> None:
    assert dots_per_inch(2481, 3507, stated, default=200, has_sheet=True) == 300


@pytest.mark.parametrize(("size", "stated"), [((620, 877), 75), ((595, 842), 72), ((794, 1123), 96), ((612, 1008), 72)])
def test_a_coarse_scan_on_a_sheet_of_its_true_size_is_coarse(size: tuple[int, int], stated: int) -> None:
    assert dots_per_inch(*size, stated, default=300, has_sheet=True) == stated


@pytest.mark.parametrize(("letters", "dpi"), [(45.0, 300), (22.0, 150)])
def test_the_height_of_letters_tells_half_a_sheet_from_a_large_one(letters: float, dpi: int) -> None:
    """The same pixels are A5 at 300 and A3 at 150."""
    assert dots_per_inch(1748, 2480, 0, default=200, letters=letters) == dpi


@pytest.mark.parametrize(("letters", "dpi"), [(45.0, 300), (90.0, 600), (0.0, 600)])
def test_the_height_of_letters_tells_a_slip_from_a_page_that_was_shrunk(letters: float, dpi: int) -> None:
    """A sheet of four by six inches at 600 has the pixels of an A4 sheet at 300."""
    assert dots_per_inch(2481, 3507, 600, default=200, letters=letters, has_sheet=True) == dpi


def test_letters_too_low_for_any_print_belie_what_is_stated() -> None:
    assert dots_per_inch(1654, 2339, 1100, default=300, letters=30.0) == 200
    assert dots_per_inch(4961, 7016, 150, default=300, letters=90.0) == 600


def test_what_is_no_page_gets_the_default() -> None:
    assert dots_per_inch(40, 60, 0, default=240) == 240


@pytest.mark.parametrize(
    ("size", "stated", "made"),
    [
        ((1728, 1146), (204, 98), (1728, 2386)),
        ((1728, 2292), (204, 196), (1728, 2386)),
        ((1654, 1169), (200, 100), (1654, 2338)),
        ((1728, 4572), (204, 391), (3312, 4572)),
        ((1169, 1654), (100, 200), (2338, 1654)),
        ((885, 1450), (107, 124), (1026, 1450)),
    ],
)
def test_unequal_resolutions_become_the_larger_one(
    size: tuple[int, int], stated: tuple[float, float], made: tuple[int, int]
) -> None:
    assert squared(*size, Resolution(*stated)) == made


@pytest.mark.parametrize("stated", [(300, 300), (300, 299), (0, 0), (300, 72), (1, 300), (300, 270)])
def test_a_page_of_a_sheets_shape_is_left_alone_where_its_resolutions_are_alike_or_absurd(
    stated: tuple[float, float],
) -> None:
    assert squared(2481, 3507, Resolution(*stated)) == (2481, 3507)
