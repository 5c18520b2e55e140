//! The states of a signing and the steps between them.

use crate::form::{Form, Setup};
use pledge_backend::{Backend, HttpRequest, HttpResponse, Outcome, RefusalReason};
use pledge_domain::{ConsentPurpose, FieldError, FieldName, Lane, SignatureId};
use std::rc::Rc;

/// Where the signing stands.
#[derive(Clone, Debug, PartialEq)]
pub enum Phase {
    /// The form is being filled in.
    Editing,
    /// One request is under way.
    Sending,
    /// The last try did not arrive, or nobody can say that it did. What was typed stays; the supporter may try again.
    NotSent(NotSent),
    /// The backend will not take it, however often it is sent.
    Refused(RefusalReason),
    /// The backend said that it is stored.
    Signed,
}

/// Why a try was not sent, as far as can be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotSent {
    /// The device has no connection.
    Offline,
    /// No answer came in time.
    TimedOut,
    /// The connection failed.
    Unreachable,
    /// The server said that it cannot take it now.
    ServerFailed,
}

/// What happened.
#[derive(Clone, Debug)]
pub enum Msg {
    /// The supporter typed in a field.
    Typed(FieldName, String),
    /// The supporter answered a question.
    Consented(ConsentPurpose, bool),
    /// The supporter chose the lane at that place.
    LaneChosen(usize),
    /// The host page knows some values: they fill the fields that are empty.
    Prefilled(Vec<(FieldName, String)>),
    /// The host page wants an empty form.
    Reset,
    /// The embedder changed the configuration. What was typed stays.
    Reconfigured(Box<(Setup, Backend)>),
    /// The supporter pressed the button or Enter.
    Submit {
        /// Now (RFC 3339, UTC).
        now: String,
        /// Sixteen fresh random bytes.
        random: [u8; 16],
        /// Whether the device believes that it has a connection.
        online: bool,
    },
    /// The backend answered the try of that number.
    Answered {
        /// Which try.
        attempt: u32,
        /// The answer.
        response: HttpResponse,
    },
    /// The try of that number failed without an answer.
    Failed {
        /// Which try.
        attempt: u32,
        /// Why.
        reason: NotSent,
    },
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Send this request, and report the answer or the failure with the number of the try.
    Send {
        /// Which try.
        attempt: u32,
        /// What to send.
        request: Rc<HttpRequest>,
    },
    /// The supporter has begun: tell the host page.
    Started,
    /// Move the focus.
    Focus(FocusTarget),
    /// The backend accepted the signature: tell the host page and read the count anew.
    Signed,
    /// The try failed: tell the host page.
    Failed(NotSent),
    /// The backend refused: tell the host page.
    Refused(RefusalReason),
}

/// Where the focus goes when a state needs attention.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FocusTarget {
    /// The list of errors above the form.
    ErrorSummary,
    /// The message that the signature was not sent or not taken.
    Notice,
    /// The thank-you heading.
    Thanks,
}

/// The state of one widget.
#[derive(Debug)]
pub struct Model {
    setup: Setup,
    backend: Backend,
    form: Form,
    errors: Vec<(FieldName, FieldError)>,
    phase: Phase,
    started: bool,
    attempt: u32,
    /// The last request made and what it was made of: the same text sends the same bytes.
    made: Option<(Form, Rc<HttpRequest>)>,
}

impl Model {
    /// An empty form.
    pub fn new(setup: Setup, backend: Backend) -> Model {
        Model {
            setup,
            backend,
            form: Form::default(),
            errors: Vec::new(),
            phase: Phase::Editing,
            started: false,
            attempt: 0,
            made: None,
        }
    }

    /// What is typed.
    pub fn form(&self) -> &Form {
        &self.form
    }

    /// What cannot be taken, in the order of the form. It stays until the next try to send.
    pub fn errors(&self) -> &[(FieldName, FieldError)] {
        &self.errors
    }

    /// What is wrong with one field.
    pub fn error(&self, field: &FieldName) -> Option<FieldError> {
        self.errors.iter().find(|(name, _)| name == field).map(|(_, error)| *error)
    }

    /// The lane chosen.
    pub fn lane(&self) -> &Lane {
        &self.setup.campaign.lanes[self.form.lane]
    }

    /// Where the signing stands.
    pub fn phase(&self) -> &Phase {
        &self.phase
    }

    /// What does not change while the form stands.
    pub fn setup(&self) -> &Setup {
        &self.setup
    }

    /// Whether sending again cannot make two signatures of one.
    pub fn is_idempotent(&self) -> bool {
        self.backend.capabilities().idempotent
    }

    /// Takes what happened and says what is to be done.
    pub fn update(&mut self, msg: Msg) -> Vec<Effect> {
        match msg {
            Msg::Reset => {
                if self.phase != Phase::Sending {
                    self.form = Form::default();
                    self.errors.clear();
                    self.phase = Phase::Editing;
                    self.made = None;
                }
                Vec::new()
            }
            Msg::Reconfigured(new) => {
                let (setup, backend) = *new;
                if self.phase == Phase::Sending {
                    // What is under way is answered as it was sent; the caller tells again afterwards.
                    return Vec::new();
                }
                if setup.campaign.id != self.setup.campaign.id {
                    // Whatever became of the other campaign's signature says nothing about this one's.
                    self.phase = Phase::Editing;
                    self.errors.clear();
                    self.made = None;
                }
                // The lane stays the chosen one, wherever it stands now.
                let chosen = self.lane().name;
                self.form.lane = setup.campaign.lanes.iter().position(|lane| lane.name == chosen).unwrap_or(0);
                let old = &self.setup;
                let is_same = (&old.source, old.testing, &old.statement, &old.questions)
                    == (&setup.source, setup.testing, &setup.statement, &setup.questions);
                if !is_same {
                    // Whoever answered, answered other words, or in another place.
                    self.form.forget_consents();
                }
                if !is_same || self.backend != backend {
                    self.made = None;
                }
                (self.setup, self.backend) = (setup, backend);
                Vec::new()
            }
            // While a request is under way the form must not differ from what was sent.
            Msg::Typed(..) | Msg::Consented(..) | Msg::LaneChosen(_) | Msg::Prefilled(_) if !self.is_editable() => {
                Vec::new()
            }
            Msg::Typed(field, text) => {
                self.form.set(field, text);
                self.start()
            }
            Msg::Consented(purpose, given) => {
                self.form.set_consent(purpose, given);
                self.start()
            }
            Msg::LaneChosen(lane) => {
                if lane != self.form.lane && lane < self.setup.campaign.lanes.len() {
                    self.form.lane = lane;
                    self.errors.clear();
                }
                self.start()
            }
            Msg::Prefilled(values) => {
                for (field, text) in values {
                    if self.form.get(&field).is_empty() {
                        self.form.set(field, text);
                    }
                }
                Vec::new()
            }
            Msg::Submit { now, random, online } if self.is_editable() => self.submit(&now, random, online),
            Msg::Submit { .. } => Vec::new(),
            Msg::Answered { attempt, response } if self.awaits(attempt) => self.answered(&response),
            Msg::Failed { attempt, reason } if self.awaits(attempt) => self.not_sent(reason),
            // The answer to a try that has been given up.
            Msg::Answered { .. } | Msg::Failed { .. } => Vec::new(),
        }
    }

    fn start(&mut self) -> Vec<Effect> {
        if std::mem::replace(&mut self.started, true) { Vec::new() } else { vec![Effect::Started] }
    }

    fn is_editable(&self) -> bool {
        !matches!(self.phase, Phase::Sending | Phase::Signed)
    }

    fn awaits(&self, attempt: u32) -> bool {
        self.phase == Phase::Sending && self.attempt == attempt
    }

    #[inline(never)]
    fn submit(&mut self, now: &str, random: [u8; 16], online: bool) -> Vec<Effect> {
        let request = match self.made.take() {
            // Nobody knows whether the last try arrived, so the same text goes out as the same bytes.
            Some((form, request)) if form == self.form => request,
            _ => match self.form.sign(&self.setup, SignatureId::new(random), now) {
                Ok(signature) => Rc::new(self.backend.request(&signature)),
                Err(errors) => return self.show_errors(errors),
            },
        };
        self.errors.clear();
        self.made = Some((self.form.clone(), Rc::clone(&request)));
        self.attempt += 1;
        if !online {
            return self.not_sent(NotSent::Offline);
        }
        self.phase = Phase::Sending;
        vec![Effect::Send { attempt: self.attempt, request }]
    }

    #[inline(never)]
    fn answered(&mut self, response: &HttpResponse) -> Vec<Effect> {
        match self.backend.outcome(response) {
            Outcome::Accepted | Outcome::AlreadySigned => {
                self.phase = Phase::Signed;
                // Nothing typed outlives its use: not in the form, not in a page kept for the back button.
                self.form = Form::default();
                self.made = None;
                vec![Effect::Signed, Effect::Focus(FocusTarget::Thanks)]
            }
            Outcome::FieldErrors(errors) => {
                self.made = None;
                self.show_errors(errors)
            }
            Outcome::Retryable { .. } => self.not_sent(NotSent::ServerFailed),
            Outcome::Refused(reason) => {
                self.made = None;
                self.phase = Phase::Refused(reason);
                vec![Effect::Refused(reason), Effect::Focus(FocusTarget::Notice)]
            }
        }
    }

    fn show_errors(&mut self, errors: Vec<(FieldName, FieldError)>) -> Vec<Effect> {
        self.errors = errors;
        self.phase = Phase::Editing;
        vec![Effect::Focus(FocusTarget::ErrorSummary)]
    }

    fn not_sent(&mut self, reason: NotSent) -> Vec<Effect> {
        self.phase = Phase::NotSent(reason);
        vec![Effect::Failed(reason), Effect::Focus(FocusTarget::Notice)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pledge_api::{Accepted, Problem, ProblemType};
    use pledge_backend::BackendKind;
    use pledge_domain::{Campaign, CampaignId, Defect, LaneName, LanguageTag, Value};

    fn model() -> Model {
        let id = CampaignId::parse("c").unwrap();
        let backend = Backend::new(BackendKind::Pledge, None, "https://pledge.example", id).unwrap();
        let setup = Setup {
            campaign: campaign(r#"[{"name":"individual"},{"name":"professional","consent_listing_text":"List us?"}]"#),
            questions: vec![(ConsentPurpose::Updates, "News?".to_owned())],
            statement: ("I consent.".to_owned(), "1".to_owned()),
            locale: LanguageTag::parse("en").unwrap(),
            source: None,
            location: None,
            testing: false,
        };
        Model::new(setup, backend)
    }

    fn campaign(lanes: &str) -> Rc<Campaign> {
        let file = format!(r#"{{"id":"c","locale":"en","title":"T","petition_text":["We ask."],"lanes":{lanes}}}"#);
        Rc::new(Campaign::read(&serde_json::from_str(&file).unwrap()).campaign.unwrap())
    }

    fn filled() -> Model {
        let mut model = model();
        model.update(typed("name", "Ana Silva"));
        model.update(typed("email", "ana@example.org"));
        model
    }

    fn name(text: &str) -> FieldName {
        FieldName::parse(text).unwrap()
    }

    fn typed(field: &str, text: &str) -> Msg {
        Msg::Typed(name(field), text.to_owned())
    }

    #[inline(never)]
    fn submit(random: u8) -> Msg {
        Msg::Submit { now: "2026-11-23T06:40:00Z".to_owned(), random: [random; 16], online: true }
    }

    fn sent(effects: &[Effect]) -> (u32, Rc<HttpRequest>) {
        match effects {
            [Effect::Send { attempt, request }] => (*attempt, request.clone()),
            other => panic!("expected one send, got {other:?}"),
        }
    }

    fn answer(attempt: u32, status: u16, body: Option<Value>) -> Msg {
        Msg::Answered { attempt, response: HttpResponse { status, retry_after_s: None, body, is_html: false } }
    }

    fn accepted(attempt: u32) -> Msg {
        answer(attempt, 201, Some(Accepted { id: SignatureId::new([1; 16]) }.to_value()))
    }

    #[test]
    fn an_empty_form_is_not_sent_and_the_summary_takes_focus() {
        let mut model = model();
        assert_eq!(model.update(submit(1)), [Effect::Focus(FocusTarget::ErrorSummary)]);
        let missing = [(name("name"), FieldError::Missing), (name("email"), FieldError::Missing)];
        assert_eq!(model.errors(), missing);
        model.update(typed("name", "Ana"));
        assert_eq!(model.errors(), missing, "errors stay until the next try");
        assert_eq!(model.form().get(&name("name")), "Ana");
    }

    #[test]
    fn three_presses_make_one_request() {
        let mut model = filled();
        let (attempt, _) = sent(&model.update(submit(1)));
        assert_eq!(model.update(submit(2)), []);
        assert_eq!(model.update(submit(3)), []);
        assert_eq!(model.update(accepted(attempt)), [Effect::Signed, Effect::Focus(FocusTarget::Thanks)]);
        assert_eq!(model.update(submit(4)), []);
        assert_eq!(model.form(), &Form::default(), "what was typed is gone once it is of no use");
    }

    #[test]
    fn signed_only_when_the_backend_said_so() {
        for reason in [NotSent::Offline, NotSent::TimedOut, NotSent::Unreachable] {
            let mut model = filled();
            let (attempt, _) = sent(&model.update(submit(1)));
            model.update(Msg::Failed { attempt, reason });
            assert_eq!(model.phase(), &Phase::NotSent(reason));
            assert_eq!(model.form().get(&name("email")), "ana@example.org", "typed values stay");
        }
        for (status, phase) in [
            (503, Phase::NotSent(NotSent::ServerFailed)),
            (200, Phase::Refused(RefusalReason::Other)),
            (403, Phase::Refused(RefusalReason::Other)),
        ] {
            let mut model = filled();
            let (attempt, _) = sent(&model.update(submit(1)));
            model.update(answer(attempt, status, None));
            assert_eq!(model.phase(), &phase);
        }
    }

    #[test]
    fn a_retry_sends_the_same_bytes_and_a_changed_form_is_a_new_intent() {
        let mut model = filled();
        let (first, request) = sent(&model.update(submit(1)));
        model.update(Msg::Failed { attempt: first, reason: NotSent::TimedOut });
        let (second, again) = sent(&model.update(submit(2)));
        assert_eq!(again, request);
        model.update(Msg::Failed { attempt: second, reason: NotSent::TimedOut });
        model.update(typed("name", "Ana S"));
        let (_, changed) = sent(&model.update(submit(3)));
        assert_ne!(changed.body.get("id"), request.body.get("id"));
    }

    #[test]
    fn without_a_connection_nothing_is_sent() {
        let mut model = filled();
        let offline = Msg::Submit { now: "2026-11-23T06:40:00Z".to_owned(), random: [1; 16], online: false };
        let effects = model.update(offline);
        assert_eq!(effects, [Effect::Failed(NotSent::Offline), Effect::Focus(FocusTarget::Notice)]);
        sent(&model.update(submit(2)));
    }

    #[test]
    fn a_late_answer_to_a_given_up_try_changes_nothing() {
        let mut model = filled();
        let (first, _) = sent(&model.update(submit(1)));
        model.update(Msg::Failed { attempt: first, reason: NotSent::TimedOut });
        assert_eq!(model.update(answer(first, 403, None)), []);
        let (second, _) = sent(&model.update(submit(2)));
        assert_eq!(model.update(answer(first, 403, None)), []);
        assert_eq!(model.phase(), &Phase::Sending);
        model.update(accepted(second));
        assert_eq!(model.phase(), &Phase::Signed);
    }

    #[test]
    fn while_sending_the_form_stays_as_it_was_sent() {
        let mut model = filled();
        model.update(submit(1));
        model.update(typed("name", "Bo"));
        model.update(Msg::Consented(ConsentPurpose::Updates, true));
        model.update(Msg::LaneChosen(1));
        model.update(Msg::Prefilled(vec![(name("postcode"), "N1".to_owned())]));
        assert_eq!((model.form().lane, model.form().get(&name("postcode"))), (0, ""));
        assert_eq!(model.form().get(&name("name")), "Ana Silva");
        assert_eq!(model.form().consent(ConsentPurpose::Updates), None);
    }

    #[test]
    fn the_servers_field_errors_land_on_the_fields() {
        let mut model = filled();
        let (attempt, _) = sent(&model.update(submit(1)));
        let defect = Defect { pointer: "/email".to_owned(), detail: String::new(), code: "malformed" };
        let body = Problem::invalid_signature(vec![defect]).to_value();
        let effects = model.update(answer(attempt, ProblemType::InvalidSignature.status(), Some(body)));
        assert_eq!(effects, [Effect::Focus(FocusTarget::ErrorSummary)]);
        assert_eq!(model.error(&name("email")), Some(FieldError::Malformed));
        assert_eq!(model.form().get(&name("email")), "ana@example.org");
    }

    #[test]
    fn an_answer_does_not_outlive_the_words_it_was_given_to() {
        let mut model = filled();
        model.update(Msg::Consented(ConsentPurpose::Updates, true));
        let with = |model: &Model, words: &str| {
            let questions = vec![(ConsentPurpose::Updates, words.to_owned())];
            let setup = Setup { questions, ..model.setup.clone() };
            Msg::Reconfigured(Box::new((setup, model.backend.clone())))
        };
        let same = with(&model, "News?");
        model.update(same);
        assert_eq!(model.form().consent(ConsentPurpose::Updates), Some(true));
        let other = with(&model, "Newyddion?");
        model.update(other);
        assert_eq!(model.form().consent(ConsentPurpose::Updates), None, "nobody has answered these words");
        assert_eq!(model.form().get(&name("name")), "Ana Silva");
    }

    #[test]
    fn consent_is_what_was_shown_and_answered() {
        let states = |answer: Option<bool>, asked: bool| {
            let mut model = filled();
            if !asked {
                model.setup.questions.clear();
            }
            answer.map(|given| model.update(Msg::Consented(ConsentPurpose::Updates, given)));
            let (_, request) = sent(&model.update(submit(1)));
            let consents = request.body.get("consents").unwrap().as_list().unwrap().to_vec();
            let text = |consent: &Value, member: &str| consent.get(member).unwrap().as_text().unwrap().to_owned();
            consents.iter().map(|one| [text(one, "purpose"), text(one, "state")].join(" ")).collect::<Vec<_>>()
        };
        assert_eq!(states(Some(true), true), ["processing given", "updates given"]);
        assert_eq!(states(Some(false), true), ["processing given", "updates refused"]);
        assert_eq!(states(None, true), ["processing given", "updates refused"]);
        assert_eq!(states(None, false), ["processing given", "updates not_asked"]);
    }

    #[test]
    fn another_lane_asks_its_own_questions_and_keeps_what_was_typed() {
        let mut model = filled();
        model.update(Msg::LaneChosen(1));
        assert_eq!(model.update(submit(1)), [Effect::Focus(FocusTarget::ErrorSummary)]);
        assert_eq!(model.errors(), [(name("role"), FieldError::Missing)]);
        model.update(Msg::LaneChosen(0));
        assert_eq!(model.errors(), [], "errors are those of the lane shown");
        model.update(Msg::LaneChosen(1));
        model.update(typed("role", "Nurse"));
        let (_, request) = sent(&model.update(submit(2)));
        assert_eq!(request.body.get("lane").unwrap().as_text(), Some("professional"));
        assert_eq!(request.body.get("fields").unwrap().get("role").unwrap().as_text(), Some("Nurse"));
        assert_eq!(request.body.get("consents").unwrap().as_list().unwrap().len(), 3);
    }

    #[test]
    fn the_first_act_is_told_once() {
        let mut model = model();
        assert_eq!(model.update(Msg::Prefilled(vec![(name("name"), "Ana".to_owned())])), []);
        assert_eq!(model.update(typed("name", "Bo")), [Effect::Started]);
        assert_eq!(model.update(typed("name", "Bo L")), []);
        model.update(Msg::Prefilled(vec![
            (name("name"), "Ana".to_owned()),
            (name("email"), "a@example.org".to_owned()),
        ]));
        assert_eq!(model.form().get(&name("name")), "Bo L", "a host page never overwrites what was typed");
        assert_eq!(model.form().get(&name("email")), "a@example.org");
    }

    #[test]
    fn a_new_configuration_keeps_what_was_typed_and_the_lane() {
        let mut model = filled();
        model.update(Msg::LaneChosen(1));
        let mut setup = model.setup.clone();
        setup.campaign = campaign(r#"[{"name":"professional"}]"#);
        let backend = model.backend.clone();
        model.update(Msg::Reconfigured(Box::new((setup, backend))));
        assert_eq!((model.lane().name, model.form().get(&name("name"))), (LaneName::Professional, "Ana Silva"));
    }

    #[test]
    fn thanks_for_one_campaign_are_not_shown_for_another() {
        let mut model = filled();
        let (attempt, _) = sent(&model.update(submit(1)));
        model.update(accepted(attempt));
        let mut setup = model.setup.clone();
        let backend = model.backend.clone();
        model.update(Msg::Reconfigured(Box::new((setup.clone(), backend.clone()))));
        assert_eq!(model.phase(), &Phase::Signed, "the same campaign stays signed");
        let mut other = Campaign::clone(&setup.campaign);
        other.id = CampaignId::parse("other").unwrap();
        setup.campaign = Rc::new(other);
        model.update(Msg::Reconfigured(Box::new((setup, backend))));
        assert_eq!(model.phase(), &Phase::Editing);
    }

    #[test]
    fn a_reset_empties_the_form_but_never_while_sending() {
        let mut model = filled();
        let (attempt, _) = sent(&model.update(submit(1)));
        model.update(Msg::Reset);
        assert_eq!(model.phase(), &Phase::Sending);
        model.update(accepted(attempt));
        model.update(Msg::Reset);
        assert_eq!((model.phase(), model.form()), (&Phase::Editing, &Form::default()));
    }
}
