//! `cargo xtask demo --serve`: a host of static files for the demo, as any other, on this machine alone.

use std::ffi::OsStr;
use std::fs::File;
use std::path::{Component, Path, PathBuf};

use anyhow::{Result, anyhow};
use tiny_http::{Header, Request, Response, Server, StatusCode};

/// Where the README says that the demo is.
const ADDRESS: &str = "127.0.0.1:3001";

/// Serves a folder until it is interrupted.
///
/// # Errors
/// When the port is taken.
pub fn serve(folder: &Path) -> Result<()> {
    let server = Server::http(ADDRESS).map_err(|error| anyhow!("{ADDRESS}: {error}"))?;
    println!("the demo is at http://{ADDRESS}/ (Ctrl-C ends it)");
    for request in server.incoming_requests() {
        // A browser that went away is no concern of the others.
        let _ = answer(folder, request);
    }
    Ok(())
}

fn answer(folder: &Path, request: Request) -> std::io::Result<()> {
    let file =
        file_of(request.url()).and_then(|path| File::open(folder.join(&path)).ok().map(|file| (path, file)));
    let Some((path, file)) = file else {
        return request.respond(Response::empty(StatusCode(404)));
    };
    let mut response = Response::from_file(file);
    if let Ok(header) = Header::from_bytes("content-type", kind_of(&path)) {
        response.add_header(header);
    }
    request.respond(response)
}

/// The file below the folder that an address names, if it stays below it.
fn file_of(url: &str) -> Option<PathBuf> {
    let path = url.split(['?', '#']).next().unwrap_or_default().trim_start_matches('/');
    let path = Path::new(if path.is_empty() { "index.html" } else { path });
    path.components().all(|part| matches!(part, Component::Normal(_))).then(|| path.to_owned())
}

fn kind_of(path: &Path) -> &'static str {
    match path.extension().and_then(OsStr::to_str) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css",
        Some("js") => "text/javascript",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("json") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::file_of;

    fn check(url: &str, expected: Option<&str>) {
        assert_eq!(file_of(url).as_deref().and_then(|path| path.to_str()), expected, "{url}");
    }

    #[test]
    fn addresses_name_files_below_the_folder() {
        check("/", Some("index.html"));
        check("/?still=1", Some("index.html"));
        check("/pkg/inflight.js", Some("pkg/inflight.js"));
        check("/../Cargo.toml", None);
        check("//etc/passwd", Some("etc/passwd"));
        check("/pkg/../../x", None);
    }
}
