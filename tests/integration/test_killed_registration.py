"""kill -9 while an album is registered on a real node: nothing is lost, and nothing happens twice."""

from __future__ import annotations

from pathlib import Path

import pytest
from integration.journey import song
from integration.killed_registration import POINTS, register_and_die
from integration.people import PASSPHRASE, services_of
from integration.test_journey_on_a_real_node import base, on_base

from desktop_app.core.errors import RefusedError
from desktop_app.services.app import Services
from desktop_app.services.registration import RegistrationStatus

__all__ = ["base", "on_base"]
pytestmark = pytest.mark.anvil


def test_an_album_is_registered_once_whenever_its_process_is_killed(
    on_base: Services, tmp_path: Path
) -> None:
    on_base.networks.prepare_deploy().execute()
    albums = {
        point: [
            on_base.library.add(song(tmp_path / "works", f"{point}{n}"), f"{point}{n}").work.id for n in "ab"
        ]
        for point in POINTS
    }
    home, me = on_base.paths.home, on_base.wallet.status().active or ""
    rpc = on_base.networks.chain().rpc
    on_base.close()
    rpc.call("evm_setAutomine", [False])
    for point, works in albums.items():
        before = int(rpc.call("eth_getTransactionCount", [me, "latest"]), 16)
        register_and_die(home, point, works)
        again = services_of(home)
        try:
            again.wallet.unlock(PASSPHRASE)
            # It is on its way again, and is not taken for lost while no block has it.
            for _ in range(2):
                with pytest.raises(RefusedError, match="on_its_way"):
                    again.registration.prepare_many(works)
            rows = [again.registration.for_work(work) for work in works]
            assert [[row.status for row in each] for each in rows] == [[RegistrationStatus.PENDING]] * 2
            rpc.call("evm_mine")
            again.registration.refresh()
            records = [again.registration.current(work) for work in works]
            assert all(record is not None and record.proved for record in records)
            assert len({record.tx_hash for record in records if record}) == 1
            assert int(rpc.call("eth_getTransactionCount", [me, "pending"]), 16) == before + 1
            with pytest.raises(RefusedError, match="already_registered"):
                again.registration.prepare_many(works)
            # The salts are there: the records can be opened.
            assert again.ownership.prove(works[0], "Label", "5").path.exists()
        finally:
            again.close()
