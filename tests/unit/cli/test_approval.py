"""Nothing is signed before the person has seen what, to whom, how much, where and the highest fee."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_app.cli.session import Options, Session
from desktop_app.core.amounts import Amount, Currency
from desktop_app.core.errors import InvalidInputError, RefusedError
from desktop_app.services.actions import Action, Review

COIN = Currency(8453, "ETH", 18)
DOLLAR = Currency(8453, "USDC", 6, "0x" + "33" * 20)
REVIEW = Review(
    action="review.pay",
    network_key="base",
    network_name="Base",
    is_practice=False,
    sender="0x" + "11" * 20,
    fee_worst_case=Amount(10**15, COIN),
    transactions=2,
    recipient="0x" + "22" * 20,
    amount=Amount(12_500_000, DOLLAR),
    params={"amount": "12.5 USDC", "name": "Night \x1b[31mTrain", "symbol": "NIGHT"},
)


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    made = Session(Options(home=tmp_path))
    yield made
    made.close()


def answer(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(Session, "can_ask", True)
    monkeypatch.setattr("sys.stdin", io.StringIO(text))


def test_all_five_facts_are_shown_before_the_question(
    session: Session, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answer(monkeypatch, "y\n")
    assert session.carry_out(Action(REVIEW, lambda _: "done")) == "done"
    shown = capsys.readouterr().err
    for fact in (
        "12.5 USDC",
        REVIEW.recipient,
        REVIEW.sender,
        "Base (real money)",
        "0.001 ETH for 2 transactions",
    ):
        assert fact in shown
        assert shown.index(fact) < shown.index("Go ahead?")
    assert "\x1b[31m" not in shown, "a hostile name cannot paint the terminal"


@pytest.mark.parametrize("typed", ["n\n", "\n", "", "yess\n"])
def test_anything_but_yes_signs_nothing(
    session: Session, monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    answer(monkeypatch, typed)
    done: list[str] = []
    with pytest.raises(RefusedError) as caught:
        session.carry_out(Action(REVIEW, lambda _: done.append("signed")))
    assert caught.value.code == "cli.not_approved"
    assert session.failed(caught.value) == 1
    assert not done


def test_without_a_terminal_nothing_is_signed(session: Session) -> None:
    done: list[str] = []
    with pytest.raises(InvalidInputError) as caught:
        session.carry_out(Action(REVIEW, lambda _: done.append("signed")))
    assert session.failed(caught.value) == 2
    assert not done


def test_yes_approves_beforehand_and_still_shows_the_review(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    session = Session(Options(home=tmp_path, yes=True))
    assert session.carry_out(Action(REVIEW, lambda _: 7)) == 7
    session.close()
    assert "12.5 USDC" in capsys.readouterr().err
