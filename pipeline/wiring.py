"""Builds the real parts from the settings. The only module that names concrete classes.

What a command may not need (images, object store, workers) is imported where it is built: looking something up starts
in half the time.
"""

from __future__ import annotations

import os
import shutil
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.build import build
from pipeline.errors import AbhilekhError, DiskFullError
from pipeline.index.database import Database
from pipeline.index.engines import Engine, engine_for
from pipeline.index.queue import Queue
from pipeline.index.records import Records
from pipeline.index.register import Register
from pipeline.index.search import Search, digits
from pipeline.model import Answer, Batch, BatchState, Document, KnownNumber, Query, Source, StoredObject
from pipeline.records import file_number
from pipeline.records.file_number import Grammar
from pipeline.register.model import FileMatch, RegisterFile
from pipeline.settings import Settings

if TYPE_CHECKING:
    from pipeline.conductor import Conductor
    from pipeline.desk.note_model import PageNote
    from pipeline.desk.notes import Sayings
    from pipeline.desk.pages import PageDesk
    from pipeline.desk.receiving import Choice, Receiving
    from pipeline.desk.work import Desk
    from pipeline.export.model import Exported, Form
    from pipeline.index.board import Boards
    from pipeline.index.deeds import Deeds
    from pipeline.index.engines.opensearch import OpenSearch
    from pipeline.index.exports import Wanted
    from pipeline.index.page_notes import PageNotes
    from pipeline.index.people import People
    from pipeline.index.rebuilding import Rebuilding
    from pipeline.index.saved import SavedSearches
    from pipeline.ingest.intake import Intake, Places
    from pipeline.ingest.profiles import Profile
    from pipeline.ingest.watch import Watcher
    from pipeline.looking.viewing import Viewing
    from pipeline.pool import PagePool
    from pipeline.records.corrected import Describe
    from pipeline.register.desk import RegisterDesk
    from pipeline.register.registrar import Registrar
    from pipeline.review.corrections import Corrections
    from pipeline.review.desk import ReviewDesk
    from pipeline.review.reviewing import Reviewing
    from pipeline.review.sampling import Sampling
    from pipeline.store import Store
    from pipeline.store.opening import OpenStore

_PARTS = ("watcher", "workers", "web")
_SUGGESTED = 8  # completions of a question
_LOOK_SECONDS = 2.0  # between two looks at the inbox and the parts, however many people watch


class House:
    """Every part of one installation, built when it is first asked for. Close it when done."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.owner = f"{socket.gethostname()}:{os.getpid()}"

    @cached_property
    def database(self) -> Database:
        database = Database(self.settings.database_url)
        database.migrate()
        return database

    @cached_property
    def engine(self) -> Engine:
        return self.open_search or engine_for(self.database)

    @cached_property
    def open_search(self) -> OpenSearch | None:
        """The OpenSearch that the settings name; None where the database keeps the full text."""
        search = self.settings.search
        if search.url is None:
            return None
        from pipeline.index.engines.opensearch import OpenSearch

        login = (search.user, search.password.get_secret_value()) if search.user else None
        return OpenSearch(self.database, search.url, search.index, login, str(search.ca) if search.ca else None)

    @cached_property
    def records(self) -> Records:
        return Records(self.database, self.engine, file_number.parse)

    @cached_property
    def people(self) -> People:
        """Who may sign in, and who is signed in."""
        from pipeline.index.people import People

        web = self.settings.web
        idle, whole = timedelta(minutes=web.session_idle_minutes), timedelta(hours=web.session_hours)
        return People(self.database, idle=idle, whole=whole)

    @cached_property
    def deeds(self) -> Deeds:
        """The record of what people did."""
        from pipeline.index.deeds import Deeds

        return Deeds(self.database)

    @cached_property
    def register(self) -> Register:
        return Register(self.database)

    def registrar(self) -> Registrar:
        """Who changes the register; for looking things up in it, `register` is enough and starts no store."""
        from pipeline.register.registrar import Registrar

        return Registrar(self.store, self.register)

    def register_desk(self) -> RegisterDesk:
        """The register as the commands and the web work with it."""
        from pipeline.register.desk import RegisterDesk

        return RegisterDesk(self.register, self.registrar, self.settings.retention.by_class)

    def known(self, office: str | None = None) -> Callable[[str], list[FileMatch]]:
        """A function that tells which files of the register a written number may mean, surest first."""

        def find(written: str) -> list[FileMatch]:
            number = file_number.parse(written)
            return self.register.find(office, number) if number else []

        return find

    def known_to(self, batch: Batch) -> Callable[[str], KnownNumber]:
        """A function that tells what the batch's office knows of a written number: by the register, and by what other
        batches were filed under."""

        def look_up(written: str) -> KnownNumber:
            number = file_number.parse(written)
            if number is None:
                return KnownNumber(False)
            matches = self.known(batch.office)(written)
            if any(match.by == "strict" for match in matches):
                return KnownNumber(True)
            others = {match.file.number for match in matches}
            return KnownNumber(
                self.records.is_filed_under(number.key, batch.office, besides=batch.id),
                others.pop() if len(others) == 1 else None,
            )

        return look_up

    def corrections(self) -> Corrections:
        """What people said of documents and pages, as it is kept."""
        from pipeline.index.corrections import CorrectionRows
        from pipeline.review.corrections import Corrections

        return Corrections(self.store, CorrectionRows(self.database, self.records.index))

    def reviewing(self) -> Reviewing:
        """What people may do to documents in review."""
        from pipeline.review.reviewing import Reviewing

        return Reviewing(self.corrections(), self.records, self.describing, self.settings.review.wants_two)

    def describing(self, batch: Batch) -> Describe:
        """The machine's view of pages of a batch that a person put together."""
        from pipeline.records.separate import describe

        ways: dict[str, Any] = {"office": batch.office, "today": date.today(), "grammar": self.numbers}
        return partial(describe, batch.id, known=self.known_to(batch), **ways)

    def rebuilding(self) -> Rebuilding:
        from pipeline.index.rebuilding import Rebuilding

        return Rebuilding(self.database, self.engine, file_number.parse)

    def close_database(self) -> None:
        """Let go of the database; it is opened anew when it is next asked for."""
        if "deeds" in self.__dict__:
            self.deeds.close()
        if "database" in self.__dict__:
            self.database.close()
        for name in ("database", "engine", "open_search", "records", "register", "people", "deeds", "page_notes"):
            self.__dict__.pop(name, None)

    @cached_property
    def opened(self) -> OpenStore:
        from pipeline.store.opening import open_store

        return open_store(self.settings.store, self.settings.home)

    @property
    def store(self) -> Store:
        return self.opened.store

    @cached_property
    def places(self) -> Places:
        from pipeline.ingest.intake import Places

        home = self.settings.home
        done = home / "done" if self.settings.intake.keep_done else None
        return Places(self.settings.inbox, done, home / "duplicates", home / "rejected")

    @cached_property
    def profiles(self) -> list[Profile]:
        """The scanner profiles. Raises `ProfileError` for a bad one."""
        from pipeline.ingest.profile_files import load_profiles

        return load_profiles(self.settings.profiles) if self.settings.profiles else []

    @cached_property
    def numbers(self) -> Grammar:
        """How file numbers are written. Raises `NumberFormsError` for a bad form."""
        return file_number.load_grammar(*self.settings.number_forms)

    @cached_property
    def scratch(self) -> Path:
        return self.settings.home / "work"

    def beat(self, part: str, note: str = "ok", **told: Any) -> None:
        """A sign of life of a part in this process: how it is, which code it runs, what else it tells."""
        self.records.beat(part, self.owner, note, told={"build": build(), **told})

    def queue(self) -> Queue:
        return Queue(self.database, owner=self.owner, lease_seconds=self.settings.work.lease_seconds)

    def prove(self, path: Path, name: str) -> Source:
        """Open a scan to its last page. Raises the `InputError` that says what is wrong with it."""
        from pipeline.media.probe import prove

        return prove(path, name, max_pixels=int(self.settings.pages.max_megapixels * 1e6))

    def intake(self) -> Intake:
        from pipeline.ingest.intake import Intake

        return Intake(self.prove, _Originals(self.store), self.records, office=self.settings.office)

    def receiving(self) -> Receiving:
        """Who takes in what people send from the browser."""
        from pipeline.desk.receiving import Receiving
        from pipeline.ingest.uploads import Limits, Uploads

        upload = self.settings.upload
        limits = Limits(upload.max_mb, upload.in_flight, upload.keep_hours, self.settings.intake.min_free_mb)
        return Receiving(
            Uploads(self.settings.home / "uploads", limits),
            self.intake,
            self.places,
            self.records.batch,
            lambda written: file_number.parse(written) is not None,
            self._choices,
            self._replace,
            threads=self.settings.intake.threads,
        )

    def _replace(
        self, batch: str, page: int, path: Path, *, name: str, by: str, reason: str, token: str
    ) -> tuple[PageNote, bool]:
        """Have a scan stand for a page; a wish for a new scan of it is answered."""
        said = self.sayings().replace(batch, page, path, name=name, by=by, reason=reason, token=token)
        self.reviewing().scanned_again(batch, page, by)
        return said

    def _choices(self) -> tuple[list[Choice], list[Choice]]:
        """The offices and the scanner profiles that an upload may be told."""
        from pipeline.desk.receiving import Choice

        offices = {one.code: Choice(one.code, one.name_hi, one.name_en) for one in self.register.offices()}
        if self.settings.office:
            offices.setdefault(self.settings.office, Choice(self.settings.office, "", ""))
        profiles = [Choice(one.name, one.title_hi, one.title) for one in self.profiles]
        return list(offices.values()), profiles

    def watcher(self) -> Watcher:
        from pipeline.ingest.watch import Pace, Watcher

        intake = self.settings.intake
        self.make_folders()
        return Watcher(
            self.places,
            self.intake(),
            Pace(intake.settle_seconds, intake.reject_after_seconds, intake.rescan_seconds, intake.threads),
            beat=lambda note, waiting: self.beat("watcher", note, **waiting),
            require_room=self.require_room,
            profiles=self.profiles,
        )

    def make_folders(self) -> None:
        """The folders that scans go through; an inbox that is configured may be a share, and is not made for it.

        A bad scanner profile is refused here, before anything runs.
        """
        _ = self.profiles
        self.places.make()
        if self.settings.intake.inbox is None:
            self.settings.inbox.mkdir(parents=True, exist_ok=True)

    def require_room(self) -> None:
        """Raise `DiskFullError` when the home's disk has less room than work may use."""
        home = self.settings.home
        free = shutil.disk_usage(home).free // 2**20
        if free < self.settings.intake.min_free_mb:
            raise DiskFullError(folder=home, free=free)

    def page_pool(self) -> PagePool:
        """Processes that work on pages. Raises `MissingPartError` when they could not read: better now than page by page."""
        from pipeline.ocr import program
        from pipeline.pool import PagePool

        if self.settings.ocr.enabled:
            program.resolve_languages(self.settings.ocr.languages)
        work = self.settings.work
        return PagePool(work.processes, memory_mb=work.page_memory_mb, page_seconds=work.page_seconds, nice=work.nice)

    def conductor(self, pool: PagePool, *, beats: bool = True) -> Conductor:
        from pipeline.conductor import Conductor
        from pipeline.flow import Kit
        from pipeline.ingest.profiles import default_dpi

        work = self.settings.work
        return Conductor(
            Kit(
                self.store,
                self.records,
                self.corrections(),
                pool.work,
                self.settings.pages,
                self.settings.ocr,
                self.numbers,
                self.known_to,
                default_dpi(self.profiles),
                self.page_notes.of,
            ),
            self.queue(),
            self.scratch,
            batches_at_once=work.processes,
            lease_seconds=work.lease_seconds,
            retry_seconds=work.retry_seconds,
            max_retry_seconds=work.max_retry_seconds,
            beat=(lambda note: self.beat("workers", note)) if beats else (lambda note: None),
            require_room=self.require_room,
        )

    @cached_property
    def page_notes(self) -> PageNotes:
        from pipeline.index.page_notes import PageNotes

        return PageNotes(self.database)

    def sayings(self) -> Sayings:
        """Who replaces a page, or says of it whether it is blank."""
        from pipeline.desk.notes import Sayings

        return Sayings(lambda: self.store, self.page_notes, self.prove, self.records.batch)

    def export(self, form: Form, wanted: Wanted, target: Path, *, tell: Callable[[int, int], None]) -> Exported:
        """Take a file, an office or everything out, into the folder `target`."""
        from pipeline.export import export
        from pipeline.export.model import Kit
        from pipeline.index.exports import Exports

        def registered(office: str, key: str) -> list[RegisterFile]:
            number = file_number.parse(key)
            found = self.register.find(office, number) if number else []
            return [match.file for match in found if match.file.key == key]

        scratch = self.scratch / f"{os.getpid()}-export"
        try:
            kit = Kit(self.store, self.records, Exports(self.database), registered, scratch)
            return export(form, wanted, target, kit, tell=tell)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)

    def library(self) -> Reading:
        return Reading(self)

    def close(self) -> None:
        if "opened" in self.__dict__:
            self.opened.close()
        self.close_database()


class _Originals:
    """The store as intake knows it."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def put_original(self, path: Path, sha256: str) -> StoredObject:
        return self.store.put_original(path, sha256)

    def put_rejected(self, path: Path) -> StoredObject:
        from pipeline.media.probe import sha256
        from pipeline.store import keys

        return self.store.put_file(keys.rejected(sha256(path)), path, "application/octet-stream")

    def note(
        self, batch: Batch, kept: Sequence[StoredObject], error: AbhilekhError | None, at: datetime
    ) -> StoredObject:
        from pipeline.keeping import manifests
        from pipeline.store import keys

        state = BatchState.REJECTED if error else BatchState.RECEIVED
        why = {"code": error.code, "en": error.text("en"), "hi": error.text("hi"), "at": at} if error else None
        account = manifests.Account(replace(batch, state=state, tries=0), tuple(kept), error=why)
        return self.store.put_bytes(keys.manifest(batch.id), manifests.write(account), "application/json")


class Reading:
    """What people may ask: search, look, status. The web's library and the commands' alike."""

    def __init__(self, house: House) -> None:
        self.house = house
        self._search = Search(house.database, house.engine, file_number.parse, file_number.looks_like_one)
        self._opening = threading.Lock()

    def search(self, query: Query) -> Answer:
        return self._search.find(query)

    def suggest(self, text: str, offices: frozenset[str] | None = None) -> list[str]:
        """What the beginning of a question may become, for somebody who may see these offices; None stands for all."""

        def registered(written: str) -> list[str]:
            begun = digits(written)
            return self.house.register.begun(begun, offices, _SUGGESTED) if begun else []

        return self._search.suggest(text, _SUGGESTED, registered, offices)

    @cached_property
    def saved(self) -> SavedSearches:
        """The searches that people keep."""
        from pipeline.index.saved import SavedSearches

        return SavedSearches(self.house.database)

    def office_names(self, code: str) -> dict[str, str]:
        """The offices of the register by their codes, in Hindi (`hi`) or English."""
        found = {one.code: (one.name_hi, one.name_en) for one in self.house.register.offices()}
        return {
            office: (hindi if code == "hi" else english) or english or hindi
            for office, (hindi, english) in found.items()
        }

    def document(self, ident: str) -> Document:
        return self.house.records.document(ident)

    def batch_of(self, document: Document) -> Batch:
        return self.house.records.batch(document.batch)

    @cached_property
    def review(self) -> ReviewDesk:
        """What reviewers see and do."""
        from pipeline.index.review_queue import ReviewQueue
        from pipeline.review.desk import ReviewDesk

        house, minutes = self.house, self.house.settings.review.hand_minutes
        with self._opening:
            return ReviewDesk(house.reviewing(), ReviewQueue(house.database), house.known, minutes)

    def boxes(self, document: str, page: int, text: str) -> list[list[float]]:
        return self._search.boxes(document, page, text)

    def offices(self) -> list[str]:
        """The codes of all offices: of the register, and those that documents name."""
        return sorted({office.code for office in self.house.register.offices()} | self.house.records.offices())

    def places(self, document: str, text: str) -> dict[int, list[list[float]]]:
        return self._search.places(document, text)

    @cached_property
    def viewing(self) -> Viewing:
        from pipeline.index.leaves import Leaves
        from pipeline.looking.viewing import Viewing

        house, settings = self.house, self.house.settings
        return Viewing(
            Leaves(house.database),
            house.register,
            house.records.batch,
            self.image,
            settings.home / "run" / "scans",
            max_pixels=int(settings.pages.max_megapixels * 1e6),
            retention=settings.retention.by_class,
        )

    def image(self, key: str) -> Iterator[bytes]:
        return self._store.stream(key)

    @property
    def _store(self) -> Store:
        with self._opening:  # only the first call opens the store
            return self.house.store

    @cached_property
    def desk(self) -> Desk:
        from pipeline.desk.work import Desk, at_most_every
        from pipeline.index.working import Working

        house = self.house
        return Desk(
            Working(house.database),
            house.queue(),
            lambda key: self._store.get(key),  # noqa: PLW0108 - the store is opened when it is first needed
            at_most_every(_LOOK_SECONDS, self._arriving),
            house.settings.office,
        )

    @cached_property
    def sampling(self) -> Sampling:
        """Who draws samples for acceptance, and keeps what is found of them."""
        from pipeline.index.samples import Samples
        from pipeline.review.sampling import Sampling

        return Sampling(lambda: self._store, Samples(self.house.database))

    @cached_property
    def receiving(self) -> Receiving:
        return self.house.receiving()

    @cached_property
    def page_desk(self) -> PageDesk:
        """Single pages as their operators see them, and what may be said of them."""
        from pipeline.desk.pages import PageDesk
        from pipeline.index.working import Working

        house = self.house
        with self._opening:
            wishes = house.corrections().rows.wanted_again
        return PageDesk(
            house.page_notes,
            house.sayings(),
            Working(house.database),
            house.records.batch,
            lambda key: self._store.get(key),  # noqa: PLW0108 - as above
            self.image,
            wishes,
        )

    @cached_property
    def register_desk(self) -> RegisterDesk:
        return replace(self.house.register_desk(), registrar=self._registrar)

    def _registrar(self) -> Registrar:
        with self._opening:
            return self.house.registrar()

    @cached_property
    def boards(self) -> Boards:
        from pipeline.index.board import Boards

        return Boards(self.house.database)

    def status(self) -> dict[str, Any]:
        """`status --json`: with the files that wait in the inbox and the newest troubles."""
        house = self.house
        return {
            **self._arriving(),  # first: what leaves the inbox is a batch by then, so nothing is passed over between the two
            **house.records.counts(),
            "troubles": house.records.troubles(),
            "inbox_folder": str(house.settings.inbox),
        }

    def _arriving(self) -> dict[str, Any]:
        """The inbox, what waits in it, and how the parts are."""
        told = self.house.records.parts_told()
        beating = {part["part"]: part["state"] for part in told}
        parts = {"store": self._store_health(), "database": "ok"}
        parts.update({name: beating.get(name, "not running") for name in _PARTS})
        return {"inbox": inbox_count(self.house.settings.inbox), "parts": parts, **_waiting(told)}

    def _store_health(self) -> str:
        """Whether the store answers; the bundled one is not started for the question."""
        from pipeline.store.opening import embedded_server

        server = embedded_server(self.house.settings.store, self.house.settings.home)
        if server is not None:
            return "ok" if server.is_running() else "not running"
        try:
            self.house.store.ping()
        except AbhilekhError as error:
            return error.text("en")
        return "ok"


def _waiting(parts: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The files that watchers told to wait, those that wait longest first; watchers of one inbox tell the same ones."""
    from pipeline.ingest.reasons import next_in_words

    counts: dict[str, int] = {}
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for part in parts:
        inbox = part.get("inbox", "")
        counts[inbox] = max(counts.get(inbox, 0), part.get("waiting_files", 0))
        for one in part.get("waiting", ()):
            since, at = datetime.fromisoformat(one["since"]), one["next_at"] and datetime.fromisoformat(one["next_at"])
            english, hindi = next_in_words(one["next"], at)
            seen = found.get((inbox, one["name"]))
            if seen is None or since < seen["since"]:
                words = {"next_en": english, "next_hi": hindi}
                found[inbox, one["name"]] = {**one, "since": since, "next_at": at, **words}
    return {"waiting_files": sum(counts.values()), "waiting": sorted(found.values(), key=lambda one: one["since"])}


def inbox_count(inbox: Path) -> int:
    """Files that lie in the inbox."""
    with suppress(OSError):
        return sum(1 for path in inbox.rglob("*") if path.is_file() and not path.name.startswith("."))
    return 0
