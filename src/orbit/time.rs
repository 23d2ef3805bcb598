//! Instants of the calendar, which orbits need: UTC without leap seconds, in whole nanoseconds.

use std::fmt;

/// Nanoseconds in a second and in a day.
const SECOND: i64 = 1_000_000_000;
const DAY: i64 = 86_400 * SECOND;
/// 2000-01-01 12:00.
const J2000: Utc = Utc(946_728_000 * SECOND);

/// An instant: nanoseconds since 1970-01-01 00:00 UTC, every day having 86,400 seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Utc(pub i64);

/// A stretch of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Its first instant.
    pub start: Utc,
    /// Its last instant, behind the first.
    pub end: Utc,
}

impl Span {
    /// Its length, s.
    #[must_use]
    pub fn seconds(self) -> f64 {
        self.end.seconds_since(self.start)
    }
}

impl Utc {
    /// Midnight at the beginning of a day of the Gregorian calendar, from 1900 to 2200.
    #[must_use]
    pub fn midnight(year: i64, month: i64, day: i64) -> Option<Utc> {
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let length = match month {
            2 => 28 + i64::from(leap),
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => return None,
        };
        if !(1900..=2200).contains(&year) || !(1..=length).contains(&day) {
            return None;
        }
        // Years that begin in March have their leap day at the end.
        let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
        let days = 365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
        Some(Utc((days + (153 * month + 2) / 5 + day - 1 - 719_468) * DAY))
    }

    /// The instant so many nanoseconds into a year, day 1 being its first.
    #[must_use]
    pub fn of_year(year: i64, day: i64, nanoseconds: i64) -> Option<Utc> {
        let first = Utc::midnight(year, 1, 1)?;
        let start = Utc(first.0 + (day - 1) * DAY + nanoseconds);
        ((1..=366).contains(&day) && start < Utc::midnight(year + 1, 1, 1)?).then_some(start)
    }

    /// Reads `2025-01-23T12:00:00.5Z`, also without `Z`, without seconds, without a time, and with the day of the year in place of
    /// month and day: `2025-023T12:00`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Utc> {
        let text = text.trim();
        let (date, time) = text.split_once(['T', 't', ' ']).unwrap_or((text, "00:00"));
        let number = |digits: &str, most: usize| {
            let plain = (1..=most).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
            plain.then(|| digits.parse::<i64>().ok()).flatten()
        };
        let parts: Vec<&str> = date.split('-').collect();
        let midnight = match parts.as_slice() {
            [year, day] if day.len() == 3 => Utc::of_year(number(year, 4)?, number(day, 3)?, 0)?,
            [year, month, day] => Utc::midnight(number(year, 4)?, number(month, 2)?, number(day, 2)?)?,
            _ => return None,
        };
        let time = time.strip_suffix(['Z', 'z']).unwrap_or(time);
        let parts: Vec<&str> = time.split(':').collect();
        let (hour, minute, second) = match parts.as_slice() {
            [hour, minute] => (*hour, *minute, "0"),
            [hour, minute, second] => (*hour, *minute, *second),
            _ => return None,
        };
        let (second, fraction) = second.split_once('.').unwrap_or((second, "0"));
        let nanoseconds = number(&format!("{:0<9}", fraction.get(..fraction.len().min(9))?), 9)?;
        if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let (hour, minute, second) = (number(hour, 2)?, number(minute, 2)?, number(second, 2)?);
        // A leap second is the first of the next day.
        if hour > 23 || minute > 59 || second > 60 {
            return None;
        }
        Some(Utc(midnight.0 + ((hour * 60 + minute) * 60 + second) * SECOND + nanoseconds))
    }

    /// Days since 2000-01-01 12:00.
    #[must_use]
    pub fn days_since_j2000(self) -> f64 {
        (self.0 - J2000.0) as f64 / DAY as f64
    }

    /// Seconds since an earlier instant.
    #[must_use]
    pub fn seconds_since(self, earlier: Utc) -> f64 {
        (self.0 - earlier.0) as f64 / SECOND as f64
    }

    /// The instant so many seconds later, to the nearest nanosecond.
    #[must_use]
    pub fn plus(self, seconds: f64) -> Utc {
        Utc(self.0.saturating_add((seconds * SECOND as f64).round() as i64))
    }

    /// The last full minute.
    #[must_use]
    pub fn floor_to_minute(self) -> Utc {
        Utc(self.0 - self.0.rem_euclid(60 * SECOND))
    }

    /// Year, month, day, and nanoseconds of the day.
    fn civil(self) -> (i64, i64, i64, i64) {
        let (days, rest) = (self.0.div_euclid(DAY) + 719_468, self.0.rem_euclid(DAY));
        let era = days.div_euclid(146_097);
        let of_era = days.rem_euclid(146_097);
        let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let month = (5 * of_year + 2) / 153;
        let day = of_year - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        (year + era * 400 + i64::from(month <= 2), month, day, rest)
    }

    /// With milliseconds: `2025-01-23T12:00:00.500Z`.
    #[must_use]
    pub fn to_millis(self) -> String {
        let rounded = Utc(self.0.saturating_add(SECOND / 2_000));
        let (.., rest) = rounded.civil();
        format!("{}.{:03}Z", rounded.whole_seconds(), rest % SECOND / 1_000_000)
    }

    /// The time of the day, to the nearest second: `12:00:00`.
    #[must_use]
    pub fn clock(self) -> String {
        self.to_string()[11..19].to_owned()
    }

    /// The date: `2025-01-23`.
    #[must_use]
    pub fn date(self) -> String {
        self.to_string()[..10].to_owned()
    }

    /// Without what is left of the second.
    fn whole_seconds(self) -> String {
        let (year, month, day, rest) = self.civil();
        let seconds = rest / SECOND;
        let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")
    }
}

/// Writes it to the nearest second: `2025-01-23T12:00:00Z`.
impl fmt::Display for Utc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}Z", Utc(self.0.saturating_add(SECOND / 2)).whole_seconds())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_read_and_written() {
        for (text, shown) in [
            ("1970-01-01", "1970-01-01T00:00:00.000Z"),
            ("2000-01-01T12:00Z", "2000-01-01T12:00:00.000Z"),
            ("2024-02-29 23:59:59.9996", "2024-03-01T00:00:00.000Z"),
            ("2024-366T06:00:00", "2024-12-31T06:00:00.000Z"),
            ("1957-10-04T19:28:34.25Z", "1957-10-04T19:28:34.250Z"),
        ] {
            assert_eq!(Utc::parse(text).unwrap().to_millis(), shown, "{text}");
        }
        assert_eq!(Utc::parse("2000-01-01T12:00Z").unwrap().days_since_j2000(), 0.0);
        assert_eq!(Utc::parse("2025-01-23T12:00:29.6").unwrap().to_string(), "2025-01-23T12:00:30Z");
        assert_eq!(Utc::parse("2025-01-23T12:00:29.6").unwrap().floor_to_minute().clock(), "12:00:00");
        for text in [
            "",
            "2025",
            "2025-13-01",
            "2025-02-29",
            "2025-366",
            "2025-01-23T24:00",
            "2025-01-23T1",
            "a-b-c",
            "2025-01-23T12:00:00.x",
            "2025-01-23T12:00:00+01:00",
            "3025-01-01",
            "2025-01-23T12:00:ä",
        ] {
            assert_eq!(Utc::parse(text), None, "{text}");
        }
    }

    #[test]
    fn days_follow_one_another() {
        let mut before = Utc::midnight(1900, 1, 1).unwrap();
        for year in 1900..=2200 {
            for month in 1..=12 {
                for day in 1..=31 {
                    let Some(today) = Utc::midnight(year, month, day) else { continue };
                    assert!(today == before || today.0 - before.0 == DAY);
                    assert_eq!(today.date(), format!("{year}-{month:02}-{day:02}"));
                    before = today;
                }
            }
        }
    }
}
