"""A home that version 0.1 made opens as it is: the commands say of it what they said then, also after `reindex`.

`home-0.1.tar.gz` holds two letters, a rejected file, a corrected and an accepted document, a page annotation, a signed
sample, a file of the register, a person, a token and a sealed audit log; `home-0.1.json` what the commands of 0.1 said.
"""

from __future__ import annotations

import json
import shutil
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline import settings
from pipeline.accounts import passwords
from pipeline.model.annotation import AnnotationKind
from pipeline.model.audit import Action
from tests.conftest import Office, short_folder
from tests.integration.filled_home import opened

HOME = Path(__file__).with_name("home-0.1.tar.gz")
SAID = json.loads(HOME.with_suffix("").with_suffix(".json").read_text(encoding="utf-8"))
CORRECTED, ACCEPTED = "8699bd9937e9424a8bdc-0001", "f5e2a6b739831c73feb2-0001"


@pytest.fixture(scope="module")
def office() -> Iterator[Office]:
    folder = short_folder()
    with tarfile.open(HOME) as archive:
        archive.extractall(folder, filter="data")
    yield Office(folder / "home")
    shutil.rmtree(folder, ignore_errors=True)


def lacks(now: Any, then: Any, place: str = "") -> list[str]:
    """What was said then and is not said now, as places in the JSON; keys that came since do not matter."""
    if isinstance(then, dict) and isinstance(now, dict):
        return [gap for key, value in then.items() for gap in lacks(now.get(key), value, f"{place}/{key}")]
    if isinstance(then, list) and isinstance(now, list) and len(now) == len(then):
        return [gap for i, value in enumerate(then) for gap in lacks(now[i], value, f"{place}/{i}")]
    return [] if now == then else [f"{place}: {now!r} is not {then!r}"]


@pytest.mark.parametrize("asked", SAID, ids=lambda asked: " ".join(asked["command"]))
def test_the_commands_say_what_they_said(office: Office, asked: dict[str, Any]) -> None:
    assert lacks(office.json(*asked["command"]), asked["says"]) == []


def test_what_people_did_is_there_under_todays_names(office: Office) -> None:
    with opened(office.home) as container:
        assert settings.load(office.home).review.edit_lock_minutes == 7  # the file says hand_minutes
        assert container.records.document(CORRECTED).value("subject") == "पुराने घर का सुधार"
        notes = container.page_notes.of(ACCEPTED.rsplit("-", 1)[0])
        assert [(note.kind, note.by) for note in notes.every] == [(AnnotationKind.WRITTEN, "sita")]
        assert passwords.fits("purana-ghar-khula-44", container.people.password_of("sita"))
        did = [event.details.get("did") for event in container.audit_log.every() if event.action is Action.REVIEW]
        assert "sign" in did
        (sample,) = container.services().sampling.rows.of(None)
        assert sample.is_as_signed


def test_it_comes_back_from_its_store_alone(office: Office) -> None:
    done = office.call("reindex", "--force", "--json")
    assert done.returncode == 0, done.stderr
    for asked in SAID:
        if asked["command"][0] not in ("user", "audit"):  # the entry that it was rebuilt comes on top
            assert lacks(office.json(*asked["command"]), asked["says"]) == [], asked["command"]
    assert office.json("audit", "verify")["faults"] == []
