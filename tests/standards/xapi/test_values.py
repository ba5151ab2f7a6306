"""Identifiers, languages, times and durations of statements (1.0.3 Data 4; 2.0 4.2.7)."""

from datetime import UTC, datetime

import pytest

from standards.xapi import values
from standards.xapi.errors import StatementError
from standards.xapi.versions import V1_0_3, V2_0_0


def is_right(check, value):
    try:
        check(value)
    except StatementError as error:
        return not (error.path == "" and error.message)
    return True


VALUES = {
    values.check_iri: (
        [
            "http://a.b",
            "urn:isbn:1",
            "mailto:x",
            "a:b",
            "tag:a,2015:x",
            "http://a.b/ü?ä=1#é",
            "x-y.z+1:%20",
            "a://日本",
        ],
        [
            "",
            ":",
            "a:",
            "a b:c",
            "//a.b",
            "/x",
            "a",
            "1a:b",
            "http://a b",
            "http://a/<x>",
            "a:\x00",
            "a:b\n",
            "a:\ud800",
            1,
        ],
    ),
    values.check_uuid: (
        ["12345678-1234-5678-1234-567812345678", "00000000-0000-0000-0000-000000000000"],
        ["12345678-1234-5678-1234-56781234567", "12345678123456781234567812345678", "urn:uuid:12345678-1234-5678-1234"],
    ),
    values.check_mbox: (
        ["mailto:a@b", "mailto:a+b.c@d.example", "mailto:\u00fc@\u00e4.example"],
        [
            "a@b",
            "MAILTO:",
            "mailto:",
            "mailto:a",
            "mailto:@b",
            "mailto:a@",
            "mailto:a@b@c",
            "mailto:a @b",
            "mailto:a@b?x=y",
        ],
    ),
    values.check_sha1: (["a" * 40, "A0" * 20], ["a" * 39, "a" * 41, "g" * 40]),
    values.check_sha2: (["a" * 56, "a" * 64, "b" * 96, "C" * 128], ["", "a" * 40, "a" * 63, "g" * 64]),
    values.check_media_type: (
        ["text/plain", "text/plain; charset=utf-8", 'a/b;c="d e"', "application/vnd.x+json;version=1;q=2"],
        ["", "text", "text/", "/plain", "text/plain charset", "text/plain; x", "te xt/plain", "text/plain\n"],
    ),
    values.check_duration: (
        ["PT1H0M0.1S", "PT4H35M59.14S", "PT16559.14S", "P3Y1M29DT4H35M59.14S", "P3Y", "P4W", "PT0S", "P0D", "PT1,5S"]
        + ["P1.5Y", "PT1.5H", "P1M", "PT1M", "P1DT1S", "P0.5W"],
        ["", "P", "PT", "P1", "P1DT", "PA1H0M0S", "P4W1D", "1H", "-PT1S", "PT1.5H1M", "P1S", "PT1D", "pt1s", "PT1.S"]
        + ["P0003-06-04T12:00:00", "PT1H PT1M", "PT.5S"],
    ),
    values.check_language: (
        ["de", "de-DE", "zh-Hant", "sr-Latn-RS", "cmn", "es-MX", "zh-Hans-CN", "ase", "fr-CA", "es-419", "de-CH-1901"]
        + [
            "sl-rozaj-biske-1994",
            "en-a-bbb-x-a-ccc",
            "x-whatever",
            "i-klingon",
            "zh-min-nan",
            "EN-us",
            "hy-Latn-IT-arevela",
        ]
        + ["zh-cmn-Hans-CN", "en-GB-oed", "tlh", "und", "qaa-Qaaa-QM-x-southern"],
        [
            "",
            "a",
            "a12345678",
            "a12345",
            "abcdefghi",
            "de-",
            "de--DE",
            "zh-z-aaa-z-bbb-c-ccc",
            "en-x",
            "de_DE",
            "de-DE-DE",
        ]
        + ["en-a", "419", "i-nothing", "de-419-DE", "en-US ", "d\u00e9", "en-" + "a" * 300],
    ),
}


@pytest.mark.parametrize("check", VALUES, ids=lambda check: str(VALUES[check][0][0])[:12])
def test_format(check):
    good, bad = VALUES[check]

    assert [value for value in good if not is_right(check, value)] == []
    assert [value for value in [*bad, None, 5, True, {}, []] if is_right(check, value)] == []


TIMES = {  # 1.0.3, 2.0 and the moment
    "2015-11-18T12:17:00Z": (True, True, "12:17:00"),
    "2015-11-18T12:17:00+00:00": (True, True, "12:17:00"),
    "2015-11-18T14:17:00.5+02:00": (True, True, "12:17:00.500000"),
    "2015-11-18T12:17:00.123456789Z": (True, True, "12:17:00.123456"),
    "2015-11-18T12:17:60Z": (True, True, "12:17:59.999999"),
    "2015-11-18t12:17:00z": (False, True, "12:17:00"),
    "2015-11-18 12:17:00Z": (False, True, "12:17:00"),
    "2015-11-18T12:17:00": (True, False, "12:17:00"),
    "2015-11-18T12:17Z": (True, False, "12:17:00"),
    "2015-11-18T12Z": (True, False, "12:00:00"),
    "20151118T121700Z": (True, False, "12:17:00"),
    "2015-W47-3T12:17:00Z": (True, False, "12:17:00"),
    "2015-11-18T12:17:00,5Z": (True, False, "12:17:00.500000"),
    "2015-11-18T12:17:00+0000": (True, False, "12:17:00"),
    "2015-11-18T07:17:00-05": (True, False, "12:17:00"),
    **dict.fromkeys(
        (
            "2008-09-15T15:53:00.601-00",
            "2008-09-15T15:53:00.601-0000",
            "2008-09-15T15:53:00.601-00:00",
            "2015-11-18",
            "12:17:00Z",
            "01/011/2015",
            "should fail",
            "",
            "2015-13-18T12:17:00Z",
            "2015-02-29T12:17:00Z",
            "2015-11-18T25:17:00Z",
            "2015-11-18T12:61:00Z",
            "2015-11-18T12:17:61Z",
            "2015-11-18T12:17:00+25:00",
            "0000-11-18T12:17:00Z",
            "0001-01-01T00:00:00+14:00",
            "9999-12-31T23:59:59-14:00",
            "2015-11-18T12:17:00Z\n",
            "2015-11-18T12:17:00 Z",
            "\u0662015-11-18T12:17:00Z",
            "2015-11-18T12.5Z",
            "2015-11-18T12:17:00.Z",
        ),
        (False, False, ""),
    ),
}


@pytest.mark.parametrize("text", TIMES, ids=repr)
def test_timestamp(text):
    def read(version):
        try:
            return values.read_timestamp(text, version)
        except StatementError:
            return None

    loose, strict, time = TIMES[text]
    moment = datetime.fromisoformat(f"2015-11-18T{time}+00:00") if time else None

    assert (read(V1_0_3), read(V2_0_0)) == (moment if loose else None, moment if strict else None)


@pytest.mark.parametrize("value", [None, 5, {}, [], True])
def test_what_is_no_string_is_no_timestamp(value):
    with pytest.raises(StatementError):
        values.read_timestamp(value, V1_0_3)


def test_timestamps_of_our_own_are_utc_with_milliseconds():
    moment = datetime(2015, 11, 18, 12, 17, 0, 123456, tzinfo=UTC)

    text = values.format_timestamp(moment)

    assert text == "2015-11-18T12:17:00.123Z"
    assert values.read_timestamp(text, V2_0_0) == moment.replace(microsecond=123000)


def test_errors_quote_no_more_than_a_line_of_a_value():
    with pytest.raises(StatementError) as caught:
        values.check_iri("x" * 10_000)

    assert len(str(caught.value)) < 200
