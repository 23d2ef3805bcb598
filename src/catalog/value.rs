//! The forgiving types that values of a file are read into: times with a unit, numbers within bounds, numbers out of a
//! list, and numbers that say where they come from. Each brings its JSON Schema, so that the check before the load, the
//! editor and the load itself agree.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::json;

use crate::units::SimDuration;

/// The units of time in files, the longest first, in microseconds. A year is 365.25 days.
const UNITS: [(&str, u64); 7] = [
    ("y", 31_557_600_000_000),
    ("d", 86_400_000_000),
    ("h", 3_600_000_000),
    ("min", 60_000_000),
    ("s", 1_000_000),
    ("ms", 1_000),
    ("us", 1),
];

/// The longest time in a file: 50 years.
const LONGEST: u64 = 50 * UNITS[0].1;

/// The JSON Schema pattern of a time.
pub const DURATION_PATTERN: &str = "^[0-9]{1,17}(\\.[0-9]{1,9})? ?(us|ms|s|min|h|d|y)$";

/// A span of time, written as a number with its unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Duration(pub SimDuration);

/// Why a text is no time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DurationError {
    /// There is a number and nothing behind it.
    #[error("a number without a unit")]
    NoUnit,
    /// There is a number, and something behind it that is no unit.
    #[error("`{0}` is not a unit of time")]
    Unit(String),
    /// It does not begin with a number.
    #[error("not a number with a unit")]
    NoNumber,
    /// It is beyond what a simulation can mean.
    #[error("longer than 50 years")]
    TooLong,
}

impl Duration {
    /// Reads `90s`, `500ms`, `1.5h`.
    ///
    /// # Errors
    /// If the text is not a number directly followed by a unit, or if the time is longer than 50 years.
    pub fn parse(text: &str) -> Result<Duration, DurationError> {
        let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
        let (number, unit) = (&text[..end], text[end..].trim());
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let digits = !whole.is_empty() && !number.ends_with('.') && !fraction.contains('.');
        if !digits {
            return Err(DurationError::NoNumber);
        }
        if unit.is_empty() {
            return Err(DurationError::NoUnit);
        }
        let Some((_, scale)) = UNITS.iter().find(|(name, _)| *name == unit) else {
            return Err(DurationError::Unit(unit.to_owned()));
        };
        if whole.len() > 17 || fraction.len() > 9 {
            return Err(if whole.len() > 17 { DurationError::TooLong } else { DurationError::NoNumber });
        }
        let read = |digits: &str| digits.parse::<u128>().unwrap_or(0);
        let scale = u128::from(*scale);
        let power = 10u128.pow(fraction.len() as u32);
        // The whole part and the fraction apart, so that neither product can leave 128 bits.
        let us = read(whole) * scale + (read(fraction) * scale + power / 2) / power;
        match u64::try_from(us) {
            Ok(us) if us <= LONGEST => Ok(Duration(SimDuration(us))),
            _ => Err(DurationError::TooLong),
        }
    }
}

/// Writes a short exact form: `70h`, `640ms`, `52.8ms`, `7d`.
impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let us = self.0.0;
        let usual = |name: &str, count: u64| match name {
            "y" => false,
            // Two to six days are hours to people who set timers: 72h, but 1d and 7d.
            "d" => count == 1 || count >= 7,
            _ => count >= 1,
        };
        let fits = |&&(name, scale): &&(&str, u64)| us.is_multiple_of(scale) && usual(name, us / scale);
        // Thousandths, where whole numbers grow long.
        let split = |&&(name, scale): &&(&str, u64)| {
            us >= scale && us.is_multiple_of((scale / 1_000).max(1)) && name.ends_with('s')
        };
        match (UNITS.iter().find(fits), UNITS.iter().find(split)) {
            (None, _) => f.write_str("0s"),
            (Some((_, whole)), Some((name, scale))) if us / whole >= 10_000 && scale > whole => {
                let thousandths = us / (scale / 1_000);
                let fraction = format!("{:03}", thousandths % 1_000);
                write!(f, "{}.{}{name}", thousandths / 1_000, fraction.trim_end_matches('0'))
            }
            (Some((name, scale)), _) => write!(f, "{}{name}", us / scale),
        }
    }
}

impl Serialize for Duration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Duration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        let text = Cow::<'_, str>::deserialize(deserializer)?;
        Duration::parse(&text).map_err(D::Error::custom)
    }
}

impl JsonSchema for Duration {
    fn schema_name() -> Cow<'static, str> {
        "Duration".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": DURATION_PATTERN,
            "description": "A time: a number and its unit (us, ms, s, min, h, d, y; a year is 365.25 days), \
                            as in 90s, 500ms, 1.5h, 7d.",
        })
    }
}

/// A whole number from `MIN` to `MAX`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Whole<const MIN: u32, const MAX: u32>(pub u32);

impl<const MIN: u32, const MAX: u32> Serialize for Whole<MIN, MAX> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u32(self.0)
    }
}

impl<'de, const MIN: u32, const MAX: u32> Deserialize<'de> for Whole<MIN, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match u32::deserialize(deserializer)? {
            number if (MIN..=MAX).contains(&number) => Ok(Whole(number)),
            number => Err(D::Error::custom(format!("{number} is not from {MIN} to {MAX}"))),
        }
    }
}

impl<const MIN: u32, const MAX: u32> JsonSchema for Whole<MIN, MAX> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        format!("Whole_{MIN}_{MAX}").into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "minimum": MIN, "maximum": MAX })
    }
}

/// A number from `MIN` to `MAX`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Real<const MIN: i32, const MAX: i32>(pub f64);

impl<const MIN: i32, const MAX: i32> Serialize for Real<MIN, MAX> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize_number(self.0, serializer)
    }
}

/// Writes whole numbers without a decimal point, as people do.
fn serialize_number<S: Serializer>(number: f64, serializer: S) -> Result<S::Ok, S::Error> {
    if number.fract() == 0.0 && number.abs() < 9e15 {
        serializer.serialize_i64(number as i64)
    } else {
        serializer.serialize_f64(number)
    }
}

impl<'de, const MIN: i32, const MAX: i32> Deserialize<'de> for Real<MIN, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match f64::deserialize(deserializer)? {
            number if (f64::from(MIN)..=f64::from(MAX)).contains(&number) => Ok(Real(number)),
            number => Err(D::Error::custom(format!("{number} is not from {MIN} to {MAX}"))),
        }
    }
}

impl<const MIN: i32, const MAX: i32> JsonSchema for Real<MIN, MAX> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        format!("Real_{MIN}_{MAX}").into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "number", "minimum": MIN, "maximum": MAX })
    }
}

/// A share of a whole: 0 to 1.
pub type Share = Real<0, 1>;

/// Declares number types that take the values of a list in a standard.
macro_rules! listed {
    ($($(#[$doc:meta])* $name:ident = [$($value:literal),+];)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq)]
        pub struct $name(pub f64);

        impl $name {
            /// The values that the standard knows.
            pub const VALUES: &'static [f64] = &[$($value as f64),+];
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serialize_number(self.0, serializer)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                match f64::deserialize(deserializer)? {
                    number if Self::VALUES.contains(&number) => Ok($name(number)),
                    number => Err(D::Error::custom(format!("{number} is not one of {:?}", Self::VALUES))),
                }
            }
        }

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "number", "enum": [$($value),+] })
            }
        }
    )*};
}

listed! {
    /// NPRACH repetitions, numRepetitionsPerPreambleAttempt (TS 36.331 clause 6.7.3.2).
    NprachRepetitions = [1, 2, 4, 8, 16, 32, 64, 128];
    /// Subcarriers of one NPRACH resource, nprach-NumSubcarriers (TS 36.331 clause 6.7.3.2).
    NprachSubcarriers = [12, 24, 36, 48];
    /// First subcarrier of an NPRACH resource, nprach-SubcarrierOffset (TS 36.331 clause 6.7.3.2).
    NprachOffset = [0, 2, 12, 18, 24, 34, 36];
    /// Random-access attempts at one level, maxNumPreambleAttemptCE (TS 36.331 clause 6.7.3.2).
    NprachAttempts = [3, 4, 5, 6, 7, 8, 10];
    /// preambleTransMax-CE (TS 36.331 clause 6.7.3.2).
    PreambleTransMax = [3, 4, 5, 6, 7, 8, 10, 20, 50, 100, 200];
    /// Rmax of a search space (TS 36.331, npdcch-NumRepetitions).
    NpdcchRmax = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048];
    /// G of a search space (TS 36.331, npdcch-StartSF).
    NpdcchG = [1.5, 2, 4, 8, 16, 32, 48, 64];
    /// Random-access response window in NPDCCH periods, ra-ResponseWindowSize (TS 36.331).
    ResponseWindow = [2, 3, 4, 5, 6, 7, 8, 10];
    /// Contention-resolution timer in NPDCCH periods, mac-ContentionResolutionTimer (TS 36.331).
    ContentionTimer = [1, 2, 3, 4, 8, 16, 32, 64];
    /// Subcarrier spacing of single-tone NPUSCH in kilohertz (TS 36.211 clause 10.1.2).
    SpacingKhz = [3.75, 15];
    /// Repetitions of SIB1-NB in its period (TS 36.213 table 16.4.1.3-3).
    Sib1Repetitions = [4, 8, 16];
    /// Rmax from which on there are downlink gaps, dl-GapThreshold (TS 36.331 clause 6.7.3.2); 0 for none.
    GapThreshold = [0, 32, 64, 128, 256];
    /// Period of downlink gaps in milliseconds, dl-GapPeriodicity (TS 36.331 clause 6.7.3.2).
    GapPeriod = [64, 128, 256, 512];
    /// Share of it that is gap, dl-GapDurationCoeff (TS 36.331 clause 6.7.3.2).
    GapShare = [0.125, 0.25, 0.375, 0.5];
    /// Share of the path loss that power control makes up for, alpha (TS 36.331 clause 6.7.3.2).
    PathLossShare = [0, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];
    /// preambleInitialReceivedTargetPower in dBm (TS 36.331 clause 6.3.2, PowerRampingParameters).
    PreambleTarget =
        [-120, -118, -116, -114, -112, -110, -108, -106, -104, -102, -100, -98, -96, -94, -92, -90];
    /// powerRampingStep in dB (TS 36.331 clause 6.3.2, PowerRampingParameters).
    RampingStep = [0, 2, 4, 6];
    /// deltaPreambleMsg3 in dB, in steps of 2 (TS 36.331 clause 6.7.3.2).
    Msg3Delta = [-2, 0, 2, 4, 6, 8, 10, 12];
    /// Largest block of early data in bits, edt-TBS (TS 36.331 clause 6.7.3.2).
    EdtTbs = [328, 408, 504, 584, 680, 808, 936, 1000];
    /// Sectors of a site.
    Sectors = [1, 3];
}

/// A value that may say where it comes from: `640`, or `{value: 640, source: "TS 36.331"}`.
#[derive(Clone, Debug, PartialEq)]
pub struct Sourced<T> {
    /// The value.
    pub value: T,
    /// The document and clause it stands in.
    pub source: Option<String>,
}

impl<T: Serialize> Serialize for Sourced<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value.serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Sourced<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Form<T> {
            Full { value: T, source: String },
            Bare(T),
        }
        Ok(match Form::deserialize(deserializer)? {
            Form::Full { value, source } => Sourced { value, source: Some(source) },
            Form::Bare(value) => Sourced { value, source: None },
        })
    }
}

impl<T: JsonSchema> JsonSchema for Sourced<T> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        format!("Sourced_{}", T::schema_name()).into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let value = generator.subschema_for::<T>();
        json_schema!({
            "anyOf": [
                value,
                {
                    "type": "object",
                    "properties": {
                        "value": value,
                        "source": { "type": "string", "description": "The document and clause the value stands in." },
                    },
                    "required": ["value", "source"],
                    "additionalProperties": false,
                },
            ]
        })
    }
}

/// Whether a word can name a group, a network or a scenario: letters, digits, `-` and `_`, a letter or digit first.
#[must_use]
pub fn is_name(word: &str) -> bool {
    let legal = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    (1..=64).contains(&word.len()) && word.starts_with(|c: char| c.is_ascii_alphanumeric()) && word.chars().all(legal)
}

/// The JSON Schema pattern of [`is_name`].
pub const NAME_PATTERN: &str = "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$";

/// The JSON Schema of the version of a file format, which is 1.
pub(crate) fn version_one(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "integer", "const": 1 })
}

/// The JSON Schema of a map with at least one entry whose keys are names, none of those `refused`.
pub(crate) fn by_name<T: JsonSchema>(generator: &mut SchemaGenerator, refused: &[&str]) -> Schema {
    let each = generator.subschema_for::<T>();
    let mut names = json!({ "pattern": NAME_PATTERN });
    if !refused.is_empty() {
        names["not"] = json!({ "enum": refused });
    }
    json_schema!({ "type": "object", "additionalProperties": each, "propertyNames": names, "minProperties": 1 })
}

/// The text of a JSON Schema for `T`, draft 07, without the null that stands for an absent key.
#[must_use]
pub fn json_schema<T: JsonSchema>() -> serde_json::Value {
    let mut settings = schemars::generate::SchemaSettings::draft07();
    settings.transforms.insert(0, Box::new(schemars::transform::RecursiveTransform(drop_null)));
    settings.into_generator().into_root_schema_for::<T>().to_value()
}

/// Takes the null out of the schema of an optional value: a key that is there has a value.
fn drop_null(schema: &mut Schema) {
    let Some(object) = schema.as_object_mut() else { return };
    match object.get_mut("default") {
        Some(serde_json::Value::Null) => drop(object.remove("default")),
        Some(default) => prune(default),
        None => (),
    }
    if let Some(serde_json::Value::Array(types)) = object.get_mut("type") {
        types.retain(|name| name != "null");
        if let [single] = types.as_slice() {
            let single = single.clone();
            object.insert("type".into(), single);
        }
    }
    if let Some(serde_json::Value::Array(branches)) = object.get_mut("anyOf") {
        branches.retain(|branch| *branch != json!({ "type": "null" }));
        if let [serde_json::Value::Object(single)] = branches.as_slice() {
            let single = single.clone();
            object.remove("anyOf");
            for (key, value) in single {
                object.entry(key).or_insert(value);
            }
        }
    }
    if let Some(serde_json::Value::Array(values)) = object.get_mut("enum") {
        values.retain(|value| !value.is_null());
    }
}

/// Takes the keys without a value out of a default.
fn prune(value: &mut serde_json::Value) {
    if let serde_json::Value::Object(object) = value {
        object.retain(|_, value| !value.is_null());
        object.values_mut().for_each(prune);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn times_are_exact() {
        for (text, us) in [
            ("90s", 90_000_000),
            ("500ms", 500_000),
            ("2.048s", 2_048_000),
            ("1.5 h", 5_400_000_000),
            ("1y", 31_557_600_000_000),
            ("0s", 0),
            ("7us", 7),
        ] {
            assert_eq!(Duration::parse(text), Ok(Duration(SimDuration(us))), "{text}");
        }
        for (text, error) in [
            ("7", DurationError::NoUnit),
            ("7 days", DurationError::Unit("days".into())),
            ("-7s", DurationError::NoNumber),
            ("soon", DurationError::NoNumber),
            ("1..5s", DurationError::NoNumber),
            ("1.s", DurationError::NoNumber),
            ("1001y", DurationError::TooLong),
            ("99999999999999999999d", DurationError::TooLong),
            ("99999999999999999.999999999y", DurationError::TooLong),
        ] {
            assert_eq!(Duration::parse(text), Err(error), "{text}");
        }
    }

    proptest! {
        #[test]
        fn pattern_and_reader_agree(text in DURATION_PATTERN.trim_matches(['^', '$'])) {
            prop_assert!(matches!(Duration::parse(&text), Ok(_) | Err(DurationError::TooLong)));
        }

        #[test]
        fn what_is_written_is_read_again(us in 0..LONGEST) {
            let time = Duration(SimDuration(us));
            prop_assert_eq!(Duration::parse(&time.to_string()), Ok(time));
        }

        #[test]
        fn names_follow_their_pattern(name in NAME_PATTERN.trim_matches(['^', '$'])) {
            prop_assert!(is_name(&name));
        }
    }
}
