"""XML as a signature needs it: a strict tree, and its canonical bytes (RFC 3076; the exclusive form: RFC 3741).

The standard library canonicalises only by version 2.0, which no signature of BankID uses. `lxml` would do, and brings
28 MB of libxml2 to hostile bytes. What BankID sends is small and plain, so this reads less than XML allows: no document
type (so no entities, no default attributes: nothing to expand and nothing to fetch), no comments (one inside a text
hides its rest from careless readers), no processing instructions, no `xml:` attributes, UTF-8 alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

LARGEST = 1024 * 1024
"""Bytes of a document that are read at most."""
DEEPEST = 32
"""How deep elements may lie in each other."""
MOST_ELEMENTS = 1000
"""How many elements a document may have."""
XML_NAMESPACE = "http://www.w3.org/XML/1998/namespace"


class BadXml(ValueError):
    """Not well-formed, or more than is read here. The text names no content."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute; namespace declarations are none."""

    prefix: str
    local: str
    namespace: str
    value: str


@dataclass(frozen=True, slots=True, eq=False)
class Element:
    """One element with what it holds, in order: texts and elements."""

    prefix: str
    local: str
    namespace: str
    attributes: tuple[Attribute, ...]
    in_scope: Mapping[str, str]
    """Every prefix that has a namespace here, `""` for the default one."""
    children: list[Element | str] = field(default_factory=list)

    @property
    def elements(self) -> list[Element]:
        """The elements directly inside."""
        return [child for child in self.children if isinstance(child, Element)]

    @property
    def text(self) -> str:
        """The texts directly inside, joined."""
        return "".join(child for child in self.children if isinstance(child, str))

    def attribute(self, local: str) -> str | None:
        """The value of an attribute without namespace, or None."""
        for attribute in self.attributes:
            if (attribute.namespace, attribute.local) == ("", local):
                return attribute.value
        return None

    def walk(self) -> Iterator[Element]:
        """This element and all below it."""
        yield self
        for child in self.elements:
            yield from child.walk()


def parse(document: bytes) -> Element:
    """The document's root. Raises BadXml."""
    if len(document) > LARGEST:
        raise BadXml("the document is too large")
    reader = _Reader()
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.ordered_attributes = True
    parser.XmlDeclHandler = reader.declaration
    parser.StartDoctypeDeclHandler = reader.refuse
    parser.EntityDeclHandler = reader.refuse
    parser.CommentHandler = reader.refuse
    parser.ProcessingInstructionHandler = reader.refuse
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    try:
        parser.Parse(document, True)
    except expat.ExpatError as error:
        raise BadXml(f"not well-formed XML: {expat.errors.messages.get(error.code, error.code)}") from None
    if reader.root is None:
        raise BadXml("the document is empty")
    return reader.root


def canonical(element: Element, *, exclusive: bool = False) -> bytes:
    """The canonical form of an element with all below it, without comments.

    `exclusive` writes only the namespaces that are used; otherwise all that are in scope are written.
    """
    parts: list[str] = []
    _write(element, {}, exclusive, parts)
    return "".join(parts).encode()


def _write(element: Element, written: Mapping[str, str], exclusive: bool, parts: list[str]) -> None:
    name = f"{element.prefix}:{element.local}" if element.prefix else element.local
    if exclusive:
        used = {element.prefix, *(attribute.prefix for attribute in element.attributes if attribute.prefix)}
        namespaces = {prefix: element.in_scope.get(prefix, "") for prefix in used}
    else:
        # `""`: an element without a default namespace below one that has it says so.
        namespaces = {"": "", **element.in_scope}
    fresh = {prefix: uri for prefix, uri in namespaces.items() if written.get(prefix, "") != uri}
    parts.append(f"<{name}")
    for prefix in sorted(fresh):
        parts.append(f' xmlns:{prefix}="' if prefix else ' xmlns="')
        parts.append(_attribute_text(fresh[prefix]) + '"')
    for attribute in sorted(element.attributes, key=lambda each: (each.namespace, each.local)):
        label = f"{attribute.prefix}:{attribute.local}" if attribute.prefix else attribute.local
        parts.append(f' {label}="{_attribute_text(attribute.value)}"')
    parts.append(">")
    below = {**written, **fresh}
    for child in element.children:
        if isinstance(child, str):
            parts.append(_text(child))
        else:
            _write(child, below, exclusive, parts)
    parts.append(f"</{name}>")


def _text(value: str) -> str:
    value = value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return value.replace("\r", "&#xD;")


def _attribute_text(value: str) -> str:
    value = value.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    return value.replace("\t", "&#x9;").replace("\n", "&#xA;").replace("\r", "&#xD;")


class _Reader:
    """What expat calls while it reads: builds the tree, resolves prefixes, and counts."""

    def __init__(self) -> None:
        self.root: Element | None = None
        self._open: list[Element] = []
        self._count = 0

    def declaration(self, version: str, encoding: str | None, _standalone: int) -> None:
        if version != "1.0" or (encoding or "utf-8").lower() != "utf-8":
            raise BadXml("neither XML 1.0 nor UTF-8")

    def refuse(self, *_: object) -> None:
        raise BadXml("a document type, an entity, a comment or a processing instruction")

    def start(self, name: str, flat: list[str]) -> None:
        self._count += 1
        if len(self._open) >= DEEPEST or self._count > MOST_ELEMENTS:
            raise BadXml("too many elements, or too deep")
        pairs = list(zip(flat[::2], flat[1::2], strict=True))
        scope = self._scope(pairs)
        prefix, local = _split(name)
        attributes = tuple(_attribute(label, value, scope) for label, value in pairs if not _declares(label))
        if len({(each.namespace, each.local) for each in attributes}) != len(attributes):
            raise BadXml("an attribute stands twice")
        element = Element(prefix, local, _resolve(prefix, scope), attributes, scope)
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element
        self._open.append(element)

    def end(self, _name: str) -> None:
        self._open.pop()

    def text(self, data: str) -> None:
        self._open[-1].children.append(data)

    def _scope(self, pairs: list[tuple[str, str]]) -> Mapping[str, str]:
        outer = self._open[-1].in_scope if self._open else {}
        declared = {label[6:]: value for label, value in pairs if _declares(label)}
        if not declared:
            return outer
        for prefix, uri in declared.items():
            if prefix in ("xml", "xmlns") or uri == XML_NAMESPACE or (prefix and not uri):
                raise BadXml("a namespace that may not be declared")
        merged = {**outer, **declared}
        return {prefix: uri for prefix, uri in merged.items() if uri}


def _declares(label: str) -> bool:
    return label == "xmlns" or label.startswith("xmlns:")


def _attribute(label: str, value: str, scope: Mapping[str, str]) -> Attribute:
    prefix, local = _split(label)
    if prefix == "xml":
        raise BadXml("an xml: attribute")
    # An attribute without a prefix has no namespace, whatever the default one is.
    return Attribute(prefix, local, _resolve(prefix, scope) if prefix else "", value)


def _split(name: str) -> tuple[str, str]:
    prefix, colon, local = name.rpartition(":")
    if ":" in prefix or (colon and not (prefix and local)):
        raise BadXml("not a qualified name")
    return prefix, local


def _resolve(prefix: str, scope: Mapping[str, str]) -> str:
    if prefix and prefix not in scope:
        raise BadXml("a prefix without a namespace")
    return scope.get(prefix, "")
