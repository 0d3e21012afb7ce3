"""A trained model as a work that builds on its data: registered, and minted as a child of the data's tokens.

The work is the run's proof file. Of every payment to the model's royalty token the tokens of its data sets
get their parts, which go on to the data owners by the terms of those tokens.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from desktop_app.core.amounts import SHARE_SCALE
from desktop_app.core.errors import InvalidInputError, NotFoundError, RefusedError
from desktop_app.core.progress import Task
from desktop_app.services.actions import Action
from desktop_app.services.data_sets import DataSetService
from desktop_app.services.library import LibraryService, Work
from desktop_app.services.registration import Registration, RegistrationService
from desktop_app.services.royalties import RoyaltyService
from desktop_app.services.royalty_terms import MAX_PARENTS, MintTerms, Parent
from desktop_app.services.training_licences import Reference, TrainingLicences
from desktop_app.services.training_runs import TrainingService
from desktop_app.store.tokens import Token

__all__ = ["DataParent", "TrainingModels", "split_by_rows"]


@dataclass(frozen=True)
class DataParent:
    """A data set of a run, and the royalty token that stands for it ("" where none is known)."""

    identity: str
    rows: int
    token: str
    name: str = ""


class TrainingModels:
    def __init__(
        self,
        runs: TrainingService,
        data_sets: DataSetService,
        licences: TrainingLicences,
        library: LibraryService,
        registration: RegistrationService,
        royalties: RoyaltyService,
    ) -> None:
        self._runs = runs
        self._data_sets = data_sets
        self._licences = licences
        self._library = library
        self._registration = registration
        self._royalties = royalties

    def work(self, run_id: str, title: str = "", task: Task | None = None) -> Work:
        """The work that stands for the model of a run: its proof file, added to the library if it is new.

        Raises RefusedError for a run without a proof, NotFoundError where the file is gone.
        """
        run = self._runs.get(run_id)
        if run.certificate is None:
            raise RefusedError("training.not_proved", id=run.id)
        if not run.certificate.is_file():
            raise NotFoundError("training.no_such_file", path=str(run.certificate))
        return self._library.add(run.certificate, title, task).work

    def parents(self, run_id: str) -> tuple[DataParent, ...]:
        """The data sets of a run with their royalty tokens on the active network.

        A token is known from the licence that the run names, or because the data set's work was minted here.
        """
        statement = self._runs.statement_of(self._runs.get(run_id))
        tokens: dict[str, str] = {}
        reference = Reference.read(statement.licence)
        if reference is not None:
            tokens = {one.data_root.hex(): one.token for one in self._licences.find(reference)}
        here = {token.address for token in self._royalties.tokens()}
        own = {each.identity: each.id for each in self._data_sets.all()}
        found = []
        for header in statement.data:
            identity = header.identity()
            token = tokens.get(identity, "")
            if not token and identity in own:
                work = self._library.at(self._data_sets.certificate(own[identity]))
                minted = self._royalties.tokens(work.id) if work else ()
                token = next((each.address for each in minted if each.address in here), "")
            name = self._royalties.token(token).name if token else ""
            found.append(DataParent(identity, header.rows, token, name))
        return tuple(found)

    def prepare_registration(
        self, run_id: str, title: str = "", task: Task | None = None
    ) -> Action[Registration] | None:
        """Register the model of a run; None where it is registered on the active network already."""
        work = self.work(run_id, title, task)
        if self._registration.current(work.id) is not None:
            return None
        return self._registration.prepare(work.id)

    def prepare_mint(
        self, run_id: str, terms: MintTerms, data_share_ppm: int, task: Task | None = None
    ) -> Action[Token]:
        """Mint the registered model of a run as a child of its data sets.

        `data_share_ppm` of every payment goes to the data sets together, each by its number of rows; `terms`
        hold all else (their `work_id` is filled in, an empty `name` too), and may name further parents.
        Raises RefusedError `training.data_without_token` where a data set has no token for its part.
        """
        work = self.work(run_id, task=task)
        if not 0 <= data_share_ppm <= SHARE_SCALE:
            raise InvalidInputError("amount.share_out_of_range", text=str(data_share_ppm))
        parents = self._shares(self.parents(run_id), data_share_ppm) if data_share_ppm else ()
        whole = replace(
            terms, work_id=work.id, name=terms.name or work.title[:64], parents=(*parents, *terms.parents)
        )
        return self._royalties.prepare_mint(
            whole.work_id, whole.name, whole.symbol, whole.supply, whole.collaborators, parents=whole.parents,
            currencies=whole.currencies, resale_share_ppm=whole.resale_share_ppm, uri=whole.uri,
        )  # fmt: skip

    @staticmethod
    def _shares(data: Sequence[DataParent], data_share_ppm: int) -> tuple[Parent, ...]:
        rows: dict[str, int] = {}
        for each in data:
            if not each.token:
                raise RefusedError("training.data_without_token", identity=each.identity)
            rows[each.token] = rows.get(each.token, 0) + each.rows
        if len(rows) > MAX_PARENTS:
            raise RefusedError("royalties.too_many_parents", limit=MAX_PARENTS)
        names = {each.token: each.name for each in data}
        shares = split_by_rows(data_share_ppm, list(rows.values()))
        if min(shares) < 1:
            raise InvalidInputError("training.data_share_too_small")
        return tuple(
            Parent(token, share, names[token]) for token, share in zip(rows, shares, strict=True)
        )


def split_by_rows(total: int, rows: Sequence[int]) -> list[int]:
    """`total` in whole parts as near as can be to the proportions of `rows`; they add up to it exactly.

    The method of the largest remainder; where remainders are equal, the first gets more.
    """
    whole = sum(rows)
    parts = [total * count // whole for count in rows]
    by_remainder = sorted(range(len(rows)), key=lambda i: (-(total * rows[i] % whole), i))
    for place in by_remainder[: total - sum(parts)]:
        parts[place] += 1
    return parts
