//! The root of the widget, and its layouts.

use super::count;
use super::elements::{ViewState, attr, campaign_text, text};
use super::section::{section, unavailable};
use crate::action::Action;
use pledge_config::attribute::Layout;
use pledge_config::key::Key;
use pledge_config::text::Text;
use pledge_domain::Campaign;
use pledge_domain::campaign::Theme;
use yew::prelude::*;

/// The whole widget.
pub fn widget(state: ViewState) -> Html {
    let context = state.context;
    let layout = context.attributes.layout;
    let theme = context.campaign.as_ref().and_then(|campaign| campaign.theme()).unwrap_or(Theme::Auto);
    let content = match &context.campaign {
        None => html! {
            <section class="widget" part="widget">{ unavailable(state, Key::UnavailableText) }</section>
        },
        Some(campaign) if context.has_dialog() => dialog(state, campaign, layout == Layout::Bar),
        Some(campaign) => section(state, campaign),
    };
    html! {
        <div
            class="root"
            lang={attr(state.context.strings.named("lang"))}
            dir={attr(state.context.strings.named("dir"))}
            data-theme={theme.as_str()}
            data-layout={layout.as_str()}
            title="" // so that the host element's `title` shows no tooltip over the form
        >
            { content }
        </div>
    }
}

/// A button, or a bar with a button, and the dialog that it opens.
fn dialog(state: ViewState, campaign: &Campaign, is_bar: bool) -> Html {
    let context = state.context;
    let label = campaign.button_label().map_or_else(|| Text::new(state.string(Key::SignButton)), Text::from_campaign);
    let open = html! {
        <button type="button" part="open" aria-haspopup="dialog" onclick={state.on(Action::Open)}>
            { text(context, &label) }
        </button>
    };
    let title = campaign.title();
    html! {
        <>
            if is_bar {
                <div class="bar" part="bar" role="region" aria-label={attr(title)}>
                    <p>{ campaign_text(context, title) }</p>
                    { count::line(state, campaign) }
                    { open }
                </div>
            } else {
                { open }
            }
            <dialog part="dialog" id="p-dialog" aria-labelledby="p-title">
                <button
                    type="button"
                    class="close"
                    part="close"
                    aria-label={attr(state.string(Key::DialogClose))}
                    onclick={state.on::<MouseEvent>(Action::Close)}
                    ~textContent="×"
                />
                { section(state, campaign) }
            </dialog>
        </>
    }
}
