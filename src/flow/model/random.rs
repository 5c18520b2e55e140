//! Property tests with random sequences of events: submits, answers (some late), timeouts, offline and online, a
//! suspended tab, an element that is removed from the page, a new configuration.

use super::*;
use pledge_domain::{Campaign, LanguageTag};
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Event {
    Type(u8),
    Submit,
    /// The answer to an attempt, counted back from the last one.
    Answer(u32, Outcome),
    /// Moves the clock forward and fires timers that are due, unless the tab is suspended.
    Advance(u32),
    Connection(bool),
    Tab(bool),
    Reset,
    Reroute,
    Remove,
}

fn outcome() -> impl Strategy<Value = Outcome> {
    let email = FieldName::parse("email").unwrap();
    let failure = prop::sample::select(Failure::ALL.to_vec());
    prop_oneof![
        Just(Outcome::Accepted),
        Just(Outcome::Duplicate),
        Just(Outcome::AcceptedUnverified),
        Just(Outcome::Pending),
        Just(Outcome::FieldErrors(vec![(email, FieldError::Rejected)])),
        (prop::option::of(0_u32..90), failure).prop_map(|(after_s, failure)| Outcome::Retryable { after_s, failure }),
        prop::sample::select(RefusalReason::ALL.to_vec()).prop_map(Outcome::Refused),
    ]
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        2 => (0_u8..3).prop_map(Event::Type),
        4 => Just(Event::Submit),
        4 => (0_u32..3, outcome()).prop_map(|(back, outcome)| Event::Answer(back, outcome)),
        4 => (1_u32..20_000).prop_map(Event::Advance),
        2 => any::<bool>().prop_map(Event::Connection),
        1 => any::<bool>().prop_map(Event::Tab),
        1 => Just(Event::Reset),
        1 => Just(Event::Reroute),
        1 => Just(Event::Remove),
    ]
}

fn setup(is_idempotent: bool) -> Setup {
    let file = r#"{"id":"c","locale":"en","title":"T","petition_text":["We ask."]}"#;
    Setup {
        campaign: Rc::new(Campaign::read(&serde_json::from_str(file).unwrap()).campaign.unwrap()),
        questions: Vec::new(),
        statement: ("I consent.".to_owned(), "1".to_owned()),
        locale: LanguageTag::parse("en").unwrap(),
        source: None,
        location: None,
        testing: false,
        route: String::new(),
        first_half: pledge_domain::Postcode::first_half,
        is_idempotent,
    }
}

/// A simulated browser around the model: clock, timers, one request at a time, and the assertions.
struct SimulatedBrowser {
    model: Model,
    now_ms: f64,
    online: bool,
    is_suspended: bool,
    /// The request in progress: its attempt number and the time when it times out.
    in_flight: Option<(u32, f64)>,
    waits: Vec<(u32, f64)>,
    /// Every signature sent, with its id.
    sent: Vec<(Value, Rc<Personal<Value>>)>,
    /// The id of the signature that each attempt carried.
    attempts: Vec<(u32, Value)>,
    /// Whether a submit or a restored connection causes the next request. If not, it is an automatic retry.
    is_manual: bool,
    retries: (u32, f64),
    accepted: bool,
    random: u8,
}

impl SimulatedBrowser {
    fn dispatch(&mut self, msg: Msg) {
        let effects = self.model.update(msg);
        for effect in effects {
            match effect {
                Effect::Send { attempt, body } => self.send(attempt, &body),
                Effect::Wait { attempt, ms } => self.waits.push((attempt, self.now_ms + f64::from(ms))),
                Effect::Done(done, _) => {
                    assert!(done != Done::Signed || self.accepted, "signed without a confirmation from the backend");
                }
                _ => {}
            }
        }
        if *self.model.phase() == Phase::Done(Done::Signed) {
            assert!(self.accepted, "signed without a confirmation from the backend");
        }
        if matches!(self.model.phase(), Phase::Done(_)) {
            // An earlier attempt has settled the outcome, so nothing waits for the last one.
            self.in_flight = None;
        }
        let is_sending = *self.model.phase() == Phase::Sending;
        assert_eq!(is_sending, self.in_flight.is_some(), "the phase is Sending only while a request is in progress");
    }

    fn send(&mut self, attempt: u32, body: &Rc<Personal<Value>>) {
        assert!(self.in_flight.is_none(), "two requests in progress");
        self.in_flight = Some((attempt, self.now_ms + 15_000.0));
        let id = body.expose().get("id").cloned().unwrap();
        self.attempts.push((attempt, id.clone()));
        match self.sent.iter().find(|(known, _)| *known == id) {
            Some((_, before)) => assert!(before == body, "the same signature with different bytes"),
            None => self.sent.push((id, Rc::clone(body))),
        }
        assert!(self.is_manual || self.model.setup().is_idempotent, "an automatic retry that may count twice");
        if self.is_manual {
            self.retries = (0, self.now_ms);
        }
        self.retries.0 += 1;
        assert!(self.retries.0 <= crate::MAX_ATTEMPTS && self.now_ms - self.retries.1 <= crate::RETRY_WINDOW_MS);
        self.is_manual = false;
    }

    fn answer(&mut self, attempt: u32, outcome: Outcome) {
        let was_accepted = self.accepted;
        if self.in_flight.is_some_and(|(known, _)| known == attempt) {
            self.in_flight = None;
            self.accepted = matches!(outcome, Outcome::Accepted | Outcome::Duplicate);
        } else if matches!(outcome, Outcome::Accepted | Outcome::Duplicate) {
            // A late answer to the same signature.
            let id = |attempt: u32| self.attempts.iter().rev().find(|(known, _)| *known == attempt).map(|(_, id)| id);
            self.accepted |= id(attempt).is_some() && id(attempt) == id(self.model.attempt);
        }
        self.random = self.random.wrapping_add(1);
        let jitter = u16::from(self.random).wrapping_mul(40_503);
        self.dispatch(Msg::Answered { attempt, outcome, at_ms: self.now_ms, jitter });
        if !matches!(self.model.phase(), Phase::Done(_)) {
            self.accepted = was_accepted;
        }
    }

    fn advance(&mut self, ms: f64) {
        self.now_ms += ms;
        if self.is_suspended {
            return;
        }
        if let Some((attempt, _)) = self.in_flight.filter(|(_, until)| *until <= self.now_ms) {
            self.answer(attempt, Outcome::retryable(Failure::TimedOut));
        }
        let due: Vec<_> = self.waits.extract_if(.., |(_, at)| *at <= self.now_ms).collect();
        for (attempt, _) in due {
            self.dispatch(Msg::Due { attempt, at_ms: self.now_ms, online: self.online });
        }
    }

    fn apply(&mut self, event: Event) {
        match event {
            Event::Type(letter) => {
                let text = ["Ana", "Bo", "Cy"][usize::from(letter)].to_owned();
                self.dispatch(Msg::Typed(FieldName::parse("name").unwrap(), Personal::new(text)));
                self.dispatch(Msg::Typed(
                    FieldName::parse("email").unwrap(),
                    Personal::new("ana@example.org".to_owned()),
                ));
            }
            Event::Submit => {
                self.random = self.random.wrapping_add(1);
                self.is_manual = true;
                let now = "2026-11-25T00:00:00Z".to_owned();
                self.dispatch(Msg::Submit { now, at_ms: self.now_ms, random: [self.random; 16], online: self.online });
                self.is_manual = false;
            }
            Event::Answer(back, outcome) => {
                let attempt = self.model.attempt.saturating_sub(back);
                self.answer(attempt, outcome);
            }
            Event::Advance(ms) => self.advance(f64::from(ms)),
            Event::Connection(online) => {
                self.online = online;
                if online {
                    // A signature that waits for a connection has never been sent.
                    self.is_manual = matches!(self.model.phase(), Phase::NotSent { failure: Failure::Offline, .. });
                    self.dispatch(Msg::Online { at_ms: self.now_ms });
                    self.is_manual = false;
                }
            }
            Event::Tab(hidden) => {
                self.is_suspended = hidden;
                self.advance(0.0);
            }
            Event::Reset => self.dispatch(Msg::Reset),
            Event::Reroute => {
                let route = self.random.to_string();
                self.dispatch(Msg::Reconfigured(Box::new(Setup { route, ..self.model.setup().clone() })));
            }
            Event::Remove => {
                // The timers and listeners are removed too. Nothing receives the answer to the request in progress.
                (self.in_flight, self.accepted) = (None, false);
                self.waits.clear();
                self.model = Model::new(self.model.setup().clone());
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn any_sequence_sends_one_request_at_a_time_and_shows_the_true_state(
        is_idempotent in any::<bool>(),
        events in prop::collection::vec(event(), 1..60),
    ) {
        let mut browser = SimulatedBrowser {
            model: Model::new(setup(is_idempotent)),
            now_ms: 0.0,
            online: true,
            is_suspended: false,
            in_flight: None,
            waits: Vec::new(),
            sent: Vec::new(),
            attempts: Vec::new(),
            is_manual: false,
            retries: (0, 0.0),
            accepted: false,
            random: 0,
        };
        browser.apply(Event::Type(0));
        for event in events {
            browser.apply(event);
        }
        // With the tab open and no further input, sending stops in the end.
        browser.apply(Event::Tab(false));
        for _ in 0..20 {
            browser.advance(15_000.0);
        }
        let is_idle = !matches!(browser.model.phase(), Phase::Sending)
            && !matches!(
                browser.model.phase(),
                Phase::NotSent { failure, will_retry: true, .. } if *failure != Failure::Offline
            );
        prop_assert!(is_idle, "{:?}", browser.model.phase());
    }
}
