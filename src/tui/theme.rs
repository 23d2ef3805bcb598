//! What things look like: three palettes, none of which says anything by colour alone.

use ratatui::style::{Color, Modifier, Style};
use schemars::JsonSchema;
use serde::Deserialize;

/// Which colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Palette {
    /// The colours of Okabe and Ito, which people with any colour vision tell apart.
    #[default]
    Default,
    /// Bright colours on black.
    HighContrast,
    /// No colours: bold, dim and reversed only.
    Mono,
}

impl Palette {
    /// All, in the order of the key that changes them.
    pub const ALL: [Palette; 3] = [Palette::Default, Palette::HighContrast, Palette::Mono];

    /// Its name on the command line and in the configuration.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Palette::Default => "default",
            Palette::HighContrast => "high-contrast",
            Palette::Mono => "mono",
        }
    }

    /// The palette behind this one.
    #[must_use]
    pub fn next(self) -> Palette {
        let place = Palette::ALL.iter().position(|palette| *palette == self).unwrap_or(0);
        Palette::ALL[(place + 1) % Palette::ALL.len()]
    }
}

/// What a piece of the screen is, from which its style follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ink {
    Plain,
    Strong,
    Faint,
    /// Frames of panels, and that of the panel that has the focus.
    Frame,
    Focus,
    /// The tab in front, the row that is chosen.
    Chosen,
    Good,
    Bad,
    Caution,
    Time,
    Energy,
    /// One of several runs or groups that are laid over one another.
    Curve(usize),
    /// A coverage level; the last is none.
    Level(Option<u8>),
}

/// A palette on a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Theme {
    pub palette: Palette,
    /// Whether the terminal knows sixteen million colours, or 256 only.
    pub exact: bool,
}

type Rgb = (u8, u8, u8);

const ORANGE: Rgb = (230, 159, 0);
const SKY_BLUE: Rgb = (86, 180, 233);
const GREEN: Rgb = (0, 158, 115);
const YELLOW: Rgb = (240, 228, 66);
const VERMILION: Rgb = (213, 94, 0);
const PURPLE: Rgb = (204, 121, 167);
const GREY: Rgb = (138, 138, 138);
const DARK_GREY: Rgb = (88, 88, 88);

const CURVES: [Rgb; 5] = [SKY_BLUE, ORANGE, GREEN, PURPLE, YELLOW];
const LEVELS: [Rgb; 3] = [SKY_BLUE, YELLOW, ORANGE];

impl Theme {
    pub(super) fn style(self, ink: Ink) -> Style {
        let bold = Style::new().add_modifier(Modifier::BOLD);
        let weight = match ink {
            Ink::Strong | Ink::Bad | Ink::Caution | Ink::Focus => bold.remove_modifier(Modifier::DIM),
            Ink::Chosen => bold.add_modifier(Modifier::REVERSED),
            Ink::Faint | Ink::Frame if self.palette == Palette::Mono => Style::new().add_modifier(Modifier::DIM),
            // It may stand on a frame, whose look it must not keep.
            Ink::Plain => Style::new().remove_modifier(Modifier::DIM | Modifier::BOLD),
            _ => Style::new(),
        };
        match self.palette {
            Palette::Mono => weight,
            Palette::Default => weight.fg(Theme::okabe_ito(ink).map_or(Color::Reset, |color| self.color(color))),
            Palette::HighContrast => Theme::bright(ink).map_or(weight, |color| weight.fg(color)),
        }
    }

    fn okabe_ito(ink: Ink) -> Option<Rgb> {
        Some(match ink {
            Ink::Plain | Ink::Strong | Ink::Chosen => return None,
            Ink::Faint => GREY,
            Ink::Frame => DARK_GREY,
            Ink::Focus | Ink::Time => SKY_BLUE,
            Ink::Good => GREEN,
            Ink::Bad | Ink::Level(None) => VERMILION,
            Ink::Caution => YELLOW,
            Ink::Energy => PURPLE,
            Ink::Curve(number) => CURVES[number % CURVES.len()],
            Ink::Level(Some(level)) => LEVELS[usize::from(level).min(LEVELS.len() - 1)],
        })
    }

    /// The eight basic colours in their bright form, which every terminal has.
    fn bright(ink: Ink) -> Option<Color> {
        const CURVES: [Color; 5] =
            [Color::LightCyan, Color::LightYellow, Color::LightGreen, Color::LightMagenta, Color::White];
        Some(match ink {
            Ink::Plain | Ink::Strong | Ink::Faint | Ink::Frame => Color::White,
            Ink::Chosen => return None,
            Ink::Focus | Ink::Time => Color::LightCyan,
            Ink::Good => Color::LightGreen,
            Ink::Bad | Ink::Level(None) => Color::LightRed,
            Ink::Caution => Color::LightYellow,
            Ink::Energy => Color::LightMagenta,
            Ink::Curve(number) => CURVES[number % CURVES.len()],
            Ink::Level(Some(level)) => CURVES[usize::from(level).min(2)],
        })
    }

    fn color(self, (r, g, b): Rgb) -> Color {
        if self.exact { Color::Rgb(r, g, b) } else { Color::Indexed(nearest((r, g, b))) }
    }
}

/// The nearest colour among the 6 × 6 × 6 cube and the greys of the 256 that terminals have by custom.
fn nearest(rgb: Rgb) -> u8 {
    const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];
    let step = |value: u8| (0..6).min_by_key(|&step| STEPS[step].abs_diff(value)).unwrap_or(0);
    let (r, g, b) = (step(rgb.0), step(rgb.1), step(rgb.2));
    if rgb.0 == rgb.1 && rgb.1 == rgb.2 {
        return 232 + (rgb.0.saturating_sub(8) / 10).min(23);
    }
    (16 + 36 * r + 6 * g + b) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    const INKS: [Ink; 14] = [
        Ink::Plain,
        Ink::Strong,
        Ink::Faint,
        Ink::Frame,
        Ink::Focus,
        Ink::Chosen,
        Ink::Good,
        Ink::Bad,
        Ink::Caution,
        Ink::Time,
        Ink::Energy,
        Ink::Curve(7),
        Ink::Level(Some(9)),
        Ink::Level(None),
    ];

    #[test]
    fn mono_has_no_colour_and_others_have() {
        for ink in INKS {
            let style = Theme { palette: Palette::Mono, exact: true }.style(ink);
            assert_eq!((style.fg, style.bg), (None, None), "{ink:?}");
        }
        for palette in [Palette::Default, Palette::HighContrast] {
            assert!(Theme { palette, exact: false }.style(Ink::Bad).fg.is_some());
        }
        assert_eq!(Palette::Mono.next(), Palette::Default);
    }

    #[test]
    fn colours_are_taken_from_the_cube_where_there_are_only_256() {
        assert_eq!((nearest((255, 0, 0)), nearest((0, 0, 0)), nearest((88, 88, 88))), (196, 232, 240));
        assert_eq!(nearest(SKY_BLUE), 16 + 36 + 6 * 3 + 4);
    }
}
