//! Sums by slot, such as by cause, as lists in files; serde itself knows arrays of up to 32 only.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// For `#[serde(with = …)]`.
pub(super) fn serialize<S: Serializer, const N: usize>(sums: &[u128; N], serializer: S) -> Result<S::Ok, S::Error> {
    sums.as_slice().serialize(serializer)
}

/// For `#[serde(with = …)]`.
pub(super) fn deserialize<'de, D: Deserializer<'de>, const N: usize>(deserializer: D) -> Result<[u128; N], D::Error> {
    let sums = Vec::<u128>::deserialize(deserializer)?;
    sums.try_into().map_err(|sums: Vec<u128>| D::Error::invalid_length(sums.len(), &"a sum for each slot"))
}
