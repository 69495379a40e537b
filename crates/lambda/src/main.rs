//! The function that uploads of a catalogue wake.

fn main() {}
