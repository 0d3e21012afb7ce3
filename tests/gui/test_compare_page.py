"""Choosing a network in the window: the user's own month, nobody asked before the user agrees."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QLineEdit

from desktop_app.gui.dialogs.ask import ConfirmDialog
from desktop_app.gui.main_window import MINIMUM, USUAL
from desktop_app.gui.models.comparison import COLUMNS


def column(page: Any, name: str) -> list[str]:
    place = COLUMNS.index(name)
    return [page.model.index(n, place).data() for n in range(page.model.rowCount())]


def edit(field: Any) -> QLineEdit:
    assert isinstance(field.control, QLineEdit)
    return field.control


def open_page(user: Any) -> Any:
    networks = user.go("networks")
    user.click(networks.compare)
    user.settle()
    page = user.main.current
    user.wait(lambda: page.model.rowCount(), "the comparison")
    user.settle()
    return page


def test_the_comparison_works_offline_from_dated_prices(user: Any, off_the_ui_thread: list[str]) -> None:
    page = open_page(user)
    assert user.main.side_bar.buttons["networks"].isChecked()
    names = column(page, "network")
    assert {"Base", "OP Mainnet", "Ethereum", "Arbitrum One", "ZKsync Era"} <= set(names)
    dates = dict(zip(names, column(page, "prices_of"), strict=True))
    assert dates["Base"] == "2026-08-28"
    assert dates["Scroll"] == "–"
    assert page._chosen.text() == "OP Mainnet"
    assert "days ago" in page._doubts.text
    assert "compare.reason_others_unknown" in [one.code for one in page._view.found.reasons]
    a_month = dict(zip(names, column(page, "a_month"), strict=True))
    before_dencun = dict(zip(names, column(page, "before_dencun"), strict=True))
    now, then = a_month["Base"].removesuffix(" ETH"), before_dencun["Base"].removesuffix(" ETH")
    assert 0 < float(now) < float(then)
    assert f"Base: {now} now, {then} before Dencun." in page.chart.accessibleDescription()
    assert "Scroll" in page._not_drawn.text()

    # The user's own month counts at once.
    user.type(edit(page.counts["payments"]), "1000")
    user.wait(lambda: column(page, "a_month") != list(a_month.values()), "compared again")
    user.settle()
    after = dict(zip(column(page, "network"), column(page, "a_month"), strict=True))
    assert float(after["Base"].split()[0]) > 8 * float(now)

    # In the user's own money, where he says what a coin is worth.
    assert page.table.isColumnHidden(COLUMNS.index("in_money"))
    user.type(edit(page.worth["ETH"]), "2500")
    user.wait(lambda: not page.table.isColumnHidden(COLUMNS.index("in_money")), "in money")
    user.settle()
    assert page.chart.accessibleDescription().startswith("Your money a month")

    # Nonsense is said at the field and changes nothing.
    user.type(edit(page.counts["works"]), "many")
    user.wait(lambda: edit(page.counts["works"]).property("invalid") == "true", "the field says so")
    user.type(edit(page.counts["works"]), "2")
    user.settle()

    # Another network's details.
    page.table.selectRow(column(page, "network").index("Arbitrum One"))
    user.settle()
    assert page.details.heading.text() == "Arbitrum One"
    assert off_the_ui_thread == []


def test_nobody_is_asked_before_the_user_knows_whom(user: Any) -> None:
    page = open_page(user)
    user.click(page.ask)
    question = user.dialog(ConfirmDialog)
    for words in ("mainnet.base.org", "internet address", "none sees your accounts"):
        assert words in question.subtitle.text(), words
    user.shot("compare-ask", question)
    question.reject()
    user.settle()
    user.no_dialog()
    assert {"2026-05-13", "2026-08-28", "–"} == set(column(page, "prices_of"))

    # There is no network here: what cannot be reached is said, and what was known stays.
    page.table.selectRow(column(page, "network").index("Base"))
    user.settle()
    user.click(page.details._ask)
    user.click(user.dialog(ConfirmDialog).agree)
    user.wait(lambda: page.notice.isVisible(), "how it went")
    assert "0 of 1 networks" in page.notice.text
    user.settle()
    assert "2026-08-28" in column(page, "prices_of")


def test_the_comparison_looks_right(user: Any, shots: Path) -> None:
    page = open_page(user)
    user.type(edit(page.worth["ETH"]), "2500")
    user.wait(lambda: not page.table.isColumnHidden(COLUMNS.index("in_money")), "in money")
    for theme, size in (("light", USUAL), ("dark", USUAL), ("light", MINIMUM)):
        user.window.theme.set_mode(theme)
        user.main.resize(*size)
        user.settle()
        end = "" if size == USUAL else "-small"
        user.shot(f"compare{end}")
        bar = page.verticalScrollBar()
        for part in (1, 2):
            bar.setValue(bar.maximum() * part // 2)
            user.settle()
            user.shot(f"compare{end}-{part}")
        bar.setValue(0)
    assert not user.faults, "\n".join(user.faults)
