"""Make royalty tokens: shares and currencies, who else is paid, licences; for one work or a whole album."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtWidgets import QSizePolicy, QStackedWidget, QWidget

from desktop_app.core.amounts import SHARE_SCALE, Currency, format_share, parse_share
from desktop_app.core.errors import InvalidInputError
from desktop_app.core.localised import typed_number
from desktop_app.core.progress import Task
from desktop_app.gui.dialogs.prepare import PrepareDialog
from desktop_app.gui.session import Session
from desktop_app.gui.texts import texts
from desktop_app.gui.tokens import sizes
from desktop_app.gui.widgets.buttons import Button
from desktop_app.gui.widgets.fields import Field, line_edit
from desktop_app.gui.widgets.fold import Fold
from desktop_app.gui.widgets.licence_form import LicenceForm
from desktop_app.gui.widgets.person_field import with_names
from desktop_app.gui.widgets.share_bar import ShareBar
from desktop_app.gui.widgets.share_rows import ShareRows
from desktop_app.gui.widgets.stepper import Stepper
from desktop_app.gui.widgets.surfaces import SPACE, Rule, Well, column, row
from desktop_app.gui.widgets.text import label, set_property
from desktop_app.gui.widgets.toggles import CheckBox
from desktop_app.services.actions import Action
from desktop_app.services.library import Work
from desktop_app.services.licences import LicenceTerms
from desktop_app.services.royalties import Collaborator, MintTerms, Parent

MOST_PARTS = 16
MOST_LICENCES = 6
USUAL_SUPPLY = "1000"
_WHOLE = re.compile(r"[0-9]+|[0-9]{1,3}(,[0-9]{3})+")
"""Digits, or digits in groups of three: "10,5" is no whole number."""


class MintDialog(PrepareDialog):
    """Three steps, then the review with the highest cost. With several works all get the same terms."""

    def __init__(self, session: Session, works: Sequence[Work], parent: QWidget) -> None:
        self._t = texts("mint")
        self._works = tuple(works)
        album = len(self._works) > 1
        subtitle = (
            self._t("subtitle_album", count=len(works))
            if album
            else self._t("subtitle", title=works[0].title)
        )
        title = self._t("title_album" if album else "title")
        super().__init__(session, title, subtitle, self._t("next"), parent)
        self.widen(sizes().dialog_widest)
        self.stepper = Stepper([self._t("step_shares"), self._t("step_people"), self._t("step_licences")])
        self.pages = QStackedWidget()
        for page in (self._shares_page(album), self._people_page(), self._licences_page(album)):
            self.pages.addWidget(page)
        self.body.addWidget(self.pages, 1)
        self.outer.insertWidget(2, self.stepper)
        self.scroll_content(sizes().list)
        self.back = self.add_button(self._t("back"))
        self._foot.removeWidget(self.back)
        self._foot.insertWidget(self._foot.indexOf(self.next), self.back)
        self.back.clicked.connect(lambda: self._go(self.pages.currentIndex() - 1))
        self._go(0)
        self._parts_changed()
        royalties = session.services.royalties
        self.set_busy(True, self._t("preparing"))
        session.jobs.run(
            self, lambda _task: royalties.usual_currencies(), self._show_currencies, self.show_error
        )

    # --- The three steps ---------------------------------------------------------------------------------

    def _shares_page(self, album: bool) -> QWidget:
        title = self._works[0].title
        self.name = Field(self._t("name"), line_edit(text="" if album else title, limit=64))
        self.name.setVisible(not album)
        hint = self._t("symbol_hint_album" if album else "symbol_hint")
        self.symbol = Field(self._t("symbol"), line_edit(text=_symbol(title), limit=14), hint)
        self.supply = Field(self._t("supply"), line_edit(text=USUAL_SUPPLY, limit=29), self._t("supply_hint"))
        self.currencies: dict[CheckBox, Currency] = {}
        self._known: tuple[Currency, ...] = ()
        self._currency_boxes = column(gap=SPACE.hair)
        self.other_currency = Field(
            self._t("other_currency"), line_edit("0x…", limit=42), self._t("other_currency_hint")
        )
        self.other_currency.control.setProperty("role", "mono")
        self.resale = Field(
            self._t("resale"), line_edit(self._t("resale_none"), limit=8), self._t("resale_hint")
        )
        self.uri = Field(self._t("uri"), line_edit("https://…", limit=256), self._t("uri_hint"))
        rare = QWidget()
        rare.setLayout(
            column(row(self.other_currency, self.resale, gap=SPACE.medium), self.uri, gap=SPACE.medium)
        )
        self.fold = Fold(self._t("more"), self._t("less"), rare)
        page = QWidget()
        page.setLayout(
            column(
                self.name,
                row(self.symbol, self.supply, gap=SPACE.medium),
                label(self._t("currencies"), "strong", wrap=True),
                self._currency_boxes,
                self.fold,
                None,
                gap=SPACE.medium,
            )
        )
        return page

    def _people_page(self) -> QWidget:
        self.people = ShareRows(
            self._t, "collaborators", MOST_PARTS, lambda edit: with_names(self._session, edit)
        )
        self.parents = ShareRows(self._t, "parents", MOST_PARTS)
        self.bar = ShareBar()
        self._rest = label("", "caption", wrap=True)
        for rows in (self.people, self.parents):
            rows.changed.connect(self._parts_changed)
        page = QWidget()
        page.setLayout(
            column(self.bar, self._rest, self.people, Rule(), self.parents, None, gap=SPACE.medium)
        )
        return page

    def _licences_page(self, album: bool) -> QWidget:
        self.licences: list[LicenceForm] = []
        self._licence_list = column(gap=SPACE.medium)
        self.add_licence = Button(self._t("licence_add"), "quiet", "plus")
        self.add_licence.clicked.connect(self.new_licence)
        text = self._t("licences_album" if album else "licences_text")
        self.add_licence.setVisible(not album)
        page = QWidget()
        page.setLayout(
            column(
                label(text, "muted", wrap=True),
                self._licence_list,
                row(self.add_licence, None),
                None,
                gap=SPACE.medium,
            )
        )
        return page

    def new_licence(self) -> None:
        """One more licence to be offered with the token."""
        if len(self.licences) >= MOST_LICENCES:
            return
        form = LicenceForm(self._chosen_currencies())
        remove = Button(self._t("licence_remove"), "quiet", "trash")
        well = Well()
        well.body.addWidget(form)
        well.body.addLayout(row(None, remove))
        self.licences.append(form)
        self._licence_list.addWidget(well)
        remove.clicked.connect(lambda: self._drop_licence(form, well))
        self._licences_changed()
        form.price.control.setFocus()

    def _drop_licence(self, form: LicenceForm, well: Well) -> None:
        self.licences.remove(form)
        well.hide()
        well.deleteLater()
        self._licences_changed()

    def _licences_changed(self) -> None:
        self.add_licence.setEnabled(len(self.licences) < MOST_LICENCES)
        for number, form in enumerate(self.licences, start=1):
            form.setAccessibleName(self._t("licence_name", number=number))

    def _show_currencies(self, known: tuple[Currency, ...]) -> None:
        self._known = known
        for currency in sorted(known, key=lambda each: each.is_native):
            box = CheckBox(currency.symbol)
            box.setChecked(True)
            self.currencies[box] = currency
            self._currency_boxes.addWidget(box)
        self.set_busy(False)
        self.symbol.control.setFocus()

    def _chosen_currencies(self) -> list[Currency]:
        """In the network's own order, the coin first, as everywhere in the contracts."""
        chosen = {currency for box, currency in self.currencies.items() if box.isChecked()}
        return [currency for currency in self._known if currency in chosen]

    def _parts_changed(self) -> None:
        people, parents = self.people.total(), self.parents.total()
        rest = SHARE_SCALE - people - parents
        if rest < 0:
            text = self._t("too_much", share=format_share(people + parents))
        elif rest == 0:
            text = self._t("nothing_left")
        else:
            text = self._t("left", share=format_share(rest))
        set_property(self._rest, "role", "fieldError" if rest < 0 else "caption")
        self._rest.setText(text)
        self.bar.set_parts([people] if people else [], [parents] if parents else [], text)

    # --- From step to step -------------------------------------------------------------------------------

    def _go(self, place: int) -> None:
        last = self.pages.count() - 1
        for number in range(last + 1):
            # Only the step that is shown decides what there is to scroll.
            kind = QSizePolicy.Policy.Preferred if number == place else QSizePolicy.Policy.Ignored
            if step := self.pages.widget(number):
                step.setSizePolicy(QSizePolicy.Policy.Preferred, kind)
        self.pages.setCurrentIndex(place)
        self.stepper.set_done([number < place for number in range(last + 1)])
        self.back.setVisible(place > 0)
        self.next.set_text(self._t("next" if place == last else "forward"))
        self.message.hide()
        for form in self.licences:
            form.set_currencies(self._chosen_currencies())

    def submit(self) -> None:
        """Check this step; after the last one, prepare."""
        checks: tuple[Callable[[], bool], ...] = (self._check_shares, self._check_people)
        place = self.pages.currentIndex()
        if place < len(checks):
            if checks[place]():
                self._go(place + 1)
            return
        offered: list[LicenceTerms] = []
        for form in self.licences:
            terms = form.read()
            if terms is None:
                return
            offered.append(terms)
        for number, check in enumerate(checks):
            if not check():
                self._go(number)
                return
        self.prepare(self._prepare(offered))

    def _prepare(self, offered: list[LicenceTerms]) -> Callable[[Task], Action[Any]]:
        royalties = self._session.services.royalties
        name, symbol = self.name.text(), self.symbol.text()
        supply = int(self.supply.text().replace(",", ""))
        services = self._session.services
        entered, built_on = self.people.read() or [], self.parents.read() or []
        chosen, other = self._chosen_currencies(), self.other_currency.text()
        resale = parse_share(typed_number(self.resale.text())) if self.resale.text() else 0
        uri, works = self.uri.text(), self._works

        def one(_task: Task) -> Action[Any]:
            book = services.address_book
            people = tuple(Collaborator(book.resolve(who), share) for who, share in entered)
            parents = tuple(
                Parent(what if what.lower().startswith("0x") else royalties.token(what).address, share)
                for what, share in built_on
            )
            currencies = tuple(chosen) + ((royalties.currency(other),) if other else ())
            if len(works) == 1:
                return royalties.prepare_mint(
                    works[0].id,
                    name,
                    symbol,
                    supply,
                    people,
                    parents=parents,
                    currencies=currencies,
                    resale_share_ppm=resale,
                    licences=offered,
                    uri=uri,
                )
            return royalties.prepare_album(
                [
                    MintTerms(
                        work.id,
                        work.title[:64],
                        f"{symbol}{number}",
                        supply,
                        people,
                        parents,
                        currencies,
                        resale,
                        uri,
                    )
                    for number, work in enumerate(works, start=1)
                ]
            )

        return one

    def _check_shares(self) -> bool:
        supply = self.supply.text()
        if len(self._works) == 1 and not self.name.text():
            self.name.error(self._t("missing_name"))
        elif not self.symbol.text():
            self.symbol.error(self._t("missing_symbol"))
        elif not (_WHOLE.fullmatch(supply) and int(supply.replace(",", ""))):
            self.supply.error(self._t("bad_supply"))
        elif not self._chosen_currencies() and not self.other_currency.text():
            self.fold.set_open(True)
            self.other_currency.error(self._t("no_currency"))
        elif self.resale.text() and not _is_share(self.resale.text()):
            self.fold.set_open(True)
            self.resale.error(self._t("bad_resale"))
        else:
            return True
        return False

    def _check_people(self) -> bool:
        people, parents = self.people.read(), self.parents.read()
        if people is None or parents is None:
            return False
        return sum(share for _, share in (*people, *parents)) <= SHARE_SCALE


def _is_share(text: str) -> bool:
    try:
        parse_share(typed_number(text))
    except InvalidInputError:
        return False
    return True


def _symbol(title: str) -> str:
    words = "".join(
        letter if letter.isascii() and letter.isalnum() else " " for letter in title.upper()
    ).split()
    return max(words[:2], key=len)[:8] if words else ""
