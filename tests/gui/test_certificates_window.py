"""Certificates in the window: every kind made, saved to hand on, checked with its file or part, asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QRect
from PySide6.QtWidgets import QFileDialog, QLineEdit

from desktop_app.gui.dialogs.prove import ProveDialog
from desktop_app.gui.dialogs.share import ShareDialog
from desktop_app.gui.widgets.drop_zone import DropZone
from desktop_app.gui.widgets.excerpt_card import ExcerptCard, readable
from desktop_app.gui.widgets.text import HashLabel
from desktop_app.proofs.commitment import commit, commitment_id
from desktop_app.proofs.group import default_group
from desktop_app.services.registration import opening_of
from desktop_app.store.ids import new_id

pytestmark = pytest.mark.usefixtures("cheap_passphrases")

PASSPHRASE = "paper lantern river stone"
POEM = "".join(f"Line {number} of a poem about the harbour.\n" for number in range(200))


@pytest.fixture
def saves_as(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """What the user will choose in the system's dialog for saving."""

    def choose(path: Path) -> None:
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_args, **_options: (str(path), ""))

    return choose


@pytest.fixture
def poem(user: Any, tmp_path: Path) -> Any:
    """The page of a registered poem; there is another registered work."""
    services = user.window.session.services
    services.wallet.create("passphrase", PASSPHRASE)
    services.networks.faucet(services.wallet.status().active)
    for name in ("Other", "Harbour"):
        path = tmp_path / f"{name}.txt"
        path.write_text(POEM if name == "Harbour" else name * 500)
        work = services.library.add(path).work
        services.registration.prepare(work.id).execute()
    user.window.session.work_opened.emit(work.id)
    user.settle()
    return user.main.current


def line(field: Any) -> QLineEdit:
    assert isinstance(field.control, QLineEdit)
    return field.control


def make(user: Any, page: Any, kind: str, fill: Callable[[ProveDialog], None] = lambda _dialog: None) -> Path:
    before = len(page._view.certificates)
    page._prove()
    dialog = user.dialog(ProveDialog)
    user.type(line(dialog.audience), "Harbour Records")
    dialog.kind.setCurrentIndex(dialog.kind.findData(kind))
    fill(dialog)
    user.settle()
    user.shot(f"prove-{kind}", dialog)
    user.click(dialog.make)
    user.wait(lambda: len(page._view.certificates) > before, f"a certificate: {kind}")
    user.settle()
    page.notice.hide()
    path = page._view.certificates[0].path
    assert isinstance(path, Path)
    return path


def verdict(user: Any, verify: Any) -> str:
    user.settle()
    return str(verify._result.layout().itemAt(0).widget().text)


def test_every_kind_is_made_handed_on_and_checked(
    user: Any, poem: Any, tmp_path: Path, saves_as: Callable[[Path], None], off_the_ui_thread: list[str]
) -> None:
    def for_the_prize(dialog: ProveDialog) -> None:
        user.type(line(dialog.purpose), "Spring prize")
        user.type(line(dialog.before), "soon")
        user.click(dialog.make)
        assert dialog.isVisible(), "a block is a number"
        user.type(line(dialog.before), "")

    plain = make(user, poem, "opening")
    whole = make(user, poem, "file")
    part = make(user, poem, "excerpt", lambda dialog: user.type(line(dialog.part), "Line 77 of a poem"))
    anonymous = make(user, poem, "membership", for_the_prize)

    # Saved to hand on, and never in the place of another file.
    carried = [tmp_path / "certificate.html", tmp_path / "certificate.pdf"]
    for place, target in enumerate(carried):
        saves_as(target)
        poem._share(plain)
        share = user.dialog(ShareDialog)
        share.form.setCurrentIndex(place)
        user.settle()
        user.shot(f"share-{target.suffix[1:]}", share)
        user.click(share.save)
        user.wait(target.exists, "the saved file")
        user.settle()
    user.shot("work-shared")
    before = target.read_bytes()
    poem._share(plain)
    share = user.dialog(ShareDialog)
    share.form.setCurrentIndex(1)
    user.click(share.save)
    user.wait(share.message.isVisible, "nothing is replaced")
    user.settle()
    user.shot("share-there-already", share)
    assert target.read_bytes() == before
    share.reject()

    # Each is valid as it is, and refused after a change.
    verify = user.go("verify")
    user.shot("verify-empty")
    for path in (*carried, plain, whole, part, anonymous):
        user.drop(verify.drop, path)
        assert "is valid" in verdict(user, verify), path.name
    broken = tmp_path / "broken.colophon"
    for path in (plain, whole, part, anonymous):
        broken.write_bytes(path.read_bytes().replace(b"Harbour Records", b"Harbour Record5"))
        user.drop(verify.drop, broken)
        assert "not valid" in verdict(user, verify), path.name

    # The purpose counts letter by letter.
    user.type(line(verify.purpose), "Spring prise")
    user.drop(verify.drop, anonymous)
    assert "not valid" in verdict(user, verify)
    user.type(line(verify.purpose), "Spring prize")
    user.click(verify._again)
    assert "is valid" in verdict(user, verify)
    bar = verify.verticalScrollBar()
    bar.setValue(bar.maximum())
    user.shot("verify-purpose")
    user.type(line(verify.purpose), "")

    # Compared with the file; the part is shown, and saved as it is.
    user.drop(verify.drop, whole)
    user.settle()
    user.shot("verify-file")
    user.drop(verify._result.findChild(DropZone), tmp_path / "Other.txt")
    assert "not valid" in verdict(user, verify)
    user.click(verify._again)
    assert "not valid" in verdict(user, verify), "checking again compares again"
    user.drop(verify._result.findChild(DropZone), tmp_path / "Harbour.txt")
    assert "is valid" in verdict(user, verify)
    user.shot("verify-file-compared")
    user.drop(verify.drop, part)
    user.settle()
    user.shot("verify-part")
    saves_as(tmp_path / "part.txt")
    verify.findChild(ExcerptCard).wanted.emit()
    user.wait((tmp_path / "part.txt").exists, "the saved part")
    assert "Line 77 of a poem" in (tmp_path / "part.txt").read_text()
    assert (tmp_path / "part.txt").read_text() in POEM
    user.settle()

    # A node of one's own that does not answer is no verdict against the certificate.
    user.type(line(verify.node), "http://127.0.0.1:9")
    user.drop(verify.drop, plain)
    user.settle()
    user.shot("verify-own-node")

    assert not user.faults, "\n".join(user.faults)
    assert off_the_ui_thread == []


def recorded_on_base_too(services: Any, work: Any) -> None:
    """As if the work had been registered on Base: what is proved about it needs no network."""
    row = services.registration.current(work.id)
    base = services.networks.named("base")
    opening = opening_of(
        work, services.wallet.owner_secrets(), row.record_salt, base.chain_id, row.registry
    )
    group, point = default_group(), commit(opening)
    sealed = {
        "commitment": group.encode(point),
        "commitment_id": commitment_id(group.encode_for_chain(point)),
    }
    copy = replace(row, id=new_id(), chain_id=base.chain_id, **sealed)
    services.registration._registrations.add(copy)


def test_the_same_work_on_two_networks_is_offered_where_there_are_two_records(
    user: Any, poem: Any, tmp_path: Path
) -> None:
    poem._prove()
    dialog = user.dialog(ProveDialog)
    user.settle()
    assert dialog.kind.findData("same-work") == -1, "one record is on one network"
    dialog.reject()
    recorded_on_base_too(user.window.session.services, poem._view.work)

    poem._prove()
    dialog = user.dialog(ProveDialog)
    user.settle()
    user.type(line(dialog.audience), "Harbour Records")
    dialog.kind.setCurrentIndex(dialog.kind.findData("same-work"))
    user.settle()
    assert dialog._other_field.isVisible()
    assert dialog.other.currentText() == "Base"
    user.shot("prove-same-work", dialog)
    user.click(dialog.make)
    user.wait(lambda: poem._view.certificates, "a certificate")
    user.settle()
    (made,) = poem._view.certificates
    assert made.kind == "same-work"

    verify = user.go("verify")
    verify.online.setChecked(False)
    user.drop(verify.drop, made.path)
    assert "is valid" in verdict(user, verify)
    user.shot("verify-same-work")
    broken = tmp_path / "broken.colophon"
    broken.write_bytes(made.path.read_bytes().replace(b'"chain_id":8453', b'"chain_id":8454'))
    user.drop(verify.drop, broken)
    assert "not valid" in verdict(user, verify)
    assert not user.faults, "\n".join(user.faults)


def test_on_a_small_screen_the_choices_scroll_and_the_buttons_stay(
    user: Any, poem: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Found by looking at 200 %: texts lay over each other where the screen had no room for all of them."""
    monkeypatch.setattr("desktop_app.gui.widgets.dialog.LOWEST_SCREEN", 0)
    monkeypatch.setattr(ProveDialog, "screen", lambda _dialog: SmallScreen())
    poem._prove()
    dialog = user.dialog(ProveDialog)
    dialog.kind.setCurrentIndex(dialog.kind.findData("membership"))
    user.settle()
    assert dialog.height() <= SmallScreen.HEIGHT
    for button in (dialog.cancel, dialog.make):
        assert dialog.rect().contains(button.geometry())
    user.shot("prove-small-screen", dialog)
    dialog.reject()
    assert not user.faults, "\n".join(user.faults)


class SmallScreen:
    HEIGHT = 480

    def availableGeometry(self) -> QRect:
        return QRect(0, 0, 800, self.HEIGHT)


def test_a_challenge_is_given_out_and_its_answer_is_seen(user: Any, poem: Any) -> None:
    verify = user.go("verify")
    user.type(line(verify.challenges.note), "Ben")
    user.click(verify.challenges.new)
    user.settle()
    (given,) = user.window.session.services.challenges.all()
    assert given.given_to == "Ben"
    assert verify.challenges.findChild(HashLabel).value == given.code
    user.window.session.work_opened.emit(poem._view.work.id)
    user.settle()
    answer = make(user, poem, "opening", lambda dialog: user.type(line(dialog.challenge), given.code.lower()))
    second = make(user, poem, "opening", lambda dialog: user.type(line(dialog.challenge), given.code))
    user.go("verify")
    user.drop(verify.drop, answer)
    assert "is valid" in verdict(user, verify)
    user.shot("verify-challenge")
    assert user.window.session.services.challenges.all()[0].used_at is not None
    user.drop(verify.drop, second)
    assert "not valid" in verdict(user, verify), "a challenge is answered once"
    assert not user.faults, "\n".join(user.faults)


def test_half_letters_at_the_ends_of_a_part_are_left_out() -> None:
    text = "Grüße, 世界"
    data = text.encode()
    assert readable(data) == text
    assert readable(data[3:]) == "üße, 世界"[1:]
    assert readable(data[:-1]) == "Grüße, 世"
    assert readable(b"\x00\x01binary\xff" * 3) is None
    assert readable(b"plain \x1b[31m control") is None
