//! A wrapper that keeps personal data out of log lines and error messages.

/// Data about a supporter: a name, an address, a postcode or a comment.
///
/// It implements neither `Debug` nor `Display`, and so does every type that contains it: printing one, or deriving
/// `Debug` for a struct around one, does not compile. Nothing that a supporter typed can reach a log line, the console
/// or the message of a panic by accident.
///
/// ```compile_fail,E0277
/// let name = pledge_domain::Personal::new("Ana Silva".to_owned());
/// println!("{name:?}");
/// ```
///
/// ```compile_fail,E0277
/// let name = pledge_domain::Personal::new("Ana Silva".to_owned());
/// println!("{name}");
/// ```
///
/// ```compile_fail,E0277
/// let email = pledge_domain::EmailAddress::parse("ana@example.org");
/// println!("{:?}", email.ok());
/// ```
///
/// ```compile_fail,E0277
/// fn print(signature: &pledge_domain::Signature) {
///     println!("{signature:?}");
/// }
/// ```
///
/// ```
/// let name = pledge_domain::Personal::new("Ana Silva".to_owned());
/// assert_eq!(name.expose(), "Ana Silva");
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Personal<T>(T);

impl<T> Personal<T> {
    /// Wraps personal data.
    pub fn new(data: T) -> Personal<T> {
        Personal(data)
    }

    /// Returns the data, for storing it, sending it or showing it to the supporter.
    pub fn expose(&self) -> &T {
        &self.0
    }

    /// Unwraps the data, for the same purposes.
    pub fn into_inner(self) -> T {
        self.0
    }
}
