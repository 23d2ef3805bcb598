#!/usr/bin/env python3
"""Sizes of messages as two libraries write them: CoAP and LwM2M with aiocoap, MQTT 3.1.1 with paho-mqtt.

Usage: pip install aiocoap==0.4.17 paho-mqtt==2.2.0; message_sizes.py > message_sizes.csv

Sizes are bytes of the application protocol: no DTLS or TLS, no UDP or TCP, no IP.
"""
import socket

import aiocoap
import paho.mqtt.client as mqtt
from aiocoap import ACK, CON, CHANGED, CREATED, EMPTY, POST, Message

TOKEN = b"\x01\x02\x03\x04"


def coap(**fields):
    """A message with the token of four bytes that the defaults of farlink assume."""
    options = {key: fields.pop(key) for key in ("uri_path", "uri_query", "content_format", "location_path") if key in fields}
    message = Message(**fields)
    message.mid = 0x1234
    if message.code is not EMPTY:
        message.token = TOKEN
    for key, value in options.items():
        setattr(message.opt, key, value)
    return len(message.encode())


class Wire:
    """Takes what a client would send."""

    def __init__(self):
        self.client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id="c" * 23, protocol=mqtt.MQTTv311)
        self.client._sock = socket.socket()
        self.sent = []
        self.client._packet_queue = lambda command, packet, *rest, **named: self.sent.append(len(packet)) or mqtt.MQTT_ERR_SUCCESS

    def size(self, action):
        self.sent.clear()
        action(self.client)
        return sum(self.sent)


def main():
    objects = b'</>;rt="oma.lwm2m";ct=11542,</1/0>,</3/0>,</5/0>,</3303/0>'
    query = ("ep=urn:imei:123456789012345", "lt=86400", "lwm2m=1.1", "b=U", "Q")
    wire = Wire()
    rows = [
        ("coap-post-50", coap(_mtype=CON, code=POST, uri_path=("report",), payload=bytes(50))),
        ("coap-changed", coap(_mtype=ACK, code=CHANGED)),
        ("coap-changed-50", coap(_mtype=ACK, code=CHANGED, payload=bytes(50))),
        ("coap-empty", coap(_mtype=ACK, code=EMPTY)),
        ("lwm2m-register", coap(_mtype=CON, code=POST, uri_path=("rd",), content_format=40, uri_query=query, payload=objects)),
        ("lwm2m-registered", coap(_mtype=ACK, code=CREATED, location_path=("rd", "1a2b3c4d"))),
        ("lwm2m-update", coap(_mtype=CON, code=POST, uri_path=("rd", "1a2b3c4d"))),
        ("lwm2m-send-50", coap(_mtype=CON, code=POST, uri_path=("dp",), content_format=112, payload=bytes(50))),
        ("mqtt-connect", wire.size(lambda client: client._send_connect(60))),
        ("mqtt-publish-qos0-50", wire.size(lambda client: client._send_publish(1, b"t" * 16, bytes(50), 0))),
        ("mqtt-publish-qos1-50", wire.size(lambda client: client._send_publish(1, b"t" * 16, bytes(50), 1))),
        ("mqtt-publish-qos1-200", wire.size(lambda client: client._send_publish(1, b"t" * 16, bytes(200), 1))),
        ("mqtt-pingreq", wire.size(lambda client: client._send_pingreq())),
        ("mqtt-puback", wire.size(lambda client: client._send_puback(1))),
    ]
    print("# aiocoap 0.4.17, paho-mqtt 2.2.0; token of 4 bytes, topic of 16, client identifier of 23")
    print("message,bytes")
    for name, size in rows:
        print(f"{name},{size}")


main()
