"""Registry, factory, licences and shares against plain models, driven by Hypothesis: what may happen happens,
what may not is refused with its reason, and nobody else's things change."""

from __future__ import annotations

from typing import Any

import pytest
from eth_account import Account
from eth_hash.auto import keccak
from harness.evm import CHAIN_ID, NATIVE, Contract, Reverted, account
from harness.machines import run
from harness.world import CREATOR, World
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

PEOPLE = [account(500 + i) for i in range(4)]
STRANGER = account(600)
TOP = 2**256 - 1
who = st.integers(0, len(PEOPLE) - 1)
some = st.integers(0, 5)
rarely = st.sampled_from([False] * 9 + [True])
nth = st.integers(0, 20)


class Machine(RuleBasedStateMachine):
    world: World
    mark: Any

    def teardown(self) -> None:
        self.world.evm.restore(self.mark)

    def attempt(self, reason: str, contract: Contract, name: str, *args: object, **how: Any) -> Any:
        """Send, and see that it is refused for `reason`, or works if that is empty."""
        try:
            receipt = contract.send(name, *args, **how)
        except Reverted as failure:
            assert failure.reason == reason, f"{name}: {failure.reason!r}, not {reason!r}"
            return None
        assert reason == "", f"{name} was not refused: {reason}"
        return receipt


# --- Registry and factory -------------------------------------------------------------------------------


class WorksMachine(Machine):
    """Works are registered, passed on and minted, one by one and as albums, with parents good and bad."""

    @initialize()
    def begin(self) -> None:
        self.records: dict[tuple[str, bytes], tuple[str, int]] = {}
        self.tokens: dict[str, tuple[str, bytes, int, frozenset[str], tuple[str, ...]]] = {}
        self.of: dict[tuple[str, bytes], str] = {}
        self.salts: set[tuple[str, bytes]] = set()

    @rule(sender=who, numbers=st.lists(some, min_size=1, max_size=3))
    def register(self, sender: int, numbers: list[int]) -> None:
        me, ids = PEOPLE[sender], [commitment_id(n) for n in numbers]
        known = any((me, work) in self.records for work in ids) or len(set(ids)) != len(ids)
        entries = [(commitment(n), bytes(32)) for n in numbers]
        one = len(numbers) == 1
        name, args = ("anchor", entries[0]) if one else ("anchor_many", (entries,))
        if self.attempt("already registered" if known else "", self.world.registry, name, *args, sender=me):
            for work in ids:
                self.records[me, work] = (me, self.world.evm.time)

    @rule(sender=who, to=who, record=nth, foreign=rarely, unknown=rarely)
    def pass_on(self, sender: int, to: int, record: int, foreign: bool, unknown: bool) -> None:
        key = (PEOPLE[sender], commitment_id(99))
        if self.records and not unknown:
            key = list(self.records)[record % len(self.records)]
        holder, at = self.records.get(key, ("", 0))
        me = holder if holder and not foreign else PEOPLE[sender]
        reason = "" if holder == me else "not the holder" if holder else "no such record"
        if self.attempt(reason, self.world.registry, "transfer", key[1], PEOPLE[to], key[0], sender=me):
            self.records[key] = (PEOPLE[to], at)

    @rule(
        sender=nth,
        works=st.lists(
            st.tuples(
                nth, st.one_of(nth, st.just(0)), rarely,
                st.lists(st.tuples(nth, st.sampled_from([1, 300_000])), max_size=3), rarely,
                st.lists(st.sampled_from([1, 250_000, 500_000]), max_size=2), st.sampled_from([1, 2, 3, 3]),
            ),
            min_size=1,
            max_size=3,
        ),
    )  # fmt: skip
    def mint(self, sender: int, works: list[tuple[Any, ...]]) -> None:
        owners = [holder for key, (holder, _) in self.records.items() if key not in self.of]
        me = owners[sender % len(owners)] if owners else PEOPLE[0]
        before = (dict(self.tokens), dict(self.of), set(self.salts))
        made, terms, reason = list(self.tokens), [], ""
        mine = [key for key, (holder, _) in self.records.items() if holder == me]
        free = [key for key in mine if key not in self.of]
        for record, salt, foreign, parents, unknown, shares, money in works:
            choice = list(self.records) if foreign else mine if unknown else free or mine
            key = choice[record % len(choice)] if choice else (me, commitment_id(99))
            dollar = self.world.dollar.address
            currencies = [[NATIVE], [dollar], [NATIVE, dollar]][money - 1]
            named = [(made[i % len(made)], share) for i, share in parents if made]
            named += [(account(900), 1)] if unknown else []
            collaborators = [(account(700 + i), share) for i, share in enumerate(shares)]
            terms.append(
                (key[1], key[0], "N", "S", 7, collaborators, named, currencies, 0, "", bytes([salt + 1]) * 32)
            )
            reason = reason or self.objection(me, key, salt, collaborators, named, currencies)
            if not reason:
                token = self.world.factory.call("predict", me, bytes([salt + 1]) * 32)
                ancestors = frozenset(p for p, _ in named).union(*(self.tokens[p][3] for p, _ in named))
                self.tokens[token] = (*key, self.records[key][1], ancestors, tuple(currencies))
                self.of[key] = token
                self.salts.add((me, bytes([salt])))
        name, args = ("create", terms[0]) if len(terms) == 1 else ("create_many", terms)
        if not self.attempt(reason, self.world.factory, name, args, sender=me, gas=16_000_000):
            self.tokens, self.of, self.salts = before

    def objection(
        self, me: str, key: tuple[str, bytes], salt: int, ours: Any, parents: Any, currencies: list[str]
    ) -> str:
        holder, at = self.records.get(key, ("", 0))
        if holder != me:
            return "not the holder"
        if key in self.of:
            return "token exists"
        if (me, bytes([salt])) in self.salts:
            return "salt used"
        rest = 1_000_000
        for _, share in ours:
            rest -= share
            if rest < 0:
                return "shares over one"
        seen: set[str] = set()
        for parent, share in parents:
            if parent not in self.tokens:
                return "bad parent"
            if self.tokens[parent][2] >= at:
                return "parent not earlier"
            if parent in seen:
                return "parent twice"
            seen.add(parent)
            if not set(currencies) <= set(self.tokens[parent][4]):
                return "parent lacks currency"
            rest -= share
            if rest < 0:
                return "shares over one"
        return ""

    @rule(seconds=st.integers(1, 100))
    def time_passes(self, seconds: int) -> None:
        self.world.evm.pass_time(seconds)

    @invariant()
    def records_and_tokens_are_what_was_made(self) -> None:
        for (registrant, work), (holder, at) in getattr(self, "records", {}).items():
            assert self.world.registry.call("record", registrant, work) == (holder, at, False)
            token = self.of.get((registrant, work), NATIVE)
            assert self.world.factory.call("token_of", registrant, work) == token
        for token, (registrant, work, at, ancestors, _) in getattr(self, "tokens", {}).items():
            assert self.world.factory.call("is_token", token) is True
            assert self.world.factory.call("origin", token) == (registrant, at)
            assert token not in ancestors, "a circle of parents"
            assert Contract.shipped(self.world.evm, token, "RoyaltyToken").call("work") == work


def commitment(number: int) -> bytes:
    return bytes(31) + b"\x01" + (number + 10**6).to_bytes(32, "big") + bytes(64)


def commitment_id(number: int) -> bytes:
    return bytes(keccak(commitment(number)))


# --- Licences -------------------------------------------------------------------------------------------


class LicencesMachine(Machine):
    """Terms are offered and closed, the record changes hands, licences are bought and plays used up."""

    @initialize()
    def begin(self) -> None:
        world = self.world
        self.tokens = [world.token([100_000]), world.token([])]
        self.works = [token.call("work") for token in self.tokens]
        self.holders = []
        for work in self.works:
            world.registry.send("transfer", work, PEOPLE[0], CREATOR, sender=CREATOR)
            self.holders.append(PEOPLE[0])
        self.versions: list[list[dict[str, Any]]] = [[], []]
        self.sold: list[dict[str, Any]] = []
        self.paid = [0, 0]
        self.listeners = [Account.from_key(bytes([i + 1]) * 32) for i in range(2)]
        world.evm.fund(STRANGER, 10**45)
        self.offer(0, False, 0, 2, 7, 0, False, 0)
        self.buy(0, 0, False, 2, False, 10, 0, False, False, 0)

    @rule(
        sender=who, foreign=rarely, t=st.integers(0, 1), unsuited=rarely,
        kind=st.sampled_from([0, 1, 1, 2, 2, 2, 2, 3, 3, 4]), duration=st.integers(0, 5),
        price=st.sampled_from([0, 1, 7, 8, 9, 1000, 2**119, 2**120]),
        replaces=st.sampled_from([0] * 8 + [1, 2, 3]),
    )  # fmt: skip
    def offer(
        self, sender: int, foreign: bool, t: int, kind: int, price: int, duration: int, unsuited: bool,
        replaces: int,
    ) -> None:  # fmt: skip
        rooted = (kind == 3) != unsuited
        root = b"\x09" * 32 if rooted else bytes(32)
        versions, reason = self.versions[t], ""
        me = PEOPLE[sender] if foreign else self.holders[t]
        if self.holders[t] != me:
            reason = "not the licensor"
        elif kind not in (1, 2, 3):
            reason = "unknown kind"
        elif price >= 2**120:
            reason = "price out of range"
        elif rooted != (kind == 3):
            reason = "data set missing" if kind == 3 else "data set not expected"
        elif replaces > len(versions):
            reason = "no such terms"
        elif replaces and not versions[replaces - 1]["open"]:
            reason = "terms closed"
        terms = (kind, NATIVE, price, duration, root, bytes(32))
        token = self.tokens[t].address
        if self.attempt(reason, self.world.licences, "offer", token, terms, replaces, "", sender=me):
            if replaces:
                versions[replaces - 1]["open"] = False
            versions.append({"terms": terms, "open": True, "licensor": me})

    def pick(self, t: int, version: int, unknown: bool) -> int:
        count = len(self.versions[t])
        return count + 1 if unknown or not count else version % count + 1

    @rule(sender=who, foreign=rarely, t=st.integers(0, 1), version=nth, unknown=rarely, sure=rarely)
    def withdraw(self, sender: int, foreign: bool, t: int, version: int, unknown: bool, sure: bool) -> None:
        versions, reason = self.versions[t], ""
        version = self.pick(t, version, unknown)
        me = PEOPLE[sender] if foreign else self.holders[t]
        if not (sure or foreign or unknown):
            return  # else hardly anything stays open
        if self.holders[t] != me:
            reason = "not the licensor"
        elif not 1 <= version <= len(versions):
            reason = "no such terms"
        elif not versions[version - 1]["open"]:
            reason = "terms closed"
        token = self.tokens[t].address
        if self.attempt(reason, self.world.licences, "withdraw", token, version, sender=me):
            versions[version - 1]["open"] = False

    @rule(t=st.integers(0, 1), to=who)
    def pass_the_record_on(self, t: int, to: int) -> None:
        registrant = self.world.factory.call("origin", self.tokens[t].address)[0]
        self.world.registry.send("transfer", self.works[t], PEOPLE[to], registrant, sender=self.holders[t])
        self.holders[t] = PEOPLE[to]

    @rule(
        t=st.integers(0, 1), version=nth, unknown=rarely, kind=st.integers(1, 3), wrong_kind=rarely,
        quantity=st.sampled_from([0, 1, 3, 10, 10]), spare=st.sampled_from([-1, 0, 0, 0, 5]), sent=rarely,
        other_terms=rarely, licensee=st.integers(0, 1),
    )  # fmt: skip
    def buy(
        self, t: int, version: int, unknown: bool, kind: int, wrong_kind: bool, quantity: int, spare: int,
        sent: bool, other_terms: bool, licensee: int,
    ) -> None:  # fmt: skip
        versions, reason, cost = self.versions[t], "", 0
        version = self.pick(t, version, unknown)
        of = self.tokens[1 - t if other_terms else t].address
        agreed = self.world.licences.call("terms_hash", of, version)
        me = self.listeners[licensee].address.lower()
        if not 1 <= version <= len(versions):
            reason = "no such terms"
        else:
            found = versions[version - 1]
            kind = kind if wrong_kind else found["terms"][0]
            cost = found["terms"][2] * quantity
            if not found["open"]:
                reason = "terms closed"
            elif kind != found["terms"][0]:
                reason = "wrong kind"
            elif other_terms:
                reason = "terms changed"
            elif quantity == 0:
                reason = "no quantity"
            elif spare < 0 < cost:
                reason = "price too high"
            elif sent:
                reason = "wrong value"
            elif cost + self.paid[t] >= 2**120:
                reason = "too much"
        most = max(0, cost + spare)
        args = (self.tokens[t].address, version, kind, quantity, most, agreed, me)
        if self.attempt(reason, self.world.licences, "buy", *args, sender=STRANGER, value=cost + sent):
            now, duration = self.world.evm.time, versions[version - 1]["terms"][3]
            self.paid[t] += cost
            self.sold.append({
                "licensee": me, "token": self.tokens[t].address, "version": version, "kind": kind,
                "quantity": quantity, "used": 0, "bought_at": now,
                "expires_at": now + duration if duration else 0,
                "data_root": versions[version - 1]["terms"][4], "document": bytes(32), "signer": licensee,
            })  # fmt: skip

    @rule(number=nth, unknown=rarely, more=st.integers(-1, 4), other=rarely, off=rarely)
    def redeem(self, number: int, unknown: bool, more: int, other: bool, off: bool) -> None:
        licences, reason = self.world.licences, ""
        plays = [i for i, sold in enumerate(self.sold, 1) if sold["kind"] == 2] or [1]
        number = len(self.sold) + 1 if unknown else plays[number % len(plays)]
        signer, total = 0, 1
        if not 1 <= number <= len(self.sold):
            reason = "no such licence"
        else:
            sold = self.sold[number - 1]
            signer, total = sold["signer"], max(0, sold["used"] + more)
            if sold["kind"] != 2:
                reason = "not plays"
            elif total <= sold["used"]:
                reason = "not more plays"
            elif total > sold["quantity"]:
                reason = "too many plays"
            elif other or off:
                reason = "bad signature"
        digest = licences.call("voucher_hash", number, total + off)
        signature = self.listeners[signer ^ other].unsafe_sign_hash(digest).signature
        if self.attempt(reason, licences, "redeem", number, total, bytes(signature), sender=STRANGER):
            self.sold[number - 1]["used"] = total

    @rule(seconds=st.integers(1, 10))
    def time_passes(self, seconds: int) -> None:
        self.world.evm.pass_time(seconds)

    @invariant()
    def licences_are_what_was_sold(self) -> None:
        if not hasattr(self, "sold"):
            return
        licences = self.world.licences
        assert licences.call("licences") == len(self.sold)
        for number, sold in enumerate(self.sold, 1):
            assert licences.call("licence", number) == tuple(v for k, v in sold.items() if k != "signer")
        for t, token in enumerate(self.tokens):
            assert licences.call("versions", token.address) == len(self.versions[t])
            for number, found in enumerate(self.versions[t], 1):
                expected = (found["terms"], found["open"], found["licensor"])
                assert licences.call("terms", token.address, number) == expected
            assert token.call("received", NATIVE) == self.paid[t]
        assert self.world.evm.balance(licences.address) == 0


# --- Shares and test dollars ----------------------------------------------------------------------------


class Erc20Machine(Machine):
    """A royalty token and the test dollar as ERC-20 with permits."""

    @initialize()
    def begin(self) -> None:
        world = self.world
        self.keys = [Account.from_key(bytes([i + 33]) * 32) for i in range(3)]
        self.people = [key.address.lower() for key in self.keys]
        token = world.token([])
        token.send("transfer", self.people[0], 1000, sender=CREATOR)
        world.dollar.send("faucet", self.people[0], 1000, sender=STRANGER)
        self.contracts = [token, world.dollar]
        self.balances = [[1000, 0, 0], [1000, 0, 0]]
        self.allowances = [[[0] * 3 for _ in range(3)] for _ in range(2)]
        self.nonces = [[0] * 3, [0] * 3]
        self.supply = [1000, world.dollar.call("totalSupply")]

    def move(self, c: int, owner: int, to: int, amount: int) -> None:
        self.balances[c][owner] -= amount
        self.balances[c][to] += amount

    @rule(c=st.integers(0, 1), owner=st.integers(0, 2), to=st.integers(0, 2), amount=st.integers(0, 1200))
    def transfer(self, c: int, owner: int, to: int, amount: int) -> None:
        reason = "balance too low" if amount > self.balances[c][owner] else ""
        sender, taker = self.people[owner], self.people[to]
        if self.attempt(reason, self.contracts[c], "transfer", taker, amount, sender=sender):
            self.move(c, owner, to, amount)

    @rule(
        c=st.integers(0, 1), owner=st.integers(0, 2), spender=st.integers(0, 2), to=st.integers(0, 2),
        amount=st.integers(0, 1200),
    )  # fmt: skip
    def transfer_from(self, c: int, owner: int, spender: int, to: int, amount: int) -> None:
        allowed = self.allowances[c][owner][spender]
        reason = "allowance too low" if amount > allowed else ""
        if not reason and amount > self.balances[c][owner]:
            reason = "balance too low"
        args = (self.people[owner], self.people[to], amount)
        if self.attempt(reason, self.contracts[c], "transferFrom", *args, sender=self.people[spender]):
            self.move(c, owner, to, amount)
            if allowed != TOP:
                self.allowances[c][owner][spender] -= amount

    @rule(
        c=st.integers(0, 1), owner=st.integers(0, 2), spender=st.integers(0, 2),
        amount=st.one_of(st.integers(0, 1200), st.just(TOP)),
    )  # fmt: skip
    def approve(self, c: int, owner: int, spender: int, amount: int) -> None:
        self.contracts[c].send("approve", self.people[spender], amount, sender=self.people[owner])
        self.allowances[c][owner][spender] = amount

    @rule(
        c=st.integers(0, 1), owner=st.integers(0, 2), other=rarely, spender=st.integers(0, 2),
        amount=st.integers(0, 1200), late=rarely, behind=rarely,
    )  # fmt: skip
    def permit(
        self, c: int, owner: int, other: bool, spender: int, amount: int, late: bool, behind: bool
    ) -> None:
        contract, signer = self.contracts[c], (owner + other) % 3
        deadline = self.world.evm.time - (1 if late else 0)
        nonce = max(0, self.nonces[c][owner] - behind)
        fields = [("owner", "address"), ("spender", "address"), ("value", "uint256"), ("nonce", "uint256"),
                  ("deadline", "uint256")]  # fmt: skip
        signed = self.keys[signer].sign_typed_data(
            {"name": contract.call("name"), "version": "1", "chainId": CHAIN_ID,
             "verifyingContract": contract.address},
            {"Permit": [{"name": name, "type": kind} for name, kind in fields]},
            {"owner": self.people[owner], "spender": self.people[spender], "value": amount, "nonce": nonce,
             "deadline": deadline},
        )  # fmt: skip
        right = signer == owner and nonce == self.nonces[c][owner]
        reason = "permit expired" if late else "" if right else "bad signature"
        args = (self.people[owner], self.people[spender], amount, deadline, signed.v)
        args += (signed.r.to_bytes(32, "big"), signed.s.to_bytes(32, "big"))
        if self.attempt(reason, contract, "permit", *args, sender=STRANGER):
            self.allowances[c][owner][spender] = amount
            self.nonces[c][owner] += 1

    @invariant()
    def shares_are_neither_made_nor_lost(self) -> None:
        for c, contract in enumerate(getattr(self, "contracts", ())):
            assert contract.call("totalSupply") == self.supply[c]
            for i, person in enumerate(self.people):
                assert contract.call("balanceOf", person) == self.balances[c][i]
                assert contract.call("nonces", person) == self.nonces[c][i]
                for j, spender in enumerate(self.people):
                    assert contract.call("allowance", person, spender) == self.allowances[c][i][j]


@pytest.mark.timeout(0)
@pytest.mark.parametrize("machine", [WorksMachine, LicencesMachine, Erc20Machine])
def test_no_sequence_of_steps_breaks_a_contract(fast: World, machine: type[Machine]) -> None:
    run(machine, fast)
