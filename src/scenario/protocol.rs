//! The protocols of a group: their part of a scenario file, and their way into core types.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::catalog::Issue;
use crate::catalog::value::{Duration, Real, Whole};
use crate::traffic::protocol::{Application, Coap, Credentials, Ip, Lwm2m, Mqtt, Security, Stack, Timer};
use crate::units::SimDuration;

/// The protocols between application and radio: headers, acknowledgements, timers and sessions follow from them. Without
/// `coap`, `lwm2m` and `mqtt` the payload goes as it is, over UDP.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ProtocolFile {
    /// A CoAP request for each report (RFC 7252).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coap: Option<CoapFile>,
    /// LwM2M 1.1: a Send for each report, and a registration that is kept up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lwm2m: Option<Lwm2mFile>,
    /// An MQTT 3.1.1 publication for each report, over TCP.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mqtt: Option<MqttFile>,
    /// Encryption; without it there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub security: Option<SecurityFile>,
    /// Internet protocol.
    pub ip: IpFile,
    /// How long a translator or firewall keeps the path open without traffic; `0s`: there is none. Left out: with IPv4 5min
    /// for UDP (RFC 4787) and 124min for TCP (RFC 5382), else none. Many networks close it after 30s to 4min.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nat_timeout: Option<Duration>,
}

/// A CoAP client.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CoapFile {
    /// Whether reports are confirmable: acknowledged, and sent again if the acknowledgement is late.
    pub confirmable: bool,
    /// The shortest wait for an acknowledgement before the first copy.
    pub ack_timeout: Duration,
    /// The longest wait before the first copy is so many times as long.
    pub ack_random_factor: Real<1, 5>,
    /// Copies at most, each after twice the wait before it.
    pub max_retransmit: Whole<0, 20>,
    /// Bytes of the token.
    pub token_bytes: Whole<0, 8>,
    /// Bytes of a report's options and of the marker before its payload.
    pub option_bytes: Whole<0, 1_000>,
}

impl Default for CoapFile {
    /// Timers of RFC 7252 clause 4.8; a token of four bytes, a path of six letters (7) and the marker (1).
    fn default() -> CoapFile {
        CoapFile {
            confirmable: true,
            ack_timeout: Duration(Timer::COAP.first),
            ack_random_factor: Real(Timer::COAP.random_factor),
            max_retransmit: Whole(Timer::COAP.copies),
            token_bytes: Whole(4),
            option_bytes: Whole(8),
        }
    }
}

/// An LwM2M client.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Lwm2mFile {
    /// Whether its reports (Send, Notify) are confirmable.
    pub confirmable: bool,
    /// Time between two updates of its registration.
    pub lifetime: Duration,
    /// Whether the server keeps its commands until the client has spoken, instead of having it paged.
    pub queue_mode: bool,
    /// The shortest wait for an acknowledgement before the first copy.
    pub ack_timeout: Duration,
    /// The longest wait before the first copy is so many times as long.
    pub ack_random_factor: Real<1, 5>,
    /// Copies at most, each after twice the wait before it.
    pub max_retransmit: Whole<0, 20>,
    /// Bytes of the token.
    pub token_bytes: Whole<0, 8>,
    /// Bytes of a report's options and of the marker before its payload.
    pub option_bytes: Whole<0, 1_000>,
}

impl Default for Lwm2mFile {
    /// A lifetime of a day, as LwM2M 1.1 has it by default; Uri-Path dp (3), Content-Format (2) and marker (1).
    fn default() -> Lwm2mFile {
        let CoapFile { confirmable, ack_timeout, ack_random_factor, max_retransmit, token_bytes, .. } =
            CoapFile::default();
        let (lifetime, queue_mode) = (Duration(SimDuration::from_hours(24)), true);
        let option_bytes = Whole(6);
        Lwm2mFile {
            confirmable,
            lifetime,
            queue_mode,
            ack_timeout,
            ack_random_factor,
            max_retransmit,
            token_bytes,
            option_bytes,
        }
    }
}

/// An MQTT client.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MqttFile {
    /// The longest silence before the client sends a PINGREQ; `0s`: it never does.
    pub keep_alive: Duration,
    /// Quality of service: 0, or 1 with an acknowledgement by the broker.
    #[serde(default = "qos")]
    pub qos: Whole<0, 1>,
    /// Bytes of the topic's name.
    #[serde(default = "topic_bytes")]
    pub topic_bytes: Whole<1, 1_000>,
    /// Bytes of the client identifier; servers must take up to 23.
    #[serde(default = "client_id_bytes")]
    pub client_id_bytes: Whole<0, 1_000>,
}

/// Encryption.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SecurityFile {
    /// DTLS 1.2 with AES-CCM-8, over UDP.
    Dtls(DtlsFile),
    /// TLS 1.3, over TCP.
    Tls(TlsFile),
}

/// DTLS 1.2.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DtlsFile {
    /// Whether records carry a connection id (RFC 9146), so that the session outlives a closed path.
    pub connection_id: bool,
    /// Bytes of the connection id.
    pub connection_id_bytes: Whole<0, 64>,
    /// How the two ends know each other.
    pub credentials: CredentialsFile,
    /// Whether a lost session is resumed by its id, with five shorter flights instead of six.
    pub resumption: bool,
}

impl Default for DtlsFile {
    fn default() -> DtlsFile {
        DtlsFile {
            connection_id: false,
            connection_id_bytes: Whole(8),
            credentials: CredentialsFile::Psk,
            resumption: false,
        }
    }
}

/// TLS 1.3.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TlsFile {
    /// How the two ends know each other.
    pub credentials: CredentialsFile,
}

/// How the two ends of a handshake know each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CredentialsFile {
    /// A key that both have.
    #[default]
    Psk,
    /// A self-signed ECDSA certificate of the server.
    Certificate,
}

/// The Internet protocol.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum IpFile {
    /// 20 bytes, behind an address translator.
    #[default]
    Ipv4,
    /// 40 bytes.
    Ipv6,
    /// Either, its header compressed to 4 bytes.
    Compressed,
    /// Non-IP data delivery: no headers of IP and UDP.
    None,
}

/// How long a path for UDP stays open: at least so long by default (RFC 4787 clause 4.3, REQ-5).
const UDP_PATH: SimDuration = SimDuration::from_secs(5 * 60);
/// How long a TCP connection without traffic is kept at least (RFC 5382 clause 5, REQ-5).
const TCP_PATH: SimDuration = SimDuration::from_secs(124 * 60);
/// The shortest of all times between two keep-alives and of all first waits.
const SHORTEST_UPKEEP: Duration = Duration(SimDuration::from_secs(1));
const SHORTEST_WAIT: Duration = Duration(SimDuration::from_millis(100));

impl ProtocolFile {
    /// The core type, and the file with every default filled in.
    pub(super) fn stack(&self) -> Result<(Stack, ProtocolFile), Vec<Issue>> {
        let issues: Vec<Issue> = self.contradictions().into_iter().chain(self.short_times()).collect();
        if !issues.is_empty() {
            return Err(issues);
        }
        let application = match (&self.coap, &self.lwm2m, &self.mqtt) {
            (Some(coap), ..) => Application::Coap(coap.client()),
            (_, Some(lwm2m), _) => Application::Lwm2m(lwm2m.client()),
            (.., Some(mqtt)) => Application::Mqtt(mqtt.client()),
            _ => Application::Raw,
        };
        let path = if self.mqtt.is_some() { TCP_PATH } else { UDP_PATH };
        let default = if self.ip == IpFile::Ipv4 { path } else { SimDuration::ZERO };
        let timeout = self.nat_timeout.map_or(default, |timeout| timeout.0);
        let nat_timeout = Some(timeout).filter(|timeout| *timeout > SimDuration::ZERO);
        let ip = match self.ip {
            IpFile::Ipv4 => Ip::V4,
            IpFile::Ipv6 => Ip::V6,
            IpFile::Compressed => Ip::Compressed,
            IpFile::None => Ip::None,
        };
        let security = self.security.as_ref().map_or(Security::None, SecurityFile::security);
        let resolved = ProtocolFile { nat_timeout: Some(Duration(timeout)), ..self.clone() };
        Ok((Stack { ip, security, application, nat_timeout }, resolved))
    }

    /// What cannot stand together.
    fn contradictions(&self) -> Vec<Issue> {
        let mut issues = Vec::new();
        let given = [("coap", self.coap.is_some()), ("lwm2m", self.lwm2m.is_some()), ("mqtt", self.mqtt.is_some())];
        let given: Vec<&str> = given.iter().filter(|(_, given)| *given).map(|(name, _)| *name).collect();
        if let [first, second, ..] = given[..] {
            let issue = Issue::new([second], format!("both `{first}` and `{second}`"));
            issues.push(issue.expected("at most one of `coap`, `lwm2m` and `mqtt`"));
        }
        let tcp = self.mqtt.is_some();
        match &self.security {
            Some(SecurityFile::Dtls(_)) if tcp => {
                issues.push(Issue::new(["security"], "MQTT runs over TCP, DTLS over UDP").expected("`{tls: {}}`"));
            }
            Some(SecurityFile::Tls(_)) if !tcp => {
                issues.push(Issue::new(["security"], "TLS runs over TCP, the rest over UDP").expected("`{dtls: {}}`"));
            }
            _ => (),
        }
        if self.ip == IpFile::None && tcp {
            issues.push(Issue::new(["ip"], "MQTT needs TCP, and TCP needs IP").expected("`ipv4` or `ipv6`"));
        }
        if self.ip == IpFile::None && self.nat_timeout.is_some_and(|timeout| timeout != Duration::default()) {
            let issue = Issue::new(["nat_timeout"], "nothing translates addresses where there are none");
            issues.push(issue.expected("`0s`, or an `ip`"));
        }
        issues
    }

    /// Times that would keep a terminal busy with nothing else.
    fn short_times(&self) -> Vec<Issue> {
        let short = |path: [&str; 2], time: Duration, least: Duration| {
            let issue = Issue::new(path, format!("`{}` is {time}", path[1]));
            (time < least).then(|| issue.expected(format!("at least {least}")))
        };
        let coap = self.coap.as_ref().map(|coap| short(["coap", "ack_timeout"], coap.ack_timeout, SHORTEST_WAIT));
        let lwm2m = self.lwm2m.as_ref().map(|lwm2m| {
            let wait = short(["lwm2m", "ack_timeout"], lwm2m.ack_timeout, SHORTEST_WAIT);
            wait.or_else(|| short(["lwm2m", "lifetime"], lwm2m.lifetime, SHORTEST_UPKEEP))
        });
        let mqtt = self.mqtt.as_ref().filter(|mqtt| mqtt.keep_alive != Duration::default());
        let mqtt = mqtt.map(|mqtt| short(["mqtt", "keep_alive"], mqtt.keep_alive, SHORTEST_UPKEEP));
        [coap, lwm2m, mqtt].into_iter().flatten().flatten().collect()
    }
}

impl CoapFile {
    fn client(&self) -> Coap {
        let timer =
            Timer { first: self.ack_timeout.0, random_factor: self.ack_random_factor.0, copies: self.max_retransmit.0 };
        Coap {
            confirmable: self.confirmable,
            token_bytes: self.token_bytes.0,
            option_bytes: self.option_bytes.0,
            timer,
        }
    }
}

impl Lwm2mFile {
    fn client(&self) -> Lwm2m {
        let coap = CoapFile {
            confirmable: self.confirmable,
            ack_timeout: self.ack_timeout,
            ack_random_factor: self.ack_random_factor,
            max_retransmit: self.max_retransmit,
            token_bytes: self.token_bytes,
            option_bytes: self.option_bytes,
        };
        Lwm2m { coap: coap.client(), lifetime: self.lifetime.0, queue_mode: self.queue_mode }
    }
}

impl MqttFile {
    fn client(&self) -> Mqtt {
        Mqtt {
            acknowledged: self.qos.0 == 1,
            keep_alive: self.keep_alive.0,
            topic_bytes: self.topic_bytes.0,
            client_id_bytes: self.client_id_bytes.0,
        }
    }
}

impl SecurityFile {
    fn security(&self) -> Security {
        match self {
            SecurityFile::Dtls(dtls) => Security::Dtls {
                connection_id: dtls.connection_id.then_some(dtls.connection_id_bytes.0),
                credentials: dtls.credentials.credentials(),
                resumption: dtls.resumption,
            },
            SecurityFile::Tls(tls) => Security::Tls { credentials: tls.credentials.credentials() },
        }
    }
}

impl CredentialsFile {
    fn credentials(self) -> Credentials {
        match self {
            CredentialsFile::Psk => Credentials::Psk,
            CredentialsFile::Certificate => Credentials::Certificate,
        }
    }
}

fn qos() -> Whole<0, 1> {
    Whole(1)
}

fn topic_bytes() -> Whole<1, 1_000> {
    Whole(16)
}

fn client_id_bytes() -> Whole<0, 1_000> {
    Whole(23)
}
