//! A bar on standard error for what takes longer than a second, on terminals only.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::options::Global;

const PATIENCE: Duration = Duration::from_secs(1);

/// A bar that shows itself when it is worth it.
pub struct Progress {
    bar: ProgressBar,
    /// None where it is never shown.
    start: Option<Instant>,
}

impl Progress {
    /// A bar of a task; not shown where results only were asked for, or words.
    pub fn new(task: &'static str, global: &Global) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden()).with_message(task);
        if let Ok(style) = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len}") {
            bar.set_style(style);
        }
        let start = (!global.quiet && !global.verbose).then(Instant::now);
        Self { bar, start }
    }

    /// So much is done of so much.
    pub fn set(&self, done: usize, total: usize) {
        self.bar.set_length(total as u64);
        self.bar.set_position(done as u64);
        if self.bar.is_hidden() && self.start.is_some_and(|start| start.elapsed() > PATIENCE) {
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
