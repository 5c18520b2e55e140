//! Sends what an adapter asks for, reads what comes back, and finds out what a browser tells of a request that failed.

use super::{others, settings};
use crate::ports;
use gloo::events::EventListener;
use gloo::timers::callback::Timeout;
use js_sys::{Function, Object, Promise, Reflect};
use pledge_backend::{BackendKind, HttpRequest, HttpResponse, Outcome, RefusalReason, Settings, Signed, Trouble};
use pledge_domain::{Value, link};
use pledge_flow::SEND_TIMEOUT_MS;
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{AbortController, Event, HtmlElement, HtmlFormElement, HtmlInputElement};

/// Sends a signature (in its wire form) to the backend of the configuration, and says what became of it: `{outcome: …}`.
pub async fn send(host: HtmlElement, config: JsValue, signature: JsValue) -> JsValue {
    let config = ports::to_value(&config);
    let body = ports::to_value(&signature);
    // The form has asked for both; should it not have, nothing is sent.
    let signed = Signed::new(&body);
    let agrees = matches!(signed.consent("updates"), Some((true, _))) && signed.text("email").is_some();
    let outcome = match settings(&config, Some(&ports::page_address())) {
        Ok(settings) if settings.always_subscribes() && !agrees => Outcome::Refused(RefusalReason::Settings),
        Ok(settings) => match settings.kind {
            BackendKind::Custom => ask_the_page(&host, &settings, &body).await,
            BackendKind::Handoff => post_by_form(&host, &settings.request(&Signed::new(&body))).await,
            _ => post(&settings, &Signed::new(&body)).await,
        },
        Err(_) => Outcome::Refused(RefusalReason::Settings),
    };
    ports::from_value(&outcome.to_value())
}

/// Tells everybody else whom the configuration names, once a signature has been accepted. What goes wrong is said in the
/// console, for the embedder.
pub fn tell_others(config: &JsValue, signature: &JsValue) {
    let body = Rc::new(ports::to_value(signature));
    for settings in others(&ports::to_value(config), Some(&ports::page_address())).into_iter().flatten() {
        let said_yes = matches!(Signed::new(&body).consent("updates"), Some((true, _)));
        // A newsletter hears only of those who asked for it.
        if settings.always_subscribes() && !said_yes {
            continue;
        }
        let body = Rc::clone(&body);
        spawn_local(async move {
            let outcome = post(&settings, &Signed::new(&body)).await;
            if !matches!(
                outcome,
                Outcome::Accepted | Outcome::AcceptedUnverified | Outcome::Pending | Outcome::Duplicate
            ) {
                let what = outcome.to_value();
                let said = |name| what.get(name).and_then(Value::as_text).unwrap_or_default().to_owned();
                let name = settings.kind.as_str();
                ports::warn(&["also ", name, ": not told; ", &said("outcome"), " ", &said("reason")].concat());
            }
        });
    }
}

/// Reads the public count where the backend has one: `{signature_count, as_of}`, or nothing.
pub async fn count(config: JsValue) -> JsValue {
    let Ok(settings) = settings(&ports::to_value(&config), None) else { return JsValue::UNDEFINED };
    let Some(url) = settings.count_url() else { return JsValue::UNDEFINED };
    let init = ports::options("GET", "default");
    let Ok(response) = read(&url, &init).await else { return JsValue::UNDEFINED };
    let Some(count) = response.json().and_then(|answer| settings.count(answer)) else { return JsValue::UNDEFINED };
    let count = pledge_api::Count { signature_count: count, as_of: ports::now() };
    ports::from_value(&count.to_value())
}

/// One request, and a second where the adapter asks for it.
async fn post(settings: &Settings, signed: &Signed<'_>) -> Outcome {
    let request = settings.request(signed);
    let response = match fetch(&request).await {
        Ok(Some(response)) => response,
        Ok(None) => return Outcome::AcceptedUnverified,
        Err(trouble) => return Outcome::retryable(trouble),
    };
    let Some((wait_ms, second)) = settings.next(signed, &response) else { return settings.outcome(&response) };
    sleep(wait_ms).await;
    match fetch(&second).await {
        Ok(Some(response)) => settings.outcome(&response),
        Ok(None) => Outcome::AcceptedUnverified,
        Err(trouble) => Outcome::retryable(trouble),
    }
}

/// Sends a request: the answer; nothing where it cannot be read; or what went wrong.
async fn fetch(request: &HttpRequest) -> Result<Option<HttpResponse>, Trouble> {
    let init = ports::options("POST", "no-store");
    ports::carry(&init, &request.body);
    let headers = Object::new();
    ports::set(&headers, "Content-Type", &JsValue::from_str(&request.content_type));
    for (name, value) in &request.headers {
        ports::set(&headers, name, &JsValue::from_str(value));
    }
    ports::set(&init, "headers", &headers);
    if request.is_opaque {
        ports::set(&init, "mode", &JsValue::from_str("no-cors"));
    }
    if request.needs_referrer {
        ports::set(&init, "referrerPolicy", &JsValue::from_str("origin"));
    }
    let watch = Watch::begin(&request.url);
    match read(&request.url, &init).await {
        Ok(_) if request.is_opaque => Ok(None),
        Ok(response) => Ok(Some(response)),
        Err(true) => Err(Trouble::TimedOut),
        Err(false) => Err(watch.explain(&request.url).await),
    }
}

/// Sends and reads within [`SEND_TIMEOUT_MS`]; whether it was given up is the error.
async fn read(url: &str, init: &Object) -> Result<HttpResponse, bool> {
    let controller = AbortController::new().map_err(|_| false)?;
    ports::set(init, "signal", &controller.signal());
    let timed_out = Rc::new(Cell::new(false));
    let told = Rc::clone(&timed_out);
    let _clock = Timeout::new(SEND_TIMEOUT_MS, move || {
        told.set(true);
        controller.abort();
    });
    let fetching = ports::window().fetch_with_str_and_init(url, init.unchecked_ref());
    let response = ports::read_response(JsFuture::from(fetching).await).await;
    response.map_err(|_| timed_out.get())
}

/// Hears whether the page's own rules forbid a request (Content Security Policy, `securitypolicyviolation`).
struct Watch {
    was_online: bool,
    blocked: Rc<Cell<bool>>,
    _listener: Option<EventListener>,
}

impl Watch {
    fn begin(url: &str) -> Watch {
        let origin = link::origin(url).to_owned();
        let blocked = Rc::new(Cell::new(false));
        let told = Rc::clone(&blocked);
        let hear = move |event: &Event| {
            let said = |name: &str| {
                Reflect::get(event, &name.into()).ok().and_then(|word| word.as_string()).unwrap_or_default()
            };
            // Pages have other requests, and policies that only report.
            let is_it = matches!(said("effectiveDirective").as_str(), "connect-src" | "form-action")
                && said("disposition") == "enforce"
                && said("blockedURI").starts_with(&origin);
            if is_it {
                told.set(true);
            }
        };
        let document = ports::window().document();
        let listener = document.map(|document| EventListener::new(&document, "securitypolicyviolation", hear));
        Watch { was_online: ports::is_online(), blocked, _listener: listener }
    }

    /// What went wrong with a request that came to no answer. A browser tells no more than that there was none, so this asks
    /// whether the server is there at all, without anything of the supporter's.
    async fn explain(&self, url: &str) -> Trouble {
        // The event comes as a task of its own.
        sleep(20).await;
        if self.blocked.get() {
            return Trouble::Blocked;
        }
        if !self.was_online {
            return Trouble::Offline;
        }
        let init = ports::options("GET", "no-store");
        ports::set(&init, "mode", &JsValue::from_str("no-cors"));
        match read(&[link::origin(url), "/"].concat(), &init).await {
            Ok(_) => Trouble::Unreadable,
            Err(_) => Trouble::Unreachable,
        }
    }
}

async fn sleep(ms: u32) {
    let waiting = Promise::new(&mut |resolve, _| {
        Timeout::new(ms, move || {
            let _ = resolve.call0(&JsValue::UNDEFINED);
        })
        .forget();
    });
    let _ = JsFuture::from(waiting).await;
}

/// The page's own function: `element.submitSignature = async (signature) => ({ outcome: 'accepted' })`.
async fn ask_the_page(host: &HtmlElement, settings: &Settings, body: &Value) -> Outcome {
    let function = Reflect::get(host, &"submitSignature".into()).ok().and_then(|it| it.dyn_into::<Function>().ok());
    let Some(function) = function else {
        ports::warn(
            "backend custom: set the element's property submitSignature to a function; see the guide to backends.",
        );
        return Outcome::Refused(RefusalReason::Settings);
    };
    let request = settings.request(&Signed::new(body));
    let signature = js_sys::JSON::parse(&request.body).unwrap_or_default();
    let said = match function.call1(host, &signature) {
        Ok(said) => JsFuture::from(Promise::resolve(&said)).await,
        Err(thrown) => Err(thrown),
    };
    match said {
        // Printed and read again: what cannot be is no outcome, whatever it does when looked at.
        Ok(said) => {
            let printed = js_sys::JSON::stringify(&said).ok().and_then(|text| text.as_string());
            let said = printed.and_then(|text| js_sys::JSON::parse(&text).ok()).unwrap_or_default();
            Outcome::from_value(&ports::to_value(&said))
        }
        Err(_) => {
            ports::warn(
                "backend custom: submitSignature failed; catch what goes wrong in it and say { outcome: 'retryable' }.",
            );
            Outcome::retryable(Trouble::ServerFailed)
        }
    }
}

/// Posts the form itself, in a new tab: the body carries what was typed, no address does.
async fn post_by_form(host: &HtmlElement, request: &HttpRequest) -> Outcome {
    let watch = Watch::begin(&request.url);
    if submit_form(host, request).is_none() {
        // No tab may be opened: by a blocker, or without a press of the supporter's.
        return Outcome::retryable(Trouble::Blocked);
    }
    sleep(20).await;
    if watch.blocked.get() { Outcome::retryable(Trouble::Blocked) } else { Outcome::AcceptedUnverified }
}

fn submit_form(host: &HtmlElement, request: &HttpRequest) -> Option<()> {
    let document = host.owner_document()?;
    // Without a press just now (HTML, "transient activation") browsers open no tab, and say nothing.
    let activation = Reflect::get(&ports::window().navigator(), &"userActivation".into()).ok()?;
    if activation.is_object() && !ports::flag(activation.unchecked_ref(), "isActive") {
        return None;
    }
    let form: HtmlFormElement = document.create_element("form").ok()?.unchecked_into();
    form.set_hidden(true);
    form.set_method("post");
    form.set_action(&request.url);
    form.set_target("_blank");
    for (name, value) in [("rel", "noopener noreferrer"), ("accept-charset", "utf-8")] {
        form.set_attribute(name, value).ok()?;
    }
    for (name, value) in request.form_pairs() {
        let input: HtmlInputElement = document.create_element("input").ok()?.unchecked_into();
        input.set_type("hidden");
        input.set_name(&name);
        input.set_value(&value);
        form.append_child(&input).ok()?;
    }
    // A form submits only where it is in the page; it is gone again before anything is drawn.
    document.body()?.append_child(&form).ok()?;
    // A field called submit would hide the method.
    let submit: Function = Reflect::get(&js_sys::global(), &"HTMLFormElement".into())
        .and_then(|class| Reflect::get(&class, &"prototype".into()))
        .and_then(|prototype| Reflect::get(&prototype, &"submit".into()))
        .ok()?
        .dyn_into()
        .ok()?;
    let submitted = submit.call0(&form);
    form.remove();
    submitted.ok().map(|_| ())
}
