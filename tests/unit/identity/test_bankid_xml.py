"""The strict reader of XML, and canonical XML."""

from __future__ import annotations

import pytest

from identity.bankid_xml import BadXml, canonical, parse

CANONICAL = [
    # RFC 3076, section 3.3, without its document type: start and end tags, order of attributes and namespaces.
    (
        (
            '<doc><e1   /><e2   ></e2><e3   name = "elem3"   id="elem3"   />'
            '<e5 a:attr="out" b:attr="sorted" attr2="all" '
            'attr="I\'m"\n xmlns:b="http://www.ietf.org" xmlns:a="http://www.w3.org" xmlns="http://example.org"/></doc>'
        ),
        (
            '<doc><e1></e1><e2></e2><e3 id="elem3" name="elem3"></e3><e5 xmlns="http://example.org" '
            'xmlns:a="http://www.w3.org" xmlns:b="http://www.ietf.org" attr="I\'m" attr2="all" b:attr="sorted" '
            'a:attr="out"></e5></doc>'
        ),
    ),
    # The same section: needless declarations go, `xmlns=""` stays where it means something.
    (
        (
            '<e6 xmlns="" xmlns:a="http://www.w3.org"><e7 xmlns="http://www.ietf.org"><e8 xmlns="" '
            'xmlns:a="http://www.w3.org"><e9 xmlns="" xmlns:a="http://www.ietf.org"/></e8></e7></e6>'
        ),
        (
            '<e6 xmlns:a="http://www.w3.org"><e7 xmlns="http://www.ietf.org"><e8 xmlns=""><e9 '
            'xmlns:a="http://www.ietf.org"></e9></e8></e7></e6>'
        ),
    ),
    # Section 3.4: character references, CDATA, line ends.
    (
        (
            "<doc><text>First line&#x0d;&#10;Second line</text><value>&#x32;</value>"
            '<compute><![CDATA[value>"0" && value<"10" ?"valid":"error"]]></compute>'
            "<norm attr=' &apos;   &#x20;&#13;&#xa;&#9;   &apos; '/></doc>"
        ),
        (
            "<doc><text>First line&#xD;\nSecond line</text><value>2</value>"
            '<compute>value&gt;"0" &amp;&amp; value&lt;"10" ?"valid":"error"</compute>'
            "<norm attr=\" '    &#xD;&#xA;&#x9;   ' \"></norm></doc>"
        ),
    ),
    ("<a>å\r\n€</a>", "<a>å\n€</a>"),
    ('<a b="&lt;&amp;&quot;>"/>', '<a b="&lt;&amp;&quot;>"></a>'),
]


@pytest.mark.parametrize(("document", "expected"), CANONICAL)
def test_a_document_has_its_canonical_form(document: str, expected: str) -> None:
    assert canonical(parse(document.encode())) == expected.encode()


@pytest.mark.parametrize(("_document", "expected"), CANONICAL)
def test_the_canonical_form_is_its_own(_document: str, expected: str) -> None:
    assert canonical(parse(expected.encode())) == expected.encode()


INNER = (
    b'<n0:local xmlns:n0="foo:bar" xmlns:n3="ftp://example.org"><n1:elem2 xmlns:n1="http://example.net"/></n0:local>'
)


def test_a_part_takes_all_namespaces_that_reach_into_it() -> None:
    part = parse(INNER).elements[0]
    assert canonical(part) == (
        b'<n1:elem2 xmlns:n0="foo:bar" xmlns:n1="http://example.net" xmlns:n3="ftp://example.org"></n1:elem2>'
    )


def test_the_exclusive_form_of_a_part_takes_only_those_it_uses() -> None:
    # RFC 3741, section 2.2: the same part in another document then has the same bytes.
    part = parse(INNER).elements[0]
    assert canonical(part, exclusive=True) == b'<n1:elem2 xmlns:n1="http://example.net"></n1:elem2>'


def test_the_default_namespace_of_an_outer_element_reaches_every_depth_of_a_part() -> None:
    # lxml 6.1.3 writes xmlns="" on the innermost element here.
    part = parse(b'<g xmlns="urn:c"><r><a><c/></a></r></g>').elements[0]
    assert canonical(part) == b'<r xmlns="urn:c"><a><c></c></a></r>'


BOMB = '<!DOCTYPE b [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]><b>&c;</b>'  # laughs


@pytest.mark.parametrize(
    "document",
    [
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        BOMB,
        '<!DOCTYPE a SYSTEM "http://example.org/a.dtd"><a/>',
        "<!DOCTYPE a><a/>",
        "<a>one<!-- -->two</a>",
        "<a><?php x?></a>",
        '<?xml version="1.0" encoding="ISO-8859-1"?><a/>',
        '<?xml version="1.1"?><a/>',
        '<a xml:lang="sv"/>',
        '<a xmlns:p="urn:x" xmlns:q="urn:x" p:b="1" q:b="2"/>',
        "<p:a/>",
        '<a p:b="1"/>',
        '<a xmlns:p=""/>',
        '<a xmlns:xml="http://www.w3.org/XML/1998/namespace"/>',
        '<a xmlns="http://www.w3.org/XML/1998/namespace"/>',
        '<p:q:a xmlns:p="urn:x"/>',
        "<a>&undefined;</a>",
        "<a><b></a></b>",
        "<a/><b/>",
        "",
        "<a" + ">" + "<b>" * 40 + "</b>" * 40 + "</a>",
        "<a>" + "<b/>" * 1001 + "</a>",
        "<a>" + "x" * 1024 * 1024 + "</a>",
    ],
    ids=[
        "an-external-entity",
        "an-entity-bomb",
        "an-external-document-type",
        "a-document-type",
        "a-comment-that-splits-a-text",
        "a-processing-instruction",
        "another-encoding",
        "another-version",
        "an-xml-attribute",
        "an-attribute-twice-by-two-prefixes",
        "an-unbound-prefix",
        "an-unbound-attribute-prefix",
        "a-prefix-undeclared",
        "the-xml-prefix-declared",
        "the-xml-namespace-declared",
        "two-colons",
        "an-undefined-entity",
        "crossed-tags",
        "two-roots",
        "nothing",
        "too-deep",
        "too-many",
        "too-large",
    ],
)
def test_what_a_signature_needs_not_is_refused(document: str) -> None:
    with pytest.raises(BadXml):
        parse(document.encode())


def test_bytes_that_are_no_utf8_are_refused() -> None:
    with pytest.raises(BadXml):
        parse(b"<a>\xff</a>")


def test_a_refusal_repeats_nothing_of_the_document() -> None:
    with pytest.raises(BadXml) as refusal:
        parse(b"<a>199001011239<b></a>")
    assert "1990" not in str(refusal.value)
