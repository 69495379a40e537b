use crate::diagnostic::{Level, Rule};

pub(crate) static RULE: Rule = Rule {
    id: "invalid-encoding",
    level: Level::Error,
    hard: true,
    since: "0.1.0",
    summary: "A file is not UTF-8.",
    why: "controlsync reads UTF-8, the default encoding [of YAML](https://yaml.org/spec/1.2.2/#52-character-encodings) \
          and the only encoding of [TOML](https://toml.io/en/v1.0.0#spec). It does not read UTF-16, which YAML also \
          allows. A file does not declare its encoding, and guessing would put wrong characters into audit reports, so \
          the file is not read. The finding shows the first invalid byte.\n\n\
          Save the file as UTF-8 in your editor, or convert it: `iconv -f WINDOWS-1252 -t UTF-8` if the file comes \
          from Windows.",
};
