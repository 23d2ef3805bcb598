use super::*;
use crate::rng::{Key, Purpose};

const COAP: Coap = Coap { confirmable: true, token_bytes: 4, option_bytes: 8, timer: Timer::COAP };
const MQTT: Mqtt =
    Mqtt { acknowledged: true, keep_alive: SimDuration::from_secs(60), topic_bytes: 16, client_id_bytes: 23 };
const DTLS: Security = Security::Dtls { connection_id: None, credentials: Credentials::Psk, resumption: false };

fn stack(ip: Ip, security: Security, application: Application) -> Stack {
    Stack { ip, security, application, nat_timeout: None }
}

/// A row of a file of captured sizes: the last field of the line that begins with `name`.
fn captured(file: &str, name: &str) -> Vec<u32> {
    let rows = file.lines().filter(|line| line.split(',').next() == Some(name));
    rows.filter_map(|line| line.rsplit(',').next()?.parse().ok()).collect()
}

/// What aiocoap and paho-mqtt write.
fn written(name: &str) -> u32 {
    captured(include_str!("../../../tests/reference/message_sizes.csv"), name)[0]
}

#[test]
fn headers_add_up_as_in_the_tr() {
    // TR 45.820 annex E counts CoAP 4, the DTLS header 13, UDP 8 and IP 40: 65, or 29 with a compressed IP header.
    let bare = Coap { token_bytes: 0, option_bytes: 0, ..COAP };
    let over = |ip| stack(ip, Security::None, Application::Coap(bare)).report_overhead(50) + dtls::HEADER;
    assert_eq!((over(Ip::V6), over(Ip::Compressed)), (65, 29));
    // A record also has a nonce and a tag of 8 each (RFC 6655), a connection id one byte more than its own (RFC 9146).
    let record = |connection_id| {
        let security = Security::Dtls { connection_id, credentials: Credentials::Psk, resumption: false };
        stack(Ip::None, security, Application::Raw).report_overhead(50)
    };
    assert_eq!((record(None), record(Some(0)), record(Some(8))), (29, 30, 38));
    let mqtt = stack(Ip::V4, Security::None, Application::Mqtt(MQTT));
    assert_eq!(mqtt.report_overhead(50), 20 + 20 + 2 + 2 + 16 + 2);
    assert_eq!(mqtt.report_overhead(200), mqtt.report_overhead(50) + 1, "a length beyond 127 takes two bytes");
}

#[test]
fn messages_have_the_size_that_real_programs_give_them() {
    assert_eq!(COAP.report_bytes() + 50, written("coap-post-50"));
    let send = Coap { option_bytes: 3 + 2 + 1, ..COAP }; // Uri-Path dp, Content-Format SenML CBOR, marker
    assert_eq!(send.report_bytes() + 50, written("lwm2m-send-50"));
    let lone = stack(Ip::None, Security::None, Application::Coap(COAP));
    let first = |legs: &[Leg]| legs[0].bytes;
    let dialogue = |answer| lone.dialogue(50, answer);
    assert_eq!(first(&dialogue(0).quiet), written("coap-changed"));
    assert_eq!(first(&dialogue(50).answered), written("coap-changed-50"));
    let lwm2m = Lwm2m { coap: COAP, lifetime: SimDuration::from_hours(24), queue_mode: true };
    let dialogue = stack(Ip::None, Security::None, Application::Lwm2m(lwm2m)).dialogue(50, 0);
    let register = dialogue.opening.expect("it registers").start[0];
    assert_eq!(register.up.bytes, written("lwm2m-register"));
    assert_eq!(register.down.map(|leg| leg.bytes), Some(written("lwm2m-registered")));
    let update: Vec<_> = dialogue.upkeep.expect("it updates").legs.iter().map(|leg| leg.bytes).collect();
    assert_eq!(update, [written("lwm2m-update"), written("coap-changed")]);
    let once = Mqtt { acknowledged: false, ..MQTT };
    assert_eq!(once.publish_bytes(50) + 50, written("mqtt-publish-qos0-50"));
    assert_eq!(MQTT.publish_bytes(50) + 50, written("mqtt-publish-qos1-50"));
    assert_eq!(MQTT.publish_bytes(200) + 200, written("mqtt-publish-qos1-200"));
    assert_eq!(MQTT.connect_bytes(), written("mqtt-connect"));
    assert_eq!((mqtt::PING, mqtt::PUBACK), (written("mqtt-pingreq"), written("mqtt-puback")));
}

#[test]
fn handshakes_have_the_size_that_openssl_gives_them() {
    let capture = |name| captured(include_str!("../../../tests/reference/handshake_sizes.csv"), name);
    assert_eq!(capture("dtls1.2-psk-ccm8"), dtls::PSK);
    assert_eq!(capture("dtls1.2-psk-ccm8-resumed"), dtls::RESUMED);
    assert_eq!(capture("dtls1.2-ecdhe-ecdsa-ccm8"), dtls::CERTIFICATE);
    assert_eq!(capture("tls1.3-psk")[..3], tls::PSK);
    assert_eq!(capture("tls1.3-ecdsa")[..3], tls::CERTIFICATE);
}

#[test]
fn a_session_is_opened_where_it_can_be_lost() {
    let minutes = |minutes: u64| SimDuration::from_secs(60 * minutes);
    let opening = |security, application, nat_timeout| {
        Stack { nat_timeout, ..stack(Ip::V4, security, application) }.dialogue(50, 0).opening
    };
    let coap = Application::Coap(COAP);
    assert_eq!(opening(Security::None, coap, Some(minutes(5))), None);
    let lost = opening(DTLS, coap, Some(minutes(5))).expect("a session");
    assert_eq!((lost.start.len(), lost.again.len(), lost.after), (3, 3, Some(minutes(5))));
    assert_eq!(lost.start[0].up.bytes, 135 + 28);
    let resumed = Security::Dtls { connection_id: None, credentials: Credentials::Psk, resumption: true };
    let resumed = opening(resumed, coap, Some(minutes(5))).expect("a session");
    assert_eq!((resumed.start.len(), resumed.again.len()), (3, 3));
    let kept = Security::Dtls { connection_id: Some(8), credentials: Credentials::Psk, resumption: false };
    let kept = opening(kept, coap, Some(minutes(5))).expect("a session");
    assert_eq!((kept.start.len(), kept.again.len(), kept.after), (3, 0, None));
    let tls = Security::Tls { credentials: Credentials::Certificate };
    let mqtt = opening(tls, Application::Mqtt(MQTT), None).expect("a connection");
    let names: Vec<_> = mqtt.start.iter().map(|exchange| exchange.up.name).collect();
    assert_eq!(names, ["TCP SYN", "ClientHello", "Finished", "CONNECT"]);
    assert_eq!(mqtt.start.iter().filter(|exchange| exchange.timer.is_some()).count(), 1);
}

#[test]
fn copies_follow_the_doubling_timer() {
    // Without randomness: after 2, 6, 14 and 30 s, and never a fifth (RFC 7252 clause 4.2).
    let fixed = Timer { random_factor: 1.0, ..Timer::COAP };
    let draw = |n| Key::root(1).draw(Purpose::Timer, n);
    let copies = |timer: Timer, seconds: f64, n| timer.copies_by(draw(n), SimDuration((seconds * 1e6) as u64));
    let by = [1.9, 2.0, 5.9, 6.0, 13.9, 14.0, 29.9, 30.0, 1e6].map(|seconds| copies(fixed, seconds, 0));
    assert_eq!(by, [0, 1, 1, 2, 2, 3, 3, 4, 4]);
    // With it the first wait is uniform from 2 to 3 s: half of the messages have a copy after 2.5 s.
    let half = (0..10_000).filter(|&n| copies(Timer::COAP, 2.5, n) == 1).count();
    assert!((half as f64 / 10_000.0 - 0.5).abs() < 0.02, "{half}");
    assert!((0..1_000).all(|n| copies(Timer::COAP, 1.999, n) == 0 && copies(Timer::COAP, 3.001, n) == 1));
}
