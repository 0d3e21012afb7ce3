"""How to train: what verifiers will see as the recipe."""

from __future__ import annotations

from PySide6.QtCore import Signal

from desktop_app.gui.texts import texts
from desktop_app.gui.widgets.buttons import Button
from desktop_app.gui.widgets.fields import Field, line_edit
from desktop_app.gui.widgets.flow import Abreast
from desktop_app.gui.widgets.surfaces import Card, row
from desktop_app.gui.widgets.toggles import CheckBox


class RecipeForm(Card):
    """`wanted`: train now."""

    wanted = Signal()

    def __init__(self) -> None:
        t = texts("training_recipe")
        super().__init__(t("title"), t("text"))
        self.steps = Field(t("steps"), line_edit(text="64", limit=9), t("steps_hint"))
        self.rate = Field(t("rate"), line_edit(text="0.5", limit=9), t("rate_hint"))
        self.batches = Field(t("batches"), line_edit(text="1", limit=9), t("batches_hint"))
        self.l2 = Field(t("l2"), line_edit(text="0", limit=9), t("l2_hint"))
        self.segments = Field(t("segments"), line_edit(text="1", limit=4), t("segments_hint"))
        self.units = Field(t("units"), line_edit(text="0", limit=3), t("units_hint"))
        self.numbers = Field(t("numbers"), line_edit(limit=80), t("numbers_hint"))
        self.parties = Field(t("parties"), line_edit(limit=500), t("parties_hint"))
        self.licence = Field(t("licence"), line_edit(limit=200), t("licence_hint"))
        self.challenge = Field(t("challenge"), line_edit(limit=200), t("challenge_hint"))
        self.at_once = CheckBox(t("at_once"))
        self.train = Button(t("train"), "primary")
        self.train.clicked.connect(self.wanted)
        self.body.addLayout(Abreast(self.steps, self.rate, self.batches))
        self.body.addLayout(Abreast(self.l2, self.units, self.segments))
        self.body.addLayout(Abreast(self.parties, self.licence, self.numbers))
        self.body.addWidget(self.challenge)
        self.body.addLayout(row(self.at_once, None, self.train))
