//! The component: turns DOM events into messages for the state machine and its effects into calls of the ports.

use crate::act::{Act, Acts, shown};
use crate::boot::{Boot, Place};
use crate::views;
use gloo::timers::callback::Timeout;
use pledge_api::Count;
use pledge_backend::{HttpResponse, Outcome, RefusalReason, Trouble, pledge, print};
use pledge_browser::{self as browser, Held};
use pledge_domain::campaign::Opening;
use pledge_domain::lane::{TICKED, toggled};
use pledge_domain::{ConsentPurpose, FieldError, FieldKind, FieldName, Value};
use pledge_flow::{Done, Effect, FocusTarget, Model, Msg, Phase, SEND_TIMEOUT_MS};
use std::cell::Cell;
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

/// What happens in the widget.
pub enum AppMsg {
    Acted(Act, Held),
    Came(u32, Outcome),
    Counted(Option<Count>),
    Due(u32),
    Online,
    ReadCount(bool),
    OneMore,
    Turn,
    Configured(Value, JsValue),
    Reset,
    Prefill(Value),
    Open,
}

/// One widget on a page.
pub struct App {
    boot: Rc<Boot>,
    model: Option<Model>,
    /// The count as last read.
    count: Option<Count>,
    /// Whether "Was this useful?" is answered.
    is_answered: bool,
    /// Where the views report what a visitor does.
    acts: Acts,
    sending: Option<browser::Sending>,
    focus: Option<&'static str>,
    /// An answer came after it had been given up: the visitor may be anywhere on the page by now.
    late: bool,
    /// The controls have been read since they were last drawn.
    was_read: Cell<bool>,
    /// Colours and corners are those of the configuration.
    painted: bool,
    /// The thanks are to be on screen next, with a place for telling others.
    thanked: bool,
    /// Campaign and strings that came while a signature was on its way: they hold once it is answered.
    later: Option<(Value, JsValue)>,
    /// When someone has signed here last (RFC 3339, UTC, by the server's clock); empty where nobody has.
    signed_at: String,
    _tick: Option<Timeout>,
    _turn: Option<Timeout>,
    _wait: Option<Timeout>,
}

/// See [`App::drawn`].
type Drawn = (Phase, Vec<(FieldName, FieldError)>, usize, Opening);

/// The count is read anew after so many milliseconds, and up to a quarter more: not all visitors at once.
const COUNT_EVERY_MS: u32 = 60_000;
/// The count is read anew so many milliseconds after a signature: what is as of then has the signer in it, whatever the
/// clocks.
const COUNT_AFTER_MS: u32 = 3_000;

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
            count: None,
            is_answered: false,
            acts: ctx.link().callback(|(act, held)| AppMsg::Acted(act, held)),
            sending: None,
            focus: None,
            late: false,
            was_read: Cell::new(false),
            painted: false,
            thanked: false,
            later: None,
            signed_at: String::new(),
            _tick: None,
            _turn: None,
            _wait: None,
        };
        app.read_count(ctx, false);
        app.await_turn(ctx);
        app
    }

    fn update(&mut self, ctx: &Context<App>, msg: AppMsg) -> bool {
        let before = self.drawn();
        // What a control says changes little on screen but the control, which has changed already.
        let msg = match msg {
            AppMsg::Acted(act, held) if act.is_of_a_control() => {
                self.act(ctx, act, held);
                self.turn(ctx);
                // While a signature is on its way nothing changes: what was just ticked is put back.
                if self.drawn() == before && !self.is_sending() {
                    return false;
                }
                self.read_controls(ctx);
                return true;
            }
            msg => msg,
        };
        self.read_controls(ctx);
        self.turn(ctx);
        let is_drawn = self.handle(ctx, msg) || self.drawn() != before;
        if !is_drawn {
            self.was_read.set(false);
        }
        is_drawn
    }

    fn view(&self, _: &Context<App>) -> Html {
        // Here and not once it is rendered: yew may let the visitor type between the two.
        self.was_read.set(false);
        views::widget(views::Shown {
            boot: &self.boot,
            model: self.model.as_ref().filter(|model| {
                // Thanks stay, wherever the next signature goes.
                let is_here = self.boot.route.is_some() && self.boot.elsewhere.is_none();
                is_here || matches!(model.phase(), Phase::Done(_))
            }),
            count: self.count.as_ref(),
            is_answered: self.is_answered,
            acts: &self.acts,
        })
    }

    fn rendered(&mut self, _: &Context<App>, first: bool) {
        let host = &self.boot.place.host;
        if first {
            match self.boot.campaign.is_some() {
                true => browser::dispatch(host, "pledge-ready", &[]),
                false => browser::dispatch(host, "pledge-error", &[("code", "campaign-invalid")]),
            }
        }
        if !std::mem::replace(&mut self.painted, true) {
            self.boot.place.bridge.paint();
        }
        self.choose();
        if let Some(id) = self.focus.take() {
            browser::focus(host, id);
        }
        if std::mem::take(&mut self.thanked)
            && let Some(shared) = self.boot.shared()
        {
            self.boot.place.bridge.share(&browser::from_value(&shared));
        }
    }
}

impl App {
    /// Chooses in each list what the model holds: the attribute of an option only says what it begins with.
    fn choose(&self) {
        let Some(model) = &self.model else { return };
        for field in model.lane().asked().filter(|field| field.kind == FieldKind::Choice) {
            browser::choose(&self.boot.place.host, field.name.as_str(), model.form().get(&field.name));
        }
    }

    /// What is on screen of the form, apart from what its controls hold.
    fn drawn(&self) -> Option<Drawn> {
        let model = self.model.as_ref()?;
        let errors = model.errors().to_vec();
        Some((model.phase().clone(), errors, model.form().lane, self.boot.opening.get()))
    }

    /// What is on screen counts, and nothing that is drawn next may take it away: the controls are read first. Not again
    /// before it is drawn, as until then they show what was.
    fn read_controls(&mut self, ctx: &Context<App>) {
        if self.was_read.replace(true) {
            return;
        }
        let bridge = self.boot.place.bridge.clone();
        for (act, held) in shown(|| bridge.read()) {
            self.act(ctx, act, held);
        }
    }

    /// Deals with a message, and says whether what is on screen is to be drawn anew.
    #[inline(never)]
    fn handle(&mut self, ctx: &Context<App>, msg: AppMsg) -> bool {
        match msg {
            AppMsg::Acted(act, held) => self.act(ctx, act, held),
            AppMsg::Reset => self.step(ctx, Msg::Reset),
            AppMsg::Prefill(values) => self.step(ctx, self.prefilled(values)),
            AppMsg::Came(attempt, outcome) => self.came(ctx, attempt, outcome),
            AppMsg::Counted(None) => return false,
            AppMsg::Counted(count) => self.counted(count),
            AppMsg::Due(attempt) => {
                self.step(ctx, Msg::Due { attempt, at_ms: browser::now_ms(), online: browser::is_online() });
            }
            AppMsg::Online => self.step(ctx, Msg::Online { at_ms: browser::now_ms() }),
            AppMsg::ReadCount(fresh) => self.read_count(ctx, fresh),
            AppMsg::OneMore => self.one_more(),
            AppMsg::Turn => self.await_turn(ctx),
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
                    self.count = None;
                }
                self.painted = false;
                // What was thanked for in one language goes on in the next.
                self.thanked = self.model.as_ref().is_some_and(|model| matches!(model.phase(), Phase::Done(_)));
                self.reconfigure(ctx);
                self.read_count(ctx, false);
                self.await_turn(ctx);
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
            Act::Submit => match browser::random() {
                Some(random) => {
                    Msg::Submit { now: browser::now(), at_ms: browser::now_ms(), random, online: browser::is_online() }
                }
                None => return browser::warn("no source of random numbers."),
            },
            Act::FocusField(field) => return browser::focus(&self.boot.place.host, field.as_str()),
            Act::Open => return self.open(),
            // The element's script hears of it, and fetches what it takes.
            Act::Language => return self.boot.place.host.set_lang(&held.value),
            Act::Useful(is_useful) => {
                if let Some((server, campaign)) = self.boot.own() {
                    browser::post(&server.feedback_url(campaign), if is_useful { "yes" } else { "no" }, |_| {});
                }
                self.is_answered = true;
                self.focus = Some(views::USEFUL_ID);
                return;
            }
            Act::Close => return browser::close_dialog(&self.boot.place.host, views::DIALOG_ID),
        };
        self.step(ctx, msg);
    }

    /// The answer to a question, where there is one.
    fn answer(&self, purpose: ConsentPurpose) -> Option<bool> {
        self.model.as_ref()?.form().consent(purpose)
    }

    fn open(&self) {
        let host = &self.boot.place.host;
        if !browser::open_dialog(host, views::DIALOG_ID) {
            browser::scroll_to(host);
            browser::focus(host, views::TITLE_ID);
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
                _ => browser::warn("prefill: a value is left out; use texts under the names of fields that are asked."),
            }
        }
        Msg::Prefilled(known)
    }

    #[inline(never)]
    fn came(&mut self, ctx: &Context<App>, attempt: u32, outcome: Outcome) {
        let [high, low, ..] = browser::random().unwrap_or_default();
        let dice = u16::from_be_bytes([high, low]);
        self.late = !self.is_sending();
        self.step(ctx, Msg::Answered { attempt, outcome, at_ms: browser::now_ms(), dice });
    }

    /// Failing, the number that is shown is still the newest known.
    fn counted(&mut self, count: Option<Count>) {
        let Some(mut count) = count else { return };
        // Caches on the way give a number from before the signature. Times are to the second, and clocks differ.
        if let Some(shown) = &self.count
            && !self.signed_at.is_empty()
            && (count.as_of <= shown.as_of || count.as_of.get(..19) < self.signed_at.get(..19))
        {
            count.signature_count = count.signature_count.max(shown.signature_count);
        }
        self.count = Some(count);
    }

    /// Counts someone who has just signed, here or in another widget of the campaign.
    fn one_more(&mut self) {
        if let Some(count) = &mut self.count {
            count.signature_count += 1;
            self.signed_at = self.boot.place.bridge.server_time();
        }
    }

    /// Opens or closes the form where it is time: a page may stay open for days. What is on its way is answered first.
    #[inline(never)]
    fn turn(&mut self, ctx: &Context<App>) {
        let Some(campaign) = &self.boot.campaign else { return };
        let opening = campaign.opening(&browser::now());
        if opening == self.boot.opening.get() || self.is_sending() {
            return;
        }
        self.boot.opening.set(opening);
        if opening == Opening::Closed && browser::holds_focus(&self.boot.place.host) {
            // What had it goes away.
            self.focus = Some(views::TITLE_ID);
        }
        self.read_count(ctx, false);
        self.await_turn(ctx);
    }

    /// Looks again once the campaign opens or closes.
    fn await_turn(&mut self, ctx: &Context<App>) {
        let campaign = self.boot.campaign.as_ref();
        let at = campaign.and_then(|campaign| campaign.turns_at(self.boot.opening.get()));
        self._turn = at.map(|at| {
            let link = ctx.link().clone();
            Timeout::new(browser::until_ms(at.as_str()), move || link.send_message(AppMsg::Turn))
        });
    }

    fn step(&mut self, ctx: &Context<App>, msg: Msg) {
        let is_open = self.boot.opening.get() == Opening::Open;
        if !is_open && matches!(msg, Msg::Submit { .. } | Msg::Due { .. } | Msg::Online { .. }) {
            // Too late, or too early, whatever the backend would say.
            return;
        }
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
            Effect::Started => browser::dispatch(host, "pledge-start", &[]),
            Effect::Send { attempt, body } => {
                browser::dispatch(host, "pledge-submit", &[]);
                let Some((server, campaign)) = self.boot.own() else {
                    if self.boot.route.is_none() {
                        // Switched off meanwhile.
                        return self.came(ctx, attempt, Outcome::Refused(RefusalReason::Settings));
                    }
                    // Another backend's part does it, and the element's script tells what came of it.
                    let config = browser::from_value(&self.boot.config());
                    return self.boot.place.bridge.send(attempt, &browser::from_value(&body), &config);
                };
                let came = move |link: &Scope<App>, outcome| link.send_message(AppMsg::Came(attempt, outcome));
                let (late, answered) = (ctx.link().clone(), ctx.link().clone());
                self.sending = Some(browser::send(
                    &server.signatures_url(campaign),
                    // Printed here and not by the browser's JSON, which a page may have changed (`Array.prototype.toJSON`).
                    &print(&body),
                    SEND_TIMEOUT_MS,
                    move || came(&late, Outcome::retryable(Trouble::TimedOut)),
                    move |answer| {
                        came(&answered, answer.map_or_else(Outcome::retryable, |answer| pledge::outcome(&answer)));
                    },
                ));
            }
            Effect::Wait { attempt, ms } => {
                let link = ctx.link().clone();
                self._wait = Some(Timeout::new(ms, move || link.send_message(AppMsg::Due(attempt))));
            }
            Effect::Focus(_) if self.late && !browser::holds_focus(host) => {}
            Effect::Focus(target) => self.focus = Some(focus_id(target)),
            Effect::Done(done, body) => {
                let campaign = self.boot.campaign.as_ref();
                // The backends that also names are notified now; whether they take it is not the supporter's concern.
                if campaign.is_some_and(|campaign| campaign.also().len() > 0) {
                    let config = browser::from_value(&self.boot.config());
                    self.boot.place.bridge.also(&browser::from_value(&body), &config);
                }
                self.thanked = true;
                if done != Done::Signed {
                    return browser::dispatch(host, "pledge-sent", &[]);
                }
                browser::dispatch(host, "pledge-signed", &[]);
                if let Some(url) = campaign.and_then(|campaign| campaign.redirect_url()).filter(|_| !self.late) {
                    self.boot.place.bridge.go(url);
                }
                if !self.boot.attributes.testing {
                    self.one_more();
                }
                self.read_count(ctx, true);
                self.read_count_later(ctx, COUNT_AFTER_MS, true);
            }
            Effect::Failed(trouble) => {
                let reason = trouble.as_str();
                browser::dispatch(host, "pledge-error", &[("code", "not-sent"), ("reason", reason)]);
            }
            Effect::Refused(reason) => {
                browser::warn("the backend refused the signature.");
                browser::dispatch(host, "pledge-error", &[("code", "refused"), ("reason", reason.as_str())]);
            }
        }
    }

    /// Reads the count, unless nobody is looking, and again after a minute.
    fn read_count(&mut self, ctx: &Context<App>, fresh: bool) {
        if !self.boot.counts() {
            self._tick = None;
            return;
        }
        if !browser::is_hidden() {
            match self.boot.count_url() {
                Some(url) => {
                    let link = ctx.link().clone();
                    browser::get(&url, fresh, move |answer| link.send_message(AppMsg::Counted(counted(answer))));
                }
                None => self.boot.place.bridge.count(),
            }
        }
        if self.boot.opening.get() == Opening::Open {
            let later = u32::from(browser::random().unwrap_or_default()[0]) * (COUNT_EVERY_MS / 4 / 255);
            self.read_count_later(ctx, COUNT_EVERY_MS + later, false);
        }
    }

    fn read_count_later(&mut self, ctx: &Context<App>, ms: u32, fresh: bool) {
        let link = ctx.link().clone();
        self._tick = Some(Timeout::new(ms, move || link.send_message(AppMsg::ReadCount(fresh))));
    }
}

/// The count in an answer of our own server.
fn counted(answer: browser::Answer) -> Option<Count> {
    let response: HttpResponse = answer.ok().filter(|response| response.status == 200)?;
    response.json().and_then(Count::from_value)
}

fn focus_id(target: FocusTarget) -> &'static str {
    match target {
        FocusTarget::ErrorSummary => views::ERRORS_ID,
        FocusTarget::Notice => views::NOTICE_ID,
        FocusTarget::Thanks => views::THANKS_ID,
    }
}
