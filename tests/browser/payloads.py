"""Two hundred pieces of what strangers type to make a page do something: each harmless, each calling ``ran()`` if it works.

Written by families. None holds a line end or two spaces in a row, so that one can be looked for as it was typed.
"""

EVENTS = (
    "onclick", "onerror", "onfocus autofocus tabindex=1", "onload", "onmouseover", "onanimationstart", "ontoggle",
    "onpointerenter", "onpageshow", "onbeforeinput",
)  # fmt: skip
TAGS = (
    "<script>ran()</script>", "<ScRiPt>ran()</sCrIpT>", "<script src=data:,ran()></script>",
    "<script/x>ran()</script >",
    "<script type=module>ran()</script>", "<script>ran()", "<scr<script>ipt>ran()</script>",
    "<script\t>ran()</script>",
    "<script src=//127.0.0.2:9/x.js></script>", "</script><script>ran()</script>", "<img src=x onerror=ran()>",
    "<img/src=x/onerror=ran()>", "<img src=x onerror=ran()//", "<image src=x onerror=ran()>",
    "<IMG SRC=X ONERROR=ran()>",
    "<body onload=ran()>", "<details open ontoggle=ran()>看</details>", "<video src=x onerror=ran()></video>",
    "<audio src=x onerror=ran()>", "<video><source onerror=ran()></video>", "<input autofocus onfocus=ran()>",
    "<select autofocus onfocus=ran()>", "<textarea autofocus onfocus=ran()>",
    "<button autofocus onfocus=ran()>按</button>",
    "<iframe srcdoc='<script>parent.ran()</script>'></iframe>", "<iframe src=javascript:parent.ran()></iframe>",
    "<object data=javascript:ran()></object>", "<embed src=javascript:ran()>", "<marquee onstart=ran()>走</marquee>",
    "<base href=http://127.0.0.2:9/>", "<form action=http://127.0.0.2:9/><button>交</button></form>",
    "<meta http-equiv=refresh content='0;url=javascript:ran()'>", "<link rel=stylesheet href=//127.0.0.2:9/x.css>",
    "<style>*{background:url(javascript:ran())}</style>", "<style>@import '//127.0.0.2:9/x.css'</style>",
    "<template><script>ran()</script></template>", "<noscript><p title='</noscript><img src=x onerror=ran()>'>",
    "<xmp><p title='</xmp><script>ran()</script>'>", "<keygen autofocus onfocus=ran()>",
    "<isindex type=image src=1 onerror=ran()>",
)  # fmt: skip
BREAKOUTS = (
    '"><script>ran()</script>', "'><script>ran()</script>", "--><script>ran()</script>", "]]><script>ran()</script>",
    "</textarea><script>ran()</script>", "</title><script>ran()</script>", "</style><script>ran()</script>",
    "</p></li></ol><script>ran()</script>", '" autofocus onfocus=ran() x="', "' onmouseover='ran()' x='",
    "` onerror=ran() `", '"onclick=ran()//', "' style='position:fixed;inset:0", '" style="background:red', "<!--",
    "-->",
    "<![CDATA[", "</main>", '"/><svg/onload=ran()>', "'><b>粗</b>", '"><i>斜</i>',
    "</option></select><img src=x onerror=ran()>",
    "</svg><script>ran()</script>", "</table><script>ran()</script>", "<a href='", '<p class="', "<", ">", '"', "'",
)  # fmt: skip
URLS = (
    "javascript:ran()", "JaVaScRiPt:ran()", "javascript:ran()//", "java&#10;script:ran()", ".javascript:ran()",
    "javascript&colon;ran()", "data:text/html,<script>ran()</script>",
    "data:text/html;base64,PHNjcmlwdD5yYW4oKTwvc2NyaXB0Pg==",
    "vbscript:ran()", "[看这里](javascript:ran())", "<a href=javascript:ran()>看</a>",
    "<a href='jav&#x09;ascript:ran()'>看</a>",
    "//127.0.0.2:9/x", "http://127.0.0.2:9/?<script>ran()</script>", "<a xlink:href=javascript:ran()>看</a>",
    "![图](x onerror=ran())", "<javascript:ran()>", "feed:javascript:ran()", "%6aavascript:ran()",
    "?q=<script>ran()</script>",
)  # fmt: skip
DRAWINGS = (
    "<svg/onload=ran()>", "<svg><script>ran()</script></svg>", "<svg><script href=data:,ran() /></svg>",
    "<svg><animate onbegin=ran() attributeName=x dur=1s>", "<svg><set onbegin=ran() attributeName=x>",
    "<svg><a xlink:href=javascript:ran()><text>看</text></a></svg>",
    "<svg><use href=data:image/svg+xml,<script>ran()</script>>",
    "<svg><foreignObject><img src=x onerror=ran()></foreignObject></svg>",
    "<svg><style><img src=x onerror=ran()></style></svg>",
    "<svg><title><img src=x onerror=ran()></title></svg>", "<svg><desc><script>ran()</script></desc></svg>",
    "<svg><image href=x onerror=ran()>", "<svg><!--</svg><img src=x onerror=ran()>-->",
    "<svg><![CDATA[<script>ran()</script>]]></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=ran()>", "<math href=javascript:ran()>看</math>",
    "<math><maction actiontype=statusline xlink:href=javascript:ran()>看</maction></math>",
    "<math><annotation-xml encoding=text/html><script>ran()</script></annotation-xml></math>",
    "<math><mi><img src=x onerror=ran()></mi></math>", "<svg><p><style><g title='</style><img src=x onerror=ran()>'>",
)  # fmt: skip
TEMPLATES = (
    "{{7*7}}", "{{ ''.__class__.__mro__ }}", "{{ config }}", "{{ self._TemplateReference__context }}",
    "{% include 'base.html' %}",
    "{% raw %}", "{% endblock %}", "{# 不见 #}", "${ran()}", "#{ran()}", "<%= ran() %>", "<?php ran() ?>",
    "<?x ran() ?>",
    "<!--?lit$ran()-->", "<!--?lit$0123456789$-->", "[[${ran()}]]", "@{ran()}",
    "{{constructor.constructor('ran()')()}}",
    "%(ran)s {0.__class__}", "$(ran)`ran`",
)  # fmt: skip
ENTITIES = (
    "&lt;img src=x onerror=ran()&gt;", "&#60;script&#62;ran()&#60;/script&#62;", "&#x3c;script&#x3e;ran()",
    "&amp;lt;script&amp;gt;",
    "%3Cscript%3Eran()%3C/script%3E", "%253Cscript%253Eran()", "\\u003cscript\\u003eran()", "\\x3cscript\\x3eran()",
    "+ADw-script+AD4-ran()+ADw-/script+AD4-", "＜script＞ran()＜/script＞", "﹤script﹥ran()﹤/script﹥",
    "‹script›ran()‹/script›",
    "<ſcript>ran()</ſcript>", "<ımg src=x onerror=ran()>", "&lt", "&quot;onfocus=ran()", "&#0000060script>ran()",
    "&nbsp;&copy;&notit;",
    "&apos;-ran()-&apos;", "\\74script\\76ran()",
)  # fmt: skip
INVISIBLE = (
    "<scr\u200bipt>ran()</script>", "<\u200dscript>ran()</script>", "java\u00adscript:ran()",
    "<img\u00a0src=x onerror=ran()>",
    "\ufeff<script>ran()</script>", "甲\u200e乙\u200f丙", "ا<script>ran()</script>ب", "甲\u2060乙",
    "Z\u0300\u0301\u0302\u0303\u0304ran()",
    "👩\u200d👩\u200d👧<b>",
)  # fmt: skip
SCRIPTS = (
    "';ran();//", '";ran();//', "`;ran();//", "\\';ran();//", "\\\";ran();//", "'-ran()-'", '"-ran()-"',
    "${`${ran()}`}", "*/ran()/*",
    "</script>{", '{"__proto__":{"x":"ran()"}}', '"},"x":{"y":"', "]}');ran();//", "甲\u2028ran()//", "甲\u2029ran()//",
    "null", "[object Object]", "__proto__", "constructor", "\\",
)  # fmt: skip
FORMULAS = (
    "=1+1", "=ran()", "+ran()", "-ran()", "@SUM(1+1)", "=HYPERLINK(\"http://127.0.0.2:9/\",\"看\")",
    "=cmd|' /C calc'!A0",
    "=IMPORTXML(\"http://127.0.0.2:9/\",\"//a\")", "＝1+1", ";=1+1",
)  # fmt: skip

PAYLOADS = (
    *TAGS, *(f'甲" {event}=ran() x="' if " " not in event else f"甲' {event}=ran()" for event in EVENTS),
    *BREAKOUTS, *URLS, *DRAWINGS, *TEMPLATES, *ENTITIES, *INVISIBLE, *SCRIPTS, *FORMULAS,
)  # fmt: skip
REFUSED = (
    "\u202e)(nar:tpircsavaj", "甲\u202a乙", "\u2066<script>ran()</script>\u2069", "甲\x00<script>ran()</script>",
    "\x1b[31m红",
    "甲\x08乙",
)  # fmt: skip
"""What no field takes: direction overrides and control characters (``interviews.texts``)."""
