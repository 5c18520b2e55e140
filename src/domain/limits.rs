//! The limits for the content of a signature and of a campaign file, with their units.

/// Longest full name, in characters.
pub const NAME_MAX_CHARS: usize = 100;
/// Longest e-mail address, in bytes (RFC 5321 §4.5.3.1.3: a path of 256 less its two angle brackets).
pub const EMAIL_MAX_BYTES: usize = 254;
/// Longest part before the `@`, in bytes (RFC 5321 §4.5.3.1.1).
pub const EMAIL_LOCAL_MAX_BYTES: usize = 64;
/// Longest label of a domain name, in bytes (RFC 1035 §2.3.4).
pub const DOMAIN_LABEL_MAX_BYTES: usize = 63;
/// Longest postcode, in characters. The longest in use has ten; the rest is for spaces.
pub const POSTCODE_MAX_CHARS: usize = 12;
/// Longest phone number, in characters including spaces.
pub const PHONE_MAX_CHARS: usize = 30;
/// Longest one-line answer (organisation, role, workplace), in characters.
pub const ANSWER_MAX_CHARS: usize = 200;
/// Longest comment, in characters.
pub const COMMENT_MAX_CHARS: usize = 1_000;
/// Longest name of a field, in bytes.
pub const FIELD_NAME_MAX_BYTES: usize = 32;
/// Largest corner radius, in CSS pixels.
pub const RADIUS_MAX_PX: u64 = 32;
/// Longest version of a statement, in characters.
pub const VERSION_MAX_CHARS: usize = 32;
/// Longest campaign id or source code, in bytes.
pub const CODE_MAX_BYTES: usize = 64;
/// Longest web address, in bytes.
pub const LINK_MAX_BYTES: usize = 2_000;
/// Longest consent wording stored with a signature, in characters.
pub const WORDING_MAX_CHARS: usize = 1_000;
/// Longest language tag, in bytes.
pub const LANGUAGE_TAG_MAX_BYTES: usize = 35;
/// Longest one-line text of a campaign file (titles, labels), in characters.
pub const LINE_MAX_CHARS: usize = 200;
/// Longest paragraph of a campaign file, in characters.
pub const PARAGRAPH_MAX_CHARS: usize = 2_000;
/// Most paragraphs, facts, wins or help links in a campaign file.
pub const LIST_MAX: usize = 40;
/// Most defects that are reported of one request.
pub const DEFECTS_MAX: usize = 20;
/// Largest goal of a campaign, in signatures.
pub const GOAL_MAX: u64 = 100_000_000;
/// Largest request body that carries one signature, in bytes.
pub const SIGNATURE_BODY_MAX_BYTES: usize = 16 * 1024;
