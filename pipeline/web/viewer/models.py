"""Documents, pages and files as JSON, for the description of the API. The values are made in `pipeline.model.contract`."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict


class Shape(BaseModel):
    """Keys may be added to it."""

    model_config = ConfigDict(extra="allow")


class SourceJson(Shape):
    name: str
    sha256: str
    bytes: int


class FieldJson(Shape):
    """`box` is x, y, width, height as fractions of the page's image; `pixels` the same in its pixels."""

    value: str
    confidence: float
    source_page: int | None
    box: list[float] | None
    pixels: list[int] | None


class PageJson(Shape):
    number: int
    source_page: int
    text: str
    confidence: float
    language: str
    blank: bool
    flags: list[str]
    codes: list[str]
    width: int
    height: int
    dpi: int
    objects: dict[str, str]


class DocumentJson(Shape):
    document: str
    batch: str
    office: str | None
    source: SourceJson
    kind: str
    status: str
    file_key: str | None
    file_no: str | None
    letter_no: str | None
    date: str | None
    subject: str | None
    sender: str | None
    recipient: str | None
    confidence: dict[str, float]
    fields: dict[str, FieldJson]
    pages: list[PageJson]
    objects: dict[str, str]


class PlacesJson(BaseModel):
    """Where the words of a query stand: boxes as fractions of the page image, by page number."""

    document: str
    query: str
    total: int
    pages: dict[int, list[list[float]]]


class PartJson(BaseModel):
    """A document of a file; `first` and `last` are its pages' numbers on its side."""

    document: str
    kind: str
    status: str
    date: date | None
    subject: str | None
    letter_no: str | None
    sender: str | None
    pages: int
    first: int
    last: int


class VolumeJson(BaseModel):
    volume: str
    subject: str
    year: str
    branch: str
    record_class: str | None
    weed_on: date | None
    place: dict[str, str]
    state: str
    missing: list[int]


class FileJson(BaseModel):
    """A file with its two sides; `volumes` and `figures` are what the register says of it."""

    office: str | None
    file_key: str
    file_no: str
    covers: list[PartJson]
    noting: list[PartJson]
    correspondence: list[PartJson]
    volumes: list[VolumeJson]
    figures: dict[str, Any] | None
