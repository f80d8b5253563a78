//! What a reader may rely on in every file: room signs, lengths, colours from one place, fixtures that say where they come from.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

/// A file longer than this is two rooms.
const LINES_MAX: usize = 400;

/// Lines of the screen that may ask whether they run on the server.
const SSR_LINES_MAX: usize = 5;

/// Words that say that something is not finished. Written in halves, so that this file may hold them.
const UNFINISHED: [&str; 6] = [
    concat!("to", "do!("),
    concat!("unimple", "mented!("),
    concat!("FIX", "ME"),
    concat!("TO", "DO"),
    concat!("XX", "X"),
    concat!("#[ig", "nore"),
];

#[test]
fn each_room_has_its_sign() {
    let unsigned = |text: &str| (!text.starts_with("//! ")).then(|| "starts without //!".to_owned());
    check(sources(), |text| unsigned(text).into_iter().collect());
}

#[test]
fn no_file_is_two_rooms() {
    check(sources(), |text| {
        let count = text.lines().count();
        if count > LINES_MAX { vec![format!("has {count} lines, at most {LINES_MAX}")] } else { Vec::new() }
    });
}

#[test]
fn nothing_is_left_unfinished() {
    check(sources(), |text| lines_with(text, |line| UNFINISHED.iter().any(|mark| line.contains(mark))));
}

#[test]
fn lints_are_expected_with_a_reason() {
    let allow = [concat!("#[al", "low("), concat!("#![al", "low(")];
    check(sources(), |text| {
        lines_with(text, |line| allow.iter().any(|mark| line.trim_start().starts_with(mark)))
    });
}

#[test]
fn the_screen_seldom_asks_where_it_runs() {
    let ask = |line: &str| line.contains("feature = \"ssr\"") && !line.contains("compile_error");
    let lines: Vec<String> = files("app/ui/src", &["rs"])
        .iter()
        .flat_map(|path| {
            lines_with(&read(path), ask).into_iter().map(|line| format!("{} {line}", path.display()))
        })
        .collect();
    assert!(lines.len() <= SSR_LINES_MAX, "at most {SSR_LINES_MAX}:\n{}", lines.join("\n"));
}

#[test]
fn the_server_does_not_panic_on_what_it_is_given() {
    let marks = [".unwrap()", ".expect("];
    let own = files("server/src", &["rs"]).into_iter().filter(|path| !path.ends_with("tests.rs"));
    check(own.collect(), |text| {
        lines_with(before_tests(text), |line| {
            !is_comment(line) && marks.iter().any(|mark| line.contains(mark))
        })
    });
}

#[test]
fn colours_come_from_the_tokens() {
    let sheets = files("style", &["css"]).into_iter().filter(|path| !path.ends_with("tokens.css"));
    check(sheets.chain(files("app/ui/src", &["rs"])).collect(), |text| lines_with(text, has_colour));
}

#[test]
fn fixtures_say_where_they_come_from() {
    let mut wrong = String::new();
    for path in files("fixtures", &[]) {
        if is_sidecar(&path) {
            continue;
        }
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let said = sidecars_of(&path);
        let sum = sha256(&fs::read(root().join(&path)).expect("a fixture"));
        let says = |word: &str| said.to_lowercase().contains(word);
        for (is_there, what) in [
            (said.contains(name), "is not named beside it".to_owned()),
            (says("source"), "has no source beside it".to_owned()),
            (says("licence") || says("license"), "has no licence beside it".to_owned()),
            (said.contains(&sum), format!("has sha256 {sum}, which does not stand beside it")),
        ] {
            if !is_there {
                let _ = writeln!(wrong, "{} {what}", path.display());
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}`cargo xtask sums` writes the sums; the rest goes into a README.md");
}

#[test]
fn colours_are_recognised() {
    for colour in
        ["color: #fff;", "#12ab34", "rgb(1 2 3)", "rgba(1,2,3,.5)", "hsl(1 2% 3%)", "oklch(.5 .1 20)"]
    {
        assert!(has_colour(colour), "{colour}");
    }
    for other in
        ["href=\"#main\"", "#[component]", "r#\"a\"#", "// see #12345", "id #add-flight", "var(--line)"]
    {
        assert!(!has_colour(other), "{other}");
    }
}

/// Fails with every complaint about every file, each with its path.
fn check(paths: Vec<PathBuf>, complaints: impl Fn(&str) -> Vec<String>) {
    let mut wrong = String::new();
    for path in paths {
        for complaint in complaints(&read(&path)) {
            let _ = writeln!(wrong, "{} {complaint}", path.display());
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

fn lines_with(text: &str, is_wrong: impl Fn(&str) -> bool) -> Vec<String> {
    let numbered = text.lines().enumerate().filter(|(_, line)| is_wrong(line));
    numbered.map(|(index, line)| format!("line {}: {}", index + 1, line.trim())).collect()
}

fn before_tests(text: &str) -> &str {
    text.find("#[cfg(test)]\nmod tests {").map_or(text, |start| &text[..start])
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with("//")
}

/// A colour function with numbers in it, or a hash with three, four, six or eight hexadecimal digits in a value.
fn has_colour(line: &str) -> bool {
    if is_comment(line) {
        return false;
    }
    let lower = line.to_lowercase();
    let is_function = |name: &str| {
        lower.match_indices(name).any(|(start, _)| {
            lower[start + name.len()..].starts_with(|next: char| next.is_ascii_digit() || next == '.')
        })
    };
    let is_hash = |start: usize| {
        let digits: String = lower[start + 1..]
            .chars()
            .take_while(|next| next.is_ascii_alphanumeric() || *next == '-')
            .collect();
        let before = lower[..start].chars().next_back();
        [3, 4, 6, 8].contains(&digits.len())
            && digits.chars().all(|digit| digit.is_ascii_hexdigit())
            && before.is_none_or(|before| " :,(\"'".contains(before))
            && !lower[..start].ends_with("href=\"")
    };
    ["rgb(", "rgba(", "hsl(", "hsla(", "oklch(", "oklab(", "lab(", "lch("].into_iter().any(is_function)
        || lower.match_indices('#').any(|(start, _)| is_hash(start))
}

fn is_sidecar(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    name == "README.md" || name == "SHA256SUMS" || name.contains("manifest")
}

/// The words of every sidecar in the folder of a fixture.
fn sidecars_of(path: &Path) -> String {
    let folder = root().join(path.parent().expect("a folder"));
    let entries = fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.path());
    entries.filter(|path| is_sidecar(path)).map(|path| read(&path)).collect::<Vec<_>>().join("\n")
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest;
    sha2::Sha256::digest(bytes).iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// Every Rust file of the project.
fn sources() -> Vec<PathBuf> {
    ["app", "server", "frontend", "xtask"].into_iter().flat_map(|folder| files(folder, &["rs"])).collect()
}

/// The files below a folder with one of these endings, or all of them; relative to the root.
fn files(folder: &str, endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut waiting = vec![PathBuf::from(folder)];
    while let Some(next) = waiting.pop() {
        for entry in fs::read_dir(root().join(&next)).into_iter().flatten().flatten() {
            let path = next.join(entry.file_name());
            let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
            if entry.path().is_dir() {
                if !["node_modules", "target"].iter().any(|made| path.ends_with(made)) {
                    waiting.push(path);
                }
            } else if endings.is_empty() || endings.contains(&ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn read(path: &Path) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_default()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a parent").to_owned()
}
