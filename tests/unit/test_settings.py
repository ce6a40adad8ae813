"""Settings: defaults, then the file, then the environment; mistakes are named."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from pydantic import BaseModel, SecretStr, ValidationError

from pipeline import settings
from pipeline.errors import SettingsError

EXAMPLE = settings.CHECKOUT / "config" / "abhilekh.toml"


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No settings from outside; the file in force is the one that is returned."""
    import os

    for name in [name for name in os.environ if name.startswith("ABHILEKH_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("ABHILEKH_CONFIG_FILE", str(tmp_path / "abhilekh.toml"))
    return tmp_path / "abhilekh.toml"


def test_without_anything_the_defaults_hold(tmp_path: Path) -> None:
    found = settings.load(tmp_path)

    assert (found.home, found.inbox) == (tmp_path, tmp_path / "inbox")
    assert found.database_url == f"sqlite:///{tmp_path / 'abhilekh.db'}"
    assert found.work.processes >= 1


def test_the_file_wins_over_defaults_and_the_environment_over_the_file(
    clean: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clean.write_text('office = "sagar"\n[ocr]\npage_mode = 6\nlow_confidence = 0.7\n', encoding="utf-8")
    monkeypatch.setenv("ABHILEKH_OCR__PAGE_MODE", "11")
    monkeypatch.setenv("ABHILEKH_STORE__SECRET_KEY", "hush")

    found = settings.load(tmp_path)

    assert (found.office, found.ocr.page_mode, found.ocr.low_confidence) == ("sagar", 11, 0.7)
    assert found.store.secret_key == SecretStr("hush") and "hush" not in repr(found)


def test_the_homes_own_file_stands_in_for_the_checkouts_and_a_named_one_for_both(
    clean: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, checkout = tmp_path / "home", tmp_path / "checkout"
    for folder, office in ((home, "of-the-home"), (checkout / "config", "of-the-checkout")):
        folder.mkdir(parents=True)
        (folder / "abhilekh.toml").write_text(f'office = "{office}"\n', encoding="utf-8")
    clean.write_text('office = "named"\n', encoding="utf-8")
    monkeypatch.setattr(settings, "CHECKOUT", checkout)

    found = [settings.load(home).office]
    monkeypatch.delenv("ABHILEKH_CONFIG_FILE")
    found.append(settings.load(home).office)
    found.append(settings.load(tmp_path / "other home").office)
    monkeypatch.setenv("ABHILEKH_OFFICE", "of-the-environment")
    found.append(settings.load(home).office)

    assert found == ["named", "of-the-home", "of-the-checkout", "of-the-environment"]


def test_a_mistake_in_the_homes_own_file_names_that_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ABHILEKH_CONFIG_FILE")
    (tmp_path / "abhilekh.toml").write_text("[web]\nport = 99999\n", encoding="utf-8")

    with pytest.raises(SettingsError, match=str(tmp_path / "abhilekh.toml")):
        settings.load(tmp_path)


def test_the_home_is_named_by_the_caller_else_by_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ABHILEKH_HOME", str(tmp_path / "b"))

    assert settings.load().home == tmp_path / "b"
    assert settings.load(tmp_path / "a").home == tmp_path / "a"


@pytest.mark.parametrize(
    ("text", "setting", "cause"),
    [
        ("[web]\nport = 99999\n", "web.port", "less than or equal to 65535"),
        ("[ocr]\nspeed = 3\n", "ocr.speed", "Extra inputs"),
        ("offices = 3\n", "offices", "Extra inputs"),
        ("[pages\n", "(file)", "line 1"),
    ],
)
def test_a_mistake_names_the_setting_the_file_and_the_cause(
    clean: Path, tmp_path: Path, text: str, setting: str, cause: str
) -> None:
    clean.write_text(text, encoding="utf-8")

    with pytest.raises(SettingsError) as caught:
        settings.load(tmp_path)

    said = caught.value.text("en")
    assert setting in said and str(clean) in said and cause in said


def test_a_mistake_in_the_environment_names_the_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ABHILEKH_WORK__WORKERS", "many")

    with pytest.raises(SettingsError, match=r"work\.workers"):
        settings.load(tmp_path)


def test_settings_are_frozen(tmp_path: Path) -> None:
    found = settings.load(tmp_path)

    with pytest.raises(ValidationError):
        found.office = "other"
    with pytest.raises(ValidationError):
        found.web.port = 1


def _described(text: str) -> dict[str, object]:
    """The example file with every setting switched on."""
    return tomllib.loads(re.sub(r"^# (?=\w+ = )", "", text, flags=re.MULTILINE))


def test_every_setting_stands_in_the_example_file_and_nothing_else() -> None:
    described = _described(EXAMPLE.read_text(encoding="utf-8"))
    slices = {name: field.annotation for name, field in settings.Settings.model_fields.items() if name != "home"}

    assert set(described) == set(slices)
    for name, kind in slices.items():
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            found = described[name]
            assert isinstance(found, dict)
            assert set(found) == set(kind.model_fields), name


def test_the_example_shows_the_defaults(clean: Path, tmp_path: Path) -> None:
    described = _described(EXAMPLE.read_text(encoding="utf-8"))
    found = settings.load(tmp_path).model_dump()
    free = {
        "url",
        "inbox",
        "inbox_name",
        "endpoint",
        "region",
        "profiles",
        "ca",
        "issuer",
        "client_id",
        "totp_roles",
    }  # without a default, an example is shown
    for name, values in described.items():
        if isinstance(values, dict):
            for key in values.keys() - free:
                default = found[name][key]
                plain = default.get_secret_value() if isinstance(default, SecretStr) else default
                assert (list(plain) if isinstance(plain, tuple) else plain) == values[key], f"{name}.{key}"


def test_the_edit_lock_is_read_under_its_earlier_name_too(
    clean: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clean.write_text("[review]\nhand_minutes = 7\n", encoding="utf-8")
    assert settings.load(tmp_path).review.edit_lock_minutes == 7

    monkeypatch.setenv("ABHILEKH_REVIEW__EDIT_LOCK_MINUTES", "3")  # with both, the present name counts
    assert settings.load(tmp_path).review.edit_lock_minutes == 3
