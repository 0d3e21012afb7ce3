"""The whole journey by command line: each step a process of its own, on the practice network."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from integration.people import services_of
from secret_grep import expected_in

PROGRAM = (sys.executable, "-m", "desktop_app")
PASSPHRASE = "a fox jumps over nine clouds"
COLLABORATOR = "0x" + "00" * 18 + "c0de"
PRODUCER = "0x" + "00" * 18 + "beef"
DOLLAR = 10**6
COIN = 10**18


@dataclass
class Colophon:
    """Runs the program in a data folder of its own; `passphrase` is handed over in a file."""

    home: Path
    passphrase: Path | None

    def run(
        self, *arguments: str, stdin: str = "", folder: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*PROGRAM, *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=240,
            env=self.environment,
            check=False,
            cwd=folder,
        )

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        pipe = subprocess.PIPE
        return subprocess.Popen(
            [*PROGRAM, *arguments],
            stdout=pipe,
            stderr=pipe,
            text=True,
            env=self.environment,
            # A shell's background job ignores Ctrl-C, and so would all that it starts.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("COLOPHON_")}
        environment = {**kept, "COLOPHON_HOME": str(self.home), "NO_COLOR": "1"}
        if self.passphrase is not None:
            environment["COLOPHON_PASSPHRASE_FILE"] = str(self.passphrase)
        return environment

    def __call__(self, *arguments: str, code: int = 0, stdin: str = "") -> Any:
        """The JSON that a command prints; the exit code must be `code`."""
        done = self.run(*arguments, "--json", stdin=stdin)
        assert done.returncode == code, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return json.loads(done.stdout) if done.stdout.strip() else json.loads(done.stderr)


@pytest.fixture
def colophon(tmp_path: Path) -> Colophon:
    secret = tmp_path / "passphrase.txt"
    secret.write_text(f"{PASSPHRASE}\n", encoding="utf-8")
    return Colophon(tmp_path / "home", secret)


def seal_quickly(colophon: Colophon) -> None:
    """From now on the passphrase is quick to try: creating the wallet has paid its whole cost once."""
    assert colophon.passphrase is not None
    expected_in(colophon.passphrase)
    services = services_of(colophon.home)
    services.wallet.change_passphrase(PASSPHRASE, PASSPHRASE)
    services.close()


def units(amounts: list[dict[str, str]], symbol: str) -> int:
    return next(int(one["units"]) for one in amounts if one["currency"] == symbol)


def total(found: dict[str, Any], kind: str, symbol: str) -> int:
    return sum(
        int(one["units"]) for one in found["totals"] if (one["kind"], one["currency"]) == (kind, symbol)
    )


@pytest.mark.timeout(900)
def test_a_song_goes_from_file_to_payouts_in_separate_processes(colophon: Colophon, tmp_path: Path) -> None:
    song = tmp_path / "Night Train.wav"
    song.write_bytes(bytes(range(256)) * 700)

    made = colophon("wallet", "create", "--protection", "passphrase")
    assert len(made["phrase"].split()) == 12
    me = made["address"]
    seal_quickly(colophon)
    assert colophon("wallet", "show")["wallet"]["active"] == me

    held = colophon("network", "faucet")["balances"]
    assert (units(held, "ETH"), units(held, "tUSD")) == (10 * COIN, 1000 * DOLLAR)

    added = colophon("library", "add", str(song))[0]
    assert not added["already_there"]
    assert colophon("library", "add", str(song))[0]["already_there"]
    work = added["work"]["id"]

    assert colophon("register", work, code=2)["error"]["code"] == "cli.approval_needed"
    record = colophon("register", "Night Train", "--yes")["registration"]
    assert record["proved"] is True
    assert colophon("register", work, "--yes", code=1)["error"]["code"].startswith("registration.")

    folder = tmp_path / "certificates"
    proof = colophon("prove", work, "--for", "Blue Records", "--challenge", "7341", "-o", str(folder))
    certificate = proof["path"]
    stranger = Colophon(tmp_path / "stranger", None)
    verdict = stranger("verify", certificate, "--challenge", "7341", "--for", "Blue Records")
    assert verdict["valid"] is True
    assert {one["name"]: one["state"] for one in verdict["verdicts"]} == {
        "proof": "yes",
        "anchor": "unknown",
        "fresh": "yes",
    }
    assert not (tmp_path / "stranger" / "practice.db").exists(), "verifying starts no chain"
    assert stranger("verify", certificate, "--challenge", "1", code=1)["valid"] is False
    assert "error" in stranger("verify", str(song), code=2)
    assert colophon("verify", certificate, "--challenge", "7341", "--online")["verdicts"][1]["state"] == "yes"

    token = colophon(
        "mint", work, "--yes", "--name", "Night Train", "--symbol", "NIGHT", "--supply", "1000",
        "--collaborator", f"{COLLABORATOR}=25", "--collaborator", f"{PRODUCER}=12.5",
    )["token"]  # fmt: skip
    assert token["supply"] == 1000

    paid = colophon("pay", "NIGHT", "100.000001", "tUSD", "--memo", "invoice 1", "--yes")
    assert int(paid["received"]["units"]) == 100_000_001
    pushed = sum(int(part["units"]) for _, part in paid["pushed"])
    assert pushed == 100_000_001 * 250_000 // 10**6 + 100_000_001 * 125_000 // 10**6
    colophon("pay", token["address"], "0.5", "ETH", "--yes")
    colophon("transfer", "NIGHT", PRODUCER, "100", "--yes")
    colophon("pay", "NIGHT", "10", "tUSD", "--yes")

    claims = colophon("claim", "NIGHT", "--yes")["claims"]
    assert {one["amount"]["currency"] for one in claims} == {"ETH", "tUSD"}
    assert colophon("claim", "NIGHT", "--yes", code=1)["error"]["code"] == "cli.nothing_to_claim"

    found = colophon("royalties", "show", "NIGHT")
    overview = found["overview"]
    for money, rounding in zip(overview["money"], found["rounding"], strict=True):
        parts = [int(money[name]["units"]) for name in ("pushed", "claimed", "pending")]
        assert sum(parts) + int(rounding["units"]) == int(money["received"]["units"])
        assert 0 <= int(rounding["units"]) < len(overview["holders"])
    assert overview["my_shares"] == 900

    listed = colophon("payouts", "list")
    assert total(listed, "payment", "tUSD") == 110_000_001
    assert total(listed, "payment", "ETH") == COIN // 2
    assert listed["count"] == len(listed["payouts"])
    again = colophon.run("payouts", "watch", "--seconds", "3", "--json")
    assert again.returncode == 0, again.stderr
    assert again.stdout == "", "what has been announced is not announced again"
    assert colophon("payouts", "list", "--no-sync")["count"] == listed["count"]


@pytest.mark.timeout(600)
def test_a_payment_made_elsewhere_is_announced_by_the_next_watch(colophon: Colophon, tmp_path: Path) -> None:
    book = tmp_path / "book.txt"
    book.write_text("Call me Ishmael.")
    colophon("wallet", "create", "--protection", "passphrase")
    seal_quickly(colophon)
    colophon("network", "faucet")
    colophon("library", "add", str(book), "--title", "Moby")
    colophon("register", "Moby", "--yes")
    colophon("mint", "Moby", "--symbol", "WHALE", "--yes")
    colophon("pay-practice", "WHALE", "--yes")
    watched = colophon.run("payouts", "watch", "--seconds", "8", "--json")
    assert watched.returncode == 0, watched.stderr
    lines = [json.loads(line) for line in watched.stdout.splitlines()]
    assert [(one["kind"], one["amount"]["amount"]) for one in lines] == [("payment", "5")]


def test_without_a_wallet_registering_says_what_to_do(colophon: Colophon, tmp_path: Path) -> None:
    work = tmp_path / "a.txt"
    work.write_text("words")
    colophon("library", "add", str(work))
    done = colophon.run("register", "a", "--yes")
    assert done.returncode == 2
    assert "wallet create" in done.stderr


def test_a_wrong_passphrase_signs_nothing(colophon: Colophon, tmp_path: Path) -> None:
    colophon("wallet", "create", "--protection", "passphrase")
    wrong = tmp_path / "wrong.txt"
    wrong.write_text("another passphrase")
    other = Colophon(colophon.home, wrong)
    assert other("wallet", "unlock", code=2)["error"]["code"] == "wallet.wrong_passphrase"
    blind = Colophon(colophon.home, None)
    assert blind("wallet", "unlock", code=2)["error"]["code"] == "cli.passphrase_needed"


def test_a_phrase_piped_in_restores_the_same_address(colophon: Colophon, tmp_path: Path) -> None:
    made = colophon("wallet", "create", "--protection", "passphrase", "--words", "24")
    assert len(made["phrase"].split()) == 24
    other = Colophon(tmp_path / "other", colophon.passphrase)
    restored = other("wallet", "restore", "--protection", "passphrase", stdin=made["phrase"])
    assert restored["wallet"]["active"] == made["address"]
    third = Colophon(tmp_path / "third", colophon.passphrase)
    refused = third("wallet", "restore", "--protection", "passphrase", stdin="one two three", code=2)
    assert refused["error"]["code"] == "wallet.phrase_length"
    confirmed = colophon("wallet", "confirm", stdin=made["phrase"])
    assert confirmed["wallet"]["backup_confirmed"] is True


@pytest.mark.timeout(600)
def test_the_ten_lines_of_the_readme_work(colophon: Colophon, tmp_path: Path) -> None:
    readme = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")
    lines = readme.split("```sh\n")[1].split("```")[0].splitlines()
    assert len(lines) == 10
    (tmp_path / "night-train.wav").write_bytes(b"RIFF" * 500)
    for line in lines:
        program, *arguments = shlex.split(line)
        assert program == "colophon"
        if arguments[:2] == ["wallet", "create"]:
            arguments += ["--protection", "passphrase"]
        done = colophon.run(*arguments, "--yes", folder=tmp_path)
        assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
        if arguments[:2] == ["wallet", "create"]:
            seal_quickly(colophon)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT to send")
def test_ctrl_c_ends_a_watch_with_130_and_no_noise(colophon: Colophon) -> None:
    with colophon.start("payouts", "watch") as process:
        try:
            assert process.stderr is not None
            assert "Ctrl-C" in process.stderr.readline()
            process.send_signal(signal.SIGINT)
            _, said = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 130
    assert "Traceback" not in said
