"""operation.json in a release and now: the endpoint, its statuses, namespaces and lengths."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from validator.inputs.source import JsonSource
from validator.lint.catalogue import change_kinds as kinds
from validator.lint.changes.change import make_change
from validator.model.pointer import escape_step
from validator.operation.metadata import find_problems, is_success
from validator.output.finding import Finding

_MEMBERS: Final = frozenset({"title", "description", "method", "path", "statuses", "namespaces", "lengths"})


def compare_endpoints(old: Any, new: JsonSource) -> Iterator[Finding]:
    """Yield what changed. old: the operation.json of the release, of any form. new: a valid one."""
    known = {name: value for name, value in old.items() if name in _MEMBERS} if isinstance(old, dict) else old
    if any(find_problems(known)):
        text = "operation.json is not compared, because that of the release is invalid"
        yield make_change(kinds.CHANGE_NOT_DECIDED, text, new.at(""), "operation.json")
        return
    yield from _compare_members(known, new)
    for name in [name for name in old if name not in known]:
        text = f"the member {name!r} of operation.json was removed, and is not compared"
        yield make_change(kinds.CHANGE_NOT_DECIDED, text, new.at(""), name)


def _compare_members(old: Mapping[str, Any], new: JsonSource) -> Iterator[Finding]:
    tree = new.tree
    for name in ("method", "path"):
        if old[name] != tree[name]:
            text = f"the {name} is {tree[name]}; it was {old[name]}"
            yield make_change(kinds.ENDPOINT_CHANGED, text, new.value_at(f"/{name}"), name)
    yield from _compare_statuses(old["statuses"], new)
    yield from _compare_namespaces(old.get("namespaces", []), new)
    yield from _compare_lengths(old.get("lengths", {}), new)


def _compare_statuses(old: list[int], new: JsonSource) -> Iterator[Finding]:
    before, now = (next(filter(is_success, statuses)) for statuses in (old, new.tree["statuses"]))
    if before != now:
        text = f"an accepted request is answered with status {now}; it was {before}"
        location = new.value_at(f"/statuses/{new.tree['statuses'].index(now)}")
        yield make_change(kinds.ENDPOINT_CHANGED, text, location, "statuses")
    for index, status in enumerate(new.tree["statuses"]):
        if status not in {*old, now}:
            yield make_change(
                kinds.ENDPOINT_EXTENDED, f"status {status} was added", new.value_at(f"/statuses/{index}"), f"{status}"
            )
    for status in dict.fromkeys(old):
        if status not in {*new.tree["statuses"], before}:
            yield make_change(kinds.ENDPOINT_EXTENDED, f"status {status} was removed", new.value_at("/statuses"), f"{status}")


def _compare_namespaces(old: list[str], new: JsonSource) -> Iterator[Finding]:
    namespaces = new.tree.get("namespaces", [])
    for namespace in old:
        if namespace not in namespaces:
            text = f"elements of XML bodies may no longer be in the namespace {namespace!r}"
            yield make_change(kinds.ENDPOINT_CHANGED, text, new.value_at("/namespaces") if namespaces else new.at(""), namespace)
    for index, namespace in enumerate(namespaces):
        if namespace not in old:
            text = f"elements of XML bodies may be in the namespace {namespace!r}"
            yield make_change(kinds.ENDPOINT_EXTENDED, text, new.value_at(f"/namespaces/{index}"), namespace)


def _compare_lengths(old: Mapping[str, int], new: JsonSource) -> Iterator[Finding]:
    """Yield the lengths that changed. One that was added or removed goes with a change of the schema, which is compared."""
    for attribute, length in new.tree.get("lengths", {}).items():
        location = new.value_at(f"/lengths/{escape_step(attribute)}")
        before = old.get(attribute, length)
        if before != length:
            kind = kinds.VALUES_NARROWED if length < before else kinds.VALUES_WIDENED
            yield make_change(
                kind, f"attribute '{attribute}' has at most {length} characters; it had {before}", location, attribute
            )
