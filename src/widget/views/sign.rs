//! The form and what follows from sending it: errors, not sent, refused, signed.

use super::build::{Attr, On, Page};
use super::{ERRORS_ID, NOTICE_ID, SHARE_ID, THANKS_ID, consents, fields, outward_link};
use crate::app::Act;
use crate::ports;
use crate::strings::{isolated, own};
use pledge_backend::RefusalReason;
use pledge_domain::campaign::Opening;
use pledge_domain::{Campaign, PartialDate};
use pledge_flow::{Model, NotSent, Phase};

/// The form, or the thanks once it is signed, under one line for screen readers that is always there.
pub fn panel(page: &mut Page, campaign: &Campaign, model: &Model) {
    page.open("p.hidden");
    page.set(Attr::Role, "status");
    page.text(match model.phase() {
        Phase::Sending => page.shown.string("status.sending"),
        Phase::Signed => page.shown.string("status.signed"),
        _ => "",
    });
    page.close();
    match (model.phase(), page.shown.boot.opening) {
        (Phase::Signed, _) => thanks(page, campaign, model),
        (_, Opening::Open) => form(page, campaign, model),
        (_, opening) => not_open(page, campaign, opening),
    }
}

/// The thanks of the lane chosen, and the place for telling others.
#[inline(never)]
fn thanks(page: &mut Page, campaign: &Campaign, model: &Model) {
    let lane = model.lane();
    page.open("div.thanks|thanks");
    page.open("h3");
    page.set(Attr::Id, THANKS_ID);
    page.set(Attr::Tabindex, "-1");
    let shown = page.shown;
    let words = |member, key| {
        let words = lane.words(member).or(campaign.text(member));
        words.map_or_else(|| shown.string(key).to_owned(), own)
    };
    let heading = words("thanks_title", "thanks.heading");
    page.text(&heading);
    page.close();
    page.leaf("p", &words("thanks_text", "thanks.text"));
    if page.shown.boot.attributes.testing {
        page.say("p", "thanks.testing");
    }
    if let Some(url) = campaign.text("redirect_url") {
        page.open("p");
        page.open("a|link");
        page.set(Attr::Href, url);
        page.text(page.shown.string("thanks.onward"));
        page.close();
        page.close();
    }
    page.open("div.share|share");
    page.set(Attr::Id, SHARE_ID);
    page.close();
    page.close();
}

/// Before it opens and after it has closed.
#[inline(never)]
fn not_open(page: &mut Page, campaign: &Campaign, opening: Opening) {
    let boot = page.shown.boot;
    let (heading, text, at) = match opening {
        Opening::NotYet => ("not_yet.heading", "not_yet.text", "opens_at"),
        _ => ("closed.heading", "closed.text", "closes_at"),
    };
    let day = campaign.text(at).and_then(|at| at.get(..10)).and_then(|day| {
        let precision = PartialDate::parse(day)?.precision();
        Some(ports::format_date(day, precision, boot.format_locale()))
    });
    page.open("div.closed|closed");
    page.say("h3", heading);
    page.leaf("p", &boot.strings.fill(text, &isolated(&day.unwrap_or_default())));
    page.close();
}

#[inline(never)]
fn form(page: &mut Page, campaign: &Campaign, model: &Model) {
    let lane = model.lane();
    page.open("form|form");
    page.set(Attr::Novalidate, "");
    page.set(Attr::LabelledBy, "p-sign p-title");
    page.on(On::Submit, Act::Submit);
    page.open("h3");
    page.set(Attr::Id, "p-sign");
    page.text(page.shown.string("sign.heading"));
    page.close();
    error_summary(page, model);
    fields::lanes(page, model);
    for field in lane.asked() {
        fields::field(page, model, field);
    }
    consents::questions(page, campaign, model);
    notice(page, model);
    page.open("p.statement|statement");
    page.set(Attr::Id, "p-statement");
    let boot = page.shown.boot;
    match campaign.text("statement_text") {
        Some(text) => page.own(text),
        None => page.text(&boot.statement(campaign, &isolated(boot.controller(campaign)))),
    }
    page.close();
    page.open("button|button");
    page.set(Attr::Type, "submit");
    page.set(Attr::DescribedBy, "p-statement");
    // In a sandboxed frame a form never submits, and a button is still pressed.
    page.on(On::Click, Act::Submit);
    let words = lane.words("button_label").or(campaign.text("button_label"));
    let label = match model.phase() {
        Phase::Sending => "sign.sending",
        Phase::NotSent(_) => "sign.again",
        _ => "sign.button",
    };
    if label == "sign.sending" {
        page.set(Attr::Disabled, "true");
    }
    match words.filter(|_| label == "sign.button") {
        Some(words) => page.own(words),
        None => page.text(page.shown.string(label)),
    }
    page.close();
    privacy(page, campaign);
    page.close();
}

fn error_summary(page: &mut Page, model: &Model) {
    if model.errors().is_empty() {
        return;
    }
    alert(page, "div.errors|errors", ERRORS_ID, "p-errors-heading", "errors.heading");
    page.open("ul");
    for (name, error) in model.errors() {
        let Some(field) = model.lane().field(name) else { continue };
        page.open("li");
        page.open("a");
        page.set(Attr::Href, &["#", name.as_str()].concat());
        page.on(On::Click, Act::FocusField(name.clone()));
        let text = fields::error_text(&page.shown, field, *error);
        page.text(&text);
        page.close();
        page.close();
    }
    page.close();
    page.close();
}

/// Opens a message that takes the focus, with its heading.
fn alert(page: &mut Page, spec: &'static str, id: &str, heading_id: &str, heading: &'static str) {
    page.open(spec);
    page.set(Attr::Id, id);
    page.set(Attr::Tabindex, "-1");
    page.set(Attr::Role, "group");
    page.set(Attr::LabelledBy, heading_id);
    page.open("h4");
    page.set(Attr::Id, heading_id);
    page.text(page.shown.string(heading));
    page.close();
}

fn notice(page: &mut Page, model: &Model) {
    let (heading, text, elsewhere) = match model.phase() {
        Phase::NotSent(reason) => ("not_sent.heading", not_sent_text(*reason, model), false),
        Phase::Refused(RefusalReason::NotOpen) => ("refused.heading", "refused.closed", false),
        Phase::Refused(_) => ("refused.heading", "refused.text", true),
        _ => return,
    };
    alert(page, "div.notice|notice", NOTICE_ID, "p-notice-heading", heading);
    page.say("p", text);
    if elsewhere {
        page.open("p");
        outward_link(page, &page.shown.boot.campaign_page(), page.shown.string("refused.link"));
        page.close();
    }
    page.close();
}

fn not_sent_text(reason: NotSent, model: &Model) -> &'static str {
    match reason {
        NotSent::Offline => "not_sent.offline",
        NotSent::TimedOut if model.is_idempotent() => "not_sent.timed_out",
        NotSent::TimedOut => "not_sent.timed_out_maybe_twice",
        NotSent::Unreachable => "not_sent.unreachable",
        NotSent::ServerFailed => "not_sent.server_failed",
    }
}

fn privacy(page: &mut Page, campaign: &Campaign) {
    let boot = page.shown.boot;
    page.open("p.privacy|privacy");
    page.text(&boot.strings.fill("privacy.text", &isolated(boot.controller(campaign))));
    if let Some(url) = campaign.text("privacy_url") {
        page.text(" ");
        outward_link(page, &boot.resolve(url), page.shown.string("privacy.link"));
    }
    page.close();
}
