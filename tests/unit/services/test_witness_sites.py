"""Which of the calendars that a proof names may be asked: the chosen one, and others of its site."""

from __future__ import annotations

import pytest

from desktop_app.services.witnesses import _same_site

POOL = "https://a.pool.opentimestamps.org"


@pytest.mark.parametrize(
    ("promised_by", "chosen"),
    [
        ("https://alice.btc.calendar.opentimestamps.org", POOL),
        ("https://finney.calendar.firm.co.uk", "https://pool.firm.co.uk"),
        ("http://127.0.0.1:1234", "http://127.0.0.1:1234"),
    ],
)
def test_a_calendar_of_the_chosen_site_is_asked(promised_by: str, chosen: str) -> None:
    assert _same_site(promised_by, chosen) == promised_by


@pytest.mark.parametrize(
    ("promised_by", "chosen"),
    [
        ("https://opentimestamps.org.evil.example", POOL),
        ("https://evilopentimestamps.org", POOL),
        ("http://127.0.0.1", POOL),
        ("http://alice.calendar.opentimestamps.org", POOL),
        ("file:///etc/passwd", POOL),
        ("https://evil.co.uk", "https://pool.firm.co.uk"),
        ("https://192.168.0.1", "https://203.0.0.1"),
        ("http://127.0.0.1:22", "http://127.0.0.1:1234"),
        ("https://192.168.0.1", "https://calendar"),
    ],
)
def test_what_belongs_to_somebody_else_is_not_contacted(promised_by: str, chosen: str) -> None:
    assert _same_site(promised_by, chosen) is None
