//! Lines of text with columns, colours and bars, for terminals of every ability.
//!
//! Colour is laid over text that is complete without it. Without Unicode every line is plain ASCII.

use std::fmt::Write as _;

use super::Look;

/// What a piece of text is, from which its colour follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ink {
    /// Ordinary text.
    Plain,
    /// A name or a number to look at first.
    Strong,
    /// Units, explanations, rules.
    Faint,
    /// A met requirement.
    Good,
    /// A missed requirement, a loss.
    Bad,
    /// A warning.
    Caution,
    /// Bars of time.
    Time,
    /// Bars of energy.
    Energy,
}

impl Ink {
    /// The parameters of the "select graphic rendition" control. The eight basic colours follow the user's theme.
    const fn codes(self) -> &'static str {
        match self {
            Ink::Plain => "",
            Ink::Strong => "1",
            Ink::Faint => "2",
            Ink::Good => "32",
            Ink::Bad => "1;31",
            Ink::Caution => "33",
            Ink::Time => "36",
            Ink::Energy => "35",
        }
    }
}

/// One line under construction. Blanks at its end vanish.
pub(crate) struct Line<'a> {
    look: &'a Look,
    text: String,
    /// Columns so far, pending blanks included.
    width: usize,
    /// Blanks that the next text will push out.
    blanks: usize,
}

impl<'a> Line<'a> {
    pub(crate) fn new(look: &'a Look) -> Line<'a> {
        Line { look, text: String::new(), width: 0, blanks: 0 }
    }

    pub(crate) fn look(&self) -> &'a Look {
        self.look
    }

    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// Appends text.
    pub(crate) fn put(mut self, ink: Ink, text: &str) -> Self {
        let text = self.look.safe(text);
        if text.trim().is_empty() {
            return self.gap(text.chars().count());
        }
        self.text.extend(std::iter::repeat_n(' ', self.blanks));
        self.width += text.chars().count();
        self.blanks = 0;
        if self.look.color && !ink.codes().is_empty() {
            // Writing to a string cannot fail.
            let _ = write!(self.text, "\x1b[{}m{text}\x1b[0m", ink.codes());
        } else {
            self.text.push_str(&text);
        }
        self
    }

    /// Appends blanks.
    pub(crate) fn gap(mut self, columns: usize) -> Self {
        self.blanks += columns;
        self.width += columns;
        self
    }

    /// Blanks up to the given column, at least one if the line is already there.
    pub(crate) fn to(self, column: usize) -> Self {
        let gap = column.checked_sub(self.width).unwrap_or(1);
        self.gap(gap)
    }

    /// Text at the right end of a field.
    pub(crate) fn right(self, ink: Ink, text: &str, columns: usize) -> Self {
        let gap = columns.saturating_sub(self.look.columns(text));
        self.gap(gap).put(ink, text)
    }

    /// Text that ends before the given column, behind at least one blank if there is no room.
    pub(crate) fn put_right(self, ink: Ink, text: &str, column: usize) -> Self {
        let start = column.saturating_sub(self.look.columns(text));
        match text {
            "" => self,
            text => {
                let start = start.max(self.width + 1);
                self.to(start).put(ink, text)
            }
        }
    }

    /// Text at the left end of a field.
    pub(crate) fn left(self, ink: Ink, text: &str, columns: usize) -> Self {
        let end = self.width + columns;
        let line = self.put(ink, text);
        let gap = end.saturating_sub(line.width);
        line.gap(gap)
    }

    /// A rule up to the given column.
    pub(crate) fn rule(self, column: usize) -> Self {
        let columns = column.saturating_sub(self.width);
        let stroke = if self.look.unicode { "─" } else { "-" };
        self.put(Ink::Faint, &stroke.repeat(columns))
    }

    pub(crate) fn finish(self, out: &mut String) {
        out.push_str(&self.text);
        out.push('\n');
    }
}

impl Look {
    /// Text that neither commands the terminal nor, without Unicode, leaves ASCII.
    pub(crate) fn safe(&self, text: &str) -> String {
        let mut safe = String::with_capacity(text.len());
        for character in text.chars() {
            match character {
                c if c.is_control() => safe.push('?'),
                c if self.unicode || c.is_ascii() => safe.push(c),
                'µ' => safe.push('u'),
                '±' => safe.push_str("+/-"),
                '–' | '—' | '−' => safe.push('-'),
                '≤' => safe.push_str("<="),
                '²' => safe.push('2'),
                '…' => safe.push_str("..."),
                '·' => safe.push('|'),
                '≥' => safe.push_str(">="),
                '×' => safe.push('x'),
                _ => safe.push('?'),
            }
        }
        safe
    }

    /// Columns that the text will take.
    pub(crate) fn columns(&self, text: &str) -> usize {
        self.safe(text).chars().count()
    }

    /// Text cut to at most the given columns, with a mark where it was cut.
    pub(crate) fn fit(&self, text: &str, columns: usize) -> String {
        let safe = self.safe(text);
        if safe.chars().count() <= columns {
            return safe;
        }
        let mark = if self.unicode { '…' } else { '~' };
        safe.chars().take(columns.saturating_sub(1)).chain([mark]).collect()
    }

    /// A bar for a share of one, of at most the given columns. What is not nothing is seen.
    pub(crate) fn bar(&self, share: f64, columns: usize) -> String {
        let share = share.clamp(0.0, 1.0);
        if share == 0.0 {
            return String::new();
        }
        if !self.unicode {
            let whole = (share * columns as f64).round() as usize;
            return if whole == 0 { ".".to_owned() } else { "#".repeat(whole) };
        }
        let eighths = ((share * columns as f64 * 8.0).round() as usize).max(1);
        let mut bar = "█".repeat(eighths / 8);
        bar.extend(['▏', '▎', '▍', '▌', '▋', '▊', '▉'].get((eighths % 8).wrapping_sub(1)));
        bar
    }

    /// A gauge of the given columns: filled up to `mean`, shaded up to `peak`, dotted to the end.
    pub(crate) fn gauge(&self, mean: f64, peak: f64, columns: usize) -> (String, String, String) {
        let cells = |share: f64| {
            let cells = (share.clamp(0.0, 1.0) * columns as f64).round() as usize;
            if share > 0.0 { cells.max(1) } else { 0 }
        };
        let (filled, reached) = (cells(mean), cells(peak).max(cells(mean)));
        let marks = if self.unicode { ["█", "▒", "·"] } else { ["#", "+", "."] };
        (marks[0].repeat(filled), marks[1].repeat(reached - filled), marks[2].repeat(columns - reached))
    }
}

/// Lays items out behind a label, ` · ` between them, on as many lines as the width needs.
pub(crate) fn flow(out: &mut String, look: &Look, label: (&str, usize), items: &[(Ink, String)]) {
    let (label, indent) = label;
    let mut line = Line::new(look).put(Ink::Faint, label).to(indent);
    let mut fresh = true;
    for (ink, item) in items {
        let separator = if fresh { 0 } else { 3 };
        if !fresh && line.width() + separator + look.columns(item) > look.width {
            line.finish(out);
            line = Line::new(look).gap(indent);
            fresh = true;
        }
        if !fresh {
            line = line.put(Ink::Plain, " ").put(Ink::Faint, "·").gap(1);
        }
        line = line.put(*ink, item);
        fresh = false;
    }
    line.finish(out);
}

/// Breaks prose between words so that each line fits the given columns; a longer word stands alone.
pub(crate) fn wrap(look: &Look, text: &str, columns: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in look.safe(text).split_whitespace() {
        let last = lines.last().map_or(0, |line| line.chars().count());
        if last > 0 && last + 1 + word.chars().count() > columns {
            lines.push(word.to_owned());
        } else if let Some(line) = lines.last_mut() {
            if last > 0 {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Look = Look { width: 40, color: false, unicode: true };
    const ASCII: Look = Look { width: 40, color: false, unicode: false };

    #[test]
    fn bars_have_eighths_and_show_the_smallest_share() {
        assert_eq!(PLAIN.bar(0.5, 5), "██▌");
        assert_eq!(PLAIN.bar(1e-9, 5), "▏");
        assert_eq!(PLAIN.bar(1.0, 3), "███");
        assert_eq!(PLAIN.bar(0.0, 3), "");
        assert_eq!((ASCII.bar(0.5, 4), ASCII.bar(0.01, 4)), ("##".to_owned(), ".".to_owned()));
        let (mean, peak, rest) = ASCII.gauge(0.25, 0.5, 8);
        assert_eq!(mean + &peak + &rest, "##++....");
        let (mean, peak, rest) = ASCII.gauge(3.0, 5.0, 8);
        assert_eq!(mean + &peak + &rest, "########");
    }

    #[test]
    fn long_names_are_cut_to_their_column() {
        assert_eq!((PLAIN.fit("level 0", 7), PLAIN.fit("level 10", 7)), ("level 0".to_owned(), "level …".to_owned()));
    }

    #[test]
    fn names_cannot_command_the_terminal() {
        let mut out = String::new();
        Line::new(&PLAIN).put(Ink::Bad, "a\x1b[2Jb\n").finish(&mut out);
        assert_eq!(out, "a?[2Jb?\n");
    }

    #[test]
    fn colours_enclose_text_and_never_blanks() {
        let look = Look { color: true, ..PLAIN };
        let mut out = String::new();
        Line::new(&look).left(Ink::Good, "ok", 5).right(Ink::Strong, "7", 3).gap(9).finish(&mut out);
        assert_eq!(out, "\x1b[32mok\x1b[0m     \x1b[1m7\x1b[0m\n");
    }

    #[test]
    fn prose_and_items_stay_inside_the_width() {
        let lines = wrap(&PLAIN, "one two three four", 9);
        assert_eq!(lines, ["one two", "three", "four"]);
        let mut out = String::new();
        let items: Vec<_> = (0..9).map(|n| (Ink::Plain, format!("item {n}"))).collect();
        flow(&mut out, &PLAIN, ("Label", 8), &items);
        assert!(out.lines().all(|line| line.chars().count() <= 40), "{out}");
        assert!(out.lines().skip(1).all(|line| line.starts_with("        item")), "{out}");
    }
}
