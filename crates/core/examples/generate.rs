//! Writes the generated files of the repository: `cargo run -q -p controlsync-core --example generate`.

use std::fs;
use std::io;
use std::path::Path;

use controlsync_core::report::generated;

fn main() -> io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for (path, text) in generated::files() {
        let path = root.join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(path, text)?;
    }
    Ok(())
}
