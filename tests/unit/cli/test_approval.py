"""Nothing is signed before the person has seen what, to whom, how much, where and the highest fee."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from desktop_app.cli.session import Options, Session
from desktop_app.core.amounts import Amount, Currency
from desktop_app.core.errors import InvalidInputError, RefusedError
from desktop_app.services.actions import Action, Notice, Review, Weight
from desktop_app.services.approval import describe

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


class NoNetwork:
    """Reviews without a network behind them: everything but the balances is there."""

    def __init__(self, *warnings: Notice) -> None:
        self._warnings = warnings

    def examine(self, action: Action[object]) -> Review:
        return replace(action.review, examined=True, changes=None, warnings=self._warnings)


def session_of(tmp_path: Path, *warnings: Notice, **options: bool) -> Session:
    made = Session(Options(home=tmp_path, **options))
    made._services = replace(made.services, reviews=NoNetwork(*warnings))  # type: ignore[arg-type]
    return made


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    made = session_of(tmp_path)
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
        "at most 0.001 ETH for 2 transactions",
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
    session = session_of(tmp_path, yes=True)
    assert session.carry_out(Action(REVIEW, lambda _: 7)) == 7
    session.close()
    assert "12.5 USDC" in capsys.readouterr().err


DANGER = Notice(
    "warning.look_alike", Weight.DANGER, {"address": "0xAb", "known": "0xAc", "name": "Shop \x1b[2J"}
)
"""A warning with a hostile name in it."""


def test_a_danger_takes_more_than_a_yes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for typed, agreed in (("y\n", False), ("yes\n", False), ("I accept the risk\n", True)):
        answer(monkeypatch, typed)
        session = session_of(tmp_path, DANGER)
        done: list[str] = []
        try:
            session.carry_out(Action(REVIEW, lambda _, done=done: done.append("signed")))
        except RefusedError as error:
            assert error.code == "cli.not_approved"
        session.close()
        assert bool(done) is agreed
        shown = capsys.readouterr().err
        assert "only looks like one you know" in shown
        assert "\x1b[2J" not in shown


def test_a_script_cannot_pass_over_a_danger(tmp_path: Path) -> None:
    session = session_of(tmp_path, DANGER, yes=True)
    done: list[str] = []
    with pytest.raises(RefusedError) as caught:
        session.carry_out(Action(REVIEW, lambda _: done.append("signed")))
    session.close()
    assert caught.value.code == "cli.dangerous"
    assert not done


def test_with_json_the_review_is_still_shown_before_the_question(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answer(monkeypatch, "y\n")
    session = session_of(tmp_path, as_json=True)
    session.carry_out(Action(REVIEW, lambda _: 1))
    session.close()
    assert "12.5 USDC" in capsys.readouterr().err


def test_every_word_of_the_review_is_on_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The window is held to the same words in tests/gui/test_review.py."""
    answer(monkeypatch, "n\n")
    session = session_of(tmp_path, Notice("warning.not_tried_out", Weight.NOTE))
    action = Action(replace(REVIEW, params={**REVIEW.params, "name": "Song"}), lambda _: 1)
    with pytest.raises(RefusedError):
        session.carry_out(action)
    told = describe(session.services.reviews.examine(action))
    session.close()
    shown = " ".join(capsys.readouterr().err.split())
    for text in (
        told.headline,
        *(f"{line.label} {line.text}" for line in told.lines),
        *(part for one in (*told.warnings, told.money) for part in (one.title, one.text)),
    ):
        assert text in shown


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (None, "not possible at this node"),
        ((), "no money moves but the fee"),
        ((Amount(-5_000_000, DOLLAR), Amount(3, DOLLAR)), "5 USDC leaves your account; 0.000003 USDC"),
    ],
)
def test_the_outcome_of_the_trial_is_said_in_words(changes: tuple[Amount, ...] | None, said: str) -> None:
    told = describe(replace(REVIEW, examined=True, changes=changes))
    assert said in told.lines[-1].text


@pytest.mark.parametrize(
    ("key", "practice", "said"),
    [("base", False, "Real money"), ("practice", True, "Practice"), ("base-sepolia", False, "Test network")],
)
def test_the_review_says_whether_the_money_is_real(key: str, practice: bool, said: str) -> None:
    told = describe(replace(REVIEW, network_key=key, is_practice=practice))
    assert told.money.title.startswith(said)


def fee_of(review: Review) -> str:
    return next(line.text for line in describe(review).lines if line.label == "Network fee")


@pytest.mark.parametrize(
    ("key", "practice", "worth", "said"),
    [
        ("base", False, "", "at most 0.000123 ETH for 2 transactions"),
        ("base", False, "0.35 USD", "at most 0.000123 ETH, about 0.35 USD for 2 transactions"),
        ("practice", True, "", "at most 0.000123 ETH of practice money for 2 transactions"),
        ("base-sepolia", False, "", "at most 0.000123 ETH of test money for 2 transactions"),
    ],
)
def test_a_fee_can_be_read_and_says_whose_money_it_is(
    key: str, practice: bool, worth: str, said: str
) -> None:
    """Rounded up, so that it stays the most that it can be."""
    fee = Amount(122_287_356_487_125, COIN)
    review = replace(REVIEW, network_key=key, is_practice=practice, fee_worth=worth, fee_worst_case=fee)
    assert fee_of(review) == said


def test_a_token_name_cannot_write_lines_of_its_own_into_the_review() -> None:
    """Found by an attack: the name of a stranger's token brought its own fee and recipient along."""
    forged = "Song\nFee at most  0 ETH\u202e\n" + 300 * " " + "End"
    warning = Notice("warning.unvouched_name", Weight.DANGER, {"name": forged, "address": "0x1"})
    told = describe(
        replace(
            REVIEW,
            params=REVIEW.params | {"name": forged},
            recipient_name=forged,
            warnings=(warning,),
            changes=(Amount(-5, replace(DOLLAR, symbol="A\nB")),),
            examined=True,
        )
    )
    texts = [told.headline, *(line.text for line in told.lines)]
    texts += [text for one in (*told.warnings, told.money) for text in (one.title, one.text)]
    assert all(text.isprintable() and "  " not in text for text in texts)
    assert "Song Fee at most 0 ETH\N{REPLACEMENT CHARACTER} End" in told.headline
