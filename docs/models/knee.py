#!/usr/bin/env python3
"""Finds the knee of one NB-IoT carrier: runs scenarios/one-sector.yaml under growing load and several choices of overhead.

Writes knee.csv and knee.svg beside itself. Run from the root of the repository after `cargo build --release`:
    python3 docs/models/knee.py
"""
import csv
import json
import subprocess
import tempfile
from pathlib import Path

PROGRAM = "target/release/farlink"
TERMINALS = 157_641  # of the scenario, on three sectors
REPORTS_PER_DAY = 11.2  # of a terminal
FACTORS = [0.25, 0.5, 0.75, 1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.8, 2, 2.5, 3]
NETWORK = "networks.london.nb-iot."
GROUP = "groups.households."
CHOICES = {
    "service request": [f"{NETWORK}connection=service-request"],
    "resume, one tone, no history": [f"{NETWORK}multi_tone=false", f"{NETWORK}adaptation=level"],
    "control plane": [f"{NETWORK}connection=control-plane"],
    "resume": [],
    "resume, 29 bytes of headers": [f"{GROUP}traffic.tr45820-reports.overhead_bytes=29"],
    "early data, 29 bytes of headers": [
        f"{GROUP}traffic.tr45820-reports.overhead_bytes=29",
        f"{NETWORK}early_data.enabled=true",
    ],
}
COLORS = ["#000000", "#E69F00", "#56B4E9", "#009E73", "#0072B2", "#D55E00"]


def run(settings, factor):
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        command = [PROGRAM, "run", "scenarios/one-sector.yaml", "--out", str(out), "--quiet"]
        for setting in [f"{GROUP}count={round(TERMINALS * factor)}", "duration=4h", "warmup=1h", *settings]:
            command += ["--set", setting]
        done = subprocess.run(command, capture_output=True, text=True)
        if not (out / "summary.json").exists():
            raise SystemExit(done.stderr)
        summary = json.loads((out / "summary.json").read_text())
    results = summary["groups"]["households"]["all"]
    network = summary["networks"]["london"]
    access = network["access"]
    # The share of messages that radio can help: terminals without coverage are no matter of load.
    lost = results["messages"]["lost"]
    ended = results["messages"]["delivered"] + sum(lost.values()) - lost["no-coverage"]
    return {
        "reports_per_second": round(TERMINALS * factor * REPORTS_PER_DAY / 86_400 / 3, 2),
        "loss": 1 - results["messages"]["delivered"] / max(ended, 1),
        "latency_p99_s": results["latency_s"]["p99"],
        "downlink": network["downlink"]["mean"],
        "uplink": network["uplink"]["mean"],
        "collided": max(level["collision_ratio"] or 0 for level in access),
        "unanswered": max(level["unanswered"] / max(level["attempts"], 1) for level in access),
    }


def plot(rows):
    width, height, left, top, plot_width, plot_height = 720, 420, 70, 20, 430, 340
    most = max(row["reports_per_second"] for row in rows)
    x = lambda rate: left + plot_width * rate / most
    y = lambda value: top + plot_height * (1 - min(value, 1))
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" font-family="sans-serif" font-size="12">']
    out.append(f'<rect width="{width}" height="{height}" fill="white"/>')
    for share in (0, 0.25, 0.5, 0.75, 1):
        out.append(f'<path d="M{left} {y(share)}h{plot_width}" stroke="#ddd"/>')
        out.append(f'<text x="{left - 8}" y="{y(share) + 4}" text-anchor="end">{share:.0%}</text>')
    step = 10
    for rate in range(0, int(most) + 1, step):
        out.append(f'<path d="M{x(rate)} {top + plot_height}v5" stroke="black"/>')
        out.append(f'<text x="{x(rate)}" y="{top + plot_height + 18}" text-anchor="middle">{rate}</text>')
    out.append(f'<path d="M{x(6.81)} {top}v{plot_height}" stroke="#888" stroke-dasharray="4"/>')
    out.append(f'<text x="{x(6.81) + 4}" y="{top + 12}" fill="#555">TR 45.820: 6.81/s</text>')
    middle = left + plot_width / 2
    out.append(f'<text x="{middle}" y="{height - 12}" text-anchor="middle">reports per second on one carrier</text>')
    title = f'translate(16 {top + plot_height / 2}) rotate(-90)'
    out.append(f'<text transform="{title}" text-anchor="middle">messages lost (line), downlink booked (dashes)</text>')
    for number, name in enumerate(CHOICES):
        points = [row for row in rows if row["choice"] == name]
        for key, dash in (("loss", ""), ("downlink", ' stroke-dasharray="2 4"')):
            path = " ".join(f'{x(row["reports_per_second"]):.1f},{y(row[key]):.1f}' for row in points)
            out.append(f'<polyline points="{path}" fill="none" stroke="{COLORS[number]}" stroke-width="2"{dash}/>')
        at = top + 40 + 22 * number
        out.append(f'<path d="M{left + plot_width + 14} {at}h22" stroke="{COLORS[number]}" stroke-width="3"/>')
        out.append(f'<text x="{left + plot_width + 42}" y="{at + 4}">{name}</text>')
    return "\n".join(out) + "\n</svg>\n"


def main():
    here, rows = Path(__file__).parent, []
    for name, settings in CHOICES.items():
        for factor in FACTORS:
            rows.append({"choice": name, **run(settings, factor)})
            print(rows[-1], flush=True)
            if rows[-1]["loss"] > 0.5:
                break
    with open(here / "knee.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows({key: f"{value:.4g}" if isinstance(value, float) else value for key, value in row.items()} for row in rows)
    (here / "knee.svg").write_text(plot(rows))


main()
