//! The states of a signing and the steps between them.

use crate::form::{Form, Setup};
use pledge_backend::{Backend, HttpRequest, HttpResponse, Outcome, RefusalReason};
use pledge_domain::{FieldError, FieldName, SignatureId};
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
#[derive(Clone, Debug, PartialEq)]
pub enum Msg {
    /// The supporter typed in a field.
    Typed(FieldName, String),
    /// The supporter ticked or cleared the box for updates.
    Ticked(bool),
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
    pub fn error(&self, field: FieldName) -> Option<FieldError> {
        self.errors.iter().find(|(name, _)| *name == field).map(|(_, error)| *error)
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
            Msg::Typed(field, text) => {
                if self.is_editable() {
                    self.form.set(field, text);
                }
                Vec::new()
            }
            Msg::Ticked(ticked) => {
                if self.is_editable() {
                    self.form.wants_updates = ticked;
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

    /// While a request is under way the form must not differ from what was sent.
    fn is_editable(&self) -> bool {
        !matches!(self.phase, Phase::Sending | Phase::Signed)
    }

    fn awaits(&self, attempt: u32) -> bool {
        self.phase == Phase::Sending && self.attempt == attempt
    }

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
    use pledge_domain::{CampaignId, Defect, LanguageTag, Value};

    fn model() -> Model {
        let campaign = CampaignId::parse("c").unwrap();
        let backend = Backend::new(BackendKind::Pledge, None, "https://pledge.example", campaign).unwrap();
        let setup = Setup {
            updates_wording: Some("News?".to_owned()),
            source: None,
            location: None,
            locale: LanguageTag::parse("en").unwrap(),
            testing: false,
        };
        Model::new(setup, backend)
    }

    fn filled() -> Model {
        let mut model = model();
        model.update(Msg::Typed(FieldName::Name, "Ana Silva".to_owned()));
        model.update(Msg::Typed(FieldName::Email, "ana@example.org".to_owned()));
        model
    }

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
        let missing = [(FieldName::Name, FieldError::Missing), (FieldName::Email, FieldError::Missing)];
        assert_eq!(model.errors(), missing);
        model.update(Msg::Typed(FieldName::Name, "Ana".to_owned()));
        assert_eq!(model.errors(), missing, "errors stay until the next try");
        assert_eq!(model.form().name, "Ana");
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
            assert_eq!(model.form().email, "ana@example.org", "typed values stay");
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
        model.update(Msg::Typed(FieldName::Name, "Ana S".to_owned()));
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
        model.update(Msg::Typed(FieldName::Name, "Bo".to_owned()));
        model.update(Msg::Ticked(true));
        assert_eq!(model.form().name, "Ana Silva");
        assert!(!model.form().wants_updates);
    }

    #[test]
    fn the_servers_field_errors_land_on_the_fields() {
        let mut model = filled();
        let (attempt, _) = sent(&model.update(submit(1)));
        let defect = Defect { pointer: "/email".to_owned(), detail: String::new(), code: "malformed" };
        let body = Problem::invalid_signature(vec![defect]).to_value();
        let effects = model.update(answer(attempt, ProblemType::InvalidSignature.status(), Some(body)));
        assert_eq!(effects, [Effect::Focus(FocusTarget::ErrorSummary)]);
        assert_eq!(model.error(FieldName::Email), Some(FieldError::Malformed));
        assert_eq!(model.form().email, "ana@example.org");
    }

    #[test]
    fn consent_is_what_was_shown_and_answered() {
        let state = |ticked: bool, wording: Option<&str>| {
            let mut model = filled();
            model.setup.updates_wording = wording.map(str::to_owned);
            model.update(Msg::Ticked(ticked));
            let (_, request) = sent(&model.update(submit(1)));
            let consent = request.body.get("consent_updates").unwrap().clone();
            consent.get("state").unwrap().as_text().unwrap().to_owned()
        };
        assert_eq!(state(true, Some("News?")), "given");
        assert_eq!(state(false, Some("News?")), "refused");
        assert_eq!(state(true, None), "not_asked");
    }
}
