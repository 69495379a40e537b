//! Progress bars on standard error, on terminals only, for tasks that take longer than a second.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::options::Global;

const DELAY: Duration = Duration::from_secs(1);

/// A progress bar that appears after a second.
pub struct Progress {
    bar: ProgressBar,
    /// `None` if the bar is never shown.
    start: Option<Instant>,
}

impl Progress {
    /// Creates the bar of a task. It is never shown with `--quiet` or `--verbose`.
    pub fn new(task: &'static str, global: &Global) -> Self {
        Self::with_style("{msg} {wide_bar} {pos}/{len}", task, global)
    }

    /// The same for a task that sends requests until it is done.
    pub fn of_requests(task: &'static str, global: &Global) -> Self {
        Self::with_style("{spinner} {msg}: {pos} requests", task, global)
    }

    fn with_style(style: &str, task: &'static str, global: &Global) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden()).with_message(task);
        if let Ok(style) = ProgressStyle::with_template(style) {
            bar.set_style(style);
        }
        let start = (!global.quiet && !global.verbose).then(Instant::now);
        Self { bar, start }
    }

    /// Sets the number of requests so far.
    pub fn requests(&self, sent: usize) {
        self.bar.set_position(sent as u64);
        self.show_after_delay();
    }

    /// Sets how much of the total is done.
    pub fn set(&self, done: usize, total: usize) {
        self.bar.set_length(total as u64);
        self.bar.set_position(done as u64);
        self.show_after_delay();
    }

    fn show_after_delay(&self) {
        if self.bar.is_hidden() && self.start.is_some_and(|start| start.elapsed() > DELAY) {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
