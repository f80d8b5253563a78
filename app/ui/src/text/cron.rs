//! Cron expressions in words, and what is wrong with them.

use crate::state::agents::cron::{Cron, CronError, Field, Unit};
use crate::text::Locale;

const WEEKDAYS: [[&str; 7]; 2] = [
    ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"],
    ["duminică", "luni", "marți", "miercuri", "joi", "vineri", "sâmbătă"],
];

const MONTHS: [[&str; 12]; 2] = [
    [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    [
        "ianuarie",
        "februarie",
        "martie",
        "aprilie",
        "mai",
        "iunie",
        "iulie",
        "august",
        "septembrie",
        "octombrie",
        "noiembrie",
        "decembrie",
    ],
];

/// So many times of day are named one by one.
const MOST_TIMES: usize = 4;

/// When an expression comes, in a sentence without its end.
#[must_use]
pub fn cron_words(locale: Locale, cron: &Cron) -> String {
    let [minute, hour, day, month, weekday] = &cron.fields;
    let is_english = locale == Locale::En;
    let times = times(locale, minute, hour);
    let days = match (day.is_any, weekday.is_any) {
        (true, true) if hour.is_any => String::new(),
        (true, true) => (if is_english { "every day" } else { "în fiecare zi" }).to_owned(),
        (false, true) => dates(locale, day),
        (true, false) => weekdays(locale, weekday),
        (false, false) => {
            let join = match (day.is_free || weekday.is_free, is_english) {
                (false, true) => " or ",
                (false, false) => " sau ",
                (true, true) => ", if it is ",
                (true, false) => ", dacă este ",
            };
            [dates(locale, day), weekdays(locale, weekday)].join(join)
        }
    };
    let months = if month.is_any {
        String::new()
    } else {
        let names =
            month.values().into_iter().filter_map(|value| MONTHS[locale as usize].get(value as usize - 1));
        let names: Vec<String> = names.map(|name| (*name).to_owned()).collect();
        [if is_english { "in " } else { "în " }, &listed(locale, &names)].concat()
    };
    let parts: Vec<String> = [times, days, months].into_iter().filter(|part| !part.is_empty()).collect();
    crate::text::capitalised(&parts.join(", "))
}

/// What is wrong with an expression.
#[must_use]
pub fn cron_error(locale: Locale, error: CronError) -> String {
    let is_english = locale == Locale::En;
    match error {
        CronError::Count(count) if is_english => {
            format!("Five fields are expected: minute, hour, day, month, weekday. There are {count}.")
        }
        CronError::Count(count) => {
            format!("Se așteaptă cinci câmpuri: minut, oră, zi, lună, zi din săptămână. Sunt {count}.")
        }
        CronError::Field(unit) => {
            let (least, greatest) = unit.range();
            let name = match (unit, is_english) {
                (Unit::Minute, true) => "minute",
                (Unit::Minute, false) => "minutul",
                (Unit::Hour, true) => "hour",
                (Unit::Hour, false) => "ora",
                (Unit::Day, true) => "day",
                (Unit::Day, false) => "ziua",
                (Unit::Month, true) => "month",
                (Unit::Month, false) => "luna",
                (Unit::Weekday, true) => "weekday",
                (Unit::Weekday, false) => "ziua din săptămână",
            };
            if is_english {
                format!(
                    "The {name} is not understood: {least} to {greatest}, lists, ranges or steps such as */5 are expected."
                )
            } else {
                format!(
                    "Nu se înțelege {name}: se așteaptă {least} până la {greatest}, liste, intervale sau pași ca */5."
                )
            }
        }
        CronError::Never => {
            (if is_english { "No day is ever like that." } else { "Nicio zi nu este așa vreodată." })
                .to_owned()
        }
    }
}

fn times(locale: Locale, minute: &Field, hour: &Field) -> String {
    let is_english = locale == Locale::En;
    let (minutes, hours) = (minute.values(), hour.values());
    let texts = |values: &[u32]| listed(locale, &values.iter().map(u32::to_string).collect::<Vec<_>>());
    if hour.is_any {
        return match (minute.is_any, minute.step, minutes.as_slice(), is_english) {
            (true, _, _, true) => "every minute".to_owned(),
            (true, _, _, false) => "în fiecare minut".to_owned(),
            (_, Some(step), _, true) => format!("every {step} minutes"),
            (_, Some(step), _, false) => format!("la fiecare {step} {}", minutes_ro(step)),
            (_, _, [0], true) => "every hour, on the hour".to_owned(),
            (_, _, [0], false) => "în fiecare oră, la fix".to_owned(),
            (_, _, all, true) => format!("at minute {} of every hour", texts(all)),
            (_, _, all, false) => format!("la minutul {} al fiecărei ore", texts(all)),
        };
    }
    if let (Some(step), [only]) = (hour.step, minutes.as_slice()) {
        return match (only, is_english) {
            (0, true) => format!("every {step} hours"),
            (0, false) => format!("la fiecare {step} ore"),
            (_, true) => format!("every {step} hours, at minute {only}"),
            (_, false) => format!("la fiecare {step} ore, la minutul {only}"),
        };
    }
    if minutes.len() * hours.len() <= MOST_TIMES {
        let all =
            hours.iter().flat_map(|hour| minutes.iter().map(move |minute| format!("{hour:02}:{minute:02}")));
        let all: Vec<String> = all.collect();
        return [if is_english { "at " } else { "la " }, &listed(locale, &all)].concat();
    }
    let within = match (minute.is_any, minute.step, is_english) {
        (true, _, true) => "every minute".to_owned(),
        (true, _, false) => "în fiecare minut".to_owned(),
        (_, Some(step), true) => format!("every {step} minutes"),
        (_, Some(step), false) => format!("la fiecare {step} {}", minutes_ro(step)),
        (_, _, true) => format!("at minute {}", texts(&minutes)),
        (_, _, false) => format!("la minutul {}", texts(&minutes)),
    };
    let hours = spans(locale, &hours, |value| format!("{value:02}"));
    if is_english { format!("{within} of hour {hours}") } else { format!("{within} din ora {hours}") }
}

fn minutes_ro(step: u32) -> &'static str {
    if step >= 20 { "de minute" } else { "minute" }
}

fn dates(locale: Locale, day: &Field) -> String {
    let days = spans(locale, &day.values(), |value| value.to_string());
    let is_one = day.values().len() == 1;
    match (locale, is_one) {
        (Locale::En, true) => format!("on day {days} of the month"),
        (Locale::En, false) => format!("on days {days} of the month"),
        (Locale::Ro, true) => format!("în ziua {days} a lunii"),
        (Locale::Ro, false) => format!("în zilele {days} ale lunii"),
    }
}

fn weekdays(locale: Locale, weekday: &Field) -> String {
    // The week begins on Monday.
    let mut values: Vec<u32> =
        weekday.values().into_iter().map(|value| if value == 0 { 7 } else { value }).collect();
    values.sort_unstable();
    let name = |value: u32| WEEKDAYS[locale as usize][value as usize % 7].to_owned();
    let runs = values.len() > 2 && values.windows(2).all(|pair| pair[1] == pair[0] + 1);
    match (runs, locale, values.as_slice()) {
        (true, Locale::En, [first, .., last]) => format!("{} to {}", name(*first), name(*last)),
        (true, Locale::Ro, [first, .., last]) => format!("de {} până {}", name(*first), name(*last)),
        _ => {
            let names: Vec<String> = values.into_iter().map(name).collect();
            let names = listed(locale, &names);
            if locale == Locale::En { ["on ", &names].concat() } else { names }
        }
    }
}

/// Values in a list, those that follow each other as a range.
fn spans(locale: Locale, values: &[u32], told: impl Fn(u32) -> String) -> String {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for value in values {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == *value => *last = *value,
            _ => runs.push((*value, *value)),
        }
    }
    let mut parts = Vec::new();
    for (first, last) in runs {
        match last - first {
            0 => parts.push(told(first)),
            1 => parts.extend([told(first), told(last)]),
            _ => parts.push([told(first), told(last)].join("\u{2013}")),
        }
    }
    listed(locale, &parts)
}

/// `a, b and c`.
fn listed(locale: Locale, parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [many @ .., last] => {
            let join = if locale == Locale::En { " and " } else { " și " };
            [&many.join(", "), join, last].concat()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, english: &str, romanian: &str) {
        let cron = Cron::parse(text).unwrap();
        assert_eq!(cron_words(Locale::En, &cron), english, "{text}");
        assert_eq!(cron_words(Locale::Ro, &cron), romanian, "{text}");
    }

    #[test]
    fn expressions_explain_themselves() {
        check("* * * * *", "Every minute", "În fiecare minut");
        check("*/15 * * * *", "Every 15 minutes", "La fiecare 15 minute");
        check("*/20 * * * *", "Every 20 minutes", "La fiecare 20 de minute");
        check("0 * * * *", "Every hour, on the hour", "În fiecare oră, la fix");
        check("30 * * * *", "At minute 30 of every hour", "La minutul 30 al fiecărei ore");
        check("0 6 * * *", "At 06:00, every day", "La 06:00, în fiecare zi");
        check(
            "30 6,18 * * 1-5",
            "At 06:30 and 18:30, Monday to Friday",
            "La 06:30 și 18:30, de luni până vineri",
        );
        check("0 0 1 * *", "At 00:00, on day 1 of the month", "La 00:00, în ziua 1 a lunii");
        check(
            "0 */2 * * 0,6",
            "Every 2 hours, on Saturday and Sunday",
            "La fiecare 2 ore, sâmbătă și duminică",
        );
        check(
            "0 8 13 * FRI",
            "At 08:00, on day 13 of the month or on Friday",
            "La 08:00, în ziua 13 a lunii sau vineri",
        );
        check(
            "*/5 8-17 * * *",
            "Every 5 minutes of hour 08\u{2013}17, every day",
            "La fiecare 5 minute din ora 08\u{2013}17, în fiecare zi",
        );
        check(
            "0 12 1-7,15 JAN,JUL *",
            "At 12:00, on days 1\u{2013}7 and 15 of the month, in January and July",
            "La 12:00, în zilele 1\u{2013}7 și 15 ale lunii, în ianuarie și iulie",
        );
    }

    #[test]
    fn what_is_wrong_says_what_is_expected() {
        for locale in [Locale::En, Locale::Ro] {
            for error in
                Unit::ALL.map(CronError::Field).into_iter().chain([CronError::Count(4), CronError::Never])
            {
                let words = cron_error(locale, error);
                assert!(words.ends_with('.') && !words.contains('!'), "{words}");
            }
        }
        assert!(cron_error(Locale::En, CronError::Field(Unit::Hour)).contains("0 to 23"));
    }
}
