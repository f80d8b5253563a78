//! `cargo xtask autobahn`: the Autobahn test suite against the product's own socket, answered by `inflight bench echo`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::fresh;
use crate::program::Program;
use crate::shell::{cache_dir, output_of, run as run_command, say, step, succeeds};

/// The suite, which needs Python 2.7.
const SUITE: &str = "autobahntestsuite==25.10.1";

/// All but 12 and 13, which are about compression inside WebSocket: messages are deflated before they are framed.
const CASES: [&str; 9] = ["1.*", "2.*", "3.*", "4.*", "5.*", "6.*", "7.*", "9.*", "10.*"];

/// Some of the suite's packages share a name and are found only where a folder of packages is announced.
const WSTEST: &str =
    "import site; site.addsitedir('packages'); from autobahntestsuite import wstest; wstest.run()";

/// Text that is no UTF-8 may be noticed at the end of its message instead of at once; two cases ask for the latter.
const NON_STRICT_MAX: usize = 2;

/// Installs the suite outside the project, runs it and prints how many cases behaved how.
///
/// # Errors
/// When there is no Python 2.7, or a case failed.
pub fn run(arguments: &[String]) -> Result<()> {
    let folder = cache_dir()?.join("autobahn");
    let python = python()?;
    install(&python, &folder)?;
    let echo = Program::start(arguments, &["bench", "echo", "--port", "0"])?;
    let spec = json!({
        "outdir": folder.join("report"),
        "servers": [{"agent": "inflight", "url": echo.address()?}],
        "cases": CASES, "exclude-cases": [], "exclude-agent-cases": {},
    });
    let spec_file = folder.join("spec.json");
    fresh::write(&spec_file, spec.to_string().as_bytes())?;
    step("autobahn", || {
        let mut suite = Command::new(&python);
        suite.current_dir(&folder).args(["-c", WSTEST]);
        output_of(suite.args(["-m", "fuzzingclient", "-s"]).arg(&spec_file)).map(drop)
    })?;
    judge(&folder.join("report/index.json"))
}

fn install(python: &Path, folder: &Path) -> Result<()> {
    let packages = folder.join("packages");
    if packages.join("bin/wstest").is_file() {
        return Ok(());
    }
    say("autobahn", &format!("installing {SUITE} into {}", packages.display()));
    let mut pip = Command::new(python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target"]);
    run_command(pip.arg(&packages).arg(SUITE))
}

fn python() -> Result<PathBuf> {
    let versions = output_of(Command::new("pyenv").arg("root"))
        .map(|root| Path::new(root.trim()).join("versions"))
        .unwrap_or_default();
    let from_pyenv = std::fs::read_dir(versions).into_iter().flatten().flatten();
    let from_pyenv = from_pyenv.map(|entry| entry.path().join("bin/python2.7"));
    let named = std::env::var_os("PYTHON27").map(PathBuf::from);
    named
        .into_iter()
        .chain([PathBuf::from("python2.7")])
        .chain(from_pyenv)
        .find(|python| succeeds(Command::new(python).arg("--version")))
        .context(
            "the Autobahn suite needs Python 2.7 with pip: `pyenv install 2.7.18`, or set PYTHON27 to one",
        )
}

fn judge(index: &Path) -> Result<()> {
    let report: Value = serde_json::from_slice(&fresh::read(index)?)?;
    let cases = report["inflight"].as_object().context("the suite wrote no report")?;
    let mut counts: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (case, result) in cases {
        for field in ["behavior", "behaviorClose"] {
            // How it ended is told apart only where it did not end well.
            let behaviour = result[field].as_str().unwrap_or("FAILED");
            if field == "behavior" || !matches!(behaviour, "OK" | "INFORMATIONAL") {
                counts.entry(behaviour).or_default().push(case);
            }
        }
    }
    println!("{} cases", cases.len());
    for (behaviour, cases) in &counts {
        let named = if *behaviour == "OK" { String::new() } else { cases.join(" ") };
        println!("{behaviour:<14} {:>4}  {named}", cases.len());
    }
    let count = |name| counts.get(name).map_or(0, Vec::len);
    let bad: usize = ["FAILED", "UNCLEAN", "WRONG CODE", "UNIMPLEMENTED"].map(count).into_iter().sum();
    if bad > 0 || count("NON-STRICT") > NON_STRICT_MAX || cases.len() < 240 {
        bail!("the socket does not keep to RFC 6455; reports of each case are beside {}", index.display());
    }
    Ok(())
}
