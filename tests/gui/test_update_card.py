"""The settings tell of a newer version when asked, and by themselves only where that was switched on."""

from __future__ import annotations

import json
from typing import Any

from integration.test_updates import GOOD, KEY, sign
from integration.witness_servers import server

from desktop_app.core.settings import UPDATE_ADDRESS, UPDATE_CHECK, UPDATE_KEY
from desktop_app.gui.app import build_window


def test_a_copy_that_knows_nobody_offers_no_question(user: Any) -> None:
    page = user.go("settings")
    assert not page.updates.look_now.isEnabled()
    assert not page.updates.when_opening.isEnabled()
    user.shot("settings-updates-nobody")


def test_a_newer_version_is_told_and_not_installed(user: Any) -> None:
    services = user.window.session.services
    data = json.dumps(GOOD | {"version": "900.1", "expires": "2999-01-01"}).encode()
    asked: list[str] = []

    def answer(_method: str, path: str, _body: bytes) -> tuple[int, bytes]:
        asked.append(path)
        return 200, sign(data) if path.endswith(".minisig") else data

    with server(answer) as address:
        services.settings.set(UPDATE_ADDRESS, address + "/release.json")
        services.settings.set(UPDATE_KEY, KEY)
        again = build_window(user.app, services)
        try:
            card = again.main.settings.updates
            card.look_when_opening()
            user.settle()
            assert asked == []
            card.look_now.click()
            user.wait(lambda: card.answer.text.startswith("Version 900.1 is out"), "the answer")
            assert not card.open_page.isHidden()
            card.when_opening.click()
            user.wait(lambda: services.settings.text(UPDATE_CHECK) == "on", "the setting is kept")
            told: list[str] = []
            card.news.connect(told.append)
            card.look_when_opening()
            user.wait(lambda: told, "news when opening")
            assert told == ["Version 900.1 is out: see Settings"]
            again.main.show()
            again.main.go("settings")
            user.settle()
            again.main.current.verticalScrollBar().setValue(10_000)
            user.settle()
            again.main.grab().save(str(user.shots / "settings-updates.png"))
        finally:
            again.close()
