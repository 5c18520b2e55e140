//! The schemas of requests and responses.

use super::names::{problem_name, refer};
use pledge_api::ProblemType;
use pledge_domain::{ConsentPurpose, LaneName, limits};
use serde_json::{Value, json};

/// Every schema but the problems.
pub fn schemas() -> Vec<(&'static str, Value)> {
    vec![
        (
            "SignatureId",
            json!({
                "type": "string",
                "pattern": "^[0-9a-f]{32}$",
                "description": "16 random bytes in lower-case hexadecimal digits. A new one for each signature; a retry sends the same id with the same bytes.",
                "examples": ["0123456789abcdef0123456789abcdef"],
            }),
        ),
        (
            "Receipt",
            json!({
                "type": "string",
                "pattern": "^([0-9a-hjkmnp-tv-z]{5}-){5}[0-9a-hjkmnp-tv-z]$",
                "description": "The secret with which the supporter sees, changes and deletes what is stored, at `/my/{code}`.",
                "examples": ["000g4-0r40m-30e20-918a1-wa7tz-w"],
            }),
        ),
        (
            "CampaignId",
            json!({
                "type": "string",
                "pattern": "^[a-z0-9][a-z0-9-]{0,63}$",
                "examples": ["care-dont-share"],
            }),
        ),
        (
            "LanguageTag",
            json!({
                "type": "string",
                "pattern": "^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$",
                "minLength": 2,
                "maxLength": limits::LANGUAGE_TAG_MAX_BYTES,
                "description": "A language tag with the syntax of BCP 47.",
                "examples": ["en", "pt-BR"],
            }),
        ),
        (
            "Name",
            json!({
                "type": "string",
                "maxLength": limits::NAME_MAX_CHARS,
                "pattern": "^$|^[^\\u0000-\\u0008\\u000e-\\u001f\\u007f-\\u0084\\u0086-\\u009f]*[A-Za-z\\u00c0-\\u02ff\\u0370-\\u061b\\u061d-\\u115e\\u1161-\\u167f\\u1681-\\u17b3\\u17b6-\\u180a\\u1810-\\u1fff\\u2c00-\\u2fff\\u3040-\\u3163\\u3165-\\ud7ff\\uf900-\\ufdff\\ufe30-\\ufefe\\uff01-\\uff9f\\uffa1-\\uffef][^\\u0000-\\u0008\\u000e-\\u001f\\u007f-\\u0084\\u0086-\\u009f]*$",
                "description": "A full name: at least one letter of any script, no control characters, no web address and no formula of a spreadsheet. Spaces are collapsed and invisible characters are removed before it is measured. An empty text is like none.",
                "examples": ["Ana Silva"],
                "not": {
                    "pattern": "://|[Ww][Ww][Ww]\\.|^\\s*=[^\\n]*[(|!]",
                },
            }),
        ),
        (
            "Line",
            json!({
                "type": "string",
                "maxLength": limits::ANSWER_MAX_CHARS,
                "pattern": "^[^\\u0000-\\u0008\\u000e-\\u001f\\u007f-\\u0084\\u0086-\\u009f]*$",
                "description": "One line of text. An empty text is like none.",
                "examples": ["Nurse"],
            }),
        ),
        (
            "Lines",
            json!({
                "type": "string",
                "maxLength": limits::COMMENT_MAX_CHARS,
                "pattern": "^[^\\u0000-\\u0008\\u000e-\\u001f\\u007f-\\u0084\\u0086-\\u009f]*$",
                "description": "Several lines of text. An empty text is like none.",
            }),
        ),
        (
            "Phone",
            json!({
                "type": "string",
                "maxLength": limits::PHONE_MAX_CHARS,
                "pattern": "^(\\+?[( ]*[0-9]([ ()./-]*[0-9]){4,14}[ )]*)?$",
                "description": "5 to 15 digits, as people write them. An empty text is like none.",
                "examples": ["+44 20 7946 0018"],
            }),
        ),
        (
            "Email",
            json!({
                "type": "string",
                "maxLength": limits::EMAIL_MAX_BYTES,
                "pattern": "^$|^[A-Za-z0-9\\u00c0-\\u02ff\\u0370-\\u05ff\\u0620-\\u10ff\\u1e00-\\u1fff\\u3040-\\u30ff\\u4e00-\\u9fff\\uac00-\\ud7a3!#$%&*+/=?^_`{|}~-]([.A-Za-z0-9\\u00c0-\\u02ff\\u0370-\\u05ff\\u0620-\\u10ff\\u1e00-\\u1fff\\u3040-\\u30ff\\u4e00-\\u9fff\\uac00-\\ud7a3!#$%&*+/=?^_`{|}~-]{0,62}[A-Za-z0-9\\u00c0-\\u02ff\\u0370-\\u05ff\\u0620-\\u10ff\\u1e00-\\u1fff\\u3040-\\u30ff\\u4e00-\\u9fff\\uac00-\\ud7a3!#$%&*+/=?^_`{|}~-])?@([A-Za-z0-9\\u00c0-\\u02ff\\u0370-\\u05ff\\u0620-\\u10ff\\u1e00-\\u1fff\\u3040-\\u30ff\\u4e00-\\u9fff\\uac00-\\ud7a3]([A-Za-z0-9\\u00c0-\\u02ff\\u0370-\\u05ff\\u0620-\\u10ff\\u1e00-\\u1fff\\u3040-\\u30ff\\u4e00-\\u9fff\\uac00-\\ud7a3-]{0,61}[A-Za-z0-9\\u00c0-\\u02ff\\u0370-\\u05ff\\u0620-\\u10ff\\u1e00-\\u1fff\\u3040-\\u30ff\\u4e00-\\u9fff\\uac00-\\ud7a3])?\\.)+[A-Za-z\\u00c0-\\u02ff\\u0370-\\u05ff\\u0620-\\u10ff\\u1e00-\\u1fff\\u3040-\\u30ff\\u4e00-\\u9fff\\uac00-\\ud7a3]([A-Za-z0-9\\u00c0-\\u02ff\\u0370-\\u05ff\\u0620-\\u10ff\\u1e00-\\u1fff\\u3040-\\u30ff\\u4e00-\\u9fff\\uac00-\\ud7a3-]{0,61}[A-Za-z0-9\\u00c0-\\u02ff\\u0370-\\u05ff\\u0620-\\u10ff\\u1e00-\\u1fff\\u3040-\\u30ff\\u4e00-\\u9fff\\uac00-\\ud7a3])?$",
                "description": "An address as `<input type=email>` accepts it, with a dot in its domain, and with letters of any script. At most 254 bytes, 64 before the `@` and 63 in each label of the domain. What copying adds, such as `mailto:`, is removed. An empty text is like none.",
                "examples": ["ana@example.org"],
                "not": {
                    "pattern": "[^.]\\.\\.",
                },
            }),
        ),
        (
            "Postcode",
            json!({
                "type": "string",
                "maxLength": limits::POSTCODE_MAX_CHARS,
                "pattern": "^([A-Za-z0-9][ -]*[A-Za-z0-9][A-Za-z0-9 -]*)?$",
                "description": "Letters, digits, spaces and hyphens, of any country. If the campaign asks only for the first half, only that is stored. An empty text is like none.",
                "examples": ["N1 9GU"],
            }),
        ),
        (
            "Answer",
            json!({
                "anyOf": [{
                    "type": "string",
                    "maxLength": limits::COMMENT_MAX_CHARS,
                }, {
                    "type": "array",
                    "maxItems": 1000,
                    "items": {
                        "type": "string",
                        "maxLength": limits::LINE_MAX_CHARS,
                    },
                }, {
                    "type": ["boolean", "null"],
                }],
                "description": "A text, the values of the selected options, or `true` for a ticked box. Which of them depends on the question. `false` and `null` are like no answer.",
            }),
        ),
        (
            "Source",
            json!({
                "type": "string",
                "pattern": "^[A-Za-z0-9._-]{1,64}$",
                "description": "The partner or link code through which the supporter came.",
                "examples": ["example-doctors"],
            }),
        ),
        (
            "Location",
            json!({
                "type": "string",
                "maxLength": limits::LINK_MAX_BYTES,
                "pattern": "^https?://[A-Za-z0-9\\[][A-Za-z0-9._:\\[\\]-]*([/?#][!#-;=?-~]*)?$",
                "description": "The page on which the signature was made. The server drops parts that may contain an email address.",
                "examples": ["https://partner.example.org/pledge"],
            }),
        ),
        (
            "Time",
            json!({
                "type": "string",
                "format": "date-time",
                "pattern": "^(?!0000)([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)T([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\\.[0-9]{1,9})?Z$",
                "description": "A time in UTC, as browsers print it.",
                "examples": ["2026-11-23T06:40:00Z"],
            }),
        ),
        (
            "ConsentPurpose",
            json!({
                "type": "string",
                "enum": ConsentPurpose::WORDS,
            }),
        ),
        (
            "ConsentAnswered",
            json!({
                "type": "object",
                "description": "An answer to a question that was shown.",
                "required": ["purpose", "state", "wording", "locale", "at"],
                "additionalProperties": false,
                "properties": {
                    "purpose": refer("ConsentPurpose"),
                    "state": {
                        "type": "string",
                        "enum": ["given", "refused"],
                    },
                    "wording": {
                        "type": "string",
                        "minLength": 1,
                        "maxLength": limits::WORDING_MAX_CHARS,
                        "pattern": "^[^\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029\\u202a-\\u202e\\u2066-\\u2069\\ufeff]+$",
                        "description": "The exact text shown.",
                    },
                    "wording_sha256": {
                        "type": ["string", "null"],
                        "pattern": "^[0-9a-f]{64}$",
                        "description": "The SHA-256 of the wording in UTF-8. If it is there, it must be right.",
                    },
                    "version": {
                        "type": ["string", "null"],
                        "minLength": 1,
                        "maxLength": limits::VERSION_MAX_CHARS,
                        "pattern": "^[^\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029\\u202a-\\u202e\\u2066-\\u2069\\ufeff]+$",
                    },
                    "locale": refer("LanguageTag"),
                    "at": refer("Time"),
                },
            }),
        ),
        (
            "ConsentNotAsked",
            json!({
                "type": "object",
                "description": "A question that was not shown. Nothing but `purpose` and `state` is kept.",
                "required": ["purpose", "state"],
                "additionalProperties": false,
                "properties": {
                    "purpose": refer("ConsentPurpose"),
                    "state": {
                        "type": "string",
                        "const": "not_asked",
                    },
                    "wording": {
                        "type": ["string", "null"],
                    },
                    "wording_sha256": {
                        "type": ["string", "null"],
                    },
                    "version": {
                        "type": ["string", "null"],
                    },
                    "locale": {
                        "type": ["string", "null"],
                    },
                    "at": {
                        "type": ["string", "null"],
                    },
                },
            }),
        ),
        (
            "Consent",
            json!({
                "oneOf": [refer("ConsentAnswered"), refer("ConsentNotAsked")],
            }),
        ),
        (
            "Signature",
            json!({
                "type": "object",
                "required": ["id", "consents", "locale"],
                "additionalProperties": false,
                "description": "A signature. Which answers are required depends on the campaign, and on the lane. A member that is `null` is like a missing one. At most 16 KiB.",
                "properties": {
                    "id": refer("SignatureId"),
                    "lane": {
                        "type": ["string", "null"],
                        "enum": LaneName::WORDS.iter().map(|word| json!(word)).chain([Value::Null]).collect::<Vec<_>>(),
                        "description": "The group in which the supporter signs. Without it, the campaign's first lane.",
                    },
                    "name": nullable("Name"),
                    "email": nullable("Email"),
                    "postcode": nullable("Postcode"),
                    "fields": {
                        "type": ["object", "null"],
                        "description": "The answers to all other questions, by the names of the fields. A name that is neither that of a question of the campaign nor that of a usual field is refused.",
                        "properties": {
                            "country": nullable("Line"),
                            "organisation": nullable("Line"),
                            "role": nullable("Line"),
                            "workplace": nullable("Line"),
                            "sector": nullable("Line"),
                            "phone": nullable("Phone"),
                            "comment": nullable("Lines"),
                            "authority": {
                                "type": ["boolean", "null"],
                            },
                        },
                        "propertyNames": {
                            "pattern": "^[a-z][a-z0-9_]{0,31}$",
                            "not": {
                                "enum": ["name", "email", "postcode"],
                            },
                        },
                        "additionalProperties": refer("Answer"),
                    },
                    "consents": {
                        "type": "array",
                        "minItems": 1,
                        "maxItems": limits::LIST_MAX,
                        "items": refer("Consent"),
                        "description": "At most one for each purpose. The one for `processing` must be given. If the one for `partner` is given, `source` is required.",
                        "contains": {
                            "type": "object",
                            "required": ["purpose", "state"],
                            "properties": {
                                "purpose": {
                                    "const": "processing",
                                },
                                "state": {
                                    "const": "given",
                                },
                            },
                        },
                        "allOf": at_most_one_each(),
                    },
                    "source": nullable("Source"),
                    "location": nullable("Location"),
                    "locale": refer("LanguageTag"),
                    "testing": {
                        "type": ["boolean", "null"],
                        "description": "A test is stored but never counted.",
                    },
                },
                "if": {
                    "properties": {
                        "consents": {
                            "contains": {
                                "type": "object",
                                "required": ["purpose", "state"],
                                "properties": {
                                    "purpose": {
                                        "const": "partner",
                                    },
                                    "state": {
                                        "const": "given",
                                    },
                                },
                            },
                        },
                    },
                },
                "then": {
                    "required": ["source"],
                    "properties": {
                        "source": {
                            "type": "string",
                        },
                    },
                },
            }),
        ),
        (
            "Accepted",
            json!({
                "type": "object",
                "required": ["id", "outcome", "receipt"],
                "additionalProperties": false,
                "description": "The signature counts.",
                "properties": {
                    "id": refer("SignatureId"),
                    "outcome": {
                        "type": "string",
                        "const": "accepted",
                    },
                    "receipt": refer("Receipt"),
                },
            }),
        ),
        (
            "Pending",
            json!({
                "type": "object",
                "required": ["id", "outcome"],
                "additionalProperties": false,
                "description": "The signature counts once the link in the email has been used.",
                "properties": {
                    "id": refer("SignatureId"),
                    "outcome": {
                        "type": "string",
                        "const": "pending",
                    },
                },
            }),
        ),
        (
            "Campaign",
            json!({
                "type": "object",
                "required": ["id", "titles", "goal"],
                "additionalProperties": false,
                "properties": {
                    "id": refer("CampaignId"),
                    "titles": {
                        "type": "object",
                        "minProperties": 1,
                        "propertyNames": {
                            "pattern": "^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$",
                        },
                        "additionalProperties": {
                            "type": "string",
                            "minLength": 1,
                            "maxLength": limits::LINE_MAX_CHARS,
                        },
                        "description": "The title in each language.",
                    },
                    "goal": {
                        "type": ["integer", "null"],
                        "minimum": 1,
                        "maximum": limits::GOAL_MAX,
                    },
                },
            }),
        ),
        (
            "Campaigns",
            json!({
                "type": "object",
                "required": ["campaigns", "contact"],
                "additionalProperties": false,
                "properties": {
                    "campaigns": {
                        "type": "array",
                        "items": refer("Campaign"),
                    },
                    "contact": {
                        "type": ["string", "null"],
                        "format": "email",
                        "description": "The email address of the people who run the server.",
                    },
                },
            }),
        ),
        (
            "Count",
            json!({
                "type": "object",
                "required": ["signature_count", "as_of"],
                "additionalProperties": false,
                "properties": {
                    "signature_count": {
                        "type": "integer",
                        "minimum": 0,
                    },
                    "as_of": {
                        "type": "string",
                        "format": "date-time",
                        "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$",
                    },
                },
            }),
        ),
        (
            "Challenge",
            json!({
                "type": "object",
                "description": "A challenge in the format of ALTCHA, version 2. It is good once, for this campaign, today.",
                "required": ["parameters", "signature"],
                "additionalProperties": false,
                "properties": {
                    "parameters": {
                        "type": "object",
                        "required": ["algorithm", "cost", "data", "expiresAt", "keyLength", "keyPrefix", "nonce", "salt"],
                        "additionalProperties": false,
                        "properties": {
                            "algorithm": { "type": "string", "const": "PBKDF2/SHA-256" },
                            "cost": { "type": "integer", "minimum": 1 },
                            "data": { "type": "object" },
                            "expiresAt": { "type": "integer" },
                            "keyLength": { "type": "integer", "minimum": 16 },
                            "keyPrefix": { "type": "string", "pattern": "^[0-9a-f]+$" },
                            "nonce": { "type": "string", "pattern": "^[0-9a-f]{32}$" },
                            "salt": { "type": "string", "pattern": "^[0-9a-f]{32}$" },
                        },
                    },
                    "signature": { "type": "string", "pattern": "^[0-9a-f]{64}$" },
                },
            }),
        ),
        (
            "FieldProblem",
            json!({
                "type": "object",
                "description": "A member of the request that was not accepted.",
                "required": ["pointer", "code", "detail"],
                "additionalProperties": false,
                "properties": {
                    "pointer": { "type": "string", "pattern": "^(/.*)?$", "format": "json-pointer", "description": "The JSON pointer of the member (RFC 6901)." },
                    "code": { "type": "string", "enum": ["missing", "too_long", "not_plain", "holds_address", "no_at", "several", "has_space", "no_ending", "malformed", "unknown_member", "wrong_kind", "repeated"] },
                    "detail": { "type": "string", "minLength": 1, "description": "The reason, in English, for developers." },
                },
            }),
        ),
    ]
}

/// Returns a schema that also allows `null`.
fn nullable(name: &str) -> Value {
    json!({ "anyOf": [refer(name), { "type": "null" }] })
}

/// Returns schemas that allow at most one answer for each purpose.
fn at_most_one_each() -> Vec<Value> {
    let one = |purpose: &&str| {
        json!({ "contains": { "type": "object", "required": ["purpose"], "properties": { "purpose": { "const": purpose } } },
            "minContains": 0, "maxContains": 1 })
    };
    ConsentPurpose::WORDS.iter().map(one).collect()
}

/// Every problem, from the table.
pub fn problems() -> impl Iterator<Item = (String, Value)> {
    ProblemType::ALL.iter().map(|kind| {
        let mut properties = json!({
            "type": { "type": "string", "format": "uri-reference", "pattern": format!(r"^(\.\./)*problems#{}$", kind.code()),
                "description": "Where the problem is explained, relative to the address of the request." },
            "title": { "type": "string", "const": kind.title() },
            "status": { "type": "integer", "const": kind.status() },
            "detail": { "type": "string", "const": kind.advice(), "description": "How to fix it." },
            "code": { "type": "string", "const": kind.code(), "description": "What to decide by." },
        });
        let mut required = vec!["type", "title", "status", "detail", "code"];
        if *kind == ProblemType::InvalidSignature {
            properties["errors"] = json!({ "type": "array", "minItems": 1, "maxItems": limits::DEFECTS_MAX, "items": refer("FieldProblem") });
            required.push("errors");
        }
        let schema = json!({ "type": "object", "description": format!("{}.", kind.title()), "required": required,
            "properties": properties, "additionalProperties": false });
        (problem_name(*kind), schema)
    })
}
