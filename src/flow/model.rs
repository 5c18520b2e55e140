//! The states of a signing and the steps between them.

use crate::form::{Form, Setup};
use crate::retry::{self, Burst};
use pledge_backend::{AGREEMENT, Outcome, RefusalReason, Trouble};
use pledge_domain::{ConsentPurpose, FieldError, FieldName, Lane, SignatureId, Value};
use std::rc::Rc;

/// Where the signing stands.
#[derive(Clone, Debug, PartialEq)]
pub enum Phase {
    /// The form is being filled in.
    Editing,
    /// One request is under way.
    Sending,
    /// The last try did not arrive, or nobody can say that it did. What was typed stays.
    NotSent {
        /// What went wrong.
        trouble: Trouble,
        /// Whether the next try comes by itself: after a while, or once the device is online. Else the supporter decides.
        will_retry: bool,
        /// Seconds that the backend asked to wait.
        after_s: Option<u32>,
    },
    /// The backend will not take it, however often it is sent.
    Refused(RefusalReason),
    /// It is done, as far as the backend said so.
    Done(Done),
}

/// How it is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    /// The backend said that it is stored.
    Signed,
    /// It was sent, and nobody can say that it arrived.
    Unverified,
    /// It counts once the supporter has followed a link in an e-mail.
    Pending,
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
    Reconfigured(Box<Setup>),
    /// The supporter pressed the button or Enter.
    Submit {
        /// Now (RFC 3339, UTC).
        now: String,
        /// Now, in milliseconds of any clock that only moves on.
        at_ms: f64,
        /// Sixteen fresh random bytes.
        random: [u8; 16],
        /// Whether the device believes that it has a connection.
        online: bool,
    },
    /// The try of that number came to this; a failure without an answer is [`Outcome::Retryable`].
    Answered {
        /// Which try.
        attempt: u32,
        /// What became of it.
        outcome: Outcome,
        /// Now, in milliseconds of the same clock.
        at_ms: f64,
        /// Sixteen fresh random bits: how long to wait before the next try.
        dice: u16,
    },
    /// The wait after the try of that number is over.
    Due {
        /// Which try.
        attempt: u32,
        /// Now, in milliseconds of the same clock.
        at_ms: f64,
        /// Whether the device believes that it has a connection.
        online: bool,
    },
    /// The device has a connection again.
    Online {
        /// Now, in milliseconds of the same clock.
        at_ms: f64,
    },
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Send this signature, and report what became of it with the number of the try.
    Send {
        /// Which try.
        attempt: u32,
        /// The signature in its wire form: the same for each try of one intent.
        body: Rc<Value>,
    },
    /// Say that it is due after so many milliseconds.
    Wait {
        /// Which try.
        attempt: u32,
        /// For how long.
        ms: u32,
    },
    /// The supporter has begun: tell the host page.
    Started,
    /// Move the focus.
    Focus(FocusTarget),
    /// It is done: tell the host page, and whoever else is to be told; where it is signed, read the count anew.
    Done(Done, Rc<Value>),
    /// The try failed: tell the host page.
    Failed(Trouble),
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
    form: Form,
    errors: Vec<(FieldName, FieldError)>,
    phase: Phase,
    started: bool,
    attempt: u32,
    burst: Burst,
    /// The last signature made and what it was made of: the same text sends the same bytes.
    made: Option<(Form, Rc<Value>)>,
    /// The last try that carried another signature.
    before: u32,
}

impl Model {
    /// An empty form.
    pub fn new(setup: Setup) -> Model {
        Model {
            setup,
            form: Form::default(),
            errors: Vec::new(),
            phase: Phase::Editing,
            started: false,
            attempt: 0,
            burst: Burst::default(),
            made: None,
            before: 0,
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
                self.reconfigure(*new);
                Vec::new()
            }
            // While a request is under way the form must not differ from what was sent.
            Msg::Typed(..) | Msg::Consented(..) | Msg::LaneChosen(_) | Msg::Prefilled(_) if !self.is_editable() => {
                Vec::new()
            }
            // Controls say what they show whether or not it has changed.
            Msg::Typed(field, text) if self.form.get(&field) == text => Vec::new(),
            Msg::Consented(purpose, given) if self.form.consent(purpose) == Some(given) => Vec::new(),
            Msg::LaneChosen(lane) if lane == self.form.lane => Vec::new(),
            Msg::Typed(field, text) => {
                self.form.set(field, text);
                self.start()
            }
            Msg::Consented(purpose, given) => {
                self.form.set_consent(purpose, given);
                self.start()
            }
            Msg::LaneChosen(lane) => {
                if lane < self.setup.campaign.lanes.len() {
                    self.form.lane = lane;
                    self.errors.clear();
                }
                self.start()
            }
            Msg::Prefilled(values) => {
                for (field, text) in values {
                    // No page consents for anybody.
                    if field.as_str() != AGREEMENT && self.form.get(&field).is_empty() {
                        self.form.set(field, text);
                    }
                }
                Vec::new()
            }
            Msg::Submit { now, at_ms, random, online } if self.is_editable() => {
                self.submit(&now, at_ms, random, online)
            }
            Msg::Answered { attempt, outcome, at_ms, dice }
                if self.phase == Phase::Sending && self.attempt == attempt =>
            {
                self.answered(outcome, at_ms, dice)
            }
            // An answer that comes after it has been given up ends the doubt, unless something else has been typed.
            Msg::Answered { attempt, outcome, at_ms, dice } if self.is_settled_by(attempt, &outcome) => {
                self.answered(outcome, at_ms, dice)
            }
            Msg::Due { attempt, at_ms, online } if attempt == self.attempt && self.waits(false) => {
                match self.phase {
                    // The tab has slept, and nobody watches any more.
                    Phase::NotSent { trouble, after_s, .. } if at_ms - self.burst.since_ms > retry::WINDOW_MS => {
                        self.not_sent(trouble, after_s, false)
                    }
                    _ if online => self.send(),
                    _ => self.not_sent(Trouble::Offline, None, true),
                }
            }
            Msg::Online { at_ms } if self.waits(true) => {
                self.burst = Burst::beginning(at_ms);
                self.send()
            }
            // The answer to a try that has been given up, a wait that nobody waits for.
            Msg::Submit { .. } | Msg::Answered { .. } | Msg::Due { .. } | Msg::Online { .. } => Vec::new(),
        }
    }

    #[inline(never)]
    fn reconfigure(&mut self, setup: Setup) {
        if self.phase == Phase::Sending {
            // What is under way is answered as it was sent; the caller tells again afterwards.
            return;
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
        let is_same = (&old.source, old.testing, &old.statement, &old.questions, &old.route)
            == (&setup.source, setup.testing, &setup.statement, &setup.questions, &setup.route)
            && old.agreement() == setup.agreement();
        if !is_same {
            // Whoever answered, answered other words, or in another place.
            self.form.forget_consents();
        }
        if !is_same {
            self.made = None;
            self.take_over();
        }
        self.setup = setup;
    }

    fn start(&mut self) -> Vec<Effect> {
        self.take_over();
        if std::mem::replace(&mut self.started, true) { Vec::new() } else { vec![Effect::Started] }
    }

    /// What has changed goes out by hand.
    fn take_over(&mut self) {
        if let Phase::NotSent { will_retry, .. } = &mut self.phase {
            *will_retry = false;
        }
    }

    /// Whether a late answer says what became of the signature that is in doubt: that it was taken, by any of the tries
    /// that carried it; or, of the last try, that it was not.
    fn is_settled_by(&self, attempt: u32, outcome: &Outcome) -> bool {
        let is_same = self.made.as_ref().is_some_and(|(form, _)| *form == self.form);
        let is_in_doubt = matches!(self.phase, Phase::Sending | Phase::NotSent { .. });
        let is_last = attempt == self.attempt && self.phase != Phase::Sending;
        is_same
            && is_in_doubt
            && attempt > self.before
            && match outcome {
                Outcome::Retryable { .. } => false,
                Outcome::FieldErrors(_) | Outcome::Refused(_) => is_last,
                _ => true,
            }
    }

    fn is_editable(&self) -> bool {
        !matches!(self.phase, Phase::Sending | Phase::Done(_))
    }

    /// Whether the next try is to come by itself: once the device is online, or after a while.
    fn waits(&self, for_connection: bool) -> bool {
        let is_same = self.made.as_ref().is_some_and(|(form, _)| *form == self.form);
        match self.phase {
            Phase::NotSent { trouble, will_retry: true, .. } => {
                is_same && (trouble == Trouble::Offline) == for_connection
            }
            _ => false,
        }
    }

    #[inline(never)]
    fn submit(&mut self, now: &str, at_ms: f64, random: [u8; 16], online: bool) -> Vec<Effect> {
        match &self.made {
            // Nobody knows whether the last try arrived, so the same text goes out as the same bytes.
            Some((form, _)) if *form == self.form => {}
            _ => match self.form.sign(&self.setup, SignatureId::new(random), now) {
                Ok(signature) => {
                    self.made = Some((self.form.clone(), Rc::new(pledge_backend::wire_form(&signature))));
                    self.before = self.attempt;
                }
                Err(errors) => {
                    self.made = None;
                    return self.show_errors(errors);
                }
            },
        }
        self.errors.clear();
        self.burst = Burst::beginning(at_ms);
        if online { self.send() } else { self.not_sent(Trouble::Offline, None, true) }
    }

    fn send(&mut self) -> Vec<Effect> {
        let Some((_, body)) = &self.made else { return Vec::new() };
        self.attempt += 1;
        self.burst.tries += 1;
        self.phase = Phase::Sending;
        vec![Effect::Send { attempt: self.attempt, body: Rc::clone(body) }]
    }

    #[inline(never)]
    fn answered(&mut self, outcome: Outcome, at_ms: f64, dice: u16) -> Vec<Effect> {
        match outcome {
            Outcome::Accepted | Outcome::Duplicate => self.done(Done::Signed),
            Outcome::AcceptedUnverified => self.done(Done::Unverified),
            Outcome::Pending => self.done(Done::Pending),
            Outcome::Retryable { after_s, trouble } => {
                let may_retry = self.setup.is_idempotent && !trouble.never_left();
                match retry::wait_ms(&self.burst, at_ms, after_s, dice).filter(|_| may_retry) {
                    Some(ms) => {
                        self.phase = Phase::NotSent { trouble, will_retry: true, after_s };
                        vec![Effect::Wait { attempt: self.attempt, ms }]
                    }
                    None => {
                        let waits = trouble == Trouble::Offline && self.setup.is_idempotent;
                        self.not_sent(trouble, after_s, waits)
                    }
                }
            }
            Outcome::FieldErrors(mut errors) => {
                self.made = None;
                let lane = &self.setup.campaign.lanes[self.form.lane];
                errors.retain(|(name, _)| lane.field(name).is_some());
                // What is not on the form, the supporter cannot mend.
                if errors.is_empty() { self.refused(RefusalReason::Settings) } else { self.show_errors(errors) }
            }
            Outcome::Refused(reason) => self.refused(reason),
        }
    }

    fn done(&mut self, done: Done) -> Vec<Effect> {
        self.phase = Phase::Done(done);
        // Nothing typed outlives its use: not in the form, not in a page kept for the back button.
        self.form.forget();
        match self.made.take() {
            Some((_, body)) => vec![Effect::Done(done, body), Effect::Focus(FocusTarget::Thanks)],
            None => Vec::new(),
        }
    }

    fn refused(&mut self, reason: RefusalReason) -> Vec<Effect> {
        self.made = None;
        self.phase = Phase::Refused(reason);
        vec![Effect::Refused(reason), Effect::Focus(FocusTarget::Notice)]
    }

    fn show_errors(&mut self, errors: Vec<(FieldName, FieldError)>) -> Vec<Effect> {
        self.errors = errors;
        self.phase = Phase::Editing;
        vec![Effect::Focus(FocusTarget::ErrorSummary)]
    }

    fn not_sent(&mut self, trouble: Trouble, after_s: Option<u32>, will_retry: bool) -> Vec<Effect> {
        self.phase = Phase::NotSent { trouble, will_retry, after_s };
        vec![Effect::Failed(trouble), Effect::Focus(FocusTarget::Notice)]
    }
}

#[cfg(test)]
mod random;
#[cfg(test)]
mod tests;
