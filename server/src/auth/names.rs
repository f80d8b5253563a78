//! Names of people: those that trails use for the machine itself belong to nobody.

use inflight_domain::UserId;

/// Who acts where no person does.
const MACHINES: [&str; 6] = ["anonymous", "clock", "local", "system", "unknown", "watcher"];

/// How names of machines begin that say more.
const KINDS: [&str; 2] = ["policy:", "webhook:"];

/// The name of a person; none if it is no name, or one of a machine's in whatever case.
#[must_use]
pub fn person(name: &str) -> Option<UserId> {
    let lower = name.to_lowercase();
    let is_machine = MACHINES.contains(&lower.as_str()) || KINDS.iter().any(|kind| lower.starts_with(kind));
    UserId::new(name).filter(|_| !is_machine)
}

/// The person that a key stands for; one that was made before names were kept for machines is told apart from them.
#[must_use]
pub fn holder(name: &str) -> UserId {
    person(name).or_else(|| UserId::new(&format!("key:{name}"))).unwrap_or_else(UserId::anonymous)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_called_as_a_machine_is() {
        let check = |name: &str, is_person: bool, holds: &str| {
            assert_eq!((person(name).is_some(), holder(name).as_str()), (is_person, holds), "{name}");
        };
        check("ana", true, "ana");
        check("clockwork", true, "clockwork");
        check("clock", false, "key:clock");
        check("Clock", false, "key:Clock");
        check("system", false, "key:system");
        check("webhook:carpat", false, "key:webhook:carpat");
        check("policy:small change", false, "anonymous");
        check("", false, "key:");
    }
}
