"""One installation: every part, built from the settings when it is first asked for.

What a command may not need (images, object store, workers) is imported where it is built: looking something up starts
in half the time.
"""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Callable
from datetime import timedelta
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.build import build
from pipeline.errors import DiskFullError
from pipeline.index.database import Database
from pipeline.index.engines import Engine, engine_for
from pipeline.index.leases import Holder
from pipeline.index.queue import Queue
from pipeline.index.records import Records
from pipeline.index.register import Register
from pipeline.model import Batch, KnownNumber, Source
from pipeline.records import file_number
from pipeline.records.file_number import Grammar
from pipeline.register.model import FileMatch, RegisterFile
from pipeline.settings import Settings
from pipeline.wiring.originals import Originals
from pipeline.wiring.reading import Reading

if TYPE_CHECKING:
    from pipeline.conductor import Conductor
    from pipeline.desk.note_model import PageNote
    from pipeline.desk.notes import Sayings
    from pipeline.desk.receiving import Choice, Receiving
    from pipeline.export.model import Exported, Form
    from pipeline.index.deeds import Deeds
    from pipeline.index.engines.opensearch import OpenSearch
    from pipeline.index.exports import Wanted
    from pipeline.index.page_notes import PageNotes
    from pipeline.index.people import People
    from pipeline.index.rebuilding import Rebuilding
    from pipeline.ingest.intake import Intake, Places
    from pipeline.ingest.profiles import Profile
    from pipeline.ingest.taking import Keeping
    from pipeline.ingest.watch import Watcher
    from pipeline.keeping.scan_versions import ScanVersions
    from pipeline.people.secret_box import SecretBox
    from pipeline.pool import PagePool
    from pipeline.records.corrected import Describe
    from pipeline.register.desk import RegisterDesk
    from pipeline.register.registrar import Registrar
    from pipeline.review.corrections import Corrections
    from pipeline.review.reviewing import Reviewing
    from pipeline.signing import Signer
    from pipeline.store import Store
    from pipeline.store.opening import OpenStore
    from pipeline.wiring.sheet_rights import SheetRights


class House:
    """Every part of one installation, built when it is first asked for. Close it when done."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.process = Holder.current()
        self.owner = f"{self.process.host}:{self.process.pid}"

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
        return People(self.database, idle=idle, whole=whole, totp_roles=web.roles_with_code, token_days=web.token_days)

    @cached_property
    def secret_box(self) -> SecretBox:
        """What seals the secrets of accounts. Raises `AccountKeyError`."""
        from pipeline.people.secret_box import SecretBox

        return SecretBox.at(self.settings.account_key_file, self.settings.web.account_key.get_secret_value())

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

        ways: dict[str, Any] = {
            "office": batch.office,
            "today": batch.latest_date,
            "grammar": self.numbers.until(batch.latest_date),
        }
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
        return Places(
            self.settings.inbox,
            home / "done",
            home / "duplicates",
            home / "rejected",
            scratch=self.scratch / "inbox",
            keep_done=self.settings.intake.keep_done,
        )

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
        self.records.beat(part, self.owner, note, told={"build": build(), "process": str(self.process), **told})

    def queue(self) -> Queue:
        return Queue(self.database, owner=str(self.process), lease_seconds=self.settings.work.lease_seconds)

    def prove(self, path: Path, name: str) -> Source:
        """Open a scan to its last page. Raises the `InputError` that says what is wrong with it."""
        from pipeline.media.probe import prove

        return prove(path, name, max_pixels=int(self.settings.pages.max_megapixels * 1e6))

    def intake(self) -> Intake:
        from pipeline.ingest.intake import Intake

        return Intake(self.prove, Originals(self.store), self.records, office=self.settings.office)

    def receiving(self) -> Receiving:
        """Who takes in what people send from the browser."""
        from pipeline.desk.receiving import Receiving
        from pipeline.index.page_offices import PageOfficeRows
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
            PageOfficeRows(self.database),
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
        from pipeline.ingest.taking import Rules
        from pipeline.ingest.watch import Pace, Watcher

        intake = self.settings.intake
        self.make_folders()
        return Watcher(
            self.places,
            self.intake(),
            Pace(intake.rescan_seconds, intake.threads),
            Rules(
                settle=intake.settle_seconds,
                unleased_settle=intake.unleased_settle_seconds,
                reject_after=intake.reject_after_seconds,
                recheck=intake.recheck_seconds,
                version=intake.version_seconds,
            ),
            self._keeping(),
            beat=lambda note, waiting: self.beat("watcher", note, **waiting),
            require_room=self.require_room,
            profiles=self.profiles,
        )

    def _keeping(self) -> Keeping:
        """Where the watcher keeps what it takes and has taken."""
        from pipeline.index.inbox_rows import SlipRows, TakenRows
        from pipeline.ingest.lease import share_of
        from pipeline.ingest.taken import ScanCodec
        from pipeline.ingest.taking import Keeping

        host, inbox = socket.gethostname(), self.settings.inbox
        name = self.settings.intake.inbox_name or share_of(inbox) or f"{host}:{inbox}"
        return Keeping(
            SlipRows(self.database, name),
            TakenRows(self.database, name, ScanCodec()),
            self.scan_versions(),
            inbox=name,
            keeper=f"{host}:{self.settings.home}",
        )

    def scan_versions(self) -> ScanVersions:
        """Which scan is a later version of which."""
        from pipeline.index.versions import Versions
        from pipeline.keeping.scan_versions import ScanVersions

        return ScanVersions(lambda: self.store, Versions(self.records))

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
                self.sheet_rights().check,
                work,
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

    def signer(self) -> Signer:
        """The signer of what is printed; its key is made when it is first asked for. Raises `SigningKeyError`."""
        from pipeline.keeping import signing_key

        return signing_key.signer(self.store, self.records)

    def sheet_rights(self) -> SheetRights:
        """What separator sheets may settle."""
        from pipeline.keeping import signing_key
        from pipeline.wiring.sheet_rights import SheetRights

        return SheetRights(
            lambda: signing_key.known_signer(self.store, self.records),
            lambda: frozenset(office.code for office in self.register.offices()),
            lambda: self.people,
            lambda: self.profiles,
            self.settings.intake.offices,
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
