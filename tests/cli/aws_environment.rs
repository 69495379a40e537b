//! Settings of the AWS environment: each is honored, or refused in words.

use std::fmt::Write as _;

use assert_cmd::Command;

use insta::assert_snapshot;
use proptest::prelude::*;

use crate::support::{Account, Catalog, Ran, ran};

fn catalog() -> Catalog {
    Catalog::new(&[("controls/backup.yaml", "name: Backups are made\n")])
}

/// A command with a Region and keys.
fn command(catalog: &Catalog) -> Command {
    let mut command = catalog.command();
    command.env("AWS_REGION", "eu-west-1").env("AWS_ACCESS_KEY_ID", "any").env("AWS_SECRET_ACCESS_KEY", "any");
    command
}

#[test]
fn settings_that_cannot_be_honored_are_refused() {
    let catalog = catalog();
    catalog.write(
        "config",
        "[profile empty]\nregion = eu-west-1\n\n[profile no]\nretry_mode = never\nmax_attempts = 1.5\n",
    );
    catalog.write("mfa", "[profile admin]\nrole_arn = a\nsource_profile = me\nmfa_serial = b\n\n[profile next]\nrole_arn = c\nsource_profile = admin\n");
    catalog.write("broken", "[profile broken\nx");
    let own = ("AWS_ENDPOINT_URL", "http://127.0.0.1:1");
    let cases: &[&[(&str, &str)]] = &[
        &[("AWS_RETRY_MODE", "fast")],
        &[("AWS_MAX_ATTEMPTS", "0")],
        &[("AWS_MAX_ATTEMPTS", "-1")],
        &[("AWS_CONFIG_FILE", "config"), ("AWS_PROFILE", "no")],
        &[("AWS_USE_FIPS_ENDPOINT", "maybe")],
        &[("AWS_USE_FIPS_ENDPOINT", "true"), own],
        &[("AWS_USE_DUALSTACK_ENDPOINT", "TRUE"), own],
        &[("AWS_REGION", "Frankfurt")],
        &[("AWS_REGION", "US-EAST-1")],
        &[("AWS_CONFIG_FILE", "broken")],
        &[("AWS_CA_BUNDLE", "missing.pem")],
        &[("AWS_CA_BUNDLE", ".")],
        &[("HTTPS_PROXY", "socks5://user:secret@127.0.0.1:1080")],
        &[("AWS_ACCESS_KEY_ID", ""), ("AWS_CONFIG_FILE", "config"), ("AWS_PROFILE", "empty")],
        &[("AWS_ACCESS_KEY_ID", ""), ("AWS_CONFIG_FILE", "config"), ("AWS_PROFILE", "empty1")],
        &[("AWS_ACCESS_KEY_ID", ""), ("AWS_CONFIG_FILE", "mfa"), ("AWS_PROFILE", "next")],
    ];
    let mut shown = String::new();
    for case in cases {
        let mut command = command(&catalog);
        command.args(["plan"]).envs(case.iter().copied());
        for (name, value) in *case {
            let _ = write!(shown, "{name}={value} ");
        }
        shown += "controlsync plan\n";
        let Ran { code, stdout, stderr } = ran(&mut command);
        assert_eq!((code, stdout.as_str()), (2, ""), "{shown}{stderr}");
        shown += &stderr;
    }
    let mut with_flag = command(&catalog);
    with_flag.env("AWS_USE_FIPS_ENDPOINT", "true").args(["plan", "--endpoint-url", "http://127.0.0.1:1"]);
    shown += "AWS_USE_FIPS_ENDPOINT=true controlsync plan --endpoint-url http://127.0.0.1:1\n";
    assert_snapshot!(shown + &ran(&mut with_flag).stderr);
}

#[cfg(unix)]
#[test]
fn a_variable_that_is_not_utf_8_is_refused() {
    use std::os::unix::ffi::OsStrExt as _;
    let catalog = catalog();
    let mut command = command(&catalog);
    command.arg("plan").env("AWS_CA_BUNDLE", std::ffi::OsStr::from_bytes(b"\xff"));
    let ran = ran(&mut command);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.ends_with("it is not UTF-8; set it again, or unset it\n"), "{}", ran.stderr);
}

#[test]
fn settings_with_a_meaning_for_other_programs_are_accepted() {
    let (catalog, account) = (catalog(), Account::new());
    for (name, value) in [
        ("AWS_RETRY_MODE", "legacy"),
        ("AWS_RETRY_MODE", "adaptive"),
        ("AWS_MAX_ATTEMPTS", ""),
        ("AWS_MAX_ATTEMPTS", "5 "),
        ("AWS_USE_FIPS_ENDPOINT", "false"),
        ("AWS_USE_DUALSTACK_ENDPOINT", ""),
        ("AWS_CA_BUNDLE", ""),
        ("HTTPS_PROXY", ""),
        ("AWS_PROFILE", "missing"),
    ] {
        let mut command = catalog.command();
        let ran = ran(account.environment(&mut command).env(name, value).arg("plan"));
        assert_eq!((ran.code, ran.stderr.as_str()), (3, ""), "{name}={value:?}: {}", ran.shown());
    }
}

#[test]
fn a_variable_that_beats_the_file_is_named() {
    let (catalog, account) = (catalog(), Account::new());
    catalog.write(
        "controlsync.toml",
        "[target]\nregion = \"eu-central-1\"\nprofile = \"audit\"\nendpoint_url = \"http://127.0.0.1:1\"\n",
    );
    let run = |arguments: &[&str]| {
        let mut command = catalog.command();
        ran(account.environment(&mut command).env("AWS_PROFILE", "other").args(arguments))
    };
    let warned = run(&["plan"]);
    let warning = |variable: &str, value: &str, setting: &str| {
        format!("warning: {variable}={value} is used, not `{setting}` under [target] in controlsync.toml\n")
    };
    let expected = warning("AWS_REGION", "us-east-1", "region = \"eu-central-1\"")
        + &warning("AWS_PROFILE", "other", "profile = \"audit\"")
        + &warning(
            "AWS_ENDPOINT_URL_AUDITMANAGER",
            &account.emulator.endpoint(),
            "endpoint_url = \"http://127.0.0.1:1\"",
        );
    assert_eq!((warned.code, warned.stderr), (3, expected));
    assert_eq!(run(&["plan", "--quiet"]).stderr, "");
}

#[test]
fn a_server_that_cannot_be_reached_is_named() {
    let catalog = catalog();
    let mut command = command(&catalog);
    let ran = ran(command.args(["plan", "--endpoint-url", "http://127.0.0.1:1"]));
    let error = "error: cannot read the account: ListControls: cannot connect to 127.0.0.1:1: Connection refused (os error 111)\n\
                 Check the network, the Region and --endpoint-url.\n";
    assert_eq!((ran.code, ran.stderr.as_str()), (2, error));
}

/// Values that a setting may have by accident.
fn value() -> impl Strategy<Value = String> {
    const VALUES: &[&str] = &[
        "",
        " ",
        "0",
        "1",
        "-1",
        "5 ",
        "1e9",
        "99999999999999999999",
        "true",
        "True",
        "false",
        "maybe",
        "legacy",
        "standard",
        "adaptive",
        "eu-west-1",
        "US-EAST-1",
        "Frankfurt",
        "http://127.0.0.1:1",
        "http://",
        "https://[::1",
        "socks5://a:b@c",
        "127.0.0.1:1",
        "*",
        "localhost,*.internal",
        "config",
        "missing",
        "default",
        "used",
        "/dev/null",
        ".",
        "%s%n",
        "\u{fffd}",
        "a b",
        "arn:aws:iam::111122223333:role/a",
        "preferred",
        "required",
        "disabled",
        "when_supported",
        "sigv4a",
        "*,us-east-1",
    ];
    prop_oneof![8 => proptest::sample::select(VALUES).prop_map(str::to_owned), 1 => "[^\\x00]{0,12}"]
}

fn variables() -> impl Strategy<Value = Vec<(&'static str, String)>> {
    const NAMES: &[&str] = &[
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
        "AWS_PROFILE",
        "AWS_RETRY_MODE",
        "AWS_MAX_ATTEMPTS",
        "AWS_USE_FIPS_ENDPOINT",
        "AWS_USE_DUALSTACK_ENDPOINT",
        "AWS_CA_BUNDLE",
        "AWS_ENDPOINT_URL_AUDITMANAGER",
        "AWS_ENDPOINT_URL",
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
        "AWS_STS_REGIONAL_ENDPOINTS",
        "AWS_ACCOUNT_ID",
        "AWS_ACCOUNT_ID_ENDPOINT_MODE",
        "AWS_SESSION_TOKEN",
        "AWS_ROLE_ARN",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_SDK_UA_APP_ID",
        "AWS_SIGV4A_SIGNING_REGION_SET",
        "AWS_AUTH_SCHEME_PREFERENCE",
        "AWS_REQUEST_CHECKSUM_CALCULATION",
        "AWS_DEFAULTS_MODE",
        "AWS_NEW_RETRIES_2026",
        "AWS_DISABLE_REQUEST_COMPRESSION",
        "AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES",
        "HTTPS_PROXY",
        "https_proxy",
        "HTTP_PROXY",
        "ALL_PROXY",
        "NO_PROXY",
        "no_proxy",
    ];
    proptest::collection::vec((proptest::sample::select(NAMES), value()), 0..8)
}

/// Files of the AWS CLI: mostly valid, with a value or a line that is not.
fn config() -> impl Strategy<Value = String> {
    const KEYS: &[&str] = &[
        "region",
        "retry_mode",
        "max_attempts",
        "use_fips_endpoint",
        "use_dualstack_endpoint",
        "ca_bundle",
        "endpoint_url",
        "role_arn",
        "source_profile",
        "mfa_serial",
        "credential_source",
        "sso_session",
        "sso_start_url",
        "sso_region",
        "sso_account_id",
        "sso_role_name",
        "web_identity_token_file",
        "aws_access_key_id",
        "aws_secret_access_key",
        "sdk_ua_app_id",
        "s3",
        "services",
        "account_id_endpoint_mode",
        "request_checksum_calculation",
        "sigv4a_signing_region_set",
        "disable_clock_skew_correction",
    ];
    let line = prop_oneof![
        8 => (proptest::sample::select(KEYS), value()).prop_map(|(key, value)| format!("{key} = {value}")),
        2 => proptest::sample::select(&["[default]", "[profile used]", "[profile", "[sso-session a]", "[services b]", "  nested = 1", "=", "x"][..])
            .prop_map(str::to_owned),
        1 => "\\PC{0,16}",
    ];
    proptest::collection::vec(line, 0..12).prop_map(|lines| format!("[default]\n{}\n", lines.join("\n")))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    /// No setting reaches the embedded emulator, and none ends the program in an undocumented way.
    #[test]
    fn no_setting_breaks_the_program(variables in variables(), config in config()) {
        let catalog = catalog();
        catalog.write("config", &config);
        let set = |command: &mut Command| {
            command.env("AWS_CONFIG_FILE", "config").env("AWS_SHARED_CREDENTIALS_FILE", "config");
            command.envs(variables.iter().map(|(name, value)| (*name, value)));
        };
        let plain = catalog.run(&["plan", "--local"]);
        let mut local = catalog.command();
        set(&mut local);
        let local = ran(local.args(["plan", "--local"]));
        prop_assert_eq!(plain.shown(), local.shown());

        // Nothing listens there. Credentials in variables, so that no source of credentials is asked.
        let mut real = catalog.command();
        set(&mut real);
        real.env("AWS_ACCESS_KEY_ID", "any").env("AWS_SECRET_ACCESS_KEY", "any");
        let real = ran(real.args(["plan", "--endpoint-url", "http://127.0.0.1:1"]));
        prop_assert!(real.code == 2 && !real.stderr.contains("panicked"), "{}", real.shown());
        prop_assert!(!real.stderr.contains("cargo"), "{}", real.shown());
    }
}
