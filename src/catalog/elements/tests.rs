use super::*;
use crate::orbit::Utc;

/// Objects that do not exist, written by `tests/reference/orbits.py`.
const TLE: &str = include_str!("../../../tests/reference/orbits.tle");

/// The first of them in the other notations, its number too large for a TLE.
const JSON: &str = r#"[{"OBJECT_NAME": "INVENTED \"LOW\"", "OBJECT_ID": "2025-001A", "EPOCH": "2025-03-01T12:00:00.000000",
 "MEAN_MOTION": 15.06391204, "ECCENTRICITY": 0.0001432, "INCLINATION": "53.05", "RA_OF_ASC_NODE": 120.4321,
 "ARG_OF_PERICENTER": 87.6543, "MEAN_ANOMALY": 272.4567, "EPHEMERIS_TYPE": 0, "NORAD_CAT_ID": 190001, "BSTAR": 0.00012345,
 "MEAN_MOTION_DOT": 0, "COMMENT": null, "USER": {"a": [1, {}]}}]"#;
const CSV: &str = "OBJECT_NAME,OBJECT_ID,EPOCH,MEAN_MOTION,ECCENTRICITY,INCLINATION,RA_OF_ASC_NODE,ARG_OF_PERICENTER,MEAN_ANOMALY,NORAD_CAT_ID,BSTAR\r\n\
    \"INVENTED \"\"LOW\"\"\",2025-001A,2025-03-01T12:00:00,15.06391204,.0001432,53.05,120.4321,87.6543,272.4567,190001,.12345E-3\r\n";
const KVN: &str = "CCSDS_OMM_VERS = 3.0\nCOMMENT made up\nCREATION_DATE = 2025-03-02T00:00:00\nOBJECT_NAME = INVENTED \"LOW\"\nTIME_SYSTEM = UTC\n\
    REF_FRAME = TEME\nMEAN_ELEMENT_THEORY = SGP4\nEPOCH = 2025-060T12:00:00\nMEAN_MOTION = 15.06391204 [rev/day]\nECCENTRICITY = 0.0001432\n\
    INCLINATION = 53.05 [deg]\nRA_OF_ASC_NODE = 120.4321\nARG_OF_PERICENTER = 87.6543\nMEAN_ANOMALY = 272.4567\nNORAD_CAT_ID = 190001\nBSTAR = 0.12345e-3\n";
const XML: &str = "<?xml version=\"1.0\"?>\n<ndm><omm id=\"CCSDS_OMM_VERS\" version=\"2.0\"><header/><body><segment><metadata>\n\
    <OBJECT_NAME>INVENTED &quot;LOW&quot;</OBJECT_NAME><REF_FRAME>TEME</REF_FRAME></metadata><data><meanElements>\n\
    <EPOCH>2025-03-01T12:00:00</EPOCH><MEAN_MOTION units=\"rev/day\">15.06391204</MEAN_MOTION><ECCENTRICITY>0.0001432</ECCENTRICITY>\n\
    <INCLINATION>53.05</INCLINATION><RA_OF_ASC_NODE>120.4321</RA_OF_ASC_NODE><ARG_OF_PERICENTER>87.6543</ARG_OF_PERICENTER>\n\
    <MEAN_ANOMALY>272.4567</MEAN_ANOMALY></meanElements><tleParameters><NORAD_CAT_ID>190001</NORAD_CAT_ID>\n\
    <BSTAR>.12345E-3</BSTAR></tleParameters></data></segment></body></omm></ndm>\n";

fn good(text: &str) -> Vec<Elements> {
    let reading = read("objects", text);
    assert_eq!(reading.problems, [], "{text}");
    reading.objects
}

/// Line and column of each problem, and its words.
fn bad(text: &str) -> Vec<(usize, usize, String)> {
    let reading = read("objects", text);
    assert_eq!(reading.wrong, reading.problems.len());
    reading.problems.iter().map(|problem| (problem.line, problem.column, problem.to_string())).collect()
}

#[test]
fn every_notation_gives_the_same_object() {
    let from_tle = good(TLE);
    assert_eq!(from_tle.len(), 6);
    assert_eq!(from_tle[0].epoch, Utc::parse("2025-03-01T12:00").unwrap());
    assert_eq!((from_tle[2].number, from_tle[2].drag), (Some(90_003), -0.11606e-4));
    let expected = Elements { name: "INVENTED \"LOW\"".into(), number: Some(190_001), ..from_tle[0].clone() };
    for text in [JSON, CSV, KVN, XML] {
        assert_eq!(good(text), std::slice::from_ref(&expected), "{text}");
        assert_eq!(good(&format!("\u{feff}{text}")), std::slice::from_ref(&expected), "{text}");
    }
    // Several messages in a row, and one without a list around it.
    assert_eq!(good(&format!("{KVN}{}", KVN.replace("190001", "190002"))).len(), 2);
    assert_eq!(good(&JSON[1..JSON.len() - 1]), [expected]);
}

#[test]
fn lines_may_be_two_or_three() {
    let two: String = TLE.lines().filter(|line| !line.starts_with("INV")).map(|line| format!("{line}\r\n")).collect();
    assert_eq!(good(&two)[1].name, "90002");
    let zero: String = TLE.lines().map(|line| line.replace("INVENTED", "0 INVENTED") + "\n\n").collect();
    assert_eq!(good(&format!("# objects\n{zero}"))[1].name, "INVENTED POLAR");
}

/// The lines of the first object with another number and the checksums that belong to them.
fn numbered(number: &str) -> String {
    let lines = TLE.lines().take(3).map(|line| {
        if line.starts_with("INV") {
            return line.to_owned();
        }
        let line = line.replacen("90001", number, 1);
        let sum: u32 = line[..68].chars().map(|c| c.to_digit(10).unwrap_or(u32::from(c == '-'))).sum();
        format!("{}{}", &line[..68], sum % 10)
    });
    lines.map(|line| line + "\n").collect()
}

#[test]
fn letters_stand_for_large_numbers() {
    for (text, number) in
        [("A0000", 100_000), ("H9999", 179_999), ("J0000", 180_000), ("P0000", 230_000), ("Z9999", 339_999)]
    {
        assert_eq!(good(&numbered(text))[0].number, Some(number));
    }
    for text in ["I0000", "O0000", "AB000", "é000"] {
        assert!(!bad(&numbered(text)).is_empty(), "{text}");
    }
}

#[test]
fn what_is_wrong_with_a_line_is_told_where_it_stands() {
    let lines: Vec<&str> = TLE.lines().take(6).collect();
    let changed = |number: usize, from: &str, to: &str| {
        let mut lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        lines[number] = lines[number].replacen(from, to, 1);
        lines.join("\n")
    };
    for (text, line, column, word) in [
        (changed(1, "12345-3", "12346-3"), 2, 69, "= expected: 5"),
        (changed(2, "53.0500", "53.05"), 3, 1, "67 columns"),
        (changed(2, "120.4321", "12\u{e4}.4321"), 3, 20, "does not belong"),
        (changed(2, "2 90001", "2 90010"), 3, 3, "of object 90010"),
        (changed(4, "25059.9", "25509.9"), 5, 19, "two digits of the year"),
        (changed(2, "120.4321", "12O.4321"), 3, 18, "right ascension"),
        (lines[1..2].join("\n"), 1, 1, "without a line 2"),
        (lines[2..].join("\n"), 1, 1, "without a line 1"),
        (lines[..4].join("\n"), 4, 1, "followed by no elements"),
        ("Invalid query".to_owned(), 1, 1, "no orbital elements"),
        (String::new(), 1, 1, "empty"),
    ] {
        let found = bad(&text);
        assert_eq!((found[0].0, found[0].1), (line, column), "{}", found[0].2);
        assert!(found[0].2.contains(word), "{}", found[0].2);
    }
    // The other object is good.
    let reading = read("objects", &changed(1, "12345-3", "12346-3"));
    assert_eq!((reading.objects.len(), reading.wrong), (1, 1));
}

#[test]
fn what_is_wrong_with_a_message_is_told_where_it_stands() {
    for (text, line, column, word) in [
        (JSON.replace("\"BSTAR\"", "\"BSTRA\""), 1, 2, "did you mean `BSTRA`"),
        (JSON.replace("0.0001432", "1.0001432"), 2, 46, "0.9999999"),
        (JSON.replace("2025-03-01", "2025-03-32"), 1, 73, "EPOCH"),
        (JSON.replace("\"EPHEMERIS_TYPE\": 0", "\"EPHEMERIS_TYPE\": 4"), 3, 76, "0 or 1 or 2"),
        (JSON.replace("190001", "-5"), 3, 95, "nine digits"),
        (JSON.replace("53.05", "nan"), 2, 72, "INCLINATION is \"nan\""),
        (JSON[..200].to_owned(), 2, 99, "a value"),
        (CSV.replace("272.4567,", "272.4567,,"), 2, 1, "12 cells"),
        (CSV.replace("272.4567", ""), 2, 1, "has no MEAN_ANOMALY"),
        (CSV.replace(",87.6543", ",876.543"), 2, 86, "from -360 to 360"),
        (KVN.replace("= SGP4", "= DSST"), 7, 1, "SGP4"),
        (KVN.replace("INCLINATION = 53", "INCLINATION : 53"), 11, 1, "no keyword"),
        (XML.replace("TEME", "GCRF"), 3, 52, "TEME"),
        (XML.replace("</EPOCH>", "</EPOCHE>"), 4, 27, "not XML"),
        ("<html><body>no</body></html>".to_owned(), 1, 1, "no element `omm`"),
    ] {
        let found = bad(&text);
        assert_eq!((found[0].0, found[0].1), (line, column), "{}", found[0].2);
        assert!(found[0].2.contains(word), "{}", found[0].2);
    }
}

#[test]
fn of_several_elements_of_an_object_the_newest_count() {
    let older = KVN.replace("2025-060", "2025-059");
    let reading = read("objects", &format!("{older}{KVN}{older}"));
    assert_eq!((reading.objects.len(), reading.superseded), (1, 2));
    assert_eq!(reading.objects[0].epoch, Utc::parse("2025-03-01T12:00").unwrap());
}

#[test]
fn a_file_of_mistakes_is_told_briefly() {
    let many = TLE.replace('9', "8").repeat(400);
    let reading = read("objects", &many);
    assert!(reading.objects.is_empty() && reading.problems.len() == KEPT && reading.wrong > 2_000);
}
