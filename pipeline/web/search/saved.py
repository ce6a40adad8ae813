"""Saved searches as a dependency of routes: `db.saved_searches` answers. No behaviour here."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import Depends, Request

from pipeline.db.saved_searches import SavedSearches


def of(request: Request) -> SavedSearches:
    return cast(SavedSearches, request.app.state.services.saved)


TheSaved = Annotated[SavedSearches, Depends(of)]
