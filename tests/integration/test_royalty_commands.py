"""The royalty economy by command line, as a person types it: an album, licences, forwarding, books."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from integration.people import PASSPHRASE, active, services_of
from integration.royalty_journey import later
from typer.testing import CliRunner

from desktop_app.cli.app import app

pytestmark = pytest.mark.usefixtures("cheap_passphrases")

BEN = "0x" + "b1" * 20


class Typist:
    """Runs commands in a data folder; `code` is the exit code that must come."""

    def __init__(self, home: Path) -> None:
        self._environment = {"COLOPHON_HOME": str(home), "COLOPHON_PASSPHRASE": PASSPHRASE, "NO_COLOR": "1"}

    def __call__(self, *arguments: str, code: int = 0) -> Any:
        done = CliRunner().invoke(app, [*arguments, "--json", "--yes"], env=self._environment)
        assert done.exit_code == code, f"{arguments}: {done.output}"
        return json.loads(done.stdout) if done.stdout.strip() else json.loads(done.stderr)


@pytest.fixture
def colophon(tmp_path: Path) -> Typist:
    """Somebody with money and three songs, of which the oldest is registered."""
    home = tmp_path / "home"
    someone = services_of(home)
    someone.wallet.create("passphrase", PASSPHRASE)
    someone.networks.faucet(active(someone))
    for number, title in enumerate(("Old", "Morning", "Evening")):
        path = tmp_path / f"{title}.txt"
        path.write_text(title * 300)
        work = someone.library.add(path, title).work
        if not number:
            someone.registration.prepare(work.id).execute()
            later(someone)
    someone.close()
    return Typist(home)


def test_an_album_on_an_older_song(colophon: Typist, tmp_path: Path) -> None:
    old = colophon(
        "mint", "Old", "--symbol", "OLD", "--licence", "plays=0.1 tUSD", "--resale", "10"
    )["token"]  # fmt: skip
    records = colophon("register", "Morning", "Evening")["registrations"]
    assert records[0]["tx_hash"] == records[1]["tx_hash"]
    tokens = colophon(
        "mint", "Morning", "Evening", "--symbol", "NEW", "--collaborator", f"{BEN}=30", "--parent", "OLD=20"
    )["tokens"]  # fmt: skip
    assert [token["symbol"] for token in tokens] == ["NEW1", "NEW2"]
    assert colophon("mint", "Morning", "--symbol", "AGAIN", code=1)["error"]["code"] == (
        "royalties.already_minted"
    )

    colophon("pay", "NEW1", "10", "tUSD")
    holders = colophon("royalties", "holders", "NEW1")
    assert holders["parents"][0]["name"] == "Old"
    assert holders["holders_share_ppm"] == 500_000
    report = colophon("royalties", "audit", "NEW1")
    assert (report["agrees"], report["late"]) == (True, True)
    assert [one["code"] for one in report["findings"]] == ["audit.not_forwarded"]
    assert "2 tUSD" in report["findings"][0]["text"]
    forwarded = colophon("royalties", "forward", "NEW1", "tUSD")["forwarded"]
    assert forwarded[0][0] == old["address"]
    assert (
        colophon("royalties", "sync", "NEW1", "tUSD", code=1)["error"]["code"] == "royalties.nothing_to_book"
    )

    offers = colophon("licence", "offers", "OLD")["offers"]
    assert [(one["kind"], one["version"]) for one in offers] == [("plays", 1)]
    bought = colophon("licence", "buy", "OLD", "1", "--quantity", "5")["licence"]
    assert bought["quantity"] == 5
    voucher = tmp_path / "plays.json"
    colophon("licence", "sign-plays", "1", "2", "-o", str(voucher))
    assert colophon("licence", "redeem", "1", "--voucher", str(voucher))["licence"]["used"] == 2
    assert [one["id"] for one in colophon("licence", "list", "OLD")["licences"]] == [1]

    made = colophon("royalties", "statement", "OLD", "-o", str(tmp_path / "books"))
    table = Path(made["table"]).read_text()
    assert table.count(",payment,") == 2, "what was forwarded, and what the licence cost"
    again = colophon(
        "royalties", "statement", old["address"], "--until-block", str(made["block"]),
        "-o", str(tmp_path / "b"),
    )  # fmt: skip
    assert Path(again["page"]).read_bytes() == Path(made["page"]).read_bytes()
