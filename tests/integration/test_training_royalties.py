"""Data licensed for training, the run under that licence, and the model whose income flows back."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import secret_grep
from integration.people import PASSPHRASE, active, services_of
from integration.royalty_journey import later
from typer.testing import CliRunner

from desktop_app.cli.app import app
from desktop_app.core.amounts import Amount
from desktop_app.core.errors import ColophonError, InvalidInputError, RefusedError, UnavailableError
from desktop_app.services.app import Services
from desktop_app.services.data_sets import Reading
from desktop_app.services.licences import LicenceKind, LicenceTerms
from desktop_app.services.royalties import MintTerms
from desktop_app.services.training_consents import Role
from desktop_app.services.training_licences import LicenceState, Reference
from desktop_app.services.training_runs import Expected, Settings
from desktop_app.wallet.sealing import Argon2Cost

pytestmark = pytest.mark.usefixtures("cheap_passphrases")
SECRET = "a word for the way"


class cheap_cost(Argon2Cost):  # noqa: N801 - in the place of a class that is called without arguments
    def __init__(self, memory: int = 1024, passes: int = 1, lanes: int = 1) -> None:
        super().__init__(memory, passes, lanes)


def table(folder: Path, name: str, rows: int = 30) -> Path:
    path = folder / f"{name}.csv"
    generator = random.Random(name)
    lines = [f"{generator.random():.3f},{generator.random():.3f},{i % 2}" for i in range(rows)]
    path.write_text("a,b,y\n" + "\n".join(lines) + "\n")
    return path


def sold_data_set(
    services: Services, path: Path, symbol: str, kind: LicenceKind = LicenceKind.TRAINING, like: str = ""
) -> str:
    """A registered data set with a licence sold to the active account; returns its identity."""
    added = services.training.data_sets.add(path, Reading(label="y", like=like), proofs=4, size_of_code=2048)
    services.registration.prepare(added.work.id).execute()
    coin = services.networks.active.native
    root = added.data.identity if kind is LicenceKind.TRAINING else ""
    terms = LicenceTerms(kind, Amount(10**12, coin), data_root=root)
    token = services.royalties.prepare_mint(added.work.id, path.stem, symbol, 100, licences=[terms]).execute()
    services.licences.prepare_buy(token, 1).execute()
    return added.data.identity


def test_from_a_data_set_to_the_income_of_the_model(tmp_path: Path) -> None:
    home = tmp_path / "home"
    owner = services_of(home)
    owner.wallet.create("passphrase", PASSPHRASE)
    owner.networks.faucet(active(owner))
    sold_data_set(owner, table(tmp_path, "small", 20), "SMA")
    sold_data_set(owner, table(tmp_path, "large", 60), "LAR", like="small")
    later(owner)
    me = active(owner)
    owner.close()

    def colophon(*arguments: str, code: int = 0) -> Any:
        environment = {"COLOPHON_HOME": str(home), "COLOPHON_PASSPHRASE": PASSPHRASE, "NO_COLOR": "1"}
        done = CliRunner().invoke(app, [*arguments, "--json", "--yes"], env=environment)
        assert done.exit_code == code, f"{arguments}: {done.output}"
        return json.loads(done.stdout) if code == 0 else json.loads(done.stderr)["error"]["code"]

    numbers = ("--licence-number", "1", "--licence-number", "2")
    run = colophon("training", "run", "small", "large", "--steps", "2", *numbers)["id"]
    assert colophon("training", "run", "small", "large", "--steps", "2", *numbers, code=1) == (
        "training.licence_used_up"
    )
    request = colophon("training", "consent", "request", run, "-o", str(tmp_path))["path"]
    assert colophon("training", "consent", "sign", request, "-o", str(tmp_path), code=2) == (
        "training.none_of_yours"
    )
    small, large, trainer = (
        colophon("training", "consent", "sign", request, "-o", str(tmp_path), *which)["path"]
        for which in (("--data", "small"), ("--data", "large"), ("--as-trainer",))
    )
    assert colophon("training", "model", "register", run, code=1) == "training.not_proved"
    first = tmp_path / "first.training.colophon"
    colophon("training", "prove", run, "--consent", small, "-o", str(first))
    said = colophon("training", "verify", str(first), "--online")
    assert [each["role"] for each in said["signatures"]] == ["owner"]
    assert len(said["unsigned"]) == 1
    assert [each["state"] for each in said["licences"]] == ["confirmed", "confirmed"]
    assert [each["buyer_signed"] for each in said["licences"]] == [False, False]
    assert [each["seller_signed"] for each in said["licences"]] == [True, False]
    assert colophon("training", "verify", str(first), "--signed-by", "0x" + "11" * 20, code=1) == (
        "training.not_signed_by"
    )
    whole = str(tmp_path / "whole.training.colophon")
    colophon("training", "consent", "attach", str(first), large, trainer, "-o", whole)
    said = colophon("training", "verify", whole, "--signed-by", me)
    assert (said["unsigned"], said["parties"]) == ([], [me])
    assert [each["state"] for each in said["licences"]] == ["stored", "stored"]
    assert all(each["buyer_signed"] and each["seller_signed"] for each in said["licences"])

    colophon("training", "model", "register", run, "--title", "Reader")
    assert [each["name"] for each in colophon("training", "model", "show", run)["data"]] == ["small", "large"]
    colophon("training", "model", "mint", run, "--symbol", "READ", "--data-share", "40")
    assert [each["share_ppm"] for each in colophon("royalties", "holders", "READ")["parents"]] == [
        100_000,
        300_000,
    ]
    colophon("pay", "READ", "10", "tUSD")
    colophon("royalties", "forward", "READ", "tUSD")
    got = {symbol: colophon("claim", symbol, "tUSD")["claims"][0]["amount"] for symbol in ("SMA", "LAR")}
    assert {symbol: amount["units"] for symbol, amount in got.items()} == {"SMA": "1000000", "LAR": "3000000"}


def test_a_run_needs_a_licence_of_its_data_for_its_buyer(
    alone: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    training = alone.training
    mine = sold_data_set(alone, table(tmp_path, "mine"), "MINE")
    sold_data_set(alone, table(tmp_path, "other"), "OTHER")
    sold_data_set(alone, table(tmp_path, "song"), "SONG", LicenceKind.DOWNLOAD)
    friend = "0x" + "b1" * 20
    alone.licences.prepare_buy(alone.royalties.token("MINE"), 1, licensee=friend).execute()

    def run(*numbers: int) -> str:
        licence = str(training.licences.reference(numbers))
        return training.runs.run([mine], Settings(steps=1, licence=licence)).id

    for numbers, code in (
        ((2,), "licence_other_data"), ((3,), "licence_other_kind"), ((4,), "licence_of_another"),
        ((9,), "licence_unknown"),
    ):  # fmt: skip
        with pytest.raises(Exception, match=code):
            run(*numbers)
    assert training.runs.all() == []

    # What the network told once is enough where it does not answer.
    def away(*_: Any) -> None:
        raise UnavailableError("chain.unreachable", host="test")

    training.licences.find(training.licences.reference([1]))
    with monkeypatch.context() as offline:
        offline.setattr("desktop_app.services.training_licences.licence_reads.licence", away)
        with pytest.raises(UnavailableError):
            run(5)
        made = run(1)
    statement = training.runs.statement_of(training.runs.get(made))
    assert statement.parties == (active(alone),)
    assert Reference.read(statement.licence) == training.licences.reference([1])
    with pytest.raises(RefusedError, match="data_without_token"):
        training.models._shares(
            [each.__class__(each.identity, each.rows, "") for each in training.models.parents(made)], 10
        )
    proved = training.runs.prove(made, tmp_path)
    found = training.licences.check(proved.certificate, online=True)
    assert [(each.state, each.buyer_signed) for each in found] == [(LicenceState.CONFIRMED, False)]
    alone.networks.reset_practice()
    (unknown,) = training.licences.check(proved.certificate, online=False)
    assert unknown.state is LicenceState.UNCHECKED
    with pytest.raises(Exception, match="licence_unknown"):
        training.licences.check(proved.certificate, online=True)


def test_owner_and_trainer_on_two_computers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The data goes by a sealed file, the signature comes back by one, and the money by the network."""
    monkeypatch.setattr("desktop_app.services.data_hand_over.Argon2Cost", cheap_cost)
    owner = services_of(tmp_path / "owner")
    node = owner.networks._practice
    trainer = services_of(tmp_path / "trainer", practice=node)
    for person in (owner, trainer):
        person.wallet.create("passphrase", PASSPHRASE)
        person.networks.faucet(active(person))
    identity = sold_data_set(owner, table(tmp_path, "songs"), "SONGS")
    address = owner.royalties.token("SONGS").address
    assert owner.training.data_sets.get(identity).proofs_left() == 4
    sealed = owner.training.hand_over.write(identity, tmp_path, SECRET, proofs=2)
    secret_grep.expected_in(sealed)
    assert owner.training.data_sets.get(identity).proofs_left() == 2
    with pytest.raises(RefusedError, match="budget_exhausted"):
        owner.training.hand_over.write(identity, tmp_path / "again", SECRET, proofs=3)
    assert not (tmp_path / "again").exists()

    training = trainer.training
    with pytest.raises(InvalidInputError, match="wrong_passphrase"):
        training.hand_over.read(sealed, "something else")
    received = training.hand_over.read(sealed, SECRET).data
    assert (received.identity, received.proofs_left()) == (identity, 2)
    with pytest.raises(RefusedError, match="data_set_exists"):
        training.hand_over.read(sealed, SECRET)
    assert (training.data_sets.open(identity).data.features == owner.training.data_sets.open(
        identity).data.features).all()  # fmt: skip
    number = trainer.licences.prepare_buy(trainer.royalties.token(address), 1).execute().licence.id

    settings = Settings(steps=2, licence=str(training.licences.reference([number])))
    run = training.runs.run([identity], settings).id
    request = training.consents.request(run, tmp_path)
    consent = owner.training.consents.prepare_sign(request, tmp_path).execute()
    assert consent.consent.signer == active(owner)
    mine = training.consents.prepare_sign(request, tmp_path, role=Role.TRAINER).execute()
    proof = training.runs.prove(run, tmp_path, consents=[consent.path, mine.path])
    expected = Expected(signers=[active(owner), active(trainer)], data=[identity])
    verified = owner.training.runs.verify(proof.path, expected)
    (licence,) = owner.training.licences.check(verified.certificate, online=True)
    assert licence.state is LicenceState.CONFIRMED
    assert licence.buyer_signed
    assert licence.seller_signed

    later(trainer)
    registration = training.models.prepare_registration(run, "Singer")
    assert registration is not None
    registration.execute()
    assert training.models.prepare_registration(run) is None
    model = training.models.prepare_mint(run, MintTerms("", "", "SING", 100), 250_000).execute()
    coin = trainer.networks.active.native
    trainer.royalties.prepare_pay(model, Amount(4 * 10**15, coin)).execute()
    trainer.royalties.prepare_forward(model, coin).execute()
    songs = owner.royalties.token("SONGS")
    before = owner.royalties.overview(songs).my_pending[0].units
    assert before == 10**15 + 2 * 10**12, "a quarter of the model's income, and two licences"
    for person in (trainer, owner):
        person.close()


@pytest.mark.parametrize("place", ["rows", "root", "seal", "format"])
def test_a_data_set_that_was_altered_on_the_way_is_refused(
    place: str, alone: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desktop_app.services.data_hand_over.Argon2Cost", cheap_cost)
    data = alone.training.data_sets
    added = data.add(table(tmp_path, "songs", 12), Reading(label="y"), proofs=1).data
    if place == "rows":
        plain = bytearray(data.plain(added.id))
        plain[-1] ^= 1
        monkeypatch.setattr(data, "plain", lambda _reference: bytes(plain))
    if place == "root":
        header = replace(added.header, root="11" * 32)
        monkeypatch.setattr(data, "get", lambda _reference: replace(added, header=header))
        monkeypatch.setattr(data, "spend", lambda *_: None)
        data.certificate(added.id).unlink()
    path = alone.training.hand_over.write(added.id, tmp_path, SECRET, proofs=1)
    monkeypatch.setattr(data, "all", lambda: [])
    content = path.read_bytes()
    if place == "seal":
        path.write_bytes(content.replace(b'"sealed":"', b'"sealed":"AAAA', 1))
    if place == "format":
        path.write_bytes(content.replace(b"hand-over", b"hand-off", 1))
    with pytest.raises(ColophonError) as problem:
        alone.training.hand_over.read(path, SECRET)
    assert problem.value.code in {
        "training.not_the_committed_rows", "training.hand_over_altered", "training.not_a_hand_over",
        "training.label_out_of_range",
    }  # fmt: skip


@pytest.mark.parametrize(
    "text",
    ["", "L1", "eip155:1:0x" + "11" * 20 + "/2,1", "eip155:01:0x" + "11" * 20 + "/1", "eip155:1:0x11/1",
     "eip155:1:0x" + "11" * 20 + "/1\n", "eip155:1:0x" + "11" * 20 + "/1,1"],
)  # fmt: skip
def test_a_reference_has_one_form(text: str) -> None:
    assert Reference.read(text) is None
    assert str(Reference.read("eip155:1:0x" + "11" * 20 + "/1,12")) == "eip155:1:0x" + "11" * 20 + "/1,12"
