"""Settings: defaults, then one file, then the environment. Read once, frozen, passed on in slices.

The file is `ABHILEKH_CONFIG_FILE`, else `abhilekh.toml` in the home folder, else `config/abhilekh.toml` of the checkout.
Every setting is explained in `config/abhilekh.toml`. From the environment a setting is named by its place:
`ABHILEKH_STORE__ENDPOINT`, `ABHILEKH_OCR__LANGUAGES`. The home folder is `--home`, else `ABHILEKH_HOME`, else
`~/abhilekh-data`.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from pipeline.errors import SettingsError
from pipeline.model.document import SURE_FROM
from pipeline.model.page import ReadingStep
from pipeline.model.roles import Role

CHECKOUT = Path(__file__).resolve().parent.parent


class _Slice(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class StoreSettings(_Slice):
    """Where objects are kept. Without an endpoint the bundled server is started under the home folder."""

    endpoint: str | None = None
    bucket: str = "abhilekh"
    access_key: SecretStr = SecretStr("")
    secret_key: SecretStr = SecretStr("")
    secure: bool = False
    region: str | None = None


class DatabaseSettings(_Slice):
    """Where rows are kept. Without a URL: SQLite in the home folder."""

    url: str | None = None


class IntakeSettings(_Slice):
    """When a file in the inbox is taken, in seconds."""

    inbox: Path | None = None
    rescan_seconds: float = Field(default=5.0, gt=0)
    inbox_name: str | None = None
    settle_seconds: float = Field(default=2.0, ge=0)
    unleased_settle_seconds: float = Field(default=30.0, ge=0)
    recheck_seconds: float = Field(default=600.0, gt=0)
    version_seconds: float = Field(default=900.0, ge=0)
    reject_after_seconds: float = Field(default=600.0, ge=0)
    threads: int = Field(default=4, ge=1, le=64)
    keep_done: bool = True
    min_free_mb: int = Field(default=1024, ge=0)
    profiles: Path | None = None
    offices: list[str] = Field(default_factory=list)


class PageSettings(_Slice):
    """Limits and thresholds for page images."""

    default_dpi: int = Field(default=300, ge=72, le=1200)
    max_dpi: int = Field(default=400, ge=72, le=1200)
    max_megapixels: float = Field(default=120.0, gt=0)
    min_rotation_confidence: float = Field(default=0.25, ge=0, le=1)
    min_skew_confidence: float = Field(default=0.3, ge=0, le=1)
    view_quality: int = Field(default=72, ge=20, le=100)
    leave_out: tuple[ReadingStep, ...] = ()


class OcrSettings(_Slice):
    """How Tesseract is used."""

    enabled: bool = True
    engine: Literal["auto", "tesserocr", "pytesseract"] = "auto"
    languages: str = "script/Devanagari+hin"
    doubtful_languages: str = ""
    doubtful_below: float = Field(default=0.86, ge=0, le=1)
    number_languages: str = "hin"
    latin_languages: str = "eng"
    page_mode: int = Field(default=3, ge=0, le=13)
    timeout_seconds: float = Field(default=180.0, gt=0)  # of older versions, no longer used: see WorkSettings
    low_confidence: float = Field(default=SURE_FROM, ge=0, le=1)
    text_layer: Literal["judge", "never"] = "judge"


class WorkSettings(_Slice):
    """How many pages are worked on at once, what each may take, and when a worker counts as dead."""

    workers: int = Field(default=0, ge=0, description="0: one for each core")
    lease_seconds: float = Field(default=15.0, gt=1)
    retry_seconds: float = Field(default=5.0, gt=0)
    max_retry_seconds: float = Field(default=300.0, gt=0)
    page_seconds: float = Field(default=120.0, gt=0)  # of processor time, as the two below
    draw_seconds: float = Field(default=30.0, gt=0)
    batch_seconds: float = Field(default=300.0, gt=0)
    page_memory_mb: int = Field(default=3072, ge=512)
    nice: int = Field(default=10, ge=0, le=19)

    @property
    def processes(self) -> int:
        return self.workers or len(os.sched_getaffinity(0))


class RetentionSettings(_Slice):
    """How many years files of each class are kept after the year in which they ended; class A is kept for ever."""

    b_years: int = Field(default=10, ge=0, le=200)
    c_years: int = Field(default=5, ge=0, le=200)
    d_years: int = Field(default=3, ge=0, le=200)

    @property
    def by_class(self) -> dict[str, int]:
        return {"B": self.b_years, "C": self.c_years, "D": self.d_years}


class ReviewSettings(_Slice):
    """How documents are checked by people."""

    two_persons: bool = False
    two_persons_offices: list[str] = Field(default_factory=list)
    edit_lock_minutes: float = Field(default=5.0, gt=0, le=120)

    @model_validator(mode="before")
    @classmethod
    def _earlier_names(cls, given: object) -> object:
        """`hand_minutes` is what `edit_lock_minutes` was called until 0.2; where both are given, the new name counts."""
        if isinstance(given, dict) and "hand_minutes" in given:
            earlier = given["hand_minutes"]
            given = {name: value for name, value in given.items() if name != "hand_minutes"}
            given.setdefault("edit_lock_minutes", earlier)
        return given

    def wants_two(self, office: str | None) -> bool:
        """Whether a document of this office is to be accepted by two persons."""
        return self.two_persons or office in self.two_persons_offices


class OidcSettings(_Slice):
    """An identity provider at which people sign in by OpenID Connect. Without an issuer there is none."""

    issuer: str = Field(default="", pattern=r"^(https://.+|http://(127\.0\.0\.1|localhost|\[::1\])(:\d+)?(/.*)?|)$")
    client_id: str = ""
    client_secret: SecretStr = SecretStr("")
    scope: str = Field(default="openid profile email", pattern=r"(^|\s)openid(\s|$)")
    name_claim: str = "preferred_username"
    title_hi: str = "संस्था की पहचान"
    title_en: str = "your organisation"
    ca: Path | None = None

    @model_validator(mode="after")
    def _names_us(self) -> Self:
        if self.issuer and not self.client_id:
            raise ValueError("with an issuer, client_id is needed")
        return self


class WebSettings(_Slice):
    """Where the pages are served, and how long somebody stays signed in."""

    host: str = "127.0.0.1"
    port: int = Field(default=8420, ge=0, le=65535)
    allowed_hosts: list[str] = Field(default_factory=list)
    behind_tls: bool = False
    session_idle_minutes: int = Field(default=60, ge=1)
    session_hours: int = Field(default=12, ge=1)
    seal_seconds: float = Field(default=1.0, gt=0)
    totp_roles: list[Role] | None = None
    token_days: int = Field(default=365, ge=1, le=3650)
    account_key: SecretStr = SecretStr("")
    hang_seconds: float = Field(default=30.0, ge=3.0)
    viewer_origins: list[str] = Field(default_factory=list)
    terms: Literal["mp", "up"] = "mp"

    @property
    def roles_with_code(self) -> frozenset[Role]:
        """The roles that sign in with a code besides the password. Where only this machine is served, a stolen password is
        of no use elsewhere, and a fresh installation opens with its link alone."""
        usual = (Role.ADMINISTRATOR, Role.RECORD_KEEPER) if self.behind_tls else ()
        return frozenset(usual if self.totp_roles is None else self.totp_roles)


class UploadSettings(_Slice):
    """What may be sent from the browser."""

    max_mb: int = Field(default=4096, ge=1)
    in_flight: int = Field(default=20, ge=1)
    keep_hours: float = Field(default=24.0, gt=0)


class SearchSettings(_Slice):
    """An OpenSearch for the full text of a large site. Without a URL the database keeps it."""

    url: str | None = None
    index: str = Field(default="abhilekh", pattern="^[a-z][a-z0-9_]*$")
    user: str = ""
    password: SecretStr = SecretStr("")
    ca: Path | None = None


class Settings(BaseSettings):
    """Everything that can be set, frozen."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", env_prefix="ABHILEKH_", env_nested_delimiter="__", env_ignore_empty=True
    )

    home: Path
    office: str | None = None
    store: StoreSettings = StoreSettings()
    database: DatabaseSettings = DatabaseSettings()
    intake: IntakeSettings = IntakeSettings()
    pages: PageSettings = PageSettings()
    ocr: OcrSettings = OcrSettings()
    work: WorkSettings = WorkSettings()
    retention: RetentionSettings = RetentionSettings()
    review: ReviewSettings = ReviewSettings()
    web: WebSettings = WebSettings()
    oidc: OidcSettings = OidcSettings()
    upload: UploadSettings = UploadSettings()
    search: SearchSettings = SearchSettings()

    @property
    def inbox(self) -> Path:
        return self.intake.inbox or self.home / "inbox"

    @property
    def profiles(self) -> Path | None:
        """The folder of scanner profiles: the one that is set, else the checkout's; None where there is neither."""
        beside = CHECKOUT / "scanners"
        return self.intake.profiles or (beside if beside.is_dir() else None)

    @property
    def number_forms(self) -> tuple[Path | None, Path]:
        """The delivered forms of file numbers, None where there are none, and the office's own in the home folder."""
        delivered = CHECKOUT / "config" / "file_numbers.toml"
        return (delivered if delivered.is_file() else None), self.home / "file_numbers.toml"

    @property
    def database_url(self) -> str:
        return self.database.url or f"sqlite:///{self.home / 'abhilekh.db'}"

    @property
    def address_file(self) -> Path:
        """Where the web part writes the address it serves on."""
        return self.home / "run" / "web"

    @property
    def account_key_file(self) -> Path:
        """The key that seals the secrets of accounts, where `web.account_key` names none."""
        return self.home / "keys" / "accounts.key"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        file = config_file(Path(init_settings()["home"]))
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, toml_file=file)


def config_file(home: Path) -> Path:
    """The one file in force: `ABHILEKH_CONFIG_FILE`, else the home's where it has one, else the checkout's."""
    named, own = os.environ.get("ABHILEKH_CONFIG_FILE"), home / "abhilekh.toml"
    if named:
        return Path(named)
    return own if own.exists() else CHECKOUT / "config" / "abhilekh.toml"


def load(home: Path | None = None) -> Settings:
    """Read the settings once. Raises `SettingsError` that names the setting, the file and the cause."""
    chosen = home or Path(os.environ.get("ABHILEKH_HOME") or Path.home() / "abhilekh-data")
    values: dict[str, Any] = {"home": chosen.expanduser().absolute()}
    file = config_file(values["home"])
    try:
        return Settings(**values)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise SettingsError(setting=name, origin=f"{file} or the environment", cause=first["msg"]) from error
    except ValueError as error:  # TOML that cannot be parsed
        raise SettingsError(setting="(file)", origin=file, cause=error) from error
