from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from desktop_app.core.clock import FixedClock
from desktop_app.store.database import Database
from desktop_app.store.network_prices import NetworkPriceRepository, StoredFee, StoredPrices

WEI = st.integers(0, 2**255)
MAYBE = st.none() | st.booleans()


@st.composite
def stored(draw: st.DrawFn, chain_id: int = 8453) -> StoredPrices:
    fees = tuple(
        StoredFee(name, 100_000, draw(WEI), draw(WEI), draw(WEI), draw(st.none() | st.integers(0, 10**6)))
        for name in draw(st.permutations(["register", "mint", "pay", "claim"]))
    )
    return StoredPrices(
        chain_id, draw(st.integers(0, 2**40)), draw(st.text(max_size=20)), draw(WEI), draw(st.none() | WEI),
        draw(st.none() | WEI), draw(MAYBE), draw(MAYBE), draw(st.booleans()), fees,
    )  # fmt: skip


@given(first=stored(), second=stored(), other=stored(chain_id=10))
def test_the_newest_answer_of_each_network_is_kept_to_the_wei(
    tmp_path_factory: object, first: StoredPrices, second: StoredPrices, other: StoredPrices
) -> None:
    folder: Path = tmp_path_factory.mktemp("prices")  # type: ignore[attr-defined]
    database = Database(folder / "a.db", folder / "backups", FixedClock(1_800_000_000))
    repository = NetworkPriceRepository(database)
    assert repository.all() == {}
    for one in (first, other, second):
        repository.save(one)
    assert repository.all() == {8453: second, 10: other}
    database.close()
