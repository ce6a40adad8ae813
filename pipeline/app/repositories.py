"""The repositories of one open database, each built when first asked for; they end with it (`close_database`)."""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from pipeline.db.arrivals import ArrivalRepository
from pipeline.db.audit import AuditLog
from pipeline.db.batches import BatchRepository
from pipeline.db.database import Database
from pipeline.db.heartbeats import HeartbeatRepository
from pipeline.db.register import RegisterRepository
from pipeline.extract import file_number
from pipeline.index.engines import TextEngine, engine_for
from pipeline.index.textindex import TextIndex
from pipeline.settings import Settings

if TYPE_CHECKING:
    from pipeline.db.accounts import AccountRepository
    from pipeline.db.annotations import AnnotationRepository
    from pipeline.index.engines.opensearch import OpenSearch


class Repositories:
    """What reads and writes the rows of one database. It ends with it: ask the container anew."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.database = Database(settings.database_url)
        self.database.migrate()
        self.audit_log = AuditLog(self.database)

    def close(self) -> None:
        """Write what waits in the audit log, then let go of the database."""
        self.audit_log.close()
        self.database.close()

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
    def batches(self) -> BatchRepository:
        return BatchRepository(self.database, self.text_index)

    @cached_property
    def arrivals(self) -> ArrivalRepository:
        return ArrivalRepository(self.database)

    @cached_property
    def heartbeats(self) -> HeartbeatRepository:
        return HeartbeatRepository(self.database)

    @cached_property
    def register(self) -> RegisterRepository:
        return RegisterRepository(self.database)

    @cached_property
    def accounts(self) -> AccountRepository:
        """Who may sign in, and who is signed in."""
        from pipeline.db.accounts import AccountRepository

        web = self.settings.web
        idle, whole = timedelta(minutes=web.session_idle_minutes), timedelta(hours=web.session_hours)
        return AccountRepository(
            self.database, idle=idle, whole=whole, totp_roles=web.roles_with_code, token_days=web.token_days
        )

    @cached_property
    def annotations(self) -> AnnotationRepository:
        from pipeline.db.annotations import AnnotationRepository

        return AnnotationRepository(self.database)
