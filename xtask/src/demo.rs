//! `cargo xtask demo`: the static demo in `dist/`, as `trunk build` makes it, without Trunk.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};

use crate::demo_coasts::Thinning;
use crate::shell::{root, step};
use crate::wasm::{self, Entry};
use crate::{demo_coasts, demo_host, demo_recording, fresh, needs, offline, site, style};

/// The recording that the demo plays.
const RECORDING: &str = "fixtures/opensky_nyc_sample.jsonl";

/// Which part of it: the demo has a budget of bytes, and the recording begins again when it ends. Somebody calls for
/// help a minute after it began.
const RECORDING_POLLS: core::ops::Range<usize> = 143..155;

/// Style sheets of desks that the demo has not.
const OTHER_DESKS: [&str; 3] = ["/system.css", "/agents.css", "/agents-runs.css"];

/// The finest coasts around New York.
const DETAIL: &str = "n30w080.bin";

/// Outlines that become smaller, and how.
const COASTS: [(&str, Thinning); 3] = [
    ("globe/earth-110m.bin", demo_coasts::SKETCH),
    ("globe/earth-50m.bin", demo_coasts::COASTS),
    ("globe-detail/n30w080.bin", demo_coasts::DETAIL),
];

/// Letters of names elsewhere.
const FAR_LETTERS: &str = "fonts/inter-latin-ext.woff2";

/// The airports of that cell.
const AIRPORTS: &str = "n30w080.tsv";

/// The line of `frontend/index.html` that stands for the program; Trunk replaces it too.
const PROGRAM_MARK: &str = "<link data-trunk rel=\"rust\"";

/// What stands there afterwards. Unlike Trunk's own it waits until something is to be seen: on a slow line the program
/// would take the bytes that the first picture needs.
const PROGRAM_START: &str = r#"<script type="module">
      let begun = false;
      const begin = async () => {
        if (begun) return;
        begun = true;
        const program = fetch("./pkg/inflight_bg.wasm");
        const { default: init } = await import("./pkg/inflight.js");
        await init({ module_or_path: program });
      };
      new PerformanceObserver(begin).observe({ type: "paint", buffered: true });
      setTimeout(begin, 1000);
    </script>"#;

/// Builds the demo, and with `--serve` shows it on this machine.
///
/// # Errors
/// When a part does not build or cannot be written, or an argument is not known.
pub fn run(arguments: &[String]) -> Result<()> {
    let is_served = match arguments {
        [] => false,
        [only] if only == "--serve" => true,
        _ => bail!("`cargo xtask demo` takes `--serve` or nothing"),
    };
    step("demo", || {
        needs::wasm_target()?;
        wasm::compile(&Entry::OF_DEMO)?;
        assemble()
    })?;
    if is_served { demo_host::serve(&folder()) } else { Ok(()) }
}

/// Puts the demo together from compiled programs.
///
/// # Errors
/// When a part cannot be made or written.
pub fn assemble() -> Result<()> {
    let folder = folder();
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("could not empty {}", folder.display()))?;
    }
    write_assets(&folder)?;
    let program = wasm::bind(Entry::Demo)?;
    fresh::write(&folder.join("pkg/inflight.js"), &program.js)?;
    fresh::write(&folder.join("pkg/inflight_bg.wasm"), &program.wasm)?;
    fresh::write(&folder.join("index.html"), page()?.as_bytes())?;
    offline::write(&folder)
}

/// `cargo xtask demo-assets`, the hook of Trunk: what it does not build itself, into the folder that it names.
///
/// # Errors
/// When a part does not build or cannot be written.
pub fn run_assets() -> Result<()> {
    let folder = std::env::var_os("TRUNK_STAGING_DIR").map_or_else(folder, PathBuf::from);
    wasm::compile(&Entry::OF_DEMO)?;
    write_assets(&folder)
}

/// `cargo xtask demo-offline`, Trunk's last hook: the service worker, which has to know every finished file.
///
/// # Errors
/// When a file cannot be read or written.
pub fn run_offline() -> Result<()> {
    offline::write(&std::env::var_os("TRUNK_STAGING_DIR").map_or_else(folder, PathBuf::from))
}

/// Where the demo is built.
pub fn folder() -> PathBuf {
    root().join("dist")
}

fn write_assets(folder: &Path) -> Result<()> {
    site::copy_public(folder)?;
    drop_far_details(folder)?;
    for (name, thin) in COASTS {
        let path = folder.join(name);
        fresh::write(&path, &thin.of(&fresh::read(&path)?)?)?;
    }
    for entry in [Entry::Worker, Entry::Watcher] {
        let (name, bound) = (entry.out_name(), wasm::bind(entry)?);
        fresh::write(&folder.join(format!("pkg/{name}.js")), &bound.js)?;
        fresh::write(&folder.join(format!("pkg/{name}_bg.wasm")), &bound.wasm)?;
    }
    fresh::write(&folder.join("pkg/inflight.css"), style::bundle_without(&OTHER_DESKS)?.as_bytes())?;
    thin_airports(&folder.join("airports").join(AIRPORTS))?;
    let recording = String::from_utf8(fresh::read(&root().join(RECORDING))?)?;
    fresh::write(&folder.join(RECORDING), demo_recording::polls(&recording, RECORDING_POLLS).as_bytes())
}

/// Takes the finest coasts away but for the cell in which the recording flies, for without the others the globe shows
/// coarser ones; and the letters that neither language of the screen has.
fn drop_far_details(folder: &Path) -> Result<()> {
    fs::remove_file(folder.join(FAR_LETTERS)).context(FAR_LETTERS)?;
    for (cells, kept) in [("globe-detail", DETAIL), ("airports", AIRPORTS)] {
        let cells = fresh::files_below(&folder.join(cells)).into_iter();
        for cell in cells.filter(|path| path.file_name().is_none_or(|name| name != kept)) {
            fs::remove_file(&cell).with_context(|| cell.display().to_string())?;
        }
    }
    Ok(())
}

/// Leaves the airports around New York: of the others nobody sees who follows the recording.
fn thin_airports(path: &Path) -> Result<()> {
    let text = String::from_utf8(fresh::read(path)?)?;
    // In hundred-thousandths of a degree, after code and name.
    let is_near = |line: &&str| {
        let mut degrees = line.split('\t').skip(2).filter_map(|cell| Some(cell.parse::<f64>().ok()? / 1e5));
        let (latitude, longitude) = (degrees.next().unwrap_or_default(), degrees.next().unwrap_or_default());
        (38.5..43.0).contains(&latitude) && (-77.0..-71.0).contains(&longitude)
    };
    let near: Vec<&str> = text.lines().filter(is_near).collect();
    ensure!(near.len() > 10, "{} has few airports around New York", path.display());
    fresh::write(path, (near.join("\n") + "\n").as_bytes())
}

/// The page, with the line for Trunk replaced by what Trunk would put there.
fn page() -> Result<String> {
    let source = root().join("frontend/index.html");
    let text = String::from_utf8(fresh::read(&source)?)?;
    let Some(start) = text.find(PROGRAM_MARK) else {
        bail!("{} has no {PROGRAM_MARK} line", source.display())
    };
    let length = text[start..].find('>').with_context(|| format!("{}: an open tag", source.display()))?;
    Ok(format!("{}{PROGRAM_START}{}", &text[..start], &text[start + length + 1..]))
}
