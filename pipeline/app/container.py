"""One installation: settings, database, store, and from them every part, built when it is first asked for.

How the parts of a feature are put together is in the module of that feature beside this one. Each of them is imported where
it is called: a command that only looks something up loads no image library, object store or worker.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.app.repositories import Repositories
from pipeline.app.services import Services
from pipeline.db.arrivals import ArrivalRepository
from pipeline.db.batches import BatchRepository
from pipeline.db.database import Database
from pipeline.db.heartbeats import HeartbeatRepository
from pipeline.db.leases import Holder
from pipeline.db.queue import BatchQueue
from pipeline.db.register import RegisterRepository
from pipeline.extract import file_number
from pipeline.extract.file_number import Grammar
from pipeline.index.engines import TextEngine
from pipeline.index.textindex import TextIndex
from pipeline.model.health import InboxReport, PartReport
from pipeline.model.register import FileMatch
from pipeline.model.scan import Source
from pipeline.settings import Settings
from pipeline.version import build

if TYPE_CHECKING:
    from pipeline.accounts.secret_box import SecretBox
    from pipeline.db.accounts import AccountRepository
    from pipeline.db.annotations import AnnotationRepository
    from pipeline.db.audit import AuditLog
    from pipeline.db.exports import ExportScope
    from pipeline.db.rebuilding import Rebuilding
    from pipeline.index.engines.opensearch import OpenSearch
    from pipeline.ingest.intake import Intake, Places
    from pipeline.ingest.profiles import Profile
    from pipeline.ingest.watch import Watcher
    from pipeline.model.signature import Signer
    from pipeline.preservation.export.model import Exported, ExportFormat
    from pipeline.preservation.scan_versions import ScanVersions
    from pipeline.register.registrar import Registrar
    from pipeline.register.service import RegisterService
    from pipeline.review.corrections import Corrections
    from pipeline.review.editing import ReviewEditor
    from pipeline.scanning.annotations import AnnotationService
    from pipeline.scanning.receiving import UploadService
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
        self._opening_database, self._opening_store = threading.Lock(), threading.Lock()
        self._repositories: Repositories | None = None
        self._opened: OpenStore | None = None

    # --- database ------------------------------------------------------------------------------------------------

    @property
    def repositories(self) -> Repositories:
        """What reads and writes the rows of the database in force, which is opened for the first question."""
        with self._opening_database:
            if self._repositories is None:
                self._repositories = Repositories(self.settings)
            return self._repositories

    def close_database(self) -> None:
        """Let go of the database and of all that was built on it; it is opened anew when it is next asked for."""
        with self._opening_database:
            repositories, self._repositories = self._repositories, None
        if repositories is not None:
            repositories.close()

    @property
    def database(self) -> Database:
        return self.repositories.database

    @property
    def engine(self) -> TextEngine:
        return self.repositories.engine

    @property
    def open_search(self) -> OpenSearch | None:
        return self.repositories.open_search

    @property
    def text_index(self) -> TextIndex:
        return self.repositories.text_index

    @property
    def records(self) -> BatchRepository:
        return self.repositories.batches

    @property
    def arrivals(self) -> ArrivalRepository:
        return self.repositories.arrivals

    @property
    def heartbeats(self) -> HeartbeatRepository:
        return self.repositories.heartbeats

    @property
    def register(self) -> RegisterRepository:
        return self.repositories.register

    @property
    def people(self) -> AccountRepository:
        return self.repositories.accounts

    @property
    def audit_log(self) -> AuditLog:
        return self.repositories.audit_log

    @property
    def page_notes(self) -> AnnotationRepository:
        return self.repositories.annotations

    def queue(self) -> BatchQueue:
        return BatchQueue(self.database, owner=str(self.process), lease_seconds=self.settings.work.lease_seconds)

    def rebuilding(self) -> Rebuilding:
        """The rows while they are filled again from the store."""
        from pipeline.db.rebuilding import Rebuilding

        return Rebuilding(self.database, self.text_index)

    def beat(self, part: str, note: str = "ok", *, inbox: InboxReport | None = None) -> None:
        """Record a sign of life of a part in this process: how it is, which code it runs, and a watcher's inbox."""
        details: PartReport = {"build": build(), "process": str(self.process)}
        self.heartbeats.beat(part, self.owner, note, details={**details, **inbox} if inbox else details)

    # --- store, files, settings that are read once ---------------------------------------------------------------

    @property
    def opened(self) -> OpenStore:
        """The store, with what was started for it."""
        with self._opening_store:
            if self._opened is None:
                from pipeline.storage.opening import open_store

                self._opened = open_store(self.settings.store, self.settings.home)
            return self._opened

    @property
    def store(self) -> Store:
        return self.opened.store

    @property
    def scratch(self) -> Path:
        return self.settings.home / "work"

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
    def secret_box(self) -> SecretBox:
        """What seals the secrets of accounts. Raises `AccountKeyError`."""
        from pipeline.accounts.secret_box import SecretBox

        return SecretBox.at(self.settings.account_key_file, self.settings.web.account_key.get_secret_value())

    # --- features ------------------------------------------------------------------------------------------------

    @property
    def places(self) -> Places:
        from pipeline.app import ingest

        return ingest.places(self)

    def prove(self, path: Path, name: str) -> Source:
        """Open a scan to its last page. Raises the `InputError` that says what is wrong with it."""
        from pipeline.formats.probe import prove

        return prove(path, name, max_pixels=int(self.settings.pages.max_megapixels * 1e6))

    def intake(self) -> Intake:
        from pipeline.app import ingest

        return ingest.intake(self)

    def watcher(self) -> Watcher:
        from pipeline.app import ingest

        return ingest.watcher(self)

    def make_folders(self) -> None:
        from pipeline.app import ingest

        ingest.make_folders(self)

    def receiving(self) -> UploadService:
        from pipeline.app import scanning

        return scanning.uploads(self)

    def annotations_service(self) -> AnnotationService:
        from pipeline.app import scanning

        return scanning.page_annotations(self)

    def page_pool(self) -> PagePool:
        from pipeline.app import workflow

        return workflow.page_pool(self)

    def worker(self, pool: PagePool, *, beats: bool = True) -> Worker:
        from pipeline.app import workflow

        return workflow.worker(self, pool, beats=beats)

    def registrar(self) -> Registrar:
        """Who changes the register; for looking things up in it, `register` is enough and starts no store."""
        from pipeline.register.registrar import Registrar

        return Registrar(self.store, self.register)

    def register_service(self) -> RegisterService:
        """The register as the commands and the web work with it."""
        from pipeline.register.service import RegisterService

        return RegisterService(self.register, self.registrar, self.settings.retention.by_class)

    def known(self, office: str | None = None) -> Callable[[str], list[FileMatch]]:
        from pipeline.app import known_numbers

        return known_numbers.finder(self, office)

    def corrections(self) -> Corrections:
        from pipeline.app import review

        return review.corrections(self)

    def reviewing(self) -> ReviewEditor:
        from pipeline.app import review

        return review.editor(self)

    def scan_versions(self) -> ScanVersions:
        """Which scan is a later version of which."""
        from pipeline.db.scan_versions import Versions
        from pipeline.preservation.scan_versions import ScanVersions

        return ScanVersions(lambda: self.store, Versions(self.records))

    def signer(self) -> Signer:
        """The signer of what is printed; its key is made when it is first asked for. Raises `SigningKeyError`."""
        from pipeline.preservation import signing_key

        return signing_key.signer(self.store, self.records)

    def export(
        self, form: ExportFormat, wanted: ExportScope, target: Path, *, tell: Callable[[int, int], None]
    ) -> Exported:
        from pipeline.app import export

        return export.run(self, form, wanted, target, tell=tell)

    def services(self) -> Services:
        return Services(self)

    # --- beginning and end ---------------------------------------------------------------------------------------

    def prepare(self) -> OpenStore:
        """Make the tables and the folders and open the store, before anybody needs them."""
        _ = self.database
        opened = self.opened
        self.make_folders()
        return opened

    def close(self) -> None:
        """Let go of the store and the database."""
        with self._opening_store:
            opened, self._opened = self._opened, None
        if opened is not None:
            opened.close()
        self.close_database()
