//! The service worker of the static demo: which files it keeps, and a fingerprint that changes when one of them does.

use std::path::Path;

use anyhow::{Result, ensure};

use crate::fresh;
use crate::shell::root;

const NAME: &str = "service_worker.js";
const FILES_MARK: &str = "/*FILES*/ []";
const FINGERPRINT_MARK: &str = "/*FINGERPRINT*/";

/// Writes the service worker for the demo that lies in `folder`.
///
/// # Errors
/// When a file cannot be read or written.
pub fn write(folder: &Path) -> Result<()> {
    let template = String::from_utf8(fresh::read(&root().join("frontend").join(NAME))?)?;
    ensure!(template.contains(FILES_MARK) && template.contains(FINGERPRINT_MARK), "{NAME} has lost a mark");
    let own = folder.join(NAME);
    let mut names = vec!["./".to_owned()];
    let mut contents = template.clone().into_bytes();
    for path in fresh::files_below(folder).into_iter().filter(|path| *path != own) {
        names.push(format!("./{}", path.strip_prefix(folder)?.display()));
        contents.extend(fresh::read(&path)?);
    }
    let quoted: Vec<String> = names.iter().map(|name| format!("{name:?}")).collect();
    let text = template
        .replace(FILES_MARK, &format!("[{}]", quoted.join(", ")))
        .replace(FINGERPRINT_MARK, &fresh::fingerprint(&contents));
    fresh::write(&own, text.as_bytes())
}
