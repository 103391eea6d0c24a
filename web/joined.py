"""The page's modules as one script: a browser that opens the page asks for one file, not for each module in its turn.

The sources are ES modules of one plain form, which the joiner knows and insists on: a statement at the start of a line
that takes names from a relative path, and `export` before a function, a class or a constant. Each becomes a function
that runs once, after those that it imports and in their order, as a browser runs modules; nothing is renamed, left out
or made smaller, so that who reads the page's code in a browser reads the sources. `import.meta.url` is the one file's.
No bundler is involved: theirs come with a build in another language, and understand a thousand forms that do not occur
here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from posixpath import dirname, join, normpath

_IMPORT = re.compile(r"^import \{([^{}]*)\} from '([^']*)'$", re.MULTILINE)
_EXPORT = re.compile(r"^export (?:(?:async )?function|class|const) (\w+)", re.MULTILINE)
_KEYWORD = re.compile(r"^export (?=(?:async )?function |class |const )", re.MULTILINE)
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_OTHER_FORM = re.compile(r"^(?:import|export|await)\b.*|\bimport\(.*", re.MULTILINE)
"""What is left of statements of modules once the known forms and the types in comments are gone."""
_NAMES = re.compile(r"\s*(\w+)(?: as (\w+))?\s*")


class NotJoined(Exception):
    """A module has a form that cannot be joined, or takes part in a circle; the text names it."""


def joined(modules: Mapping[str, str], start: str) -> tuple[str, frozenset[str]]:
    """One module that does what `start` does with everything that it imports, and the paths of all that are in it.

    `modules` are texts by path. Raises NotJoined for an import of something that is not there, a circle of imports, and
    every statement of modules but the plain ones: those would run differently, or not at all.
    """
    order: list[str] = []
    _visit(modules, start, order, [])
    if len({_variable(name) for name in order}) < len(order):
        raise NotJoined(f"two of these differ in punctuation alone: {', '.join(sorted(order))}")
    return "\n".join(_as_function(name, modules[name]) for name in order), frozenset(order)


def _visit(modules: Mapping[str, str], name: str, order: list[str], path: list[str]) -> None:
    """Add a module behind what it imports, each once."""
    if name in path:
        raise NotJoined(f"{' → '.join([*path[path.index(name) :], name])}: these import each other")
    if name in order:
        return
    if name not in modules:
        raise NotJoined(f"{path[-1] if path else name}: there is no {name}")
    for found in _IMPORT.finditer(modules[name]):
        _visit(modules, _path(name, found[2]), order, [*path, name])
    order.append(name)


def _as_function(name: str, text: str) -> str:
    names = _EXPORT.findall(text)

    def taken(found: re.Match[str]) -> str:
        return f"const {{{_destructured(name, found[1])}}} = {_variable(_path(name, found[2]))}"

    body = _KEYWORD.sub("", _IMPORT.sub(taken, text))
    other = _OTHER_FORM.search(_COMMENT.sub("", body))
    if other is not None:
        raise NotJoined(f"{name}: `{other[0].strip()}` is not of the form that can be joined")
    return f"// {name}\nconst {_variable(name)} = (() => {{\n{body}\nreturn {{ {', '.join(names)} }}\n}})()\n"


def _destructured(name: str, names: str) -> str:
    """The names between the braces of an import, as those of a destructuring."""
    taken = []
    for each in filter(None, (part.strip() for part in names.split(","))):
        found = _NAMES.fullmatch(each)
        if found is None:
            raise NotJoined(f"{name}: `{each}` is no name that can be imported")
        taken.append(f"{found[1]}: {found[2]}" if found[2] else found[1])
    return f" {', '.join(taken)} "


def _path(name: str, relative: str) -> str:
    if not relative.startswith(("./", "../")):
        raise NotJoined(f"{name}: {relative} is no relative path")
    return normpath(join(dirname(name), relative))


def _variable(name: str) -> str:
    return "$" + re.sub(r"\W", "_", name.removesuffix(".js"))
