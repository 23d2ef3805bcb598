//! The face in a real pseudo-terminal: what is on the screen while a run goes on, and that the terminal is given back.
//!
//! The deadline only ends a test that hangs; none asserts on how long anything takes.

#![cfg(unix)]
#![allow(clippy::unwrap_used)]

use std::ffi::OsStr;
use std::fs;
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use farlink::control::StopSwitch;
use farlink::control::live::Live;
use farlink::scenario;
use farlink::tui::keys::Setup;
use farlink::tui::{self, Options};
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use tempfile::TempDir;

/// Meters on a bench; the duration is put in.
const SCENARIO: &str = "\
farlink: 1
name: pty
seed: 3
duration: DURATION
networks:
  lab:
    nb-iot: {}
    sites: {hex-grid: {rings: 0, inter_site_distance_m: 1732, sectors: 3}}
groups:
  meters:
    count: 200
    traffic: {periodic: {every: 2h, payload_bytes: 50, jitter: 2h}}
requirements:
  - groups.meters.delivery > 50%
";

const DEADLINE: Duration = Duration::from_secs(240);

/// A number of rows or columns, as the parser of the screen takes it.
fn cells(number: u16) -> NonZeroU16 {
    NonZeroU16::new(number).unwrap()
}

/// The program on a pseudo-terminal of its own.
struct Session {
    master: Box<dyn MasterPty + Send>,
    keys: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    screen: Arc<Mutex<vt100::Parser>>,
}

impl Session {
    fn start(desk: &Path, arguments: &[&str]) -> Session {
        Session::start_program(assert_cmd::cargo::cargo_bin!("farlink"), desk, arguments)
    }

    fn start_program(program: impl AsRef<OsStr>, desk: &Path, arguments: &[&str]) -> Session {
        let size = PtySize { rows: 40, cols: 120, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(program);
        command.args(arguments);
        command.cwd(desk);
        for name in ["CI", "NO_COLOR", "COLORTERM", "FARLINK_COLOR", "FARLINK_PALETTE", "LC_ALL", "LC_CTYPE", "LANG"] {
            command.env_remove(name);
        }
        command.env("TERM", "xterm-256color");
        command.env("XDG_CONFIG_HOME", desk);
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let screen = Arc::new(Mutex::new(vt100::Parser::new(cells(40), cells(120), 500)));
        let (mut output, parser) = (pair.master.try_clone_reader().unwrap(), Arc::clone(&screen));
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(read @ 1..) = output.read(&mut bytes) {
                parser.lock().unwrap().process(&bytes[..read]);
            }
        });
        let keys = pair.master.take_writer().unwrap();
        Session { master: pair.master, keys, child, screen }
    }

    fn contents(&self) -> String {
        self.screen.lock().unwrap().screen().contents()
    }

    /// Waits until the screen shows something.
    fn see(&self, text: &str) {
        let begun = Instant::now();
        while !self.contents().contains(text) {
            assert!(begun.elapsed() < DEADLINE, "`{text}` is not on the screen:\n{}", self.contents());
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// Waits for the end of the program; returns its exit code.
    fn end(&mut self) -> u32 {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                // What was written last is still on its way.
                thread::sleep(Duration::from_millis(200));
                return status.exit_code();
            }
            if begun.elapsed() > DEADLINE {
                self.child.kill().unwrap();
                panic!("it does not end:\n{}", self.contents());
            }
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// The terminal is as it was: the screen in front, the cursor, the mouse, line by line with echo.
    fn assert_restored(&self) {
        let parser = self.screen.lock().unwrap();
        let screen = parser.screen();
        assert!(!screen.alternate_screen() && !screen.hide_cursor(), "{}", screen.contents());
        assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None);
        let state = Command::new("stty").arg("-a").arg("-F").arg(self.master.tty_name().unwrap()).output();
        let state = String::from_utf8(state.unwrap().stdout).unwrap();
        let words: Vec<&str> = state.split([' ', ';', '\n']).collect();
        assert!(words.contains(&"icanon") && words.contains(&"echo"), "{state}");
    }
}

fn desk(duration: &str) -> TempDir {
    let desk = tempfile::tempdir().unwrap();
    fs::write(desk.path().join("pty.yaml"), SCENARIO.replace("DURATION", duration)).unwrap();
    desk
}

#[test]
fn a_run_is_watched_paused_and_ended() {
    let desk = desk("4000d");
    let mut session = Session::start(desk.path(), &["run", "pty.yaml", "--threads", "1", "--out", "partial"]);
    session.see("1 Overview");
    session.press(" ");
    session.see("PAUSED");
    session.press("s");
    session.see("Groups");
    session.press("2");
    session.see("Percentiles");
    session.press("4");
    session.see("Random access");
    session.press("?");
    session.see("Keys");
    session.press("?");
    session.master.resize(PtySize { rows: 24, cols: 80, pixel_width: 0, pixel_height: 0 }).unwrap();
    session.screen.lock().unwrap().screen_mut().set_size(cells(24), cells(80));
    session.press("1");
    session.see("Requirements");
    assert!(session.contents().lines().all(|line| line.chars().count() <= 80));
    session.press("q");
    session.see("The simulation is running");
    session.press("q");
    assert_eq!(session.end(), 130);
    session.assert_restored();
    assert!(desk.path().join("partial/summary.json").exists());
    let shown = session.contents();
    assert!(shown.contains("results in partial"), "{shown}");
}

#[test]
fn results_stay_and_are_those_of_a_run_that_nobody_watched() {
    let desk = desk("40d");
    let mut session = Session::start(desk.path(), &["run", "pty.yaml", "--out", "watched"]);
    session.see("e expand");
    session.press("7");
    session.see("the run is over");
    session.press("q");
    assert_eq!(session.end(), 0);
    session.assert_restored();
    assert!(session.contents().contains("results in watched"));
    let unwatched = Command::new(assert_cmd::cargo::cargo_bin!("farlink"))
        .args(["run", "pty.yaml", "--no-tui", "--out", "unwatched", "--quiet"])
        .current_dir(desk.path())
        .stdin(Stdio::null())
        .status();
    assert!(unwatched.unwrap().success());
    for file in ["summary.json", "series.csv", "cells.csv", "meters.latency.hgrm"] {
        let [a, b] = ["watched", "unwatched"].map(|dir| fs::read(desk.path().join(dir).join(file)).unwrap());
        assert!(a == b, "{file} differs");
    }
    let mut session = Session::start(desk.path(), &["view", "watched", "unwatched"]);
    session.see("A watched");
    session.press("2");
    session.see("A meters");
    session.press("\x03");
    assert_eq!(session.end(), 0);
    session.assert_restored();
}

#[test]
fn satellites_are_looked_at_and_the_text_stays() {
    let desk = tempfile::tempdir().unwrap();
    let search = ["passes", "--constellation", "kineis", "--site", "Helsinki=60.17,24.94", "--for", "6h"];
    let mut session = Session::start(desk.path(), &search);
    session.see("footprint and track");
    session.see("2025-01-01 00:00:00 UTC");
    session.press("s");
    session.see("2025-01-01 00:01:00 UTC");
    session.press("8");
    session.see("Windows");
    session.press("q");
    assert_eq!(session.end(), 0);
    session.assert_restored();
    assert!(session.contents().contains("counts as zero"), "{}", session.contents());
    let mut session = Session::start(desk.path(), &[&search[..], &["--no-tui"]].concat());
    assert_eq!(session.end(), 0);
    assert!(!session.contents().contains("8 Passes") && session.contents().contains("counts as zero"));
}

#[test]
fn a_signal_and_no_tui_leave_the_terminal_as_it_was() {
    let desk = desk("4000d");
    let mut session = Session::start(desk.path(), &["run", "pty.yaml", "--threads", "1"]);
    session.see("Groups");
    let id = session.child.process_id().unwrap().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    assert_eq!(session.end(), 130);
    session.assert_restored();
    let mut session =
        Session::start(desk.path(), &["run", "pty.yaml", "--no-tui", "--set", "duration=2d", "--out", "plain"]);
    assert_eq!(session.end(), 0);
    session.assert_restored();
    assert!(!session.contents().contains("1 Overview") && session.contents().contains("results in plain"));
}

/// Not a test but the program that the next one runs on a terminal: a face whose second Ctrl-C panics.
#[test]
#[ignore = "it panics"]
fn a_face_that_panics() {
    let scenario = scenario::parse(&SCENARIO.replace("DURATION", "1d"), "pty.yaml", Path::new("."), &[]).unwrap();
    let live = Live::new(StopSwitch::default(), || panic!("given up"));
    let options = Options { setup: Setup::default(), palette: None, no_color: false, true_color: false, unicode: true };
    tui::watch(&live, scenario.world, &options).unwrap();
}

#[test]
fn a_panic_leaves_the_terminal_as_it_was_and_its_message_on_it() {
    let desk = tempfile::tempdir().unwrap();
    let arguments = ["--exact", "a_face_that_panics", "--ignored", "--nocapture"];
    let mut session = Session::start_program(std::env::current_exe().unwrap(), desk.path(), &arguments);
    session.see("placing terminals");
    assert!(session.screen.lock().unwrap().screen().alternate_screen());
    session.press("\x03");
    session.see("once more to give up at once");
    session.press("\x03");
    assert_eq!(session.end(), 101);
    session.assert_restored();
    let shown = session.contents();
    assert!(shown.contains("panicked at") && shown.contains("given up"), "{shown}");
}

#[test]
fn mistakes_in_the_file_of_keys_are_told_with_their_place() {
    let desk = desk("2d");
    fs::create_dir(desk.path().join("farlink")).unwrap();
    fs::write(desk.path().join("farlink/keys.yaml"), "keys:\n  pauze: [p]\n").unwrap();
    let mut session = Session::start(desk.path(), &["run", "pty.yaml"]);
    assert_eq!(session.end(), 3);
    let shown = session.contents();
    assert!(shown.contains("keys.yaml:2:3") && shown.contains("`pause`"), "{shown}");
}
