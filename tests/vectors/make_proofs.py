"""The vectors of single proofs, from fixed keys and times; `make.py` writes them.

A case says its token and what is asked otherwise than in the file's head, and the claims (their RFC 8785 text) or the
word for the refusal. Actions are texts, as two readers of one text is what some attacks are about.
"""

from __future__ import annotations

from approvals_hub_client import paseto
from approvals_hub_client.canonical import b64u, dumps, sha256_text, unb64u
from tests.vectors import forgeries, proven
from tests.vectors.proof_tokens import (
    ACTION,
    CLAIMS,
    HUB,
    ISSUER,
    KID,
    LATER,
    LOST,
    NAMED,
    NOW,
    OLD,
    OTHER,
    PLAIN,
    WRITTEN,
    Case,
    claims_of,
    entry,
    footed,
    published,
    raw,
    says,
    signed,
    text,
    under,
)


def accepted() -> list[tuple[str, str, Case]]:
    """What proves something: name, token, and what is asked otherwise."""
    loose = ' {"salt": "AAECAwQFBgcICQoLDA0ODw",\r\n\t"n": [1.0, -0, 1E2, 0.1e1, "\\u0041\\/"]} '
    tight = sha256_text(dumps({"salt": ACTION["salt"], "n": [1, 0, 100, 1, "A/"]}))
    among = [None, 7, [], {"kid": KID}, entry(forgeries.IDENTITY), entry(public_key=5), entry(public_key="é"), entry()]
    return [
        ("a proof", text(), {}),
        ("for this very action", text(), {"action": WRITTEN}),
        ("for an action that was written otherwise", says(action_hash=tight), {"action": loose}),
        ("from this issuer", text(), {"issuer": ISSUER}),
        ("a retired key", under(OLD), {}),
        ("a key until the next millisecond", text(), published(entry(valid_until=LATER))),
        ("a good key among what is none", text(), published(*among)),
        ("nothing said of a compromise", text(), published(entry(compromised_at=...))),
        ("its last millisecond", says(exp=LATER), {}),
        ("issued and good from this very millisecond", says(iat=NOW, nbf=NOW), {}),
        ("times without decimals", says(iat="2026-11-21T01:42:00Z", exp="2026-11-21T01:42:01Z"), {}),
        ("a leap day", says(iat="2024-02-29T23:59:59.999Z", exp="2028-02-29T00:00:00.000Z"), {}),
        ("no time of issue", says(iat=...), {}),
        ("within the leeway", says(exp="2026-11-21T01:41:59.001Z", iat="2026-11-21T01:42:01.000Z"), {"leeway": 1000}),
        ("spaces in the payload", text(b" " + PLAIN.replace(b",", b" ,\n\t") + b"\r\n"), {}),
        ("thirty-two levels", raw(b"[" * 31 + b"]" * 31), {}),
        ("brackets and names inside a text", raw(rb'"\"aud\":\"aud\":' + b"[{" * 40 + b'"'), {}),
        ("one name in two objects", raw(b'[{"aud":1},{"aud":2}]'), {}),
        ("numbers that every reader holds", raw(b"[9007199254740991,1e21,-1E+22,0.1,1e-400,-0.0]"), {}),
        ("an escaped pair of surrogates", raw(rb'"\ud83d\ude00\u0000\/"'), {}),
        ("a member called __proto__", raw(b'1,"__proto__":{"purpose":"approval","aud":"x"}'), {}),
        ("names that are sorted by UTF-16 units", raw('1,"\ufb33":1,"😀":2,"é":3'.encode()), {}),
        *proven.enough(),
    ]


def refused() -> list[tuple[str, str, str, Case]]:
    """The word for why, name, token, and what is asked otherwise."""
    alone = {"malformed": malformed(), "bad_signature": badly_signed(), **otherwise()}
    return [
        *((reason, name, token, {}) for reason, cases in alone.items() for name, token in cases.items()),
        *(("unknown_key", name, text(), published(given)) for name, given in untrusted().items()),
        *(
            ("unknown_key", f"a forgery under a key that is {name}", *forged(key))
            for name, key in forgeries.bad_keys(HUB.public.raw).items()
        ),
        ("unknown_key", "no keys at all", text(), published()),
        ("unknown_key", "a compromised key", under(LOST), {}),
        (
            "unknown_key",
            "another hub's key under this id",
            text(key=OTHER),
            published(entry(OTHER.public.raw, kid=KID)),
        ),
        ("unknown_key", "an id of one's own choosing", *chosen("chosen")),
        ("issuer", "another issuer", text(), {"issuer": ISSUER + "/"}),
        ("issuer", "no issuer", says(iss=...), {"issuer": ISSUER}),
        ("expired", "beyond the leeway", says(exp="2026-11-21T01:41:59.000Z"), {"leeway": 1000}),
        ("not_yet_valid", "further off than the leeway", says(iat="2026-11-21T01:42:01.001Z"), {"leeway": 1000}),
        *(("action", name, text(), {"action": given}) for name, given in other_actions().items()),
        ("action", "a text for an action", says(action_hash=sha256_text(b'"x"')), {"action": '"x"'}),
        ("action", "a list for an action", says(action_hash=sha256_text(b"[]")), {"action": "[]"}),
        ("action", "no hash of an action", says(action_hash=...), {"action": WRITTEN}),
        ("action", "a hash in upper case", says(action_hash=str(CLAIMS["action_hash"]).upper()), {"action": WRITTEN}),
        *proven.lacking(),
    ]


def malformed() -> dict[str, str]:
    """Texts that are no token, and payloads that two readers could read differently."""
    good = text()
    head, body, footer = good.rsplit(".", 2)
    footers = [b"{}", b'{"kid": "k1"}', b'{"kid":""}', b'{"kid":1}', NAMED, b'{"kid":"%b","x":1}' % NAMED]
    footers += [b'{"kid":"%b"}\n' % NAMED, b'\xef\xbb\xbf{"kid":"%b"}' % NAMED, b'{"kid":"\\u006b%b"}' % NAMED[1:]]
    payloads = [b"", b"[]", b"null", b'"ALLOW"', b"{", PLAIN + PLAIN, PLAIN[:-1] + b",}", PLAIN.replace(b'"', b"'")]
    values = rb'NaN Infinity -Infinity 01 1. .5 +1 0x10 1e400 True undefined "\x" "\ud800" "\udc00\ud800" "\ud800A"'
    values += rb' "\ud800\ud800\udc00" {"\udfff":1} 9007199254740992 -9007199254740992 9007199254740992.0'
    values += b' 9007199254740993e0 1000000000000000000000000 "\x01" "\xff" "\xed\xa0\x80" "\xc0\xaf" \xc2\xa01'
    ends = ["2026-11-21T01:46:00", "2026-11-21T01:46:00+00:00", "2026-11-21t01:46:00z", "2026-11-21 01:46:00Z", "2099"]
    ends += [
        "2026-11-21T01:46:00.0000Z",
        "2026-11-21T01:46:00,000Z",
        "2026-11-31T01:46:00.000Z",
        "2027-02-29T00:00:00Z",
    ]
    ends += ["2026-13-01T00:00:00Z", "2026-11-21T24:00:00.000Z", "2026-11-21T01:46:60.000Z", "2026-11-21T1:46:00Z"]
    ends += [
        "0000-01-01T00:00:00.000Z",
        "+002026-11-21T01:46:00Z",
        "٢٠٢٦-11-21T01:46:00Z",
        "2026-11-21T01:46:00.000Z\n",
    ]
    return {
        "nothing": "",
        "padding": good + "=",
        "padding inside": f"{head}.{body}=.{footer}",
        "spare bits of the payload": f"{head}.{body[:-1]}{chr(ord(body[-1]) + 1)}.{footer}",
        "spare bits of the footer": good[:-1] + chr(ord(good[-1]) + 1),
        "another alphabet": f"{head}.{body.replace('-', '+').replace('_', '/')}+.{footer}",
        "a line feed behind": good + "\n",
        "a line feed inside": good[:200] + "\n" + good[200:],
        "a space before": " " + good,
        "no footer": f"{head}.{body}",
        "an empty footer": f"{head}.{body}.",
        "a fifth part": good + ".AA",
        "another version": good.replace("v4", "v3", 1),
        "another purpose of PASETO": good.replace("public", "local", 1),
        "upper case": good.replace("v4", "V4", 1),
        "a letter of another script": f"{head}.{body[:-1]}а.{footer}",
        "shorter than a signature": f"{head}.{'A' * 85}.{footer}",
        "one character of base64 left over": f"{head}.{'A' * 89}.{footer}",
        "one character too long": raw(b'"' + b"x" * 48_721 + b'"'),
        **{f"the footer {foot.decode()}": footed(foot) for foot in footers},
        **{f"the payload {payload.decode()[:16]}": text(payload) for payload in payloads},
        "a byte order mark": text(b"\xef\xbb\xbf" + PLAIN),
        "UTF-16": text(PLAIN.decode().encode("utf-16-le")),
        "a comment": text(PLAIN + b"//"),
        **{f"the value {value.decode(errors='replace')}": raw(value) for value in values.split(b" ")},
        "a claim twice": raw(b'1,"aud":"bank.example.com"'),
        "a claim twice, once escaped": raw(rb'1,"\u0061ud":"bank.example.com"'),
        "a member twice, deep inside": raw(b'[{"a":{"b":1,"c":2,"b":1}}]'),
        "thirty-three levels": raw(b"[" * 32 + b"]" * 32),
        "thousands of levels": raw(b"[" * 9000 + b"]" * 9000),
        **{f"the end {end!r}": says(exp=end) for end in [*ends, 4_000_000_000, None, True, [LATER]]},
        "no end": says(exp=...),
        "a time of issue that is null": says(iat=None),
        "a start that is a number": says(nbf=0),
    }


def badly_signed() -> dict[str, str]:
    """Signatures of something else, of nobody, and those that only some libraries take."""
    good, message = text(), paseto._encoded(PLAIN, b'{"kid":"%b"}' % NAMED, paseto.PROOF)
    signature = unb64u(good.split(".")[2])[-64:]
    return {
        "a changed payload": signed(says(aud="me.example.com"), signature),
        "another key's signature": text(key=OTHER),
        "an approval token": text(implicit=paseto.APPROVAL),
        "an outcome token": text(implicit=paseto.OUTCOME),
        "another footer": signed(good, signature, b'{"kid":"%b"}' % paseto.key_id(OLD.public).encode()),
        "S beyond the order": signed(good, forgeries.beyond_the_order(signature)),
        "R of small order": signed(good, forgeries.of_small_order_r(HUB, message)),
        "R of mixed order": signed(good, forgeries.of_mixed_order_r(HUB, message)),
        "zeros": signed(good, bytes(64)),
    }


def otherwise() -> dict[str, dict[str, str]]:
    """Tokens whose claims say something else, by the word for it."""
    decisions = ["DENY", "allow", True, None, ["ALLOW"], ...]
    return {
        "unknown_key": {"another key id": text(kid="k2"), "what every object has": text(kid="__proto__")},
        "kid": {"claim and footer differ": says(kid="k2"), "no key id among the claims": says(kid=...)},
        "purpose": {"another purpose": says(purpose="approval"), "a purpose that is null": says(purpose=None)},
        "audience": {
            "another audience": says(aud="evil.example.com"),
            "no audience: it would be good at any party": says(aud=...),
            "a list of audiences": says(aud=["bank.example.com"]),
            "an audience in upper case": says(aud="BANK.example.com"),
        },
        "expired": {"this very millisecond": says(exp=NOW), "in the first year": says(exp="0001-01-01T00:00:00.000Z")},
        "not_yet_valid": {"issued in the future": says(iat=LATER), "good from later": says(nbf=LATER)},
        "decision": {f"the decision {decision!r}": says(decision=decision) for decision in decisions},
    }


def untrusted() -> dict[str, Case]:
    """Entries of published keys that are left out."""
    ends = [NOW, "never", "", 4_000_000_000_000, False, "2027-02-30T00:00:00.000Z", ...]
    return {
        "another hub's keys": entry(OTHER.public.raw),
        "this key under another id": entry(kid="chosen"),
        **{f"a key until {end!r}": entry(valid_until=end) for end in ends},
        "a key of which no is said where a time belongs": entry(compromised_at=False),
        "a key with padding": entry(public_key=b64u(HUB.public.raw) + "="),
        "a key with a line feed": entry(public_key=b64u(HUB.public.raw) + "\n"),
        "a key of 31 bytes": entry(public_key=b64u(HUB.public.raw[:31])),
    }


def other_actions() -> dict[str, str]:
    """Texts of actions that the plain proof is not for."""
    return {
        "another action": WRITTEN.replace("125000", "125001"),
        "another salt": WRITTEN.replace("AAECAw", "BAECAw"),
        "a member more": WRITTEN[:-1] + ',"x":1}',
        "a member twice": WRITTEN[:-1] + ',"salt":"AAECAwQFBgcICQoLDA0ODw"}',
        "an amount that JavaScript would round": '{"amount_minor":9007199254740993}',
    }


def forged(key: bytes) -> tuple[str, Case]:
    """A token that a lenient verifier takes under this key, and the keys that list it."""
    kid = paseto.key_id(key)
    token = text(dumps({**CLAIMS, "kid": kid}), kid=kid)
    return signed(token, forgeries.FOR_EVERY_MESSAGE), published(entry(key))


def chosen(kid: str) -> tuple[str, Case]:
    """A token under an id that is not the key's own."""
    return text(dumps({**CLAIMS, "kid": kid}), kid=kid), published(entry(kid=kid))


def proofs() -> Case:
    """The file: what is asked where a case says nothing else, and the cases."""
    old = entry(OLD.public.raw, retired_at="2026-11-21T00:00:00.000Z")
    lost = entry(LOST.public.raw, compromised_at="2026-11-20T00:00:00.000Z")
    return {
        "audience": "bank.example.com",
        "now": NOW,
        "keys": {"issuer": ISSUER, "keys": [old, lost, entry()], "log_keys": []},
        "accepted": [
            {"name": name, **asked, "token": token, "claims": claims_of(token)} for name, token, asked in accepted()
        ],
        "refused": [
            {"reason": reason, "name": name, **asked, "token": token} for reason, name, token, asked in refused()
        ],
        "asked_wrongly": proven.ASKED_WRONGLY,
        "no_audience": {
            "audiences": [None, ""],
            "tokens": [text(), says(aud=...), says(aud=None), says(aud="")],
        },
    }
