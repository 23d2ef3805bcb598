//! Messages of several sensors that a gateway gathers and sends as one report.

use crate::units::{Joules, SimDuration};

/// What the reports of a group of gateways are made of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gathering {
    /// Messages in a report; above zero.
    pub messages: u32,
    /// From one message that a gateway receives to the next. The report is sent when the last has come.
    pub apart: SimDuration,
    /// What the gateway spends on receiving a message.
    pub receive: Joules,
    /// What the sensor spends on sending it to the gateway.
    pub local: Joules,
}

impl Gathering {
    /// How long each message of a report waits in the gateway.
    pub fn waits(&self) -> impl Iterator<Item = SimDuration> + use<> {
        let apart = self.apart;
        (0..u64::from(self.messages)).map(move |later| apart * later)
    }

    /// What each message of a report costs that cost the gateway so much to send, the way to the gateway included.
    #[must_use]
    pub fn cost_of_each(&self, report: Joules) -> Joules {
        Joules(report.0 / u64::from(self.messages.max(1)) + self.receive.0 + self.local.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_message_does_not_wait() {
        let apart = SimDuration::from_secs(90);
        let gathering = Gathering { messages: 3, apart, receive: Joules(5), local: Joules(2) };
        assert_eq!(gathering.waits().map(|wait| wait.as_secs_f64()).collect::<Vec<_>>(), [0.0, 90.0, 180.0]);
        assert_eq!(gathering.cost_of_each(Joules(300)), Joules(107));
    }
}
