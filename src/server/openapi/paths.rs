//! The routes.

use super::names::{problem_name, refer};
use super::parts::{content, html, page, problem, raw, refusals, respond, with_headers};
use pledge_api::ProblemType;
use serde_json::{Value, json};
use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::link::LinkBuilder;
use utoipa::openapi::path::{Operation, OperationBuilder, Parameter, ParameterBuilder, ParameterIn, PathItemBuilder};
use utoipa::openapi::request_body::{RequestBody, RequestBodyBuilder};
use utoipa::openapi::server::ServerBuilder;
use utoipa::openapi::{ContentBuilder, HttpMethod, PathsBuilder, Ref, Required, Response, ResponseBuilder};

fn operation(id: &str, tag: &str, summary: &str) -> OperationBuilder {
    OperationBuilder::new().operation_id(Some(id)).tag(tag).summary(Some(summary))
}

fn path_parameter(name: &str, description: &str, schema: Value, example: &str) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .description(Some(description))
        .schema(Some(raw(schema)))
        .example(Some(json!(example)))
        .build()
}

const ID: &str = "0123456789abcdef0123456789abcdef";
const CODE: &str = "000g4-0r40m-30e20-918a1-wa7tz-w";

fn campaign() -> Parameter {
    path_parameter("id", "The id of a campaign of this server.", refer("CampaignId"), "care-dont-share")
}

fn code(description: &str) -> Parameter {
    path_parameter("code", description, json!({ "type": "string", "minLength": 1, "maxLength": 64 }), CODE)
}

fn trap() -> Parameter {
    ParameterBuilder::new()
        .name("trap")
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .description(Some("The form looks as if a program had filled it in, so it asks for more work."))
        .schema(Some(raw(json!({ "type": "string" }))))
        .build()
}

/// Returns what a signature in an example has.
fn example(id: &str) -> Value {
    let consent = |purpose: &str, state: &str, wording: &str| json!({ "purpose": purpose, "state": state, "wording": wording, "locale": "en", "at": "2026-11-23T06:40:00Z" });
    let mut processing = consent("processing", "given", "I consent.");
    processing["version"] = json!("1");
    json!({
        "id": id, "name": "Ana Silva", "email": "ana@example.org", "postcode": "N1 9GU",
        "consents": [processing, consent("updates", "refused", "Email me news.")],
        "source": "example-doctors", "location": "https://partner.example.org/pledge", "locale": "en", "testing": true,
    })
}

/// A request body with two content types: one `content` for each.
fn signature_body() -> RequestBody {
    let mut organisation = example(&"f".repeat(32));
    organisation["lane"] = json!("organisation");
    organisation["fields"] =
        json!({ "organisation": "Example Doctors", "sector": "Health", "role": "Chair", "authority": true });
    let one = |value: Value| ExampleBuilder::new().value(Some(value)).build();
    let json_type = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name("Signature")))
        .examples_from_iter([("person", one(example(ID))), ("organisation", one(organisation))])
        .build();
    let text_type = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name("Signature")))
        .example(Some(example(&"e".repeat(32))))
        .build();
    RequestBodyBuilder::new()
        .description(Some(
            "JSON in UTF-8, uncompressed, with each member only once. As `text/plain`, browsers send it to another site \
             without asking first.",
        ))
        .required(Some(Required::True))
        .content("application/json", json_type)
        .content("text/plain", text_type)
        .build()
}

/// What a stored signature's response leads to: tools that test sequences of requests follow it.
fn signed(description: &str) -> Response {
    let schema = json!({ "oneOf": [refer("Accepted"), refer("Pending")] });
    let example = json!({ "id": ID, "outcome": "accepted", "receipt": CODE });
    let content = ContentBuilder::new().schema(Some(raw(schema))).example(Some(example)).build();
    let mut response = respond(description, &["NoStore"]).content("application/json", content);
    for (name, id) in [
        ("seeTheReceipt", "showReceipt"),
        ("changeAnswers", "changeAnswers"),
        ("withdraw", "withdraw"),
        ("erase", "erase"),
        ("unsubscribe", "unsubscribe"),
    ] {
        let link = LinkBuilder::new().operation_id(id).parameter("code", "$response.body#/receipt").build();
        response = response.link(name, link);
    }
    response.build()
}

fn read(id: &str, summary: &str, schema: &str, example: Value) -> OperationBuilder {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(schema))).example(Some(example)).build();
    let found = respond("It is here.", &["ThirtySeconds"]).content("application/json", content);
    operation(id, "api", summary).response("200", found)
}

/// Returns the body of a form.
fn form(
    description: &str,
    properties: &Value,
    is_required: bool,
    required: &[&str],
    example: Option<Value>,
) -> RequestBody {
    let mut schema = json!({ "type": "object", "properties": properties, "additionalProperties": true });
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    let content = ContentBuilder::new().schema(Some(raw(schema))).example(example).build();
    RequestBodyBuilder::new()
        .description(Some(description))
        .required(Some(if is_required { Required::True } else { Required::False }))
        .content("application/x-www-form-urlencoded", content)
        .build()
}

/// Returns an operation of a page. `body` is that of its form.
fn door(id: &str, summary: &str, code: Parameter, body: Option<RequestBody>, more: &[(&str, &str)]) -> Operation {
    let language = ParameterBuilder::new()
        .name("Accept-Language")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some("The language of the page, if nothing else says which."))
        .schema(Some(raw(json!({ "type": "string" }))))
        .example(Some(json!("cy, en;q=0.5")))
        .build();
    let either = |description: &str, kind: ProblemType| {
        respond(description, &["NoStore"])
            .content("text/html", html())
            .content("application/problem+json", content(Ref::from_schema_name(problem_name(kind))))
    };
    let unknown = "The code leads to nothing: a page, or a problem if the address itself cannot be one.";
    let mut operation = operation(id, "pages", summary)
        .parameter(code)
        .parameter(language)
        .response("200", page("The page."))
        .response("404", either(unknown, ProblemType::NotFound))
        .response(
            "429",
            page("The network has tried too many codes that lead nowhere. `Retry-After` says how long to wait."),
        )
        .response("500", either("The server failed: a page, or a problem.", ProblemType::Internal))
        .response("503", page("Nothing can be stored at the moment: a page."));
    for (status, description) in more {
        operation = operation.response(*status, page(description));
    }
    if body.is_some() {
        operation = operation
            .response("400", problem(&[ProblemType::IncompleteRequest]))
            .response("408", problem(&[ProblemType::Timeout]))
            .response("415", problem(&[ProblemType::UnsupportedMediaType]))
            .response("413", page("The form has more than 48 KiB."));
    }
    operation.request_body(body).build()
}

/// Returns every route.
pub fn paths() -> PathsBuilder {
    use ProblemType::*;
    let store = [Internal, StorageUnavailable, Overloaded];
    let nowhere = [UnknownCampaign, NotFound];
    let one = json!({ "id": "care-dont-share", "titles": { "en": "Care, don’t share" }, "goal": 10_000 });
    let count = json!({ "signature_count": 1234, "as_of": "2026-11-23T06:40:00Z" });
    let get = |operation: OperationBuilder| PathItemBuilder::new().operation(HttpMethod::Get, operation);
    let post = |operation: OperationBuilder| PathItemBuilder::new().operation(HttpMethod::Post, operation);
    let list = read(
        "listCampaigns",
        "Lists the campaigns",
        "Campaigns",
        json!({ "campaigns": [one], "contact": "pledge@example.org" }),
    );
    let found = [&nowhere[..], &[Internal]].concat();
    let create = operation("createSignature", "api", "Stores a signature")
        .description(Some(
            "Responds once the signature is on disk. The response does not reveal whether the mailbox has signed before. \
             Send the same bytes again if there was no response, or one with `Retry-After`.",
        ))
        .parameter(campaign())
        .parameter(
            ParameterBuilder::new()
                .name("proof")
                .parameter_in(ParameterIn::Query)
                .required(Required::False)
                .description(Some(
                    "The challenge and its solution as JSON, in Base64 for addresses. Only needed if the server answers \
                     `proof-needed`, and ignored otherwise. With `trap`, it must be worth more.",
                ))
                .schema(Some(raw(json!({ "type": "string" }))))
                .build(),
        )
        .request_body(Some(signature_body()))
        .response("200", signed("The same bytes had been stored before."))
        .response("201", signed("It is stored."));
    let own = [
        IncompleteRequest,
        MissingBody,
        MalformedJson,
        CampaignNotOpen,
        Timeout,
        CampaignClosed,
        BodyTooLarge,
        UnsupportedMediaType,
        InvalidSignature,
        IdReused,
        TooManySignatures,
        ProofNeeded,
        EmailUnavailable,
    ];
    let challenge = operation("getChallenge", "api", "Asks whether signatures must prove work now")
        .description(Some("While many signatures come from one network, or the server is busy."))
        .parameter(campaign())
        .parameter(trap())
        .response(
            "200",
            respond("What to solve before a signature is sent (ALTCHA, version 2).", &["NoStore"])
                .content("application/json", content(Ref::from_schema_name("Challenge"))),
        )
        .response("204", respond("Nothing is asked for.", &["NoStore"]));
    let yes_or_no = ContentBuilder::new()
        .schema(Some(raw(json!({ "type": "string", "enum": ["yes", "no"] }))))
        .example(Some(json!("yes")));
    let feedback = operation("createFeedback", "api", "Counts an answer to “Was this useful?”")
        .parameter(campaign())
        .request_body(Some(
            RequestBodyBuilder::new().required(Some(Required::True)).content("text/plain", yes_or_no).build(),
        ))
        .response("204", respond("It is counted.", &[]));
    let mut paths = PathsBuilder::new()
        .path("/v1/campaigns", get(refusals(list, &[Internal])).build())
        .path(
            "/v1/campaigns/{id}",
            get(refusals(
                read("getCampaign", "Returns a campaign", "Campaign", one.clone()).parameter(campaign()),
                &found,
            ))
            .build(),
        )
        .path(
            "/v1/campaigns/{id}/count",
            get(refusals(
                read("getCount", "Returns the number of signatures", "Count", count).parameter(campaign()),
                &found,
            ))
            .build(),
        )
        .path("/v1/campaigns/{id}/signatures", post(refusals(create, &[&own[..], &nowhere, &store].concat())).build())
        .path("/v1/campaigns/{id}/challenge", get(refusals(challenge, &found)).build())
        .path(
            "/v1/campaigns/{id}/feedback",
            post(refusals(
                feedback,
                &[
                    &[IncompleteRequest, Timeout, BodyTooLarge, UnsupportedMediaType, InvalidFeedback][..],
                    &nowhere,
                    &store,
                ]
                .concat(),
            ))
            .build(),
        );
    let answer = json!({ "type": "string", "description": "`yes`, or anything else for a no." });
    let answers = form(
        "The answers, by the names of the fields. A box that is not in the form is not ticked; any other field that is not in the form stays as it is.",
        &json!({ "consent.updates": answer, "consent.target": answer, "consent.partner": answer, "consent.listing": answer }),
        true,
        &[],
        Some(json!({ "consent.updates": "no", "postcode": "N1" })),
    );
    let nothing = || form("Nothing is read of it.", &json!({}), false, &[], None);
    let sure = form(
        "The ticked box.",
        &json!({ "sure": { "type": "string", "const": "true" } }),
        true,
        &["sure"],
        Some(json!({ "sure": "true" })),
    );
    let click = form(
        "Nothing is read of it.",
        &json!({ "List-Unsubscribe": { "type": "string" } }),
        false,
        &[],
        Some(json!({ "List-Unsubscribe": "One-Click" })),
    );
    let gone = ("410", "The link is older than 48 hours; the page has a button for a new one.");
    let receipt = || code("A receipt, in upper or lower case, with or without hyphens.");
    let link = || code("The code of a link in an email.");
    let doors = [
        (
            "/my/{code}",
            door("showReceipt", "Shows what is stored", receipt(), None, &[]),
            door(
                "changeAnswers",
                "Changes the answers",
                receipt(),
                Some(answers),
                &[("422", "An answer is not valid: the page with what is wrong.")],
            ),
        ),
        (
            "/my/{code}/withdraw",
            door("showReceiptAgain", "Shows what is stored", receipt(), None, &[]),
            door("withdraw", "The signature no longer counts", receipt(), Some(nothing()), &[]),
        ),
        (
            "/my/{code}/erase",
            door("showReceiptAgain2", "Shows what is stored", receipt(), None, &[]),
            door(
                "erase",
                "Deletes everything",
                receipt(),
                Some(sure),
                &[("422", "`sure` is not `true`: nothing was deleted.")],
            ),
        ),
        (
            "/my/{code}/unsubscribe",
            door("showReceiptFromMail", "Shows what is stored", receipt(), None, &[]),
            door("unsubscribe", "No further emails", receipt(), Some(click), &[]),
        ),
        (
            "/confirm/{code}",
            door("showLink", "Shows what a link is for, without using it", link(), None, &[gone]),
            door("useLink", "Confirms a signature", link(), Some(nothing()), &[gone]),
        ),
        (
            "/confirm/{code}/resend",
            door("showLinkAgain", "Shows what a link is for, without using it", link(), None, &[gone]),
            door(
                "resendLink",
                "Sends another link in place of one that has expired",
                link(),
                Some(nothing()),
                &[gone, ("429", "Too many links have been sent to this address.")],
            ),
        ),
    ];
    for (path, show, send) in doors {
        paths = paths.path(
            path,
            PathItemBuilder::new().operation(HttpMethod::Get, show).operation(HttpMethod::Post, send).build(),
        );
    }
    let text = |schema: Value| content(raw(schema));
    let ok = || text(json!({ "type": "string", "const": "ok\n" }));
    let explained = operation("listProblems", "pages", "Explains every problem")
        .response("200", respond("A page with an anchor for each code.", &["PagePolicy"]).content("text/html", html()));
    let health = operation("health", "monitoring", "Responds as long as the process does")
        .response("200", respond("It is alive.", &["NoStore"]).content("text/plain", ok()));
    let bare = |description: &str| with_headers(ResponseBuilder::new().description(description), &["NoStore"]);
    let not_ready = text(json!({ "type": "string", "enum": [
        "the server is being stopped\n", "nothing can be stored now; the log has the reason\n"] }));
    let ready = operation("ready", "monitoring", "Responds 200 if a signature could be stored now")
        .response("200", bare("It could.").content("text/plain", ok()))
        .response("503", bare("It could not.").content("text/plain", not_ready));
    let metrics = operation("metrics", "monitoring", "Returns the numbers for monitoring systems").response(
        "200",
        ResponseBuilder::new()
            .description("OpenMetrics.")
            .content("application/openmetrics-text", text(json!({ "type": "string", "pattern": "# EOF\n$" }))),
    );
    let monitor = || {
        let text = "The address of `--metrics-listen`, which the public does not reach.";
        Some([ServerBuilder::new().url("http://127.0.0.1:9090").description(Some(text)).build()])
    };
    paths
        .path("/problems", get(explained).build())
        .path("/healthz", get(health).build())
        .path("/readyz", get(ready).servers(monitor()).build())
        .path("/metrics", get(metrics).servers(monitor()).build())
}
