"""The three verdicts, apart from each other."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from desktop_app.core.errors import UnavailableError
from desktop_app.core.paths import resource
from desktop_app.proofs.statements import OpeningStatement, Statement
from desktop_app.proofs.verifier import (
    CLOCK_TOLERANCE,
    Anchor,
    AnchorRecord,
    Freshness,
    Proof,
    Verdicts,
    verify,
)

Issue = Callable[..., bytes]

RECORD = AnchorRecord(holder="0x" + "22" * 20, registered_at=1_700_000_000, proved=True)
CHALLENGE = "apple-river-42"


def test_a_fresh_certificate_passes_all_three(issue: Issue, now: int) -> None:
    verdicts = verify(
        issue(),
        now=now,
        expected_challenge=CHALLENGE,
        expected_audience="Café Müller, Köln",
        lookup=lambda _: RECORD,
    )
    assert (verdicts.proof, verdicts.anchor, verdicts.freshness) == (
        Proof.VALID,
        Anchor.CONFIRMED,
        Freshness.FRESH,
    )
    assert verdicts.record == RECORD
    assert verdicts.accepted


@pytest.mark.parametrize(
    ("fields", "moment", "challenge", "audience", "freshness", "code"),
    [
        ({}, 0, None, None, Freshness.NOT_COMPARED, "challenge_not_compared"),
        ({"challenge": ""}, 0, None, None, Freshness.TRANSFERABLE, "transferable"),
        ({"challenge": ""}, 0, CHALLENGE, None, Freshness.NOT_FRESH, "other_challenge"),
        ({}, 0, "another", None, Freshness.NOT_FRESH, "other_challenge"),
        ({}, 0, "", None, Freshness.NOT_FRESH, "other_challenge"),
        ({}, 0, " apple-river-42 ", None, Freshness.FRESH, "fresh"),
        ({}, 0, CHALLENGE, "Another", Freshness.NOT_FRESH, "other_audience"),
        ({}, 0, CHALLENGE, "Cafe\u0301 Müller, Köln", Freshness.FRESH, "fresh"),
        ({"audience": ""}, 0, CHALLENGE, "Me", Freshness.NOT_FRESH, "other_audience"),
        ({}, 3599, CHALLENGE, None, Freshness.FRESH, "fresh"),
        ({}, 3600, CHALLENGE, None, Freshness.NOT_FRESH, "expired"),
        ({}, -CLOCK_TOLERANCE, CHALLENGE, None, Freshness.FRESH, "fresh"),
        ({}, -CLOCK_TOLERANCE - 1, CHALLENGE, None, Freshness.NOT_FRESH, "not_yet_valid"),
    ],
)
def test_freshness_is_judged_by_dates_challenge_and_audience(
    issue: Issue,
    now: int,
    fields: dict[str, str],
    moment: int,
    challenge: str | None,
    audience: str | None,
    freshness: Freshness,
    code: str,
) -> None:
    verdicts = verify(
        issue(**fields), now=now + moment, expected_challenge=challenge, expected_audience=audience
    )
    assert (verdicts.freshness, verdicts.freshness_code) == (freshness, f"certificate.{code}")
    assert verdicts.proof is Proof.VALID
    assert verdicts.accepted == (freshness is not Freshness.NOT_FRESH)


def test_without_a_look_up_the_anchor_is_not_checked(issue: Issue, now: int) -> None:
    assert verify(issue(), now=now).anchor is Anchor.NOT_CHECKED


def test_a_missing_record_speaks_against_the_certificate(issue: Issue, now: int) -> None:
    verdicts = verify(issue(), now=now, lookup=lambda _: None)
    assert verdicts.anchor is Anchor.NOT_CONFIRMED
    assert not verdicts.accepted


def test_a_node_that_does_not_answer_is_not_a_missing_record(issue: Issue, now: int) -> None:
    def lookup(statement: Statement) -> AnchorRecord | None:
        raise UnavailableError("chain.unreachable")

    verdicts = verify(issue(), now=now, lookup=lookup)
    assert (verdicts.anchor, verdicts.anchor_code) == (Anchor.NOT_CHECKED, "certificate.anchor_unavailable")


def test_a_record_without_a_proof_on_chain_is_named_as_such(issue: Issue, now: int) -> None:
    unproved = AnchorRecord(RECORD.holder, RECORD.registered_at, proved=False)
    verdicts = verify(issue(), now=now, lookup=lambda _: unproved)
    assert verdicts.anchor is Anchor.CONFIRMED
    assert verdicts.anchor_code == "certificate.anchor_confirmed_unproved"


def test_the_chain_is_asked_about_the_work_of_the_statement(issue: Issue, now: int) -> None:
    asked: list[Statement] = []

    def lookup(statement: Statement) -> AnchorRecord | None:
        asked.append(statement)
        return RECORD

    verify(issue(), now=now, lookup=lookup)
    (statement,) = asked
    assert isinstance(statement, OpeningStatement)
    assert statement.work.registrant == "0x" + "22" * 20


def test_the_chain_is_not_asked_about_a_false_proof(issue: Issue, now: int) -> None:
    data = issue().replace(b'"audience":"Caf', b'"audience":"Kaf')
    verdicts = verify(data, now=now, lookup=lambda _: pytest.fail("asked"))
    assert verdicts.proof is Proof.NOT_VALID
    assert verdicts.anchor is Anchor.NOT_CHECKED


def test_every_code_of_this_layer_has_its_wording() -> None:
    folder = Path(__file__).resolve().parents[3] / "desktop_app" / "proofs"
    used = {
        code
        for source in folder.glob("*.py")
        for code in re.findall(r'"((?:proofs|certificate)\.\w+)"', source.read_text())
    }
    worded = set()
    for space in ("proofs", "certificate"):
        with resource(f"i18n/en/{space}.toml").open("rb") as file:
            for name, entry in tomllib.load(file).items():
                assert set(entry) == {"title", "reason", "next"}
                worded.add(f"{space}.{name}")
    assert used == worded


def test_verdicts_are_frozen(issue: Issue, now: int) -> None:
    verdicts = verify(issue(), now=now)
    with pytest.raises(AttributeError):
        verdicts.proof = Proof.VALID  # type: ignore[misc]
    assert isinstance(verdicts, Verdicts)
