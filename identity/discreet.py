"""Structs that hold a secret and may still be printed: by a log, by a traceback with the values of its variables.

The hub has one of its own: this library imports nothing of it.
"""

from __future__ import annotations

from typing import Any, ClassVar


class Discreet:
    """A base of msgspec structs, before `Struct`: prints every member but those in `not_printed`.

    Dataclasses say `field(repr=False)` instead.
    """

    __slots__ = ()
    __struct_fields__: ClassVar[tuple[str, ...]]
    not_printed: ClassVar[tuple[str, ...]] = ()

    def __repr__(self) -> str:
        """The type with the members that may be seen."""
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self.__rich_repr__())})"

    # msgspec has one of its own, which shows everything: rich, and structlog through it, prefer it to `__repr__`.
    def __rich_repr__(self) -> list[tuple[str, Any]]:
        """The same, for printers that lay it out themselves."""
        return [(name, getattr(self, name)) for name in self.__struct_fields__ if name not in self.not_printed]
