//! `cargo xtask size`: what a browser downloads, raw and compressed, against the budgets.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use serde_json::{Map, Value};

use crate::shell::{site_dir, step};
use crate::wasm::{self, Entry};
use crate::{demo, fresh, needs, site};

/// Bytes of one part.
struct Part {
    name: &'static str,
    budget_bytes: Option<usize>,
    raw_bytes: usize,
    brotli_bytes: usize,
}

/// Builds what is missing, prints the table and compares.
///
/// # Errors
/// When something does not build, or a part is over its budget.
pub fn run(arguments: &[String]) -> Result<()> {
    needs::wasm_target()?;
    step("compile", || wasm::compile(&Entry::ALL))?;
    site::assemble()?;
    demo::assemble()?;
    report(arguments.iter().any(|argument| argument == "--json"))
}

/// Measures what is built, prints the table and compares.
///
/// # Errors
/// When a file cannot be read, or a part is over its budget.
pub fn report(as_json: bool) -> Result<()> {
    let parts = measure()?;
    if as_json {
        print_json(&parts);
    } else {
        print_table(&parts);
    }
    let over: Vec<String> = parts.iter().filter_map(Part::excess).collect();
    if !over.is_empty() {
        bail!("over budget: {}", over.join("; "));
    }
    Ok(())
}

impl Part {
    fn of(name: &'static str, budget_bytes: Option<usize>, files: &[PathBuf]) -> Result<Self> {
        let mut part = Self { name, budget_bytes, raw_bytes: 0, brotli_bytes: 0 };
        for file in files {
            let bytes = fresh::read(file)?;
            part.raw_bytes += bytes.len();
            // A server sends what is smaller: fonts and pictures do not shrink.
            part.brotli_bytes += site::brotli(&bytes)?.len().min(bytes.len());
        }
        Ok(part)
    }

    fn excess(&self) -> Option<String> {
        let budget_bytes = self.budget_bytes.filter(|budget| self.brotli_bytes > *budget)?;
        Some(format!(
            "{} is {} bytes in brotli, at most {budget_bytes} are allowed",
            self.name, self.brotli_bytes
        ))
    }
}

/// The budgets are those of the design: kilobytes of a thousand bytes, in brotli.
fn measure() -> Result<Vec<Part>> {
    let package = |name: &str| vec![site_dir().join("pkg").join(name)];
    let is_sibling = |path: &PathBuf| path.extension().is_some_and(|kind| kind == "br");
    let below = |folder: &Path| {
        fresh::files_below(folder).into_iter().filter(|path| !is_sibling(path)).collect::<Vec<_>>()
    };
    // What the first view of the bundled recording fetches: the outlines, and the one fine cell that it lies in.
    let mut globe = below(&site_dir().join("globe"));
    globe.push(site_dir().join("globe-detail/n30w080.bin"));
    Ok(vec![
        Part::of("main_wasm", Some(350_000), &package("inflight.wasm"))?,
        Part::of("main_js", None, &package("inflight.js"))?,
        Part::of("system_wasm", Some(250_000), &package("system.wasm"))?,
        Part::of("system_js", None, &package("system.js"))?,
        // The editor of the business and what people do with cases came to it.
        Part::of("agents_wasm", Some(280_000), &package("agents.wasm"))?,
        Part::of("agents_js", None, &package("agents.js"))?,
        Part::of("css", None, &package("inflight.css"))?,
        Part::of("worker", Some(200_000), &package("worker_bg.wasm"))?,
        Part::of("worker_js", None, &package("worker.js"))?,
        Part::of("globe", Some(110_000), &globe)?,
        Part::of("fonts", None, &below(&site_dir().join("fonts")))?,
        Part::of("watcher", None, &[demo::folder().join("pkg/watcher_bg.wasm")])?,
        Part::of("demo", Some(800_000), &below(&demo::folder()))?,
    ])
}

fn print_table(parts: &[Part]) {
    println!("{:<12} {:>10} {:>10} {:>10}", "part", "raw", "brotli", "budget");
    for part in parts {
        let budget = part.budget_bytes.map_or(String::new(), |bytes| bytes.to_string());
        println!("{:<12} {:>10} {:>10} {:>10}", part.name, part.raw_bytes, part.brotli_bytes, budget);
    }
}

fn print_json(parts: &[Part]) {
    let mut report = Map::new();
    for part in parts {
        report.insert(format!("{}_raw_bytes", part.name), Value::from(part.raw_bytes));
        report.insert(format!("{}_brotli_bytes", part.name), Value::from(part.brotli_bytes));
        if let Some(bytes) = part.budget_bytes {
            report.insert(format!("{}_budget_bytes", part.name), Value::from(bytes));
        }
    }
    println!("{}", Value::Object(report));
}
