//! What is typed in the form, and what it takes to make a signature of it.

use pledge_domain::{
    Consent, EmailAddress, FieldError, FieldName, FullName, LanguageTag, Location, Postcode, Signature, SignatureId,
    Source,
};

/// What the supporter has typed so far, as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form {
    /// Full name.
    pub name: String,
    /// E-mail address.
    pub email: String,
    /// Postcode.
    pub postcode: String,
    /// Whether the box for updates is ticked. It never starts so.
    pub wants_updates: bool,
}

/// What does not change while the form stands: everything of a signature that the supporter does not type.
#[derive(Clone, Debug, PartialEq)]
pub struct Setup {
    /// The wording beside the box for updates; `None` where nothing is asked.
    pub updates_wording: Option<String>,
    /// The partner or link code.
    pub source: Option<Source>,
    /// The host page.
    pub location: Option<Location>,
    /// The language of the form.
    pub locale: LanguageTag,
    /// Whether this is a test, stored and never counted.
    pub testing: bool,
}

impl Form {
    /// The text typed in a field.
    pub fn get(&self, field: FieldName) -> &str {
        match field {
            FieldName::Name => &self.name,
            FieldName::Email => &self.email,
            FieldName::Postcode => &self.postcode,
        }
    }

    /// Takes the text typed in a field.
    pub fn set(&mut self, field: FieldName, text: String) {
        match field {
            FieldName::Name => self.name = text,
            FieldName::Email => self.email = text,
            FieldName::Postcode => self.postcode = text,
        }
    }

    /// Makes a signature of what was typed.
    ///
    /// # Errors
    /// Every field that cannot be taken, in the order of the form.
    pub(crate) fn sign(
        &self,
        setup: &Setup,
        id: SignatureId,
        now: &str,
    ) -> Result<Signature, Vec<(FieldName, FieldError)>> {
        let mut errors = Vec::new();
        let name = FullName::parse(&self.name).map_err(|error| errors.push((FieldName::Name, error)));
        let email = EmailAddress::parse(&self.email).map_err(|error| errors.push((FieldName::Email, error)));
        let postcode = Postcode::parse(&self.postcode).map_err(|error| errors.push((FieldName::Postcode, error)));
        let (Ok(name), Ok(email), Ok(postcode)) = (name, email, postcode) else { return Err(errors) };
        let answer = |wording: &String| Consent::answered(self.wants_updates, wording, setup.locale.clone(), now);
        let consent_updates = setup.updates_wording.as_ref().and_then(answer).unwrap_or_else(Consent::not_asked);
        Ok(Signature {
            id,
            name,
            email,
            postcode,
            consent_updates,
            source: setup.source.clone(),
            location: setup.location.clone(),
            locale: setup.locale.clone(),
            testing: setup.testing,
        })
    }
}
