//! One style sheet out of `style/`: imports inlined into their layers, then minified.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use lightningcss::printer::PrinterOptions;
use lightningcss::rules::CssRule;
use lightningcss::stylesheet::{MinifyOptions, ParserOptions, StyleSheet};

use crate::fresh;
use crate::shell::{root, site_dir};

/// `cargo xtask css [FILE]`.
///
/// # Errors
/// When a sheet does not parse or the result cannot be written.
pub fn run(arguments: &[String]) -> Result<()> {
    let out = arguments.first().map_or_else(|| site_dir().join("pkg/inflight.css"), PathBuf::from);
    fresh::write(&out, bundle()?.as_bytes())
}

/// The whole style sheet of the product, minified.
///
/// # Errors
/// When a sheet is missing or does not parse; the message says where.
pub fn bundle() -> Result<String> {
    bundle_without(&[])
}

/// The same without some of its sheets.
///
/// # Errors
/// When a sheet is missing or does not parse; the message says where.
pub fn bundle_without(left_out: &[&str]) -> Result<String> {
    let text = inline(&root().join("style/main.css"), left_out)?;
    let mut sheet = StyleSheet::parse(&text, ParserOptions::default()).map_err(|error| anyhow!("{error}"))?;
    // No targets: what the browsers of today read is written as it stands.
    sheet.minify(MinifyOptions::default()).map_err(|error| anyhow!("{error}"))?;
    let printed = sheet.to_css(PrinterOptions { minify: true, ..PrinterOptions::default() });
    Ok(printed.map_err(|error| anyhow!("{error}"))?.code)
}

/// The text of a sheet with each `@import` replaced by what it names.
fn inline(path: &Path, left_out: &[&str]) -> Result<String> {
    let text = fs::read_to_string(path).with_context(|| format!("could not read {}", path.display()))?;
    let sheet = StyleSheet::parse(&text, ParserOptions::default())
        .map_err(|error| anyhow!("{}: {error}", path.strip_prefix(root()).unwrap_or(path).display()))?;
    let mut out = String::new();
    for rule in &sheet.rules.0 {
        match rule {
            CssRule::Import(import) if left_out.iter().any(|name| import.url.ends_with(name)) => {}
            CssRule::Import(import) => {
                if import.supports.is_some() || !import.media.media_queries.is_empty() {
                    bail!("{}: an import may have a layer, nothing else", path.display());
                }
                let inner = inline(&path.with_file_name(import.url.as_ref()), left_out)?;
                match &import.layer {
                    None => out.push_str(&inner),
                    Some(None) => out.push_str(&format!("@layer {{ {inner} }}\n")),
                    Some(Some(name)) => out.push_str(&format!("@layer {} {{ {inner} }}\n", name.0.join("."))),
                }
            }
            CssRule::Ignored => {}
            other => {
                use lightningcss::traits::ToCss;
                let printed = other.to_css_string(PrinterOptions::default());
                out.push_str(&printed.map_err(|error| anyhow!("{}: {error}", path.display()))?);
                out.push('\n');
            }
        }
    }
    Ok(out)
}
