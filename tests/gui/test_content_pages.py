"""Works in the window: pictures, descriptions, similar works, signed copies, packages, witnesses, erasing."""

from __future__ import annotations

import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import pytest
from integration.witness_servers import Calendar, server
from PySide6.QtWidgets import QFileDialog, QLineEdit

from desktop_app.content.credentials import Claim, sign_copy
from desktop_app.content.package import create_package, new_key
from desktop_app.content.signing_identity import self_made
from desktop_app.core.clock import SystemClock
from desktop_app.core.progress import Task
from desktop_app.gui.dialogs.ask import ConfirmDialog
from desktop_app.gui.dialogs.confirm_witness import ConfirmWitnessDialog
from desktop_app.gui.dialogs.describe import DescribeDialog
from desktop_app.gui.dialogs.erase import EraseDialog
from desktop_app.gui.dialogs.review import ReviewDialog
from desktop_app.gui.dialogs.sign_copy import SignDialog
from desktop_app.gui.dialogs.witness import WitnessDialog
from desktop_app.gui.main_window import MINIMUM, USUAL
from desktop_app.gui.models.works import ITEM
from desktop_app.services.details import Training, WorkMetadata
from tests.unit.content.media import picture

pytestmark = pytest.mark.usefixtures("cheap_passphrases")

T = TypeVar("T")
PASSPHRASE = "paper lantern river stone"


def aside(call: Callable[[], T]) -> T:
    """A look behind the scenes, off the UI thread as the window itself has to do it."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(call).result()


def line(field: Any) -> QLineEdit:
    assert isinstance(field.control, QLineEdit)
    return field.control


@pytest.fixture
def paintings(tmp_path: Path) -> Path:
    folder = tmp_path / "paintings"
    (folder / "sketches").mkdir(parents=True)
    picture(0, 480).save(folder / "Harbour at Night.png")
    picture(0, 480).save(folder / "sketches" / "Harbour at Night, small.jpg", quality=40)
    picture(3, 480).save(folder / "Waves.png")
    (folder / "sketches" / "Notes.txt").write_text("cobalt, ochre, and a little white\n" * 30)
    return folder


def answers(monkeypatch: pytest.MonkeyPatch, *paths: Path) -> None:
    """What the person picks in the system's file dialogs, one after the other."""
    waiting = [str(path) for path in paths]
    for name in ("getSaveFileName", "getOpenFileName"):
        monkeypatch.setattr(QFileDialog, name, staticmethod(lambda *_a, **_k: (waiting.pop(0), "")))
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", staticmethod(lambda *_a, **_k: waiting.pop(0)))


def open_work(user: Any, title: str) -> Any:
    user.go("library")
    model = user.main.pages["library"].model
    user.wait(lambda: model.rowCount() and model.index(0, 0).data(ITEM), "works")
    for place in range(model.rowCount()):
        if model.index(place, 0).data(ITEM).work.title == title:
            user.main.pages["library"].list.activated.emit(model.index(place, 0))
            user.settle()
            return user.main.current
    raise AssertionError(title)


def test_a_work_is_described_handed_on_and_erased(
    user: Any, paintings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, off_the_ui_thread: list[str]
) -> None:
    # Another test of this process may have loaded it for itself.
    monkeypatch.delitem(sys.modules, "c2pa", raising=False)
    services = user.window.session.services
    aside(lambda: services.wallet.create("passphrase", PASSPHRASE))
    library = user.main.pages["library"]

    # A whole folder is dropped.
    user.drop(library, paintings)
    user.wait(lambda: library.model.rowCount() == 4, "the folder is in the library")
    user.wait(lambda: library.notice.isVisible(), "it says what was added")
    user.settle()
    assert sum(row.picture is not None for row in library.model.rows) == 3
    user.shot("library-pictures")

    # The work is described.
    page = open_work(user, "Harbour at Night")
    user.shot("work-about")
    about = page.content.about
    assert about.picture._picture is not None
    user.click(about.edit)
    form = user.dialog(DescribeDialog)
    form.people[0].name.setText("Ada Wren")
    form.people[0].role.setText("painter")
    user.click(form.more)
    form.people[1].name.setText("Ben Low")
    user.click(form.training.answers[Training.LICENSED])
    user.click(form.fold.button)
    user.type(line(form.year), "2024")
    user.type(line(form.numbers["isbn"]), "123")
    user.click(form.fold.button)
    user.click(form.save)
    user.settle()
    assert form.isVisible() and form.numbers["isbn"].isVisible(), "the mistake is not folded away"
    user.shot("describe-mistake", form)
    user.type(line(form.numbers["isbn"]), "")
    user.type(line(form.numbers["doi"]), "10.1000/182")
    user.click(form.save)
    user.no_dialog()
    user.settle()
    said = aside(lambda: services.details.metadata(page._view.work.id))
    assert (said.year, [one.name for one in said.creators]) == (2024, ["Ada Wren", "Ben Low"])
    assert said.training is Training.LICENSED and about.training.rule() is Training.LICENSED
    assert [one.work.title for one in page._view.similar] == ["Harbour at Night, small"]

    # A signed copy, looked at on the Verify page.
    signed = tmp_path / "signed.png"
    answers(monkeypatch, signed)
    user.click(page.content.handing.buttons["sign"])
    sign = user.dialog(SignDialog)
    user.type(line(sign.name), "Ada Wren")
    assert sign.rule.currentIndex() == 1, "it begins with what was said of the work"
    user.type(line(sign.licence), "ada@example.org")
    user.settle()
    user.shot("sign-copy", sign)
    sign.who.setCurrentIndex(1)
    user.settle()
    user.shot("sign-copy-own", sign)
    sign.who.setCurrentIndex(0)
    user.settle()
    user.click(sign.make)
    user.wait(signed.exists, "the signed copy")
    user.settle()
    verify = user.go("verify")
    user.drop(verify.origin.card.drop, signed)
    user.wait(lambda: verify.origin.card.summary is not None, "what the credentials are worth")
    user.settle()
    verify.verticalScrollBar().setValue(verify.verticalScrollBar().maximum())
    user.shot("verify-origin")

    # A package, checked and opened.
    page = open_work(user, "Harbour at Night")
    package = tmp_path / "harbour.colophon-package"
    answers(monkeypatch, package)
    user.click(page.content.handing.buttons["pack"])
    user.wait(lambda: page._view.packages and page._view.packages[0].finished, "the package")
    user.settle()
    user.go("verify")
    out, key = tmp_path / "again.png", tmp_path / "key.txt"
    verify.origin.card.empty()
    user.drop(verify.origin.card.drop, package)
    user.wait(lambda: verify.origin.card.summary is not None, "the package is checked")
    user.settle()
    verify.verticalScrollBar().setValue(verify.verticalScrollBar().maximum())
    user.shot("verify-package")
    answers(monkeypatch, out)
    verify.origin.card.open_wanted.emit()
    user.wait(out.exists, "the package is open")
    assert out.read_bytes() == page._view.work.path.read_bytes()
    page = open_work(user, "Harbour at Night")
    answers(monkeypatch, key)
    page.content.handing.key.emit(page._view.packages[0].id)
    user.click(user.dialog(ConfirmDialog).agree)
    user.wait(key.exists, "the key")
    user.settle()

    # Registered, it gets another witness.
    user.click(page.register.button)
    user.click(user.dialog(ReviewDialog).agree)
    user.wait(lambda: page._view.registration is not None, "registered")
    user.settle()
    calendar = Calendar()
    with server(calendar.answer) as address:
        calendar.address = address
        user.click(page.content.handing.buttons["ask"])
        witness = user.dialog(WitnessDialog)
        user.shot("witness", witness)
        witness.kind.setCurrentIndex(1)
        user.settle()
        assert "could find the record" in witness._learns.text()
        witness.kind.setCurrentIndex(0)
        user.type(witness.address_edit, address)
        user.settle()
        assert calendar.asked == []
        user.click(witness.ask)
        user.wait(lambda: page._view.witnesses, "a witness")
        calendar.mine(1_790_000_000)
        page.content.handing.complete.emit(page._view.witnesses[0].witness.id)
        user.wait(lambda: page._view.witnesses[0].block, "the proof")
        user.settle()
        page.content.handing.confirm.emit(page._view.witnesses[0].witness.id)
        look = user.dialog(ConfirmWitnessDialog)
        user.settle()
        user.shot("witness-confirm", look)
        user.type(look.edit, address)
        user.click(look.ask)
        user.wait(lambda: not look.progress.isVisible(), "what the block shows")
        assert "no block of Bitcoin" in look.message.text
        user.click(look._foot.itemAt(1).widget())
        user.no_dialog()
    page.notice.hide()
    for theme, size in (("light", USUAL), ("dark", USUAL), ("light", MINIMUM)):
        user.window.theme.set_mode(theme)
        user.main.resize(*size)
        user.settle()
        end = "" if size == USUAL else "-small"
        user.shot(f"work-content{end}")
        page.verticalScrollBar().setValue(page.verticalScrollBar().maximum())
        user.shot(f"work-handing{end}")
        page.verticalScrollBar().setValue(0)
    user.main.resize(*USUAL)

    # Erased for good, after what stays was read.
    user.click(page.erase)
    erase = user.dialog(EraseDialog)
    user.settle()
    user.shot("erase", erase)
    assert not erase.agree.isEnabled()
    user.click(erase.understood)
    user.click(erase.agree)
    user.wait(lambda: library.model.rowCount() == 3, "erased")
    user.settle()

    # Everything is taken along.
    archive = tmp_path / "mine.zip"
    answers(monkeypatch, archive)
    settings = user.go("settings")
    user.click(settings.take_along)
    user.wait(archive.exists, "the archive")
    user.settle()
    user.shot("settings-taken-along")
    assert not user.faults, "\n".join(user.faults)
    assert off_the_ui_thread == []
    assert "c2pa" not in sys.modules, "c2pa belongs into a process of its own"


def test_a_signer_is_trusted_once_an_authority_vouches_for_the_name(
    user: Any, paintings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signer = self_made(bytes(64), "Somebody Else", SystemClock().now())
    signed, authority = tmp_path / "signed.png", tmp_path / "authority.pem"
    sign_copy(paintings / "Waves.png", "image/png", signed, Claim("Waves"), signer, Task())
    authority.write_text(signer.chain)
    verify = user.go("verify")
    user.drop(verify.origin.card.drop, signed)
    user.wait(lambda: verify.origin.card.summary is not None, "what the credentials are worth")
    user.settle()
    assert "not vouched for" in verify.origin.card.summary.text
    answers(monkeypatch, authority)
    verify.origin.card.trust_wanted.emit()
    user.wait(lambda: "signer vouched for" in verify.origin.card.summary.text, "trusted")
    user.settle()
    assert not user.faults, "\n".join(user.faults)


def test_somebody_elses_package_opens_with_its_key_and_without_a_wallet(
    user: Any, paintings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package, key, out = tmp_path / "gift.colophon-package", tmp_path / "key.txt", tmp_path / "gift.png"
    secret = new_key()
    create_package(paintings / "Waves.png", package, secret, bytes(32), Task())
    key.write_text(secret.hex() + "\n")
    verify = user.go("verify")
    user.drop(verify.origin.card.drop, package)
    user.wait(lambda: verify.origin.card.summary is not None, "the package is checked")
    user.settle()
    answers(monkeypatch, out, key)
    verify.origin.card.open_wanted.emit()
    user.wait(out.exists, "the package is open")
    assert out.read_bytes() == (paintings / "Waves.png").read_bytes()
    user.settle()
    assert not user.faults, "\n".join(user.faults)


def test_the_files_are_checked_and_a_table_is_saved(
    user: Any, paintings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = user.main.pages["library"]
    user.drop(library, paintings)
    user.wait(lambda: library.model.rowCount() == 4, "the folder")
    user.settle()
    (paintings / "Waves.png").rename(paintings / "sketches" / "Waves, final.png")
    (paintings / "sketches" / "Notes.txt").unlink()
    answers(monkeypatch, paintings, tmp_path / "works.csv")
    names = {action.text(): action for action in library.more.list.actions()}
    names["Check the files…"].trigger()
    user.wait(
        lambda: library.notice.isVisible() and "missing" in library.notice.text, "what has become of them"
    )
    assert "found at another place" in library.notice.text
    user.shot("library-files-checked")
    names["Save a table of all works…"].trigger()
    user.wait((tmp_path / "works.csv").exists, "the table")
    user.settle()
    user.click(library.more)
    user.wait(library.more.list.isVisible, "the list")
    user.shot("library-more", library.more.list)
    library.more.list.close()
    assert not user.faults, "\n".join(user.faults)


@pytest.mark.parametrize(
    ("media_type", "asked"),
    [("audio/wav", {"isrc", "iswc"}), ("text/plain", {"isbn", "doi"}), ("text/csv", {"doi"}),
     ("image/png", set())],
)  # fmt: skip
def test_the_form_asks_first_what_fits_the_kind_of_work(
    user: Any, tmp_path: Path, media_type: str, asked: set[str]
) -> None:
    """A musician was asked for an ISBN before anything else."""
    song = tmp_path / "Night Train.txt"
    song.write_text("la " * 99)
    work = replace(aside(lambda: user.window.session.services.library.add(song)).work, media_type=media_type)
    form = DescribeDialog(user.window.session, work, WorkMetadata("Night Train", doi=""), user.main)
    form.show()
    user.settle()
    assert {name for name, field in form.numbers.items() if field.isVisible()} == asked
    user.click(form.fold.button)
    assert all(field.isVisible() for field in (*form.numbers.values(), form.year, form.language))
    form.reject()
    said = WorkMetadata("Night Train", isbn="9783161484100")
    form = DescribeDialog(user.window.session, work, said, user.main)
    assert form.fold.is_open is ("isbn" not in asked), "what is said is never folded away"
    form.reject()


def test_a_table_describes_works_or_says_which_line_is_wrong(user: Any, paintings: Path) -> None:
    library = user.main.pages["library"]
    user.drop(library, paintings)
    user.wait(lambda: library.model.rowCount() == 4, "the folder")
    user.settle()
    table = paintings / "works.csv"
    table.write_text("file,year\nWaves.png,20x4\n")
    library.import_table(table)
    user.wait(lambda: library.notice.isVisible() and "2" in library.notice.text, "the bad line is named")
    user.shot("library-table-mistake")
    table.write_text("file,title,year\nWaves.png,Waves III,2024\n")
    library.import_table(table)
    user.settle()
    services = user.window.session.services
    assert services.details.metadata(services.library.get("Waves III").id).year == 2024
    assert not user.faults, "\n".join(user.faults)


def test_a_cluster_is_chosen_in_the_settings_with_what_it_gets_to_see(user: Any, paintings: Path) -> None:
    pytest.importorskip("distributed", reason="needs distributed (the extra “cluster”)")
    page = user.go("settings")
    catalogue = user.window.session.services.catalogue
    user.type(line(page.cluster), "example.org")
    user.click(page.use_cluster)
    user.settle()
    assert "cluster" in page.notice.text and catalogue.cluster_address == ""
    user.type(line(page.cluster), "tcp://127.0.0.1:9")
    user.click(page.use_cluster)
    user.settle()
    assert "tcp://127.0.0.1:9" in page.notice.text and catalogue.cluster_address == "tcp://127.0.0.1:9"
    user.shot("settings-cluster")
    user.type(line(page.cluster), "")
    user.click(page.use_cluster)
    user.settle()
    assert catalogue.cluster_address == ""
    library = user.go("library")
    user.drop(library, paintings)
    user.wait(lambda: library.model.rowCount() == 4, "the folder is read by this computer")
    user.settle()
