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

from pipeline.app.originals import OriginalStore
from pipeline.app.services import Services
from pipeline.db.batches import BatchRepository
from pipeline.db.database import Database
from pipeline.db.leases import Holder
from pipeline.db.queue import BatchQueue
from pipeline.db.register import RegisterRepository
from pipeline.errors import DiskFullError
from pipeline.extract import file_number
from pipeline.extract.file_number import Grammar
from pipeline.index.engines import TextEngine, engine_for
from pipeline.index.textindex import TextIndex
from pipeline.model.batch import Batch
from pipeline.model.document import KnownNumber
from pipeline.model.register import FileMatch, RegisterFile
from pipeline.model.scan import Source
from pipeline.settings import Settings
from pipeline.version import build

if TYPE_CHECKING:
    from pipeline.accounts.secret_box import SecretBox
    from pipeline.app.sheet_rights import SheetRights
    from pipeline.db.accounts import AccountRepository
    from pipeline.db.annotations import AnnotationRepository
    from pipeline.db.audit import AuditLog
    from pipeline.db.exports import ExportScope
    from pipeline.db.rebuilding import Rebuilding
    from pipeline.index.engines.opensearch import OpenSearch
    from pipeline.ingest.intake import Intake, Places
    from pipeline.ingest.profiles import Profile
    from pipeline.ingest.take_file import Keeping
    from pipeline.ingest.watch import Watcher
    from pipeline.model.annotation import PageAnnotation
    from pipeline.model.signature import Signer
    from pipeline.preservation.export.model import Exported, ExportFormat
    from pipeline.preservation.scan_versions import ScanVersions
    from pipeline.register.registrar import Registrar
    from pipeline.register.service import RegisterService
    from pipeline.review.corrected import Describe
    from pipeline.review.corrections import Corrections
    from pipeline.review.editing import ReviewEditor
    from pipeline.scanning.annotations import AnnotationService
    from pipeline.scanning.receiving import UploadChoice, UploadService
    from pipeline.storage import Store
    from pipeline.storage.opening import OpenStore
    from pipeline.workflow.pool import PagePool
    from pipeline.workflow.worker import Worker


class Container:
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
    def engine(self) -> TextEngine:
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
    def text_index(self) -> TextIndex:
        return TextIndex(self.engine, file_number.parse)

    @cached_property
    def records(self) -> BatchRepository:
        return BatchRepository(self.database, self.text_index)

    @cached_property
    def people(self) -> AccountRepository:
        """Who may sign in, and who is signed in."""
        from pipeline.db.accounts import AccountRepository

        web = self.settings.web
        idle, whole = timedelta(minutes=web.session_idle_minutes), timedelta(hours=web.session_hours)
        return AccountRepository(
            self.database, idle=idle, whole=whole, totp_roles=web.roles_with_code, token_days=web.token_days
        )

    @cached_property
    def secret_box(self) -> SecretBox:
        """What seals the secrets of accounts. Raises `AccountKeyError`."""
        from pipeline.accounts.secret_box import SecretBox

        return SecretBox.at(self.settings.account_key_file, self.settings.web.account_key.get_secret_value())

    @cached_property
    def audit_log(self) -> AuditLog:
        """The record of what people did."""
        from pipeline.db.audit import AuditLog

        return AuditLog(self.database)

    @cached_property
    def register(self) -> RegisterRepository:
        return RegisterRepository(self.database)

    def registrar(self) -> Registrar:
        """Who changes the register; for looking things up in it, `register` is enough and starts no store."""
        from pipeline.register.registrar import Registrar

        return Registrar(self.store, self.register)

    def register_service(self) -> RegisterService:
        """The register as the commands and the web work with it."""
        from pipeline.register.service import RegisterService

        return RegisterService(self.register, self.registrar, self.settings.retention.by_class)

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
        from pipeline.db.corrections import CorrectionRows
        from pipeline.review.corrections import Corrections

        return Corrections(self.store, CorrectionRows(self.database, self.text_index))

    def reviewing(self) -> ReviewEditor:
        """What people may do to documents in review."""
        from pipeline.review.editing import ReviewEditor
        from pipeline.workflow.publish import republish

        return ReviewEditor(
            self.corrections(),
            self.records,
            self.describing,
            self.settings.review.wants_two,
            partial(republish, store=self.store, records=self.records),
        )

    def describing(self, batch: Batch) -> Describe:
        """The machine's view of pages of a batch that a person put together."""
        from pipeline.extract.separate import describe

        ways: dict[str, Any] = {
            "office": batch.office,
            "today": batch.latest_date,
            "grammar": self.numbers.until(batch.latest_date),
        }
        return partial(describe, batch.id, known=self.known_to(batch), **ways)

    def rebuilding(self) -> Rebuilding:
        from pipeline.db.rebuilding import Rebuilding

        return Rebuilding(self.database, self.text_index)

    def close_database(self) -> None:
        """Let go of the database; it is opened anew when it is next asked for."""
        if "audit_log" in self.__dict__:
            self.audit_log.close()
        if "database" in self.__dict__:
            self.database.close()
        of_database = (
            "engine",
            "text_index",
            "open_search",
            "records",
            "register",
            "people",
            "audit_log",
            "page_notes",
        )
        for name in ("database", *of_database):
            self.__dict__.pop(name, None)

    @cached_property
    def opened(self) -> OpenStore:
        from pipeline.storage.opening import open_store

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

    def queue(self) -> BatchQueue:
        return BatchQueue(self.database, owner=str(self.process), lease_seconds=self.settings.work.lease_seconds)

    def prove(self, path: Path, name: str) -> Source:
        """Open a scan to its last page. Raises the `InputError` that says what is wrong with it."""
        from pipeline.formats.probe import prove

        return prove(path, name, max_pixels=int(self.settings.pages.max_megapixels * 1e6))

    def intake(self) -> Intake:
        from pipeline.ingest.intake import Intake

        return Intake(self.prove, OriginalStore(self.store), self.records, office=self.settings.office)

    def receiving(self) -> UploadService:
        """Who takes in what people send from the browser."""
        from pipeline.db.page_offices import PageOfficeRows
        from pipeline.ingest.uploads import Limits, Uploads
        from pipeline.scanning.receiving import UploadService

        upload = self.settings.upload
        limits = Limits(upload.max_mb, upload.in_flight, upload.keep_hours, self.settings.intake.min_free_mb)
        return UploadService(
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
    ) -> tuple[PageAnnotation, bool]:
        """Have a scan stand for a page; a wish for a new scan of it is answered."""
        said = self.annotations_service().replace(batch, page, path, name=name, by=by, reason=reason, token=token)
        self.reviewing().scanned_again(batch, page, by)
        return said

    def _choices(self) -> tuple[list[UploadChoice], list[UploadChoice]]:
        """The offices and the scanner profiles that an upload may be told."""
        from pipeline.scanning.receiving import UploadChoice

        offices = {one.code: UploadChoice(one.code, one.name_hi, one.name_en) for one in self.register.offices()}
        if self.settings.office:
            offices.setdefault(self.settings.office, UploadChoice(self.settings.office, "", ""))
        profiles = [UploadChoice(one.name, one.title_hi, one.title) for one in self.profiles]
        return list(offices.values()), profiles

    def watcher(self) -> Watcher:
        from pipeline.ingest.take_file import Rules
        from pipeline.ingest.watch import Watcher, WatchTiming

        intake = self.settings.intake
        self.make_folders()
        return Watcher(
            self.places,
            self.intake(),
            WatchTiming(intake.rescan_seconds, intake.threads),
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
        from pipeline.db.inbox import SlipRows, TakenRows
        from pipeline.ingest.file_lease import share_of
        from pipeline.ingest.take_file import Keeping
        from pipeline.ingest.taken_files import ScanCodec

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
        from pipeline.db.scan_versions import Versions
        from pipeline.preservation.scan_versions import ScanVersions

        return ScanVersions(lambda: self.store, Versions(self.records))

    def prepare(self) -> OpenStore:
        """Make the tables and the folders and open the store, before anybody needs them."""
        _ = self.database
        opened = self.opened
        self.make_folders()
        return opened

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
        from pipeline.workflow.pool import PagePool

        if self.settings.ocr.enabled:
            program.resolve_languages(self.settings.ocr.languages)
        work = self.settings.work
        return PagePool(work.processes, memory_mb=work.page_memory_mb, page_seconds=work.page_seconds, nice=work.nice)

    def worker(self, pool: PagePool, *, beats: bool = True) -> Worker:
        from pipeline.ingest.profiles import default_dpi
        from pipeline.workflow.flow import Dependencies
        from pipeline.workflow.worker import Worker

        work = self.settings.work
        return Worker(
            Dependencies(
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
        from pipeline.preservation import signing_key

        return signing_key.signer(self.store, self.records)

    def sheet_rights(self) -> SheetRights:
        """What separator sheets may settle."""
        from pipeline.app.sheet_rights import SheetRights
        from pipeline.preservation import signing_key

        return SheetRights(
            lambda: signing_key.known_signer(self.store, self.records),
            lambda: frozenset(office.code for office in self.register.offices()),
            lambda: self.people,
            lambda: self.profiles,
            self.settings.intake.offices,
        )

    @cached_property
    def page_notes(self) -> AnnotationRepository:
        from pipeline.db.annotations import AnnotationRepository

        return AnnotationRepository(self.database)

    def annotations_service(self) -> AnnotationService:
        """Who replaces a page, or says of it whether it is blank."""
        from pipeline.scanning.annotations import AnnotationService

        return AnnotationService(lambda: self.store, self.page_notes, self.prove, self.records.batch)

    def export(
        self, form: ExportFormat, wanted: ExportScope, target: Path, *, tell: Callable[[int, int], None]
    ) -> Exported:
        """Take a file, an office or everything out, into the folder `target`."""
        from pipeline.db.exports import ExportRepository
        from pipeline.preservation.export import export
        from pipeline.preservation.export.model import ExportDependencies

        def registered(office: str, key: str) -> list[RegisterFile]:
            number = file_number.parse(key)
            found = self.register.find(office, number) if number else []
            return [match.file for match in found if match.file.key == key]

        scratch = self.scratch / f"{os.getpid()}-export"
        try:
            dependencies = ExportDependencies(
                self.store, self.records, ExportRepository(self.database), registered, scratch
            )
            return export(form, wanted, target, dependencies, tell=tell)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)

    def services(self) -> Services:
        return Services(self)

    def close(self) -> None:
        if "opened" in self.__dict__:
            self.opened.close()
        self.close_database()
