//! Drawing on a buffer of cells: text, panels, bars, gauges, columns and braille dots. Knows no result.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::theme::{Ink, Theme};
use crate::report::text::Look;

/// A buffer with a theme.
pub(super) struct Canvas<'a> {
    pub buffer: &'a mut Buffer,
    pub theme: Theme,
}

const LOOK: Look = Look { width: 140, color: false, unicode: true };

/// A bar of at most so many columns, with eighths; what is not nothing is seen.
pub(super) fn bar(share: f64, columns: u16) -> String {
    if columns == 0 { String::new() } else { LOOK.bar(share, usize::from(columns)) }
}

/// Text cut to so many columns, with a mark where it was cut.
pub(super) fn fit(text: &str, columns: u16) -> String {
    LOOK.fit(text, usize::from(columns))
}

/// Prose broken into lines of so many columns.
pub(super) fn wrap(text: &str, columns: u16) -> Vec<String> {
    crate::report::text::canvas::wrap(&LOOK, text, usize::from(columns.max(1)))
}

/// How many columns a text takes.
pub(super) fn width(text: &str) -> u16 {
    text.chars().count() as u16
}

impl Canvas<'_> {
    /// Writes text from (x, y) on, up to the right edge of `area`; returns where it ended.
    pub(super) fn text(&mut self, area: Rect, (x, y): (u16, u16), ink: Ink, text: &str) -> u16 {
        let area = area.intersection(self.buffer.area);
        if !area.contains((x, y).into()) {
            return x;
        }
        let room = area.right() - x;
        let style = self.theme.style(ink);
        self.buffer.set_stringn(x, y, fit(text, room), usize::from(room), style).0
    }

    /// Writes text so that it ends before column `end`.
    pub(super) fn right(&mut self, area: Rect, (end, y): (u16, u16), ink: Ink, text: &str) {
        let start = end.saturating_sub(width(text)).max(area.x);
        self.text(area, (start, y), ink, text);
    }

    /// Writes pieces of text one behind the other in row `row` of `area`.
    pub(super) fn line(&mut self, area: Rect, row: u16, pieces: &[(Ink, &str)]) {
        let mut x = area.x;
        for (ink, text) in pieces {
            x = self.text(area, (x, area.y + row), *ink, text);
        }
    }

    /// Gives a whole row another style.
    pub(super) fn mark(&mut self, row: Rect, ink: Ink) {
        let style = self.theme.style(ink);
        self.buffer.set_style(row.intersection(self.buffer.area), style);
    }

    /// Draws a frame with a title and returns what is inside, a blank column on each side.
    pub(super) fn panel(&mut self, area: Rect, title: &str, focused: bool) -> Rect {
        let area = area.intersection(self.buffer.area);
        if area.width < 4 || area.height < 2 {
            return Rect::new(area.x, area.y, 0, 0);
        }
        let ink = if focused { Ink::Focus } else { Ink::Frame };
        let across = "─".repeat(usize::from(area.width - 2));
        let (last, bottom) = (area.right() - 1, area.bottom() - 1);
        self.text(area, (area.x, area.y), ink, &format!("╭{across}╮"));
        for y in area.y + 1..bottom {
            self.text(area, (area.x, y), ink, "│");
            self.text(area, (last, y), ink, "│");
        }
        self.text(area, (area.x, bottom), ink, &format!("╰{across}╯"));
        let title_ink = if focused { Ink::Focus } else { Ink::Strong };
        self.text(area, (area.x + 2, area.y), title_ink, &fit(&format!(" {title} "), area.width - 4));
        Rect::new(area.x + 2, area.y + 1, area.width - 4, area.height - 2)
    }

    /// A gauge over the columns of `area`'s first row: filled up to `mean`, shaded up to `peak`.
    pub(super) fn gauge(&mut self, area: Rect, ink: Ink, (mean, peak): (f64, f64)) {
        if area.width == 0 {
            return;
        }
        let (filled, reached, rest) = LOOK.gauge(mean, peak, usize::from(area.width));
        self.line(area, 0, &[(ink, &filled), (ink, &reached), (Ink::Frame, &rest)]);
    }

    /// Columns of eighths that fill `area`, one for each value; the largest is `top`.
    pub(super) fn columns(&mut self, area: Rect, ink: Ink, values: &[f64], top: f64) {
        const EIGHTHS: [&str; 9] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
        for (x, value) in (area.x..area.right()).zip(values) {
            let share = if top > 0.0 { (value / top).clamp(0.0, 1.0) } else { 0.0 };
            let mut eighths = (share * f64::from(area.height) * 8.0).round() as usize;
            if *value > 0.0 {
                eighths = eighths.max(1);
            }
            for y in (area.y..area.bottom()).rev() {
                self.text(area, (x, y), ink, EIGHTHS[eighths.min(8)]);
                eighths = eighths.saturating_sub(8);
            }
        }
    }

    /// Puts dots on the screen, in the ink that is given for each character.
    pub(super) fn dots(&mut self, area: Rect, dots: &Dots, ink: impl Fn(u16, u16) -> Ink) {
        for row in 0..area.height.min(dots.rows) {
            for column in 0..area.width.min(dots.columns) {
                let pattern = dots.bits[dots.place((column, row))];
                if let (true, Some(glyph)) = (pattern > 0, char::from_u32(BRAILLE + u32::from(pattern))) {
                    let place = (area.x + column, area.y + row);
                    self.text(area, place, ink(column, row), glyph.encode_utf8(&mut [0; 4]));
                }
            }
        }
    }
}

/// The braille character without a dot; those behind it have a bit for each.
const BRAILLE: u32 = 0x2800;

/// Dots in braille characters: two columns and four rows of them in each.
pub(super) struct Dots {
    columns: u16,
    rows: u16,
    bits: Vec<u8>,
}

impl Dots {
    pub(super) fn new(columns: u16, rows: u16) -> Dots {
        Dots { columns, rows, bits: vec![0; usize::from(columns) * usize::from(rows)] }
    }

    /// Dots across and down.
    pub(super) fn size(&self) -> (f64, f64) {
        (f64::from(self.columns) * 2.0, f64::from(self.rows) * 4.0)
    }

    /// Characters across and down.
    pub(super) fn characters(&self) -> (u16, u16) {
        (self.columns, self.rows)
    }

    fn place(&self, (column, row): (u16, u16)) -> usize {
        usize::from(row) * usize::from(self.columns) + usize::from(column)
    }

    /// Sets the dots of a braille character, too.
    pub(super) fn add(&mut self, character: (u16, u16), glyph: &str) {
        let place = self.place(character);
        let bits = glyph.chars().next().map_or(0, |glyph| (glyph as u32).wrapping_sub(BRAILLE));
        self.bits[place] |= u8::try_from(bits).unwrap_or(0);
    }

    /// Sets the dot at (x, y), counted in dots from the top left, and returns the character it is in; `None` outside.
    pub(super) fn set(&mut self, x: f64, y: f64) -> Option<(u16, u16)> {
        const BITS: [[u8; 4]; 2] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]];
        let (width, height) = self.size();
        if !(0.0..width).contains(&x) || !(0.0..height).contains(&y) {
            return None;
        }
        let (x, y) = (x as usize, y as usize);
        let character = ((x / 2) as u16, (y / 4) as u16);
        let place = self.place(character);
        self.bits[place] |= BITS[x % 2][y % 4];
        Some(character)
    }

    /// Whether a character has any dot.
    #[cfg(test)]
    pub(super) fn has(&self, character: (u16, u16)) -> bool {
        self.bits[self.place(character)] > 0
    }

    /// Draws a straight line between two dots.
    pub(super) fn stroke(&mut self, from: (f64, f64), to: (f64, f64)) {
        let steps = (to.0 - from.0).abs().max((to.1 - from.1).abs()).ceil().clamp(1.0, 10_000.0);
        for step in 0..=steps as u32 {
            let t = f64::from(step) / steps;
            self.set(from.0 + (to.0 - from.0) * t, from.1 + (to.1 - from.1) * t);
        }
    }
}

/// Averages or sums up values so that there are as many as columns.
pub(super) fn resample(values: &[f64], columns: u16) -> Vec<f64> {
    let (n, columns) = (values.len(), usize::from(columns));
    if n == 0 || columns == 0 {
        return Vec::new();
    }
    let column = |c: usize| {
        let (from, to) = (c * n / columns, ((c + 1) * n).div_ceil(columns).clamp(c * n / columns + 1, n));
        values[from..to].iter().sum::<f64>() / (to - from) as f64
    };
    (0..columns).map(column).collect()
}

/// Replaces what is not ASCII by something that is, for terminals that know nothing else.
pub(super) fn to_ascii(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        let plain = match cell.symbol().chars().next() {
            Some(c) if c.is_ascii() => continue,
            Some('─' | '–' | '—' | '−') => "-",
            Some('│') => "|",
            Some('╭' | '╮' | '╰' | '╯' | '┬' | '┴' | '┼' | '├' | '┤') => "+",
            Some('█' | '▉' | '▊' | '▋' | '▇' | '▆') => "#",
            Some('▌' | '▍' | '▎' | '▏' | '▅' | '▄' | '▃' | '▒') => "=",
            Some('▂' | '▁' | '·') => ".",
            Some('✓') => "+",
            Some('✗' | '×') => "x",
            Some('▶' | '›') => ">",
            Some('▲') => "A",
            Some('●') => "o",
            Some('■') => "H",
            Some('◆') => "*",
            Some('▪') => "+",
            Some('▼') => "v",
            Some('○') => "O",
            Some('△') => "^",
            Some('□') => "U",
            Some('◇') => "X",
            Some('µ') => "u",
            Some('…') => "~",
            Some('°') => "d",
            Some('\u{2800}'..='\u{28ff}') => ":",
            _ => "?",
        };
        cell.set_symbol(plain);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::theme::Palette;

    fn drawn(width: u16, height: u16, draw: impl FnOnce(&mut Canvas<'_>, Rect)) -> Buffer {
        let area = Rect::new(0, 0, width, height);
        let mut buffer = Buffer::empty(area);
        draw(&mut Canvas { buffer: &mut buffer, theme: Theme { palette: Palette::Mono, exact: false } }, area);
        buffer
    }

    fn rows(buffer: &Buffer) -> Vec<String> {
        let row = |y| (0..buffer.area.width).map(|x| buffer[(x, y)].symbol()).collect::<String>();
        (0..buffer.area.height).map(row).collect()
    }

    #[test]
    fn panels_have_room_for_what_is_inside() {
        let buffer = drawn(12, 3, |canvas, area| {
            let inside = canvas.panel(area, "A long title", false);
            canvas.text(inside, (inside.x, inside.y), Ink::Plain, "more than eight");
        });
        assert_eq!(rows(&buffer), ["╭─ A long…─╮", "│ more th… │", "╰──────────╯"]);
        let tiny = drawn(3, 1, |canvas, area| assert_eq!(canvas.panel(area, "x", true).area(), 0));
        assert_eq!(rows(&tiny), ["   "]);
    }

    #[test]
    fn columns_have_eighths_and_show_the_least() {
        let buffer = drawn(4, 2, |canvas, area| canvas.columns(area, Ink::Time, &[16.0, 9.0, 0.01, 0.0], 16.0));
        assert_eq!(rows(&buffer), ["█▁  ", "██▁ "]);
    }

    #[test]
    fn dots_are_where_they_were_set() {
        let mut dots = Dots::new(2, 1);
        assert_eq!(dots.set(0.0, 0.0), Some((0, 0)));
        dots.add((1, 0), " ");
        dots.add((1, 0), "⠁");
        assert_eq!((dots.set(3.9, 3.9), dots.set(4.0, 0.0), dots.set(-0.1, 0.0)), (Some((1, 0)), None, None));
        let mut buffer = drawn(2, 1, |canvas, area| canvas.dots(area, &dots, |_, _| Ink::Plain));
        assert_eq!(rows(&buffer), ["⠁⢁"]);
        to_ascii(&mut buffer);
        assert_eq!(rows(&buffer), ["::"]);
    }

    #[test]
    fn values_are_stretched_and_squeezed() {
        assert_eq!(resample(&[1.0, 3.0, 5.0, 7.0], 2), [2.0, 6.0]);
        assert_eq!(resample(&[1.0, 2.0], 4), [1.0, 1.0, 2.0, 2.0]);
        assert_eq!(resample(&[], 4), [0.0; 0]);
    }
}
