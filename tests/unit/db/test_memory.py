"""What a connection remembers, and the way back."""

from __future__ import annotations

from typing import Any

import pytest
from rich.pretty import pretty_repr

from approvals_hub.db.memory import Memory


def filled() -> tuple[Memory, int]:
    memory = Memory()
    memory["a"] = 1
    memory["b"] = 2
    return memory, memory.mark()


@pytest.mark.parametrize(
    "change",
    [
        lambda memory: memory.__setitem__("a", 9),
        lambda memory: memory.__setitem__("new", 9),
        lambda memory: memory.__delitem__("a"),
        lambda memory: memory.pop("a"),
        lambda memory: memory.popitem(),
        lambda memory: memory.clear(),
        lambda memory: memory.update({"a": 9, "c": 9}, d=9),
        lambda memory: memory.setdefault("c", 9),
        lambda memory: memory.__ior__({"a": 9}),
    ],
)
def test_every_way_to_change_it_is_undone(change: Any) -> None:
    memory, mark = filled()
    change(memory)
    assert memory != {"a": 1, "b": 2}
    memory.undo(mark)
    assert memory == {"a": 1, "b": 2}


def test_only_what_came_after_the_mark_is_undone() -> None:
    memory, _ = filled()
    memory["a"] = 3
    later = memory.mark()
    memory["a"] = 4
    memory.undo(later)
    assert memory["a"] == 3
    memory.undo(0)
    assert memory == {}


def test_what_is_settled_stays() -> None:
    memory, _ = filled()
    memory.settle()
    memory.undo(0)
    assert memory == {"a": 1, "b": 2}


def test_a_memory_that_is_printed_tells_names_and_no_values() -> None:
    memory = Memory()
    memory["data-key:org_1"] = "the key"
    assert repr(memory) == "<memory of data-key:org_1>"
    assert "the key" not in pretty_repr(memory)
