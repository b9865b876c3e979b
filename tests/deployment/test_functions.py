"""Which release a function goes back to, by what its region's bucket has kept."""

import pytest

from deployment import functions
from deployment.functions import Function, previous

PAGES = Function("us_east_1")


@pytest.mark.parametrize(
    ("kept", "runs", "target"),
    [
        (["new", "old"], "new", "old"),
        (["new", "old"], "failed", "new"),  # it was never kept
        (["new", "old"], "old", "old"),  # going back was broken off: the same again does not go forward
        (["old", "new"], "old", "new"),  # gone back, and that was kept
        (["only"], "only", None),
        ([], None, None),
    ],
)
def test_what_is_gone_back_to(
    kept: list[str], runs: str | None, target: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(functions, "_in", lambda directory, function: kept)
    monkeypatch.setattr(functions, "deployed_release", lambda function: runs)
    assert previous(PAGES) == target
