"""Loggers of the hub's parts: structlog's, imported as if rich were not there.

Where structlog finds rich, whatever is logged with an exception before `start_logging` shows the value of every
variable on the way, secrets too; and rich brings along what colours programs, a sixth of what it takes to import the
hub. What the commands print with rich imports it when it prints.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any


def logger(name: str) -> Any:
    """The logger of one part; what it writes is `start_logging`'s matter."""
    return structlog.get_logger(name)


def _without_rich() -> ModuleType:
    found = sys.modules.pop("rich", None)
    # None in this table: it is not to be found.
    sys.modules["rich"] = None  # type: ignore[assignment]  # the type knows no None
    try:
        import structlog
    finally:
        del sys.modules["rich"]
        if found is not None:
            sys.modules["rich"] = found
    return structlog


structlog = _without_rich()
