"""Python, JavaScript and Go say the same about every proof of the vectors, and so do the commands of the small two."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from math import inf, nan
from pathlib import Path
from typing import Any

import pytest

from approvals_hub_client import BadProof, Proven, paseto, verify_proof_offline
from approvals_hub_client.canonical import CanonicalError, b64u, dumps, loads
from approvals_hub_client.keys import Ed25519SigningKey
from approvals_hub_client.statement import action_hash
from approvals_hub_client.times import present, to_milliseconds, to_text

ROOT = Path(__file__).parents[2]
GO = ROOT / "sdks" / "go"
# No module, no tool chain and no checksum is ever fetched; what is built is kept in the cache of whoever runs this.
OFFLINE = {"GOFLAGS": "-mod=mod", "GOPROXY": "off", "GOTOOLCHAIN": "local", "GOWORK": "off", "CGO_ENABLED": "0"}
FILE: dict[str, Any] = json.loads((ROOT / "tests/vectors/approvals_hub/proofs.json").read_text(encoding="utf-8"))
ACTION = {"action_type": "db.drop", "payload": {"database": "orders", "rows": 1.5e6}, "salt": "AAAAAAAAAAAAAAAAAAAAAA"}


def run(*command: str, folder: Path = ROOT, **more: Any) -> subprocess.CompletedProcess[str]:
    """What came of a command; it may take long on a computer that has built nothing yet."""
    environment = {**os.environ, **OFFLINE}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, **more)


def proven_of(case: dict[str, Any]) -> Proven:
    """What is asked of the people of a case."""
    return Proven(case.get("min_acr"), case.get("methods"), case.get("amr"), case.get("auth_ref"))


def answer(case: dict[str, Any]) -> str:
    """The claims as canonical text, or the reason for the refusal."""
    try:
        action = loads(case["action"]) if "action" in case else None
        if not isinstance(action, dict | None):
            return "action"
        claims = verify_proof_offline(
            case["token"],
            case.get("keys", FILE["keys"]),
            FILE["audience"],
            action,
            issuer=case.get("issuer"),
            now=to_milliseconds(FILE["now"]),
            leeway=case.get("leeway", 0),
            proven=proven_of(case),
        )
    except CanonicalError:
        return "action"
    except BadProof as bad:
        return bad.reason
    return dumps(claims).decode()


def test_the_python_client_gives_every_good_proof_its_claims_and_every_attack_its_reason() -> None:
    cases = [*FILE["accepted"], *FILE["refused"]]
    assert len(cases) > 215
    wrong = [(case["name"], answer(case)) for case in cases if answer(case) != case.get("claims", case.get("reason"))]
    assert wrong == []


def test_a_proof_for_somebody_else_is_not_taken_by_who_forgot_to_name_itself() -> None:
    nobody = FILE["no_audience"]
    assert (len(nobody["audiences"]), len(nobody["tokens"])) == (2, 4)
    for audience in (*nobody["audiences"], False, b"", ["bank.example.com"]):
        for token in nobody["tokens"]:
            with pytest.raises(TypeError, match="audience"):
                verify_proof_offline(token, FILE["keys"], audience, now=to_milliseconds(FILE["now"]))


def test_what_would_ask_for_nothing_is_not_asked() -> None:
    assert len(FILE["asked_wrongly"]) == 7
    more: list[dict[str, Any]] = [{"min_acr": ""}, {"min_acr": 2}, {"methods": "bankid"}, {"amr": [1]}]
    for case in [*FILE["asked_wrongly"], *more, {"auth_ref": ""}, {"auth_ref": ["x"]}]:
        with pytest.raises(TypeError):
            proven_of(case)


def test_a_time_that_is_no_number_does_not_make_a_proof_last_for_ever() -> None:
    for times in ({"leeway": nan}, {"leeway": inf}, {"leeway": "1000"}, {"now": nan}, {"now": "2026"}):
        asked: dict[str, Any] = {"now": to_milliseconds(FILE["now"]), **times}
        with pytest.raises(TypeError, match="milliseconds"):
            verify_proof_offline(FILE["accepted"][0]["token"], FILE["keys"], FILE["audience"], **asked)


@pytest.mark.needs("node")
def test_javascript_gives_every_good_proof_its_claims_and_every_attack_its_reason() -> None:
    done = run("node", "--test", "tests/contracts/proof_vectors.mjs")
    assert done.returncode == 0, done.stdout[-4000:]


@pytest.mark.needs("go")
def test_go_gives_every_good_proof_its_claims_and_every_attack_its_reason_offline() -> None:
    done = run("go", "test", "-vet=off", "-count=1", ".", folder=GO)
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]


@dataclass(frozen=True)
class Papers:
    """The files of a proof that is good for some minutes, and its token."""

    folder: Path
    token: str
    claims: dict[str, Any]

    def options(self, **changed: str) -> list[str]:
        """The command's options."""
        files = {name: str(self.folder / f"{name}.json") for name in ("keys", "action")}
        given = {**files, "audience": "db1.example.com", "issuer": "https://hub.example.com", **changed}
        return [word for name, value in given.items() for word in (f"--{name}", value)]


@pytest.fixture
def papers(tmp_path: Path) -> Papers:
    """A proof, the keys and its action."""
    key, now = Ed25519SigningKey(), present()
    kid = paseto.key_id(key.public)
    claims = {
        "iss": "https://hub.example.com",
        "aud": "db1.example.com",
        "iat": to_text(now),
        "exp": to_text(now + 600_000),
        "kid": kid,
        "decision": "ALLOW",
        "action_hash": action_hash(ACTION),
        "acr": "SUBSTANTIAL",
        "auth_ref": ["order-1"],
        "approvers": [{"acr": "SUBSTANTIAL", "amr": ["mfa", "pop"], "methods": ["device_key", "bankid"]}],
    }
    published = {"keys": [{"kid": kid, "public_key": b64u(key.public.raw), "valid_until": None}]}
    (tmp_path / "keys.json").write_text(json.dumps(published))
    (tmp_path / "action.json").write_text(json.dumps(ACTION, indent=2))
    (tmp_path / "other.json").write_text(json.dumps({**ACTION, "salt": "B" * 22}))
    (tmp_path / "twice.json").write_text('{"salt": 1, "salt": 1}')
    return Papers(tmp_path, paseto.sign(key, kid, dumps(claims), implicit=paseto.PROOF), claims)


def holds_as_a_command(papers: Papers, *command: str) -> None:
    """Status and words of every kind of end."""
    done = run(*command, *papers.options(), input=papers.token + "\n")
    assert (done.returncode, json.loads(done.stdout)) == (0, papers.claims), done.stderr
    done = run(*command, *papers.options(action=str(papers.folder / "other.json")), input=papers.token)
    assert (done.returncode, done.stdout) == (1, "")
    assert "NOT VALID (action): " in done.stderr
    proven = {"min-acr": "SUBSTANTIAL", "methods": "freja,bankid", "amr": "mfa,pop", "auth-ref": "order-1"}
    assert run(*command, *papers.options(**proven), input=papers.token).returncode == 0
    for name, more in {"min-acr": "HIGH", "methods": "freja", "amr": "mfa,user", "auth-ref": "order-2"}.items():
        done = run(*command, *papers.options(**{**proven, name: more}), input=papers.token)
        assert (done.returncode, done.stdout) == (1, ""), name
        assert f"NOT VALID ({name.removeprefix('min-').replace('-', '_')}): " in done.stderr
    # An option that a script left empty must not ask for less.
    wrong = [papers.options(issuer=""), papers.options(action=""), papers.options(audience=""), [], ["--all", "x"]]
    wrong += [papers.options(action=str(papers.folder / "twice.json")), papers.options(keys=str(papers.folder))]
    wrong += [
        papers.options(**{name: value}) for name, value in {"min-acr": "high", "methods": "", "amr": "a,"}.items()
    ]
    for options in wrong:
        done = run(*command, *options, input=papers.token)
        assert (done.returncode, done.stdout) == (2, ""), options
        assert done.stderr != ""


@pytest.mark.needs("node")
def test_the_command_in_javascript_says_claims_or_reason_and_never_asks_for_less(papers: Papers) -> None:
    holds_as_a_command(papers, "node", "sdks/javascript/verify_proof.mjs")


@pytest.mark.needs("go")
def test_the_command_in_go_says_claims_or_reason_and_never_asks_for_less(papers: Papers, tmp_path: Path) -> None:
    built = run("go", "build", "-o", str(tmp_path / "verify_proof"), "./cmd/verify_proof", folder=GO)
    assert built.returncode == 0, built.stderr
    holds_as_a_command(papers, str(tmp_path / "verify_proof"))
