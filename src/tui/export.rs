//! What is shown, as a file: the numbers as CSV, the screen as SVG or text.

use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::PathBuf;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};

use super::app::App;
use super::view;

/// The form of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Comma-separated values.
    Csv,
    /// A picture of the screen.
    Svg,
    /// The characters of the screen.
    Text,
}

impl Kind {
    const fn extension(self) -> &'static str {
        match self {
            Kind::Csv => "csv",
            Kind::Svg => "svg",
            Kind::Text => "txt",
        }
    }

    /// The kind of a file with this name; text if it has none of the known endings.
    #[must_use]
    pub fn of_name(name: &str) -> Kind {
        let ends = |kind: &Kind| name.ends_with(&format!(".{}", kind.extension()));
        [Kind::Csv, Kind::Svg].into_iter().find(ends).unwrap_or(Kind::Text)
    }
}

/// Files of one name that may stand beside each other.
const NUMBERS: u32 = 1_000;

/// Writes what is shown into a new file of the current directory; none is ever replaced.
pub(super) fn to_file(app: &App, kind: Kind) -> io::Result<PathBuf> {
    let stem = format!("farlink-{}", app.view.title().to_lowercase());
    for number in 1..NUMBERS {
        let number = if number == 1 { String::new() } else { format!("-{number}") };
        let path = PathBuf::from(format!("{stem}{number}.{}", kind.extension()));
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(mut file) => return file.write_all(content(app, kind).as_bytes()).map(|()| path),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => (),
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::new(io::ErrorKind::AlreadyExists, format!("there are {NUMBERS} files {stem}-… already")))
}

/// What is shown, as the content of a file.
pub(super) fn content(app: &App, kind: Kind) -> String {
    match kind {
        Kind::Csv => csv(&view::table(app)),
        Kind::Svg => svg(&app.shown),
        Kind::Text => text(&app.shown),
    }
}

fn csv(rows: &[Vec<String>]) -> String {
    let field = |text: &String| match text.contains([',', '"', '\n']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text.clone(),
    };
    rows.iter().map(|row| row.iter().map(field).collect::<Vec<_>>().join(",") + "\n").collect()
}

/// The characters of a screen, without blanks at the ends of lines.
pub(super) fn text(buffer: &Buffer) -> String {
    let mut text = String::new();
    for y in 0..buffer.area.height {
        let line: String = (0..buffer.area.width).map(|x| buffer[(x, y)].symbol()).collect();
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// Width and height of a character, and where its letters stand.
const WIDE: f64 = 8.4;
const HIGH: f64 = 17.0;
const BASE: f64 = 13.0;
/// Colours of paper and ink.
const PAPER: &str = "#11151c";
const INK: &str = "#d9dee7";

/// A picture of a screen. Blocks, frames and dots are drawn as shapes, so that it looks the same with every font.
pub(super) fn svg(buffer: &Buffer) -> String {
    let (columns, rows) = (f64::from(buffer.area.width), f64::from(buffer.area.height));
    let (width, height) = (columns * WIDE + 16.0, rows * HIGH + 16.0);
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = write!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" viewBox=\"0 0 {width:.0} \
         {height:.0}\">\n<rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{PAPER}\"/>\n<g transform=\"translate(8 8)\" \
         font-family=\"ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace\" font-size=\"14\" \
         xml:space=\"preserve\">\n"
    );
    for y in 0..buffer.area.height {
        row(&mut out, buffer, y);
    }
    out + "</g>\n</svg>\n"
}

/// One row: characters of one style together, shapes one by one.
fn row(out: &mut String, buffer: &Buffer, y: u16) {
    let mut x = 0;
    while x < buffer.area.width {
        let cell = &buffer[(x, y)];
        let same = |x: &u16| {
            let other = &buffer[(*x, y)];
            (look(other), shape(other, (0, 0)).is_some()) == (look(cell), shape(cell, (0, 0)).is_some())
        };
        let end = (x..buffer.area.width).take_while(same).last().unwrap_or(x) + 1;
        let (fill, bold, back) = look(cell);
        if let Some(back) = back {
            let (left, top) = (f64::from(x) * WIDE, f64::from(y) * HIGH);
            let wide = f64::from(end - x) * WIDE;
            let _ = writeln!(
                out,
                "<rect x=\"{left:.1}\" y=\"{top}\" width=\"{wide:.1}\" height=\"{HIGH}\" fill=\"{back}\"/>"
            );
        }
        if shape(cell, (0, 0)).is_some() {
            let shapes: String = (x..end).filter_map(|x| shape(&buffer[(x, y)], (x, y))).collect();
            let _ = writeln!(out, "<path d=\"{shapes}\" fill=\"{fill}\"/>");
        } else {
            let text: String = (x..end).map(|x| buffer[(x, y)].symbol()).collect();
            words(out, (x, y), &text, (&fill, bold));
        }
        x = end;
    }
}

/// The words of a piece of text, each at its own place, so that the font cannot move them.
fn words(out: &mut String, (x, y): (u16, u16), text: &str, (fill, bold): (&str, bool)) {
    let characters: Vec<char> = text.chars().collect();
    let mut at = 0;
    while at < characters.len() {
        let word: String = characters[at..].iter().take_while(|c| **c != ' ').collect();
        let length = word.chars().count();
        if length > 0 {
            let (left, base) = ((usize::from(x) + at) as f64 * WIDE, f64::from(y) * HIGH + BASE);
            let wide = length as f64 * WIDE;
            let weight = if bold { " font-weight=\"bold\"" } else { "" };
            let word = word.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            let _ = writeln!(
                out,
                "<text x=\"{left:.1}\" y=\"{base}\" textLength=\"{wide:.1}\" lengthAdjust=\"spacingAndGlyphs\" \
                 fill=\"{fill}\"{weight}>{word}</text>"
            );
        }
        at += length.max(1);
    }
}

/// Colour, weight and background of a cell.
fn look(cell: &Cell) -> (String, bool, Option<String>) {
    let (fore, back) = (color(cell.fg), if cell.bg == Color::Reset { None } else { Some(color(cell.bg)) });
    let fore = if cell.modifier.contains(Modifier::DIM) { "#7d8590".to_owned() } else { fore };
    let bold = cell.modifier.contains(Modifier::BOLD);
    if cell.modifier.contains(Modifier::REVERSED) {
        return (back.unwrap_or_else(|| PAPER.to_owned()), bold, Some(fore));
    }
    (fore, bold, back)
}

fn color(color: Color) -> String {
    const CUBE: [u8; 6] = [0, 95, 135, 175, 215, 255];
    match color {
        Color::Rgb(r, g, b) => format!("#{r:02x}{g:02x}{b:02x}"),
        Color::Indexed(number @ 232..) => format!("#{0:02x}{0:02x}{0:02x}", 8 + 10 * (number - 232)),
        Color::Indexed(number @ 16..) => {
            let step = |by: u8| CUBE[usize::from((number - 16) / by % 6)];
            format!("#{:02x}{:02x}{:02x}", step(36), step(6), step(1))
        }
        Color::LightRed => "#ff6b6b".to_owned(),
        Color::LightGreen => "#7ee787".to_owned(),
        Color::LightYellow => "#ffdf5d".to_owned(),
        Color::LightMagenta => "#f0a1ff".to_owned(),
        Color::LightCyan => "#76e3ea".to_owned(),
        Color::White => "#ffffff".to_owned(),
        _ => INK.to_owned(),
    }
}

/// A rectangle in parts of a character, as a path.
fn rect((x, y): (u16, u16), (from_x, from_y): (f64, f64), (to_x, to_y): (f64, f64)) -> String {
    let (left, top) = ((f64::from(x) + from_x) * WIDE, (f64::from(y) + from_y) * HIGH);
    let (wide, high) = ((to_x - from_x) * WIDE, (to_y - from_y) * HIGH);
    format!("M{left:.1} {top:.1}h{wide:.1}v{high:.1}h{:.1}z", -wide)
}

/// The shape of a block, a frame or dots; `None` of what is a letter.
fn shape(cell: &Cell, at: (u16, u16)) -> Option<String> {
    const THIN: f64 = 0.05;
    let glyph = cell.symbol().chars().next()?;
    let across = |from: f64, to: f64| rect(at, (from, 0.5 - THIN / 2.0), (to, 0.5 + THIN / 2.0));
    let down = |from: f64, to: f64| rect(at, (0.5 - THIN, from), (0.5 + THIN, to));
    Some(match glyph {
        '█' => rect(at, (0.0, 0.0), (1.02, 1.0)),
        '▒' => rect(at, (0.0, 0.35), (1.02, 0.65)),
        '▁'..='▇' => rect(at, (0.0, 1.0 - (glyph as u32 - 0x2580) as f64 / 8.0), (1.02, 1.0)),
        '▉'..='▏' => rect(at, (0.0, 0.0), ((0x2590 - glyph as u32) as f64 / 8.0, 1.0)),
        '─' => across(0.0, 1.0),
        '│' => down(0.0, 1.0),
        '╭' => across(0.5, 1.0) + &down(0.5, 1.0),
        '╮' => across(0.0, 0.5) + &down(0.5, 1.0),
        '╰' => across(0.5, 1.0) + &down(0.0, 0.5),
        '╯' => across(0.0, 0.5) + &down(0.0, 0.5),
        '├' | '┤' => {
            let (from, to) = if glyph == '├' { (0.5, 1.0) } else { (0.0, 0.5) };
            across(from, to) + &down(0.2, 0.8)
        }
        '·' => rect(at, (0.42, 0.46), (0.58, 0.54)),
        '\u{2800}'..='\u{28ff}' => dots(at, glyph as u32 - 0x2800),
        _ => return None,
    })
}

/// The dots of a braille character.
fn dots(at: (u16, u16), bits: u32) -> String {
    const BITS: [[u32; 4]; 2] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]];
    let mut shapes = String::new();
    for (column, bits_of) in BITS.iter().enumerate() {
        for (row, _) in bits_of.iter().enumerate().filter(|(_, bit)| bits & **bit > 0) {
            let (x, y) = (0.13 + 0.5 * column as f64, 0.06 + 0.25 * row as f64);
            shapes += &rect(at, (x, y), (x + 0.27, y + 0.13));
        }
    }
    shapes
}

#[cfg(test)]
mod tests {
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    use super::*;

    #[test]
    fn a_picture_has_text_shapes_and_backgrounds() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 12, 2));
        buffer.set_string(0, 0, "a<b  ──", Style::new().fg(Color::Rgb(1, 2, 3)));
        buffer.set_string(0, 1, "⠁█x", Style::new().add_modifier(Modifier::REVERSED));
        let svg = svg(&buffer);
        assert!(svg.contains("fill=\"#010203\">a&lt;b</text>") && svg.ends_with("</g>\n</svg>\n"), "{svg}");
        assert!(svg.contains("<path d=\"M") && svg.contains(&format!("fill=\"{PAPER}\">x</text>")), "{svg}");
        assert_eq!(text(&buffer), "a<b  ──\n⠁█x\n");
    }

    #[test]
    fn fields_with_commas_are_quoted() {
        let rows = [vec!["a".to_owned(), "b, \"c\"".to_owned()]];
        assert_eq!(csv(&rows), "a,\"b, \"\"c\"\"\"\n");
        assert_eq!((Kind::of_name("x.svg"), Kind::of_name("x")), (Kind::Svg, Kind::Text));
    }
}
