//! The component: turns DOM events into messages for the state machine and its effects into calls of the ports.

use crate::boot::{Boot, Place};
use crate::ports::{Asked, Held};
use crate::{ports, views};
use gloo::timers::callback::Timeout;
use pledge_api::Count;
use pledge_backend::{Backend, HttpResponse};
use pledge_domain::campaign::Opening;
use pledge_domain::lane::{TICKED, toggled};
use pledge_domain::{ConsentPurpose, FieldName, Value};
use pledge_flow::{Effect, FocusTarget, Model, Msg, NotSent, Phase};
use std::rc::Rc;
use wasm_bindgen::JsValue;
use yew::prelude::*;

/// What the component starts from.
#[derive(Clone, Properties)]
pub struct Props {
    pub start: Rc<(Place, Value, JsValue)>,
}

impl PartialEq for Props {
    fn eq(&self, other: &Props) -> bool {
        Rc::ptr_eq(&self.start, &other.start)
    }
}

/// What a visitor does, as the views say it.
#[derive(Clone)]
pub enum Act {
    Type(FieldName),
    Tick(FieldName),
    Toggle(FieldName, String),
    Consent(ConsentPurpose),
    Decline(ConsentPurpose),
    Lane(usize),
    Submit,
    FocusField(FieldName),
    Open,
    Close,
    Useful(bool),
    Language,
}

impl Act {
    /// Whether the browser must not do what it would: send the form by itself; or follow a fragment, which in a shadow
    /// root moves nothing and changes the host page's address instead.
    pub fn prevents_default(&self) -> bool {
        matches!(self, Act::Submit | Act::FocusField(_))
    }
}

/// What happens in the widget.
pub enum AppMsg {
    Acted(Act, Held),
    Reported(Msg),
    Answered(Asked, Result<HttpResponse, NotSent>),
    ReadCount,
    Configured(Value, JsValue),
    Reset,
    Prefill(Value),
    Open,
}

/// What stands on screen beside the form.
#[derive(Default)]
pub struct Extras {
    /// The count as last read.
    pub count: Option<Count>,
    /// Whether "Was this useful?" is answered.
    pub answered: bool,
}

/// One widget on a page.
pub struct App {
    boot: Rc<Boot>,
    model: Option<Model>,
    extras: Extras,
    sending: Option<ports::Sending>,
    focus: Option<&'static str>,
    /// Colours and corners are those of the configuration.
    painted: bool,
    /// The thanks are to be on screen next, with a place for telling others.
    thanked: bool,
    _tick: Option<Timeout>,
}

/// The count is read anew after so many milliseconds, and up to a quarter more: not all visitors at once.
const COUNT_EVERY_MS: u32 = 60_000;

impl Component for App {
    type Message = AppMsg;
    type Properties = Props;

    fn create(ctx: &Context<App>) -> App {
        let (place, campaign, strings) = &*ctx.props().start;
        let boot = Rc::new(Boot::new(place.clone(), campaign, strings));
        let model = boot.setup().map(|(setup, backend)| Model::new(setup, backend));
        let mut app = App {
            boot,
            model,
            extras: Extras::default(),
            sending: None,
            focus: None,
            painted: false,
            thanked: false,
            _tick: None,
        };
        app.read_count(ctx, false);
        app
    }

    fn update(&mut self, ctx: &Context<App>, msg: AppMsg) -> bool {
        match msg {
            AppMsg::Acted(act, held) => self.act(ctx, act, held),
            AppMsg::Reported(msg) => self.step(ctx, msg),
            AppMsg::Reset => self.step(ctx, Msg::Reset),
            AppMsg::Prefill(values) => self.step(ctx, self.prefilled(values)),
            AppMsg::Answered(Asked::Signature(attempt), Ok(response)) => {
                self.step(ctx, Msg::Answered { attempt, response });
            }
            AppMsg::Answered(Asked::Signature(attempt), Err(reason)) => self.step(ctx, Msg::Failed { attempt, reason }),
            AppMsg::Answered(Asked::Count, Ok(response)) if response.status == 200 => {
                // Failing, the number that stands is still the newest known.
                let count = response.body.as_ref().and_then(Count::from_value);
                self.extras.count = count.or(self.extras.count.take());
            }
            AppMsg::Answered(..) => return false,
            AppMsg::ReadCount => self.read_count(ctx, false),
            AppMsg::Open => self.open(),
            AppMsg::Configured(campaign, strings) => {
                let url = self.boot.count_url();
                self.boot = Rc::new(Boot::new(self.boot.place.clone(), &campaign, &strings));
                if url != self.boot.count_url() {
                    // What stands is another campaign's number.
                    self.extras.count = None;
                }
                self.painted = false;
                // What was thanked for in one language goes on in the next.
                self.thanked = self.model.as_ref().is_some_and(|model| *model.phase() == Phase::Signed);
                self.reconfigure(ctx);
                self.read_count(ctx, false);
            }
        }
        true
    }

    fn view(&self, ctx: &Context<App>) -> Html {
        views::widget(views::Shown {
            boot: &self.boot,
            model: self.model.as_ref().filter(|_| self.boot.backend.is_some()),
            extras: &self.extras,
            link: ctx.link(),
        })
    }

    fn rendered(&mut self, _: &Context<App>, first: bool) {
        let host = &self.boot.place.host;
        if first {
            match self.boot.campaign.is_some() {
                true => ports::dispatch(host, "pledge-ready", &[]),
                false => ports::dispatch(host, "pledge-error", &[("code", "campaign-invalid")]),
            }
        }
        if !std::mem::replace(&mut self.painted, true) {
            ports::paint(&self.boot.place.tools);
        }
        if let Some(id) = self.focus.take() {
            ports::focus(host, id);
        }
        if std::mem::take(&mut self.thanked)
            && let Some(shared) = self.boot.shared()
        {
            ports::fill_share(&self.boot.place.tools, &shared);
        }
    }
}

impl App {
    /// The configuration that holds, for the host page's own script.
    pub fn config(&self) -> Value {
        self.boot.config()
    }

    fn reconfigure(&mut self, ctx: &Context<App>) {
        // Where nothing can be signed for now, what was typed waits.
        let Some(new) = self.boot.setup() else { return };
        match &mut self.model {
            Some(_) => self.step(ctx, Msg::Reconfigured(Box::new(new))),
            none => *none = Some(Model::new(new.0, new.1)),
        }
    }

    #[inline(never)]
    fn act(&mut self, ctx: &Context<App>, act: Act, held: Held) {
        let msg = match act {
            Act::Type(field) => Msg::Typed(field, held.value),
            Act::Tick(field) => {
                let ticked = if held.checked { TICKED } else { "" };
                Msg::Typed(field, ticked.to_owned())
            }
            Act::Toggle(field, value) => {
                let chosen = self.model.as_ref().map_or("", |model| model.form().get(&field));
                let chosen = toggled(chosen, &value, held.checked);
                Msg::Typed(field, chosen)
            }
            Act::Consent(purpose) => Msg::Consented(purpose, held.checked),
            Act::Decline(purpose) => Msg::Consented(purpose, false),
            Act::Lane(lane) => Msg::LaneChosen(lane),
            Act::Submit => match ports::random() {
                Some(random) => Msg::Submit { now: ports::now(), random, online: ports::is_online() },
                None => return ports::warn("no source of random numbers."),
            },
            Act::FocusField(field) => return ports::focus(&self.boot.place.host, field.as_str()),
            Act::Open => return self.open(),
            // The element's script hears of it, and fetches what it takes.
            Act::Language => return self.boot.place.host.set_lang(&held.value),
            Act::Close => return ports::close_dialog(&self.boot.place.host, views::DIALOG_ID),
            Act::Useful(useful) => {
                if let Some(url) = self.boot.backend.as_ref().and_then(Backend::feedback_url) {
                    ports::send_feedback(&url, useful, ctx.link());
                }
                self.extras.answered = true;
                self.focus = Some(views::USEFUL_ID);
                return;
            }
        };
        self.step(ctx, msg);
    }

    fn open(&self) {
        let host = &self.boot.place.host;
        if !ports::open_dialog(host, views::DIALOG_ID) {
            ports::scroll_to(host);
            ports::focus(host, views::TITLE_ID);
        }
    }

    /// What the host page knows already. It must not come from an address, and it is told in no event.
    fn prefilled(&self, values: Value) -> Msg {
        let mut known = Vec::new();
        let lanes = self.boot.campaign.as_ref().map_or(&[][..], |campaign| &campaign.lanes);
        let Value::Map(members) = values else { return Msg::Prefilled(known) };
        for (name, value) in members {
            let name = FieldName::parse(&name);
            let name = name.filter(|name| lanes.iter().any(|lane| lane.asked().any(|field| field.name == *name)));
            match (name, value) {
                (Some(name), Value::Text(text)) => known.push((name, text)),
                _ => ports::warn("prefill: a value is left out; use texts under the names of fields that are asked."),
            }
        }
        Msg::Prefilled(known)
    }

    fn step(&mut self, ctx: &Context<App>, msg: Msg) {
        let Some(model) = &mut self.model else { return };
        let was_sending = *model.phase() == Phase::Sending;
        let effects = model.update(msg);
        let is_sending = *model.phase() == Phase::Sending;
        if !is_sending {
            self.sending = None;
        }
        for effect in effects {
            self.carry_out(ctx, effect);
        }
        if was_sending && !is_sending {
            // What the embedder changed meanwhile.
            self.reconfigure(ctx);
        }
    }

    #[inline(never)]
    fn carry_out(&mut self, ctx: &Context<App>, effect: Effect) {
        let host = &self.boot.place.host;
        match effect {
            Effect::Started => ports::dispatch(host, "pledge-start", &[]),
            Effect::Send { attempt, request } => {
                ports::dispatch(host, "pledge-submit", &[]);
                self.sending = ports::send(attempt, &request, ctx.link());
                if self.sending.is_none() {
                    self.step(ctx, Msg::Failed { attempt, reason: NotSent::Unreachable });
                }
            }
            Effect::Focus(target) => self.focus = Some(focus_id(target)),
            Effect::Signed => {
                ports::dispatch(host, "pledge-signed", &[]);
                if let Some(url) = self.boot.campaign.as_ref().and_then(|campaign| campaign.text("redirect_url")) {
                    ports::go(url);
                }
                self.thanked = true;
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

    /// Reads the count, unless nobody is looking, and again after a minute.
    fn read_count(&mut self, ctx: &Context<App>, fresh: bool) {
        let Some(url) = self.boot.count_url() else {
            self._tick = None;
            return;
        };
        if !ports::is_hidden() {
            ports::read_count(&url, fresh, ctx.link());
        }
        if self.boot.opening == Opening::Open {
            let later = u32::from(ports::random().unwrap_or_default()[0]) * (COUNT_EVERY_MS / 4 / 255);
            let link = ctx.link().clone();
            self._tick = Some(Timeout::new(COUNT_EVERY_MS + later, move || link.send_message(AppMsg::ReadCount)));
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
