"""What the search pages may ask of the searches that people keep. `db.saved_searches` answers; no behaviour here."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import Depends, Request

from pipeline.db.saved_searches import SavedSearches


def of(request: Request) -> SavedSearches:
    return cast(SavedSearches, request.app.state.services.saved)


TheSaved = Annotated[SavedSearches, Depends(of)]
