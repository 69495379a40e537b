// Where a catalog has files, below its prefix. Generated from crates/core/src/catalog_path.rs by
// `cargo run -q -p controlsync-core --example generate`.
export const CATALOG_PATHS = [
  'controls/',
  'frameworks/',
  'exceptions/',
  'rules/',
  'keywords/',
  'controlsync.toml',
] as const;
