"""What every store must do. One suite; a store that is added here passes it or is no store.

The bundled server always; another S3 when `ABHILEKH_TEST_S3_ENDPOINT`, `…_ACCESS_KEY` and `…_SECRET_KEY` name one.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from pipeline.errors import FixityError, MissingPartError, ObjectMissingError, StoreUnavailableError
from pipeline.model.scan import StoredObject
from pipeline.settings import StoreSettings
from pipeline.storage import Endpoint, Store, keys, manifest
from pipeline.storage.opening import open_store
from pipeline.storage.s3 import S3Store

ENV = "ABHILEKH_TEST_S3_"
ODD_KEYS = [
    "documents/पत्र सं. 12-क.pdf",
    "pages/फ़ाइल/000001.jpg",
    "pages/a b+c&d=e?f#g%20/000001.png",
    "pages/'quotes\"/(x)~!@$*.png",
]


def _settings(kind: str) -> StoreSettings:
    if kind == "embedded":
        return StoreSettings()
    access, secret = (SecretStr(os.environ[ENV + name]) for name in ("ACCESS_KEY", "SECRET_KEY"))
    bucket = f"abhilekh-test-{secrets.token_hex(4)}"
    return StoreSettings(endpoint=os.environ[ENV + "ENDPOINT"], bucket=bucket, access_key=access, secret_key=secret)


STORES = ["embedded", *(["s3"] if ENV + "ENDPOINT" in os.environ else [])]


@pytest.fixture(scope="module", params=STORES)
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    opened = open_store(_settings(request.param), tmp_path_factory.mktemp("home"))
    yield opened.store
    opened.close()


@pytest.fixture
def make_file(tmp_path: Path) -> Callable[..., Path]:
    def make(size: int, name: str = "scan.pdf") -> Path:
        path = tmp_path / name
        path.write_bytes(random.randbytes(size))
        return path

    return make


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize("size", [0, 1, 100_000])
def test_bytes_come_back_as_they_were_put(store: Store, size: int) -> None:
    data = random.randbytes(size)

    stored = store.put_bytes(f"pages/bytes/{size}", data, "image/jpeg")

    assert stored == StoredObject(f"pages/bytes/{size}", sha256(data), size)
    assert store.get(stored.key) == data


def test_a_big_file_goes_in_parts_and_comes_back_whole(
    store: Store, make_file: Callable[..., Path], tmp_path: Path
) -> None:
    path = make_file(20_000_001)

    stored = store.put_file("documents/big.pdf", path, "application/pdf")
    store.fetch(stored.key, tmp_path / "back.pdf")

    assert stored.bytes == 20_000_001
    assert stored.sha256 == sha256(path.read_bytes()) == store.digest(stored.key)
    assert (tmp_path / "back.pdf").read_bytes() == path.read_bytes()
    assert max(map(len, store.stream(stored.key, chunk=65_536))) <= 65_536


@pytest.mark.parametrize("key", ODD_KEYS)
def test_any_key_can_be_put_found_listed_and_removed(store: Store, key: str) -> None:
    store.put_bytes(key, key.encode(), "text/plain")

    assert store.get(key).decode() == key
    assert key in [found.key for found in store.list(key.split("/", maxsplit=1)[0] + "/")]
    store.remove(key)
    assert store.info(key) is None


def test_a_put_replaces_what_was_there(store: Store) -> None:
    for data in (b"first", b"second one"):
        store.put_bytes("pages/again.jpg", data, "image/jpeg")

    assert store.get("pages/again.jpg") == b"second one"
    assert [found.bytes for found in store.list("pages/again")] == [10]


def test_list_gives_every_object_under_the_prefix_in_order(store: Store) -> None:
    names = [f"manifests/l/{number:03d}.json" for number in range(12)]
    for name in reversed(names):
        store.put_bytes(name, b"{}", "application/json")

    assert [found.key for found in store.list("manifests/l/")] == names
    assert [found.key for found in store.list("manifests/l/00")] == names[:10]
    assert list(store.list("manifests/none/")) == []
    assert [found.key for found in store.list("manifests/l/", after=names[8])] == names[9:]
    assert [found.key for found in store.list("manifests/l/", after="manifests/l/0085")] == names[9:]
    assert list(store.list("manifests/l/", after=names[-1])) == []
    assert set(names) <= {found.key for found in store.list()}


def test_list_turns_the_page(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.storage.s3_bucket.LIST_PAGE", 4)
    names = [f"manifests/turn/{number}" for number in range(8)]
    for name in names:
        store.put_bytes(name, b"{}", "application/json")

    assert [found.key for found in store.list("manifests/turn/")] == names


def test_info_tells_length_and_etag_without_reading(store: Store) -> None:
    store.put_bytes("pages/info", b"12345", "text/plain")

    info = store.info("pages/info")

    assert info is not None
    assert (info.key, info.bytes) == ("pages/info", 5)
    assert info.etag == hashlib.md5(b"12345", usedforsecurity=False).hexdigest()


def test_a_missing_object_is_named(store: Store, tmp_path: Path) -> None:
    assert store.info("pages/none") is None
    for read in (store.get, store.digest, lambda key: list(store.stream(key))):
        with pytest.raises(ObjectMissingError, match="pages/none"):
            read("pages/none")
    with pytest.raises(ObjectMissingError):
        store.fetch("pages/none", tmp_path / "none")
    assert list(tmp_path.iterdir()) == []


def test_an_original_is_written_once(store: Store, make_file: Callable[..., Path]) -> None:
    path = make_file(50_000)
    digest = sha256(path.read_bytes())

    first = store.put_original(path, digest)
    before = store.info(first.key)
    again = store.put_original(path, digest)

    assert first == again == StoredObject(keys.original(digest), digest, 50_000)
    assert store.info(first.key) == before


def test_an_original_that_changed_in_the_store_is_noticed_and_left_alone(
    store: Store, make_file: Callable[..., Path]
) -> None:
    path = make_file(1_000)
    digest = sha256(path.read_bytes())
    store.put_bytes(keys.original(digest), b"x" * 1_000, "application/pdf")

    with pytest.raises(FixityError):
        store.put_original(path, digest)

    assert store.get(keys.original(digest)) == b"x" * 1_000


def test_an_original_under_a_wrong_hash_never_gets_in(store: Store, make_file: Callable[..., Path]) -> None:
    with pytest.raises(FixityError):
        store.put_original(make_file(10), "0" * 64)

    assert store.info(keys.original("0" * 64)) is None


@pytest.mark.parametrize("key", [keys.original("a" * 64), keys.rejected("a" * 64)])
def test_originals_and_rejected_scans_are_never_removed(store: Store, key: str) -> None:
    store.put_bytes(key, b"kept", "application/pdf")

    with pytest.raises(ValueError, match="never removed"):
        store.remove(key)

    assert store.get(key) == b"kept"


def test_removing_what_is_not_there_is_no_error(store: Store) -> None:
    store.remove("pages/never-was")


def test_many_threads_use_one_store(store: Store) -> None:
    def work(number: int) -> bool:
        data = random.Random(number).randbytes(20_000)
        store.put_bytes(f"pages/threads/{number:03d}", data, "image/jpeg")
        return store.get(f"pages/threads/{number:03d}") == data

    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(work, range(64)))
    assert len(list(store.list("pages/threads/"))) == 64


def test_a_closed_store_opens_again(store: Store) -> None:
    store.close()

    store.ping()


def test_nothing_but_what_was_put_is_listed(store: Store) -> None:
    assert {found.key.split("/")[0] for found in store.list()} <= {
        "pages",
        "documents",
        "manifests",
        "originals",
        "rejected",
    }


def test_wrong_keys_say_what_to_fix(store: Store) -> None:
    assert isinstance(store, S3Store)
    there = store.endpoint
    stranger = S3Store(replace(there, access_key="nobody", secret_key="n" * 40), store.bucket)

    with pytest.raises(MissingPartError, match=r"config/abhilekh\.toml"):
        stranger.ping()
    stranger.close()


def test_a_store_that_is_not_there_is_unavailable() -> None:
    nowhere = S3Store(Endpoint("127.0.0.1:9", "a", "b" * 10, region="us-east-1"), "abhilekh")

    with pytest.raises(StoreUnavailableError, match=r"127\.0\.0\.1:9"):
        nowhere.ping()
    nowhere.close()


def test_a_manifest_comes_back_from_the_store_in_nfc(store: Store) -> None:
    decomposed = "\u0928\u093c"  # NA and NUKTA, of which NFC makes one sign
    entry = {"key": "originals/x", "sha256": "x", "bytes": 1}
    content = {"batch": "b", "source": {"name": decomposed}, "objects": [entry], "documents": []}

    store.put_bytes(keys.manifest("b"), manifest.dumps(content), "application/json")
    back = store.get(keys.manifest("b"))

    assert "\u0929".encode() in back
    assert manifest.loads(back) == {"schema": 1} | content | {"source": {"name": "\u0929"}}


@pytest.mark.parametrize("wrong", [{"schema": 2}, {"batch": None}, {"objects": [{"key": "k"}]}])
def test_a_manifest_that_is_not_whole_is_refused(wrong: dict[str, object]) -> None:
    whole = {"batch": "b", "source": {}, "objects": [], "documents": []}

    with pytest.raises(ValueError, match="manifest"):
        manifest.loads(json.dumps({"schema": 1} | whole | wrong).encode())
