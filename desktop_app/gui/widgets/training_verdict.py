"""What a training proof that holds tells, and what it does not."""

from __future__ import annotations

from desktop_app.gui.texts import texts
from desktop_app.gui.widgets.facts import Facts
from desktop_app.gui.widgets.surfaces import Card
from desktop_app.gui.widgets.text import label
from desktop_app.services.training_runs import Verified
from desktop_app.services.training_words import is_digest, verified_facts, what_it_says


class TrainingVerdictCard(Card):
    def __init__(self, verified: Verified) -> None:
        t = texts("training")
        super().__init__(t("claims"))
        facts = Facts()
        for name, value in verified_facts(verified):
            if is_digest(value):
                facts.hash(name, value)
            else:
                facts.text(name, value)
        self.body.addWidget(facts)
        self.body.addWidget(label(what_it_says(verified), "caption", wrap=True))
