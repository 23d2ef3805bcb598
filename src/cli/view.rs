//! `farlink view`: results that are there, in the terminal or as a picture of it.

use std::io::{Write, stdout};
use std::path::Path;

use super::face::{is_possible, options};
use super::{Color, Ending, Failure, ViewArgs, unless_reader_left};
use crate::report::stored;
use crate::tui::export::Kind;
use crate::tui::keys::Key;
use crate::tui::{self, View};

/// Directories that can be laid over one another and still be told apart.
const RUNS: usize = 5;

/// Opens results.
pub(super) fn view(args: &ViewArgs, color: Color) -> Result<Ending, Failure> {
    if args.dirs.len() > RUNS {
        return Err(Failure::Usage(format!("{} directories: {RUNS} at most can be told apart", args.dirs.len())));
    }
    let results = args.dirs.iter().map(|dir| stored::read(dir)).collect::<Result<Vec<_>, _>>()?;
    let mut options = options(color, args.palette.map(Into::into))?;
    let Some(name) = &args.screenshot else {
        if !is_possible() {
            let help = "view needs a terminal; `--screenshot overview` writes one screen as text, with `--out x.svg` as a picture";
            return Err(Failure::Usage(help.to_owned()));
        }
        tui::browse(results, &options)?;
        return Ok(Ending::Ok);
    };
    let view = View::of_name(name).ok_or_else(|| {
        let names: Vec<String> = View::ALL.iter().map(|view| view.title().to_lowercase()).collect();
        Failure::Usage(format!("--screenshot {name}: there is no such view. There are {}.", names.join(", ")))
    })?;
    let keys = args.press.iter().map(|name| key(name)).collect::<Result<Vec<_>, _>>()?;
    (options.true_color, options.unicode) = (true, true);
    let kind = args.out.as_deref().and_then(Path::to_str).map_or(Kind::Text, Kind::of_name);
    let shot = tui::screenshot(results, &options, (view, &keys), args.size, kind);
    match &args.out {
        None => unless_reader_left(stdout().write_all(shot.as_bytes()))?,
        Some(path) => {
            std::fs::write(path, shot).map_err(|source| Failure::File { path: path.clone(), source })?;
        }
    }
    Ok(Ending::Ok)
}

fn key(name: &str) -> Result<Key, Failure> {
    Key::parse(name).ok_or_else(|| {
        Failure::Usage(format!(
            "--press {name}: no such key. Keys are characters, or tab, space, enter, up, pagedown, f1 …"
        ))
    })
}

/// Reads `120x40`.
pub(super) fn size(text: &str) -> Result<(u16, u16), String> {
    let parts = text.split_once('x').and_then(|(w, h)| Some((w.parse().ok()?, h.parse().ok()?)));
    let fits = |(w, h): &(u16, u16)| (50..=500).contains(w) && (12..=200).contains(h);
    parts.filter(fits).ok_or_else(|| "expected COLUMNSxROWS from 50x12 to 500x200, such as 120x40".to_owned())
}
