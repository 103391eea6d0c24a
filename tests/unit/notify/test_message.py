"""Which messages can be made at all."""

from __future__ import annotations

from typing import Any

import pytest

from notify.message import (
    LARGEST_SEALED,
    LONGEST_LINE,
    LONGEST_LINK,
    LONGEST_TEXT,
    Button,
    Event,
    Mail,
    Notice,
    ShortText,
    Urgency,
)


def mail(**changes: Any) -> Mail:
    return Mail(**{"id": "msg_1", "subject": "A subject", "text": "A text", **changes})


def test_a_mail_and_a_short_text_have_an_id_a_language_and_an_end() -> None:
    for message in (mail(expires_at=7), ShortText(id="msg_1", text="A text", expires_at=7)):
        assert (message.id, message.language, message.expires_at) == ("msg_1", "en", 7)


@pytest.mark.parametrize(
    "end", ["\n", "\r", "\r\n", "\x00", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "\x7f"]
)
def test_a_subject_that_begins_a_header_of_its_own_is_refused(end: str) -> None:
    with pytest.raises(ValueError, match="one line"):
        mail(subject=f"A subject{end}Bcc: eve@evil.example")
    with pytest.raises(ValueError, match="one line"):
        ShortText(id="msg_1", text="A text", title=f"A title{end}more")


@pytest.mark.parametrize("id_", ["", "a" * 65, "a b", "a\r\nb", "a>b", "a@b", "å", "-a", "{to}", 'a"'])
def test_an_id_that_is_more_than_a_word_is_refused(id_: str) -> None:
    with pytest.raises(ValueError, match="id has"):
        mail(id=id_)


@pytest.mark.parametrize("language", ["", "S", "svenska", "sv\r\nX: y", "sv_SE", "sv-"])
def test_a_language_that_is_no_tag_is_refused(language: str) -> None:
    with pytest.raises(ValueError, match="language"):
        ShortText(id="msg_1", text="A text", language=language)


@pytest.mark.parametrize("language", ["sv", "en-GB", "zh-Hans-CN", "fil"])
def test_a_language_is_a_tag_of_several_parts(language: str) -> None:
    assert mail(language=language).language == language


@pytest.mark.parametrize("text", ["\x00", "a\ud800"])
def test_a_text_with_what_is_no_character_is_refused(text: str) -> None:
    for member in ("text", "html", "subject"):
        with pytest.raises(ValueError, match=r"no character|one line"):
            mail(**{member: text})


def test_texts_are_of_bounded_length() -> None:
    assert mail(subject="s" * LONGEST_LINE, text="t" * LONGEST_TEXT, html="h" * 5 * LONGEST_TEXT)
    for member, most in (("subject", LONGEST_LINE), ("text", LONGEST_TEXT), ("html", 5 * LONGEST_TEXT)):
        with pytest.raises(ValueError, match=str(most)):
            mail(**{member: "x" * (most + 1)})


def test_no_text_stands_in_what_a_log_would_show() -> None:
    shown = repr(mail(subject="secret one", text="secret two", html="secret three"))
    shown += repr(ShortText(id="msg_1", text="secret four", title="secret five"))
    assert "secret" not in shown


def notice(**changes: Any) -> Notice:
    about = {"link": "https://hub.example/q/esc_1", "reference": "esc_1", "collapse_key": "esc_1"}
    return Notice(**{"id": "msg_1", "title": "A title", "text": "A text", **about, **changes})


def test_a_notice_is_urgent_and_about_an_approval_unless_it_says_otherwise() -> None:
    assert (notice().urgency, notice().category, notice().sealed) == (Urgency.HIGH, "approval", None)


@pytest.mark.parametrize(
    "link",
    [
        "",
        "http://hub.example/",
        "javascript:alert(1)",
        "https://",
        "https://hub.example/ x",
        "https://hub.example/\n",
        "https://hub.example/|text>",
        "https://hub.example/<b>",
        'https://hub.example/"',
        "https://hub.example/\\",
        "//a",
        "https://hub.example/å",
        f"https://hub.example/{'a' * LONGEST_LINK}",
    ],
)
def test_a_link_that_is_not_https_or_ends_the_markup_around_it_is_refused(link: str) -> None:
    with pytest.raises(ValueError, match="a link"):
        notice(link=link)


@pytest.mark.parametrize("member", ["reference", "collapse_key", "category"])
@pytest.mark.parametrize("word", ["", "a" * 65, "a b", "a\r\nb", "å", "-a"])
def test_words_that_become_headers_have_the_form_of_an_id(member: str, word: str) -> None:
    with pytest.raises(ValueError, match="letters, digits"):
        notice(**{member: word})


def test_a_notice_has_one_line_of_title_and_a_bounded_text_and_seal() -> None:
    with pytest.raises(ValueError, match="one line"):
        notice(title="A title\nmore")
    with pytest.raises(ValueError, match="has a title"):
        notice(title=" ")
    with pytest.raises(ValueError, match=str(LONGEST_TEXT)):
        notice(text="x" * (LONGEST_TEXT + 1))
    assert notice(sealed=b"x" * LARGEST_SEALED)
    with pytest.raises(ValueError, match=str(LARGEST_SEALED)):
        notice(sealed=b"x" * (LARGEST_SEALED + 1))


def test_a_notice_shows_what_it_is_about_and_nothing_of_what_it_says() -> None:
    shown = repr(
        notice(title="secret one", text="secret two", link="https://hub.example/secret", sealed=b"secret three")
    )
    assert "secret" not in shown
    assert "esc_1" in shown


def event(**changes: Any) -> Event:
    members = {"id": "msg_1", "type": "escalation.approved", "happened_at": 1_800_000_000_007, "data": {"a": "secret"}}
    return Event(**{**members, **changes})


def test_an_event_is_the_same_bytes_whenever_it_is_sent() -> None:
    body = b'{"type":"escalation.approved","timestamp":"2027-01-15T08:00:00.007Z","data":{"a":"secret"}}'
    assert event().body() == event(expires_at=7).body() == body


@pytest.mark.parametrize("type_", ["", "Escalation", "a..b", ".a", "a.", "a b", "a\n", "1a", "å", "a" * 251])
def test_an_events_type_is_words_with_dots(type_: str) -> None:
    with pytest.raises(ValueError, match="type is"):
        event(type=type_)


@pytest.mark.parametrize("wrong", [{"data": {"a": object()}}, {"data": {"a": "\ud800"}}, {"happened_at": 10**20}])
def test_an_event_that_could_never_be_sent_is_not_made(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="no JSON"):
        event(**wrong)


def test_an_event_shows_its_type_and_nothing_of_its_data() -> None:
    assert ("secret" in repr(event()), "escalation.approved" in repr(event())) == (False, True)


@pytest.mark.parametrize("badge", [-1, 10_000])
def test_a_number_for_an_icon_is_a_small_one(badge: int) -> None:
    with pytest.raises(ValueError, match="badge"):
        notice(badge=badge)


@pytest.mark.parametrize(
    ("name", "title", "link"),
    [
        ("", "Deny", "https://hub.example/x"),
        ("Deny", "Deny", "https://hub.example/x"),
        ("deny", " ", "https://hub.example/x"),
        ("deny", "De\nny", "https://hub.example/x"),
        ("deny", "Deny", "http://evil.example/x"),
        ("deny", "Deny", "javascript:alert(1)"),
        ("deny", "Deny", "https://hub.example/" + "x" * 1000),
    ],
)
def test_a_button_has_a_name_one_line_and_a_link_that_a_notice_may_have(name: str, title: str, link: str) -> None:
    with pytest.raises(ValueError, match=r"button|link"):
        notice(buttons=(Button(name, title, link),))


def test_a_buttons_words_and_link_stay_out_of_what_is_printed() -> None:
    assert repr(Button("deny", "Secret", "https://hub.example/secret")) == "Button(name='deny')"
