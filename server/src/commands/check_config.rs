//! `inflight check-config`: every setting, its value, where it came from, and whether it is used.

use crate::auth::access;
use crate::cli::CheckConfigArgs;
use crate::exit::AppError;
use crate::settings::origin::{Inputs, Resolved};
use crate::settings::read::sources_said;
use crate::settings::sources;
use crate::settings::spec::Role;
use crate::settings::{Settings, SettingsError, text_of};
use inflight_sky::SourceKind;
use serde::Serialize;

#[derive(Serialize)]
struct Report<'a> {
    role: &'static str,
    ok: bool,
    settings: Vec<Line<'a>>,
    unknown: Vec<Unknown<'a>>,
    problems: Vec<String>,
    warnings: Vec<String>,
}

#[derive(Serialize)]
struct Line<'a> {
    name: &'a str,
    value: String,
    from: String,
    used: bool,
    note: &'a str,
}

#[derive(Serialize)]
struct Unknown<'a> {
    name: &'a str,
    line: usize,
}

/// Prints the report; wrong values are an error after it.
///
/// # Errors
/// The settings are not acceptable.
pub fn run(args: &CheckConfigArgs) -> Result<(), AppError> {
    let inputs = args.serve.inputs()?;
    let resolved = inputs.resolve();
    let checked = Settings::from_inputs(&inputs);
    let role = if args.record { Role::Record } else { serve_role(&resolved) };
    let report = report(&inputs, &resolved, &checked, role);
    if args.json {
        let text =
            serde_json::to_string_pretty(&report).map_err(|error| AppError::Other(error.to_string()))?;
        println!("{text}");
    } else {
        print!("{}", report.table());
    }
    checked.map_err(AppError::from).and_then(|settings| match role {
        Role::Record => Ok(()),
        _ => access::check(&settings),
    })
}

/// The role as far as it can be told from settings that may be wrong.
fn serve_role(resolved: &[Resolved]) -> Role {
    let live = text_of(resolved, "OPENSKY_MODE").eq_ignore_ascii_case("live") || sources_said(resolved);
    if live { Role::ServeLive } else { Role::ServeReplay }
}

fn report<'a>(
    inputs: &'a Inputs,
    resolved: &'a [Resolved],
    checked: &Result<Settings, SettingsError>,
    role: Role,
) -> Report<'a> {
    let named = sources::split(text_of(resolved, "SOURCES")).unwrap_or_default();
    let mut kinds: Vec<SourceKind> = named.into_iter().map(|(kind, _)| kind).collect();
    if kinds.is_empty() {
        kinds.push(SourceKind::OpenSky);
    }
    let line = |setting: &'a Resolved| {
        let unused = setting.spec.unused_because(role, &kinds);
        Line {
            name: setting.spec.name,
            value: setting.shown(),
            from: setting.origin.to_string(),
            used: unused.is_none(),
            note: unused.unwrap_or(setting.spec.about),
        }
    };
    let error = checked.as_ref().err();
    let warning = checked.as_ref().ok().filter(|_| role != Role::Record);
    Report {
        role: role.name(),
        ok: error.is_none(),
        settings: resolved.iter().map(line).collect(),
        unknown: inputs.unknown_in_dotenv().into_iter().map(|(name, line)| Unknown { name, line }).collect(),
        problems: error.iter().flat_map(|error| error.0.iter().map(ToString::to_string)).collect(),
        warnings: warning.and_then(|settings| settings.reason.warning()).into_iter().collect(),
    }
}

impl Report<'_> {
    fn table(&self) -> String {
        let width = |cell: fn(&Line<'_>) -> usize| self.settings.iter().map(cell).max().unwrap_or_default();
        let name = width(|line| line.name.len());
        let value = width(|line| line.value.chars().count());
        let from = width(|line| line.from.len());
        let mut text = format!("Settings of {}\n\n", self.role);
        for line in &self.settings {
            let used = if line.used { "" } else { "not used: " };
            text.push_str(&format!(
                "{:name$}  {:value$}  {:from$}  {used}{}\n",
                line.name, line.value, line.from, line.note
            ));
        }
        for unknown in &self.unknown {
            text.push_str(&format!(
                "\n.env line {}: {} is no setting of inflight",
                unknown.line, unknown.name
            ));
        }
        if !self.unknown.is_empty() {
            text.push('\n');
        }
        for warning in &self.warnings {
            text.push_str(&format!("\nwarning: {warning}\n"));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(environment: &[(&str, &str)]) -> String {
        let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let inputs = Inputs { environment: environment.collect(), ..Inputs::default() };
        let resolved = inputs.resolve();
        let checked = Settings::from_inputs(&inputs);
        report(&inputs, &resolved, &checked, serve_role(&resolved)).table()
    }

    fn check(environment: &[(&str, &str)], name: &str, expected: &[&str]) {
        let table = table(environment);
        let line = table.lines().find(|line| line.starts_with(name)).unwrap();
        for part in expected {
            assert!(line.contains(part), "{line}");
        }
    }

    #[test]
    fn says_value_origin_and_use() {
        check(&[], "BACKEND_PORT", &["3000", "default"]);
        check(&[("BACKEND_PORT", "81")], "BACKEND_PORT", &["81", "environment"]);
        check(&[], "OPENSKY_API_URL", &["not used: OPENSKY_MODE is replay"]);
        check(&[("OPENSKY_MODE", "live")], "REPLAY_FILE", &["not used: OPENSKY_MODE is live"]);
        check(&[("SOURCES", "readsb")], "OPENSKY_API_URL", &["not used: SOURCES does not name"]);
        check(&[("SOURCES", "readsb")], "REPLAY_FILE", &["not used: OPENSKY_MODE is live"]);
        check(&[("SOURCES", "adsbx")], "BBOX_LAT_MIN", &["southern edge"]);
        check(
            &[("SOURCES", "sbs=pi"), ("OPENSKY_MODE", "replay")],
            "SOURCES",
            &["sbs=pi", "not used: OPENSKY_MODE is replay"],
        );
        check(&[("OPENSKY_USERNAME", "me")], "OPENSKY_USERNAME", &["not used: OpenSky ended password login"]);
        let secrets = [("OPENSKY_CLIENT_SECRET", "hunter2"), ("OPENSKY_PASSWORD", "hunter2")];
        check(&secrets, "OPENSKY_CLIENT_SECRET", &["********"]);
        assert!(!table(&secrets).contains("hunter2"));
    }

    #[test]
    fn limits_that_do_not_hold_are_said() {
        let asked = [("OPENAI_API_KEY", "sk-any"), ("OPENAI_MODEL", "m")];
        assert!(table(&asked).contains("\nwarning: what m costs is not known, so no limit in dollars holds"));
        let told = [asked[0], asked[1], ("REASONER_PRICES", "m=0/0")];
        for quiet in [&told[..], &[]] {
            assert!(!table(quiet).contains("warning:"), "{quiet:?}");
        }
    }
}
