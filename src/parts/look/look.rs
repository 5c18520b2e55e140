//! Makes the accent colours that an embedder sets readable.

use pledge_domain::Colour;

/// The backgrounds in `widget.css` on which the accent must be readable: `--p-paper` and `--p-tint` of the light and
/// the dark theme.
const BACKGROUNDS: [[Colour; 2]; 2] =
    [[Colour([255, 255, 255]), Colour([0xf4, 0xf1, 0xfb])], [Colour([0x18, 0x14, 0x2a]), Colour([0x22, 0x1c, 0x39])]];

/// Parses a computed colour (`rgb(1, 2, 3)`) or `#rrggbb`.
fn parse(text: &str) -> Option<Colour> {
    let Some(channels) = text.strip_prefix("rgb(").and_then(|rest| rest.strip_suffix(')')) else {
        return Colour::parse(text);
    };
    let mut colour = [0; 3];
    let mut values = channels.split(", ");
    for channel in &mut colour {
        *channel = values.next()?.parse().ok()?;
    }
    values.next().is_none().then_some(Colour(colour))
}

/// Returns the custom properties of `widget.css` for the accents of the light and the dark theme: the fill of buttons,
/// the text on that fill, and the accent as text.
///
/// The accents are `#rrggbb` or a computed `rgb()` colour. Any other text sets nothing. Without a dark accent, the
/// light one applies to both themes.
pub fn properties(light: &str, dark: &str) -> Vec<(&'static str, String)> {
    let light = parse(light);
    let mut properties = Vec::new();
    for (theme, accent) in [light, parse(dark).or(light)].into_iter().enumerate() {
        let names =
            [["--p-fill-light", "--p-on-light", "--p-text-light"], ["--p-fill-dark", "--p-on-dark", "--p-text-dark"]]
                [theme];
        if let Some(accent) = accent {
            let values = [accent, accent.text_on(), accent.readable_on(&BACKGROUNDS[theme])];
            properties.extend(names.into_iter().zip(values.map(Colour::to_hex)));
        }
    }
    properties
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_backgrounds_match_the_style_sheet() {
        let style = include_str!("../../widget/widget.css");
        let [light, dark] = BACKGROUNDS;
        for (name, (light, dark)) in ["paper", "tint"].iter().zip(light.iter().zip(dark.iter())) {
            let light = light.to_hex().replace("#ffffff", "#fff");
            let expected = format!("--p-{name}: light-dark({light}, {});", dark.to_hex());
            assert!(style.contains(&expected), "{expected}");
            assert!(style.contains(&format!("--p-{name}: {light};")), "{name} without light-dark()");
        }
    }

    #[test]
    fn yellow_fills_buttons_unchanged_but_is_darkened_as_text() {
        let properties = properties("#ffd23f", "");
        let value = |name: &str| properties.iter().find(|(known, _)| *known == name).unwrap().1.as_str();
        assert_eq!(
            (value("--p-fill-light"), value("--p-on-light"), value("--p-text-dark")),
            ("#ffd23f", "#000000", "#ffd23f")
        );
        let text = Colour::parse(value("--p-text-light")).unwrap();
        assert!(text.contrast(Colour::WHITE) >= 4.5);
        assert_eq!(super::properties("", "red"), []);
        assert_eq!(super::properties("rgb(255, 210, 63)", ""), super::properties("#ffd23f", ""));
        for invalid in ["rgb(1, 2)", "rgb(1, 2, 300)", "rgb(1, 2, 3, 4)", "rgba(1, 2, 3, 0.5)", "color(srgb 1 0 0)"] {
            assert_eq!(super::properties(invalid, ""), [], "{invalid}");
        }
    }
}
