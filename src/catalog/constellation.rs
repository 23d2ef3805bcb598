//! The file type of constellations, and the satellites that it makes of published orbital parameters.
//!
//! Where the real satellites are on their orbits is not in such parameters: what comes out has the right statistics, and no real pass.

use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};

use super::Issue;
use super::value::{Real, Sourced, Whole, by_name};
use crate::orbit::{Circular, Motion, Pattern, Rotation, Satellite, Utc, Walker};

/// A constellation.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConstellationFile {
    /// Whose it is and what it is for, in one sentence.
    pub description: String,
    /// The radio model of its satellites; left out, the constellation is "orbit only" and carries no traffic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payload: Option<Sourced<String>>,
    /// What is in orbit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_orbit: Option<StageFile>,
    /// What it is to be when complete.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub full: Option<StageFile>,
}

/// A state of a constellation.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StageFile {
    /// How many satellites it is said to have. There may be fewer in the shells, whose orbits are known.
    pub satellites: Sourced<Whole<1, 100_000>>,
    /// Groups of satellites on orbits of one kind.
    #[schemars(schema_with = "shells")]
    pub shells: BTreeMap<String, ShellFile>,
}

/// Satellites on orbits of one kind.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ShellFile {
    /// Planes spread over a full turn.
    WalkerDelta(WalkerFile),
    /// Planes spread over half a turn, with a seam.
    WalkerStar(WalkerFile),
    /// Satellites that stand still over the equator.
    Geostationary(GeostationaryFile),
    /// Satellites that describe a figure of eight once a day.
    Geosynchronous(GeosynchronousFile),
}

/// A Walker pattern.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WalkerFile {
    /// All satellites; a multiple of the planes.
    pub satellites: Whole<1, 100_000>,
    /// Planes.
    pub planes: Whole<1, 10_000>,
    /// By how many parts of a turn a plane is ahead of the one before, a turn having as many parts as there are satellites.
    #[serde(default)]
    pub phasing: Real<0, 10_000>,
    /// Inclination.
    pub inclination_deg: Real<0, 180>,
    /// Height over the equatorial radius.
    pub altitude_km: Real<150, 60_000>,
    /// Right ascension of the ascending node of the first plane at the epoch of the model.
    #[serde(default)]
    pub first_node_deg: Real<0, 360>,
    /// The documents of all these figures.
    pub source: String,
}

/// Places over the equator.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GeostationaryFile {
    /// A satellite over each of these longitudes.
    pub longitudes_deg: Vec<Real<-180, 360>>,
    /// The documents of these figures.
    pub source: String,
}

/// Inclined orbits of a sidereal day.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GeosynchronousFile {
    /// Inclination.
    pub inclination_deg: Real<0, 180>,
    /// A satellite crosses the equator northwards over each of these longitudes; they do so one after the other, evenly over a day.
    pub crossings_deg: Vec<Real<-180, 360>>,
    /// The documents of these figures.
    pub source: String,
}

fn shells(generator: &mut SchemaGenerator) -> Schema {
    by_name::<ShellFile>(generator, &[])
}

/// The instant at which the satellites of models are at the beginning of their patterns.
#[must_use]
pub fn epoch() -> Utc {
    Utc::midnight(2025, 1, 1).unwrap_or_default()
}

/// Which state of a constellation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// What is in orbit.
    InOrbit,
    /// What it is to be.
    Full,
}

impl ConstellationFile {
    /// Whether the file makes sense.
    ///
    /// # Errors
    /// What does not, with paths from the top of the file.
    pub fn check(&self) -> Result<(), Vec<Issue>> {
        let mut issues = Vec::new();
        if self.in_orbit.is_none() && self.full.is_none() {
            issues
                .push(Issue::new([] as [&str; 0], "there are no satellites").expected("`in_orbit` or `full`, or both"));
        }
        for (key, stage) in [("in_orbit", &self.in_orbit), ("full", &self.full)] {
            let Some(stage) = stage else { continue };
            for (name, shell) in &stage.shells {
                let path = [key, "shells", name, shell.kind(), "satellites"];
                if let ShellFile::WalkerDelta(walker) | ShellFile::WalkerStar(walker) = shell
                    && !walker.satellites.0.is_multiple_of(walker.planes.0)
                {
                    let what = format!("{} satellites on {} planes", walker.satellites.0, walker.planes.0);
                    issues.push(Issue::new(path, what).expected("the same number on each plane"));
                }
            }
            let count: u64 = stage.shells.values().map(ShellFile::count).sum();
            if count > u64::from(stage.satellites.value.0) {
                let what = format!("the shells have {count} satellites together");
                let issue = Issue::new([key, "satellites"], what);
                issues.push(issue.expected(format!("at most the {} it has", stage.satellites.value.0)));
            }
        }
        if issues.is_empty() { Ok(()) } else { Err(issues) }
    }

    /// The state that is asked for; without asking what is in orbit, or what is planned if nothing is.
    #[must_use]
    pub fn stage(&self, asked: Option<Stage>) -> Option<&StageFile> {
        match asked {
            Some(Stage::InOrbit) => self.in_orbit.as_ref(),
            Some(Stage::Full) => self.full.as_ref(),
            None => self.in_orbit.as_ref().or(self.full.as_ref()),
        }
    }

    /// What to call its radio: the name of the model, or that there is none.
    #[must_use]
    pub fn radio(&self) -> &str {
        self.payload.as_ref().map_or("orbit only", |payload| &payload.value)
    }
}

impl StageFile {
    /// The satellites whose orbits are known. The flattening of the Earth turns their planes.
    #[must_use]
    pub fn generate(&self, name: &str) -> Vec<Satellite> {
        self.shells.iter().flat_map(|(shell, orbits)| orbits.generate(&format!("{name} {shell}"))).collect()
    }
}

impl ShellFile {
    fn kind(&self) -> &'static str {
        match self {
            ShellFile::WalkerDelta(_) => "walker-delta",
            ShellFile::WalkerStar(_) => "walker-star",
            ShellFile::Geostationary(_) => "geostationary",
            ShellFile::Geosynchronous(_) => "geosynchronous",
        }
    }

    fn count(&self) -> u64 {
        match self {
            ShellFile::WalkerDelta(walker) | ShellFile::WalkerStar(walker) => u64::from(walker.satellites.0),
            ShellFile::Geostationary(file) => file.longitudes_deg.len() as u64,
            ShellFile::Geosynchronous(file) => file.crossings_deg.len() as u64,
        }
    }

    fn generate(&self, name: &str) -> Vec<Satellite> {
        let epoch = epoch();
        match self {
            ShellFile::WalkerDelta(file) => file.walker(Pattern::Delta).satellites(name, epoch).collect(),
            ShellFile::WalkerStar(file) => file.walker(Pattern::Star).satellites(name, epoch).collect(),
            ShellFile::Geostationary(file) => synchronous(name, 0.0, &file.longitudes_deg),
            ShellFile::Geosynchronous(file) => synchronous(name, file.inclination_deg.0, &file.crossings_deg),
        }
    }
}

impl WalkerFile {
    fn walker(&self, pattern: Pattern) -> Walker {
        Walker {
            pattern,
            satellites: self.satellites.0,
            planes: self.planes.0,
            phasing: self.phasing.0,
            inclination_deg: self.inclination_deg.0,
            altitude_km: self.altitude_km.0,
            first_node_deg: self.first_node_deg.0,
            drift: true,
        }
    }
}

fn synchronous(name: &str, inclination_deg: f64, longitudes: &[Real<-180, 360>]) -> Vec<Satellite> {
    let (epoch, count) = (epoch(), longitudes.len() as f64);
    let sidereal = Rotation::Sidereal.angle(epoch);
    let satellite = |(number, longitude): (usize, &Real<-180, 360>)| {
        // Without inclination the phase has no meaning.
        let phase = if inclination_deg == 0.0 { 0.0 } else { 360.0 * number as f64 / count };
        let orbit = Circular::synchronous(epoch, sidereal, inclination_deg, longitude.0, phase);
        Satellite { name: format!("{name} {}", number + 1), number: None, motion: Motion::Circular(orbit) }
    };
    longitudes.iter().enumerate().map(satellite).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{BUILT_IN, Catalogue, Kind};
    use crate::geometry::earth::Geodetic;

    fn built_in() -> Vec<(&'static str, ConstellationFile)> {
        let mut catalogue = Catalogue::new(std::path::Path::new(""));
        let files = BUILT_IN.iter().filter(|file| file.kind == Kind::Constellation);
        files.map(|file| (file.name, catalogue.constellation(file.name).unwrap())).collect()
    }

    #[test]
    fn satellites_of_every_constellation_are_where_its_parameters_say() {
        for (name, file) in built_in() {
            for stage in [&file.in_orbit, &file.full].into_iter().flatten() {
                let satellites = stage.generate(name);
                assert!(!satellites.is_empty() && satellites.len() <= stage.satellites.value.0 as usize, "{name}");
                for satellite in satellites {
                    let at = epoch().plus(12_345.0);
                    let point = Geodetic::of(satellite.state_over(at, Rotation::Sidereal).unwrap().position);
                    assert!((300.0..36_000.0).contains(&point.altitude_km), "{}: {point:?}", satellite.name);
                }
            }
        }
    }

    #[test]
    fn radios_are_there() {
        let payloads: Vec<_> = built_in().into_iter().filter_map(|(_, file)| file.payload).collect();
        assert!(payloads.len() >= 2);
        for payload in payloads {
            assert!(Catalogue::default().satellite(&payload.value).is_ok(), "{}", payload.value);
        }
    }

    #[test]
    fn sizes_are_those_of_the_report() {
        // In orbit and in full, as the annual report counts them.
        let report = [
            ("orbcomm", 31, 31),
            ("iridium-next", 66, 66),
            ("globalstar", 25, 25),
            ("starlink", 6_203, 42_000),
            ("tianqi", 25, 38),
            ("nuwa", 4, 54),
        ];
        let files = built_in();
        for (name, in_orbit, full) in report {
            let file = &files.iter().find(|(known, _)| *known == name).unwrap().1;
            let size = |stage: &Option<StageFile>| stage.as_ref().unwrap().satellites.value.0;
            assert_eq!((size(&file.in_orbit), size(&file.full)), (in_orbit, full), "{name}");
            assert_eq!(file.radio(), "orbit only");
        }
    }
}
