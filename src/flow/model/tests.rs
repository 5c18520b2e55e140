//! Tests of single transitions of the state machine.

use super::*;
use pledge_domain::{Campaign, CampaignId, LaneName, LanguageTag};

fn model() -> Model {
    let setup = Setup {
        campaign: campaign(r#"[{"name":"individual"},{"name":"professional","consent_listing_text":"List us?"}]"#),
        questions: vec![(ConsentPurpose::Updates, "News?".to_owned())],
        statement: ("I consent.".to_owned(), "1".to_owned()),
        locale: LanguageTag::parse("en").unwrap(),
        source: None,
        location: None,
        testing: false,
        route: "https://pledge.example/".to_owned(),
        first_half: pledge_domain::Postcode::first_half,
        is_idempotent: false,
    };
    Model::new(setup)
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
    Msg::Typed(name(field), personal(text))
}

fn personal(text: &str) -> Personal<String> {
    Personal::new(text.to_owned())
}

/// What a failed assertion prints. The effects themselves have no `Debug`, because they contain what was typed.
impl std::fmt::Debug for Effect {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        match self {
            Effect::Send { attempt, .. } => write!(f, "Send({attempt})"),
            Effect::Wait { attempt, ms } => write!(f, "Wait({attempt}, {ms} ms)"),
            Effect::Started => f.write_str("Started"),
            Effect::Focus(target) => write!(f, "Focus({target:?})"),
            Effect::Done(done, _) => write!(f, "Done({done:?})"),
            Effect::Failed(failure) => write!(f, "Failed({failure:?})"),
            Effect::Refused(reason) => write!(f, "Refused({reason:?})"),
        }
    }
}

fn submit(random: u8) -> Msg {
    Msg::Submit { now: "2026-11-23T06:40:00Z".to_owned(), at_ms: 0.0, random: [random; 16], online: true }
}

fn sent(effects: &[Effect]) -> (u32, Value) {
    match effects {
        [Effect::Send { attempt, body }] => (*attempt, body.expose().clone()),
        other => panic!("expected one send, got {other:?}"),
    }
}

fn answer(attempt: u32, outcome: Outcome) -> Msg {
    Msg::Answered { attempt, outcome, at_ms: 0.0, jitter: 0 }
}

fn accepted(attempt: u32) -> Msg {
    answer(attempt, Outcome::Accepted)
}

fn failed(attempt: u32, failure: Failure) -> Msg {
    answer(attempt, Outcome::retryable(failure))
}

/// Returns the error of a field that is not corrected.
fn wrong(model: &Model, field: &FieldName) -> Option<FieldError> {
    model.error(field).filter(|(_, is_corrected)| !is_corrected).map(|(error, _)| error)
}

fn due(attempt: u32) -> Msg {
    Msg::Due { attempt, at_ms: 1.0, online: true }
}

fn not_sent(failure: Failure, will_retry: bool) -> Phase {
    Phase::NotSent { failure, will_retry, after_s: None }
}

#[test]
fn an_empty_form_is_not_sent_and_the_summary_takes_focus() {
    let mut model = model();
    assert_eq!(model.update(submit(1)), [Effect::Focus(FocusTarget::ErrorSummary)]);
    let missing = [(name("name"), FieldError::Missing), (name("email"), FieldError::Missing)];
    assert_eq!(model.errors(), missing);
    model.update(typed("name", "Ana"));
    assert_eq!(model.errors(), missing, "errors stay until the next submit");
    assert_eq!(model.form().get(&name("name")), "Ana");
}

#[test]
fn leaving_a_corrected_field_removes_its_error() {
    let mut model = model();
    model.update(submit(1));
    let [name_field, email] = [name("name"), name("email")];
    model.update(Msg::Left(name_field.clone()));
    assert_eq!(
        (wrong(&model, &name_field), model.error_count()),
        (Some(FieldError::Missing), 2),
        "nothing has changed"
    );
    model.update(typed("name", "Ana"));
    assert_eq!(wrong(&model, &name_field), Some(FieldError::Missing), "while the supporter is typing, it stays");
    model.update(Msg::Left(name_field.clone()));
    assert_eq!((wrong(&model, &name_field), model.error_count()), (None, 1));
    assert!(model.is_corrected(&name_field) && !model.is_corrected(&email));
    model.update(typed("email", "ana"));
    model.update(Msg::Left(email.clone()));
    assert_eq!(wrong(&model, &email), Some(FieldError::Missing), "still wrong, and the text does not change");
    model.update(typed("name", ""));
    model.update(Msg::Left(name_field.clone()));
    assert_eq!(wrong(&model, &name_field), Some(FieldError::Missing), "wrong again");
    model.update(typed("name", "Ana"));
    model.update(typed("email", "ana@example.org"));
    model.update(Msg::Left(name_field.clone()));
    model.update(Msg::Left(email.clone()));
    assert_eq!(model.error_count(), 0);
    // An error that the server reports counts as new, even for a field that was changed before.
    let (attempt, _) = sent(&model.update(submit(1)));
    model.update(answer(attempt, Outcome::FieldErrors(vec![(email.clone(), FieldError::Rejected)])));
    model.update(Msg::Left(email.clone()));
    assert_eq!(wrong(&model, &email), Some(FieldError::Rejected));
    assert_eq!(model.error_count(), 1);
}

#[test]
fn three_presses_make_one_request() {
    let mut model = filled();
    let (attempt, _) = sent(&model.update(submit(1)));
    assert_eq!(model.update(submit(2)), []);
    assert_eq!(model.update(submit(3)), []);
    let effects = model.update(accepted(attempt));
    assert!(matches!(effects[..], [Effect::Done(Done::Signed, _), Effect::Focus(FocusTarget::Thanks)]));
    assert_eq!(model.update(submit(4)), []);
    assert!(model.form() == &Form::default(), "the form is cleared when it is no longer needed");
}

#[test]
fn signed_only_when_the_backend_said_so() {
    let mut outcomes = vec![Outcome::AcceptedUnverified, Outcome::Pending];
    outcomes.extend(Failure::ALL.iter().map(|failure| Outcome::retryable(*failure)));
    outcomes.extend(RefusalReason::ALL.iter().map(|reason| Outcome::Refused(*reason)));
    for outcome in outcomes {
        let mut model = filled();
        let (attempt, _) = sent(&model.update(submit(1)));
        model.update(answer(attempt, outcome.clone()));
        assert_ne!(model.phase(), &Phase::Done(Done::Signed), "{outcome:?}");
        if !matches!(model.phase(), Phase::Done(_)) {
            assert_eq!(model.form().get(&name("email")), "ana@example.org", "the form keeps its contents");
        }
    }
}

#[test]
fn a_retry_sends_the_same_bytes_and_a_changed_form_is_a_new_intent() {
    let mut model = filled();
    let (first, request) = sent(&model.update(submit(1)));
    model.update(failed(first, Failure::TimedOut));
    let (second, again) = sent(&model.update(submit(2)));
    assert_eq!(again, request);
    model.update(failed(second, Failure::TimedOut));
    model.update(typed("name", "Ana S"));
    let (_, changed) = sent(&model.update(submit(3)));
    assert_ne!(changed.get("id"), request.get("id"));
}

#[test]
fn a_late_answer_settles_an_unknown_outcome() {
    // For the last attempt, and for an earlier one that carried the same signature while the next is in progress.
    for attempts in [1, 2] {
        for outcome in [Outcome::Accepted, Outcome::Duplicate, Outcome::Pending, Outcome::AcceptedUnverified] {
            let mut model = filled();
            let (first, _) = sent(&model.update(submit(1)));
            model.update(failed(first, Failure::TimedOut));
            if attempts == 2 {
                sent(&model.update(submit(2)));
            }
            let effects = model.update(answer(first, outcome));
            assert!(matches!(effects[..], [Effect::Done(..), Effect::Focus(FocusTarget::Thanks)]), "{effects:?}");
        }
    }
    let late = |outcome| {
        let mut model = filled();
        let (attempt, _) = sent(&model.update(submit(1)));
        model.update(failed(attempt, Failure::TimedOut));
        model.update(answer(attempt, outcome));
        model
    };
    let errors = vec![(name("email"), FieldError::Rejected)];
    assert_eq!(late(Outcome::FieldErrors(errors.clone())).errors(), errors);
    assert_eq!(late(Outcome::Refused(RefusalReason::Spam)).phase(), &Phase::Refused(RefusalReason::Spam));
    let model = late(Outcome::retryable(Failure::Unreachable));
    assert_eq!(model.phase(), &not_sent(Failure::TimedOut, false), "a late failure changes nothing");
}

#[test]
fn a_late_answer_for_another_signature_changes_nothing() {
    let mut model = filled();
    let (first, _) = sent(&model.update(submit(1)));
    model.update(failed(first, Failure::TimedOut));
    model.update(typed("name", "Ana S"));
    assert_eq!(model.update(accepted(first)), [], "a form that is being corrected is not cleared");
    assert_eq!(model.form().get(&name("name")), "Ana S");
    let (second, _) = sent(&model.update(submit(2)));
    assert_eq!(model.update(accepted(first)), [], "the first signature is a different one");
    model.update(failed(second, Failure::TimedOut));
    assert_eq!(model.update(accepted(first)), []);
    assert_eq!(model.update(answer(first, Outcome::Refused(RefusalReason::Other))), []);
    // A refusal of an earlier attempt does not settle the one in progress.
    let (third, _) = sent(&model.update(submit(3)));
    assert_eq!(model.update(answer(second, Outcome::Refused(RefusalReason::Spam))), []);
    model.update(failed(third, Failure::TimedOut));
    assert_eq!(model.update(answer(second, Outcome::Refused(RefusalReason::Spam))), [], "nor the last one");
    assert!(matches!(model.update(accepted(third))[..], [Effect::Done(Done::Signed, _), ..]));
    assert_eq!(model.update(accepted(third)), [], "thanked once");
}

#[test]
fn without_a_connection_nothing_is_sent_until_there_is_one() {
    let offline = || Msg::Submit { now: "2026-11-23T06:40:00Z".to_owned(), at_ms: 0.0, random: [1; 16], online: false };
    let mut model = filled();
    let effects = model.update(offline());
    assert_eq!(effects, [Effect::Failed(Failure::Offline), Effect::Focus(FocusTarget::Notice)]);
    assert_eq!(model.phase(), &not_sent(Failure::Offline, true));
    let (attempt, _) = sent(&model.update(Msg::Online { at_ms: 3_600_000.0 }));
    assert_eq!(model.update(Msg::Online { at_ms: 3_600_000.0 }), [], "one request at a time");
    model.update(accepted(attempt));
    let mut changed = filled();
    changed.update(offline());
    changed.update(typed("name", "Bo"));
    assert_eq!(changed.update(Msg::Online { at_ms: 1.0 }), [], "a changed form is not sent automatically");
}

#[test]
fn a_failed_attempt_is_retried_automatically_only_if_it_cannot_count_twice() {
    let mut model = filled();
    let (attempt, _) = sent(&model.update(submit(1)));
    let effects = model.update(failed(attempt, Failure::Busy));
    assert_eq!(effects, [Effect::Failed(Failure::Busy), Effect::Focus(FocusTarget::Notice)]);
    assert_eq!(model.update(due(attempt)), []);
    let mut model = filled();
    model.setup.is_idempotent = true;
    let (mut attempt, body) = sent(&model.update(submit(1)));
    for attempts in 1..crate::MAX_ATTEMPTS {
        let effects = model.update(failed(attempt, Failure::TimedOut));
        assert_eq!(effects, [Effect::Wait { attempt, ms: 0 }], "{attempts}");
        assert_eq!(model.phase(), &not_sent(Failure::TimedOut, true));
        let (next, again) = sent(&model.update(due(attempt)));
        assert_eq!(model.update(due(attempt)), [], "due once");
        assert_eq!(again, body);
        attempt = next;
    }
    model.update(failed(attempt, Failure::TimedOut));
    assert_eq!(model.phase(), &not_sent(Failure::TimedOut, false));
    sent(&model.update(submit(2)));
}

#[test]
fn a_change_during_the_delay_cancels_the_retry() {
    let mut model = filled();
    model.setup.is_idempotent = true;
    let (attempt, body) = sent(&model.update(submit(1)));
    let busy = Outcome::Retryable { after_s: Some(20), failure: Failure::Busy };
    assert_eq!(model.update(answer(attempt, busy)), [Effect::Wait { attempt, ms: 20_000 }]);
    model.update(typed("name", "Bo"));
    assert_eq!(model.phase(), &Phase::NotSent { failure: Failure::Busy, will_retry: false, after_s: Some(20) });
    assert_eq!(model.update(due(attempt)), []);
    let (_, changed) = sent(&model.update(submit(2)));
    assert_ne!(changed.get("id"), body.get("id"));
}

#[test]
fn errors_of_fields_not_on_the_form_are_a_settings_problem() {
    let mut model = filled();
    let (attempt, _) = sent(&model.update(submit(1)));
    model.update(answer(attempt, Outcome::FieldErrors(vec![(name("shoe_size"), FieldError::Missing)])));
    assert_eq!(model.phase(), &Phase::Refused(RefusalReason::Settings));
}

#[test]
fn the_email_consent_checkbox_is_a_consent_and_not_an_answer() {
    let mut model = filled();
    let file = r#"{"id":"c","locale":"en","title":"T","petition_text":["We ask."],"lanes":[{"name":"individual"}],
                   "fields":[{"name":"consent_updates","kind":"checkbox","need":"required","label":"I agree."}]}"#;
    let campaign = Campaign::read(&serde_json::from_str(file).unwrap()).campaign.unwrap();
    let setup = Setup { campaign: Rc::new(campaign), ..model.setup.clone() };
    model.update(Msg::Reconfigured(Box::new(setup)));
    assert_eq!(model.update(submit(1)), [Effect::Focus(FocusTarget::ErrorSummary)]);
    assert_eq!(model.errors(), [(name("consent_updates"), FieldError::Missing)]);
    model.update(typed("consent_updates", pledge_domain::lane::TICKED));
    let (_, body) = sent(&model.update(submit(1)));
    assert_eq!(body.get("fields"), None);
    let consents = body.get("consents").unwrap().as_list().unwrap();
    let updates = consents.iter().find(|one| one.get("purpose").unwrap().as_text() == Some("updates")).unwrap();
    assert_eq!(updates.get("state").unwrap().as_text(), Some("given"));
    assert_eq!(updates.get("wording").unwrap().as_text(), Some("I agree."), "the wording of the checkbox");
    assert_eq!(consents.len(), 2);
}

#[test]
fn a_checkbox_that_is_not_the_email_consent_is_an_answer() {
    let mut model = filled();
    let file = r#"{"id":"c","locale":"en","title":"T","petition_text":["We ask."],"lanes":[{"name":"individual"}],
                   "fields":[{"name":"lives_here","kind":"checkbox","label":"I live here."}]}"#;
    let campaign = Campaign::read(&serde_json::from_str(file).unwrap()).campaign.unwrap();
    let setup = Setup { campaign: Rc::new(campaign), ..model.setup.clone() };
    model.update(Msg::Reconfigured(Box::new(setup)));
    model.update(typed("lives_here", pledge_domain::lane::TICKED));
    let (_, body) = sent(&model.update(submit(1)));
    assert!(body.get("fields").unwrap().get("lives_here").is_some());
    let consents = body.get("consents").unwrap().as_list().unwrap();
    let updates = consents.iter().find(|one| one.get("purpose").unwrap().as_text() == Some("updates")).unwrap();
    assert_eq!(updates.get("wording").unwrap().as_text(), Some("News?"));
    assert_eq!(updates.get("state").unwrap().as_text(), Some("refused"));
}

#[test]
fn a_new_wording_of_the_email_consent_checkbox_clears_it() {
    let mut model = filled();
    let with = |model: &Model, label: &str| {
        let file = format!(
            r#"{{"id":"c","locale":"en","title":"T","petition_text":["We ask."],"lanes":[{{"name":"individual"}}],
                "fields":[{{"name":"consent_updates","kind":"checkbox","label":"{label}"}}]}}"#
        );
        let campaign = Campaign::read(&serde_json::from_str(&file).unwrap()).campaign.unwrap();
        Msg::Reconfigured(Box::new(Setup { campaign: Rc::new(campaign), ..model.setup.clone() }))
    };
    let first = with(&model, "Write to me once.");
    model.update(first);
    model.update(typed("consent_updates", pledge_domain::lane::TICKED));
    let same = with(&model, "Write to me once.");
    model.update(same);
    assert_eq!(model.form().get(&name("consent_updates")), pledge_domain::lane::TICKED);
    let other = with(&model, "Write to me every day.");
    model.update(other);
    assert_eq!(model.form().get(&name("consent_updates")), "", "the new wording is unanswered");
    assert_eq!(model.form().get(&name("name")), "Ana Silva");
}

#[test]
fn an_automatic_retry_goes_out_within_a_minute_of_the_press_and_with_a_connection() {
    let retry = |at_ms, online| {
        let mut model = filled();
        model.setup.is_idempotent = true;
        let press =
            Msg::Submit { now: "2026-11-23T06:40:00Z".to_owned(), at_ms: 50_000.0, random: [1; 16], online: true };
        let (attempt, _) = sent(&model.update(press));
        let failed = Msg::Answered { attempt, outcome: Outcome::retryable(Failure::Busy), at_ms: 50_000.0, jitter: 0 };
        assert_eq!(model.update(failed), [Effect::Wait { attempt, ms: 0 }]);
        let effects = model.update(Msg::Due { attempt, at_ms, online });
        (effects, model.phase().clone())
    };
    assert_eq!(retry(50_001.0, true).1, Phase::Sending);
    assert_eq!(retry(110_000.0, true).1, Phase::Sending);
    // The tab was suspended: the supporter decides.
    let (effects, phase) = retry(110_001.0, true);
    assert_eq!(effects, [Effect::Failed(Failure::Busy), Effect::Focus(FocusTarget::Notice)]);
    assert_eq!(phase, not_sent(Failure::Busy, false));
    assert_eq!(retry(50_001.0, false).1, not_sent(Failure::Offline, true), "sent when the device is online again");
}

#[test]
fn a_lane_that_does_not_exist_changes_nothing() {
    let mut model = filled();
    model.update(Msg::LaneChosen(2));
    assert_eq!(model.lane().name, LaneName::Individual);
}

#[test]
fn while_sending_the_form_stays_as_it_was_sent() {
    let mut model = filled();
    model.update(submit(1));
    model.update(typed("name", "Bo"));
    model.update(Msg::ConsentAnswered(ConsentPurpose::Updates, true));
    model.update(Msg::LaneChosen(1));
    model.update(Msg::Prefilled(vec![(name("postcode"), personal("N1"))]));
    assert_eq!((model.form().lane, model.form().get(&name("postcode"))), (0, ""));
    assert_eq!(model.form().get(&name("name")), "Ana Silva");
    assert_eq!(model.form().consent(ConsentPurpose::Updates), None);
}

#[test]
fn the_servers_field_errors_land_on_the_fields() {
    let mut model = filled();
    let (attempt, _) = sent(&model.update(submit(1)));
    let effects = model.update(answer(attempt, Outcome::FieldErrors(vec![(name("email"), FieldError::Malformed)])));
    assert_eq!(effects, [Effect::Focus(FocusTarget::ErrorSummary)]);
    assert_eq!(wrong(&model, &name("email")), Some(FieldError::Malformed));
    assert_eq!(model.form().get(&name("email")), "ana@example.org");
}

#[test]
fn a_new_wording_clears_the_answer() {
    let mut model = filled();
    model.update(Msg::ConsentAnswered(ConsentPurpose::Updates, true));
    let with = |model: &Model, words: &str| {
        let questions = vec![(ConsentPurpose::Updates, words.to_owned())];
        let setup = Setup { questions, ..model.setup.clone() };
        Msg::Reconfigured(Box::new(setup))
    };
    let same = with(&model, "News?");
    model.update(same);
    assert_eq!(model.form().consent(ConsentPurpose::Updates), Some(true));
    let other = with(&model, "Newyddion?");
    model.update(other);
    assert_eq!(model.form().consent(ConsentPurpose::Updates), None, "the new wording is unanswered");
    assert_eq!(model.form().get(&name("name")), "Ana Silva");
}

#[test]
fn consent_is_what_was_shown_and_answered() {
    let states = |answer: Option<bool>, asked: bool| {
        let mut model = filled();
        if !asked {
            model.setup.questions.clear();
        }
        answer.map(|given| model.update(Msg::ConsentAnswered(ConsentPurpose::Updates, given)));
        let (_, request) = sent(&model.update(submit(1)));
        let consents = request.get("consents").unwrap().as_list().unwrap().to_vec();
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
    assert_eq!(request.get("lane").unwrap().as_text(), Some("professional"));
    assert_eq!(request.get("fields").unwrap().get("role").unwrap().as_text(), Some("Nurse"));
    assert_eq!(request.get("consents").unwrap().as_list().unwrap().len(), 3);
}

#[test]
fn the_first_input_is_reported_once() {
    let mut model = model();
    assert_eq!(model.update(Msg::Prefilled(vec![(name("name"), personal("Ana"))])), []);
    assert_eq!(model.update(typed("name", "Bo")), [Effect::Started]);
    assert_eq!(model.update(typed("name", "Bo L")), []);
    model.update(Msg::Prefilled(vec![(name("name"), personal("Ana")), (name("email"), personal("a@example.org"))]));
    assert_eq!(model.form().get(&name("name")), "Bo L", "a host page never overwrites the supporter's input");
    assert_eq!(model.form().get(&name("email")), "a@example.org");
}

#[test]
fn a_new_configuration_keeps_what_was_typed_and_the_lane() {
    let mut model = filled();
    model.update(Msg::LaneChosen(1));
    let mut setup = model.setup.clone();
    setup.campaign = campaign(r#"[{"name":"organisation"},{"name":"individual"},{"name":"professional"}]"#);
    model.update(Msg::Reconfigured(Box::new(setup)));
    assert_eq!((model.lane().name, model.form().get(&name("name"))), (LaneName::Professional, "Ana Silva"));
}

#[test]
fn a_signature_for_another_destination_is_a_new_one() {
    let changes: [fn(&mut Setup); 5] = [
        |setup| setup.source = pledge_domain::Source::parse("leaflet"),
        |setup| setup.testing = true,
        |setup| setup.statement.1 = "2".to_owned(),
        |setup| setup.questions.clear(),
        |setup| setup.route = "https://other.example/".to_owned(),
    ];
    for (index, change) in changes.into_iter().enumerate() {
        let mut model = filled();
        model.setup.is_idempotent = true;
        let (attempt, before) = sent(&model.update(submit(1)));
        model.update(failed(attempt, Failure::Busy));
        let mut setup = model.setup.clone();
        model.update(Msg::Reconfigured(Box::new(setup.clone())));
        assert_eq!(model.phase(), &not_sent(Failure::Busy, true), "nothing changed");
        change(&mut setup);
        model.update(Msg::Reconfigured(Box::new(setup)));
        assert_eq!(model.phase(), &not_sent(Failure::Busy, false), "{index}: not sent there automatically");
        let (_, after) = sent(&model.update(submit(2)));
        assert_ne!(after.get("id"), before.get("id"), "{index}");
    }
}

#[test]
fn thanks_for_one_campaign_are_not_shown_for_another() {
    let mut model = filled();
    let (attempt, _) = sent(&model.update(submit(1)));
    model.update(accepted(attempt));
    let mut setup = model.setup.clone();
    model.update(Msg::Reconfigured(Box::new(setup.clone())));
    assert_eq!(model.phase(), &Phase::Done(Done::Signed), "the same campaign stays signed");
    let mut other = Campaign::clone(&setup.campaign);
    other.id = CampaignId::parse("other").unwrap();
    setup.campaign = Rc::new(other);
    model.update(Msg::Reconfigured(Box::new(setup)));
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
    assert_eq!(model.phase(), &Phase::Editing);
    assert!(model.form() == &Form::default());
}

#[test]
fn a_control_that_reports_an_unchanged_value_changes_nothing() {
    let mut model = model();
    model.setup.is_idempotent = true;
    assert_eq!(model.update(typed("name", "")), []);
    assert_eq!(model.update(typed("name", "Ana Silva")), [Effect::Started]);
    model.update(typed("email", "ana@example.org"));
    model.update(Msg::ConsentAnswered(ConsentPurpose::Updates, true));
    let (attempt, _) = sent(&model.update(submit(1)));
    model.update(failed(attempt, Failure::Busy));
    assert_eq!(model.phase(), &not_sent(Failure::Busy, true));
    for msg in [
        typed("name", "Ana Silva"),
        typed("email", "ana@example.org"),
        Msg::ConsentAnswered(ConsentPurpose::Updates, true),
        Msg::LaneChosen(0),
    ] {
        assert_eq!(model.update(msg), []);
    }
    assert_eq!(model.phase(), &not_sent(Failure::Busy, true), "the automatic retry continues");
}
