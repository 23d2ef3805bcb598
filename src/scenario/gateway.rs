//! Sensors behind gateways, from scenario files into core types.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::build::Builder;
use super::schema::{Group, PeriodicTraffic, Traffic};
use crate::catalog::Issue;
use crate::catalog::value::{Duration, Real, Whole};
use crate::traffic::Reports;
use crate::traffic::gathering::Gathering;
use crate::units::{Joules, SimDuration};

/// Bytes of a report at most.
const LARGEST: u32 = 65_535;

/// The terminals of a group are gateways: each sends what its sensors have to say.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GatewayFile {
    /// Sensors of each gateway, each of which says what `traffic` tells; they take turns evenly.
    pub sensors: Whole<1, 1_000_000>,
    /// A gateway sends what it has before a message has waited for longer.
    pub max_wait: Duration,
    /// A gateway sends before it has more bytes of application payload.
    #[serde(default = "largest")]
    pub max_bytes: Whole<1, LARGEST>,
    /// What the gateway spends on receiving a message of a sensor, mJ.
    #[serde(default)]
    pub receive_mj: Real<0, 1_000_000>,
    /// What a sensor spends on sending a message to its gateway, mJ.
    #[serde(default)]
    pub local_mj: Real<0, 1_000_000>,
}

fn largest() -> Whole<1, LARGEST> {
    Whole(LARGEST)
}

impl Builder<'_> {
    /// What a group has to say, and how its gateways gather it, if they do.
    pub(super) fn said(&mut self, group: &str, file: &Group) -> Option<(Reports, Traffic, Option<Gathering>)> {
        let Some(gateway) = &file.gateway else {
            return self.traffic(group, &file.traffic).map(|(reports, resolved)| (reports, resolved, None));
        };
        let Traffic::Periodic(of_sensor) = &file.traffic else {
            let issue =
                Issue::new(["groups", group, "gateway"], "gateways gather what comes at one interval in one size");
            self.report(issue.expected("`traffic: {periodic: {…}}`, or no `gateway`"));
            return None;
        };
        let (sensors, payload) = (u64::from(gateway.sensors.0), of_sensor.payload_bytes.0);
        let apart = SimDuration(of_sensor.every.0.0 / sensors);
        let in_time = gateway.max_wait.0.0 / apart.0.max(1) + 1;
        let in_size = gateway.max_bytes.0 / payload.max(1);
        let messages = in_time.min(u64::from(in_size)).min(u64::from(LARGEST)) as u32;
        if messages == 0 {
            let what = format!("a message of {payload} bytes is larger than what a gateway sends");
            let issue = Issue::new(["groups", group, "gateway", "max_bytes"], what);
            self.report(issue.expected(format!("at least `payload_bytes`: {payload}")));
            return None;
        }
        let gathered = PeriodicTraffic {
            every: Duration(apart * u64::from(messages)),
            payload_bytes: Whole(messages * payload),
            jitter: Duration::default(),
            ..of_sensor.clone()
        };
        let (reports, resolved) = self.traffic(group, &Traffic::Periodic(gathered))?;
        let resolved = match resolved {
            Traffic::Periodic(PeriodicTraffic { overhead_bytes, protocol, .. }) => {
                Traffic::Periodic(PeriodicTraffic { overhead_bytes, protocol, ..of_sensor.clone() })
            }
            other => other,
        };
        let joules = |mj: Real<0, 1_000_000>| Joules::from_joules(mj.0 / 1e3);
        let (receive, local) = (joules(gateway.receive_mj), joules(gateway.local_mj));
        Some((reports, resolved, Some(Gathering { messages, apart, receive, local })))
    }
}
