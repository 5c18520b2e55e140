//! The component: turns DOM events into messages for the state machine, and carries out the effects it returns.

use crate::action::{Action, OnAction, collect};
use crate::context::{Mount, WidgetContext};
use crate::views;
use gloo::timers::callback::Timeout;
use pledge_api::Count;
use pledge_backend::{Failure, HttpResponse, Outcome, RefusalReason, pledge};
use pledge_browser::{self as browser, ControlState};
use pledge_domain::campaign::Availability;
use pledge_domain::lane::{TICKED, toggled};
use pledge_domain::{ConsentPurpose, FieldError, FieldKind, FieldName, Personal, Value};
use pledge_flow::{Done, Effect, FocusTarget, Model, Msg, Phase, SEND_TIMEOUT_MS};
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::JsValue;
use yew::html::Scope;
use yew::prelude::*;

/// The properties of the component: where the widget is mounted, its campaign file and its strings.
#[derive(Clone, Properties)]
pub struct Props {
    pub start: Rc<(Mount, Value, JsValue)>,
}

impl PartialEq for Props {
    fn eq(&self, other: &Props) -> bool {
        Rc::ptr_eq(&self.start, &other.start)
    }
}

/// A message to the component.
pub enum AppMsg {
    Acted(Action, ControlState),
    Answered(u32, Outcome),
    /// The address of the page that the receipt of the signature opens.
    Received(String),
    CountRead(Option<Count>),
    RetryDue(u32),
    Online,
    ReadCount(bool),
    Signed,
    AvailabilityDue,
    Configured(Value, JsValue),
    Reset,
    Prefill(Value),
    Open,
}

/// One widget on a page.
pub struct App {
    context: Rc<WidgetContext>,
    model: Option<Model>,
    /// The most recent count; `None` before the first read.
    count: Option<Count>,
    /// Whether the visitor has answered "Was this useful?".
    is_feedback_sent: bool,
    /// The callback through which the views report what the visitor does.
    on_action: OnAction,
    sending: Option<browser::PendingRequest>,
    focus: Option<&'static str>,
    /// Whether the answer came after the timeout. By then the visitor may be anywhere on the page.
    answered_late: bool,
    /// Whether the controls have been read since the last render.
    are_controls_read: Cell<bool>,
    /// Whether the configured colours and corner radius are applied.
    is_painted: bool,
    /// Whether to fill the share panel after the next render.
    is_share_due: bool,
    /// The address of the page that the receipt of the last signature opens; empty if there is none.
    receipt: String,
    /// Campaign and strings that arrived while a signature was being sent. They apply once it is answered.
    pending_configuration: Option<(Value, JsValue)>,
    /// The time of the last signature on this page (RFC 3339, UTC, by the server's clock); empty if there is none.
    signed_at: String,
    _count_timer: Option<Timeout>,
    _availability_timer: Option<Timeout>,
    _retry_timer: Option<Timeout>,
}

/// What determines how the form looks; see [`App::form_snapshot`].
type FormSnapshot = (Phase, Vec<(FieldName, FieldError)>, usize, usize, Availability);

/// The interval between two reads of the count, in milliseconds. Up to a quarter is added at random, so that visitors
/// do not all send requests at once.
const COUNT_INTERVAL_MS: u32 = 60_000;
/// The delay between a signature and the next read of the count, in milliseconds. A count from after the delay includes
/// the signature, even if the clocks differ.
const COUNT_AFTER_SIGNING_MS: u32 = 3_000;

impl Component for App {
    type Message = AppMsg;
    type Properties = Props;

    fn create(ctx: &Context<App>) -> App {
        let (mount, campaign, strings) = &*ctx.props().start;
        let context = Rc::new(WidgetContext::new(mount.clone(), campaign, strings));
        let model = context.setup().map(Model::new);
        let mut app = App {
            context,
            model,
            count: None,
            is_feedback_sent: false,
            on_action: ctx.link().callback(|(action, control)| AppMsg::Acted(action, control)),
            sending: None,
            focus: None,
            answered_late: false,
            are_controls_read: Cell::new(false),
            is_painted: false,
            is_share_due: false,
            receipt: String::new(),
            pending_configuration: None,
            signed_at: String::new(),
            _count_timer: None,
            _availability_timer: None,
            _retry_timer: None,
        };
        app.read_count(ctx, false);
        app.schedule_availability_update(ctx);
        app
    }

    fn update(&mut self, ctx: &Context<App>, msg: AppMsg) -> bool {
        let before = self.form_snapshot();
        // Typing or ticking rarely changes anything on screen except the control itself, which the browser has updated.
        let msg = match msg {
            AppMsg::Acted(action, control) if action.is_form_input() => {
                self.handle_action(ctx, action, control);
                self.update_availability(ctx);
                // While a signature is being sent, the form is fixed: a render undoes what the visitor has just ticked.
                if self.form_snapshot() == before && !self.is_sending() {
                    return false;
                }
                self.read_controls(ctx);
                return true;
            }
            msg => msg,
        };
        self.read_controls(ctx);
        self.update_availability(ctx);
        let is_drawn = self.handle(ctx, msg) || self.form_snapshot() != before;
        if !is_drawn {
            self.are_controls_read.set(false);
        }
        is_drawn
    }

    fn view(&self, _: &Context<App>) -> Html {
        // Reset it here and not in `rendered`: the visitor may type between the two.
        self.are_controls_read.set(false);
        views::widget(views::ViewState {
            context: &self.context,
            model: self.model.as_ref().filter(|model| {
                // The thanks stay, even if the next signature goes elsewhere.
                let is_here = self.context.route.is_some() && self.context.external_url.is_none();
                is_here || matches!(model.phase(), Phase::Done(_))
            }),
            count: self.count.as_ref(),
            is_feedback_sent: self.is_feedback_sent,
            on_action: &self.on_action,
        })
    }

    fn rendered(&mut self, _: &Context<App>, first: bool) {
        let host = &self.context.mount.host;
        if first {
            match self.context.campaign.is_some() {
                true => browser::dispatch(host, "pledge-ready", &[]),
                false => browser::dispatch(host, "pledge-error", &[("code", "campaign-invalid")]),
            }
        }
        if !std::mem::replace(&mut self.is_painted, true) {
            self.context.mount.bridge.paint();
        }
        self.select_options();
        if let Some(id) = self.focus.take() {
            browser::focus(host, id);
        }
        if std::mem::take(&mut self.is_share_due) {
            self.context.mount.bridge.share(&self.context.shared_page(), &self.receipt);
        }
    }
}

impl App {
    /// Selects in each list the option that the model contains. The `selected` attribute only sets the initial one.
    fn select_options(&self) {
        let Some(model) = &self.model else { return };
        for field in model.lane().active_fields().filter(|field| field.kind == FieldKind::Choice) {
            browser::select_option(&self.context.mount.host, field.name.as_str(), model.form().get(&field.name));
        }
    }

    /// Returns what determines how the form looks, apart from the values of its controls.
    fn form_snapshot(&self) -> Option<FormSnapshot> {
        let model = self.model.as_ref()?;
        let errors = model.errors().to_vec();
        let error_count = model.error_count();
        Some((model.phase().clone(), errors, error_count, model.form().lane, self.context.availability.get()))
    }

    /// Reads the controls of the form into the model, so that the next render does not overwrite what they show.
    ///
    /// Does nothing if they have been read since the last render: until the next one, they may show older values.
    fn read_controls(&mut self, ctx: &Context<App>) {
        if self.are_controls_read.replace(true) {
            return;
        }
        let bridge = self.context.mount.bridge.clone();
        for (action, control) in collect(|| bridge.read_controls()) {
            self.handle_action(ctx, action, control);
        }
    }

    /// Handles a message, and returns whether to render.
    #[inline(never)]
    fn handle(&mut self, ctx: &Context<App>, msg: AppMsg) -> bool {
        match msg {
            AppMsg::Acted(action, control) => self.handle_action(ctx, action, control),
            AppMsg::Reset => self.update_model(ctx, Msg::Reset),
            AppMsg::Prefill(values) => self.update_model(ctx, self.prefill_msg(values)),
            AppMsg::Answered(attempt, outcome) => self.handle_outcome(ctx, attempt, outcome),
            AppMsg::Received(address) => {
                self.receipt = address;
                return false;
            }
            AppMsg::CountRead(None) => return false,
            AppMsg::CountRead(count) => self.set_count(count),
            AppMsg::RetryDue(attempt) => {
                self.update_model(ctx, Msg::Due { attempt, at_ms: browser::now_ms(), online: browser::is_online() });
            }
            AppMsg::Online => self.update_model(ctx, Msg::Online { at_ms: browser::now_ms() }),
            AppMsg::ReadCount(fresh) => self.read_count(ctx, fresh),
            AppMsg::Signed => self.count_signature(),
            AppMsg::AvailabilityDue => self.schedule_availability_update(ctx),
            AppMsg::Open => self.open(),
            AppMsg::Configured(campaign, strings) if self.is_sending() => {
                self.pending_configuration = Some((campaign, strings));
                return false;
            }
            AppMsg::Configured(campaign, strings) => {
                let before = Rc::clone(&self.context);
                self.context = Rc::new(WidgetContext::new(self.context.mount.clone(), &campaign, &strings));
                if before.count_key() != self.context.count_key() {
                    // The number on screen belongs to another campaign.
                    self.count = None;
                }
                self.is_painted = false;
                // If the thanks are on screen, the new language needs a new share panel.
                self.is_share_due = self.model.as_ref().is_some_and(|model| matches!(model.phase(), Phase::Done(_)));
                self.reconfigure(ctx);
                self.read_count(ctx, false);
                self.schedule_availability_update(ctx);
            }
        }
        true
    }

    /// Returns the configuration that applies, for the host page's script.
    pub fn config(&self) -> Value {
        self.context.config()
    }

    fn is_sending(&self) -> bool {
        self.model.as_ref().is_some_and(|model| *model.phase() == Phase::Sending)
    }

    fn reconfigure(&mut self, ctx: &Context<App>) {
        // If nothing can be signed for now, the model keeps what the supporter typed.
        let Some(new) = self.context.setup() else { return };
        match &mut self.model {
            Some(_) => self.update_model(ctx, Msg::Reconfigured(Box::new(new))),
            none => *none = Some(Model::new(new)),
        }
    }

    #[inline(never)]
    fn handle_action(&mut self, ctx: &Context<App>, action: Action, control: ControlState) {
        let msg = match action {
            Action::Type(field) => Msg::Typed(field, Personal::new(control.value)),
            Action::Leave(field) => return self.leave(ctx, field, control.value),
            Action::Tick(field) => {
                let ticked = if control.checked { TICKED } else { "" };
                return self.leave(ctx, field, ticked.to_owned());
            }
            Action::Toggle(field, value) => {
                let chosen = self.model.as_ref().map_or("", |model| model.form().get(&field));
                let chosen = toggled(chosen, &value, control.checked);
                return self.leave(ctx, field, chosen);
            }
            // Reading the controls also reports boxes that the supporter has not touched. Those are not answers.
            Action::Consent(purpose) if !control.checked && self.answer(purpose).is_none() => return,
            Action::Consent(purpose) => Msg::ConsentAnswered(purpose, control.checked),
            Action::Decline(purpose) => Msg::ConsentAnswered(purpose, false),
            Action::Lane(lane) => Msg::LaneChosen(lane),
            Action::Submit => match browser::random() {
                Some(random) => {
                    Msg::Submit { now: browser::now(), at_ms: browser::now_ms(), random, online: browser::is_online() }
                }
                None => return browser::warn("no source of random numbers."),
            },
            Action::FocusField(field) => return browser::focus(&self.context.mount.host, field.as_str()),
            Action::Open => return self.open(),
            // The element's script observes the attribute, and fetches the campaign and the strings.
            Action::Language => return self.context.mount.host.set_lang(&control.value),
            Action::Useful(is_useful) => {
                if let Some((server, campaign)) = self.context.pledge_server() {
                    browser::post(&server.feedback_url(campaign), if is_useful { "yes" } else { "no" }, |_| {});
                }
                self.is_feedback_sent = true;
                self.focus = Some(views::USEFUL_ID);
                return;
            }
            Action::Close => return browser::close_dialog(&self.context.mount.host, views::DIALOG_ID),
        };
        self.update_model(ctx, msg);
    }

    /// Sets the text of a field, and checks it if it had an error.
    fn leave(&mut self, ctx: &Context<App>, field: FieldName, text: String) {
        self.update_model(ctx, Msg::Typed(field.clone(), Personal::new(text)));
        self.update_model(ctx, Msg::Left(field));
    }

    /// Returns the answer to a consent question; `None` if the supporter has not answered it.
    fn answer(&self, purpose: ConsentPurpose) -> Option<bool> {
        self.model.as_ref()?.form().consent(purpose)
    }

    fn open(&self) {
        let host = &self.context.mount.host;
        if !browser::open_dialog(host, views::DIALOG_ID) {
            browser::scroll_to(host);
            browser::focus(host, views::TITLE_ID);
        }
    }

    /// Returns the message for values that the host page supplies. They never come from an address, and no event
    /// reveals them.
    fn prefill_msg(&self, values: Value) -> Msg {
        let mut known = Vec::new();
        let lanes = self.context.campaign.as_ref().map_or(&[][..], |campaign| &campaign.lanes);
        let Value::Map(members) = values else { return Msg::Prefilled(known) };
        for (name, value) in members {
            let name = FieldName::parse(&name);
            let name =
                name.filter(|name| lanes.iter().any(|lane| lane.active_fields().any(|field| field.name == *name)));
            match (name, value) {
                (Some(name), Value::Text(text)) => known.push((name, Personal::new(text))),
                _ => browser::warn("prefill: a value is ignored; use strings named after fields of the form."),
            }
        }
        Msg::Prefilled(known)
    }

    #[inline(never)]
    fn handle_outcome(&mut self, ctx: &Context<App>, attempt: u32, outcome: Outcome) {
        let [high, low, ..] = browser::random().unwrap_or_default();
        let jitter = u16::from_be_bytes([high, low]);
        self.answered_late = !self.is_sending();
        self.update_model(ctx, Msg::Answered { attempt, outcome, at_ms: browser::now_ms(), jitter });
    }

    /// Sets the count. If the read failed, the number on screen stays.
    fn set_count(&mut self, count: Option<Count>) {
        let Some(mut count) = count else { return };
        // Caches may return a number from before the signature. Times are in whole seconds, and clocks differ.
        if let Some(shown) = &self.count
            && !self.signed_at.is_empty()
            && (count.as_of <= shown.as_of || count.as_of.get(..19) < self.signed_at.get(..19))
        {
            count.signature_count = count.signature_count.max(shown.signature_count);
        }
        self.count = Some(count);
    }

    /// Adds a signature to the count: someone has just signed, here or in another widget of the campaign.
    fn count_signature(&mut self) {
        if let Some(count) = &mut self.count {
            count.signature_count += 1;
            self.signed_at = self.context.mount.bridge.server_time();
        }
    }

    /// Opens or closes the form when it is time, as a page may stay open for days. Waits for a signature that is being
    /// sent.
    #[inline(never)]
    fn update_availability(&mut self, ctx: &Context<App>) {
        let Some(campaign) = &self.context.campaign else { return };
        let availability = campaign.availability(&browser::now());
        if availability == self.context.availability.get() || self.is_sending() {
            return;
        }
        self.context.availability.set(availability);
        if availability == Availability::Closed && browser::has_focus(&self.context.mount.host) {
            // The element that has the focus disappears.
            self.focus = Some(views::TITLE_ID);
        }
        self.read_count(ctx, false);
        self.schedule_availability_update(ctx);
    }

    /// Sets the timer for when the campaign opens or closes.
    fn schedule_availability_update(&mut self, ctx: &Context<App>) {
        let campaign = self.context.campaign.as_ref();
        let at = campaign.and_then(|campaign| campaign.next_change_at(self.context.availability.get()));
        self._availability_timer = at.map(|at| {
            let link = ctx.link().clone();
            Timeout::new(browser::ms_until(at.as_str()), move || link.send_message(AppMsg::AvailabilityDue))
        });
    }

    fn update_model(&mut self, ctx: &Context<App>, msg: Msg) {
        let is_open = self.context.availability.get() == Availability::Open;
        if !is_open && matches!(msg, Msg::Submit { .. } | Msg::Due { .. } | Msg::Online { .. }) {
            // Send nothing before the campaign opens or after it closes, even if the backend would accept it.
            return;
        }
        let Some(model) = &mut self.model else { return };
        let effects = model.update(msg);
        if !self.is_sending() {
            self.sending = None;
        }
        for effect in effects {
            self.run_effect(ctx, effect);
        }
        if !self.is_sending()
            && let Some((campaign, strings)) = self.pending_configuration.take()
        {
            ctx.link().send_message(AppMsg::Configured(campaign, strings));
        }
    }

    #[inline(never)]
    fn run_effect(&mut self, ctx: &Context<App>, effect: Effect) {
        let host = &self.context.mount.host;
        match effect {
            Effect::Started => {
                browser::dispatch(host, "pledge-start", &[]);
                // Now, so that it is done when the button is pressed.
                if let Some((server, campaign)) = self.context.pledge_server() {
                    self.context.mount.bridge.prove(&server.signatures_url(campaign));
                }
            }
            Effect::Send { attempt, body } => {
                browser::dispatch(host, "pledge-submit", &[]);
                let Some((server, campaign)) = self.context.pledge_server() else {
                    if self.context.route.is_none() {
                        // Signing has been switched off in the meantime.
                        return self.handle_outcome(ctx, attempt, Outcome::Refused(RefusalReason::Settings));
                    }
                    // The part for that backend sends it, and the element's script reports the outcome.
                    let config = browser::from_value(&self.context.config());
                    return self.context.mount.bridge.send(attempt, &browser::from_value(body.expose()), &config);
                };
                let report = move |link: &Scope<App>, outcome| link.send_message(AppMsg::Answered(attempt, outcome));
                let (timeout_link, result_link) = (ctx.link().clone(), ctx.link().clone());
                self.receipt.clear();
                let url = server.signatures_url(campaign);
                let bridge = self.context.mount.bridge.clone();
                let server_of_receipt = server.clone();
                self.sending = Some(browser::send(
                    &[&url, &*bridge.proof()].concat(),
                    &browser::to_json(body.expose()),
                    SEND_TIMEOUT_MS,
                    move || report(&timeout_link, Outcome::retryable(Failure::TimedOut)),
                    move |answer| {
                        if answer.as_ref().is_ok_and(|answer| answer.status == 429) {
                            bridge.prove(&url);
                        }
                        if let Some(receipt) = answer.as_ref().ok().and_then(pledge::receipt) {
                            result_link.send_message(AppMsg::Received(server_of_receipt.receipt_url(&receipt)));
                        }
                        report(&result_link, answer.map_or_else(Outcome::retryable, |answer| pledge::outcome(&answer)));
                    },
                ));
            }
            Effect::Wait { attempt, ms } => {
                let link = ctx.link().clone();
                self._retry_timer = Some(Timeout::new(ms, move || link.send_message(AppMsg::RetryDue(attempt))));
            }
            Effect::Focus(_) if self.answered_late && !browser::has_focus(host) => {}
            Effect::Focus(target) => self.focus = Some(focus_id(target)),
            Effect::Done(done, body) => {
                let campaign = self.context.campaign.as_ref();
                // Notify the backends that `also` names. If that fails, the supporter is not affected.
                if campaign.is_some_and(|campaign| campaign.also().len() > 0) {
                    let config = browser::from_value(&self.context.config());
                    self.context.mount.bridge.notify_also(&browser::from_value(body.expose()), &config);
                }
                self.is_share_due = true;
                if done != Done::Signed {
                    return browser::dispatch(host, "pledge-sent", &[]);
                }
                browser::dispatch(host, "pledge-signed", &[]);
                if let Some(url) = campaign.and_then(|campaign| campaign.redirect_url()).filter(|_| !self.answered_late)
                {
                    self.context.mount.bridge.navigate(url);
                }
                if !self.context.attributes.testing {
                    self.count_signature();
                }
                self.read_count(ctx, true);
                self.read_count_later(ctx, COUNT_AFTER_SIGNING_MS, true);
            }
            Effect::Failed(failure) => {
                let reason = failure.as_str();
                browser::warn(&["the signature was not sent: ", reason, "."].concat());
                browser::dispatch(host, "pledge-error", &[("code", "not-sent"), ("reason", reason)]);
            }
            Effect::Refused(reason) => {
                browser::warn("the backend refused the signature.");
                browser::dispatch(host, "pledge-error", &[("code", "refused"), ("reason", reason.as_str())]);
            }
        }
    }

    /// Reads the count, unless the page is hidden, and sets the timer for the next read.
    fn read_count(&mut self, ctx: &Context<App>, fresh: bool) {
        if !self.context.shows_count() {
            self._count_timer = None;
            return;
        }
        if !browser::is_hidden() {
            match self.context.count_url() {
                Some(url) => {
                    let link = ctx.link().clone();
                    browser::get(&url, fresh, move |answer| link.send_message(AppMsg::CountRead(parse_count(answer))));
                }
                None => self.context.mount.bridge.read_count(),
            }
        }
        if self.context.availability.get() == Availability::Open {
            let jitter_ms = u32::from(browser::random().unwrap_or_default()[0]) * (COUNT_INTERVAL_MS / 4 / 255);
            self.read_count_later(ctx, COUNT_INTERVAL_MS + jitter_ms, false);
        }
    }

    fn read_count_later(&mut self, ctx: &Context<App>, ms: u32, fresh: bool) {
        let link = ctx.link().clone();
        self._count_timer = Some(Timeout::new(ms, move || link.send_message(AppMsg::ReadCount(fresh))));
    }
}

/// Returns the count in a response of our own server; `None` if there is none.
fn parse_count(answer: browser::FetchResult) -> Option<Count> {
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
