"""One rotten bit is one object's fault, or one row's: it is found, it is mended, and no backup stops for it.

Bits are flipped below S3, in the files of the real bundled server, and below SQL, in the file of the database.
"""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.conftest import Office, Running, short_folder, wait_for
from tests.integration.filled_home import batch_named, copy_of, fill, opened
from tests.security import rot

pytestmark = pytest.mark.waits

SEED = 20261130
FLIPS = 20


@pytest.fixture(scope="module")
def archive() -> Iterator[Office]:
    home = short_folder()
    office = Office(home)
    fill(office)
    rot.one_file(home)
    yield office
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="module")
def saved(archive: Office, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup from before the damage. Copy it before a command writes to it."""
    target = tmp_path_factory.mktemp("backup") / "b"
    done = archive.call("backup", target, "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    rot.one_file(archive.home)
    return target


@pytest.fixture
def office(archive: Office, saved: Path) -> Iterator[Office]:
    with copy_of(archive) as copy:
        yield copy


def objects(office: Office) -> dict[str, bytes]:
    with opened(office.home) as container:
        return {stored.key: container.store.get(stored.key) for stored in container.records.objects()}


def is_whole(folder: Path) -> bool:
    return subprocess.run(["sha256sum", "--quiet", "-c", "SHA256SUMS"], cwd=folder, check=False).returncode == 0


# --- objects --------------------------------------------------------------------------------------------------------


def test_rot_in_volumes_and_indexes_and_a_lost_volume_are_the_fault_of_their_objects(
    office: Office, saved: Path, tmp_path: Path
) -> None:
    before = objects(office)
    image = next(key for key in before if key.startswith("pages/") and key.endswith(".png"))
    original = next(key for key in before if key.startswith("originals/"))
    in_data, in_index = rot.holding(office.home, before[image]), rot.holding(office.home, before[original])
    others = [v for v in rot.volumes(office.home) if v not in (in_data.volume, in_index.volume)]
    # The smallest one: the server looks for each lost object for thirteen seconds, for each command anew.
    lost = min((v for v in others if len(rot.needles(v)) > 2), key=lambda v: len(rot.needles(v)))
    rot.flip(in_data.volume, in_data.body + 300)
    rot.flip_index_entry(in_index)
    lost.unlink()

    checked = office.call("verify", "--json")
    assert checked.returncode == 1, checked.stderr
    found = json.loads(checked.stdout)
    wrong = {*found["changed"], *found["missing"]}
    assert {image, original} < wrong < before.keys()

    earlier = tmp_path / "earlier"
    shutil.copytree(saved, earlier)
    fresh = office.call("backup", tmp_path / "fresh", "--json")
    assert fresh.returncode == 3, fresh.stderr
    assert set(json.loads(fresh.stdout)["damaged"]) == wrong
    assert is_whole(tmp_path / "fresh")
    assert len((tmp_path / "fresh" / "SHA256SUMS").read_text().splitlines()) == len(before.keys() - wrong)
    (earlier / "objects" / image).write_bytes(b"rotten here as well")
    again = office.call("backup", earlier, "--json")
    assert (again.returncode, json.loads(again.stdout)["damaged"]) == (3, [image])
    assert (earlier / "objects" / original).read_bytes() == before[original]

    tried = office.call("repair", saved, "--dry-run", "--json")
    assert (tried.returncode, set(json.loads(tried.stdout)["repaired"])) == (0, wrong)
    assert office.call("verify").returncode == 1
    done = office.call("repair", saved, "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    assert set(json.loads(done.stdout)["repaired"]) == wrong
    assert office.call("verify").returncode == 0
    assert objects(office) == before


def test_twenty_bits_by_chance_in_live_objects(office: Office, saved: Path, tmp_path: Path) -> None:
    before, chance = objects(office), random.Random(SEED)
    live = [rot.holding(office.home, data) for data in before.values() if data]
    flipped = []
    for needle in chance.sample(live, min(FLIPS, len(live))):
        place, bit = needle.offset + chance.randrange(needle.size + 16), chance.randrange(8)
        rot.flip(needle.volume, place, bit)
        flipped.append((needle.volume.name, place, bit))
    sys.stdout.write(f"seed {SEED}: {flipped}\n")

    checked = office.call("verify", "--json", timeout=900)
    found = json.loads(checked.stdout)
    wrong = {*found["changed"], *found["missing"]}
    with opened(office.home) as container:
        assert all(container.store.get(key) == data for key, data in before.items() if key not in wrong)
    copied = office.call("backup", tmp_path / "b", "--json", timeout=900)
    assert (copied.returncode, set(json.loads(copied.stdout)["damaged"])) == (3 if wrong else 0, wrong), copied.stderr
    assert len(wrong) > FLIPS // 2
    done = office.call("repair", saved, "--json", timeout=900)
    assert done.returncode == 0, done.stdout
    assert set(json.loads(done.stdout)["repaired"]) == wrong
    assert office.call("verify").returncode == 0
    assert objects(office) == before


def test_what_the_filer_forgot_is_missing_and_comes_back_into_a_fresh_store(
    office: Office, saved: Path, tmp_path: Path
) -> None:
    """LevelDB cannot write over a block that it cannot read."""
    before = objects(office)
    table = max(rot.filer_files(office.home, "documents"), key=lambda path: path.stat().st_size)
    rot.flip(table, table.stat().st_size // 4)

    checked = office.call("verify", "--json", timeout=900)
    assert checked.returncode == 1, checked.stderr
    found = json.loads(checked.stdout)
    wrong = {*found["changed"], *found["missing"]}
    assert wrong
    folder = tmp_path / "b"
    shutil.copytree(saved, folder)
    tried = office.call("repair", folder, "--json", timeout=900)
    told = json.loads(tried.stdout)
    assert {*told["repaired"], *told["unrepaired"]} == wrong
    assert all("store/data aside" in reason for reason in told["unrepaired"].values())
    assert office.call("backup", folder, timeout=900).returncode == 0  # what is not read is right in the folder
    (office.home / "store" / "data").rename(office.home / "store" / "data.damaged")
    done = office.call("repair", folder, "--json", timeout=900)
    assert done.returncode == 0, done.stdout + done.stderr
    assert objects(office) == before
    assert office.call("verify").returncode == 0


def test_a_backup_that_is_damaged_too_repairs_nothing_with_other_bytes(
    office: Office, saved: Path, tmp_path: Path
) -> None:
    before = objects(office)
    key = next(key for key in before if key.endswith(".pdf"))
    needle = rot.holding(office.home, before[key])
    rot.flip(needle.volume, needle.body + 300)
    shutil.copytree(saved, tmp_path / "b")
    (tmp_path / "b" / "objects" / key).write_bytes(b"x" * len(before[key]))

    done = office.call("repair", tmp_path / "b", "--json")

    assert done.returncode == 3, done.stderr
    found = json.loads(done.stdout)
    assert (found["repaired"], list(found["unrepaired"])) == ([], [key])
    assert office.json("verify")["changed"] == [key]


def test_another_store_repairs_as_a_folder_does(archive: Office, office: Office) -> None:
    before = objects(office)
    key = next(key for key in before if key.startswith("manifests/"))
    needle = rot.holding(office.home, before[key])
    rot.flip(needle.volume, needle.body + 100)
    with opened(archive.home) as container:
        keys = json.loads((archive.home / "store" / "keys.json").read_text())
        there = container.store.endpoint  # type: ignore[attr-defined]
        office.env |= {"ABHILEKH_REPAIR_ACCESS_KEY": keys["access"], "ABHILEKH_REPAIR_SECRET_KEY": keys["secret"]}
        arguments = ("--endpoint", f"https://{there.address}", "--region", there.region, "--json")
        refused = office.call("repair", *arguments)
        for wrong in (("repair", archive.home), ("repair", *arguments)):  # unused, and none
            told = office.call(*wrong, "--certificate", __file__)
            assert told.returncode == 2 and "--certificate" in told.stderr, told.stderr
        done = office.call("repair", *arguments, "--certificate", archive.home / "store" / "tls.pem")
    assert refused.returncode == 4 and "certificate" in refused.stderr, "nobody's certificate is taken on trust"
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)["repaired"] == [key]
    assert objects(office) == before


def test_a_store_that_is_away_is_an_outage_still(archive: Office, tmp_path: Path) -> None:
    away = {
        "ABHILEKH_STORE__ENDPOINT": "127.0.0.1:9",
        "ABHILEKH_STORE__ACCESS_KEY": "a",
        "ABHILEKH_STORE__SECRET_KEY": "b" * 10,
        "ABHILEKH_STORE__REGION": "us-east-1",
    }
    with copy_of(archive) as copy:
        office = Office(copy.home, away)
        for command in (("verify",), ("backup", tmp_path / "b")):
            done = office.call(*command)
            assert done.returncode == 4, done.stdout
            assert "does not answer" in done.stderr


def listens(address: str) -> bool:
    try:
        return httpx.get(f"{address}/login", timeout=30).is_success
    except httpx.TransportError:
        return False


def test_the_pages_say_that_an_image_is_damaged_and_everything_else_is_there(archive: Office) -> None:
    with copy_of(archive) as copy:
        with opened(copy.home) as container:
            ident = container.records.documents_of(batch_named(container, "file-02-office.tif"))[0]
            image = container.records.document(ident).pages[0].image_key
            data = container.store.get(image)
        needle = rot.holding(copy.home, data)
        rot.flip(needle.volume, needle.body + 300)
        running = Running(copy.home)
        running.up()
        try:
            wait_for(lambda: listens(running.address), "the port to listen")
            cookies = running.cookies()

            def get(path: str, language: str = "en") -> httpx.Response:
                return httpx.get(
                    f"{running.address}{path}", cookies=cookies, timeout=120, headers={"Accept-Language": language}
                )

            page = get(f"/documents/{ident}/pages/1")
            assert page.status_code == 200 and "data-unread" in page.text
            broken = get(f"/documents/{ident}/pages/1/image")
            assert broken.status_code == 500 and "Retry-After" not in broken.headers
            assert "is damaged in the store" in broken.text and "Tell the administrator" in broken.text
            assert "abhilekh repair" not in broken.text  # its reader has no shell
            assert "स्टोर में खराब हो गया है" in get(f"/documents/{ident}/pages/1/image", "hi").text
            told = get(f"/api/v1/documents/{ident}/pages/1/image")
            assert (told.status_code, told.json()["error"]["code"]) == (500, "object_unreadable")
            assert "abhilekh repair FOLDER" in told.json()["error"]["message"]
            assert get(f"/documents/{ident}/pdf").status_code == 200
            assert get("/api/v1/status").json()["parts"]["store"] == "ok"
        finally:
            running.stop()
