//! The component: turns DOM events into messages for the state machine and its effects into calls of the ports.

use crate::boot::Boot;
use crate::{ports, views};
use pledge_api::Count;
use pledge_domain::FieldName;
use pledge_flow::{Effect, FocusTarget, Model, Msg, NotSent, Phase};
use std::rc::Rc;
use yew::prelude::*;

/// What the component starts from.
#[derive(Clone, Properties)]
pub struct Props {
    pub boot: Rc<Boot>,
}

impl PartialEq for Props {
    fn eq(&self, other: &Props) -> bool {
        Rc::ptr_eq(&self.boot, &other.boot)
    }
}

/// What happens in the widget.
pub enum AppMsg {
    Typed(FieldName, String),
    Ticked(bool),
    Submit,
    Reported(Msg),
    Counted(Count),
    FocusField(FieldName),
}

/// One widget on the page.
pub struct App {
    model: Option<Model>,
    count: Option<Count>,
    sending: Option<ports::Sending>,
    focus: Option<&'static str>,
}

impl Component for App {
    type Message = AppMsg;
    type Properties = Props;

    fn create(ctx: &Context<App>) -> App {
        let app = App { model: ctx.props().boot.model.take(), count: None, sending: None, focus: None };
        app.read_count(ctx, false);
        app
    }

    fn update(&mut self, ctx: &Context<App>, msg: AppMsg) -> bool {
        let msg = match msg {
            AppMsg::Typed(field, text) => Msg::Typed(field, text),
            AppMsg::Ticked(ticked) => Msg::Ticked(ticked),
            AppMsg::Submit => match ports::random() {
                Some(random) => Msg::Submit { now: ports::now(), random, online: ports::is_online() },
                None => {
                    ports::warn("no source of random numbers.");
                    return false;
                }
            },
            AppMsg::Reported(msg) => msg,
            AppMsg::Counted(count) => {
                self.count = Some(count);
                return true;
            }
            AppMsg::FocusField(field) => {
                ports::focus(&ctx.props().boot.host, views::field_id(field));
                return false;
            }
        };
        self.step(ctx, msg);
        true
    }

    fn view(&self, ctx: &Context<App>) -> Html {
        views::widget(&ctx.props().boot, self.model.as_ref(), self.count.as_ref(), ctx.link())
    }

    fn rendered(&mut self, ctx: &Context<App>, first: bool) {
        let host = &ctx.props().boot.host;
        if first {
            let campaign = ctx.props().boot.campaign.is_some();
            match campaign {
                true => ports::dispatch(host, "pledge-ready", &[]),
                false => ports::dispatch(host, "pledge-error", &[("code", "campaign-invalid")]),
            }
        }
        if let Some(id) = self.focus.take() {
            ports::focus(host, id);
        }
    }
}

impl App {
    fn step(&mut self, ctx: &Context<App>, msg: Msg) {
        let Some(model) = &mut self.model else { return };
        let effects = model.update(msg);
        if *model.phase() != Phase::Sending {
            self.sending = None;
        }
        for effect in effects {
            self.carry_out(ctx, effect);
        }
    }

    fn carry_out(&mut self, ctx: &Context<App>, effect: Effect) {
        let host = &ctx.props().boot.host;
        match effect {
            Effect::Send { attempt, request } => {
                ports::dispatch(host, "pledge-submit", &[]);
                self.sending = ports::send(attempt, &request, ctx.link().callback(AppMsg::Reported));
                if self.sending.is_none() {
                    self.step(ctx, Msg::Failed { attempt, reason: NotSent::Unreachable });
                }
            }
            Effect::Focus(target) => self.focus = Some(focus_id(target)),
            Effect::Signed => {
                ports::dispatch(host, "pledge-signed", &[]);
                self.read_count(ctx, true);
            }
            Effect::Failed(reason) => {
                let reason = match reason {
                    NotSent::Offline => "offline",
                    NotSent::TimedOut => "timed-out",
                    NotSent::Unreachable => "unreachable",
                    NotSent::ServerFailed => "server-failed",
                };
                ports::dispatch(host, "pledge-error", &[("code", "not-sent"), ("reason", reason)]);
            }
            Effect::Refused(_) => {
                ports::warn("the backend refused the signature.");
                ports::dispatch(host, "pledge-error", &[("code", "refused")]);
            }
        }
    }

    fn read_count(&self, ctx: &Context<App>, fresh: bool) {
        if let Some(url) = &ctx.props().boot.count_url {
            ports::read_count(url, fresh, ctx.link().callback(AppMsg::Counted));
        }
    }
}

fn focus_id(target: FocusTarget) -> &'static str {
    match target {
        FocusTarget::ErrorSummary => views::ERRORS_ID,
        FocusTarget::Notice => views::NOTICE_ID,
        FocusTarget::Thanks => views::THANKS_ID,
    }
}
