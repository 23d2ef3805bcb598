//! Sizes of headers and messages in bytes, each with its clause or the capture it is from.

/// Internet protocol.
pub(super) mod ip {
    /// RFC 8200 clause 3.
    pub const V6: u32 = 40;
    /// RFC 791 clause 3.1, without options.
    pub const V4: u32 = 20;
    /// Planning value for a compressed header, as TR 45.820 counts 29 instead of 65 bytes around a report.
    pub const COMPRESSED: u32 = 4;
}

/// User datagrams.
pub(super) mod udp {
    /// RFC 768.
    pub const HEADER: u32 = 8;
}

/// Transmission control.
pub(super) mod tcp {
    /// RFC 9293 clause 3.1, without options.
    pub const HEADER: u32 = 20;
    /// Maximum segment size (RFC 9293 clause 3.7.1), the one option that every SYN carries.
    pub const SYN_OPTIONS: u32 = 4;
}

/// DTLS 1.2 with AES-CCM-8.
pub(super) mod dtls {
    /// Record header (RFC 6347 clause 4.1).
    pub const HEADER: u32 = 13;
    /// Explicit nonce (RFC 6655 clause 3).
    pub const NONCE: u32 = 8;
    /// Message authentication code of CCM-8 (RFC 6655 clause 4).
    pub const TAG: u32 = 8;
    /// The true type of a record with connection id, inside the encryption (RFC 9146 clause 4).
    pub const INNER_TYPE: u32 = 1;
    /// Flights of a full handshake with a pre-shared key: capture `dtls1.2-psk-ccm8`.
    pub const PSK: [u32; 6] = [135, 48, 155, 131, 118, 67];
    /// Flights with a self-signed ECDSA certificate of the server: capture `dtls1.2-ecdhe-ecdsa-ccm8`. Chains are longer.
    pub const CERTIFICATE: [u32; 6] = [159, 48, 179, 708, 125, 67];
    /// Flights of a resumed handshake (RFC 5246 clause 7.3): capture `dtls1.2-psk-ccm8-resumed`.
    pub const RESUMED: [u32; 5] = [167, 48, 187, 173, 67];

    /// What a record adds to its content.
    pub fn record(connection_id: Option<u32>) -> u32 {
        HEADER + NONCE + TAG + connection_id.map_or(0, |bytes| bytes + INNER_TYPE)
    }
}

/// TLS 1.3.
pub(super) mod tls {
    /// Header 5, true type 1, tag of AES-GCM 16 (RFC 8446 clause 5.2).
    pub const RECORD: u32 = 5 + 1 + 16;
    /// Flights with a pre-shared key: capture `tls1.3-psk`; the server sends no tickets.
    pub const PSK: [u32; 3] = [294, 225, 64];
    /// Flights with a self-signed ECDSA certificate of the server: capture `tls1.3-ecdsa`. Chains are longer.
    pub const CERTIFICATE: [u32; 3] = [225, 773, 80];
}

/// CoAP.
pub(super) mod coap {
    /// RFC 7252 clause 3.
    pub const HEADER: u32 = 4;
    /// Before a payload (RFC 7252 clause 3).
    pub const MARKER: u32 = 1;
}

/// LwM2M 1.1 over CoAP: bytes behind header and token.
pub(super) mod lwm2m {
    /// A request and its response.
    pub struct Exchange {
        /// Name of the request.
        pub request: &'static str,
        /// Its bytes.
        pub request_bytes: u32,
        /// Name of the response.
        pub response: &'static str,
        /// Its bytes.
        pub response_bytes: u32,
    }

    /// Register with an IMEI as endpoint name and five objects: `lwm2m-register`, `lwm2m-registered` less 8.
    pub const REGISTER: Exchange =
        Exchange { request: "LwM2M Register", request_bytes: 118, response: "Created", response_bytes: 12 };
    /// Update without parameters: `lwm2m-update`, `coap-changed` less 8.
    pub const UPDATE: Exchange =
        Exchange { request: "LwM2M Update", request_bytes: 12, response: "Changed", response_bytes: 0 };
}

/// MQTT 3.1.1.
pub(super) mod mqtt {
    /// Length before a string (clause 1.5.3).
    pub const LENGTH: u32 = 2;
    /// Packet identifier (clause 2.3.1).
    pub const PACKET_ID: u32 = 2;
    /// Variable header of CONNECT: protocol name 6, level 1, flags 1, keep-alive 2 (clause 3.1.2).
    pub const CONNECT: u32 = 10;
    /// Clause 3.2.
    pub const CONNACK: u32 = 4;
    /// Clause 3.4.
    pub const PUBACK: u32 = 4;
    /// PINGREQ and PINGRESP (clauses 3.12, 3.13).
    pub const PING: u32 = 2;

    /// Type, and the length of what follows in seven bits a byte (clause 2.2).
    pub fn fixed_header(rest: u32) -> u32 {
        1 + match rest {
            0..0x80 => 1,
            0x80..0x4000 => 2,
            _ => 3,
        }
    }
}
