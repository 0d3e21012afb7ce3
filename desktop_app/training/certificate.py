"""The file of a training proof: one canonical JSON object (RFC 8785) of claims, each a statement and a proof.

The claims of one file belong together: the segments of one run, in order, each starting where the one before
it ended; how good the result is on other data sets; and the validity of the data sets named. A file may also
hold validity alone, or what a hidden model answers, alone.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from math import log2

from desktop_app.core.errors import InvalidInputError, RefusedError
from desktop_app.core.progress import Task
from desktop_app.proofs import canonical_json
from desktop_app.proofs.canonical_json import Json, read_object
from desktop_app.training import accuracy, inference, network_accuracy, network_statement, validity
from desktop_app.training import statement as training
from desktop_app.training.accuracy import AccuracyStatement
from desktop_app.training.claim import Claim
from desktop_app.training.consent import Consent, Terms, check_consents, unsigned
from desktop_app.training.dataset import DataHeader
from desktop_app.training.inference import InferenceStatement
from desktop_app.training.model import weights_schema
from desktop_app.training.network_accuracy import NetworkAccuracyStatement
from desktop_app.training.network_statement import NetworkStatement
from desktop_app.training.statement import Statement
from desktop_app.training.table import TableSchema
from desktop_app.training.validity import ValidityStatement
from desktop_app.training.verifier import Expected, verify, verify_claim

FORMAT = "colophon-training-certificate"
VERSION = 1
MAX_SIZE = 1 << 28
MAX_CLAIMS = 1024

_KINDS: dict[
    str,
    type[Statement] | type[AccuracyStatement] | type[ValidityStatement] | type[InferenceStatement],
] = {
    training.KIND: Statement,
    network_statement.KIND: NetworkStatement,
    accuracy.KIND: AccuracyStatement,
    network_accuracy.KIND: NetworkAccuracyStatement,
    inference.KIND: InferenceStatement,
    validity.KIND: ValidityStatement,
}


@dataclass(frozen=True)
class Proved:
    """A statement and the bytes of its proof, not yet verified."""

    statement: Claim
    proof: bytes

    def to_json(self) -> Json:
        return {"statement": self.statement.to_json(), "proof": base64.b64encode(self.proof).decode()}


@dataclass(frozen=True)
class TrainingCertificate:
    claims: tuple[Proved, ...]
    consents: tuple[Consent, ...] = ()
    """Signatures of owners and trainer over the terms of the run."""
    schema: TableSchema | None = None
    """How the inputs of answers are read: it has the digest that the model names."""

    def encode(self) -> bytes:
        """The bytes of the file."""
        claims: list[Json] = [claim.to_json() for claim in self.claims]
        file: dict[str, Json] = {"format": FORMAT, "version": VERSION, "claims": claims}
        if self.consents:
            file["consents"] = [canonical_json.write_dataclass(each) for each in self.consents]
        if self.schema is not None:
            file["schema"] = canonical_json.write_dataclass(self.schema)
        return canonical_json.write(file)

    @property
    def segments(self) -> tuple[Statement, ...]:
        """The statements about the run, in order; none in the file of a data set."""
        return tuple(one.statement for one in self.claims if isinstance(one.statement, Statement))

    @property
    def tests(self) -> tuple[AccuracyStatement, ...]:
        """What is said about the result on other data sets."""
        return tuple(one.statement for one in self.claims if isinstance(one.statement, AccuracyStatement))

    @property
    def answers(self) -> InferenceStatement | None:
        """What a hidden model answers; such a file holds nothing else."""
        first = self.claims[0].statement
        return first if isinstance(first, InferenceStatement) else None

    @property
    def data(self) -> tuple[DataHeader, ...]:
        """The data sets that the certificate is about."""
        if self.segments:
            return self.segments[0].data
        if self.answers:
            return ()
        return tuple(header for claim in self.claims for header in claim.statement.committed)


@dataclass(frozen=True)
class Verified:
    """What a certificate that holds says, all segments together."""

    certificate: TrainingCertificate
    error: Fraction
    """The probability, per attempt, with which a false certificate would pass."""

    @property
    def bits(self) -> float:
        return log2(self.error.denominator) - log2(self.error.numerator)

    @property
    def steps(self) -> int:
        return sum(segment.recipe.steps for segment in self.certificate.segments)

    @property
    def unsigned(self) -> tuple[str, ...]:
        """Identities of the data sets of the run whose owner has not signed."""
        segments = self.certificate.segments
        return unsigned(self.certificate.consents, Terms.of(segments)) if segments else ()

    @property
    def hidden_model(self) -> DataHeader | None:
        """The model whose weights are committed to instead of shown: that was trained, or that answers."""
        if self.certificate.answers is not None:
            return self.certificate.answers.model
        shown = [segment.model for segment in self.certificate.segments]
        return shown[-1][0] if shown and shown[-1] else None

    @property
    def valid_data(self) -> tuple[str, ...]:
        """Identities of the data sets whose rows are shown to be in range."""
        return tuple(
            one.statement.data.identity()
            for one in self.certificate.claims
            if isinstance(one.statement, ValidityStatement)
        )


def parse(data: bytes) -> TrainingCertificate:
    """The certificate in these bytes, nothing verified yet; raises only InvalidInputError."""
    value = canonical_json.read(data, MAX_SIZE)
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise InvalidInputError("training.not_a_certificate")
    if type(value.get("version")) is not int or value["version"] != VERSION:
        raise InvalidInputError("training.unknown_version")
    # No signatures are no key, nor is no schema: one file, one form.
    keys = ["format", "version", "claims", *(key for key in ("consents", "schema") if key in value)]
    found = read_object(value, keys)
    claims, consents = found["claims"], found.get("consents", [])
    if not isinstance(claims, list) or not 1 <= len(claims) <= MAX_CLAIMS:
        raise InvalidInputError("training.not_a_certificate")
    if not isinstance(consents, list) or ("consents" in found and not consents):
        raise InvalidInputError("training.not_a_certificate")
    return TrainingCertificate(
        tuple(read_claim(claim) for claim in claims),
        tuple(canonical_json.read_dataclass(Consent, each) for each in consents),
        TableSchema.read(canonical_json.write(found["schema"])) if "schema" in found else None,
    )


def verify_certificate(
    certificate: TrainingCertificate, expected: Expected | None = None, task: Task | None = None
) -> Verified:
    """Check every claim, and that they belong together.

    Raises InvalidInputError or RefusedError, as `verifier.verify` does; RefusedError("training.broken_chain")
    and RefusedError("training.stray_claim") for claims that do not fit each other; what `check_consents`
    raises for signatures that are not of this run.
    """
    task = task or Task()
    _check_chain(certificate.segments)
    _check_signatures(certificate, expected)
    answers = certificate.answers
    if any(isinstance(claim.statement, InferenceStatement) for claim in certificate.claims[1:]):
        raise RefusedError("training.stray_claim")
    if answers is not None:
        _check_answers(certificate, answers, expected or Expected())
        return Verified(certificate, verify_claim(answers, certificate.claims[0].proof).total)
    if certificate.schema is not None:
        raise RefusedError("training.stray_claim")
    if expected is not None and not certificate.segments:
        _check_data_alone(certificate, expected)
    for test in certificate.tests:
        _check_test(test, certificate.segments)
    error = Fraction(0)
    headers = [*certificate.data, *(header for test in certificate.tests for header in test.data)]
    known = {header.identity() for header in headers}
    for number, claim in enumerate(certificate.claims):
        task.report(number, len(certificate.claims), "training.verifying")
        if isinstance(claim.statement, Statement):
            error += verify(claim.statement, claim.proof, expected).total
        else:
            if not {header.identity() for header in claim.statement.committed} <= known:
                raise RefusedError("training.stray_claim")
            error += verify_claim(claim.statement, claim.proof).total
    return Verified(certificate, error)


def _check_chain(segments: Sequence[Statement]) -> None:
    # A later first step would leave out the steps before it, and be a choice among orders of the batches.
    if segments and segments[0].first_step != 0:
        raise RefusedError("training.broken_chain")
    for earlier, later in pairwise(segments):
        goes_on = replace(
            earlier,
            recipe=replace(earlier.recipe, steps=later.recipe.steps),
            first_step=earlier.first_step + earlier.recipe.steps,
            initial=earlier.final,
            final=later.final,
            model=later.model,
            saturation=later.saturation,
        )
        if later != goes_on:
            raise RefusedError("training.broken_chain")


def _check_signatures(certificate: TrainingCertificate, expected: Expected | None) -> None:
    if certificate.segments:
        check_consents(certificate.consents, Terms.of(certificate.segments))
    elif certificate.consents:
        raise RefusedError("training.stray_claim")
    signers = {each.signer for each in certificate.consents}
    for wanted in (expected and expected.signers) or ():
        if wanted not in signers:
            raise RefusedError("training.not_signed_by", signer=wanted)


def _check_data_alone(certificate: TrainingCertificate, expected: Expected) -> None:
    """A file of data sets answers no question about a run."""
    if (expected.nonce, expected.licence, expected.run, expected.model) != (None, None, None, None):
        raise RefusedError("training.no_training_in_file")
    found = [header.identity() for header in certificate.data]
    if expected.data is not None and found != list(expected.data):
        raise RefusedError("training.other_data")


def _check_answers(
    certificate: TrainingCertificate, answers: InferenceStatement, expected: Expected
) -> None:
    """Answers stand alone, are read by the schema that the model names, and are what was asked for."""
    if len(certificate.claims) != 1:
        raise RefusedError("training.stray_claim")
    if certificate.schema is not None:
        schema = certificate.schema.schema()
        named = (weights_schema(schema.digest()), len(schema.features), schema.model)
        if named != (answers.model.schema_sha256, answers.model.features, answers.model.model):
            raise RefusedError("training.stray_claim")
    if (expected.run, expected.data) != (None, None):
        raise RefusedError("training.no_training_in_file")
    if expected.nonce is not None and answers.nonce != expected.nonce:
        raise RefusedError("training.other_verifier")
    if expected.licence is not None and answers.licence != expected.licence:
        raise RefusedError("training.other_licence")
    if expected.model is not None and answers.model.identity() != expected.model:
        raise RefusedError("training.other_model")


def _check_test(test: AccuracyStatement, segments: Sequence[Statement]) -> None:
    """A test is of the last weights of this run, on rows that are read by the same schema."""
    if not segments:
        raise RefusedError("training.stray_claim")
    last = segments[-1]
    same = (test.parties, test.licence, test.run, test.nonce) == (
        last.parties, last.licence, last.run, last.nonce
    )  # fmt: skip
    read_alike = (last.data[0].schema_sha256, last.data[0].model)
    given = (test.data[0].schema_sha256, test.data[0].model)
    if not same or (test.hidden, test.weights) != (last.hidden, last.final) or given != read_alike:
        raise RefusedError("training.stray_claim")
    require_other_rows(test.data, last.data)


def require_other_rows(tested: Sequence[DataHeader], trained: Sequence[DataHeader]) -> None:
    """Refuse a test on what was trained on, under the same commitment or one that names it as replaced.

    The same rows committed to anew without a word cannot be told from others. Raises
    RefusedError("training.tested_on_trained").
    """
    roots = {header.root for header in trained}
    known = {header.identity() for header in trained}
    replaced = {header.predecessor for header in trained}
    for header in tested:
        if header.root in roots or header.predecessor in known or header.identity() in replaced:
            raise RefusedError("training.tested_on_trained")


def read_claim(value: Json) -> Proved:
    """A statement with its proof, nothing verified yet; raises only InvalidInputError."""
    if not isinstance(value, dict):
        raise InvalidInputError("training.not_a_certificate")
    found = read_object(value, ["statement", "proof"])
    statement, proof = found["statement"], found["proof"]
    if not isinstance(statement, dict) or not isinstance(proof, str):
        raise InvalidInputError("training.not_a_certificate")
    kind = statement.get("kind")
    if not isinstance(kind, str) or kind not in _KINDS:
        raise InvalidInputError("training.unknown_version")
    try:
        raw = base64.b64decode(proof, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidInputError("training.not_a_certificate") from error
    if base64.b64encode(raw).decode() != proof:
        raise InvalidInputError("training.not_a_certificate")
    return Proved(_KINDS[kind].read(statement), raw)
