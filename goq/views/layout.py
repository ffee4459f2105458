"""The rules of the stylesheet, without the colours: those are names here, and `style` gives them values.

A page is a header, sections that are cards, and a footer. Below 700 pixels a row of a `table.stack` is a
card too, with the words of its header (data-th) before its fields.
"""

LAYOUT = """\
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;font-variant-numeric:tabular-nums}
a{color:var(--link);text-underline-offset:.15em}
a:hover{text-decoration-thickness:2px}
:focus-visible{outline:3px solid var(--focus);outline-offset:2px;border-radius:3px}
code,pre,.mono{font-family:ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.92em}
.skip{position:absolute;left:-99em}
.skip:focus{left:1em;top:1em;background:var(--card);padding:.5em;z-index:2}
.vh{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
header.top{background:var(--card);border-bottom:1px solid var(--line)}
.bar{max-width:1320px;margin:auto;padding:0 20px;display:flex;flex-wrap:wrap;align-items:center;gap:4px 22px}
.brand{font-weight:700;padding:12px 0;color:var(--ink);text-decoration:none}
.brand span{font-weight:400;color:var(--mute)}
nav ul{display:flex;gap:2px;list-style:none;margin:0;padding:0}
nav a{display:block;padding:12px 10px;color:var(--ink);text-decoration:none;border-bottom:3px solid transparent}
nav a:hover{border-color:var(--line)}
nav a[aria-current]{border-color:var(--run);font-weight:600}
.find{margin-left:auto;display:flex;gap:6px}
.find input{width:min(21em,100%)}
input,select,button{font:inherit;color:inherit;background:var(--card);border:1px solid var(--mute);border-radius:6px;padding:5px 10px;min-height:36px}
button{cursor:pointer}
button:hover{background:var(--soft)}
button.go,button.go:hover{background:var(--run);border-color:var(--run);color:var(--card)}
button.stop{color:var(--bad);border-color:var(--bad)}
.live{color:var(--mute);font-size:13px;white-space:nowrap}
.live b{color:var(--ok);font-weight:600}
main{max-width:1320px;margin:auto;padding:18px 20px 60px}
section,.card{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:16px 18px;margin:0 0 16px}
section>:last-child{margin-bottom:0}
h1{font-size:24px;margin:6px 0 2px;line-height:1.25}
h1+section{margin-top:10px}
h1 .id,h1 .u{font-weight:400;color:var(--mute)}
h2{font-size:16px;margin:0 0 10px}
.lead{margin:2px 0 14px;font-size:17px;max-width:62em}
.mute{color:var(--mute)}
.small{font-size:13px}
.grid{display:grid;gap:16px;grid-template-columns:repeat(auto-fit,minmax(min(420px,100%),1fr));align-items:stretch}
.grid>section{margin:0}
.gap{margin-bottom:16px}
dl.gap{margin:12px 0 0}
.tiles{display:grid;grid-template-columns:repeat(4,1fr);gap:12px;margin:10px 0 16px;padding:0;list-style:none}
.tiles a{display:block;background:var(--card);border:1px solid var(--line);border-radius:8px;padding:10px 14px;color:var(--ink);text-decoration:none}
.tiles a:hover{border-color:var(--mute)}
.tiles b{display:block;font-size:26px;line-height:1.15;font-weight:650}
.tiles span{color:var(--mute);font-size:13.5px}
.st{white-space:nowrap;font-weight:600}
.st.run{color:var(--run)}.st.ok{color:var(--ok)}.st.bad{color:var(--bad)}.st.warn{color:var(--warn)}.st.wait{color:var(--mute)}
.look{list-style:none;margin:0;padding:0}
.look li{display:flex;gap:4px 14px;flex-wrap:wrap;padding:8px 0;border-top:1px solid var(--line);overflow-wrap:anywhere}
.look li:first-child{border:0;padding-top:0}
.look li:last-child{padding-bottom:0}
.look .do{margin-left:auto}
table{border-collapse:collapse;width:100%}
caption{text-align:left;color:var(--mute);font-size:13px;padding-bottom:6px}
th{text-align:left;font-weight:600;color:var(--mute);font-size:13px;padding:4px 14px 6px 0;border-bottom:1px solid var(--line);white-space:nowrap}
td.r{white-space:nowrap}
td{padding:8px 14px 8px 0;border-bottom:1px solid var(--soft);vertical-align:top;overflow-wrap:anywhere}
tr:last-child td{border-bottom:0}
tbody tr:hover td{background:var(--soft)}
.r{text-align:right}
.nw{white-space:nowrap}
.kv{display:grid;grid-template-columns:max-content 1fr;gap:4px 16px;margin:0}
.kv dt{color:var(--mute)}
.kv dd{margin:0;min-width:0;overflow-wrap:anywhere}
.m{display:grid;grid-template-columns:200px 1fr 130px;gap:2px 16px;padding:9px 0;border-top:1px solid var(--soft);align-items:center}
.m:first-of-type{border:0}
.m .n{font-weight:650}
.m .sub,.m .side{color:var(--mute);font-size:13px}
.gp{margin-top:4px}
pre.log{margin:0;padding:12px 14px;background:var(--soft);border-radius:6px;overflow:auto;max-height:330px;line-height:1.5}
pre.log .g{color:var(--mute)}
.acts{display:flex;flex-wrap:wrap;gap:8px;margin:10px 0 16px}
.acts form{display:contents}
.chips{display:flex;flex-wrap:wrap;gap:6px;margin:10px 0 0;padding:0;list-style:none}
.chips a{display:block;border:1px solid var(--line);border-radius:99px;padding:4px 12px;color:var(--ink);text-decoration:none}
.chips a[aria-current]{border-color:var(--run);box-shadow:inset 0 0 0 1px var(--run);font-weight:600}
.cmd{margin:12px 0 0;color:var(--mute);font-size:13.5px}
.cmd code{color:var(--ink);background:var(--soft);padding:2px 6px;border-radius:4px}
.box{max-width:430px;margin:9vh auto}
.box input{width:100%;margin:6px 0 12px}
footer{max-width:1320px;margin:auto;padding:0 20px 30px;color:var(--mute);font-size:13px}
svg{display:block}
svg text{font:12px system-ui,sans-serif;fill:var(--ink)}
svg text.inv{fill:var(--card)}
svg a:focus-visible rect{stroke:var(--focus);stroke-width:3}
.defs{position:absolute}
.hx-s{stroke:var(--card);stroke-width:2}
.tick{stroke:var(--card);stroke-width:1}
.edge{stroke:var(--card);stroke-width:3}
.dash{fill:none;stroke:var(--warn);stroke-width:2;stroke-dasharray:6 4}
.ln{fill:none;stroke:var(--run);stroke-width:2;vector-effect:non-scaling-stroke}
.ask{stroke:var(--warn);stroke-width:2;stroke-dasharray:6 4;vector-effect:non-scaling-stroke}
.axis{stroke:var(--line);vector-effect:non-scaling-stroke}
.area{fill:var(--run);opacity:.14}
.area-u{stroke:var(--mute);stroke-width:1;vector-effect:non-scaling-stroke}
.strip{min-width:180px}
.legend{display:flex;flex-wrap:wrap;gap:4px 16px;margin:10px 0 0;padding:0;list-style:none;font-size:13px;color:var(--mute)}
.legend svg{display:inline-block;vertical-align:-2px;margin-right:5px}
.chart{position:relative;padding:0 0 20px 44px}
.chart svg{overflow:visible}
.chart .y{position:absolute;left:0;width:38px;text-align:right;font-size:12px;color:var(--mute);line-height:1}
.chart .y.t{top:-2px}
.chart .y.b{bottom:18px}
.chart .x{position:absolute;bottom:0;left:44px;right:0;display:flex;justify-content:space-between;font-size:12px;color:var(--mute)}
@media (max-width:700px){
.bar{padding:0 14px;gap:0 10px}
main{padding:12px 12px 40px}
section,.card{padding:13px}
nav{order:3;width:100%}
nav ul{justify-content:space-between}
nav a{padding:10px 6px}
.find{order:4;width:100%;margin:0 0 10px}
.find input{flex:1}
.live{margin-left:auto}
.tiles{grid-template-columns:1fr 1fr;gap:8px}
.tiles b{font-size:22px}
.m{grid-template-columns:1fr auto}
.m .cells{grid-column:1/-1;grid-row:2}
.look .do{margin-left:0;width:100%}
table.stack thead{position:absolute;clip-path:inset(50%);width:1px;height:1px;overflow:hidden}
table.stack,table.stack tbody,table.stack caption{display:block}
table.stack tr{display:flex;flex-wrap:wrap;gap:2px 12px;padding:10px 0;border-bottom:1px solid var(--line);align-items:baseline}
table.stack tr:last-child{border:0}
table.stack td{border:0;padding:0}
table.stack td.r{text-align:left}
table.stack td[data-th]::before{content:attr(data-th) " ";color:var(--mute);font-size:13px}
table.stack td.full{width:100%;order:3}
table.stack td.strip{order:2;margin:2px 0}
table.stack td:empty{display:none}
.strip{width:100%}
}
@media print{
header.top,.acts,.find,.skip{display:none}
body{background:var(--card)}
section{break-inside:avoid}
tr,.m{break-inside:avoid}
}
@media (prefers-reduced-motion:no-preference){
.live b::before{content:"";display:inline-block;width:8px;height:8px;border-radius:50%;background:var(--ok);margin-right:5px}
}
"""
