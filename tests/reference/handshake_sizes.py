#!/usr/bin/env python3
"""Flights of DTLS 1.2 and TLS 1.3 handshakes between `openssl s_client` and `openssl s_server`, as they pass a relay.

Usage: handshake_sizes.py > handshake_sizes.csv

A flight is everything that goes one way until something goes the other way. Sizes are bytes of records, without UDP or TCP
and IP. The server sends no session tickets.
ECDSA signatures differ in length by a few bytes from run to run.
Needs the program `openssl` and the standard library.
"""
import os
import select
import socket
import subprocess
import tempfile
import time

KEY = "000102030405060708090a0b0c0d0e0f"
PSK12 = ["-psk", KEY, "-psk_identity", "urn:imei:123456789012345", "-cipher", "PSK-AES128-CCM8:@SECLEVEL=0"]
CERT12 = ["-cipher", "ECDHE-ECDSA-AES128-CCM8:@SECLEVEL=0"]
PSK13 = ["-psk", KEY, "-psk_identity", "urn:imei:123456789012345", "-ciphersuites", "TLS_AES_128_CCM_SHA256:TLS_AES_128_GCM_SHA256"]


def free_port(kind):
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def stop(process):
    process.terminate()
    process.wait()


def relay(kind, server_port, client_args, seconds=1.5):
    """Runs the client through a relay; returns [(direction, bytes)] in the order of passing."""
    passed = []
    listener = socket.socket(socket.AF_INET, kind)
    listener.bind(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    if kind == socket.SOCK_STREAM:
        listener.listen()
    client = subprocess.Popen(["openssl", "s_client", "-connect", f"127.0.0.1:{port}"] + client_args,
                              stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    up = socket.socket(socket.AF_INET, kind)
    up.connect(("127.0.0.1", server_port))
    if kind == socket.SOCK_STREAM:
        down, _ = listener.accept()
    else:
        down = listener
    peer, begin, handshake = None, time.time(), None
    while time.time() < begin + seconds:
        if handshake is None and time.time() > begin + seconds / 2:
            handshake = len(passed)  # what follows is the closing, after which the server takes the next client
            client.stdin.close()
        for ready in select.select([up, down], [], [], 0.1)[0]:
            if ready is down:
                data, address = down.recvfrom(65536)
                peer = address or peer
                passed.append(("up", len(data)))
                up.send(data)
            else:
                data = up.recv(65536)
                passed.append(("down", len(data)))
                if kind == socket.SOCK_STREAM:
                    down.send(data)
                elif peer:
                    down.sendto(data, peer)
    stop(client)
    for open_socket in (up, down, listener):
        open_socket.close()
    return [(way, size) for way, size in passed[:handshake] if size]


def flights(passed):
    merged = []
    for way, size in passed:
        if merged and merged[-1][0] == way:
            merged[-1][1] += size
        else:
            merged.append([way, size])
    return merged


def run(name, kind, server_args, client_args, resumed_name=None):
    port = free_port(kind)
    server = subprocess.Popen(["openssl", "s_server", "-port", str(port), "-quiet", "-no_ticket"] + server_args,
                              stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(0.5)
    with tempfile.TemporaryDirectory() as folder:
        session = os.path.join(folder, "session")
        rows = [(name, relay(kind, port, client_args + ["-sess_out", session]))]
        if resumed_name:
            rows.append((resumed_name, relay(kind, port, client_args + ["-sess_in", session])))
    stop(server)
    for label, passed in rows:
        for number, (way, size) in enumerate(flights(passed)):
            print(f"{label},{number + 1},{way},{size}")


def main():
    version = subprocess.run(["openssl", "version"], capture_output=True, text=True, check=True).stdout.strip()
    print(f"# {version}; certificate: ECDSA P-256, self-signed, one name")
    print("handshake,flight,direction,bytes")
    with tempfile.TemporaryDirectory() as folder:
        key, certificate = os.path.join(folder, "key.pem"), os.path.join(folder, "cert.pem")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj",
                        "/CN=server.example.com", "-days", "365", "-keyout", key, "-out", certificate], check=True,
                       capture_output=True)
        own = ["-key", key, "-cert", certificate]
        udp, tcp = socket.SOCK_DGRAM, socket.SOCK_STREAM
        run("dtls1.2-psk-ccm8", udp, ["-dtls1_2", "-nocert"] + PSK12, ["-dtls1_2"] + PSK12, "dtls1.2-psk-ccm8-resumed")
        run("dtls1.2-ecdhe-ecdsa-ccm8", udp, ["-dtls1_2", "-listen"] + own + CERT12, ["-dtls1_2"] + CERT12)
        run("tls1.3-psk", tcp, ["-tls1_3", "-nocert"] + PSK13, ["-tls1_3"] + PSK13)
        run("tls1.3-ecdsa", tcp, ["-tls1_3"] + own, ["-tls1_3"])


main()
