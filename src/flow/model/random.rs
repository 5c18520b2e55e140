//! Random interleavings of what can happen to a signing: presses, answers (late ones too), timeouts, offline and online, a
//! tab that sleeps, an element that is taken off the page, another configuration.

use super::*;
use pledge_domain::{Campaign, LanguageTag};
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Event {
    Type(u8),
    Press,
    /// The answer to the try of that number, counted back from the last.
    Answer(u32, Outcome),
    /// Every wait and every timeout that has passed by now is told, unless the tab sleeps.
    Pass(u32),
    Connection(bool),
    Tab(bool),
    Reset,
    Reroute,
    Remove,
}

fn outcome() -> impl Strategy<Value = Outcome> {
    let email = FieldName::parse("email").unwrap();
    let trouble = prop::sample::select(Trouble::ALL.to_vec());
    prop_oneof![
        Just(Outcome::Accepted),
        Just(Outcome::Duplicate),
        Just(Outcome::AcceptedUnverified),
        Just(Outcome::Pending),
        Just(Outcome::FieldErrors(vec![(email, FieldError::Rejected)])),
        (prop::option::of(0_u32..90), trouble).prop_map(|(after_s, trouble)| Outcome::Retryable { after_s, trouble }),
        prop::sample::select(RefusalReason::ALL.to_vec()).prop_map(Outcome::Refused),
    ]
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        2 => (0_u8..3).prop_map(Event::Type),
        4 => Just(Event::Press),
        4 => (0_u32..3, outcome()).prop_map(|(back, outcome)| Event::Answer(back, outcome)),
        4 => (1_u32..20_000).prop_map(Event::Pass),
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
        halve: pledge_domain::Postcode::first_half,
        is_idempotent,
    }
}

/// What a browser does around the model: clock, timers, one request at a time, and the checks.
struct World {
    model: Model,
    now_ms: f64,
    online: bool,
    asleep: bool,
    /// The request under way: its number, and when it is given up.
    under_way: Option<(u32, f64)>,
    waits: Vec<(u32, f64)>,
    /// Every signature sent, by its id.
    sent: Vec<(Value, Rc<Value>)>,
    /// Which try carried which.
    tries: Vec<(u32, Value)>,
    /// What the next sending is owed to: a press or a connection; else it is a retry of the widget's own.
    by_hand: bool,
    burst: (u32, f64),
    accepted: bool,
    random: u8,
}

impl World {
    fn tell(&mut self, msg: Msg) {
        let effects = self.model.update(msg);
        for effect in effects {
            match effect {
                Effect::Send { attempt, body } => self.send(attempt, &body),
                Effect::Wait { attempt, ms } => self.waits.push((attempt, self.now_ms + f64::from(ms))),
                Effect::Done(done, _) => {
                    assert!(done != Done::Signed || self.accepted, "signed without an answer that says so");
                }
                _ => {}
            }
        }
        if *self.model.phase() == Phase::Done(Done::Signed) {
            assert!(self.accepted, "signed without an answer that says so");
        }
        if matches!(self.model.phase(), Phase::Done(_)) {
            // An earlier try has settled it; nobody waits for the last.
            self.under_way = None;
        }
        let is_sending = *self.model.phase() == Phase::Sending;
        assert_eq!(is_sending, self.under_way.is_some(), "sending is what is shown while a request is under way");
    }

    fn send(&mut self, attempt: u32, body: &Rc<Value>) {
        assert!(self.under_way.is_none(), "two requests under way");
        self.under_way = Some((attempt, self.now_ms + 15_000.0));
        let id = body.get("id").cloned().unwrap();
        self.tries.push((attempt, id.clone()));
        match self.sent.iter().find(|(known, _)| *known == id) {
            Some((_, before)) => assert_eq!(before, body, "one intent, other bytes"),
            None => self.sent.push((id, Rc::clone(body))),
        }
        assert!(self.by_hand || self.model.setup().is_idempotent, "sent again unasked, where it may count twice");
        if self.by_hand {
            self.burst = (0, self.now_ms);
        }
        self.burst.0 += 1;
        assert!(self.burst.0 <= crate::MOST_TRIES && self.now_ms - self.burst.1 <= crate::WINDOW_MS);
        self.by_hand = false;
    }

    fn answer(&mut self, attempt: u32, outcome: Outcome) {
        let was_accepted = self.accepted;
        if self.under_way.is_some_and(|(known, _)| known == attempt) {
            self.under_way = None;
            self.accepted = matches!(outcome, Outcome::Accepted | Outcome::Duplicate);
        } else if matches!(outcome, Outcome::Accepted | Outcome::Duplicate) {
            // Late, and of the same signature.
            let id = |attempt: u32| self.tries.iter().rev().find(|(known, _)| *known == attempt).map(|(_, id)| id);
            self.accepted |= id(attempt).is_some() && id(attempt) == id(self.model.attempt);
        }
        self.random = self.random.wrapping_add(1);
        let dice = u16::from(self.random).wrapping_mul(40_503);
        self.tell(Msg::Answered { attempt, outcome, at_ms: self.now_ms, dice });
        if !matches!(self.model.phase(), Phase::Done(_)) {
            self.accepted = was_accepted;
        }
    }

    fn pass(&mut self, ms: f64) {
        self.now_ms += ms;
        if self.asleep {
            return;
        }
        if let Some((attempt, _)) = self.under_way.filter(|(_, until)| *until <= self.now_ms) {
            self.answer(attempt, Outcome::retryable(Trouble::TimedOut));
        }
        let due: Vec<_> = self.waits.extract_if(.., |(_, at)| *at <= self.now_ms).collect();
        for (attempt, _) in due {
            self.tell(Msg::Due { attempt, at_ms: self.now_ms, online: self.online });
        }
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Type(letter) => {
                let text = ["Ana", "Bo", "Cy"][usize::from(letter)].to_owned();
                self.tell(Msg::Typed(FieldName::parse("name").unwrap(), text));
                self.tell(Msg::Typed(FieldName::parse("email").unwrap(), "ana@example.org".to_owned()));
            }
            Event::Press => {
                self.random = self.random.wrapping_add(1);
                self.by_hand = true;
                let now = "2026-11-25T00:00:00Z".to_owned();
                self.tell(Msg::Submit { now, at_ms: self.now_ms, random: [self.random; 16], online: self.online });
                self.by_hand = false;
            }
            Event::Answer(back, outcome) => {
                let attempt = self.model.attempt.saturating_sub(back);
                self.answer(attempt, outcome);
            }
            Event::Pass(ms) => self.pass(f64::from(ms)),
            Event::Connection(online) => {
                self.online = online;
                if online {
                    // What waits for a connection has never left the device.
                    self.by_hand = matches!(self.model.phase(), Phase::NotSent { trouble: Trouble::Offline, .. });
                    self.tell(Msg::Online { at_ms: self.now_ms });
                    self.by_hand = false;
                }
            }
            Event::Tab(hidden) => {
                self.asleep = hidden;
                self.pass(0.0);
            }
            Event::Reset => self.tell(Msg::Reset),
            Event::Reroute => {
                let route = self.random.to_string();
                self.tell(Msg::Reconfigured(Box::new(Setup { route, ..self.model.setup().clone() })));
            }
            Event::Remove => {
                // Its timers and its listeners go with it; what is under way is nobody's any more.
                (self.under_way, self.accepted) = (None, false);
                self.waits.clear();
                self.model = Model::new(self.model.setup().clone());
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn whatever_happens_it_is_one_request_at_a_time_and_the_truth(
        is_idempotent in any::<bool>(),
        events in prop::collection::vec(event(), 1..60),
    ) {
        let mut world = World {
            model: Model::new(setup(is_idempotent)),
            now_ms: 0.0,
            online: true,
            asleep: false,
            under_way: None,
            waits: Vec::new(),
            sent: Vec::new(),
            tries: Vec::new(),
            by_hand: false,
            burst: (0, 0.0),
            accepted: false,
            random: 0,
        };
        world.happen(Event::Type(0));
        for event in events {
            world.happen(event);
        }
        // Left alone with an open tab, nothing goes on sending for ever.
        world.happen(Event::Tab(false));
        for _ in 0..20 {
            world.pass(15_000.0);
        }
        let rests = !matches!(world.model.phase(), Phase::Sending)
            && !matches!(world.model.phase(), Phase::NotSent { trouble, will_retry: true, .. } if *trouble != Trouble::Offline);
        prop_assert!(rests, "{:?}", world.model.phase());
    }
}
