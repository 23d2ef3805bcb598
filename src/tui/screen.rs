//! The terminal: taken over, drawn on, and given back whatever happens.

use std::io::{self, Stdout, Write, stdout};
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::event::{self, Event, KeyEventKind, MouseButton, MouseEventKind};
use ratatui::crossterm::{cursor, execute, terminal};

use super::app::App;
use super::keys::Key;
use super::view;

/// The shortest time between two pictures of a run that goes on, and the longest that a key waits for nothing.
const TICK: Duration = Duration::from_millis(100);

/// How many times as long as a picture took it stays, if nobody touches a key: drawing takes a hundredth of the time.
const SELDOM: u32 = 100;

/// Whether the terminal is ours.
static OPEN: AtomicBool = AtomicBool::new(false);

/// Whether the terminal is ours, so that nobody else should write on it.
#[must_use]
pub fn is_open() -> bool {
    OPEN.load(Ordering::SeqCst)
}

/// Gives the terminal back, if it is ours: the screen as it was, the cursor, the keys. Does nothing otherwise.
pub fn restore() {
    if OPEN.swap(false, Ordering::SeqCst) {
        let mut out = stdout();
        // If the terminal is gone there is nothing to give back.
        let _ = execute!(out, event::DisableMouseCapture, terminal::LeaveAlternateScreen, cursor::Show);
        let _ = terminal::disable_raw_mode();
        let _ = out.flush();
    }
}

/// The terminal while it is ours.
struct Screen(Terminal<CrosstermBackend<Stdout>>);

impl Screen {
    fn open() -> io::Result<Screen> {
        static HOOK: Once = Once::new();
        // A message about a panic belongs on the screen that stays.
        HOOK.call_once(|| {
            let before = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |panic| {
                restore();
                before(panic);
            }));
        });
        terminal::enable_raw_mode()?;
        OPEN.store(true, Ordering::SeqCst);
        let screen = Terminal::new(CrosstermBackend::new(stdout())).map(Screen);
        if screen.is_err() {
            restore();
        }
        execute!(stdout(), terminal::EnterAlternateScreen, event::EnableMouseCapture, cursor::Hide)?;
        screen
    }

    fn draw(&mut self, app: &mut App) -> io::Result<()> {
        if is_open() {
            self.0.draw(|frame| view::draw(app, frame.buffer_mut()))?;
        }
        Ok(())
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        restore();
    }
}

/// Shows the face until it is closed. Keys are answered at once; what the run shows by itself waits until drawing has not taken
/// more than its share of the time.
pub(super) fn show(app: &mut App) -> io::Result<()> {
    let mut screen = Screen::open()?;
    let (mut stale, mut touched) = (false, true);
    let mut due = Instant::now();
    while is_open() {
        let begun = Instant::now();
        stale |= app.refresh();
        if app.closed {
            break;
        }
        if touched || (stale && begun >= due) {
            screen.draw(app)?;
            (stale, touched) = (false, false);
            due = begun + TICK.max(begun.elapsed() * SELDOM);
        }
        if let Some(watched) = &app.watched {
            watched.live.drew(begun.elapsed());
        }
        let mut more = event::poll(TICK.saturating_sub(begun.elapsed()).max(Duration::from_millis(20)))?;
        // All keys that wait, in one go; with no time at all nothing would be read.
        while more {
            touched |= heed(app, &event::read()?);
            more = !app.closed && event::poll(Duration::from_millis(1))?;
        }
    }
    Ok(())
}

/// What an event does to the face. Returns whether there may be anything new to be seen.
fn heed(app: &mut App, event: &Event) -> bool {
    match event {
        Event::Key(key) if key.kind != KeyEventKind::Release => app.press(Key::from(*key)),
        Event::Mouse(mouse) => match mouse.kind {
            MouseEventKind::Down(MouseButton::Left) => app.click(mouse.column, mouse.row),
            MouseEventKind::ScrollUp => app.wheel(true),
            MouseEventKind::ScrollDown => app.wheel(false),
            _ => return false,
        },
        Event::Resize(..) => (),
        _ => return false,
    }
    true
}
