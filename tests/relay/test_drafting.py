from tutti.relay.drafting import Outgoing, headers_about


def test_header_names_what_was_dropped():
    outgoing = Outgoing(body=b"", content_type="application/json", dropped=("seed", "n"))
    assert headers_about(outgoing) == [(b"x-tutti-dropped", b"seed, n")]


def test_name_that_a_caller_made_up_stays_within_the_header():
    outgoing = Outgoing(body=b"", content_type="application/json", dropped=("a\r\nset-cookie: b", "东"))
    assert headers_about(outgoing) == [(b"x-tutti-dropped", b"a??set-cookie: b, ?")]
