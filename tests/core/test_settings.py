"""Settings survive, and what is broken is set aside, never fatal and never lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callapp.errors import CallAppError, ErrorCode
from callapp.settings import Settings, SettingsStore


@pytest.fixture
def store(tmp_path: Path) -> SettingsStore:
    return SettingsStore(tmp_path / "CallApp" / "settings.json")


def test_without_a_file_there_are_defaults_and_no_notice(store: SettingsStore) -> None:
    assert store.load() == (Settings(), None)


def test_saved_settings_come_back(store: SettingsStore) -> None:
    settings = Settings(name="지민", language="ko", window=(1, 2, 960, 640))
    store.save(settings)
    assert store.load() == (settings, None)
    assert [path.name for path in store.path.parent.iterdir()] == ["settings.json"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not json",
        b"\xff\xfe\x00",
        b"[]",
        b'{"version": 2}',
        b'{"somebody": "elses"}',
        b'{"fps": "many"}',
    ],
)
def test_a_broken_or_foreign_file_is_set_aside(store: SettingsStore, content: bytes) -> None:
    store.path.parent.mkdir(parents=True)
    store.path.write_bytes(content)
    settings, notice = store.load()
    assert settings == Settings()
    assert notice is not None
    assert notice.code is ErrorCode.SETTINGS_SET_ASIDE
    assert Path(notice.subject).read_bytes() == content
    assert store.load() == (Settings(), None)


@given(content=st.binary(max_size=200))
def test_any_content_is_settings_or_a_notice(
    content: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("settings") / "settings.json"
    path.write_bytes(content)
    settings, notice = SettingsStore(path).load()
    assert settings == Settings() or notice is None


def test_a_folder_in_the_place_of_the_file_is_a_notice(store: SettingsStore) -> None:
    store.path.mkdir(parents=True)
    settings, notice = store.load()
    assert settings == Settings()
    assert notice is not None
    assert notice.code is ErrorCode.SETTINGS_READ_ONLY


def test_a_place_that_cannot_be_written_is_an_error_with_its_path(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    store = SettingsStore(tmp_path / "file" / "settings.json")
    with pytest.raises(CallAppError) as caught:
        store.save(Settings())
    assert caught.value.code is ErrorCode.SETTINGS_READ_ONLY
    assert caught.value.subject == str(store.path)
