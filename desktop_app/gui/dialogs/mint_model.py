"""Mint a registered model as a child of its data sets, so that they get their part of its income."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from desktop_app.core.amounts import parse_share
from desktop_app.core.errors import InvalidInputError
from desktop_app.core.localised import grouped, typed_number
from desktop_app.gui.dialogs.prepare import PrepareDialog
from desktop_app.gui.session import Session
from desktop_app.gui.texts import texts
from desktop_app.gui.widgets.facts import Facts
from desktop_app.gui.widgets.fields import Field, line_edit
from desktop_app.gui.widgets.surfaces import SPACE, row
from desktop_app.gui.widgets.text import label
from desktop_app.services.royalties import MintTerms
from desktop_app.services.wording import message

if TYPE_CHECKING:
    from desktop_app.services.training_models import DataParent

SUPPLY = "1000"


class MintModelDialog(PrepareDialog):
    """`data`: what the model was trained on, each with the royalty token that stands for it."""

    def __init__(
        self, session: Session, run_id: str, data: Sequence[DataParent], parent: QWidget
    ) -> None:
        self._t = texts("mint_model")
        super().__init__(session, self._t("title"), self._t("subtitle"), self._t("next"), parent)
        self._run_id = run_id
        self._without = [one for one in data if not one.token]
        self.name = Field(self._t("name"), line_edit(limit=64), self._t("name_hint"))
        self.symbol = Field(self._t("symbol"), line_edit("MODEL", limit=14))
        self.supply = Field(self._t("supply"), line_edit(text=SUPPLY, limit=29))
        share = "" if self._without else "50 %"
        self.share = Field(self._t("share"), line_edit(text=share, limit=12), self._t("share_hint"))
        facts = Facts()
        for one in data:
            token = one.name or one.token or self._t("no_token")
            facts.text(self._t("rows", rows=grouped(one.rows)), token)
        self.body.addWidget(label(self._t("data"), "eyebrow"))
        self.body.addWidget(facts)
        if self._without:
            self.body.addWidget(label(self._t("no_token_text"), "caption", wrap=True))
        self.body.addWidget(self.share)
        self.body.addWidget(self.name)
        self.body.addLayout(row(self.symbol, self.supply, gap=SPACE.medium))
        self.body.addStretch(1)
        self.symbol.control.setFocus()

    def submit(self) -> None:
        try:
            part = parse_share(typed_number(self.share.text())) if self.share.text() else 0
        except InvalidInputError as error:
            self.share.error(message(error).next_step)
            return
        supply = self.supply.text()
        if not supply.isdecimal() or int(supply) < 1:
            self.supply.error(self._t("supply_wrong"))
            return
        if not self.symbol.text():
            self.symbol.error(self._t("symbol_missing"))
            return
        terms = MintTerms("", self.name.text(), self.symbol.text(), int(supply))
        models, run_id = self._session.services.training.models, self._run_id
        self.prepare(lambda task: models.prepare_mint(run_id, terms, part, task))
