//! Tables and rules of the NB-IoT physical layer, with their clauses.

use crate::radio::channel::Resource;
use crate::radio::nbiot::config::{Category, Nprach};
use crate::units::{Hertz, SimDuration};

/// Transport block sizes in bits: `[I_TBS][I_RU or I_SF]`.
pub type BlockSizes = [[u32; 8]; 14];

/// NPUSCH format 1 (TS 36.213 table 16.5.1.2-2). Sizes above 1000 bits, and I_TBS 13, exist from Release 14 (Cat NB2).
pub const NPUSCH_TBS: BlockSizes = [
    [16, 32, 56, 88, 120, 152, 208, 256],
    [24, 56, 88, 144, 176, 208, 256, 344],
    [32, 72, 144, 176, 208, 256, 328, 424],
    [40, 104, 176, 208, 256, 328, 440, 568],
    [56, 120, 208, 256, 328, 408, 552, 680],
    [72, 144, 224, 328, 424, 504, 680, 872],
    [88, 176, 256, 392, 504, 600, 808, 1000],
    [104, 224, 328, 472, 584, 712, 1000, 1224],
    [120, 256, 392, 536, 680, 808, 1096, 1384],
    [136, 296, 456, 616, 776, 936, 1256, 1544],
    [144, 328, 504, 680, 872, 1000, 1384, 1736],
    [176, 376, 584, 776, 1000, 1192, 1608, 2024],
    [208, 440, 680, 1000, 1128, 1352, 1800, 2280],
    [224, 488, 744, 1032, 1256, 1544, 2024, 2536],
];

/// NPDSCH (TS 36.213 table 16.4.1.5.1-1). Sizes above 680 bits, and I_TBS 13, exist from Release 14 (Cat NB2).
pub const NPDSCH_TBS: BlockSizes = [
    [16, 32, 56, 88, 120, 152, 208, 256],
    [24, 56, 88, 144, 176, 208, 256, 344],
    [32, 72, 144, 176, 208, 256, 328, 424],
    [40, 104, 176, 208, 256, 328, 440, 568],
    [56, 120, 208, 256, 328, 408, 552, 680],
    [72, 144, 224, 328, 424, 504, 680, 872],
    [88, 176, 256, 392, 504, 600, 808, 1032],
    [104, 224, 328, 472, 584, 680, 968, 1224],
    [120, 256, 392, 536, 680, 808, 1096, 1352],
    [136, 296, 456, 616, 776, 936, 1256, 1544],
    [144, 328, 504, 680, 872, 1032, 1384, 1736],
    [176, 376, 584, 776, 1000, 1192, 1608, 2024],
    [208, 440, 680, 1000, 1128, 1352, 1800, 2280],
    [224, 488, 744, 1032, 1256, 1544, 2024, 2536],
];

/// Resource units (NPUSCH, TS 36.213 table 16.5.1.1-2) and subframes (NPDSCH, table 16.4.1.3-1) by their index.
pub const UNITS: [u32; 8] = [1, 2, 3, 4, 5, 6, 8, 10];

/// Largest uplink block, bits (TS 36.306 table 4.1C-2).
#[must_use]
pub const fn npusch_max_tbs(category: Category) -> u32 {
    if matches!(category, Category::Nb1) { 1000 } else { 2536 }
}

/// Largest downlink block, bits (TS 36.306 table 4.1C-1).
#[must_use]
pub const fn npdsch_max_tbs(category: Category) -> u32 {
    if matches!(category, Category::Nb1) { 680 } else { 2536 }
}

/// The most bytes that a terminal can mean by each index of a data volume report, 1 to 14, in Msg3 (TS 36.321 table 6.1.3.10-1; the
/// values are those of the NB-IoT scheduler of OpenAirInterface). The steps of buffer status reports lie twice as close.
pub const DATA_VOLUMES: [u32; 14] = [10, 14, 19, 26, 36, 49, 67, 91, 125, 171, 234, 321, 768, 1_500];

/// Bits of the cyclic redundancy check of a transport block (TS 36.212 clause 6.3.2).
pub const TRANSPORT_CRC: u32 = 24;

/// Bits of DCI format N0 or N1 and its check sequence (TS 36.212 clauses 6.4.3.1 and 6.4.3.2).
pub const DCI_BITS: u32 = 23 + 16;

/// NPUSCH repetitions (TS 36.213 table 16.5.1.1-3).
pub const NPUSCH_REPETITIONS: [u32; 8] = [1, 2, 4, 8, 16, 32, 64, 128];

/// NPDSCH repetitions (TS 36.213 table 16.4.1.3-2).
pub const NPDSCH_REPETITIONS: [u32; 16] = [1, 2, 4, 8, 16, 32, 64, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048];

/// I_TBS of a single-tone NPUSCH by I_MCS (TS 36.213 table 16.5.1.2-1).
pub const SINGLE_TONE_I_TBS: [usize; 11] = [0, 2, 1, 3, 4, 5, 6, 7, 8, 9, 10];

/// Bits per symbol of a single-tone NPUSCH: π/2-BPSK for I_MCS 0 and 1, π/4-QPSK above (same table).
#[must_use]
pub const fn single_tone_bits_per_symbol(i_mcs: usize) -> u32 {
    if i_mcs < 2 { 1 } else { 2 }
}

/// Rows of the NPUSCH table for several tones, I_TBS = I_MCS, QPSK (TS 36.213 clause 16.5.1.2), and of the NPDSCH table
/// outside LTE carriers (clause 16.4.1.5.1). The last is for Cat NB2.
#[must_use]
pub const fn block_rows(category: Category) -> usize {
    if matches!(category, Category::Nb1) { 13 } else { 14 }
}

/// How an NPUSCH format 1 uses its band.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tones {
    /// One subcarrier of 3.75 kHz.
    One3_75,
    /// One subcarrier of 15 kHz.
    One15,
    /// Three subcarriers of 15 kHz.
    Three,
    /// Six subcarriers of 15 kHz.
    Six,
    /// All twelve subcarriers of 15 kHz.
    Twelve,
}

impl Tones {
    /// How many there are.
    #[must_use]
    pub const fn count(self) -> usize {
        match self {
            Tones::One3_75 | Tones::One15 => 1,
            Tones::Three => 3,
            Tones::Six => 6,
            Tones::Twelve => 12,
        }
    }

    /// Length of a resource unit in milliseconds (TS 36.211 table 10.1.2.3-1).
    #[must_use]
    pub const fn resource_unit_ms(self) -> u32 {
        match self {
            Tones::One3_75 => 32,
            Tones::One15 => 8,
            Tones::Three => 4,
            Tones::Six => 2,
            Tones::Twelve => 1,
        }
    }

    /// Occupied bandwidth.
    #[must_use]
    pub const fn bandwidth(self) -> Hertz {
        match self {
            Tones::One3_75 => Hertz(3_750.0),
            Tones::One15 => Hertz(15_000.0),
            Tones::Three => Hertz(45_000.0),
            Tones::Six => Hertz(90_000.0),
            Tones::Twelve => Hertz(180_000.0),
        }
    }

    /// Symbols that carry data in one resource unit: six of the seven of each slot, the other is the reference signal
    /// (TS 36.211 clause 10.1.4). Single tone: 16 slots; 3, 6, 12 tones: 8, 4, 2 slots.
    #[must_use]
    pub const fn data_symbols(self) -> u32 {
        match self {
            Tones::One3_75 | Tones::One15 => 6 * 16,
            Tones::Three => 6 * 8 * 3,
            Tones::Six => 6 * 4 * 6,
            Tones::Twelve => 6 * 2 * 12,
        }
    }
}

/// Airtime of an NPUSCH format 1: N_RU × T_RU × repetitions, in milliseconds.
#[must_use]
pub const fn npusch_airtime_ms(tones: Tones, units: u32, repetitions: u32) -> u32 {
    units * tones.resource_unit_ms() * repetitions
}

/// Silence in an NPUSCH of that airtime: 40 ms after each 256 ms of transmission that another follows (TS 36.211
/// clause 10.1.3.6).
#[must_use]
pub const fn npusch_gaps_ms(airtime_ms: u32) -> u32 {
    airtime_ms.saturating_sub(1) / 256 * 40
}

/// Airtime of an NPUSCH format 2, the acknowledgement: 4 slots, in milliseconds, before repetitions.
#[must_use]
pub const fn acknowledgement_ms(tones: Tones) -> u32 {
    if matches!(tones, Tones::One3_75) { 8 } else { 2 }
}

/// Symbols per subframe that carry NPDSCH or NPDCCH, by deployment (TS 36.211 clause 10.2): 152 of 168 without LTE
/// signals (16 narrowband reference symbols, two ports), 104 in an LTE carrier with three control symbols and two LTE
/// antenna ports.
#[must_use]
pub const fn downlink_symbols(in_band: bool) -> u32 {
    if in_band { 104 } else { 152 }
}

/// Period of MIB-NB: eight blocks of 80 ms, each repeated eight times (TS 36.211 clause 10.2.4).
pub const MIB_PERIOD_MS: u32 = 640;

/// Period of SIB1-NB (TS 36.331 clause 5.2.1.2a).
pub const SIB1_PERIOD_MS: u32 = 2_560;

/// Whether an anchor carrier sends NPBCH (subframe 0 of each frame), NPSS (subframe 5) or NSSS (subframe 9 of even
/// frames) in the subframe that begins at `ms` (TS 36.211 clauses 10.2.4 and 10.2.7).
#[must_use]
pub const fn is_anchor_signal(ms: u32) -> bool {
    matches!(ms % 20, 0 | 5 | 9 | 10 | 15)
}

/// Whether it sends SIB1-NB: in subframe 4 of every other of 16 frames, as often as repeated in the period (TS 36.213
/// clause 16.4.1.3).
#[must_use]
pub const fn is_sib1(ms: u32, repetitions: u32) -> bool {
    let frame = ms % SIB1_PERIOD_MS / 10;
    let spacing = SIB1_PERIOD_MS / 10 / repetitions;
    ms % 20 == 4 && frame % spacing < 16
}

/// Length of one preamble repetition: four symbol groups of a cyclic prefix (66.67 or 266.67 µs) and five symbols of
/// 266.67 µs (TS 36.211 table 10.1.6.1-1).
#[must_use]
pub const fn preamble_repetition(format: u32) -> SimDuration {
    SimDuration::from_micros(if format == 0 { 5_600 } else { 6_400 })
}

/// Transmission time of a preamble.
#[must_use]
pub fn preamble_airtime(nprach: &Nprach) -> SimDuration {
    preamble_repetition(nprach.format) * u64::from(nprach.repetitions)
}

/// From start to end of a preamble: 40 ms of silence after each 64 repetitions that others follow (TS 36.211
/// clause 10.1.6.1).
#[must_use]
pub fn preamble_span(nprach: &Nprach) -> SimDuration {
    let gaps = nprach.repetitions.saturating_sub(1) / 64;
    preamble_airtime(nprach) + SimDuration::from_millis(40) * u64::from(gaps)
}

/// The name of the channel that a resource stands for (TS 36.211 clause 10).
#[must_use]
pub fn channel_name(resource: Resource) -> &'static str {
    match resource {
        Resource::None => "",
        Resource::Preamble => "NPRACH",
        Resource::Grant => "NPDCCH",
        Resource::Down => "NPDSCH",
        Resource::Up => "NPUSCH-1",
        Resource::Acknowledgement => "NPUSCH-2",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn airtime_of_long_blocks() {
        // B2: one tone of 15 kHz, ten resource units, 32 repetitions: 2560 ms and nine gaps.
        let airtime = npusch_airtime_ms(Tones::One15, 10, 32);
        assert_eq!((airtime, npusch_gaps_ms(airtime)), (2_560, 360));
        assert_eq!((npusch_gaps_ms(256), npusch_gaps_ms(257)), (0, 40));
        // FRC A16-1 of TS 36.104: two resource units of 3.75 kHz last 64 ms.
        assert_eq!(npusch_airtime_ms(Tones::One3_75, 2, 1), 64);
    }

    #[test]
    fn several_tones_are_sent_in_resource_units_of_144_symbols() {
        // TS 36.211 table 10.1.2.3-1: slots of 0.5 ms and subcarriers of a unit; seven symbols each, one of them a pilot.
        let units = [(Tones::One15, 16, 1), (Tones::Three, 8, 3), (Tones::Six, 4, 6), (Tones::Twelve, 2, 12)];
        for (tones, slots, subcarriers) in units {
            assert_eq!((tones.resource_unit_ms(), tones.count()), (slots / 2, subcarriers as usize));
            assert_eq!(tones.data_symbols(), subcarriers * slots * (7 - 1));
            assert_eq!(tones.bandwidth().0, 15e3 * f64::from(subcarriers));
            let several = subcarriers > 1;
            assert!(!several || tones.data_symbols() == 144);
        }
        // B3: 1000 bits in four resource units of twelve tones, 250 kbit/s while it lasts.
        assert_eq!((NPUSCH_TBS[12][3], npusch_airtime_ms(Tones::Twelve, UNITS[3], 1)), (1_000, 4));
    }

    #[test]
    fn preamble_of_128_repetitions() {
        // B5: 716.8 ms of transmission and one gap after 64 repetitions.
        let nprach = Nprach {
            period: SimDuration::from_millis(2_560),
            start: SimDuration::from_millis(8),
            subcarriers: 12,
            subcarrier_offset: 0,
            repetitions: 128,
            format: 0,
            attempts: 3,
        };
        assert_eq!(preamble_airtime(&nprach), SimDuration(716_800));
        assert_eq!(preamble_span(&nprach), SimDuration(756_800));
        assert_eq!(preamble_span(&Nprach { repetitions: 32, ..nprach }), SimDuration(179_200));
    }

    #[test]
    fn broadcast_takes_a_quarter_of_an_anchor_carrier() {
        // B6: NPBCH, NPSS and NSSS; MIB-NB every 640 ms, SIB1-NB every 2560 ms.
        let share = |taken: &dyn Fn(u32) -> bool| {
            f64::from((0..SIB1_PERIOD_MS).filter(|&ms| taken(ms)).count() as u32) / f64::from(SIB1_PERIOD_MS)
        };
        assert_eq!(share(&is_anchor_signal), 0.25);
        assert_eq!(MIB_PERIOD_MS, 8 * 80);
        // Eight subframes per repetition.
        for repetitions in [4, 8, 16] {
            assert_eq!(share(&|ms| is_sib1(ms, repetitions)), f64::from(8 * repetitions) / 2_560.0);
            assert!((0..SIB1_PERIOD_MS).all(|ms| !(is_sib1(ms, repetitions) && is_anchor_signal(ms))));
        }
    }

    #[test]
    fn block_sizes_keep_their_pattern() {
        for table in [NPUSCH_TBS, NPDSCH_TBS] {
            assert!(table.iter().all(|row| row.is_sorted()), "sizes grow with resource units");
            assert!((0..8).all(|i| table[..13].iter().is_sorted_by_key(|row| row[i])), "sizes grow with I_TBS");
            assert!(table.iter().flatten().all(|bits| bits % 8 == 0));
        }
        // B3: the instantaneous peaks of Cat NB1 in kbit/s.
        assert_eq!(f64::from(NPDSCH_TBS[12][2]) / 3.0, 680.0 / 3.0);
        assert_eq!(NPUSCH_TBS[12][3] / 4, 250);
        // Cat NB2 adds 14 sizes to the first 13 rows of NPUSCH and 26 to those of NPDSCH, and a row with the largest: 10 units
        // of 12 tones or 10 subframes.
        let added = |table: BlockSizes, most: u32| table[..13].iter().flatten().filter(|&&bits| bits > most).count();
        assert_eq!(added(NPUSCH_TBS, npusch_max_tbs(Category::Nb1)), 14);
        assert_eq!(added(NPDSCH_TBS, npdsch_max_tbs(Category::Nb1)), 26);
        assert_eq!([NPUSCH_TBS[13], NPDSCH_TBS[13]], [[224, 488, 744, 1_032, 1_256, 1_544, 2_024, 2_536]; 2]);
        assert_eq!([npusch_max_tbs(Category::Nb2), npdsch_max_tbs(Category::Nb2)], [NPUSCH_TBS[13][7]; 2]);
        // Of all sizes, so that none is mistyped.
        assert_eq!([NPUSCH_TBS, NPDSCH_TBS].map(|table| table.iter().flatten().sum::<u32>()), [64_720, 64_688]);
        // Msg3 has 88 bits: one, three and four resource units (RAR grant, TS 36.213 table 16.3.3-1).
        assert_eq!([NPUSCH_TBS[0][3], NPUSCH_TBS[1][2], NPUSCH_TBS[6][0]], [88, 88, 88]);
    }
}
