"""Gateways that are known by name: what each of them is asked, and what its codes mean."""

from __future__ import annotations

from typing import Annotated

import msgspec

from notify.exchange import require_url
from notify.sms_gateway import Basic, Errors, HttpGateway, Secret, Success, Table

TwilioAccount = Annotated[str, msgspec.Meta(pattern=r"^AC[0-9a-fA-F]{32}\Z")]
TwilioService = Annotated[str, msgspec.Meta(pattern=r"^MG[0-9a-fA-F]{32}\Z")]


class _Preset(Table, frozen=True, kw_only=True):
    base_url: str

    def __post_init__(self) -> None:
        require_url(self.base_url)

    def _url(self, path: str) -> str:
        return self.base_url.rstrip("/") + path


class Elks(_Preset, frozen=True, kw_only=True, tag_field="kind", tag="46elks"):
    """46elks (https://46elks.com/docs/send-sms). It has no code for a number that does not exist: such a one fails."""

    not_printed = ("password",)

    username: Secret
    password: Secret
    base_url: str = "https://api.46elks.com"
    keep_text: bool = False
    """Whether 46elks may keep what the message says in its log."""

    def gateway(self) -> HttpGateway:
        """As a description."""
        body = {"from": "{from}", "to": "{to}", "message": "{text}"}
        return HttpGateway(
            url=self._url("/a1/sms"),
            auth=Basic(username=self.username, password=self.password),
            format="form",
            body=body if self.keep_text else {**body, "dontlog": "message"},
            id_path="id",
        )


class Twilio(_Preset, frozen=True, kw_only=True, tag_field="kind", tag="twilio"):
    """Twilio (https://www.twilio.com/docs/messaging/api/message-resource, https://www.twilio.com/docs/api/errors)."""

    not_printed = ("password",)

    account_sid: TwilioAccount
    username: Secret
    """The sid of an API key, or the account's."""
    password: Secret
    messaging_service_sid: TwilioService | None = None
    """Sends from the numbers of this service, instead of from `sender`."""
    base_url: str = "https://api.twilio.com"
    discard_text: bool = False
    """Twilio keeps no text; it refuses that (30029) unless the account has Message Redaction."""

    def gateway(self) -> HttpGateway:
        """As a description."""
        service = self.messaging_service_sid
        body = {"To": "{to}", "Body": "{text}"}
        body |= {"From": "{from}"} if service is None else {"MessagingServiceSid": service}
        body |= {"ContentRetention": "discard"} if self.discard_text else {}
        return HttpGateway(
            url=self._url(f"/2010-04-01/Accounts/{self.account_sid}/Messages.json"),
            auth=Basic(username=self.username, password=self.password),
            format="form",
            body=body,
            success=Success(status=(201, 201)),
            id_path="sid",
            errors=Errors(
                path="code",
                # Not a number; opted out; cannot take SMS.
                gone=("21211", "21610", "21614"),
                # Too many requests; the sender's queue is full.
                retry=("20429", "14107", "21611"),
                # The account, its permission for the country, the sender, a trial account, Message Redaction.
                settings=("10001", "20003", "21408", "21212", "21606", "21608", "21659", "21660", "30029"),
            ),
        )


class Vonage(_Preset, frozen=True, kw_only=True, tag_field="kind", tag="vonage"):
    """Vonage Messages (https://developer.vonage.com/en/api/messages, https://developer.vonage.com/api-errors/messages).

    Signed in with the account's key and secret: a JWT would have to be made anew all the time.
    """

    not_printed = (
        "api_key",
        "api_secret",
    )

    api_key: Secret
    api_secret: Secret
    base_url: str = "https://api.nexmo.com"

    def gateway(self) -> HttpGateway:
        """As a description."""
        return HttpGateway(
            url=self._url("/v1/messages"),
            auth=Basic(username=self.api_key, password=self.api_secret),
            body={
                "channel": "sms",
                "message_type": "text",
                "to": "{to}",
                "from": "{from}",
                "text": "{text}",
                "client_ref": "{id}",
            },
            success=Success(status=(202, 202)),
            id_path="message_uuid",
            errors=Errors(
                path="type",
                gone=("1050",),
                retry=("1000", "1030", "1100"),
                settings=("1060", "1070", "1080", "1110", "1120", "1140", "1160"),
            ),
            numbers="digits",
        )


class VonageLegacy(_Preset, frozen=True, kw_only=True, tag_field="kind", tag="vonage_legacy"):
    """Vonage SMS (https://developer.vonage.com/en/api/sms, https://developer.vonage.com/api-errors/sms).

    It answers 200 also when it refuses. A text beside the GSM alphabet must be announced, or arrives as question marks.
    """

    not_printed = (
        "api_key",
        "api_secret",
    )

    api_key: Secret
    api_secret: Secret
    base_url: str = "https://rest.nexmo.com"

    def gateway(self) -> HttpGateway:
        """As a description. Raises ValueError for a key that would be read as a place for a value."""
        return HttpGateway(
            url=self._url("/sms/json"),
            format="form",
            body={
                "api_key": self.api_key,
                "api_secret": self.api_secret,
                "from": "{from}",
                "to": "{to}",
                "text": "{text}",
                "type": "{encoding}",
                "client-ref": "{id}",
            },
            success=Success(path="messages[0].status", equals="0"),
            id_path="messages[0].message-id",
            errors=Errors(
                path="messages[0].status",
                # Barred; out of use.
                gone=("7", "33"),
                # Throttled; an internal error; too many connections.
                retry=("1", "5", "10"),
                # Credentials, a suspended account, no credit, SMPP only, signature, sender, facility, allowed numbers.
                settings=("4", "8", "9", "11", "14", "15", "19", "29", "32"),
            ),
            numbers="digits",
            encodings={"gsm7": "text", "ucs2": "unicode"},
        )


Preset = Elks | Twilio | Vonage | VonageLegacy
