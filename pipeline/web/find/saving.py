"""What the search pages may ask of the searches that people keep. `index.saved` answers; no behaviour here."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import Depends, Request

from pipeline.index.saved import SavedSearches


def of(request: Request) -> SavedSearches:
    return cast(SavedSearches, request.app.state.library.saved)


TheSaved = Annotated[SavedSearches, Depends(of)]
