"""What a connection remembers between units of work, with a way back."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from typing import Any

_ABSENT: Any = object()


class Memory(dict[str, Any]):
    """A dict that can return to an earlier mark.

    Only assignments and deletions are undone: values must be replaced, never changed in place. Data keys are among
    them: what it holds is printed by name alone.
    """

    __slots__ = ("_undo",)

    def __init__(self) -> None:
        super().__init__()
        self._undo: list[tuple[str, Any]] = []

    def __repr__(self) -> str:
        """Name what is remembered."""
        return f"<memory of {', '.join(sorted(self)) or 'nothing'}>"

    # rich and structlog lay a dict out by themselves, whatever its `__repr__` says.
    def __rich_repr__(self) -> Iterator[Any]:
        """The names alone."""
        yield from sorted(self)

    def mark(self) -> int:
        """Where it stands now, for `undo`."""
        return len(self._undo)

    def undo(self, mark: int) -> None:
        """Take back everything since `mark`."""
        log = self._undo
        while len(log) > mark:
            name, before = log.pop()
            if before is _ABSENT:
                super().pop(name, None)
            else:
                super().__setitem__(name, before)

    def settle(self) -> None:
        """Keep what is there; earlier marks are void."""
        self._undo.clear()

    def __setitem__(self, name: str, value: Any) -> None:
        """Remember `value`."""
        self._undo.append((name, self.get(name, _ABSENT)))
        super().__setitem__(name, value)

    def __delitem__(self, name: str) -> None:
        """Forget `name`; KeyError when it is not there."""
        self._undo.append((name, self[name]))
        super().__delitem__(name)

    # dict's own versions of these would bypass the log.
    pop = MutableMapping.pop
    popitem = MutableMapping.popitem
    clear = MutableMapping.clear
    update = MutableMapping.update
    setdefault = MutableMapping.setdefault

    # typeshed gives dict's own version overloads that differ from its `__or__`.
    def __ior__(self, other: Any) -> Memory:  # type: ignore[misc,override]
        """Assign every pair of `other`."""
        self.update(other)
        return self
