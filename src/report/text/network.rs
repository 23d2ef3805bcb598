//! The load of one network: random access per coverage level, and how full its channels were.

use super::canvas::{Ink, Line};
use super::{INDENT, Look};
use crate::metrics::summary::{Access, Network, Utilisation};
use crate::report::format::{brief_count, counted, percent};

pub(super) fn render(out: &mut String, name: &str, network: &Network, look: &Look) {
    let facts = format!("{}, {}", network.technology, counted(network.cells, "cell"));
    let line = Line::new(look).put(Ink::Strong, name).gap(2).put(Ink::Plain, &facts).gap(2);
    line.rule(look.width).finish(out);
    access(out, &network.access, look);
    for (title, utilisation) in [("Downlink", &network.downlink), ("Uplink", &network.uplink)] {
        if let Some(utilisation) = utilisation {
            gauge(out, title, utilisation, look);
        }
    }
}

/// One line per coverage level: how many attempts, and what share of them failed why.
fn access(out: &mut String, levels: &[Access], look: &Look) {
    if levels.is_empty() {
        return;
    }
    const TITLES: [&str; 6] = ["attempts", "load", "collided", "missed", "unanswered", "unheard"];
    let name = INDENT + 14;
    let column = ((look.width - name) / TITLES.len()).min(14);
    let line = Line::new(look).gap(INDENT).put(Ink::Faint, "Random access").to(name);
    TITLES.iter().fold(line, |line, title| line.right(Ink::Faint, &look.fit(title, column - 1), column)).finish(out);
    for level in levels {
        let ratio = |part: u64| (level.attempts > 0).then(|| percent(part as f64 / level.attempts as f64));
        let cells = [
            Some(brief_count(level.attempts)),
            Some(percent(level.load)),
            level.collision_ratio.map(percent),
            ratio(level.missed),
            ratio(level.unanswered),
            ratio(level.unheard),
        ];
        let line = Line::new(look).gap(INDENT).put(Ink::Plain, &look.fit(&level.level, 13)).to(name);
        let line = cells.iter().fold(line, |line, cell| match cell {
            Some(text) => line.right(Ink::Plain, text, column),
            None => line.right(Ink::Faint, "–", column),
        });
        line.finish(out);
    }
}

/// How full a channel was: the mean over the cells, and the busiest cell behind it in a lighter shade.
fn gauge(out: &mut String, title: &str, utilisation: &Utilisation, look: &Look) {
    let Utilisation { mean, busiest, busiest_cell } = utilisation;
    let room = (look.width / 3).min(40);
    let (filled, reached, rest) = look.gauge(*mean, *busiest, room);
    let line = Line::new(look).gap(INDENT).left(Ink::Plain, title, 14);
    let line = line.put(Ink::Time, &filled).put(Ink::Time, &reached).put(Ink::Faint, &rest).gap(2);
    let line = line.put(Ink::Strong, &percent(*mean)).put(Ink::Plain, " busy");
    if *busiest > 0.0 {
        line.put(Ink::Faint, &format!(", {} in cell {busiest_cell}", percent(*busiest))).finish(out);
    } else {
        line.finish(out);
    }
}
