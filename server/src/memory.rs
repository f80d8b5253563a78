//! One pool of memory for all threads, because a pool for each never shrinks.
//!
//! glibc gives threads pools of their own, up to eight for each core. What connections leave behind is spread over all
//! of them in pieces: memory rose by 30 KB with every thousand connections, to three times what one pool takes,
//! although nothing was kept. Small blocks come from a store of each thread anyway, so that one pool costs no time.

/// Starts this program anew in its own place with one pool; does nothing where somebody has chosen, or the allocator is
/// another. Only the environment can tell glibc, and only before the start.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub fn share_one_pool() {
    use std::os::unix::process::CommandExt;
    const CHOICES: [&str; 2] = ["MALLOC_ARENA_MAX", "GLIBC_TUNABLES"];
    if CHOICES.iter().any(|name| std::env::var_os(name).is_some()) {
        return;
    }
    let Ok(program) = std::env::current_exe() else { return };
    let mut words = std::env::args_os();
    let mut again = std::process::Command::new(program);
    if let Some(name) = words.next() {
        again.arg0(name);
    }
    // Comes back only where the system refuses; then it goes on as it is.
    drop(again.args(words).env(CHOICES[0], "1").exec());
}

/// Starts this program anew in its own place with one pool; does nothing where somebody has chosen, or the allocator is
/// another. Only the environment can tell glibc, and only before the start.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn share_one_pool() {}
