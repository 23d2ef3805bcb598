//! The protocols between application and radio: what they add to a message, what they say around it, when they lose
//! patience, and how long the path to the server stays open. Bytes and times only, no radio.
//!
//! Header sizes are those of the standards; sizes of handshakes and registrations are those of real programs
//! (`tests/reference/handshake_sizes.csv`, `message_sizes.csv`).

use super::dialogue::{Dialogue, Leg};
use crate::rng::Draw;
use crate::units::SimDuration;

mod sizes;

use sizes::{coap, dtls, ip, lwm2m, mqtt, tcp, tls, udp};

/// What stands between the application's payload and the radio.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stack {
    /// Internet protocol, if any.
    pub ip: Ip,
    /// Encryption.
    pub security: Security,
    /// Application protocol.
    pub application: Application,
    /// How long a translator or firewall keeps the path to the terminal open without traffic; `None` if there is none.
    pub nat_timeout: Option<SimDuration>,
}

/// The Internet protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ip {
    /// IPv6 (RFC 8200).
    V6,
    /// IPv4 (RFC 791).
    V4,
    /// Either, its header compressed between terminal and network.
    Compressed,
    /// None: non-IP data delivery (TS 23.401 clause 4.3.17.8).
    None,
}

/// Encryption.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// None.
    None,
    /// DTLS 1.2 with AES-CCM-8 (RFC 6347, RFC 6655).
    Dtls {
        /// Bytes of the connection id that the server gives out (RFC 9146), if it does.
        connection_id: Option<u32>,
        /// Who proves what.
        credentials: Credentials,
        /// Whether a lost session is resumed by its id (RFC 5246 clause 7.3).
        resumption: bool,
    },
    /// TLS 1.3 (RFC 8446).
    Tls {
        /// Who proves what.
        credentials: Credentials,
    },
}

/// How the two ends of a handshake know each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credentials {
    /// A key that both have.
    Psk,
    /// A certificate of the server.
    Certificate,
}

/// The application protocol.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Application {
    /// None: the payload as it is.
    Raw,
    /// A CoAP request for each report (RFC 7252).
    Coap(Coap),
    /// LwM2M 1.1: a Send for each report, and a registration that is kept up.
    Lwm2m(Lwm2m),
    /// An MQTT 3.1.1 publication for each report, over TCP.
    Mqtt(Mqtt),
}

/// A CoAP client.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Coap {
    /// Whether reports are confirmable; if not, they are sent once and not acknowledged.
    pub confirmable: bool,
    /// Bytes of the token.
    pub token_bytes: u32,
    /// Bytes of the options of a report and of the marker before its payload.
    pub option_bytes: u32,
    /// When a confirmable message is sent again.
    pub timer: Timer,
}

/// An LwM2M client.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lwm2m {
    /// How its reports are sent.
    pub coap: Coap,
    /// Time between two updates of its registration.
    pub lifetime: SimDuration,
    /// Whether the server keeps its requests until the client has spoken.
    pub queue_mode: bool,
}

/// An MQTT client.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mqtt {
    /// Whether the broker acknowledges each report (QoS 1).
    pub acknowledged: bool,
    /// The longest silence before the client sends a PINGREQ; zero if it never does.
    pub keep_alive: SimDuration,
    /// Bytes of the topic's name.
    pub topic_bytes: u32,
    /// Bytes of the client identifier.
    pub client_id_bytes: u32,
}

/// When a message is sent again for want of an acknowledgement: after a first wait, then each time after twice as long.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Timer {
    /// The first wait at least.
    pub first: SimDuration,
    /// The first wait is uniform up to so many times `first`.
    pub random_factor: f64,
    /// Copies at most.
    pub copies: u32,
}

/// Something asked, and its answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Exchange {
    /// To the server.
    pub up: Leg,
    /// Back, if anything comes back before the terminal goes on.
    pub down: Option<Leg>,
    /// When `up` is sent again.
    pub timer: Option<Timer>,
}

/// What must be said before a message.
#[derive(Clone, Debug, PartialEq)]
pub struct Opening {
    /// After the terminal has registered with the network.
    pub start: Vec<Exchange>,
    /// After a silence longer than `after`.
    pub again: Vec<Exchange>,
    /// The longest silence that a session outlives; `None` if it outlives any.
    pub after: Option<SimDuration>,
}

/// What keeps a path or a registration alive.
#[derive(Clone, Debug, PartialEq)]
pub struct Upkeep {
    /// When.
    pub when: When,
    /// What is said.
    pub legs: Vec<Leg>,
}

/// When upkeep is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// After so long without a contact.
    Silence(SimDuration),
    /// So far apart, whatever else is said, each terminal with a phase of its own.
    Every(SimDuration),
}

impl Timer {
    /// ACK_TIMEOUT, ACK_RANDOM_FACTOR and MAX_RETRANSMIT as RFC 7252 clause 4.8 has them.
    pub const COAP: Timer = Timer { first: SimDuration::from_secs(2), random_factor: 1.5, copies: 4 };
    /// DTLS 1.2: one second, doubled up to 60 s (RFC 6347 clause 4.2.4.1).
    pub const DTLS: Timer = Timer { first: SimDuration::from_secs(1), random_factor: 1.0, copies: 6 };
    /// A segment of a TCP connection whose round trip is not known yet: one second, doubled (RFC 6298 clause 2); six copies, as
    /// many as Linux makes of the first segment by default.
    pub const TCP: Timer = Timer { first: SimDuration::from_secs(1), random_factor: 1.0, copies: 6 };

    /// How many copies have been made `waited` after the message.
    #[must_use]
    pub fn copies_by(&self, draw: Draw, waited: SimDuration) -> u32 {
        self.expiries(draw).take_while(|expiry| *expiry <= waited).count() as u32
    }

    /// When the first copy later than `waited` after the message is made, counted from the message; `None` if there is none.
    #[must_use]
    pub fn next_copy(&self, draw: Draw, waited: SimDuration) -> Option<SimDuration> {
        self.expiries(draw).find(|expiry| *expiry > waited)
    }

    /// When copies are made, counted from the message.
    fn expiries(&self, draw: Draw) -> impl Iterator<Item = SimDuration> {
        let spread = (self.first.0 as f64 * (self.random_factor - 1.0)) as u64;
        let first = self.first.0 + draw.below(spread + 1);
        let waits = std::iter::successors(Some(first), |wait| Some(wait.saturating_mul(2)));
        let after = waits.scan(0u64, |expiry, wait| {
            *expiry = expiry.saturating_add(wait);
            Some(SimDuration(*expiry))
        });
        after.take(self.copies as usize)
    }
}

/// How long after its last word a client in queue mode still listens: MAX_TRANSMIT_WAIT with the defaults of RFC 7252
/// clause 4.8.2, as LwM2M 1.1 recommends.
pub const AWAKE_IN_QUEUE_MODE: SimDuration = SimDuration::from_secs(93);

impl Stack {
    /// Bytes below the application protocol, in each direction.
    #[must_use]
    pub fn lower_bytes(&self) -> u32 {
        self.packet_bytes()
            + match self.security {
                Security::None => 0,
                Security::Dtls { connection_id, .. } => dtls::record(connection_id),
                Security::Tls { .. } => tls::RECORD,
            }
    }

    /// Bytes of Internet and transport protocol.
    #[must_use]
    pub fn packet_bytes(&self) -> u32 {
        let ip = match self.ip {
            Ip::V6 => ip::V6,
            Ip::V4 => ip::V4,
            Ip::Compressed => ip::COMPRESSED,
            Ip::None => return 0,
        };
        ip + if matches!(self.application, Application::Mqtt(_)) { tcp::HEADER } else { udp::HEADER }
    }

    /// Bytes that all protocols together add to a report of `payload` bytes.
    #[must_use]
    pub fn report_overhead(&self, payload: u32) -> u32 {
        self.lower_bytes()
            + match &self.application {
                Application::Raw => 0,
                Application::Coap(coap) => coap.report_bytes(),
                Application::Lwm2m(lwm2m) => lwm2m.coap.report_bytes(),
                Application::Mqtt(mqtt) => mqtt.publish_bytes(payload),
            }
    }

    /// What is said around reports of `payload` bytes that are answered with `answer` bytes.
    #[must_use]
    pub fn dialogue(&self, payload: u32, answer: u32) -> Dialogue {
        let (quiet, answered, timer) = match &self.application {
            Application::Raw => (Vec::new(), vec![Leg::down("answer", answer + self.lower_bytes())], None),
            Application::Coap(coap) => self.coap_response(coap, answer),
            Application::Lwm2m(lwm2m) => self.coap_response(&lwm2m.coap, answer),
            Application::Mqtt(mqtt) => {
                let (quiet, answered) = self.mqtt_response(mqtt, payload, answer);
                (quiet, answered, None)
            }
        };
        // TCP knows its round trip and makes no copies in vain, but it does not lose a report with the radio.
        let recovery = if matches!(self.application, Application::Mqtt(_)) { Some(Timer::TCP) } else { timer };
        let (opening, upkeep, reach) = (self.opening(), self.upkeep(), self.reach());
        Dialogue { quiet, answered, timer, recovery, opening, upkeep, reach }
    }

    /// A confirmable request gets its response in the acknowledgement (RFC 7252 clause 5.2.1); one that is not gets a
    /// response only if the application has one (RFC 7967).
    fn coap_response(&self, coap: &Coap, answer: u32) -> (Vec<Leg>, Vec<Leg>, Option<Timer>) {
        let header = self.lower_bytes() + coap::HEADER + coap.token_bytes;
        let marker = if answer > 0 { coap::MARKER } else { 0 };
        let answered = vec![Leg::down("CoAP response", header + marker + answer)];
        match coap.confirmable {
            true => (vec![Leg::down("CoAP acknowledgement", header)], answered, Some(coap.timer)),
            false => (Vec::new(), answered, None),
        }
    }

    /// TCP acknowledges what nothing else acknowledges.
    fn mqtt_response(&self, mqtt: &Mqtt, payload: u32, answer: u32) -> (Vec<Leg>, Vec<Leg>) {
        let packet = self.packet_bytes();
        let acknowledgement = Leg::up("TCP acknowledgement", packet);
        let puback = if mqtt.acknowledged { self.lower_bytes() + mqtt::PUBACK } else { packet };
        let quiet = match mqtt.acknowledged {
            true => vec![Leg::down("PUBACK", puback), acknowledgement],
            false => vec![Leg::down("TCP acknowledgement", puback)],
        };
        let publish = Mqtt { acknowledged: false, ..*mqtt }.publish_bytes(payload.max(answer)) + answer;
        let more = if mqtt.acknowledged { self.lower_bytes() - packet + mqtt::PUBACK } else { 0 };
        (quiet, vec![Leg::down("answer", self.lower_bytes() + publish + more), acknowledgement])
    }

    fn opening(&self) -> Option<Opening> {
        let (mut start, mut again) = match self.security {
            Security::None => (Vec::new(), Vec::new()),
            Security::Dtls { credentials, resumption, .. } => {
                let full = self.dtls_full(credentials);
                (full.clone(), if resumption { self.dtls_resumed() } else { full })
            }
            Security::Tls { credentials } => {
                let handshake = self.tls(credentials);
                (handshake.clone(), handshake)
            }
        };
        let mut after = self.nat_timeout;
        match &self.application {
            Application::Raw | Application::Coap(_) => (),
            Application::Lwm2m(lwm2m) => start.push(self.lwm2m_exchange(lwm2m, &lwm2m::REGISTER)),
            Application::Mqtt(mqtt) => {
                let syn = self.exchange("TCP SYN", tcp::SYN_OPTIONS, "TCP SYN, ACK", tcp::SYN_OPTIONS);
                let syn = Exchange { timer: Some(Timer::TCP), ..syn };
                let record = self.lower_bytes() - self.packet_bytes();
                let connect =
                    self.exchange("CONNECT", record + mqtt.connect_bytes(), "CONNACK", record + mqtt::CONNACK);
                for exchanges in [&mut start, &mut again] {
                    exchanges.insert(0, syn);
                    exchanges.push(connect);
                }
            }
        }
        // A connection id finds the session again, wherever the packet comes from (RFC 9146 clause 1).
        if again.is_empty() || matches!(self.security, Security::Dtls { connection_id: Some(_), .. }) {
            (again, after) = (Vec::new(), None);
        }
        (!start.is_empty()).then_some(Opening { start, again, after })
    }

    fn exchange(&self, up: &'static str, up_bytes: u32, down: &'static str, down_bytes: u32) -> Exchange {
        let packet = self.packet_bytes();
        Exchange { up: Leg::up(up, packet + up_bytes), down: Some(Leg::down(down, packet + down_bytes)), timer: None }
    }

    /// Six flights (RFC 6347 clause 4.2.4).
    fn dtls_full(&self, credentials: Credentials) -> Vec<Exchange> {
        let [hello, verify, again, server, client, finished] = match credentials {
            Credentials::Psk => dtls::PSK,
            Credentials::Certificate => dtls::CERTIFICATE,
        };
        let exchanges = [
            self.exchange("ClientHello", hello, "HelloVerifyRequest", verify),
            self.exchange("ClientHello with cookie", again, "ServerHello to ServerHelloDone", server),
            self.exchange("ClientKeyExchange, Finished", client, "ChangeCipherSpec, Finished", finished),
        ];
        exchanges.map(|exchange| Exchange { timer: Some(Timer::DTLS), ..exchange }).to_vec()
    }

    /// Five flights; the server finishes first, so that the message follows the last one.
    fn dtls_resumed(&self) -> Vec<Exchange> {
        let [hello, verify, again, server, client] = dtls::RESUMED;
        let timer = Some(Timer::DTLS);
        let first = self.exchange("ClientHello with session id", hello, "HelloVerifyRequest", verify);
        let second = self.exchange("ClientHello with cookie", again, "ServerHello, Finished", server);
        let last = Leg::up("ChangeCipherSpec, Finished", self.packet_bytes() + client);
        let last = Exchange { up: last, down: None, timer: None };
        vec![Exchange { timer, ..first }, Exchange { timer, ..second }, last]
    }

    /// Two flights and a last one that the first message follows. Loss and time are left to TCP.
    fn tls(&self, credentials: Credentials) -> Vec<Exchange> {
        let [hello, server, finished] = match credentials {
            Credentials::Psk => tls::PSK,
            Credentials::Certificate => tls::CERTIFICATE,
        };
        let last = Leg::up("Finished", self.packet_bytes() + finished);
        vec![
            self.exchange("ClientHello", hello, "ServerHello to Finished", server),
            Exchange { up: last, down: None, timer: None },
        ]
    }

    fn lwm2m_exchange(&self, lwm2m: &Lwm2m, exchange: &lwm2m::Exchange) -> Exchange {
        let (lower, token) = (self.lower_bytes(), lwm2m.coap.token_bytes);
        Exchange {
            up: Leg::up(exchange.request, lower + coap::HEADER + token + exchange.request_bytes),
            down: Some(Leg::down(exchange.response, lower + coap::HEADER + token + exchange.response_bytes)),
            timer: Some(lwm2m.coap.timer),
        }
    }

    fn upkeep(&self) -> Option<Upkeep> {
        let lower = self.lower_bytes();
        match &self.application {
            Application::Raw | Application::Coap(_) => None,
            Application::Lwm2m(lwm2m) => {
                let update = self.lwm2m_exchange(lwm2m, &lwm2m::UPDATE);
                let legs = [Some(update.up), update.down].into_iter().flatten().collect();
                Some(Upkeep { when: When::Every(lwm2m.lifetime), legs })
            }
            Application::Mqtt(mqtt) if mqtt.keep_alive == SimDuration::ZERO => None,
            Application::Mqtt(mqtt) => Some(Upkeep {
                when: When::Silence(mqtt.keep_alive),
                legs: vec![
                    Leg::up("PINGREQ", lower + mqtt::PING),
                    Leg::down("PINGRESP", lower + mqtt::PING),
                    Leg::up("TCP acknowledgement", self.packet_bytes()),
                ],
            }),
        }
    }

    /// How long after its last contact the server can reach a terminal.
    fn reach(&self) -> Option<SimDuration> {
        let queue = match &self.application {
            Application::Lwm2m(lwm2m) if lwm2m.queue_mode => Some(AWAKE_IN_QUEUE_MODE),
            _ => None,
        };
        [queue, self.nat_timeout].into_iter().flatten().min()
    }
}

impl Coap {
    /// Bytes of a report around its payload.
    fn report_bytes(&self) -> u32 {
        coap::HEADER + self.token_bytes + self.option_bytes
    }
}

impl Mqtt {
    /// Bytes of a PUBLISH around its payload (MQTT 3.1.1 clause 3.3).
    fn publish_bytes(&self, payload: u32) -> u32 {
        let variable = mqtt::LENGTH + self.topic_bytes + if self.acknowledged { mqtt::PACKET_ID } else { 0 };
        mqtt::fixed_header(variable + payload) + variable
    }

    /// Bytes of a CONNECT without will, user name and password (clause 3.1).
    fn connect_bytes(&self) -> u32 {
        let rest = mqtt::CONNECT + mqtt::LENGTH + self.client_id_bytes;
        mqtt::fixed_header(rest) + rest
    }
}

#[cfg(test)]
mod tests;
