//! The state machine: the phases of signing and the transitions between them.

use crate::form::{Form, Setup};
use crate::retry::{self, RetryState};
use pledge_backend::{EMAIL_CONSENT_FIELD, Failure, Outcome, RefusalReason};
use pledge_domain::{ConsentPurpose, FieldError, FieldName, Lane, Personal, SignatureId, Value};
use std::rc::Rc;

/// The phase of the signing process.
#[derive(Clone, Debug, PartialEq)]
pub enum Phase {
    /// The supporter is filling in the form.
    Editing,
    /// A request is in progress.
    Sending,
    /// The last attempt failed, or its outcome is unknown. The form keeps its contents.
    NotSent {
        /// What went wrong.
        failure: Failure,
        /// Whether the next attempt is automatic: after a delay, or when the device is online again. If `false`, the
        /// supporter decides.
        will_retry: bool,
        /// The number of seconds the backend asked to wait.
        after_s: Option<u32>,
    },
    /// The backend refused the signature. Sending it again will not help.
    Refused(RefusalReason),
    /// The process is complete, as far as the backend confirms it.
    Done(Done),
}

/// How the process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    /// The backend confirmed that the signature is stored.
    Signed,
    /// The signature was sent, but its arrival cannot be confirmed.
    Unverified,
    /// The signature counts once the supporter follows a link in an email.
    Pending,
}

/// An event that the model reacts to.
#[derive(Clone)]
pub enum Msg {
    /// The supporter changed the text of a field.
    Typed(FieldName, Personal<String>),
    /// The supporter has left a field.
    Left(FieldName),
    /// The supporter answered a consent question.
    ConsentAnswered(ConsentPurpose, bool),
    /// The supporter chose the lane with this index.
    LaneChosen(usize),
    /// The host page supplied values. They fill empty fields only.
    Prefilled(Vec<(FieldName, Personal<String>)>),
    /// The host page asked to empty the form.
    Reset,
    /// The embedder changed the configuration. The form keeps its contents.
    Reconfigured(Box<Setup>),
    /// The supporter submitted the form.
    Submit {
        /// The current time (RFC 3339, UTC).
        now: String,
        /// The current time in milliseconds, from any clock that never goes back.
        at_ms: f64,
        /// Sixteen fresh random bytes.
        random: [u8; 16],
        /// Whether the device believes that it has a connection.
        online: bool,
    },
    /// An attempt has an outcome. A failure without a response is [`Outcome::Retryable`].
    Answered {
        /// The number of the attempt.
        attempt: u32,
        /// Its outcome.
        outcome: Outcome,
        /// The current time in milliseconds, from the same clock.
        at_ms: f64,
        /// Sixteen fresh random bits, for the delay before the next attempt.
        jitter: u16,
    },
    /// The delay after an attempt is over.
    Due {
        /// The number of the attempt.
        attempt: u32,
        /// The current time in milliseconds, from the same clock.
        at_ms: f64,
        /// Whether the device believes that it has a connection.
        online: bool,
    },
    /// The device has a connection again.
    Online {
        /// The current time in milliseconds, from the same clock.
        at_ms: f64,
    },
}

/// Something for the caller to do.
#[derive(Clone, PartialEq)]
pub enum Effect {
    /// Send the signature and report the outcome with the number of the attempt.
    Send {
        /// The number of the attempt.
        attempt: u32,
        /// The signature in its wire form, the same for every attempt to send it.
        body: Rc<Personal<Value>>,
    },
    /// Send [`Msg::Due`] after a delay.
    Wait {
        /// The number of the attempt.
        attempt: u32,
        /// The delay in milliseconds.
        ms: u32,
    },
    /// Notify the host page that the supporter has started.
    Started,
    /// Move the focus.
    Focus(FocusTarget),
    /// Notify the host page and the additional backends that the process is complete. If the pledge is signed, read the
    /// count again.
    Done(Done, Rc<Personal<Value>>),
    /// Notify the host page that the attempt failed.
    Failed(Failure),
    /// Notify the host page that the backend refused the signature.
    Refused(RefusalReason),
}

/// The element that receives the focus when a phase needs the supporter's attention.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FocusTarget {
    /// The list of errors above the form.
    ErrorSummary,
    /// The message that the signature was not sent or was refused.
    Notice,
    /// The thank-you heading.
    Thanks,
}

/// The state of one widget.
pub struct Model {
    setup: Setup,
    form: Form,
    errors: Vec<(FieldName, FieldError)>,
    /// The fields whose text has changed since the errors were found, and whether each is valid now.
    changed: Vec<(FieldName, bool)>,
    phase: Phase,
    started: bool,
    attempt: u32,
    retry_state: RetryState,
    /// The last signature, with the form it was made from. Submitting the same form again sends the same bytes.
    prepared: Option<(Form, Rc<Personal<Value>>)>,
    /// The number of the last attempt before `prepared` was made. Later attempts carry `prepared`.
    attempts_before: u32,
}

impl Model {
    /// Creates a model with an empty form.
    pub fn new(setup: Setup) -> Model {
        Model {
            setup,
            form: Form::default(),
            errors: Vec::new(),
            changed: Vec::new(),
            phase: Phase::Editing,
            started: false,
            attempt: 0,
            retry_state: RetryState::default(),
            prepared: None,
            attempts_before: 0,
        }
    }

    /// Returns the form.
    pub fn form(&self) -> &Form {
        &self.form
    }

    /// Returns the errors of invalid fields, in the order of the form. They stay until the supporter submits again.
    /// When the supporter leaves a field after a change, it may be [corrected](Model::is_corrected).
    pub fn errors(&self) -> &[(FieldName, FieldError)] {
        &self.errors
    }

    /// Returns the error of a field, and whether the supporter has corrected it since.
    #[inline(never)]
    pub fn error(&self, field: &FieldName) -> Option<(FieldError, bool)> {
        let (_, error) = self.errors.iter().find(|(name, _)| name == field)?;
        Some((*error, self.is_corrected(field)))
    }

    /// Returns whether the supporter has corrected a field that had an error.
    #[inline(never)]
    pub fn is_corrected(&self, field: &FieldName) -> bool {
        self.changed.iter().any(|(name, is_valid)| name == field && *is_valid)
    }

    /// Returns how many of the errors are not corrected.
    #[inline(never)]
    pub fn error_count(&self) -> usize {
        self.errors.iter().filter(|(name, _)| !self.is_corrected(name)).count()
    }

    /// Returns the chosen lane.
    pub fn lane(&self) -> &Lane {
        &self.setup.campaign.lanes[self.form.lane]
    }

    /// Returns the current phase.
    pub fn phase(&self) -> &Phase {
        &self.phase
    }

    /// Returns the parts of a signature that the supporter does not enter.
    pub fn setup(&self) -> &Setup {
        &self.setup
    }

    /// Handles a message and returns the effects for the caller to carry out.
    pub fn update(&mut self, msg: Msg) -> Vec<Effect> {
        match msg {
            Msg::Reset => {
                if self.phase != Phase::Sending {
                    self.form = Form::default();
                    self.errors.clear();
                    self.phase = Phase::Editing;
                    self.prepared = None;
                }
                Vec::new()
            }
            Msg::Reconfigured(new) => {
                self.reconfigure(*new);
                Vec::new()
            }
            // The form must match what was sent while a request is in progress.
            Msg::Typed(..) | Msg::ConsentAnswered(..) | Msg::LaneChosen(_) | Msg::Prefilled(_)
                if !self.is_editable() =>
            {
                Vec::new()
            }
            // Controls also report values that have not changed.
            Msg::Typed(field, text) if self.form.get(&field) == text.expose() => Vec::new(),
            Msg::ConsentAnswered(purpose, given) if self.form.consent(purpose) == Some(given) => Vec::new(),
            Msg::LaneChosen(lane) if lane == self.form.lane => Vec::new(),
            Msg::Typed(field, text) => {
                if !self.changed.iter().any(|(name, _)| *name == field) {
                    self.changed.push((field.clone(), false));
                }
                self.form.set(field, text);
                self.on_input()
            }
            Msg::Left(field) => {
                self.check(&field);
                Vec::new()
            }
            Msg::ConsentAnswered(purpose, given) => {
                self.form.set_consent(purpose, given);
                self.on_input()
            }
            Msg::LaneChosen(lane) => {
                if lane < self.setup.campaign.lanes.len() {
                    self.form.lane = lane;
                    self.errors.clear();
                }
                self.on_input()
            }
            Msg::Prefilled(values) => {
                for (field, text) in values {
                    // A page must not consent on behalf of a supporter.
                    if field.as_str() != EMAIL_CONSENT_FIELD && self.form.get(&field).is_empty() {
                        self.form.set(field, text);
                    }
                }
                Vec::new()
            }
            Msg::Submit { now, at_ms, random, online } if self.is_editable() => {
                self.submit(&now, at_ms, random, online)
            }
            Msg::Answered { attempt, outcome, at_ms, jitter }
                if self.phase == Phase::Sending && self.attempt == attempt =>
            {
                self.answered(outcome, at_ms, jitter)
            }
            // A late answer, after the attempt timed out, still settles the outcome unless the form has changed since.
            Msg::Answered { attempt, outcome, at_ms, jitter } if self.is_settled_by(attempt, &outcome) => {
                self.answered(outcome, at_ms, jitter)
            }
            Msg::Due { attempt, at_ms, online } if attempt == self.attempt && self.awaits_retry(false) => {
                match self.phase {
                    // The tab was suspended, so the supporter is probably no longer watching.
                    Phase::NotSent { failure, after_s, .. }
                        if at_ms - self.retry_state.started_ms > retry::RETRY_WINDOW_MS =>
                    {
                        self.not_sent(failure, after_s, false)
                    }
                    _ if online => self.send(),
                    _ => self.not_sent(Failure::Offline, None, true),
                }
            }
            Msg::Online { at_ms } if self.awaits_retry(true) => {
                self.retry_state = RetryState::new(at_ms);
                self.send()
            }
            // The answer to an abandoned attempt, or the end of a cancelled delay.
            Msg::Submit { .. } | Msg::Answered { .. } | Msg::Due { .. } | Msg::Online { .. } => Vec::new(),
        }
    }

    #[inline(never)]
    fn reconfigure(&mut self, setup: Setup) {
        if self.phase == Phase::Sending {
            // The request in progress uses the old setup. The caller sends this message again afterwards.
            return;
        }
        if setup.campaign.id != self.setup.campaign.id {
            // The outcome of the other campaign's signature does not apply to this one.
            self.phase = Phase::Editing;
            self.errors.clear();
            self.prepared = None;
        }
        // Keep the chosen lane, even if its index has changed.
        let chosen = self.lane().name;
        self.form.lane = setup.campaign.lanes.iter().position(|lane| lane.name == chosen).unwrap_or(0);
        let old = &self.setup;
        let is_same = (&old.source, old.testing, &old.statement, &old.questions, &old.route)
            == (&setup.source, setup.testing, &setup.statement, &setup.questions, &setup.route)
            && old.email_consent_text() == setup.email_consent_text();
        if !is_same {
            // The supporter answered a different wording, or for a different destination.
            self.form.clear_consents();
            self.prepared = None;
            self.cancel_auto_retry();
        }
        self.setup = setup;
    }

    /// Cancels automatic retries and, on the first input, notifies the host page.
    fn on_input(&mut self) -> Vec<Effect> {
        self.cancel_auto_retry();
        if std::mem::replace(&mut self.started, true) { Vec::new() } else { vec![Effect::Started] }
    }

    /// Cancels automatic retries: the supporter must submit a changed form.
    fn cancel_auto_retry(&mut self) {
        if let Phase::NotSent { will_retry, .. } = &mut self.phase {
            *will_retry = false;
        }
    }

    /// Returns whether a late answer settles the outcome of the current signature. An acceptance does so for any
    /// attempt that carried the signature; a refusal does so for the last attempt only.
    fn is_settled_by(&self, attempt: u32, outcome: &Outcome) -> bool {
        let is_same = self.prepared.as_ref().is_some_and(|(form, _)| *form == self.form);
        let is_in_doubt = matches!(self.phase, Phase::Sending | Phase::NotSent { .. });
        let is_last = attempt == self.attempt && self.phase != Phase::Sending;
        is_same
            && is_in_doubt
            && attempt > self.attempts_before
            && match outcome {
                Outcome::Retryable { .. } => false,
                Outcome::FieldErrors(_) | Outcome::Refused(_) => is_last,
                _ => true,
            }
    }

    fn is_editable(&self) -> bool {
        !matches!(self.phase, Phase::Sending | Phase::Done(_))
    }

    /// Returns whether an automatic attempt is pending: when the device is online again (`for_connection`), or after a
    /// delay.
    fn awaits_retry(&self, for_connection: bool) -> bool {
        let is_same = self.prepared.as_ref().is_some_and(|(form, _)| *form == self.form);
        match self.phase {
            Phase::NotSent { failure, will_retry: true, .. } => {
                is_same && (failure == Failure::Offline) == for_connection
            }
            _ => false,
        }
    }

    #[inline(never)]
    fn submit(&mut self, now: &str, at_ms: f64, random: [u8; 16], online: bool) -> Vec<Effect> {
        match &self.prepared {
            // The last attempt may have arrived, so an unchanged form is sent as the same bytes.
            Some((form, _)) if *form == self.form => {}
            _ => match self.form.sign(&self.setup, SignatureId::new(random), now) {
                Ok(signature) => {
                    let body = Personal::new(pledge_backend::wire_format(&signature));
                    self.prepared = Some((self.form.clone(), Rc::new(body)));
                    self.attempts_before = self.attempt;
                }
                Err(errors) => {
                    self.prepared = None;
                    return self.show_errors(errors);
                }
            },
        }
        self.errors.clear();
        self.retry_state = RetryState::new(at_ms);
        if online { self.send() } else { self.not_sent(Failure::Offline, None, true) }
    }

    fn send(&mut self) -> Vec<Effect> {
        let Some((_, body)) = &self.prepared else { return Vec::new() };
        self.attempt += 1;
        self.retry_state.attempts += 1;
        self.phase = Phase::Sending;
        vec![Effect::Send { attempt: self.attempt, body: Rc::clone(body) }]
    }

    #[inline(never)]
    fn answered(&mut self, outcome: Outcome, at_ms: f64, jitter: u16) -> Vec<Effect> {
        match outcome {
            Outcome::Accepted | Outcome::Duplicate => self.done(Done::Signed),
            Outcome::AcceptedUnverified => self.done(Done::Unverified),
            Outcome::Pending => self.done(Done::Pending),
            Outcome::Retryable { after_s, failure } => {
                let may_retry = self.setup.is_idempotent && !failure.was_not_sent();
                match retry::delay_ms(&self.retry_state, at_ms, after_s, jitter).filter(|_| may_retry) {
                    Some(ms) => {
                        self.phase = Phase::NotSent { failure, will_retry: true, after_s };
                        vec![Effect::Wait { attempt: self.attempt, ms }]
                    }
                    None => {
                        let will_retry = failure == Failure::Offline && self.setup.is_idempotent;
                        self.not_sent(failure, after_s, will_retry)
                    }
                }
            }
            Outcome::FieldErrors(mut errors) => {
                self.prepared = None;
                let lane = &self.setup.campaign.lanes[self.form.lane];
                errors.retain(|(name, _)| lane.field(name).is_some());
                // The supporter cannot fix a field that is not on the form.
                if errors.is_empty() { self.refused(RefusalReason::Settings) } else { self.show_errors(errors) }
            }
            Outcome::Refused(reason) => self.refused(reason),
        }
    }

    fn done(&mut self, done: Done) -> Vec<Effect> {
        self.phase = Phase::Done(done);
        // Clear personal data as soon as it is no longer needed, also from a page in the back/forward cache.
        self.form.clear();
        match self.prepared.take() {
            Some((_, body)) => vec![Effect::Done(done, body), Effect::Focus(FocusTarget::Thanks)],
            None => Vec::new(),
        }
    }

    fn refused(&mut self, reason: RefusalReason) -> Vec<Effect> {
        self.prepared = None;
        self.phase = Phase::Refused(reason);
        vec![Effect::Refused(reason), Effect::Focus(FocusTarget::Notice)]
    }

    /// Finds out whether a field that has changed since the errors were found is valid now. Only fields with an error
    /// show it.
    #[inline(never)]
    fn check(&mut self, field: &FieldName) {
        let lane = &self.setup.campaign.lanes[self.form.lane];
        let changed = self.changed.iter_mut().find(|(name, _)| name == field);
        if let (Some((_, is_valid)), Some(field)) = (changed, lane.field(field)) {
            // The text of an error stays: a longer one would move the button while the supporter presses it.
            *is_valid = field.read(self.form.get(&field.name), self.setup.first_half).is_ok();
        }
    }

    fn show_errors(&mut self, errors: Vec<(FieldName, FieldError)>) -> Vec<Effect> {
        self.changed.clear();
        self.errors = errors;
        self.phase = Phase::Editing;
        vec![Effect::Focus(FocusTarget::ErrorSummary)]
    }

    fn not_sent(&mut self, failure: Failure, after_s: Option<u32>, will_retry: bool) -> Vec<Effect> {
        self.phase = Phase::NotSent { failure, will_retry, after_s };
        vec![Effect::Failed(failure), Effect::Focus(FocusTarget::Notice)]
    }
}

#[cfg(test)]
mod random;
#[cfg(test)]
mod tests;
