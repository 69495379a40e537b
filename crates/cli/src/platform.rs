//! What depends on the operating system. Code that is for Unix alone is in `unix`, and its counterpart everywhere else in
//! `portable`; both have the same items.

#[cfg(any(test, not(unix)))]
mod portable;
#[cfg(unix)]
mod unix;

#[cfg(not(unix))]
pub use portable::*;
#[cfg(unix)]
pub use unix::*;

#[cfg(test)]
mod tests {
    use super::*;

    /// Uses every item of a half, which both have with the same signatures.
    macro_rules! use_every_item {
        ($half:ident) => {
            let directory = tempfile::tempdir().unwrap();
            let mut builder = tempfile::Builder::new();
            $half::allow_what_the_umask_allows(&mut builder);
            let file = builder.tempfile_in(&directory).unwrap();
            let metadata = file.as_file().metadata().unwrap();
            assert!(!$half::has_other_names(&metadata));
            $half::keep_owner(file.as_file(), &metadata).unwrap();
            $half::sync_directory(directory.path()).unwrap();
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let mut termination = $half::Termination::listen().unwrap();
                tokio::select! {
                    biased;
                    () = termination.received() => panic!("nothing ends this process"),
                    () = std::future::ready(()) => {}
                }
            });
        };
    }

    #[cfg(unix)]
    #[test]
    fn unix_code_works() {
        use_every_item!(unix);
    }

    #[test]
    fn portable_code_works() {
        use_every_item!(portable);
    }
}
