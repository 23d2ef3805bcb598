#!/usr/bin/env python3
"""Oracle for src/orbit and src/geometry/earth.rs: python sgp4 2.27 and Skyfield 1.55 on invented objects.

Usage: orbits.py        write orbits.tle, orbits_states.csv, orbits_looks.csv and orbits_passes.csv beside this file

pip install sgp4==2.27 skyfield==1.55. Nothing is downloaded: Skyfield gets a time scale in which UT1 is UTC, and no polar motion.
The objects do not exist; what the columns mean stands in the first line of each file.
"""
from pathlib import Path

from sgp4.api import Satrec
from skyfield.api import EarthSatellite, load, wgs84

HERE = Path(__file__).parent
# name, epoch (year and day), inclination, node, eccentricity (7 digits), perigee, anomaly, revolutions per day, B*
OBJECTS = [
    ("INVENTED LOW", "25060.50000000", 53.05, 120.4321, "0001432", 87.6543, 272.4567, 15.06391204, " 12345-3"),
    ("INVENTED POLAR", "25059.91234567", 97.7612, 10.0, "0012345", 200.0, 160.0, 14.89123456, " 54321-4"),
    ("INVENTED OVAL", "25061.10000000", 62.5, 250.25, "0912345", 45.0, 320.0, 12.61234567, "-11606-4"),
    ("INVENTED HALF DAY", "25060.00000001", 63.4, 300.0, "6900000", 270.0, 10.0, 2.00612345, " 10000-3"),
    ("INVENTED FIXED", "25060.25000000", 0.0512, 80.0, "0002345", 100.0, 275.0, 1.00270123, " 00000+0"),
    ("INVENTED HIGH", "25060.75000000", 55.1, 200.0, "0004000", 30.0, 60.0, 1.86231456, " 00000+0"),
]
SITES = [("helsinki", 60.17, 24.94, 25.0), ("singapore", 1.35, 103.8, 0.0), ("la-paz", -16.5, -68.15, 3640.0)]
MINUTES = [0.0, 7.5, 93.25, 720.0, 1440.0, 4321.0]
MIN_ELEVATION = 10.0


def with_checksum(line):
    return line + str(sum(int(c) if c.isdigit() else c == "-" for c in line) % 10)


def lines(number, item):
    name, epoch, incl, node, ecc, perigee, anomaly, motion, drag = item
    first = f"1 {90001 + number}U 25001{chr(65 + number)}   {epoch}  .00000000  00000-0 {drag} 0  999"
    second = f"2 {90001 + number} {incl:8.4f} {node:8.4f} {ecc} {perigee:8.4f} {anomaly:8.4f} {motion:11.8f}    1"
    return name, with_checksum(first), with_checksum(second)


def write(name, rows):
    (HERE / name).write_text("\n".join(rows) + "\n")


def main():
    ts = load.timescale(delta_t=32.184 + 37.0)
    tles = [lines(number, item) for number, item in enumerate(OBJECTS)]
    write("orbits.tle", [line for tle in tles for line in tle])
    states = ["object,minutes,x_km,y_km,z_km,vx_km_s,vy_km_s,vz_km_s"]
    looks = ["object,site,latitude_deg,longitude_deg,altitude_m,utc,azimuth_deg,elevation_deg,range_km,range_rate_km_s"]
    passes = ["object,site,rise_utc,highest_utc,set_utc,highest_deg"]
    for name, first, second in tles:
        record = Satrec.twoline2rv(first, second)
        for minutes in MINUTES:
            # In minutes from the epoch, so that no digits are lost in a Julian date.
            error, r, v = record.sgp4_tsince(minutes)
            assert error == 0
            states.append(",".join([name, f"{minutes}"] + [f"{x:.9f}" for x in r] + [f"{x:.12f}" for x in v]))
        satellite = EarthSatellite(first, second, name, ts)
        for site, latitude, longitude, altitude in SITES:
            place = wgs84.latlon(latitude, longitude, altitude)
            for hour in range(0, 48, 5):
                t = ts.utc(2025, 3, 1, hour, 13, 21.5)
                position = (satellite - place).at(t)
                _, _, _, _, _, rate = position.frame_latlon_and_rates(place)
                elevation, azimuth, distance = position.altaz()
                row = [f"{azimuth.degrees:.6f}", f"{elevation.degrees:.6f}", f"{distance.km:.5f}", f"{rate.km_per_s:.7f}"]
                looks.append(",".join([name, site, f"{latitude}", f"{longitude}", f"{altitude}", t.utc_iso(places=3)] + row))
            found = satellite.find_events(place, ts.utc(2025, 3, 2), ts.utc(2025, 3, 3), altitude_degrees=MIN_ELEVATION)
            events = list(zip(*found))
            for (a, rise), (b, top), (c, fall) in zip(events, events[1:], events[2:]):
                if (rise, top, fall) == (0, 1, 2):
                    highest = (satellite - place).at(b).altaz()[0].degrees
                    times = [t.utc_iso(places=3) for t in (a, b, c)]
                    passes.append(",".join([name, site] + times + [f"{highest:.4f}"]))
    write("orbits_states.csv", states)
    write("orbits_looks.csv", looks)
    write("orbits_passes.csv", passes)


main()
