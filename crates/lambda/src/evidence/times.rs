//! When the parts of a run end, so that it reports even if Lambda is about to end it.

use std::time::Duration;

use tokio::time::Instant;

/// How long before the deadline a run stops reading; at most this fraction of the invocation's time.
const RESERVE: Duration = Duration::from_secs(30);
const RESERVED_PART: u32 = 4;
/// What is left at the end, even if a request hangs; at most this fraction of the invocation's time.
const LAST: Duration = Duration::from_secs(5);
const LAST_PART: u32 = 20;
/// How long making and writing a report about compliance may take; at most this fraction of the invocation's time.
const WRITING: Duration = Duration::from_secs(30);
const WRITING_PART: u32 = 8;
/// How long sending the messages of earlier runs may take.
const DELIVERY: Duration = Duration::from_secs(10);

/// When the parts of a run end, each before the next.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// From then on no setup of another account is read.
    pub setup: Instant,
    /// From then on no results are read: the report is made and written.
    pub results: Instant,
    /// What is being read is dropped.
    pub looking: Instant,
    /// The report is sent: Lambda kills the process shortly after this.
    pub last: Instant,
    /// How long sending the messages of earlier runs may take.
    pub delivery: Duration,
}

impl Times {
    /// Divides the time of an invocation. If the results are read, too, the setup has half of the time to read: what it does not need, they
    /// have besides, and what both do not reach, later runs read first.
    pub fn of(started: Instant, time: Duration, reads_results: bool) -> Self {
        let reserve = RESERVE.min(time / RESERVED_PART);
        let reading = time.saturating_sub(reserve);
        let results = reading.saturating_sub(WRITING.min(time / WRITING_PART));
        Self {
            setup: started + if reads_results { results / 2 } else { reading },
            results: started + results,
            looking: started + reading + reserve / 2,
            last: started + time.saturating_sub(LAST.min(time / LAST_PART)),
            delivery: DELIVERY.min(time / RESERVED_PART),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_has_time_before_the_deadline() {
        let started = Instant::now();
        for seconds in [3, 12, 60, 300, 900] {
            let time = Duration::from_secs(seconds);
            let Times { setup, looking, last, .. } = Times::of(started, time, false);
            assert!(started < setup && setup < looking && looking < last && last < started + time, "{seconds}");
            let Times { setup, results, looking, .. } = Times::of(started, time, true);
            assert!(started < setup && setup < results && results < looking && looking < last, "{seconds}");
        }
    }
}
