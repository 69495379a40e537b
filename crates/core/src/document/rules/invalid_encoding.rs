use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "invalid-encoding",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "A file is not UTF-8.",
    why: "A file has no mark that says how its characters are encoded. controlsync reads UTF-8, the default [of YAML](\
          https://yaml.org/spec/1.2.2/#52-character-encodings) and the only encoding of [TOML](\
          https://toml.io/en/v1.0.0#spec); UTF-16, which YAML also allows, is not read. Guessing would put wrong \
          letters into audit reports, so the file is left unread. The finding names the first byte that belongs to no \
          character.\n\n\
          Save the file as UTF-8 in the editor, or convert it: `iconv -f WINDOWS-1252 -t UTF-8`, where the file comes \
          from Windows.",
};
