"""What an embedded AWS has saved: the last good state is always there, and whatever is damaged is said by its name."""

from pathlib import Path
from typing import Any

import pytest

from localcloud import aws, saves
from localcloud.layout import Layout
from localcloud.processes import CloudError
from localcloud.saves import Damaged, Saves, lay_out

FILES = {"dynamodb.json": b"1" * 1000, "sqs.json": b"{}"}


def saved(directory: Path, *times: int) -> Saves:
    kept = Saves(directory)
    for at_ms in times:
        kept.write(FILES, at_ms=at_ms)
    return kept


def test_the_newest_save_is_gone_on_from_and_two_are_kept(tmp_path: Path) -> None:
    kept = saved(tmp_path, 1, 2, 3)
    assert [save.at_ms for save in kept.all()] == [3, 2]
    beginning = kept.begin()
    assert beginning.save == kept.newest
    assert not beginning.is_restored


def test_a_save_is_the_newest_also_when_the_machines_clock_was_set_back(tmp_path: Path) -> None:
    kept = saved(tmp_path, 1, 1_000)
    kept.write({"dynamodb.json": b"later"}, at_ms=999)
    assert kept.newest and (kept.newest.directory / "dynamodb.json").read_bytes() == b"later"
    assert [save.at_ms for save in kept.all()] == [1_001, 1_000]


def test_what_was_not_closed_is_restored(tmp_path: Path) -> None:
    kept = saved(tmp_path, 1)
    kept.opened()
    assert not kept.is_complete
    assert kept.begin().is_restored
    kept.closed()
    assert kept.is_complete
    assert not kept.begin().is_restored


@pytest.mark.parametrize("content", [b"", b"[]", b"null", b'{"dynamodb.json": "other"}', b"\xff"])
def test_a_manifest_that_is_none_is_damage(tmp_path: Path, content: bytes) -> None:
    kept = saved(tmp_path, 1)
    (tmp_path / "1" / saves.MANIFEST).write_bytes(content)
    with pytest.raises(Damaged):
        kept.begin()


@pytest.mark.parametrize("damage", ["cut", "other", "gone"])
def test_of_a_damaged_save_the_one_before_it_is_taken_and_the_damage_named(tmp_path: Path, damage: str) -> None:
    kept = saved(tmp_path, 1, 2)
    file = tmp_path / "2" / "dynamodb.json"
    content = {"cut": b"1" * 999, "other": b"2" * 1000, "gone": b""}[damage]
    file.unlink() if damage == "gone" else file.write_bytes(content)
    beginning = kept.begin()
    assert beginning.save and beginning.save.at_ms == 1
    assert beginning.is_restored
    assert str(file) in beginning.damaged[0]
    kept.put_aside_damaged()
    assert [save.at_ms for save in kept.all()] == [1]
    assert (tmp_path / "2.damaged").exists(), "it is put aside, not removed"


def test_without_any_good_save_nothing_is_started_and_nothing_overwritten(tmp_path: Path) -> None:
    layout = Layout(data=tmp_path)
    saved(layout.saves("us-east-1").directory, 1)
    file = layout.saves("us-east-1").directory / "1" / "dynamodb.json"
    file.write_bytes(b"{")
    with pytest.raises(CloudError, match=r"us-east-1 cannot start.*1/dynamodb\.json"):
        aws.begin(layout, "us-east-1")
    assert file.read_bytes() == b"{"


def test_a_save_that_does_not_succeed_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = saved(tmp_path, 1)

    def full(file: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("localcloud.saves.os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        kept.write(FILES, at_ms=2)
    assert [path.name for path in tmp_path.iterdir()] == ["1"]
    assert kept.begin().save


def test_what_does_not_read_back_is_no_save(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def write_half(file: Path, content: bytes) -> None:
        file.write_bytes(content[: len(content) // 2])

    monkeypatch.setattr("localcloud.saves._write", write_half)
    with pytest.raises(OSError, match="does not read back"):
        saved(tmp_path, 1)
    assert not list(tmp_path.iterdir())


def test_what_a_killed_process_was_writing_is_removed(tmp_path: Path) -> None:
    kept = saved(tmp_path, 1)
    (tmp_path / ".new-1").mkdir()
    kept.opened()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["1", "unsaved"]


def test_a_save_is_laid_out_for_ministack_without_what_was_there(tmp_path: Path) -> None:
    kept = saved(tmp_path / "saves", 1)
    state = tmp_path / "state"
    state.mkdir()
    (state / "older.json").write_bytes(b"{}")
    (state / "key.pem").write_bytes(b"kept")
    assert kept.newest
    lay_out(kept.newest, state)
    assert sorted(path.name for path in state.iterdir()) == ["dynamodb.json", "key.pem", "sqs.json"]


def test_what_ministack_cannot_load_is_noticed(tmp_path: Path) -> None:
    """In a process of its own: MiniStack keeps everything in modules."""
    layout = Layout(data=tmp_path, port=next_port())
    (layout.aws_home("us-east-1") / "state").mkdir(parents=True)
    file = layout.aws_home("us-east-1") / "state" / "dynamodb.json"
    file.write_text('{"__ministack_format__": 99, "payload": {}}')
    child = aws.start(layout, "us-east-1")
    assert child.process.wait(60) == 1
    assert "refusing to load" in child.log.read_text()
    assert file.read_text().startswith('{"__ministack_format__": 99'), "it is left as it is"


def next_port() -> Any:
    from localcloud.processes import is_free

    return next(port for port in range(46_000, 49_000, 50) if is_free(port + 5))
