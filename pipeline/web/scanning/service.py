"""The dashboard as a dependency of routes: `pipeline.scanning.dashboard` answers. No behaviour here."""

from __future__ import annotations

from typing import Annotated, Protocol, cast

from fastapi import Depends, Request

from pipeline.model.scanning import DashboardState


class DashboardApi(Protocol):
    """Every call may also raise the TRANSIENT errors of the store and the database. Calls come from several threads."""

    def mark(self) -> str:
        """Changes whenever there is something new to see."""

    def work(self, offices: frozenset[str] | None) -> DashboardState:
        """How work stands for these offices; None stands for every one."""

    def office_of(self, batch: str) -> str | None:
        """The office of a batch. Raises `NotFoundError`."""

    def version(self, batch: str, page: int) -> str:
        """Changes when a page is read anew. Raises `NotFoundError` while it has no image."""

    def thumb(self, batch: str, page: int) -> bytes:
        """A small JPEG of a page. Raises `NotFoundError`."""

    def retry(self, batch: str) -> bool:
        """Have a batch that failed or was rejected tried again; False when there is nothing to try."""


def of(request: Request) -> DashboardApi:
    """The dashboard that `create_app` was given."""
    return cast(DashboardApi, request.app.state.services.dashboard)


TheDashboard = Annotated[DashboardApi, Depends(of)]
