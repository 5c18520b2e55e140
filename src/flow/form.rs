//! What the supporter enters in the form, and how it becomes a signature.

use pledge_backend::EMAIL_CONSENT_FIELD;
use pledge_domain::consent::{ConsentContext, Wording};
use pledge_domain::lane::FirstHalfFn;
use pledge_domain::{
    Campaign, Consent, ConsentPurpose, Consents, Field, FieldError, FieldKind, FieldName, Lane, LanguageTag, Location,
    Personal, Signature, SignatureId, Source,
};
use std::rc::Rc;

/// What the supporter has entered so far: the lane, the fields and the answers to the consent questions.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Form {
    /// The index of the chosen lane in the campaign's list of lanes.
    pub lane: usize,
    entries: Vec<(FieldName, Personal<String>)>,
    consents: Vec<(ConsentPurpose, bool)>,
}

/// The parts of a signature that the supporter does not enter. They stay the same while the form is open.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The campaign. Its lanes define which fields are asked.
    pub campaign: Rc<Campaign>,
    /// The consent questions that every lane asks, each with its wording.
    pub questions: Vec<(ConsentPurpose, String)>,
    /// The statement beside the button, and its version.
    pub statement: (String, String),
    /// The language of the statement.
    pub locale: LanguageTag,
    /// The partner or link code.
    pub source: Option<Source>,
    /// The host page.
    pub location: Option<Location>,
    /// Whether the signature is a test: stored, but never counted.
    pub testing: bool,
    /// A text that identifies where the signature goes. If it changes, the next submit makes a new signature.
    pub route: String,
    /// The function that returns the first half of a postcode.
    pub first_half: FirstHalfFn,
    /// Whether sending the same bytes twice stores only one signature. If so, failed attempts are retried
    /// automatically.
    pub is_idempotent: bool,
}

fn is_email_consent(field: &Field) -> bool {
    field.name.as_str() == EMAIL_CONSENT_FIELD && field.kind == FieldKind::Checkbox
}

impl Setup {
    /// Returns the wording of the email consent checkbox, or `None` if there is none.
    pub(crate) fn email_consent_text(&self) -> Option<&str> {
        let field = self.campaign.lanes.first()?.fields.iter().find(|field| is_email_consent(field))?;
        field.label().or(field.agreement().0)
    }

    /// Returns the consent questions of a lane.
    pub fn questions_for<'a>(&'a self, lane: &'a Lane) -> Vec<(ConsentPurpose, &'a str)> {
        let mut questions = Vec::new();
        let has_email_consent = lane.fields.iter().any(is_email_consent);
        for (purpose, text) in &self.questions {
            if !(has_email_consent && *purpose == ConsentPurpose::Updates) {
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
    /// Returns the text of a field.
    pub fn get(&self, field: &FieldName) -> &str {
        self.entries.iter().find(|(name, _)| name == field).map_or("", |(_, text)| text.expose())
    }

    /// Sets the text of a field.
    pub fn set(&mut self, field: FieldName, text: Personal<String>) {
        put(&mut self.entries, field, text);
    }

    /// Returns the answer to a consent question, or `None` if it is unanswered. No question has a default answer.
    pub fn consent(&self, purpose: ConsentPurpose) -> Option<bool> {
        self.consents.iter().find(|(known, _)| *known == purpose).map(|(_, given)| *given)
    }

    /// Sets the answer to a consent question.
    pub fn set_consent(&mut self, purpose: ConsentPurpose, given: bool) {
        put(&mut self.consents, purpose, given);
    }

    /// Clears the answers to the consent questions. Used when the wording changes, because nobody has answered the new
    /// wording yet.
    pub(crate) fn clear_consents(&mut self) {
        self.consents.clear();
        self.entries.retain(|(name, _)| name.as_str() != EMAIL_CONSENT_FIELD);
    }

    /// Clears everything except the chosen lane.
    pub(crate) fn clear(&mut self) {
        self.entries.clear();
        self.consents.clear();
    }

    /// Makes a signature from the form.
    ///
    /// # Errors
    /// Returns an error for each invalid field, in the order of the form.
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
        let mut email_consent = None;
        for field in lane.active_fields() {
            match field.read(self.get(&field.name), setup.first_half) {
                Ok(answer) if is_email_consent(field) => email_consent = Some((answer.is_some(), field)),
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
            let context = ConsentContext { wording, locale: locale.clone(), answered_at: now.to_owned() };
            Consent::answered(purpose, given, context)
        };
        // The campaign or the partner writes the questions, so they are in the campaign's language. The statement and
        // the email consent checkbox may use interface strings in another language.
        let campaign_locale = &setup.campaign.locale;
        let (statement, version) = &setup.statement;
        let mut consents = Consents::default();
        // The supporter consents to processing by pressing the button next to the statement.
        if let Some(consent) = consent(ConsentPurpose::Processing, true, statement, Some(version), &setup.locale) {
            consents.add(consent);
        }
        for (purpose, text) in setup.questions_for(lane) {
            if let Some(consent) = consent(purpose, self.consent(purpose) == Some(true), text, None, campaign_locale) {
                consents.add(consent);
            }
        }
        if let Some((is_given, field)) = email_consent {
            let text = field.label().or(field.agreement().0).unwrap_or_default();
            let locale = field.agreement().1.and_then(LanguageTag::parse);
            let locale = locale.as_ref().unwrap_or(campaign_locale);
            if let Some(consent) = consent(ConsentPurpose::Updates, is_given, text, None, locale) {
                consents.add(consent);
            }
        }
        // Changes nothing if the supporter was asked.
        consents.add(Consent::not_asked(ConsentPurpose::Updates));
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
