//! The accent that an embedder sets, made readable whatever it is.

use pledge_domain::Colour;

/// What the accent must be readable on, in `widget.css`: paper and tint of the light and of the dark theme.
const PAPERS: [[Colour; 2]; 2] =
    [[Colour([255, 255, 255]), Colour([0xf4, 0xf1, 0xfb])], [Colour([0x18, 0x14, 0x2a]), Colour([0x22, 0x1c, 0x39])]];

/// A colour as a browser computes it (`rgb(1, 2, 3)`), or as `#rrggbb`.
fn parse(text: &str) -> Option<Colour> {
    let Some(channels) = text.strip_prefix("rgb(").and_then(|rest| rest.strip_suffix(')')) else {
        return Colour::parse(text);
    };
    let mut colour = [0; 3];
    let mut given = channels.split(", ");
    for channel in &mut colour {
        *channel = given.next()?.parse().ok()?;
    }
    given.next().is_none().then_some(Colour(colour))
}

/// The custom properties of `widget.css` for the accents of the light and the dark theme, as `#rrggbb` or `rgb(r, g, b)`: what buttons are
/// filled with, the text on it, and the accent as text. An empty text, or one that is no colour, sets nothing; a colour
/// for the light theme alone serves the dark one too.
pub fn properties(light: &str, dark: &str) -> Vec<(&'static str, String)> {
    let light = parse(light);
    let mut properties = Vec::new();
    for (theme, accent) in [light, parse(dark).or(light)].into_iter().enumerate() {
        let names =
            [["--p-fill-light", "--p-on-light", "--p-text-light"], ["--p-fill-dark", "--p-on-dark", "--p-text-dark"]]
                [theme];
        if let Some(accent) = accent {
            let shown = [accent, accent.text_on(), accent.readable_on(&PAPERS[theme])];
            properties.extend(names.into_iter().zip(shown.map(Colour::to_hex)));
        }
    }
    properties
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_papers_are_those_of_the_style_sheet() {
        let style = include_str!("../../widget/widget.css");
        for (theme, papers) in PAPERS.iter().enumerate() {
            for (name, paper) in ["paper", "tint"].iter().zip(papers) {
                let hex = paper.to_hex();
                let short = format!("--p-{name}: #{};", &hex[1..4]);
                let found =
                    style.contains(&format!("--p-{name}: {hex};")) || (hex == "#ffffff" && style.contains(&short));
                assert!(found, "--p-{name} {hex} of theme {theme}");
            }
        }
    }

    #[test]
    fn yellow_is_filled_with_as_it_is_and_darkened_as_text() {
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
        for odd in ["rgb(1, 2)", "rgb(1, 2, 300)", "rgb(1, 2, 3, 4)", "rgba(1, 2, 3, 0.5)", "color(srgb 1 0 0)"] {
            assert_eq!(super::properties(odd, ""), [], "{odd}");
        }
    }
}
