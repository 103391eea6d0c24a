"""One issuer for many tenants (Microsoft): only tokens of those that the settings name, signed by keys for them."""

from __future__ import annotations

from typing import Any

import pytest

from identity.errors import Refused
from identity.oidc_settings import OidcSettings
from tests.unit.identity.id_token_desk import ONE, read, settings_of

TENANT, OTHER_TENANT = "72f988bf-86f1-41af-91ab-2d7cd011db47", "11111111-86f1-41af-91ab-2d7cd011db47"


def many_tenants() -> OidcSettings:
    return settings_of(
        issuer="https://login.example/{tenantid}/v2.0",
        discovery="https://login.example/organizations/v2.0/.well-known/openid-configuration",
        tenants=[TENANT],
    )


async def test_a_named_tenant_of_many_is_its_own_issuer() -> None:
    issuer = f"https://login.example/{TENANT}/v2.0"
    found = await read(settings=many_tenants(), iss=issuer, tid=TENANT)
    assert found.issuer == issuer


@pytest.mark.parametrize(
    ("tenant", "issuer_of"),
    [
        (OTHER_TENANT, OTHER_TENANT),
        (TENANT, OTHER_TENANT),
        (OTHER_TENANT, TENANT),
        (..., TENANT),
        ("{tenantid}", "{tenantid}"),
        (TENANT.upper(), TENANT.upper()),
        (f"{TENANT}/../x", f"{TENANT}/../x"),
    ],
)
async def test_another_tenant_of_many_is_refused(tenant: Any, issuer_of: str) -> None:
    with pytest.raises(Refused):
        await read(settings=many_tenants(), iss=f"https://login.example/{issuer_of}/v2.0", tid=tenant)


@pytest.mark.parametrize(
    ("key_issuer", "good"),
    [
        ("https://login.example/{tenantid}/v2.0", True),
        (f"https://login.example/{TENANT}/v2.0", True),
        (f"https://login.example/{OTHER_TENANT}/v2.0", False),
    ],
)
async def test_a_key_of_another_tenant_signs_nothing(key_issuer: str, good: bool) -> None:
    call = read(
        settings=many_tenants(),
        iss=f"https://login.example/{TENANT}/v2.0",
        tid=TENANT,
        published=ONE.jwk(issuer=key_issuer),
    )
    if good:
        assert await call
        return
    with pytest.raises(Refused, match="another issuer"):
        await call
