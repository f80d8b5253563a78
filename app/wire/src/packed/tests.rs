//! Rows survive packing, and no bytes make the reader panic.

use super::*;
use inflight_domain::ShortText;
use proptest::prelude::*;

fn column(field: Field) -> BoxedStrategy<i64> {
    let range = field.range();
    let raw = (*range.start()..=*range.end()).boxed();
    let known = match field {
        Field::Callsign | Field::TypeCode | Field::Registration => {
            "[A-Z][A-Z0-9]{0,7}".prop_map(|text| ShortText::parse(&text).unwrap().to_number()).boxed()
        }
        Field::Altitude => prop_oneof![raw, (-100_i64..1500).prop_map(|step| step * 762)].boxed(),
        _ => raw,
    };
    if field.always_known() { known } else { prop_oneof![4 => known, 1 => Just(UNKNOWN)].boxed() }
}

fn aircraft() -> impl Strategy<Value = Aircraft> {
    let columns: Vec<_> = Field::ALL.into_iter().map(column).collect();
    (0..0x0100_0000_u32, columns).prop_map(|(address, columns)| {
        Aircraft::from_columns(Icao24::new(address).unwrap(), columns.try_into().unwrap()).unwrap()
    })
}

fn motion() -> impl Strategy<Value = MotionState> {
    let numbers = prop::array::uniform8(-1_000_000_i32..1_000_000);
    (1_600_000_000_000..1_800_000_000_000_i64, numbers, any::<u8>())
        .prop_map(|(at, numbers, samples)| MotionState::from_numbers(UnixMillis(at), numbers, samples))
}

fn read_one(bytes: &[u8]) -> PackedRow {
    let mut rows = Rows::of(bytes).unwrap();
    let row = rows.take().unwrap().unwrap();
    assert_eq!(rows.take(), Ok(None));
    row
}

/// A row that follows from another as rows mostly do: every column moves a little, if at all.
fn going_on() -> impl Strategy<Value = (Aircraft, Aircraft)> {
    let steps = prop::array::uniform18(prop_oneof![Just(0), Just(0), -60_i64..60, -9000_i64..9000]);
    (aircraft(), steps, 0_i64..100_000).prop_map(|(old, steps, elapsed_ms)| {
        let mut columns = *old.columns();
        for field in Field::ALL.into_iter().filter(|field| !field.is_text()) {
            let value = columns[field.index()].saturating_add(steps[field.index()]);
            if columns[field.index()] != UNKNOWN && field.range().contains(&value) {
                columns[field.index()] = value;
            }
        }
        let contact = columns[Field::LastContact.index()];
        columns[Field::TimePosition.index()] = (contact - elapsed_ms).max(0);
        (old, Aircraft::from_columns(old.icao24, columns).unwrap())
    })
}

proptest! {
    #[test]
    fn a_full_row_round_trips(row in aircraft(), motion in motion(), slot in 0_u32..100_000) {
        let mut packer = Packer::default();
        packer.full(Slot(slot), &row, &motion);
        let read = read_one(&packer.finish());
        prop_assert_eq!(read.slot, Slot(slot));
        let after = read.apply(None).unwrap();
        prop_assert_eq!(after, row);
        prop_assert_eq!(read.motion_of(&after), Some(motion));
    }

    #[test]
    fn a_difference_and_an_absolute_row_agree(old in aircraft(), new in aircraft(), motion in motion()) {
        let new = Aircraft::from_columns(old.icao24, *new.columns()).unwrap();
        let changed = Field::ALL.into_iter().filter(|f| old.columns()[f.index()] != new.columns()[f.index()]);
        let (mut difference, mut absolute) = (Packer::default(), Packer::default());
        difference.difference(Slot(5), &old, &new);
        absolute.absolute(Slot(5), changed, &new, &motion);
        prop_assert_eq!(read_one(&difference.finish()).apply(Some(&old)).unwrap(), new);
        prop_assert_eq!(read_one(&absolute.finish()).apply(Some(&old)).unwrap(), new);
    }

    #[test]
    fn a_step_leads_where_it_should((old, new) in going_on(), slot in 0_u32..100_000) {
        prop_assume!(old != new);
        let mut packer = Packer::for_steps(core::iter::once(&new));
        packer.difference(Slot(slot), &old, &new);
        let read = read_one(&packer.finish());
        prop_assert_eq!(read.slot, Slot(slot));
        prop_assert_eq!(read.apply(Some(&old)).unwrap(), new);
    }

    #[test]
    fn no_bytes_panic(bytes: Vec<u8>, old in aircraft()) {
        let Ok(mut rows) = Rows::of(&bytes) else { return Ok(()) };
        while let Ok(Some(row)) = rows.take() {
            if let Ok(after) = row.apply(Some(&old)) {
                let _ = row.motion_of(&after);
            }
        }
    }
}

#[test]
fn a_cruising_aircraft_costs_little() {
    let mut columns = [UNKNOWN; FIELD_COUNT];
    let values =
        [40_641_100, -73_777_300, 1_679_015_033_000, 1_679_015_033_000, 1_066_800, 1_082_040, 23_400, 4651];
    columns[..8].copy_from_slice(&values);
    columns[Field::Flags.index()] = 0;
    let old = Aircraft::from_columns(Icao24::new(0xa1_2345).unwrap(), columns).unwrap();
    for (index, step) in [(0, 14_400), (1, 20_100), (2, 10_000), (3, 10_000), (4, 762), (5, 762)] {
        columns[index] += step;
    }
    let new = Aircraft::from_columns(old.icao24, columns).unwrap();
    let mut packer = Packer::for_steps(core::iter::once(&new));
    packer.difference(Slot(0), &old, &new);
    assert_eq!(packer.len(), 4, "head 1, times 1, altitudes 1, position 1");
}
