"""The event of a registration is found by its time, and only where block, time and event agree."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_app.chain import registration_log
from desktop_app.chain.connection import BlockHead
from desktop_app.chain.logs import LogPlace, Registered
from desktop_app.chain.registration_log import find_registration
from desktop_app.core.errors import UnavailableError

COMMITMENT_ID = b"\x07" * 32
REGISTRANT = "0x" + "22" * 20


class Blocks:
    """A chain of blocks with these times, and one event."""

    def __init__(self, times: list[int], at: int, **changes: Any) -> None:
        self.times, self.at, self.asked = times, at, 0
        self.found = {"block_hash": self.hash_of(at), "commitment_id": COMMITMENT_ID, **changes}
        self.searched: tuple[int, int] | None = None

    @staticmethod
    def hash_of(number: int) -> str:
        return f"0x{number:064x}"

    def head(self, tag: str = "latest") -> BlockHead:
        return self.heads([len(self.times) - 1])[0]

    def heads(self, numbers: list[int]) -> list[BlockHead]:
        self.asked += 1
        return [BlockHead(n, self.hash_of(n), self.hash_of(n - 1), self.times[n]) for n in numbers]

    def events(self, _chain: Any, first: int, last: int, *_rest: Any) -> list[Registered]:
        self.searched = (first, last)
        if not first <= self.at <= last:
            return []
        place = LogPlace("", self.at, self.found["block_hash"], self.hash_of(9), 0, 0)
        return [Registered(place, REGISTRANT, self.found["commitment_id"], b"", b"", proved=True)]


def look(blocks: Blocks, at: int, monkeypatch: pytest.MonkeyPatch) -> Registered:
    monkeypatch.setattr(registration_log, "search_logs", blocks.events)
    return find_registration(blocks, REGISTRANT, COMMITMENT_ID, at)  # type: ignore[arg-type]


@given(st.lists(st.integers(0, 60), min_size=1, max_size=400), st.data())
def test_the_blocks_of_its_second_are_searched_and_no_others(steps: list[int], data: st.DataObject) -> None:
    times = [1_000 + sum(steps[:n]) % 7_000 for n in range(len(steps))]
    times.sort()
    at = data.draw(st.integers(0, len(times) - 1))
    blocks = Blocks(times, at)
    with pytest.MonkeyPatch.context() as monkeypatch:
        assert look(blocks, times[at], monkeypatch).place.block_number == at
    assert blocks.searched == (bisect_left(times, times[at]), bisect_right(times, times[at]) - 1)


def test_a_registration_years_ago_takes_few_questions(monkeypatch: pytest.MonkeyPatch) -> None:
    class Long(list[int]):
        def __len__(self) -> int:
            return 50_000_000

        def __getitem__(self, number: Any) -> Any:
            return 1_600_000_000 + 2 * number

    blocks = Blocks(Long(), 12_345_678)
    assert look(blocks, 1_600_000_000 + 2 * 12_345_678, monkeypatch).place.block_number == 12_345_678
    assert blocks.asked < 25


@pytest.mark.parametrize(
    "lie",
    [
        {"block_hash": "0x" + "ab" * 32},  # an event of a block that is not in the chain
        {"commitment_id": b"\x08" * 32},  # another work's event
    ],
)
def test_an_event_that_does_not_fit_is_no_confirmation(
    lie: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UnavailableError, match="bad_answer"):
        look(Blocks([10, 20, 30, 40], 2, **lie), 30, monkeypatch)


@pytest.mark.parametrize("time", [5, 29, 31, 50])
def test_a_record_whose_time_no_block_has_is_no_confirmation(
    time: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UnavailableError, match="bad_answer"):
        look(Blocks([10, 20, 30, 40], 2), time, monkeypatch)
