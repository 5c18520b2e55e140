//! The whole widget, in its layout.

use super::count;
use super::section::{section, unavailable};
use super::shown::{DIALOG_ID, Shown, TITLE_ID, attr, own, text};
use crate::act::Act;
use pledge_config::attribute::Layout;
use pledge_config::key::Key;
use pledge_config::part::Part;
use pledge_config::text::Text;
use pledge_domain::Campaign;
use pledge_domain::campaign::Theme;
use yew::prelude::*;

/// The whole widget.
pub fn widget(shown: Shown) -> Html {
    let boot = shown.boot;
    let layout = boot.attributes.layout;
    let theme = boot.campaign.as_ref().and_then(|campaign| campaign.theme()).unwrap_or(Theme::Auto);
    let content = match &boot.campaign {
        None => html! {
            <section class="widget" part={Part::Widget.as_str()}>{ unavailable(shown, Key::UnavailableText) }</section>
        },
        Some(campaign) if boot.has_dialog() => dialog(shown, campaign, layout == Layout::Bar),
        Some(campaign) => section(shown, campaign),
    };
    html! {
        <div
            class="root"
            lang={attr(shown.string(Key::Lang))}
            dir={attr(shown.string(Key::Dir))}
            data-theme={theme.as_str()}
            data-layout={layout.as_str()}
            title="" // keeps the element's own from popping up over everything
        >
            { content }
        </div>
    }
}

/// A button, or a bar with one, and the dialog that it opens.
fn dialog(shown: Shown, campaign: &Campaign, is_bar: bool) -> Html {
    let boot = shown.boot;
    let label = campaign.button_label().map_or_else(|| Text::new(shown.string(Key::SignButton)), Text::own);
    let open = html! {
        <button type="button" part={Part::Open.as_str()} aria-haspopup="dialog" onclick={shown.on(Act::Open)}>
            { text(boot, &label) }
        </button>
    };
    let title = campaign.title();
    html! {
        <>
            if is_bar {
                <div class="bar" part={Part::Bar.as_str()} role="region" aria-label={attr(title)}>
                    <p>{ own(boot, title) }</p>
                    { count::line(shown, campaign) }
                    { open }
                </div>
            } else {
                { open }
            }
            <dialog part={Part::Dialog.as_str()} id={DIALOG_ID} aria-labelledby={TITLE_ID}>
                <button
                    type="button"
                    class="close"
                    part={Part::Close.as_str()}
                    onclick={shown.on::<MouseEvent>(Act::Close)}
                    ~textContent={shown.string(Key::DialogClose)}
                />
                { section(shown, campaign) }
            </dialog>
        </>
    }
}
