//! The component: turns DOM events into messages for the state machine and its effects into calls of the ports.

use crate::boot::{Boot, Place};
use crate::ports::{Asked, Held};
use crate::{ports, views};
use gloo::timers::callback::Timeout;
use pledge_api::Count;
use pledge_backend::{HttpResponse, Outcome, RefusalReason, Trouble, pledge};
use pledge_domain::campaign::Opening;
use pledge_domain::lane::{TICKED, toggled};
use pledge_domain::{ConsentPurpose, FieldName, Value};
use pledge_flow::{Done, Effect, FocusTarget, Model, Msg, Phase};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use wasm_bindgen::JsValue;
use yew::html::Scope;
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

    /// Whether it is what a control of the form says.
    fn is_of_a_control(&self) -> bool {
        use Act::{Consent, Decline, Lane, Tick, Toggle, Type};
        matches!(self, Type(_) | Tick(_) | Toggle(..) | Consent(_) | Decline(_) | Lane(_))
    }
}

thread_local! {
    /// What the controls say while they are read.
    static SHOWN: RefCell<Option<Vec<(Act, Held)>>> = const { RefCell::new(None) };
}

/// Tells the widget what a visitor has done, or what a control shows.
pub fn tell(link: &Scope<App>, act: Act, held: Held) {
    SHOWN.with_borrow_mut(|shown| match shown {
        Some(shown) => shown.push((act, held)),
        None => link.send_message(AppMsg::Acted(act, held)),
    });
}

/// What every control of the form shows.
fn shown(place: &Place) -> Vec<(Act, Held)> {
    SHOWN.set(Some(Vec::new()));
    ports::read(&place.tools);
    SHOWN.take().unwrap_or_default()
}

/// What happens in the widget.
pub enum AppMsg {
    Acted(Act, Held),
    Answered(Asked, Result<HttpResponse, Trouble>),
    Came(u32, Outcome),
    Counted(Option<Count>),
    Due(u32),
    Online,
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
    /// The controls have been read since they were last drawn.
    was_read: Cell<bool>,
    /// Colours and corners are those of the configuration.
    painted: bool,
    /// The thanks are to be on screen next, with a place for telling others.
    thanked: bool,
    /// Campaign and strings that came while a signature was on its way: they hold once it is answered.
    later: Option<(Value, JsValue)>,
    _tick: Option<Timeout>,
    _wait: Option<Timeout>,
}

/// The count is read anew after so many milliseconds, and up to a quarter more: not all visitors at once.
const COUNT_EVERY_MS: u32 = 60_000;

impl Component for App {
    type Message = AppMsg;
    type Properties = Props;

    fn create(ctx: &Context<App>) -> App {
        let (place, campaign, strings) = &*ctx.props().start;
        let boot = Rc::new(Boot::new(place.clone(), campaign, strings));
        let model = boot.setup().map(Model::new);
        let mut app = App {
            boot,
            model,
            extras: Extras::default(),
            sending: None,
            focus: None,
            was_read: Cell::new(false),
            painted: false,
            thanked: false,
            later: None,
            _tick: None,
            _wait: None,
        };
        app.read_count(ctx, false);
        app
    }

    fn update(&mut self, ctx: &Context<App>, msg: AppMsg) -> bool {
        // What is on screen counts, and nothing that is drawn next may take it away: the controls are read first. Not again
        // before it is drawn, as until then they show what was.
        let was_read = self.was_read.replace(true);
        if !was_read {
            for (act, held) in shown(&self.boot.place) {
                self.act(ctx, act, held);
            }
        }
        let is_drawn = self.handle(ctx, msg, was_read);
        self.was_read.set(is_drawn);
        is_drawn
    }

    fn view(&self, ctx: &Context<App>) -> Html {
        // Here and not once it is rendered: yew may let the visitor type between the two.
        self.was_read.set(false);
        views::widget(views::Shown {
            boot: &self.boot,
            model: self.model.as_ref().filter(|model| {
                // Thanks stay, wherever the next signature goes.
                let is_here = self.boot.route.is_some() && self.boot.elsewhere.is_none();
                is_here || matches!(model.phase(), Phase::Done(_))
            }),
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
    /// Deals with a message, and says whether what is on screen is to be drawn anew. `was_read` is whether the controls were
    /// read for an earlier message.
    #[inline(never)]
    fn handle(&mut self, ctx: &Context<App>, msg: AppMsg, was_read: bool) -> bool {
        match msg {
            // Only just read.
            AppMsg::Acted(act, _) if !was_read && act.is_of_a_control() => {}
            AppMsg::Acted(act, held) => self.act(ctx, act, held),
            AppMsg::Reset => self.step(ctx, Msg::Reset),
            AppMsg::Prefill(values) => self.step(ctx, self.prefilled(values)),
            AppMsg::Answered(Asked::Signature(attempt), answer) => {
                let outcome = answer.map_or_else(Outcome::retryable, |response| pledge::outcome(&response));
                self.came(ctx, attempt, outcome);
            }
            AppMsg::Came(attempt, outcome) => self.came(ctx, attempt, outcome),
            AppMsg::Answered(Asked::Count, Ok(response)) if response.status == 200 => {
                self.counted(response.json().and_then(Count::from_value));
            }
            AppMsg::Counted(count) => self.counted(count),
            AppMsg::Answered(..) => return false,
            AppMsg::Due(attempt) => {
                self.step(ctx, Msg::Due { attempt, at_ms: ports::now_ms(), online: ports::is_online() });
            }
            AppMsg::Online => self.step(ctx, Msg::Online { at_ms: ports::now_ms() }),
            AppMsg::ReadCount => self.read_count(ctx, false),
            AppMsg::Open => self.open(),
            AppMsg::Configured(campaign, strings) if self.is_sending() => {
                self.later = Some((campaign, strings));
                return false;
            }
            AppMsg::Configured(campaign, strings) => {
                let before = Rc::clone(&self.boot);
                self.boot = Rc::new(Boot::new(self.boot.place.clone(), &campaign, &strings));
                if before.counted_at() != self.boot.counted_at() {
                    // What stands is another campaign's number.
                    self.extras.count = None;
                }
                self.painted = false;
                // What was thanked for in one language goes on in the next.
                self.thanked = self.model.as_ref().is_some_and(|model| matches!(model.phase(), Phase::Done(_)));
                self.reconfigure(ctx);
                self.read_count(ctx, false);
            }
        }
        true
    }

    /// The configuration that holds, for the host page's own script.
    pub fn config(&self) -> Value {
        self.boot.config()
    }

    fn is_sending(&self) -> bool {
        self.model.as_ref().is_some_and(|model| *model.phase() == Phase::Sending)
    }

    fn reconfigure(&mut self, ctx: &Context<App>) {
        // Where nothing can be signed for now, what was typed waits.
        let Some(new) = self.boot.setup() else { return };
        match &mut self.model {
            Some(_) => self.step(ctx, Msg::Reconfigured(Box::new(new))),
            none => *none = Some(Model::new(new)),
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
            // A box that nobody has touched says that it is not ticked, too; that is no answer.
            Act::Consent(purpose) if !held.checked && self.answer(purpose).is_none() => return,
            Act::Consent(purpose) => Msg::Consented(purpose, held.checked),
            Act::Decline(purpose) => Msg::Consented(purpose, false),
            Act::Lane(lane) => Msg::LaneChosen(lane),
            Act::Submit => match ports::random() {
                Some(random) => {
                    Msg::Submit { now: ports::now(), at_ms: ports::now_ms(), random, online: ports::is_online() }
                }
                None => return ports::warn("no source of random numbers."),
            },
            Act::FocusField(field) => return ports::focus(&self.boot.place.host, field.as_str()),
            Act::Open => return self.open(),
            // The element's script hears of it, and fetches what it takes.
            Act::Language => return self.boot.place.host.set_lang(&held.value),
            Act::Close => return ports::close_dialog(&self.boot.place.host, views::DIALOG_ID),
            Act::Useful(useful) => {
                if let Some((server, campaign)) = self.boot.own() {
                    ports::send_feedback(&server.feedback_url(campaign), useful, ctx.link());
                }
                self.extras.answered = true;
                self.focus = Some(views::USEFUL_ID);
                return;
            }
        };
        self.step(ctx, msg);
    }

    /// The answer to a question, where there is one.
    fn answer(&self, purpose: ConsentPurpose) -> Option<bool> {
        self.model.as_ref()?.form().consent(purpose)
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

    #[inline(never)]
    fn came(&mut self, ctx: &Context<App>, attempt: u32, outcome: Outcome) {
        let [high, low, ..] = ports::random().unwrap_or_default();
        let dice = u16::from_be_bytes([high, low]);
        self.step(ctx, Msg::Answered { attempt, outcome, at_ms: ports::now_ms(), dice });
    }

    /// Gives a tool of the element's script these values, and the configuration that they were made under.
    fn hand_over(&self, tool: &str, mut values: Vec<Value>) {
        values.push(self.boot.config());
        ports::call(&self.boot.place.tools, tool, &ports::from_value(&Value::List(values)));
    }

    /// Failing, the number that stands is still the newest known.
    fn counted(&mut self, count: Option<Count>) {
        self.extras.count = count.or(self.extras.count.take());
    }

    fn step(&mut self, ctx: &Context<App>, msg: Msg) {
        let Some(model) = &mut self.model else { return };
        let effects = model.update(msg);
        if !self.is_sending() {
            self.sending = None;
        }
        for effect in effects {
            self.carry_out(ctx, effect);
        }
        if !self.is_sending()
            && let Some((campaign, strings)) = self.later.take()
        {
            ctx.link().send_message(AppMsg::Configured(campaign, strings));
        }
    }

    #[inline(never)]
    fn carry_out(&mut self, ctx: &Context<App>, effect: Effect) {
        let host = &self.boot.place.host;
        match effect {
            Effect::Started => ports::dispatch(host, "pledge-start", &[]),
            Effect::Send { attempt, body } => {
                ports::dispatch(host, "pledge-submit", &[]);
                let Some((server, campaign)) = self.boot.own() else {
                    if self.boot.route.is_none() {
                        // Switched off meanwhile.
                        return self.came(ctx, attempt, Outcome::Refused(RefusalReason::Settings));
                    }
                    // Another backend's part does it, and the element's script tells what came of it.
                    self.hand_over("send", vec![Value::Number(f64::from(attempt)), Value::clone(&body)]);
                    return;
                };
                self.sending = ports::send(attempt, &server.signatures_url(campaign), &body, ctx.link());
                if self.sending.is_none() {
                    self.came(ctx, attempt, Outcome::retryable(Trouble::Unreachable));
                }
            }
            Effect::Wait { attempt, ms } => {
                let link = ctx.link().clone();
                self._wait = Some(Timeout::new(ms, move || link.send_message(AppMsg::Due(attempt))));
            }
            Effect::Focus(target) => self.focus = Some(focus_id(target)),
            Effect::Done(done, body) => {
                let campaign = self.boot.campaign.as_ref();
                // Whoever else is told hears of it now; whether they take it is not the supporter's concern.
                if campaign.is_some_and(|campaign| !campaign.list("also").is_empty()) {
                    self.hand_over("also", vec![Value::clone(&body)]);
                }
                self.thanked = true;
                if done != Done::Signed {
                    return ports::dispatch(host, "pledge-sent", &[]);
                }
                ports::dispatch(host, "pledge-signed", &[]);
                if let Some(url) = campaign.and_then(|campaign| campaign.text("redirect_url")) {
                    ports::go(url);
                }
                self.read_count(ctx, true);
            }
            Effect::Failed(trouble) => {
                let reason = trouble.as_str();
                ports::dispatch(host, "pledge-error", &[("code", "not-sent"), ("reason", reason)]);
            }
            Effect::Refused(reason) => {
                ports::warn("the backend refused the signature.");
                ports::dispatch(host, "pledge-error", &[("code", "refused"), ("reason", reason.as_str())]);
            }
        }
    }

    /// Reads the count, unless nobody is looking, and again after a minute.
    fn read_count(&mut self, ctx: &Context<App>, fresh: bool) {
        if !self.boot.counts() {
            self._tick = None;
            return;
        }
        if !ports::is_hidden() {
            match self.boot.count_url() {
                Some(url) => ports::read_count(&url, fresh, ctx.link()),
                None => drop(ports::call(&self.boot.place.tools, "count", &JsValue::UNDEFINED)),
            }
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
