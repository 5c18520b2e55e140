//! Colours, and how well one reads on another (WCAG 2.2: relative luminance, contrast ratio).

use crate::text::hex;

/// A colour of the sRGB space, eight bits a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour(pub [u8; 3]);

/// The least contrast of text and what it stands on (WCAG 2.2, success criterion 1.4.3).
pub const TEXT_CONTRAST: f64 = 4.5;

impl Colour {
    /// White.
    pub const WHITE: Colour = Colour([255; 3]);
    /// Black.
    pub const BLACK: Colour = Colour([0; 3]);

    /// Reads `#rgb` or `#rrggbb`, in either case.
    pub fn parse(text: &str) -> Option<Colour> {
        let digits = text.strip_prefix('#')?.as_bytes();
        let mut channels = [0; 3];
        for (at, channel) in channels.iter_mut().enumerate() {
            let (high, low) = match digits.len() {
                3 => (digits[at], digits[at]),
                6 => (digits[at * 2], digits[at * 2 + 1]),
                _ => return None,
            };
            *channel = nibble(high)? << 4 | nibble(low)?;
        }
        Some(Colour(channels))
    }

    /// Whether a text is a colour that [`Colour::parse`] reads.
    pub fn is_one(text: &str) -> bool {
        let digits = text.strip_prefix('#').unwrap_or_default();
        matches!(digits.len(), 3 | 6) && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
    }

    /// The colour as `#rrggbb`.
    pub fn to_hex(self) -> String {
        ["#", &hex(&self.0)].concat()
    }

    /// The contrast of two colours, from 1 to 21.
    pub fn contrast(self, other: Colour) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        let (light, dark) = if a > b { (a, b) } else { (b, a) };
        (light + 0.05) / (dark + 0.05)
    }

    /// White or black, whichever reads better on this colour. One of them always reaches [`TEXT_CONTRAST`].
    pub fn text_on(self) -> Colour {
        if self.contrast(Colour::WHITE) >= self.contrast(Colour::BLACK) { Colour::WHITE } else { Colour::BLACK }
    }

    /// The nearest mixture with white or black that reads as text on each of `papers`, which are all light or all dark.
    pub fn readable_on(self, papers: &[Colour]) -> Colour {
        let reads = |colour: Colour| papers.iter().all(|paper| colour.contrast(*paper) >= TEXT_CONTRAST);
        let towards = papers.first().map_or(0, |paper| paper.text_on().0[0]);
        (0..=16).map(|step| self.mixed(towards, step)).find(|mixed| reads(*mixed)).unwrap_or(Colour([towards; 3]))
    }

    /// `step` sixteenths of the way to a grey.
    fn mixed(self, towards: u8, step: u16) -> Colour {
        Colour(self.0.map(|channel| ((u16::from(channel) * (16 - step) + u16::from(towards) * step) / 16) as u8))
    }

    fn luminance(self) -> f64 {
        let [red, green, blue] = self.0.map(linear);
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

/// A channel without its gamma, 0 to 1 (IEC 61966-2-1).
fn linear(channel: u8) -> f64 {
    let value = f64::from(channel) / 255.0;
    if value <= 0.04045 {
        return value / 12.92;
    }
    let base = (value + 0.055) / 1.055;
    // base^2.4 = base^2 · (base^(1/5))^2, the fifth root by Newton's method: `powf` would weigh kilobytes in the Wasm.
    let mut root = 1.0;
    for _ in 0..12 {
        let fourth = root * root * root * root;
        root -= (fourth * root - base) / (5.0 * fourth);
    }
    base * base * root * root
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contrast_is_that_of_wcag() {
        let hex = |text| Colour::parse(text).unwrap();
        // Worked examples of the WebAIM contrast checker.
        for (a, b, expected) in
            [("#000", "#fff", 21.0), ("#767676", "#ffffff", 4.54), ("#00f", "#FFF", 8.59), ("#777", "#fff", 4.48)]
        {
            assert!((hex(a).contrast(hex(b)) - expected).abs() < 0.01, "{a} on {b}: {}", hex(a).contrast(hex(b)));
        }
        for value in 0..=255_u8 {
            let c = f64::from(value) / 255.0;
            let exact = if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) };
            assert!((linear(value) - exact).abs() < 1e-9, "{value}");
        }
    }

    #[test]
    fn every_accent_is_readable_and_bears_readable_text() {
        let light = [Colour::parse("#ffffff").unwrap(), Colour::parse("#f4f1fb").unwrap()];
        let dark = [Colour::parse("#18142a").unwrap(), Colour::parse("#221c39").unwrap()];
        for red in (0..=255).step_by(15) {
            for green in (0..=255).step_by(15) {
                for blue in (0..=255).step_by(15) {
                    let accent = Colour([red, green, blue]);
                    for papers in [light, dark] {
                        let shown = accent.readable_on(&papers);
                        assert!(papers.iter().all(|paper| shown.contrast(*paper) >= 4.5), "{accent:?} as {shown:?}");
                        assert!(shown.contrast(shown.text_on()) >= 4.5);
                    }
                    assert!(accent.contrast(accent.text_on()) >= 4.5, "{accent:?}");
                }
            }
        }
    }

    #[test]
    fn only_hexadecimal_colours() {
        assert_eq!(Colour::parse("#0aF").unwrap().to_hex(), "#00aaff");
        for bad in ["", "#", "red", "#12", "#1234", "#12345g", "12345678", "rgb(1,2,3)", "#123456;}", "#é12"] {
            assert!(Colour::parse(bad).is_none() && !Colour::is_one(bad), "{bad}");
        }
    }
}
