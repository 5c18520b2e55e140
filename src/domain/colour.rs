//! Colours, and the contrast between them (WCAG 2.2: relative luminance, contrast ratio).
//!
//! Written by hand, because it is one notation and two formulas. A colour library brings colour spaces that nothing
//! here uses.

use crate::text::{hex, hex_digit};

/// A colour in the sRGB colour space, with eight bits per channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour(pub [u8; 3]);

/// The minimum contrast of text and its background (WCAG 2.2, success criterion 1.4.3).
pub const TEXT_CONTRAST: f64 = 4.5;

impl Colour {
    /// White.
    pub const WHITE: Colour = Colour([255; 3]);
    /// Black.
    pub const BLACK: Colour = Colour([0; 3]);

    /// Parses `#rgb` or `#rrggbb`, in upper or lower case.
    pub fn parse(text: &str) -> Option<Colour> {
        let digits = text.strip_prefix('#')?.as_bytes();
        let mut channels = [0; 3];
        for (at, channel) in channels.iter_mut().enumerate() {
            let (high, low) = match digits.len() {
                3 => (digits[at], digits[at]),
                6 => (digits[at * 2], digits[at * 2 + 1]),
                _ => return None,
            };
            *channel = hex_digit(high)? << 4 | hex_digit(low)?;
        }
        Some(Colour(channels))
    }

    /// Returns whether [`Colour::parse`] accepts a text.
    pub fn is_valid(text: &str) -> bool {
        let digits = text.strip_prefix('#').unwrap_or_default();
        matches!(digits.len(), 3 | 6) && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
    }

    /// Returns the colour as `#rrggbb`.
    pub fn to_hex(self) -> String {
        ["#", &hex(&self.0)].concat()
    }

    /// Returns the contrast ratio of two colours, from 1 to 21.
    pub fn contrast(self, other: Colour) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        let (light, dark) = if a > b { (a, b) } else { (b, a) };
        (light + 0.05) / (dark + 0.05)
    }

    /// Returns white or black, whichever has more contrast with this colour. It always reaches [`TEXT_CONTRAST`].
    pub fn text_on(self) -> Colour {
        if self.contrast(Colour::WHITE) >= self.contrast(Colour::BLACK) { Colour::WHITE } else { Colour::BLACK }
    }

    /// Returns the colour, mixed with as little white or black as makes it readable as text on each of `backgrounds`.
    /// These must be all light or all dark.
    pub fn readable_on(self, backgrounds: &[Colour]) -> Colour {
        let is_readable =
            |colour: Colour| backgrounds.iter().all(|background| colour.contrast(*background) >= TEXT_CONTRAST);
        let grey = backgrounds.first().map_or(0, |background| background.text_on().0[0]);
        (0..=16).map(|step| self.mix(grey, step)).find(|mixed| is_readable(*mixed)).unwrap_or(Colour([grey; 3]))
    }

    /// Mixes the colour with `step` sixteenths of a grey.
    fn mix(self, grey: u8, step: u16) -> Colour {
        Colour(self.0.map(|channel| ((u16::from(channel) * (16 - step) + u16::from(grey) * step) / 16) as u8))
    }

    fn luminance(self) -> f64 {
        let [red, green, blue] = self.0.map(linear);
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }
}

/// Returns the linear value of a channel, 0 to 1 (IEC 61966-2-1).
fn linear(channel: u8) -> f64 {
    let value = f64::from(channel) / 255.0;
    if value <= 0.04045 {
        return value / 12.92;
    }
    let base = (value + 0.055) / 1.055;
    // base^2.4 = base^2 · (base^(1/5))^2, with the fifth root by Newton's method. `powf` would add kilobytes of Wasm.
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
    fn contrast_is_as_in_wcag() {
        let hex = |text| Colour::parse(text).unwrap();
        // Results of the WebAIM contrast checker.
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
    fn every_accent_is_readable_and_so_is_text_on_it() {
        let light = [Colour::parse("#ffffff").unwrap(), Colour::parse("#f4f1fb").unwrap()];
        let dark = [Colour::parse("#18142a").unwrap(), Colour::parse("#221c39").unwrap()];
        for red in (0..=255).step_by(15) {
            for green in (0..=255).step_by(15) {
                for blue in (0..=255).step_by(15) {
                    let accent = Colour([red, green, blue]);
                    for backgrounds in [light, dark] {
                        let shown = accent.readable_on(&backgrounds);
                        let is_readable = backgrounds.iter().all(|background| shown.contrast(*background) >= 4.5);
                        assert!(is_readable, "{accent:?} as {shown:?}");
                        assert!(shown.contrast(shown.text_on()) >= 4.5);
                    }
                    assert!(accent.contrast(accent.text_on()) >= 4.5, "{accent:?}");
                }
            }
        }
    }

    #[test]
    fn an_unreadable_accent_is_mixed_with_as_little_as_makes_it_readable() {
        let hex = |text| Colour::parse(text).unwrap();
        assert_eq!(hex("#804020").mix(255, 0), hex("#804020"));
        assert_eq!(hex("#804020").mix(0, 16), Colour::BLACK);
        assert_eq!(hex("#804020").mix(255, 4), hex("#9f6f57"), "a quarter of white");
        assert_eq!(hex("#767676").readable_on(&[Colour::WHITE]), hex("#767676"), "readable as it is");
        assert_eq!(hex("#ffd23f").readable_on(&[Colour::WHITE]), hex("#7f691f"), "half of black");
        assert!(hex("#ffd23f").mix(0, 7).contrast(Colour::WHITE) < TEXT_CONTRAST);
        assert_eq!(hex("#000080").readable_on(&[Colour::BLACK]), hex("#6f6fb7"));
    }

    #[test]
    fn only_hexadecimal_colours_are_parsed() {
        assert_eq!(Colour::parse("#0aF").unwrap().to_hex(), "#00aaff");
        assert!(Colour::is_valid("#0aF") && Colour::is_valid("#fffFFF"));
        assert_eq!(Colour::parse("#ff0080").unwrap(), Colour([255, 0, 128]));
        for bad in ["", "#", "red", "#12", "#1234", "#12345g", "12345678", "rgb(1,2,3)", "#123456;}", "#é12"] {
            assert!(Colour::parse(bad).is_none() && !Colour::is_valid(bad), "{bad}");
        }
    }
}
