"""Settings reach the disk beside the loop: the newest ones, and before the app ends."""

from __future__ import annotations

from pathlib import Path

from callapp.errors import CallAppError, ErrorCode
from callapp.main.saving import Saving
from callapp.settings import Settings, SettingsStore


async def test_the_newest_settings_are_on_the_disk_at_the_end(tmp_path: Path) -> None:
    store = SettingsStore(tmp_path / "settings.json")
    failures: list[CallAppError] = []
    saving = Saving(store, failures.append)
    for number in range(50):
        saving.save(Settings(name=f"name {number}"))
    await saving.close()
    assert store.load() == (Settings(name="name 49"), None)
    assert failures == []


async def test_a_disk_that_cannot_be_written_is_told_and_the_next_save_tries_again(tmp_path: Path) -> None:
    (tmp_path / "folder").write_text("in the way")
    store = SettingsStore(tmp_path / "folder" / "settings.json")
    failures: list[CallAppError] = []
    saving = Saving(store, failures.append)
    saving.save(Settings())
    await saving.close()
    assert [error.code for error in failures] == [ErrorCode.SETTINGS_READ_ONLY]
    (tmp_path / "folder").unlink()
    saving.save(Settings(name="Kim"))
    await saving.close()
    assert store.load() == (Settings(name="Kim"), None)
