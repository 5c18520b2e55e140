//! The form and what follows from sending it: errors, not sent, refused, signed.

use super::build::{Attr, On, Page};
use super::{ERRORS_ID, NOTICE_ID, SHARE_ID, THANKS_ID, consents, fields, outward_link};
use crate::app::Act;
use crate::ports;
use crate::strings::{isolated, own};
use pledge_backend::{RefusalReason, Trouble};
use pledge_domain::campaign::Opening;
use pledge_domain::{Campaign, PartialDate};
use pledge_flow::{Done, Model, Phase};

/// The form, or the thanks once it is signed, under one line for screen readers that is always there.
pub fn panel(page: &mut Page, campaign: &Campaign, model: &Model) {
    page.open("p.hidden");
    page.set(Attr::Role, "status");
    page.text(match model.phase() {
        Phase::Sending => page.shown.string("status.sending"),
        Phase::Done(Done::Signed) => page.shown.string("status.signed"),
        Phase::NotSent { will_retry: true, .. } => page.shown.string("not_sent.waiting"),
        _ => "",
    });
    page.close();
    match (model.phase(), page.shown.boot.opening) {
        (Phase::Done(done), _) => thanks(page, campaign, model, *done),
        (_, Opening::Open) => form(page, campaign, model),
        (_, opening) => not_open(page, campaign, opening),
    }
}

/// The thanks of the lane chosen, and the place for telling others. Where nobody can say that it is signed, the words are
/// ours: no campaign's say more than is known.
#[inline(never)]
fn thanks(page: &mut Page, campaign: &Campaign, model: &Model, done: Done) {
    let lane = model.lane();
    page.open("div.thanks|thanks");
    page.open("h3");
    page.set(Attr::Id, THANKS_ID);
    page.set(Attr::Tabindex, "-1");
    let shown = page.shown;
    let words = |member, keys: [&'static str; 3]| {
        let words = lane.words(member).or(campaign.text(member)).filter(|_| done == Done::Signed);
        words.map_or_else(|| shown.string(keys[done as usize]).to_owned(), own)
    };
    let heading = words("thanks_title", ["thanks.heading", "unverified.heading", "pending.heading"]);
    page.text(&heading);
    page.close();
    page.leaf("p", &words("thanks_text", ["thanks.text", "unverified.text", "pending.text"]));
    // Other backends keep a test like any other signature.
    if page.shown.boot.attributes.testing && page.shown.boot.own().is_some() {
        page.say("p", "thanks.testing");
    }
    if let Some(url) = campaign.text("redirect_url").filter(|_| done == Done::Signed) {
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
        Phase::NotSent { .. } => "sign.again",
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
    let shown = page.shown;
    let strings = &shown.boot.strings;
    match model.phase() {
        Phase::NotSent { trouble, will_retry, after_s } => {
            // Where it may have arrived, nobody can say that it was not sent.
            let is_known = matches!(trouble, Trouble::Offline | Trouble::Blocked | Trouble::Busy);
            let heading = if is_known { "not_sent.heading" } else { "unconfirmed.heading" };
            alert(page, "div.notice|notice", NOTICE_ID, "p-notice-heading", heading);
            let key = ["not_sent.", trouble.as_str()].concat();
            page.leaf("p", strings.get(&key));
            if *will_retry {
                page.say("p", "not_sent.waiting");
            } else if let Some(seconds) = after_s {
                let time = ports::format_time(&ports::later(*seconds), shown.boot.format_locale());
                page.leaf("p", &strings.fill("not_sent.wait", &isolated(&time)));
            }
        }
        Phase::Refused(reason) => {
            alert(page, "div.notice|notice", NOTICE_ID, "p-notice-heading", "refused.heading");
            let key = ["refused.", reason.as_str()].concat();
            page.leaf("p", strings.find(&key).unwrap_or(strings.get("refused.other")));
            if *reason != RefusalReason::NotOpen {
                page.open("p");
                outward_link(page, &shown.boot.campaign_page(), shown.string("refused.link"));
                page.close();
            }
        }
        _ => return,
    }
    page.close();
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
