//! The form and what follows from sending it: errors, not sent, refused, signed.

use super::element::{IntoNode, el};
use super::{ERRORS_ID, Link, NOTICE_ID, THANKS_ID, fields, on_submit, outward_link};
use crate::app::AppMsg;
use crate::boot::Boot;
use pledge_backend::RefusalReason;
use pledge_domain::{Campaign, FieldName};
use pledge_flow::{Model, NotSent, Phase};
use yew::prelude::*;

/// The form, or the thanks once it is signed, under one line for screen readers that is always there.
pub fn panel(boot: &Boot, campaign: &Campaign, model: &Model, link: &Link) -> Html {
    let status = match model.phase() {
        Phase::Sending => boot.strings.get("status.sending"),
        Phase::Signed => boot.strings.get("status.signed"),
        _ => "",
    };
    let shown = match model.phase() {
        Phase::Signed => thanks(boot, campaign),
        _ => form(boot, campaign, model, link),
    };
    [el!("p" ["class" = "hidden", "role" = "status"], status), shown].into_node()
}

fn form(boot: &Boot, campaign: &Campaign, model: &Model, link: &Link) -> Html {
    let strings = &boot.strings;
    let sending = *model.phase() == Phase::Sending;
    let button = match model.phase() {
        Phase::Sending => "sign.sending",
        Phase::NotSent(_) => "sign.again",
        _ => "sign.button",
    };
    let fields: Vec<Html> = FieldName::ALL.iter().map(|field| fields::text_field(boot, model, link, *field)).collect();
    let parts = [
        el!("h3"["id" = "sign-heading"], strings.get("sign.heading")),
        error_summary(boot, model, link),
        fields.into_node(),
        fields::updates_box(model, link),
        notice(boot, model),
        html! {
            <button
                type="submit"
                part="button"
                aria-disabled={sending.then_some("true")}
                onclick={on_submit::<MouseEvent>(link)}
            >
                { strings.get(button) }
            </button>
        },
        privacy(boot, campaign),
    ];
    html! {
        <form novalidate=true onsubmit={on_submit::<SubmitEvent>(link)} part="form" aria-labelledby="sign-heading">
            { parts.into_node() }
        </form>
    }
}

fn error_summary(boot: &Boot, model: &Model, link: &Link) -> Html {
    if model.errors().is_empty() {
        return Html::default();
    }
    let item = |(field, error): &(FieldName, _)| {
        let field = *field;
        let onclick = link.callback(move |event: MouseEvent| {
            // In a shadow root a fragment link moves nothing and changes the host page's address instead.
            event.prevent_default();
            AppMsg::FocusField(field)
        });
        let text = fields::error_text(boot, field, *error);
        el!("li", html! { <a href={["#", field.as_str()].concat()} {onclick}>{ text }</a> })
    };
    let items: Vec<Html> = model.errors().iter().map(item).collect();
    el!("div" [
            "id" = ERRORS_ID,
            "class" = "errors",
            "part" = "errors",
            "tabindex" = "-1",
            "role" = "group",
            "aria-labelledby" = "errors-heading",
        ],
        el!("h4" ["id" = "errors-heading"], boot.strings.get("errors.heading")),
        el!("ul", items),
    )
}

fn notice(boot: &Boot, model: &Model) -> Html {
    let strings = &boot.strings;
    let (heading, text, refused) = match model.phase() {
        Phase::NotSent(reason) => ("not_sent.heading", not_sent_text(*reason, model), false),
        Phase::Refused(RefusalReason::UnknownCampaign | RefusalReason::Other) => {
            ("refused.heading", "refused.text", true)
        }
        _ => return Html::default(),
    };
    let elsewhere = || el!("p", outward_link(boot, &boot.campaign_page(), strings.get("refused.link")));
    el!("div" [
            "id" = NOTICE_ID,
            "class" = "notice",
            "part" = "notice",
            "tabindex" = "-1",
            "role" = "group",
            "aria-labelledby" = "notice-heading",
        ],
        el!("h4" ["id" = "notice-heading"], strings.get(heading)),
        el!("p", strings.get(text)),
        refused.then(elsewhere),
    )
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

fn privacy(boot: &Boot, campaign: &Campaign) -> Html {
    let Some(controller) = &campaign.controller else { return Html::default() };
    let link = campaign
        .privacy_url
        .as_ref()
        .map(|url| [" ".into_node(), outward_link(boot, &boot.resolve(url), boot.strings.get("privacy.link"))]);
    let text = boot.strings.fill("privacy.text", &[("controller", controller)]);
    el!("p" ["class" = "privacy", "part" = "privacy"], text, link)
}

fn thanks(boot: &Boot, campaign: &Campaign) -> Html {
    let title = campaign.thanks_title.as_deref().unwrap_or(boot.strings.get("thanks.heading"));
    let text = campaign.thanks_text.as_deref().unwrap_or(boot.strings.get("thanks.text"));
    el!("div" ["class" = "thanks", "part" = "thanks"],
        el!("h3" ["id" = THANKS_ID, "tabindex" = "-1"], title),
        el!("p", text),
        boot.attributes.testing.then(|| el!("p", boot.strings.get("thanks.testing"))),
    )
}
