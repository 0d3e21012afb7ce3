"""Static checks of the Vyper contracts, for what a compiler allows and an auditor asks about.

slither cannot read Vyper 0.4.3 (resources/contracts/README.md says why), so that this looks for what its
detectors of the same names would find, on the compiler's own syntax tree. Every finding must be answered in
the table of that README, and every answer must have its finding: exit code 1 otherwise.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from vyper import ast as vy_ast
from vyper.ast import parse_to_ast

CONTRACTS = Path(__file__).resolve().parents[1] / "resources" / "contracts"
ANSWER = re.compile(r"^\| `([\w-]+)` \| `(\w+)\.(\w+)` \|", re.MULTILINE)

FORBIDDEN = {
    "selfdestruct", "send", "raw_log", "raw_create", "create_from_blueprint", "create_minimal_proxy_to",
    "create_copy_of", "unsafe_add", "unsafe_sub", "unsafe_mul", "unsafe_div", "pow_mod256", "raw_revert",
}  # fmt: skip
UNSAFE_READS = {"tx.origin", "block.prevrandao", "block.difficulty", "block.coinbase", "tx.gasprice"}
CHANGING = {"append", "pop"}
ANSWERING = {"transfer", "transferFrom", "approve"}

Finding = tuple[str, str, str]
"""Rule, contract, function."""


class Contract:
    """One parsed source."""

    def __init__(self, path: Path) -> None:
        self.name = path.stem
        self.source = path.read_text(encoding="utf-8")
        self.tree = parse_to_ast(self.source)
        self.functions = {node.name: node for node in self.tree.get_children(vy_ast.FunctionDef)}
        self.locked = "# pragma nonreentrancy on" in self.source

    def is_external(self, name: str) -> bool:
        return "external" in _decorators(self.functions[name])

    def steps(self, name: str, seen: tuple[str, ...] = ()) -> Iterator[str]:
        """"call" and "write" in the order in which they stand, internal functions written out and loops run
        twice."""
        if name not in seen:
            for statement in self.functions[name].body:
                yield from self._steps_of(statement, (*seen, name))

    def _steps_of(self, node: vy_ast.VyperNode, seen: tuple[str, ...]) -> Iterator[str]:
        if isinstance(node, vy_ast.For):
            for _ in range(2):
                for statement in node.body:
                    yield from self._steps_of(statement, seen)
            return
        targets = [node.target] if isinstance(node, vy_ast.Assign | vy_ast.AugAssign) else []
        for child in node._children if not isinstance(node, vy_ast.ExtCall) else [node.value]:
            if child not in targets:
                yield from self._steps_of(child, seen)
        if isinstance(node, vy_ast.ExtCall):
            yield "call"
        elif isinstance(node, vy_ast.Call):
            called = _text(node.func)
            if called == "raw_create" or (called == "raw_call" and not _is_static(node)):
                yield "call"
            elif called.startswith("self.") and called.rpartition(".")[2] in CHANGING:
                yield "write"
            elif called.startswith("self.") and called[5:] in self.functions:
                yield from self.steps(called[5:], seen)
        if any(_text(one).startswith("self.") for target in targets for one in _parts(target)):
            yield "write"


def _parts(target: vy_ast.VyperNode) -> list[vy_ast.VyperNode]:
    return target.elements if isinstance(target, vy_ast.Tuple) else [target]


def _is_static(call: vy_ast.Call) -> bool:
    return any(
        keyword.arg == "is_static_call" and getattr(keyword.value, "value", False) is True
        for keyword in call.keywords
    )


def _decorators(function: vy_ast.FunctionDef) -> set[str]:
    return {_text(decorator) for decorator in function.decorator_list}


def _text(node: vy_ast.VyperNode) -> str:
    if isinstance(node, vy_ast.Attribute):
        return f"{_text(node.value)}.{node.attr}"
    if isinstance(node, vy_ast.Subscript | vy_ast.Call):
        return _text(node.value if isinstance(node, vy_ast.Subscript) else node.func)
    return node.id if isinstance(node, vy_ast.Name) else ""


def _keywords(call: vy_ast.Call) -> set[str]:
    return {keyword.arg for keyword in call.keywords}


def findings(contract: Contract, importers: Iterable[str] = ()) -> Iterator[Finding]:
    """Everything that wants an answer. `importers`: the sources that may use this one as a module."""
    for name, function in contract.functions.items():
        for rule in _rules(contract, function):
            yield rule, contract.name, name
        steps = list(contract.steps(name))
        if contract.is_external(name) and "call" in steps:
            if "write" in steps[steps.index("call") :]:
                yield "reentrancy", contract.name, name
            if not contract.locked or "reentrant" in _decorators(contract.functions[name]):
                yield "no-lock", contract.name, name
    used = contract.source
    for kind in (vy_ast.EventDef, vy_ast.StructDef):
        for node in contract.tree.get_children(kind):
            if len(re.findall(rf"\b{node.name}\b", used)) < 2:
                yield "unused", contract.name, node.name
    for node in contract.tree.get_children(vy_ast.VariableDecl):
        if not node.is_public and len(re.findall(rf"\b{node.target.id}\b", used)) < 2:
            yield "unused", contract.name, node.target.id
    for name in contract.functions:
        named = f"self.{name}(" in used or any(f"{contract.name}.{name}(" in other for other in importers)
        if not contract.is_external(name) and name != "__init__" and not named:
            yield "unused", contract.name, name


def _rules(contract: Contract, function: vy_ast.FunctionDef) -> Iterator[str]:
    for call in function.get_descendants(vy_ast.Call):
        called = _text(call.func)
        if called in FORBIDDEN:
            yield f"low-level-{called.replace('_', '-')}"
        if called == "raw_call":
            yield from _rules_of_raw_calls(_keywords(call))
        if isinstance(call.func, vy_ast.Attribute) and call.func.attr in ANSWERING:
            parent = call.get_ancestor()
            if isinstance(parent, vy_ast.ExtCall) and call.get_ancestor(vy_ast.Assert) is None:
                yield "unchecked-transfer"
    reads = {_text(node) for node in function.get_descendants(vy_ast.Attribute)}
    for read in sorted(reads & UNSAFE_READS):
        yield read.replace(".", "-")
    if "block.timestamp" in reads:
        yield "timestamp"
    for product in function.get_descendants(vy_ast.BinOp):
        if isinstance(product.op, vy_ast.Mult) and any(
            isinstance(side, vy_ast.BinOp) and isinstance(side.op, vy_ast.FloorDiv)
            for side in (product.left, product.right)
        ):
            yield "divide-before-multiply"
    for loop in function.get_descendants(vy_ast.For):
        if loop.get_descendants(vy_ast.ExtCall):
            yield "calls-loop"


def _rules_of_raw_calls(keywords: set[str]) -> Iterator[str]:
    if "is_delegate_call" in keywords:
        yield "delegatecall"
    if "revert_on_failure" not in keywords:
        yield "unchecked-raw-call"
    if "value" not in keywords and "max_outsize" not in keywords:
        yield "return-bomb"
    if "gas" not in keywords:
        yield "unbounded-gas"


def main() -> int:
    """Compare what is found with what is answered."""
    contracts = [Contract(path) for path in sorted(CONTRACTS.glob("*.vy"))]
    sources = [contract.source for contract in contracts]
    found = {one for contract in contracts for one in findings(contract, sources)}
    answered = set(ANSWER.findall((CONTRACTS / "README.md").read_text(encoding="utf-8")))
    for words, which in (("not answered", found - answered), ("answered but gone", answered - found)):
        for rule, contract, function in sorted(which):
            print(f"{contract}.{function}: {rule}: {words} in resources/contracts/README.md", file=sys.stderr)
    return 1 if found != answered else 0


if __name__ == "__main__":
    raise SystemExit(main())
