"""Scanner profiles as frozen values, and what a file's place in the inbox means by them.

A profile tells which files a device writes, which of them belong together, when they are all there, and what its folder
names mean. Reading the profiles from their files is in `profile_files`; waiting for pages and taking them is in `gather`.
"""

from __future__ import annotations

import fnmatch
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import PurePath
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from pipeline.locale import Message

Meaning = Literal["office", "file_no", "operator", "bundle", "-"]
Order = tuple[tuple[int, str], ...]

METADATA_FIELDS = ("office", "file_no", "operator", "bundle")
_BATCH = "{batch}"
EVERY_OFFICE = "*"  # in `offices`: separator sheets may name any office of the register


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Complete(_Value):
    """When a group is all there: its marker file has come, or nothing has changed for so long."""

    after_seconds: float | None = Field(default=None, gt=0)
    marker: str | None = Field(default=None, min_length=1)


class ScanSettings(_Value):
    """How the device is set. `dpi` stands in where a page does not tell its own; the others are information for people."""

    duplex: bool = False
    dpi: int | None = Field(default=None, ge=72, le=1200)
    colour: Literal["colour", "grey", "black-and-white"] | None = None


class Profile(_Value):
    """One scanner, or one way of scanning. Every key is explained in `scanners/README.md`."""

    name: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    title: str = Field(min_length=1)
    title_hi: str = Field(min_length=1)
    folder: str = ""
    files: tuple[str, ...] = Field(default=("*",), min_length=1, strict=False)
    group: Literal["file", "folder", "name"] = "file"
    name_pattern: str | None = None
    complete: Complete | None = None
    subfolders: tuple[Meaning, ...] = Field(default=(), strict=False)
    settle_seconds: float | None = Field(default=None, ge=0)
    scan: ScanSettings = ScanSettings()
    offices: tuple[str, ...] = Field(default=(), strict=False)

    @property
    def folder_parts(self) -> tuple[str, ...]:
        return PurePath(unicodedata.normalize("NFC", self.folder)).parts

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        _require_plain_folder(self.folder)
        named = [meaning for meaning in self.subfolders if meaning != "-"]
        if len(named) != len(set(named)):
            raise _refusal("subfolders", Message("no meaning may stand twice"))
        if self.group == "name":
            _require_groups(self.name_pattern)
        elif self.name_pattern is not None:
            raise _refusal("name_pattern", Message('it needs group = "name"'))
        if self.group == "file" and self.complete is not None:
            raise _refusal("complete", Message("it needs group “folder” or “name”"))
        if self.group != "file":
            _require_an_end(self.complete, by_name=self.group == "name")
        return self


@dataclass(frozen=True, slots=True)
class InboxPlace:
    """What a file's place and name mean: its profile, its group's name, its order there, and the metadata of its scan.

    `folder` is the one it lies in, below the inbox. A marker is no page: it only says that its group is complete.
    """

    profile: Profile
    folder: PurePath
    group: str
    order: Order
    metadata: Mapping[str, str] = field(default_factory=dict)
    is_marker: bool = False

    @property
    def key(self) -> tuple[str, str, str]:
        """Files that agree on this belong together."""
        return self.profile.name, str(self.folder), self.group


def place_of(profiles: Sequence[Profile], path: PurePath) -> InboxPlace:
    """The profile of a file, and what its place means by it. `path` is below the inbox.

    The profile of the deepest folder that holds the file decides. A file that it does not want goes alone, as `GENERIC`.
    """
    parts = tuple(unicodedata.normalize("NFC", part) for part in path.parts)
    above = [p for p in profiles if len(p.folder_parts) < len(parts) and parts[: len(p.folder_parts)] == p.folder_parts]
    profile = max(above, key=lambda p: len(p.folder_parts), default=GENERIC)
    alone = InboxPlace(GENERIC, path.parent, path.name, natural_order(parts[-1]))
    return _place_by(profile, path, parts) or alone


def _place_by(profile: Profile, path: PurePath, parts: Sequence[str]) -> InboxPlace | None:
    below, name = parts[len(profile.folder_parts) : -1], parts[-1]
    levels = zip(profile.subfolders, below, strict=False)
    metadata: dict[str, str] = {what: says.strip() for what, says in levels if what != "-" and says.strip()}
    order = natural_order(name)
    folder_name = parts[-2] if len(parts) > 1 else profile.name
    marker = profile.complete.marker if profile.complete else None
    ends = _marker_regex(marker).fullmatch(name) if marker else None
    if ends:
        group = ends["batch"] if profile.group == "name" else folder_name
        return InboxPlace(profile, path.parent, group, order, metadata, is_marker=True)
    if not any(_glob(pattern).fullmatch(name) for pattern in profile.files):
        return None
    if profile.group != "name":
        return InboxPlace(profile, path.parent, name if profile.group == "file" else folder_name, order, metadata)
    found = _regex(profile.name_pattern or "").fullmatch(name)
    if found is None or not found["batch"]:
        return None
    metadata |= {what: says.strip() for what, says in found.groupdict().items() if what in METADATA_FIELDS and says}
    return InboxPlace(profile, path.parent, found["batch"], natural_order(found["page"] or "") + order, metadata)


def natural_order(name: str) -> Order:
    """A sorting key by which page 10 comes after page 9, in the digits of any script."""
    pieces = re.split(r"(\d+)", unicodedata.normalize("NFC", name).casefold())
    return tuple((int(piece), "") if at % 2 else (0, piece) for at, piece in enumerate(pieces))


def default_dpi(profiles: Sequence[Profile]) -> Mapping[str, int]:
    """The resolution of pages that do not tell theirs, by the names of the profiles that know it."""
    return {profile.name: profile.scan.dpi for profile in profiles if profile.scan.dpi is not None}


@lru_cache(maxsize=256)
def _glob(pattern: str) -> re.Pattern[str]:
    return re.compile(fnmatch.translate(unicodedata.normalize("NFC", pattern)), re.IGNORECASE)


@lru_cache(maxsize=256)
def _marker_regex(pattern: str) -> re.Pattern[str]:
    """A marker's glob, in which `{batch}` stands for the name of the group that is complete."""
    glob = fnmatch.translate(unicodedata.normalize("NFC", pattern))
    return re.compile(glob.replace(re.escape(_BATCH), "(?P<batch>.+)"), re.IGNORECASE)


@lru_cache(maxsize=256)
def _regex(pattern: str) -> re.Pattern[str]:
    return re.compile(unicodedata.normalize("NFC", pattern), re.IGNORECASE)


# --- what a profile may not say -----------------------------------------------------------------------------------


def _refusal(key: str, cause: Message) -> PydanticCustomError:
    return PydanticCustomError("refused", "{cause}", {"key": key, "cause": cause})


def _require_plain_folder(folder: str) -> None:
    parts = PurePath(folder).parts
    if folder.startswith("/") or "\\" in folder or any(part.startswith(".") for part in parts):
        raise _refusal(
            "folder",
            Message("it must be a folder below the inbox, with / between its names, and not hidden"),
        )


def _require_groups(pattern: str | None) -> None:
    if pattern is None:
        raise _refusal("group", Message("“name” needs a name_pattern"))
    try:
        names = _regex(pattern).groupindex
    except re.error as error:
        raise _refusal("name_pattern", Message("it is no regular expression ({cause})", cause=str(error))) from None
    for needed in ("batch", "page"):
        if needed not in names:
            raise _refusal("name_pattern", Message("it has no group (?P<{needed}>…)", needed=needed))
    for name in names:
        if name not in ("batch", "page", *METADATA_FIELDS):
            raise _refusal("name_pattern", Message("nobody knows a group “{name}”", name=name))


def _require_an_end(complete: Complete | None, *, by_name: bool) -> None:
    if complete is None or (complete.after_seconds is None and complete.marker is None):
        raise _refusal("complete", Message("a group needs after_seconds or a marker to end"))
    if complete.marker is not None and complete.marker.count(_BATCH) != int(by_name):
        raise _refusal(
            "complete.marker",
            Message("{batch} must stand in it once where the group is a name, and nowhere else"),
        )


GENERIC = Profile(name="generic", title="Anything that saves whole scans into a folder", title_hi="सामान्य")
