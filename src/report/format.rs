//! Numbers the way people say them: three significant digits, a unit that fits, thousands in groups.

/// A span of `s` seconds: `640 ms`, `7.20 s`, `3.50 h`.
#[must_use]
pub fn seconds(s: f64) -> String {
    const STEPS: &[(f64, f64, &str)] = &[
        (1e-3, 1e-6, "µs"),
        (1.0, 1e-3, "ms"),
        (120.0, 1.0, "s"),
        (7_200.0, 60.0, "min"),
        (172_800.0, 3_600.0, "h"),
        (f64::INFINITY, 86_400.0, "d"),
    ];
    stepped(s, STEPS)
}

/// An energy of `j` joules: `850 µJ`, `121 mJ`, `18.0 kJ`.
#[must_use]
pub fn joules(j: f64) -> String {
    const STEPS: &[(f64, f64, &str)] =
        &[(1e-3, 1e-6, "µJ"), (1.0, 1e-3, "mJ"), (1e3, 1.0, "J"), (1e6, 1e3, "kJ"), (f64::INFINITY, 1e6, "MJ")];
    stepped(j, STEPS)
}

/// A life of `years`: `14.2 years`, and in days below one year.
#[must_use]
pub fn years(years: f64) -> String {
    if years == 0.0 {
        "0 days".to_owned()
    } else if years < 1.0 {
        format!("{} days", significant(years * 365.25))
    } else {
        format!("{} years", significant(years))
    }
}

/// A share of one as a percentage: `31.2 %`. What is not nothing never reads as `0 %`, what is not all never as `100 %`.
#[must_use]
pub fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if percent == 0.0 || percent == 100.0 {
        return format!("{percent:.0} %");
    }
    if percent > 0.0 && percent < 0.01 {
        return "<0.01 %".to_owned();
    }
    if percent > 99.99 && percent < 100.0 {
        // As many nines as it takes, up to one in a million.
        let digits = (3..=4).find(|digits| format!("{percent:.digits$}") != format!("{:.digits$}", 100.0));
        return digits.map_or_else(|| ">99.9999 %".to_owned(), |digits| format!("{percent:.digits$} %"));
    }
    if (9.995..=99.0).contains(&percent) { format!("{percent:.1} %") } else { format!("{percent:.2} %") }
}

/// A share of one as a percentage with one decimal, for columns: `5.5 %`, `<0.1 %`, `100 %`.
#[must_use]
pub fn share(share: f64) -> String {
    match share * 100.0 {
        p if p <= 0.0 => "0 %".to_owned(),
        p if p < 0.1 => "<0.1 %".to_owned(),
        p if p >= 99.95 => "100 %".to_owned(),
        p => format!("{p:.1} %"),
    }
}

/// A whole number in at most nine columns: grouped below ten million, then `12.3 M`.
#[must_use]
pub fn brief_count(n: u64) -> String {
    if n < 10_000_000 { count(n) } else { format!("{} M", significant(n as f64 / 1e6)) }
}

/// A whole number with its thousands in groups: `1,000,000`; from ten billion on in millions: `12,345 M`.
#[must_use]
pub fn count(n: u64) -> String {
    if n >= 10_000_000_000 {
        return format!("{} M", count((n + 500_000) / 1_000_000));
    }
    let digits = n.to_string();
    let mut text = String::new();
    for (place, digit) in digits.char_indices() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 message`, `2 messages`: a count with its noun, whose plural ends in `s`.
#[must_use]
pub fn counted(n: u64, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{} {noun}s", count(n)) }
}

/// A positive number to three significant digits without an exponent: `0.0213`, `1.20`, `121`, `1234`.
#[must_use]
pub fn significant(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return format!("{value}");
    }
    let places = |value: f64| (2 - value.abs().log10().floor() as i32).clamp(0, 12) as usize;
    // Rounding may carry into one more digit before the point: 9.999 is 10.0.
    let rounded: f64 = format!("{value:.0$}", places(value)).parse().unwrap_or(value);
    if rounded == 0.0 { "0".to_owned() } else { format!("{value:.0$}", places(rounded)) }
}

/// The edges of a histogram's bar, `from` and `to` in the base unit `s`, `J` or any other: `200–500 ms`, `0.5–1 s`.
#[must_use]
pub fn range(from: f64, to: f64, unit: &str) -> String {
    let (scale, prefix) = edge_scale(to);
    format!("{}–{}{prefix}{unit}", edge_number(from / scale), edge_number(to / scale))
}

/// One edge of a histogram: `500 ms`, `20 s`, `10k s`.
#[must_use]
pub fn edge(value: f64, unit: &str) -> String {
    let (scale, prefix) = edge_scale(value);
    format!("{}{prefix}{unit}", edge_number(value / scale))
}

/// The unit prefix in which an edge reads best; whole units have none.
fn edge_scale(value: f64) -> (f64, &'static str) {
    match value {
        v if v < 0.9e-3 => (1e-6, " µ"),
        v if v < 0.9 => (1e-3, " m"),
        _ => (1.0, " "),
    }
}

fn edge_number(value: f64) -> String {
    let rounded = (value * 1e3).round() / 1e3;
    if rounded >= 10_000.0 { format!("{}k", rounded / 1e3) } else { format!("{rounded}") }
}

/// Picks the first unit whose limit the value, rounded to three digits, stays under.
fn stepped(value: f64, steps: &[(f64, f64, &str)]) -> String {
    let base = steps.iter().find(|step| step.1 == 1.0).map_or("", |step| step.2);
    if value == 0.0 {
        return format!("0 {base}");
    }
    for (limit, scale, unit) in steps {
        let text = significant(value / scale);
        // "1000 ms" is to read "1.00 s".
        if text.parse::<f64>().is_ok_and(|rounded| rounded * scale < limit * (1.0 - 1e-9)) {
            return format!("{text} {unit}");
        }
    }
    format!("{value} {base}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_read_as_people_say_them() {
        for (s, text) in [
            (0.0, "0 s"),
            (2e-6, "2.00 µs"),
            (0.64, "640 ms"),
            (0.999_6, "1.00 s"),
            (0.999_4, "999 ms"),
            (9.999, "10.0 s"),
            (119.0, "119 s"),
            (150.0, "2.50 min"),
            (86_400.0, "24.0 h"),
            (604_800.0, "7.00 d"),
        ] {
            assert_eq!(seconds(s), text);
        }
        for (j, text) in [(1.5e-7, "0.150 µJ"), (0.121, "121 mJ"), (18_000.0, "18.0 kJ"), (2e9, "2000 MJ")] {
            assert_eq!(joules(j), text);
        }
        for (y, text) in [(0.0, "0 days"), (0.5, "183 days"), (14.23, "14.2 years"), (123.4, "123 years")] {
            assert_eq!(years(y), text);
        }
    }

    #[test]
    fn percentages_never_claim_nothing_or_all_falsely() {
        for (share, text) in [
            (0.0, "0 %"),
            (1.0, "100 %"),
            (1e-6, "<0.01 %"),
            (0.000_4, "0.04 %"),
            (0.058_9, "5.89 %"),
            (0.312, "31.2 %"),
            (0.993_1, "99.31 %"),
            (0.999_99, "99.999 %"),
            (0.999_999, "99.9999 %"),
            (0.999_999_9, ">99.9999 %"),
        ] {
            assert_eq!(percent(share), text, "{share}");
        }
    }

    #[test]
    fn counts_are_grouped() {
        for (n, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(count(n), text);
        }
        assert_eq!(count(12_345_678_901), "12,346 M");
        assert_eq!((brief_count(9_999_999), brief_count(70_000_123)), ("9,999,999".to_owned(), "70.0 M".to_owned()));
        assert_eq!((counted(1, "cell"), counted(57, "cell")), ("1 cell".to_owned(), "57 cells".to_owned()));
    }

    #[test]
    fn bars_are_labelled_by_their_edges() {
        for (from, to, text) in [
            (0.2, 0.5, "200–500 ms"),
            (0.5, 1.0, "0.5–1 s"),
            (0.0, 1e-6, "0–1 µs"),
            (5_000.0, 10_000.0, "5000–10k s"),
            (1e-3, 2e-3, "1–2 ms"),
        ] {
            assert_eq!(range(from, to, "s"), text);
        }
        assert_eq!(edge(0.5, "J"), "500 mJ");
    }
}
