"""Scanner profiles: the ones that come along load, bad ones are refused where they are wrong, files find their place."""

from __future__ import annotations

import random
import re
from datetime import date
from pathlib import Path, PurePath

import pytest

from pipeline.errors import ProfileError
from pipeline.extract.separate import separate
from pipeline.ingest.groups import sort_into_lots
from pipeline.ingest.profile_files import line_of, load_profiles
from pipeline.ingest.profiles import GENERIC, InboxPlace, Profile, default_dpi, natural_order, place_of
from pipeline.model.document import Document, DocumentState
from pipeline.settings import CHECKOUT
from tests.unit.paper import page_of

SHIPPED = CHECKOUT / "scanners"
HEAD = 'name = "a"\ntitle = "A"\ntitle_hi = "अ"\n'
BY_NAME = 'folder = "n"\ngroup = "name"\n'
PATTERN = r"name_pattern = '(?P<batch>.+)_(?P<page>\d+)\.tif'" + "\n"


def written(folder: Path, **texts: str) -> Path:
    for name, text in texts.items():
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    return folder


def shipped(path: str) -> InboxPlace:
    return place_of(load_profiles(SHIPPED), PurePath(path))


def by_name(**keys: object) -> Profile:
    pattern = r"(?P<batch>.+?)[_-](?P<page>\d+)\.tif"
    known = {"name": "n", "title": "N", "title_hi": "न", "folder": "n", "group": "name", "name_pattern": pattern}
    return Profile.model_validate({**known, "complete": {"after_seconds": 5, "marker": "{batch}.end"}, **keys})


def test_the_profiles_that_come_along_load() -> None:
    found = {profile.name: profile for profile in load_profiles(SHIPPED)}

    assert set(found) == {"generic", "network-folder", "duplex-feeder", "page-by-page"}
    assert {path.stem for path in SHIPPED.glob("*.toml")} == set(found)
    assert all(re.search("[\u0900-\u097f]", profile.title_hi) for profile in found.values())
    assert default_dpi(list(found.values())) == {"network-folder": 300, "duplex-feeder": 300, "page-by-page": 300}


def test_the_profiles_in_the_documentation_load(tmp_path: Path) -> None:
    examples = re.findall(r"```toml\n(.*?)```", (SHIPPED / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    for number, text in enumerate(examples):
        written(tmp_path, **{f"e{number}": text})

    assert len(examples) >= 1 and load_profiles(tmp_path)[0].group == "name"


def test_every_key_is_explained() -> None:
    text = (SHIPPED / "README.md").read_text(encoding="utf-8")

    for key in Profile.model_fields:
        assert f"`{key}" in text, key


@pytest.mark.parametrize(
    ("text", "line", "en", "hi"),
    [
        (HEAD + "speed = 3\n", 4, "“speed”: there is no such key", "ऐसी कोई कुंजी नहीं है"),
        ('# first\n\ntitle = "A"\ntitle_hi = "अ"\n', 1, "“name”: it is missing", "यह नहीं दिया गया है"),
        (HEAD.replace('"a"', '"Ä B"'), 1, "small Latin letters", "छोटे लैटिन अक्षर"),
        (HEAD + 'group = "page"\n', 4, "'file', 'folder' or 'name'", "इनमें से एक हो: 'file'"),
        (HEAD + 'files = "*.tif"\n', 4, "a list in square brackets", "सूची हो"),
        (HEAD + "files = []\n", 4, "must not be empty", "सूची खाली न हो"),
        (HEAD + "[scan]\nduplex = true\ndpi = 30\n", 6, "“scan.dpi”: it must be at least 72", "कम से कम 72"),
        (HEAD + 'scan = { duplex = "yes" }\n', 4, "true or false", "true या false"),
        (HEAD + 'subfolders = ["office", "shelf"]\n', 4, "'bundle' or '-'", "'bundle'"),
        (HEAD + 'subfolders = ["office", "office"]\n', 4, "no meaning may stand twice", "दो बार"),
        (HEAD + 'folder = "../else"\n', 4, "a folder below the inbox", "इनबॉक्स के भीतर"),
        (HEAD + 'folder = "/srv"\n', 4, "a folder below the inbox", "इनबॉक्स के भीतर"),
        (HEAD + 'group = "folder"\n', 1, "a group needs after_seconds or a marker", "after_seconds या marker"),
        (HEAD + 'group = "folder"\n\n[complete]\n', 6, "a group needs after_seconds", "after_seconds या marker"),
        (HEAD + "complete.after_seconds = 0\n", 4, "more than 0", "0 से अधिक"),
        (HEAD + "[complete]\nafter_seconds = 3\n", 4, "needs group “folder” or “name”", "चाहिए"),
        (HEAD + BY_NAME, 5, "“name” needs a name_pattern", "name_pattern चाहिए"),
        (HEAD + BY_NAME + "name_pattern = '(?P<batch>'\n", 6, "no regular expression", "रेगुलर एक्सप्रेशन नहीं"),
        (HEAD + BY_NAME + "name_pattern = '(?P<batch>.+)'\n", 6, "no group (?P<page>…)", "समूह (?P<page>…) नहीं"),
        (HEAD + BY_NAME + PATTERN.replace("tif", "(?P<x>)tif"), 6, "nobody knows a group “x”", "“x”"),
        (HEAD + PATTERN, 4, 'needs group = "name"', "चाहिए"),
        (
            HEAD + BY_NAME + PATTERN + '[complete]\nmarker = "end"\n',
            8,
            "{batch} must stand in it once",
            "{batch} एक बार",
        ),
        (HEAD + "group = \n", 4, "it is no TOML (Invalid value)", "यह TOML नहीं है"),
        (HEAD + "[scan", 4, "it is no TOML", "यह TOML नहीं है"),
    ],
)
def test_a_bad_profile_is_refused_with_its_file_line_and_reason(
    tmp_path: Path, text: str, line: int, en: str, hi: str
) -> None:
    written(tmp_path, bad=text)

    with pytest.raises(ProfileError) as caught:
        load_profiles(tmp_path)

    error = caught.value
    assert error.details["origin"] == tmp_path / "bad.toml" and error.details["line"] == line
    assert en in error.text("en") and "bad.toml" in error.text("en") and f"line {line}:" in error.text("en")
    assert hi in error.text("hi") and "bad.toml" in error.text("hi") and f"पंक्ति {line} " in error.text("hi")


def test_what_is_no_text_is_refused_on_its_line(tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_bytes(HEAD.encode() + b'folder = "\xe9"\n')

    with pytest.raises(ProfileError, match="line 4: it is not saved as UTF-8"):
        load_profiles(tmp_path)


def test_a_mark_in_front_of_the_text_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_bytes(b"\xef\xbb\xbf" + HEAD.encode())

    assert [profile.name for profile in load_profiles(tmp_path)] == ["a"]


@pytest.mark.parametrize(
    ("second", "line", "reason"),
    [
        (HEAD + 'folder = "y"\n', 1, "“name”: first.toml has it already"),
        (HEAD.replace('"a"', '"b"') + 'folder = "x/"\n', 4, "“folder”: first.toml looks after it"),
    ],
)
def test_two_profiles_of_one_name_or_folder_are_refused(tmp_path: Path, second: str, line: int, reason: str) -> None:
    written(tmp_path, first=HEAD + 'folder = "x"\n', second=second)

    with pytest.raises(ProfileError, match=rf"second\.toml is wrong in line {line}: {re.escape(reason)}"):
        load_profiles(tmp_path)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match="no such folder"):
        load_profiles(tmp_path / "nowhere")


def test_without_a_profile_for_the_inbox_files_there_go_alone(tmp_path: Path) -> None:
    assert load_profiles(tmp_path) == [GENERIC]
    assert load_profiles(written(tmp_path, x=HEAD + 'folder = "x"\n'))[-1] is GENERIC


def test_a_key_is_found_in_tables_inline_tables_and_dotted() -> None:
    assert line_of("a = 1\n[scan]\ndpi = 2\n", ["scan", "dpi"]) == 3
    assert line_of("a = 1\nscan = { dpi = 2 }\n", ["scan", "dpi"]) == 2
    assert line_of("a = 1\nscan.dpi = 2\n", ["scan", "dpi"]) == 2
    assert line_of("dpi = 1\n[scan]\n", ["scan", "dpi"]) == 2
    assert line_of("a = 1\n", ["b"]) == 1


@pytest.mark.parametrize(
    ("path", "profile", "group", "metadata"),
    [
        ("letter.pdf", "generic", "letter.pdf", {}),
        ("2025/letter.pdf", "generic", "letter.pdf", {}),
        ("network/a.PDF", "network-folder", "a.PDF", {}),
        ("network/ramesh/a.pdf", "network-folder", "a.pdf", {"operator": "ramesh"}),
        ("feeder/sagar/F 19-76/a.tif", "duplex-feeder", "a.tif", {"office": "sagar", "file_no": "F 19-76"}),
        ("feeder/sagar/F 19-76/more/a.tif", "duplex-feeder", "a.tif", {"office": "sagar", "file_no": "F 19-76"}),
        ("pages/एफ 19-76/पृष्ठ-१.jpg", "page-by-page", "एफ 19-76", {"file_no": "एफ 19-76"}),
        ("pages/1.tif", "page-by-page", "pages", {}),
        ("pages/x/Thumbs.db", "generic", "Thumbs.db", {}),
        ("pagesx/1.tif", "generic", "1.tif", {}),
    ],
)
def test_a_file_finds_its_profile_its_group_and_what_was_told(
    path: str, profile: str, group: str, metadata: dict[str, str]
) -> None:
    place = shipped(path)

    assert (place.profile.name, place.group, place.metadata, place.is_marker) == (profile, group, metadata, False)


def test_markers_are_no_pages() -> None:
    assert shipped("pages/x/STACK.END").is_marker
    assert shipped("pages/x/stack.end").key == shipped("pages/x/1.tif").key
    assert not shipped("network/stack.end").is_marker


def test_names_tell_the_group_the_page_and_more() -> None:
    profiles = [by_name(name_pattern=r"(?P<file_no>[\d-]+)~(?P<batch>.+)_(?P<page>\d+)\.tif")]
    place = place_of(profiles, PurePath("n/19-76~b7_0012.TIF"))

    assert (place.group, place.metadata) == ("b7", {"file_no": "19-76"})
    assert place_of(profiles, PurePath("n/b7_0012.tif")).profile is GENERIC


def test_groups_of_one_name_in_two_folders_are_two() -> None:
    keys = {place_of([by_name()], PurePath(path)).key for path in ("n/a_1.tif", "n/x/a_1.tif", "n/a_2.tif")}

    assert len(keys) == 2


def test_the_marker_of_a_name_ends_that_group_alone() -> None:
    marker = place_of([by_name()], PurePath("n/b7.end"))

    assert marker.is_marker and marker.key == place_of([by_name()], PurePath("n/b7_1.tif")).key


def test_the_deepest_folder_decides_and_letters_in_two_forms_are_one() -> None:
    deep = by_name(name="deep", folder="n/फ\u093cाइल")

    assert place_of([by_name(), deep], PurePath("n/फ\u093cाइल/a_1.tif")).profile.name == "deep"
    assert place_of([by_name(folder="r\u0065\u0301")], PurePath("r\u00e9/a_1.tif")).group == "a"


def test_pages_are_in_the_order_of_their_numbers() -> None:
    names = ["p 1", "p 2a", "p 2b", "p 9", "p 10", "p 0011", "q १", "q ९", "q १०", "q 11"]
    mixed = random.Random(1).sample(names, len(names))

    assert sorted(mixed, key=natural_order) == names


def test_lots_have_their_pages_in_order_and_their_markers_apart(tmp_path: Path) -> None:
    for name in ("a_10.tif", "a_9.tif", "a_1.tif", "b_1.tif", "a.end", "notes.pdf"):
        (tmp_path / "n").mkdir(exist_ok=True)
        (tmp_path / "n" / name).touch()
    (tmp_path / "n" / "a_2.tif").symlink_to("a_1.tif")

    lots = sort_into_lots(tmp_path, sorted(tmp_path.glob("n/*")), [by_name()])

    shape = {(lot.name, lot.is_group): [path.name for path in lot.files] for lot in lots}
    assert shape == {
        ("a", True): ["a_1.tif", "a_9.tif", "a_10.tif", "a.end"],
        ("a_2.tif", False): ["a_2.tif"],  # a link belongs to no group
        ("b", True): ["b_1.tif"],
        ("notes.pdf", False): ["notes.pdf"],
    }


# --- what was told, and the documents -----------------------------------------------------------------------------

LETTER = """मध्यप्रदेश शासन
कार्यालय तहसीलदार, तहसील आष्टा
क्रमांक एफ 19-76/2019/1/4
प्रति,
राजस्व निरीक्षक,
विषय: सीमांकन बाबत्।"""
UNNUMBERED = "कार्यालय आदेश\nकार्यालय तहसीलदार, तहसील आष्टा\nश्री लोकेश को आदेशित किया जाता है।"


def cut(*texts: str, file_no: str) -> list[Document]:
    pages = [page_of(text, number) for number, text in enumerate(texts, start=1)]
    return separate("b", pages, office=None, today=date(2026, 1, 15), metadata={"file_no": file_no, "operator": "x"})


def test_a_document_without_a_number_takes_the_one_of_its_folder() -> None:
    (order,) = cut(UNNUMBERED, file_no="F 19-76_2019_1_4")

    number = order.fields["file_no"]
    assert (number.value, number.confidence, number.source_page, number.box) == ("F 19-76_2019_1_4", 0.9, None, None)
    assert (order.file_key, order.state) == ("F/19/76/2019/1/4", DocumentState.FILED)


def test_a_number_in_another_spelling_is_the_same() -> None:
    (letter,) = cut(LETTER, file_no="F 19-76_2019_1_4")

    assert letter.value("file_no") == "एफ 19-76/2019/1/4" and "file_no_told" not in letter.fields
    assert letter.state is DocumentState.FILED


def test_where_page_and_folder_differ_the_page_stays_and_a_person_sees_both() -> None:
    (letter,) = cut(LETTER, file_no="F 19-77_2019_1_4")

    assert (letter.file_key, letter.value("file_no")) == ("F/19/76/2019/1/4", "एफ 19-76/2019/1/4")
    assert letter.value("file_no_told") == "F 19-77_2019_1_4"
    assert letter.state is DocumentState.NEEDS_REVIEW


def test_a_folder_name_that_is_no_number_files_nothing_unseen() -> None:
    (order,) = cut(UNNUMBERED, file_no="विविध")

    assert (order.value("file_no"), order.file_key, order.state) == ("विविध", None, DocumentState.NEEDS_REVIEW)
