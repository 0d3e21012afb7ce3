"""The wallet as window and command line use it, and that every code it can raise has its words."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from keyring.backend import KeyringBackend

from desktop_app.core.clock import FixedClock
from desktop_app.core.errors import ColophonError
from desktop_app.core.paths import resource
from desktop_app.core.settings import AUTO_LOCK, Settings
from desktop_app.services.wallet import KeyringState, WalletService, WalletState, WalletStatus
from desktop_app.services.wording import message
from desktop_app.wallet.keyring_backend import SystemKeyring
from desktop_app.wallet.sealing import Argon2Cost

PHRASE = "legal winner thank year wave sausage worth useful legal winner thank yellow"
PASSPHRASE = "correct horse"
BOTH = pytest.mark.parametrize("protection", ["keyring", "passphrase"])
Service = Callable[[], WalletService]


class Ring(KeyringBackend):
    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.entries: dict[str, str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.entries.get(username)

    def set_password(self, service: str, username: str, password: str) -> None:
        self.entries[username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.entries[username]


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(1_790_000_000)


@pytest.fixture
def service(tmp_path: Path, clock: FixedClock) -> Service:
    """Each call is a new process on the same data."""
    ring = Ring()
    allowed = {f"{Ring.__module__}.{Ring.__qualname__}": "Test keyring"}

    def build() -> WalletService:
        settings = Settings(tmp_path / "settings.toml")
        keyring = SystemKeyring(ring, allowed=allowed)
        return WalletService(tmp_path / "vault.json", settings, clock, keyring, Argon2Cost(8, 1, 1))

    return build


def given(protection: str) -> str | None:
    return PASSPHRASE if protection == "passphrase" else None


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(ColophonError) as caught:
        call()
    assert message(caught.value).title
    assert "{" not in message(caught.value).reason + message(caught.value).next_step
    return caught.value.code


def test_without_a_wallet_the_status_says_so(service: Service) -> None:
    assert service().status() == WalletStatus(WalletState.ABSENT)
    assert refusal(service().signer) == "wallet.absent"
    assert refusal(service().unlock) == "wallet.absent"


@BOTH
@pytest.mark.parametrize("words", [12, 24])
def test_a_new_wallet_shows_its_phrase_which_restores_the_same_account(
    service: Service, tmp_path: Path, protection: str, words: int
) -> None:
    made = service()
    phrase = made.create(protection, given(protection), words)
    status = made.status()
    assert len(phrase.split()) == words
    assert status.state is WalletState.UNLOCKED
    assert status.protection == protection
    assert not status.backup_confirmed
    assert [account.name for account in status.accounts] == ["Main account"]
    assert made.signer().address == status.active
    seed = made.owner_secrets().seed

    (tmp_path / "vault.json").unlink()
    again = service()
    again.restore(f"  {phrase.upper()} ", protection, given(protection))
    assert again.status().active == status.active
    assert again.status().backup_confirmed
    assert again.owner_secrets().seed == seed


def test_nothing_replaces_an_existing_wallet(service: Service) -> None:
    service().create("keyring")
    before = service().status()
    assert refusal(lambda: service().create("passphrase", PASSPHRASE)) == "wallet.exists"
    assert refusal(lambda: service().restore(PHRASE, "passphrase", PASSPHRASE)) == "wallet.exists"
    assert service().status() == before


def test_a_wrong_phrase_restores_nothing(service: Service) -> None:
    assert refusal(lambda: service().restore(PHRASE + " yellow", "keyring")) == "wallet.phrase_length"
    assert (
        refusal(lambda: service().restore(PHRASE[:-6] + "yelow", "keyring")) == "wallet.phrase_unknown_word"
    )
    assert refusal(lambda: service().check_phrase(PHRASE[:-6] + "zoo")) == "wallet.phrase_checksum"
    assert refusal(lambda: service().create("keyring", words=15)) == "wallet.phrase_length"
    assert service().status().state is WalletState.ABSENT


@pytest.mark.parametrize("how", ["phrase", "capitals", "words"])
def test_the_backup_is_confirmed_by_phrase_or_words(service: Service, how: str) -> None:
    made = service()
    made.create("keyring")
    phrase = made.reveal_phrase()
    assert refusal(lambda: made.confirm_backup(PHRASE)) == "wallet.phrase_mismatch"
    if how == "words":
        made.confirm_backup({position: phrase.split()[position - 1] for position in (1, 4, 12)})
    else:
        made.confirm_backup(phrase.upper() if how == "capitals" else phrase)
    assert service().status().backup_confirmed


def test_lock_and_unlock_across_processes(service: Service) -> None:
    service().create("keyring")
    service().lock()
    assert service().status().state is WalletState.LOCKED
    assert refusal(service().signer) == "wallet.locked"
    assert refusal(service().owner_secrets) == "wallet.locked"
    service().unlock()
    assert service().signer().address == service().status().active

    service().change_protection("passphrase", PASSPHRASE)
    other = service()
    assert refusal(other.signer) == "wallet.locked"
    assert refusal(other.unlock) == "wallet.passphrase_needed"
    assert refusal(lambda: other.unlock("correct house")) == "wallet.wrong_passphrase"
    other.unlock(PASSPHRASE)
    other.change_passphrase(PASSPHRASE, "battery staple")
    other.change_protection("keyring", "battery staple")
    assert service().status().protection == "keyring"


def test_accounts(service: Service) -> None:
    made = service()
    made.create("keyring")
    second = made.add_account("  Licences ")
    assert second.name == "Licences"
    made.select_account(second.address)
    made.rename_account(second.address, "Films")
    assert service().status().active == second.address
    assert service().signer().address == second.address
    assert [account.name for account in service().status().accounts] == ["Main account", "Films"]
    assert refusal(lambda: made.add_account("films")) == "wallet.account_name_taken"


def test_the_setting_decides_when_an_idle_wallet_locks(
    service: Service, clock: FixedClock, tmp_path: Path
) -> None:
    made = service()
    made.create("passphrase", PASSPHRASE)
    clock.time += 14 * 60
    made.touch()
    clock.time += 14 * 60
    assert not made.lock_if_idle()
    clock.time += 60
    assert made.lock_if_idle()
    assert made.status().state is WalletState.LOCKED
    Settings(tmp_path / "settings.toml").set(AUTO_LOCK, 0)
    never = service()
    never.unlock(PASSPHRASE)
    clock.time += 10**6
    assert not never.lock_if_idle()


@pytest.mark.skipif(not hasattr(__import__("os"), "fork"), reason="Windows always has a keyring")
def test_without_a_keyring_the_passphrase_works_and_nothing_falls_back(
    tmp_path: Path, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    made = WalletService(
        tmp_path / "vault.json", Settings(tmp_path / "s.toml"), clock, cost=Argon2Cost(8, 1, 1)
    )
    assert made.keyring_status().state is KeyringState.NONE
    assert refusal(lambda: made.create("keyring")) == "keyring.none"
    assert made.status().state is WalletState.ABSENT
    assert not (tmp_path / "vault.json").exists()
    made.create("passphrase", PASSPHRASE)
    assert made.signer().address


def test_every_code_of_the_wallet_has_its_words() -> None:
    root = Path(__file__).resolve().parents[3] / "desktop_app"
    sources = [*(root / "wallet").glob("*.py"), root / "services" / "wallet.py"]
    codes = {
        code
        for path in sources
        for code in re.findall(r'"((?:wallet|keyring)\.[a-z_0-9]+)"', path.read_text())
    }
    codes |= {f"keyring.{state.value}" for state in KeyringState}
    assert len(codes) > 25
    for code in codes:
        space, name = code.split(".")
        entry = tomllib.loads(resource(f"i18n/en/{space}.toml").read_text())[name]
        assert set(entry) == ({"text"} if name == "first_account" else {"title", "reason", "next"}), code


@pytest.mark.parametrize("space", ["wallet", "keyring"])
def test_no_words_are_left_over(space: str) -> None:
    root = Path(__file__).resolve().parents[3] / "desktop_app"
    sources = "".join(path.read_text() for path in root.rglob("*.py"))
    states = {state.value for state in KeyringState} if space == "keyring" else set()
    for name in tomllib.loads(resource(f"i18n/en/{space}.toml").read_text()):
        assert name in states or f'"{space}.{name}"' in sources, name
