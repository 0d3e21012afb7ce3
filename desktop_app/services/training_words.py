"""What a verified training proof says, as lines of a name and a value, for both front ends."""

from __future__ import annotations

from collections.abc import Sequence

from desktop_app.core.localised import grouped, moment
from desktop_app.services.training_licences import LicenceFinding, LicenceState
from desktop_app.services.training_runs import WEIGHT_UNIT, Verified
from desktop_app.services.wording import words
from desktop_app.training.activation import ACTIVATION_BITS, OUTPUT_BITS, Model
from desktop_app.training.consent import NO_DATA
from desktop_app.training.dataset import is_digest
from desktop_app.training.federated import VerifiedFederated
from desktop_app.training.inference import InferenceStatement
from desktop_app.training.statement import nonce_of
from desktop_app.training.table import TableSchema

__all__ = ["answer_lines", "federated_facts", "is_digest", "verified_facts", "what_it_says"]

ERROR_UNIT = 1 << 20
SHOWN_ANSWERS = 100
LONGEST_NAME = 80


def what_it_says(verified: Verified) -> str:
    """What a verifier does not learn; to be said wherever a proof is shown."""
    return words(
        "training.what_answers_say" if verified.certificate.answers else "training.what_it_says"
    )


def verified_facts(
    verified: Verified, licences: Sequence[LicenceFinding] = ()
) -> list[tuple[str, str]]:
    """In the order in which they are shown; lines without a value are left out.

    `licences`: what `TrainingLicences.check` found.
    """
    answers = verified.certificate.answers
    found = _about_training(verified, licences) if answers is None else _about_answers(verified, answers)
    found.append(("chance", words("training.chance", bits=f"{verified.bits:.2f}")))
    return [(words(f"training.fact_{name}"), value) for name, value in found if value]


def _about_training(verified: Verified, licences: Sequence[LicenceFinding]) -> list[tuple[str, str]]:
    certificate = verified.certificate
    segments, data = certificate.segments, certificate.data
    owners = {each.data: each.signer for each in certificate.consents}
    shown = {header.identity() for header in data} <= set(verified.valid_data)
    found = [("verdict", words("training.holds" if segments else "training.data_holds"))]
    for one in data:
        size = words("training.data_size", rows=grouped(one.rows), columns=one.features)
        found += [("data", size), ("identity", one.identity())]
        if segments:
            by = owners.get(one.identity())
            signed = words("training.signed_by", signer=by) if by else words("training.not_signed")
            found.append(("owner", signed))
    found += [
        ("in_range", words("training.all_shown" if shown else "training.not_shown")),
    ]
    if not segments:
        return found
    first, last = segments[0], segments[-1]
    kind = f"training.model_{'network_' if first.hidden else ''}{first.recipe.model}"
    model = words(kind, steps=grouped(verified.steps), units=first.hidden)
    tests = [
        words(
            f"training.test_{test.data[0].model}",
            rows=grouped(test.rows),
            right=grouped(test.rows - test.error),
            error=f"{test.error / ERROR_UNIT / test.rows:.4f}",
        )
        for test in certificate.tests
    ]
    hidden, trainer = verified.hidden_model, owners.get(NO_DATA)
    weights = ", ".join(f"{weight / WEIGHT_UNIT:.4f}" for weight in last.final)
    return [
        *found,
        ("model", model),
        ("start", "" if first.starts_as_usual else words("training.other_start")),
        ("segments", f"{len(segments)}" if len(segments) > 1 else ""),
        ("licence", first.licence),
        ("on_network", "\n".join(_licence(each) for each in licences)),
        ("parties", ", ".join(first.parties)),
        ("trainer", words("training.signed_by", signer=trainer) if trainer else ""),
        ("run", first.run),
        ("challenge", _made_for(first.nonce)),
        ("weights", weights if hidden is None else words("training.weights_hidden")),
        ("hidden_model", "" if hidden is None else hidden.identity()),
        ("tests", "\n".join(tests)),
    ]


def _about_answers(verified: Verified, answers: InferenceStatement) -> list[tuple[str, str]]:
    schema = verified.certificate.schema
    lines = answer_lines(answers, schema)
    more = len(lines) - SHOWN_ANSWERS
    if more > 0:
        lines = [*lines[:SHOWN_ANSWERS], words("training.more_answers", count=grouped(more))]
    return [
        ("verdict", words("training.answers_hold")),
        ("hidden_model", answers.model.identity()),
        ("answers", "\n".join(lines)),
        ("licence", answers.licence),
        ("challenge", _made_for(answers.nonce)),
    ]


def answer_lines(answers: InferenceStatement, schema: TableSchema | None) -> list[str]:
    """One line for each row: what was asked, and what the model answers."""
    found = []
    for number, (row, output) in enumerate(zip(answers.inputs, answers.outputs, strict=True), start=1):
        if schema is None:
            asked = words("training.answer_row", number=number)
        else:
            asked = ", ".join(f"{_plain(name)} {_plain(value)}" for name, value in schema.describe(row))
        found.append(f"{asked} \N{RIGHTWARDS ARROW} {_answer(answers, output, schema)}")
    return found


def _answer(answers: InferenceStatement, output: int, schema: TableSchema | None) -> str:
    model = Model(answers.model.model)
    share = output / 2 ** OUTPUT_BITS[model]
    if model is Model.LOGISTIC:
        label = "" if schema is None else f"{_plain(schema.label)} {_plain(schema.positive)} "
        return f"{label}{share:.1%}"
    value = output / 2**ACTIVATION_BITS
    if schema is None:
        return f"{value:.4g}"
    return f"{_plain(schema.label)} {float(schema.centre) + float(schema.spread) * value:.5g}"


def _licence(found: LicenceFinding) -> str:
    """One licence in a sentence or three."""
    one = found.licence
    if one is None:
        return words("training.licence_unchecked", number=found.number)
    parts = [
        words(
            "training.licence_stored" if found.state is LicenceState.STORED else "training.licence_confirmed",
            number=found.number,
            licensee=one.licensee,
            licensor=one.licensor,
            root=one.data_root.hex(),
            time=moment(one.read_at),
        )
    ]
    if one.expires_at:
        parts.append(words("training.licence_ends", time=moment(one.expires_at)))
    if not found.buyer_signed:
        parts.append(words("training.buyer_not_signed"))
    if found.seller_signed:
        parts.append(words("training.seller_signed"))
    elif found.other_owner:
        parts.append(words("training.seller_is_another"))
    return " ".join(parts)


def _made_for(nonce: str) -> str:
    return words("training.no_challenge" if nonce == nonce_of("") else "training.a_challenge")


def _plain(text: str) -> str:
    """A name of somebody else's, in which no line break can pass for another line."""
    return "".join(sign if sign.isprintable() else " " for sign in text)[:LONGEST_NAME]


def federated_facts(
    verified: VerifiedFederated, licences: Sequence[LicenceFinding] = ()
) -> list[tuple[str, str]]:
    """What a federated certificate says, as `verified_facts`."""
    certificate, plan = verified.certificate, verified.certificate.plan
    signers = {each.data: each.signer for each in certificate.consents}
    unasked = plan.challenge == nonce_of("")
    recipe = plan.owners[0].recipe
    found = [("verdict", words("training.federated_holds"))]
    for owner in plan.owners:
        identity = owner.data.identity()
        times = sum(owner.name in names for names in verified.present)
        by = signers.get(identity)
        shown = words("training.all_shown" if identity in verified.valid_data else "training.not_shown")
        found += [
            ("owner_name", owner.name),
            ("data", words("training.data_size", rows=grouped(owner.data.rows), columns=owner.data.features)),
            ("identity", identity),
            ("in_range", shown),
            ("owner", words("training.signed_by", signer=by) if by else words("training.not_signed")),
            ("licence", owner.licence),
            ("present", words("training.present", times=times, rounds=len(verified.present))),
        ]
    done = len(verified.present)
    rounds = words("training.rounds_of", done=done, planned=plan.rounds)
    found += [
        ("model", words(f"training.model_{recipe.model}", steps=grouped(recipe.steps * done))),
        ("rounds", rounds),
        ("on_network", "\n".join(_licence(each) for each in licences)),
        ("start", words("training.other_start") if any(plan.initial) else ""),
        ("run", plan.run),
        ("challenge", words("training.no_challenge" if unasked else "training.a_challenge")),
        ("weights", ", ".join(f"{weight / WEIGHT_UNIT:.4f}" for weight in verified.weights)),
        ("chance", words("training.chance", bits=f"{verified.bits:.2f}")),
    ]
    return [(words(f"training.fact_{name}"), value) for name, value in found if value]
