//! What is typed in the form, and what it takes to make a signature of it.

use pledge_backend::AGREEMENT;
use pledge_domain::consent::{Asked, Wording};
use pledge_domain::lane::Halve;
use pledge_domain::{
    Campaign, Consent, ConsentPurpose, Consents, Field, FieldError, FieldKind, FieldName, Lane, LanguageTag, Location,
    Signature, SignatureId, Source,
};
use std::rc::Rc;

/// What the supporter has typed, chosen and answered so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form {
    /// The lane chosen: its place among the lanes.
    pub lane: usize,
    entries: Vec<(FieldName, String)>,
    consents: Vec<(ConsentPurpose, bool)>,
}

/// What does not change while the form stands: everything of a signature that the supporter does not type.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The campaign, whose lanes say what is asked.
    pub campaign: Rc<Campaign>,
    /// What is asked beside the fields, whatever the lane, each with its wording.
    pub questions: Vec<(ConsentPurpose, String)>,
    /// The statement beside the button, and its version.
    pub statement: (String, String),
    /// The language of that statement.
    pub locale: LanguageTag,
    /// The partner or link code.
    pub source: Option<Source>,
    /// The host page.
    pub location: Option<Location>,
    /// Whether this is a test, stored and never counted.
    pub testing: bool,
    /// Where it goes, in any words: another route is another intent.
    pub route: String,
    /// What gives the first half of a postcode.
    pub halve: Halve,
    /// Whether sending the same bytes twice stores one signature, so that a failed try may be repeated unasked.
    pub is_idempotent: bool,
}

fn is_agreement(field: &Field) -> bool {
    field.name.as_str() == AGREEMENT && field.kind == FieldKind::Checkbox
}

impl Setup {
    /// The words of the agreement, where there is one.
    pub(crate) fn agreement(&self) -> Option<&str> {
        let field = self.campaign.lanes.first()?.fields.iter().find(|field| is_agreement(field))?;
        field.label().or(field.agreement().0)
    }

    /// What is asked in a lane beside its fields.
    pub fn questions_of<'a>(&'a self, lane: &'a Lane) -> Vec<(ConsentPurpose, &'a str)> {
        let mut questions = Vec::new();
        let has_agreement = lane.fields.iter().any(is_agreement);
        for (purpose, text) in &self.questions {
            if !(has_agreement && *purpose == ConsentPurpose::Updates) {
                questions.push((*purpose, text.as_str()));
            }
        }
        if let Some(text) = lane.consent_listing_text() {
            questions.push((ConsentPurpose::Listing, text));
        }
        questions
    }
}

impl Form {
    /// The text typed in a field.
    pub fn get(&self, field: &FieldName) -> &str {
        self.entries.iter().find(|(name, _)| name == field).map_or("", |(_, text)| text)
    }

    /// Takes the text typed in a field.
    pub fn set(&mut self, field: FieldName, text: String) {
        put(&mut self.entries, field, text);
    }

    /// The answer to a question, where there is one. None starts with an answer.
    pub fn consent(&self, purpose: ConsentPurpose) -> Option<bool> {
        self.consents.iter().find(|(known, _)| *known == purpose).map(|(_, given)| *given)
    }

    /// Takes the answer to a question.
    pub fn set_consent(&mut self, purpose: ConsentPurpose, given: bool) {
        put(&mut self.consents, purpose, given);
    }

    /// Forgets the answers: the questions are put in other words now, and those nobody has answered.
    pub(crate) fn forget_consents(&mut self) {
        self.consents.clear();
        self.entries.retain(|(name, _)| name.as_str() != AGREEMENT);
    }

    /// Forgets everything but as whom they sign.
    pub(crate) fn forget(&mut self) {
        self.entries.clear();
        self.consents.clear();
    }

    /// Makes a signature of what was typed.
    ///
    /// # Errors
    /// Every field that cannot be taken, in the order of the form.
    #[inline(never)]
    pub(crate) fn sign(
        &self,
        setup: &Setup,
        id: SignatureId,
        now: &str,
    ) -> Result<Signature, Vec<(FieldName, FieldError)>> {
        let lane = &setup.campaign.lanes[self.lane];
        let mut errors = Vec::new();
        let mut answers = Vec::new();
        let mut agreement = None;
        for field in lane.asked() {
            match field.read(self.get(&field.name), setup.halve) {
                Ok(answer) if is_agreement(field) => agreement = Some((answer.is_some(), field)),
                Ok(Some(answer)) => answers.push((field.name.clone(), answer)),
                Ok(None) => {}
                Err(error) => errors.push((field.name.clone(), error)),
            }
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        let consent = |purpose, given, text: &str, version: Option<&str>, locale: &LanguageTag| {
            let wording = Wording::new(text, version)?;
            Consent::answered(purpose, given, Asked { wording, locale: locale.clone(), at: now.to_owned() })
        };
        // Every question is the campaign's or the partner's; statement and agreement may be the interface's.
        let own = &setup.campaign.locale;
        let (statement, version) = &setup.statement;
        let mut consents = Consents::default();
        // Pressing the button beside the statement is the act.
        if let Some(consent) = consent(ConsentPurpose::Processing, true, statement, Some(version), &setup.locale) {
            consents.add(consent);
        }
        let mut asked_for_updates = agreement.is_some();
        for (purpose, text) in setup.questions_of(lane) {
            asked_for_updates |= purpose == ConsentPurpose::Updates;
            if let Some(consent) = consent(purpose, self.consent(purpose) == Some(true), text, None, own) {
                consents.add(consent);
            }
        }
        if let Some((is_given, field)) = agreement {
            let text = field.label().or(field.agreement().0).unwrap_or_default();
            let locale = field.agreement().1.and_then(LanguageTag::parse);
            let locale = locale.as_ref().unwrap_or(own);
            if let Some(consent) = consent(ConsentPurpose::Updates, is_given, text, None, locale) {
                consents.add(consent);
            }
        }
        if !asked_for_updates {
            consents.add(Consent::not_asked(ConsentPurpose::Updates));
        }
        Ok(Signature {
            id,
            lane: lane.name,
            answers,
            consents,
            source: setup.source.clone(),
            location: setup.location.clone(),
            locale: setup.campaign.locale.clone(),
            testing: setup.testing,
        })
    }
}

fn put<K: PartialEq, V>(list: &mut Vec<(K, V)>, key: K, value: V) {
    match list.iter_mut().find(|(known, _)| *known == key) {
        Some((_, old)) => *old = value,
        None => list.push((key, value)),
    }
}
