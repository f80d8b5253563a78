//! Strips comments and indentation from the shaders, which travel inside the client's program.

#![expect(
    clippy::disallowed_methods,
    reason = "it runs on the machine that builds, where files are all there is"
)]

use std::path::Path;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let out = env::var("OUT_DIR").map_err(io::Error::other)?;
    println!("cargo::rerun-if-changed=src/painter/shader");
    for entry in fs::read_dir("src/painter/shader")? {
        let path = entry?.path();
        let text = fs::read_to_string(&path)?;
        let lines = text.lines().map(|line| line.split("//").next().unwrap_or_default().trim());
        let lean: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
        fs::write(Path::new(&out).join(path.file_name().unwrap_or_default()), lean.join("\n") + "\n")?;
    }
    Ok(())
}
