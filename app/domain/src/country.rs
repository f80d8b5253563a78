//! The state that an aircraft's address belongs to, by the allocation table of ICAO Annex 10, volume III.

use crate::ids::Icao24;

/// Blocks in rising order: start (six hex digits), size as a power of two above 1024 (one hex digit), and the code
/// of the state by ISO 3166. A text, because it compresses better than numbers. Dependencies that have a part of
/// their state's block count as that state.
const BLOCKS: &str = "\
    0040001ZW0060002MZ0080005ZA0100005EG0180005LY0200005MA0280005TN0300001BW0320002BI0340002CM0350001KM\
    0360002CG0380002CI03e0002GA0400002ET0420002GQ0440002GH0460002GN0480001GW04a0001LS04c0002KE0500002LR\
    0540002MG0580002MW05a0001MV05c0002ML05e0001MR0600001MU0620002NE0640002NG0680002UG06a0002QA06c0002CF\
    06e0002RW0700002SN0740001SC0760001SL0780002SO07a0001SZ07c0002SD0800002TZ0840002TD0880002TG08a0002ZM\
    08c0002CD0900002AO0940001BJ0960001CV0980001DJ09a0002GM09c0002BF09e0001ST0a00005DZ0a80002BS0aa0001BB\
    0ab0001BZ0ac0003CO0ae0002CR0b00002CU0b20002SV0b40002GT0b60002GY0b80002HT0ba0002HN0bc0001VC0be0002JM\
    0c00002NI0c20002PA0c40002DO0c60002TT0c80002SR0ca0001AG0cc0001GD0d00005MX0d80005VE100000aRU2010001NA\
    2020001ER3000008IT3400008ES3800008FR3c00008DE4000008GB4400005AT4480005BE4500005BG4580005DK4600005FI\
    4680005GR4700005HU4780005NO4800005NL4880005PL4900005PT4980005CZ4a00005RO4a80005SE4b00005CH4b80005TR\
    4c00005RS4c80001CY4ca0002IE4cc0002IS4d00001LU4d20001MT4d40001MC5000001SM5010001AL5018001HR5028001LV\
    5038001LT5048001MD5058001SK5068001SI5078001UZ5080005UA5100001BY5110001EE5120001MK5130001BA5140001GE\
    5150001TJ5160001ME6000001AM6008001AZ6010001KG6018001TM6800001BT6810001FM6820001MN6830001KZ6840001PW\
    7000002AF7020002BD7040002MM7060002KW7080002LA70a0002NP70c0001OM70e0002KH7100005SA7180005KR7200005KP\
    7280005IQ7300005IR7380005IL7400005JO7480005LB7500005MY7580005PH7600005PK7680005SG7700005LK7780005SY\
    7800008CN7890002HK7c00008AU8000008IN8400008JP8800005TH8880005VN8900002YE8940002BH8950001BN8960002AE\
    8970001SB8980002PG8990001TW8a00005ID9000001MH9010001CK9020001WSa00000aUSc000008CAc800005NZc880002FJ\
    c8a0001NRc8c0001LCc8d0001TOc8e0001KIc900001VUc910001ADc920001DMc930001KNc940001SSc950001TLc970001TV\
    e000008ARe400008BRe800002CLe840002ECe880002PYe8c0002PEe900002UYe940002BO\
";

/// Length of one entry.
const ENTRY: usize = 9;

/// Code of the state by ISO 3166, for example `RO`; none for addresses that are not allocated.
#[must_use]
pub fn country(icao24: Icao24) -> Option<&'static str> {
    let address = icao24.get();
    let (mut low, mut high) = (0, BLOCKS.len() / ENTRY);
    while low < high {
        let middle = usize::midpoint(low, high);
        if block(middle)?.0 <= address { low = middle + 1 } else { high = middle }
    }
    // A small block may lie within a large one, whose entry then stands just before.
    (low.saturating_sub(2)..low)
        .rev()
        .filter_map(block)
        .find_map(|(start, length, code)| (address - start < length).then_some(code))
}

/// Codes of all states that have addresses; one that has several blocks comes several times.
pub fn countries() -> impl Iterator<Item = &'static str> {
    (0..BLOCKS.len() / ENTRY).filter_map(block).map(|(_, _, code)| code)
}

fn block(index: usize) -> Option<(u32, u32, &'static str)> {
    let entry = BLOCKS.get(index * ENTRY..(index + 1) * ENTRY)?;
    let start = u32::from_str_radix(&entry[..6], 16).ok()?;
    let power = u32::from_str_radix(&entry[6..7], 16).ok()?;
    Some((start, 1024 << power, &entry[7..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_belong_to_states() {
        for (hex, expected) in [
            ("a13f1c", Some("US")),
            ("4a35c2", Some("RO")),
            ("3c6444", Some("DE")),
            ("400a1b", Some("GB")),
            ("789123", Some("HK")),
            ("78a123", Some("CN")),
            ("780000", Some("CN")),
            ("004000", Some("ZW")),
            ("0047ff", Some("ZW")),
            ("004800", None),
            ("000000", None),
            ("ffffff", None),
        ] {
            assert_eq!(country(Icao24::parse(hex).unwrap()), expected, "{hex}");
        }
    }

    #[test]
    fn blocks_are_whole_and_rising() {
        assert_eq!(BLOCKS.len() % ENTRY, 0);
        let blocks: Vec<_> = (0..BLOCKS.len() / ENTRY).map(|index| block(index).unwrap()).collect();
        assert!(blocks.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert!(blocks.iter().all(|(start, length, code)| start + length <= 0x100_0000 && code.len() == 2));
    }
}
