"""Who is calling: reads and pre-verifies credentials. Whether they count is decided in the unit of work they cause."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from enum import Enum

from aiohttp import web

from approvals_hub.agents import openleash_signature as openleash
from approvals_hub.agents.agent import WINDOW, AgentCredential, SignedRequest, api_key_hash
from approvals_hub.api.call import COOKIE, Api
from approvals_hub.core.clock import SECOND, to_text
from approvals_hub.core.errors import Forbidden, Malformed, NotFound, Unauthenticated
from approvals_hub.hub import PersonCredential, token_hash
from approvals_hub_client.request_signature import BadRequestSignature, check_window, parse, verify

SAFE = frozenset({"GET", "HEAD"})
QUERY_UNSIGNED = "/v1/agent/policy-drafts?"
"""The one listing whose filter OpenLeash's documents leave out of the signature, and its clients do not: either way is
taken here. Whoever changes that filter on the way could as well hold the answer back. Nothing else is read so."""


class Caller(Enum):
    """The column of the route table: how whoever calls proves itself."""

    PUBLIC = "public"
    """Nothing to prove."""
    VISITOR = "visitor"
    """Nobody yet: signs in, accepts an invitation, registers. Paced by address."""
    EXECUTOR = "executor"
    """Nobody's account: the token in the body is the proof."""
    AGENT = "agent"
    PERSON = "person"
    AGENT_OR_PERSON = "agent or person"
    PERSON_OR_VISITOR = "person or visitor"


Who = AgentCredential | PersonCredential | None
Admit = Callable[[Api, web.Request, bytes], Awaitable[Who]]


def admission(caller: Caller) -> Admit | None:
    """The function that admits a kind of caller; None where there is nothing to check."""
    return {
        Caller.VISITOR: _visitor,
        Caller.AGENT: _agent,
        Caller.PERSON: _person,
        Caller.AGENT_OR_PERSON: _agent_or_person,
        Caller.PERSON_OR_VISITOR: _person_or_visitor,
    }.get(caller)


async def _agent(api: Api, request: web.Request, raw: bytes) -> AgentCredential:
    if _is_signed(request):
        return await _signed(api, request, raw)
    if openleash.is_given(request.headers):
        return await _openleash(api, request, raw)
    secret = _bearer(request, "ahk_")
    if secret is None:
        raise Unauthenticated(
            "credentials_missing",
            "the request is neither signed nor does it carry an API key",
            next_step="Sign it as /.well-known/approvals-hub says.",
        )
    known = await api.hub.agent_keys.bearer(api_key_hash(secret))
    if known is None:
        raise Unauthenticated("agent_unknown", "no agent has this API key", next_step="Ask for a new one.")
    return known


async def _signed(api: Api, request: web.Request, raw: bytes) -> SignedRequest:
    """A signature over this very request. The URL is the configured one: `Host` is the sender's to choose."""
    path = request.raw_path
    if not path.startswith("/"):
        raise Malformed("target_not_a_path", "send the path alone in the request line", next_step="Send it anew.")
    now = api.hub.clock.now()
    try:
        given = parse(request.headers)
        check_window(given, now // SECOND)
        known = await api.hub.agent_keys.signed(given.keyid)
        if known is None:
            raise Unauthenticated("agent_unknown", "no agent has this key", next_step="Register with an invitation.")
        verify(known.key, given, request.method, api.served.base + path, raw)
    except BadRequestSignature as error:
        raise _not_signed(error, now) from None
    return SignedRequest(known.key_id, known.agent_id, known.org_id, given.nonce, given.created * SECOND)


async def _openleash(api: Api, request: web.Request, raw: bytes) -> SignedRequest:
    """The headers of OpenLeash. Whoever made them was not asked for which hub; the window and the nonce are as ours."""
    given = openleash.read(request.headers)
    now = api.hub.clock.now()
    if abs(now - given.created) > WINDOW:
        raise Unauthenticated(
            "signature_outside_window",
            "X-Timestamp is more than 120 seconds from the hub's time",
            next_step="Set the clock (`now` is the hub's time), then sign again.",
            extra={"now": to_text(now)},
        )
    openleash.check_body(given, raw)
    path = request.raw_path
    targets = [path]
    if request.method == "GET" and path.startswith(QUERY_UNSIGNED):
        targets.append(path.partition("?")[0])
    for known in await api.hub.agent_keys.known_as(given.agent_id):
        if any(openleash.verifies(known.key, given, request.method, target) for target in targets):
            return SignedRequest(
                known.key_id, known.agent_id, known.org_id, given.nonce, given.created, known_as=given.agent_id
            )
    # The same words where nobody goes by this name: who has registered here is no stranger's to find out.
    raise Unauthenticated(
        "invalid_signature",
        "no key of an agent of this name has signed this request",
        next_step="Sign METHOD, path with query, X-Timestamp, X-Nonce and X-Body-Sha256, joined by LF; or register.",
    )


async def _person(api: Api, request: web.Request, raw: bytes) -> PersonCredential:
    token = _bearer(request, "ses_")
    if token is None:
        token = request.cookies.get(COOKIE)
        if token is not None and request.method not in SAFE:
            _refuse_other_sites(api, request)
    if token is None:
        raise Unauthenticated("session_missing", "this needs a session", next_step="Sign in first.")
    credential = await api.hub.session_orgs.credential(token_hash(token), changes=request.method not in SAFE)
    if credential is None:
        raise Unauthenticated("session_unknown", "there is no such session", next_step="Sign in again.")
    # Every path of an organisation is checked here, once: it is the session's own, or one that does not exist.
    org_id = request.match_info.get("org")
    if org_id is not None and org_id != credential.org_id:
        raise NotFound("org_unknown", "there is no such organisation", next_step="Use the one you signed in to.")
    return credential


async def _agent_or_person(api: Api, request: web.Request, raw: bytes) -> Who:
    signed = _is_signed(request) or openleash.is_given(request.headers)
    if signed or _bearer(request, "ahk_") is not None:
        return await _agent(api, request, raw)
    return await _person(api, request, raw)


async def _visitor(api: Api, request: web.Request, raw: bytes) -> None:
    if "Origin" in request.headers or "Sec-Fetch-Site" in request.headers:
        _refuse_other_sites(api, request)
    api.openings.take(api.source(request))


async def _person_or_visitor(api: Api, request: web.Request, raw: bytes) -> PersonCredential | None:
    if _bearer(request, "ses_") is not None or COOKIE in request.cookies:
        return await _person(api, request, raw)
    await _visitor(api, request, raw)
    return None


def _is_signed(request: web.Request) -> bool:
    """Whether either half of a signature is there: then that one counts, and nothing else does."""
    return "Signature-Input" in request.headers or "Signature" in request.headers


def _bearer(request: web.Request, prefix: str) -> str | None:
    """The bearer secret of this kind; a secret of another kind is as good as none."""
    given = request.headers.get("Authorization", "")
    return given[7:] if given.startswith(f"Bearer {prefix}") and len(given) <= 200 else None


def _refuse_other_sites(api: Api, request: web.Request) -> None:
    """Browsers send the cookie, and say from where (Fetch Metadata; before 2023 some say Origin alone)."""
    site = request.headers.get("Sec-Fetch-Site")
    if site == "same-origin" or (site is None and request.headers.get("Origin", "").lower() == api.served.origin):
        return
    raise Forbidden(
        "cross_site",
        "a page of another site may not do this with your session",
        next_step=f"Use the hub's own page at {api.served.origin}.",
    )


def _not_signed(error: BadRequestSignature, now: int) -> Unauthenticated:
    code, next_step = {
        "too_old_or_new": ("signature_outside_window", "Set the clock (`now` is the hub's time), then sign again."),
        "bad_signature": ("invalid_signature", "Sign for the hub's public URL, as /.well-known/approvals-hub says."),
    }.get(error.reason, (f"signature_{error.reason}", "Sign as /.well-known/approvals-hub says."))
    return Unauthenticated(code, str(error), next_step=next_step, extra={"now": to_text(now)})
