//! What every store can do.

use crate::delivery::{Delivered, DeliveryReport, Destination, DueDelivery};
use crate::error::StoreError;
use crate::model::{Added, Change, Drift, DueMail, Held, LinkTarget, MailReport, NewSignature, Print, Resent, Sending};
use crate::staff::SignatureKey;
use pledge_domain::{
    CampaignId, ConsentPurpose, ConsentState, Date, EmailAddress, LaneName, SignatureId, SignatureState,
};
use std::pin::Pin;

/// The result of a request to a store, once it is there.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// Returns the fingerprint of a mailbox in a campaign and a lane.
pub type MailboxPrint = Box<dyn Fn(&CampaignId, &EmailAddress, LaneName) -> Print + Send>;

/// Returns the fingerprint of the link in the email with that number about a signing.
pub type LinkPrint = Box<dyn Fn(&CampaignId, SignatureId, u32) -> Print + Send>;

/// Keeps signatures. Whatever an answer says is on disk by then.
///
/// The public number of a campaign follows from the states of its signatures, and changes in the same transaction.
pub trait Store: Send + Sync {
    /// Adds a signature.
    ///
    /// If the mailbox has signed before, the answers are kept beside the first ones until the mailbox is confirmed. But
    /// each "no" to a question about consent applies at once.
    ///
    /// # Errors
    /// See [`StoreError`].
    fn add(&self, new: NewSignature) -> Answer<'_, Added>;

    /// Adds one to the answers to "Was this useful?".
    ///
    /// # Errors
    /// See [`StoreError`].
    fn add_feedback(&self, campaign: CampaignId, useful: bool) -> Answer<'_, ()>;

    /// Returns the number of signatures of a campaign that count. It is read from memory.
    fn count(&self, campaign: &CampaignId) -> u64;

    /// Returns the day on which staff have closed a campaign. It is read from memory.
    fn closed_on(&self, campaign: &CampaignId) -> Option<Date>;

    /// Returns what is stored with a receipt. `None` if there is no such receipt.
    ///
    /// # Errors
    /// See [`StoreError`].
    fn held(&self, receipt: Print) -> Answer<'_, Option<Held>>;

    /// Changes the answers of the signing with this receipt. Returns `false` if there is none that can be changed.
    ///
    /// # Errors
    /// See [`StoreError`].
    fn change(&self, receipt: Print, change: Change, on: Date) -> Answer<'_, bool>;

    /// Withdraws the signing with this receipt: it no longer counts, and every answer about consent becomes a "no".
    /// Returns `false` if there is none that can be withdrawn.
    ///
    /// # Errors
    /// See [`StoreError`].
    fn withdraw(&self, receipt: Print, on: Date) -> Answer<'_, bool>;

    /// Turns the answers about some purposes into a "no" for the signing with this receipt. Returns `false` if there is
    /// none.
    ///
    /// # Errors
    /// See [`StoreError`].
    fn refuse(&self, receipt: Print, purposes: Vec<ConsentPurpose>, on: Date) -> Answer<'_, bool>;

    /// Deletes everything that is stored with this receipt. Returns `false` if there is none.
    ///
    /// # Errors
    /// See [`StoreError`].
    fn erase(&self, receipt: Print, on: Date) -> Answer<'_, bool>;

    /// Returns what the link in an email leads to at a time. `None` if there is no such link.
    ///
    /// # Errors
    /// See [`StoreError`].
    fn link(&self, link: Print, now: String) -> Answer<'_, Option<LinkTarget>>;

    /// Uses the link in an email: confirms the mailbox, and makes the answers of the signing those of the signature.
    /// Returns what the link led to before. `None` if there is no such link.
    ///
    /// # Errors
    /// See [`StoreError`].
    fn confirm(&self, link: Print, now: String, on: Date) -> Answer<'_, Option<LinkTarget>>;

    /// Writes another email in place of the one whose link has expired.
    ///
    /// # Errors
    /// See [`StoreError`].
    fn resend(&self, link: Print, make: LinkPrint, now: String, expires_at: String) -> Answer<'_, Resent>;

    /// Returns emails that are due, and reserves them until `lease`, so that they are tried again if the server stops
    /// before it has settled them.
    ///
    /// # Errors
    /// See [`StoreError`].
    fn due_mails(&self, now: String, lease: String) -> Answer<'_, Vec<DueMail>>;

    /// Records what became of a try.
    ///
    /// # Errors
    /// See [`StoreError`].
    fn settle_mail(&self, id: i64, sending: Sending) -> Answer<'_, ()>;

    /// Returns how many emails are in which state.
    ///
    /// # Errors
    /// See [`StoreError`].
    fn mail_report(&self) -> Answer<'_, Vec<MailReport>>;

    /// Makes these the services that are told about signatures, from now on. Others are told nothing more.
    ///
    /// # Errors
    /// See [`StoreError`].
    fn set_destinations(&self, destinations: Vec<Destination>) -> Answer<'_, ()>;

    /// Returns what a destination must be told now, at most `limit`, and reserves it until `lease`, so that it is tried
    /// again if the server stops before it has settled it.
    ///
    /// # Errors
    /// See [`StoreError`].
    fn due_deliveries(&self, name: String, now: String, lease: String, limit: u32) -> Answer<'_, Vec<DueDelivery>>;

    /// Records what became of a try.
    ///
    /// # Errors
    /// See [`StoreError`].
    fn settle_delivery(&self, name: String, due: DueDelivery, delivered: Delivered) -> Answer<'_, ()>;

    /// Returns how many signatures each destination was told about, and must still be told about.
    ///
    /// # Errors
    /// See [`StoreError`].
    fn delivery_report(&self) -> Answer<'_, Vec<DeliveryReport>>;

    /// Returns the answers to questions about consent that apply to a signature.
    ///
    /// # Errors
    /// See [`StoreError`].
    fn consents_in_force(
        &self,
        campaign: CampaignId,
        id: SignatureId,
    ) -> Answer<'_, Vec<(ConsentPurpose, ConsentState)>>;

    /// Changes the state of a signature, and records the day. Returns whether there is such a signature and the change
    /// is allowed. [`SignatureState::Erased`] deletes everything but the id.
    ///
    /// # Errors
    /// See [`StoreError`].
    fn set_state(&self, campaign: CampaignId, id: SignatureId, next: SignatureState, on: Date) -> Answer<'_, bool>;

    /// Marks signatures as those of a burst: many from one network in a short time.
    ///
    /// # Errors
    /// See [`StoreError`].
    fn mark_burst(&self, signatures: Vec<SignatureKey>, burst: String) -> Answer<'_, ()>;

    /// Gives every mailbox its fingerprint by newer rules, if that has not been done for this version of the rules.
    ///
    /// # Errors
    /// See [`StoreError`].
    fn renew_mailboxes(&self, rules: u32, print: MailboxPrint) -> Answer<'_, ()>;

    /// Deletes some of the signatures that were not confirmed within so many days. Returns how many; 0 if none is left.
    ///
    /// # Errors
    /// See [`StoreError`].
    fn delete_unconfirmed(&self, days: u32, on: Date) -> Answer<'_, u64>;

    /// Removes the marks of bursts from signatures that were received more than so many days ago. Returns how many; 0
    /// if none is left.
    ///
    /// # Errors
    /// See [`StoreError`].
    fn forget_bursts(&self, days: u32, on: Date) -> Answer<'_, u64>;

    /// Deletes everything that says who has signed from some of the signatures of a campaign, in the order of their
    /// ids, after one. They go on counting. Returns the last one that it has looked at, and how many it has changed;
    /// `None` if there are no more.
    ///
    /// # Errors
    /// See [`StoreError`].
    fn anonymise(
        &self,
        campaign: CampaignId,
        after: Option<SignatureId>,
        on: Date,
    ) -> Answer<'_, Option<(SignatureId, u64)>>;

    /// Reads the numbers again if another program has changed the database, and removes the last traces of what was
    /// deleted. Call it every second.
    ///
    /// # Errors
    /// See [`StoreError`].
    fn refresh(&self) -> Answer<'_, ()>;

    /// Writes something that nobody reads, to find out whether a signature could be stored now.
    ///
    /// # Errors
    /// See [`StoreError`].
    fn probe(&self) -> Answer<'_, ()>;

    /// Counts every signature, corrects the stored numbers, and returns those that were wrong.
    ///
    /// # Errors
    /// See [`StoreError`].
    fn recount(&self) -> Answer<'_, Vec<Drift>>;
}
