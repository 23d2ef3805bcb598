//! Link adaptation within a coverage level: how fast the blocks of one terminal are sent.
//!
//! A base station knows the level of a terminal and what became of its earlier blocks, and not its ratio. This is the one
//! place for a policy: the executor asks [`Adaptation::step`] before a block and tells [`Adaptation::learn`] what became of
//! it, and nothing else depends on how steps are chosen.

/// Most steps above the scheme of a level's edge.
pub const MOST_STEPS: usize = 4;

/// Most successes before a climb that a network can be set to.
pub const MOST_SUCCESSES: u32 = 15;

/// How a base station chooses among the schemes of a level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Adaptation {
    /// Each block is sent as the edge of the level needs it.
    Level,
    /// By the fate of first transmissions, a loop outside of HARQ: so many that arrive make the next block one step faster,
    /// one that is lost makes it one step slower.
    ///
    /// Every fall above the slowest scheme needs a climb before it, so at most one first transmission in
    /// `climb_after + 1` is lost there, on whatever link.
    HarqHistory {
        /// First transmissions in a row that must arrive before a climb, 1 to [`MOST_SUCCESSES`].
        climb_after: u8,
    },
}

/// What a base station remembers of the blocks of one terminal in one direction.
///
/// It belongs to the terminal's context, which a suspended connection leaves at the base station (TS 36.300 clause 7.3b).
/// Two bits for the level, six for the successes that count, plus one; zero means that nothing has been recorded yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct History(u8);

/// What became of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Its first transmission arrived.
    Arrived,
    /// Its first transmission was lost.
    Lost,
    /// All its transmissions were lost.
    GivenUp,
}

impl History {
    const SUCCESSES: u8 = 0b11_1111;

    fn new(level: usize, successes: usize) -> History {
        debug_assert!(successes < usize::from(Self::SUCCESSES), "they fit into six bits");
        History(((level & 3) as u8) << 6 | (successes as u8 + 1))
    }

    fn level(self) -> usize {
        usize::from(self.0 >> 6)
    }

    fn successes(self) -> usize {
        usize::from(self.0 & Self::SUCCESSES).saturating_sub(1)
    }
}

impl Adaptation {
    /// How many steps above the scheme of the edge of `level` the next block is sent, at most `most`.
    ///
    /// A terminal that comes from another level starts at the edge. For one of whom nothing is recorded, because its
    /// history lies before the start of the run, `settled` says which step keeps first losses within a share: where the
    /// loop would have taken it.
    pub fn step(self, history: &mut History, level: usize, most: usize, settled: impl FnOnce(f64) -> usize) -> usize {
        let Adaptation::HarqHistory { climb_after } = self else { return 0 };
        let climb_after = usize::from(climb_after);
        if *history == History::default() {
            let step = settled(1.0 / (climb_after as f64 + 1.0)).min(most);
            *history = History::new(level, step * climb_after);
        } else if history.level() != level & 3 {
            *history = History::new(level, 0);
        }
        (history.successes() / climb_after).min(most)
    }

    /// Records what became of a block that went out by [`Adaptation::step`].
    pub fn learn(self, history: &mut History, most: usize, fate: Fate) {
        let Adaptation::HarqHistory { climb_after } = self else { return };
        let climb_after = usize::from(climb_after);
        let successes = match fate {
            Fate::Arrived => (history.successes() + 1).min(most * climb_after),
            Fate::Lost => (history.successes() / climb_after).saturating_sub(1) * climb_after,
            Fate::GivenUp => 0,
        };
        *history = History::new(history.level(), successes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The slow twin: a step, and the successes on it.
    #[derive(Clone, Copy, Debug, Default, PartialEq)]
    struct Loop {
        step: usize,
        in_a_row: u8,
    }

    impl Loop {
        fn learn(&mut self, climb_after: u8, most: usize, fate: Fate) {
            match fate {
                Fate::Arrived => {
                    self.in_a_row += 1;
                    if self.in_a_row == climb_after {
                        *self = Loop { step: (self.step + 1).min(most), in_a_row: 0 };
                    } else if self.step == most {
                        self.in_a_row = 0;
                    }
                }
                Fate::Lost => *self = Loop { step: self.step.max(1) - 1, in_a_row: 0 },
                Fate::GivenUp => *self = Loop::default(),
            }
        }
    }

    fn fates() -> impl Strategy<Value = Vec<Fate>> {
        let fate = prop_oneof![10 => Just(Fate::Arrived), 4 => Just(Fate::Lost), 1 => Just(Fate::GivenUp)];
        prop::collection::vec(fate, 1..300)
    }

    proptest! {
        #[test]
        fn one_number_does_what_two_do(
            fates in fates(),
            climb_after in 1..=MOST_SUCCESSES as u8,
            most in 1..=MOST_STEPS,
            level in 0..4usize,
        ) {
            let adaptation = Adaptation::HarqHistory { climb_after };
            let (mut history, mut slow) = (History::default(), Loop::default());
            for fate in fates {
                prop_assert_eq!(adaptation.step(&mut history, level, most, |_| 0), slow.step);
                adaptation.learn(&mut history, most, fate);
                slow.learn(climb_after, most, fate);
            }
        }

        /// The promise of the policy, whatever the link does: above the slowest scheme, no more than one lost first
        /// transmission per climb, and each climb costs `climb_after` that arrived.
        #[test]
        fn first_losses_stay_below_their_share(fates in fates(), climb_after in 1..=MOST_SUCCESSES as u8) {
            let adaptation = Adaptation::HarqHistory { climb_after };
            let (mut history, mut arrived, mut lost) = (History::default(), 0, 0);
            for fate in fates.into_iter().filter(|&fate| fate != Fate::GivenUp) {
                let step = adaptation.step(&mut history, 0, MOST_STEPS, |_| 0);
                arrived += u32::from(fate == Fate::Arrived);
                lost += u32::from(fate == Fate::Lost && step > 0);
                adaptation.learn(&mut history, MOST_STEPS, fate);
            }
            prop_assert!(lost * u32::from(climb_after) <= arrived);
        }
    }

    #[test]
    fn a_terminal_starts_where_the_loop_would_be_and_at_the_edge_of_another_level() {
        let adaptation = Adaptation::HarqHistory { climb_after: 3 };
        let mut history = History::default();
        let settled = |share: f64| {
            assert_eq!(share, 0.25);
            7
        };
        assert_eq!(adaptation.step(&mut history, 1, 4, settled), 4, "no more than there are");
        assert_eq!(adaptation.step(&mut history, 1, 4, |_| 0), 4, "asked once");
        adaptation.learn(&mut history, 4, Fate::Lost);
        assert_eq!(adaptation.step(&mut history, 1, 4, |_| 0), 3);
        assert_eq!(adaptation.step(&mut history, 2, 4, |_| 4), 0, "another level");
        assert_eq!(adaptation.step(&mut history, 1, 4, |_| 4), 0, "and back");
    }

    #[test]
    fn without_history_every_block_is_sent_as_the_edge_needs_it() {
        let mut history = History::default();
        for fate in [Fate::Arrived; 20] {
            assert_eq!(Adaptation::Level.step(&mut history, 0, 4, |_| 4), 0);
            Adaptation::Level.learn(&mut history, 4, fate);
        }
        assert_eq!(history, History::default());
    }
}
