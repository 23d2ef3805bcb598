#!/usr/bin/env python3
"""Oracle for src/propagation/error_rate.rs: the same model, computed the long way.

Usage: error_rate.py            print block error probabilities as CSV (stored as error_rate.csv)
       error_rate.py fit        print where the three points of TS 36.104 8.5.1 land for several constants (error_rate_fit.txt)

The long way means: mutual information and its variance by quadrature for the very SINR that is asked, the fade integrated
directly over its density, and no thresholds, no inverse functions, no interpolation. Standard library only.
"""
import math
import sys
from functools import lru_cache

COHERENCE_S = 0.25     # exponential correlation time of the power of a 1 Hz Clarke channel
PILOT_SHARE = 1 / 6    # pilot symbols for one data symbol
WINDOW_S = 0.004       # channel estimates average over so long ...
AT_LEAST = 8           # ... and over so many pilots at least
LOSS_DB = 1.3          # implementation loss
EXPONENT = 2           # how often the estimation loss 1 + 1/x is paid


def q_function(x):
    return 0.5 * math.erfc(x / math.sqrt(2))


@lru_cache(maxsize=200_000)
def pam(levels, snr):
    """Mutual information in bits and its variance (nats squared turned to bits squared) of equiprobable PAM, one real dimension.

    The constellation has unit power, the noise the variance 1/snr. Midpoint rule over the noise, +-8 sigma, 400 steps.
    """
    scale = math.sqrt(3 / (levels * levels - 1))
    points = [scale * (2 * i - levels + 1) for i in range(levels)]
    root = math.sqrt(snr)
    step, first, second = 16 / 400, 0.0, 0.0
    for sent in points:
        for i in range(400):
            z = -8 + (i + 0.5) * step
            weight = math.exp(-z * z / 2) / math.sqrt(2 * math.pi) * step / levels
            total = sum(math.exp((z * z - (z + root * (sent - x)) ** 2) / 2) for x in points)
            info = math.log2(levels / total)
            first += weight * info
            second += weight * info * info
    return first, max(second - first * first, 0.0)


def rate(bits_per_symbol, snr):
    """Information per complex symbol and its variance: BPSK fills one real dimension, the others two."""
    if bits_per_symbol == 1:
        return pam(2, 2 * snr)
    info, variance = pam(2 ** (bits_per_symbol // 2), snr)
    return 2 * info, 2 * variance


def rounded(snr):
    """SNR on a grid of 0.02 dB, so that the cache is of use."""
    return 10 ** (round(10 * math.log10(snr) / 0.02) * 0.02 / 10)


def word_error(symbols, bits, bits_per_symbol, snr):
    info, variance = rate(bits_per_symbol, rounded(snr))
    margin = symbols * info - bits + 0.5 * math.log2(symbols)
    return q_function(margin / math.sqrt(max(symbols * variance, 1e-9)))


def effective(y, pilots, gain):
    """SINR that counts after losses; y is the faded SINR of one antenna, gain the margin less the implementation loss."""
    x = pilots * y * gain
    return min(y, y * gain * (x / (1 + x)) ** EXPONENT)


@lru_cache
def shape(antennas, airtime, transmissions, interval):
    """Shape of the Gamma distribution of the mean fade: antennas times the effective number of fades in time.

    The variance of the mean power over the transmissions, by the plain double sum over short slices.
    """
    slices = 100 + math.ceil(airtime / COHERENCE_S * 20)
    dt = airtime / slices
    times = [j * (airtime + interval) + (i + 0.5) * dt for j in range(transmissions) for i in range(slices)]
    total = sum(math.exp(-abs(a - b) / COHERENCE_S) for a in times for b in times)
    return antennas * len(times) ** 2 / total


def failure_once(sinr_db, antennas, margin_db, block, transmissions, interval):
    bits, symbols, bits_per_symbol, repetitions, airtime = block
    gain = 10 ** ((margin_db - LOSS_DB) / 10)
    pilots = PILOT_SHARE * symbols * repetitions
    pilots = min(pilots, max(AT_LEAST, pilots * WINDOW_S / airtime))
    sinr = 10 ** (sinr_db / 10)
    k = shape(antennas, airtime, transmissions, interval)
    sigma = math.sqrt(1 / k)
    total, steps = 0.0, 1000
    low, high = math.log(1e-7) / min(k, 8) * 3, math.log(1 + 9 * sigma + 12 / k)
    dt = (high - low) / steps
    for i in range(steps):
        t = low + (i + 0.5) * dt
        g = math.exp(t)
        density = math.exp(k * math.log(k) + k * t - k * g - math.lgamma(k))
        if density < 1e-14:
            continue
        combined = antennas * repetitions * transmissions * effective(sinr * g, pilots, gain)
        total += dt * density * (1.0 if combined < 1e-6 else word_error(symbols, bits, bits_per_symbol, combined))
    # what lies below the grid fails
    x, term, series, n = k * math.exp(low), 1 / k, 1 / k, k
    while term > 1e-16 * series:
        n += 1
        term *= x / n
        series += term
    return min(1.0, total + series * math.exp(-x + k * math.log(x) - math.lgamma(k)))


def failure(sinr_db, antennas, margin_db, block, transmissions, interval):
    """What was decoded once stays decoded."""
    return min(failure_once(sinr_db, antennas, margin_db, block, j, interval) for j in range(1, transmissions + 1))


def throughput(sinr_db, block, interval=0.032):
    f = [failure(sinr_db, 2, 0.0, block, j, interval) for j in range(1, 5)]
    return (1 - f[3]) / (1 + f[0] + f[1] + f[2]), f[0]


A16_1 = [(-1.9, (56, 192, 1, 1, 0.064)), (-9.2, (56, 192, 1, 16, 1.024)), (-12.2, (56, 192, 1, 64, 4.096))]


def reached(block, interval=0.032):
    """SINR at which the throughput is 70 %."""
    low, high = -30.0, 15.0
    while high - low > 0.01:
        mid = (low + high) / 2
        low, high = (mid, high) if throughput(mid, block, interval)[0] < 0.7 else (low, mid)
    return high


def fit():
    global EXPONENT, AT_LEAST, LOSS_DB
    for EXPONENT in (1, 2):
        for AT_LEAST in (2, 4, 8, 12):
            for interval in (0.032, 0.3):
                LOSS_DB = 0.0
                excess = [want - reached(block, interval) for want, block in A16_1]
                LOSS_DB = (max(excess) + min(excess)) / 2
                lands = [reached(block, interval) for _, block in A16_1]
                print(f"exponent {EXPONENT}, pilots {AT_LEAST:2}, retransmission after {interval * 1e3:3.0f} ms: best loss "
                      f"{LOSS_DB:5.2f} dB, then at " + ", ".join(f"{x:.2f}" for x in lands)
                      + f"; largest miss {max(abs(x - w) for x, (w, _) in zip(lands, A16_1)):.2f} dB")


def table():
    print("sinr_db,antennas,margin_db,bits,symbols,bits_per_symbol,repetitions,airtime_ms,transmissions,interval_ms,failure")
    blocks = [(56, 192, 1, 1, 0.064), (56, 192, 1, 16, 1.024), (944, 960, 2, 8, 2.56), (1024, 1440, 2, 1, 0.010),
              (39, 152, 2, 32, 0.032), (704, 1520, 2, 128, 1.28), (424, 288, 4, 1, 0.002)]
    for block in blocks:
        for sinr in (-14.0, -9.0, -4.0, 1.0, 6.0, 12.0, 20.0):
            for antennas, margin, transmissions, interval in ((2, 0.0, 1, 0.04), (1, 3.0, 1, 0.04), (2, 1.5, 3, 0.04), (1, 0.0, 2, 2.0)):
                p = failure(sinr, antennas, margin, block, transmissions, interval)
                if 1e-7 < p < 0.9999:
                    print(f"{sinr},{antennas},{margin},{block[0]},{block[1]},{block[2]},{block[3]},{block[4] * 1e3:g},"
                          f"{transmissions},{interval * 1e3:g},{p:.6e}")


if __name__ == "__main__":
    fit() if sys.argv[1:] == ["fit"] else table()
