"""What the end-to-end scenarios and their neighbours send and look for."""
import re
from functools import partial

import readable
from gateway import expect
from send import crlf

NOTICE = "【無害化】"
PLANS = ("same-address", "lgwan-domain")
DOMAIN = "city.example.lg.jp"
LGWAN_DOMAIN = {"same-address": DOMAIN, "lgwan-domain": "lgwan." + DOMAIN}
# The fields that edge puts on top: the results of its checks, and its Received below them.
TRACE = re.compile(rb"\A((?:Authentication-Results: ?edge\.city\.example\.lg\.jp;[^\n]*\n(?:[ \t][^\n]*\n)*)*)"
                   rb"Received: from [^\n]*\n\tby edge\.city\.example\.lg\.jp \(Postfix\)[^\n]*\n(?:[ \t][^\n]*\n)*")


def in_both_plans(function):
    """A scenario that is run once for each address plan, as function(bin_directory, plan=...)."""
    function.plans = PLANS
    return function


def scenarios(*modules):
    """{name: function of the programs' directory} of every test_ function in modules."""
    found = {}
    for module in modules:
        for name, function in sorted(vars(module).items()):
            if not name.startswith("test_"):
                continue
            for plan in getattr(function, "plans", ()):
                found[f"{name[5:]}_{plan.replace('-', '_')}"] = partial(function, plan=plan)
            if not hasattr(function, "plans"):
                found[name[5:]] = function
    return found


def inside(local, plan="same-address"):
    """The address of a person on the LGWAN side."""
    return f"{local}@{LGWAN_DOMAIN[plan]}"


def outside(local):
    """The address of the same person in the internet zone."""
    return f"{local}@{DOMAIN}"


def mail(subject, body, extra=b""):
    head = (f"From: Citizen <citizen@sender.example>\nTo: soumu@{DOMAIN}\nSubject: {subject}\n"
            "Date: Fri, 20 Nov 2026 09:00:00 +0900\nMessage-ID: <1@sender.example>\nMIME-Version: 1.0\n")
    return crlf(head.encode() + extra + b"\n" + body)


def trace(data):
    match = TRACE.match(data)
    expect(match, f"no trace fields of edge on top: {data[:200]!r}")
    return match


def without_trace(data):
    """What a message is below the fields that edge puts on top."""
    return data[trace(data).end():]


def result_of(stored):
    return readable.parse(stored.data)["X-Mugai-Result"] or ""


def expect_delivered(scene, stored, text):
    scene.expect_clean(stored)
    expect(result_of(stored).startswith("deliver;"), f"not delivered in full: {result_of(stored)}")
    expect(text in readable.text(stored.data), f"the clean message lacks {text!r}")


def expect_notice_only(scene, stored, *absent):
    scene.expect_clean(stored)
    expect(result_of(stored).startswith("notice-only;"), f"not a notice: {result_of(stored)}")
    everything = readable.everything(stored.data)
    for word in absent:
        expect(word not in everything, f"the notice holds {word!r}")
