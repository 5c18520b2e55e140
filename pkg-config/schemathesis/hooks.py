"""What the document cannot say: which questions the campaign of the test has, that an id is used once, and that a hash
must be right. It also lets schemathesis send JSON as text/plain."""

import hashlib
import json
import re

import schemathesis


@schemathesis.hook
def before_load_schema(context, raw_schema):
    fields = raw_schema["components"]["schemas"]["Signature"]["properties"]["fields"]
    fields["additionalProperties"] = False


@schemathesis.hook
def before_call(context, case, kwargs):
    body = case.body
    if case.operation.path.endswith("/signatures") and isinstance(body, dict) and isinstance(body.get("consents"), list):
        # The document cannot say that a hash must be right.
        case.body = body = {**body, "consents": [with_hash(consent) for consent in body["consents"]]}
    # Two signatures with one id are refused, so a valid id becomes the fingerprint of all that is sent.
    if case.operation.path.endswith("/signatures") and isinstance(body, dict):
        if isinstance(body.get("id"), str) and re.fullmatch("[0-9a-f]{32}", body["id"]):
            text = json.dumps([case.media_type, {**body, "id": ""}])
            case.body = {**body, "id": hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:32]}


def with_hash(consent):
    if not isinstance(consent, dict) or not isinstance(consent.get("wording"), str):
        return consent
    if not re.fullmatch("[0-9a-f]{64}", str(consent.get("wording_sha256"))):
        return consent
    return {**consent, "wording_sha256": hashlib.sha256(consent["wording"].encode("utf-8", "replace")).hexdigest()}


@schemathesis.serializer("text/plain")
def text_plain(ctx, value):
    if isinstance(value, bytes):
        return value
    return (value if isinstance(value, str) else json.dumps(value)).encode("utf-8", "replace")
