/// Finds the browsers of this machine: the one named in the environment, else Playwright's own,
/// else the system's.
import { existsSync } from 'node:fs';

import { chromium, devices, firefox, type LaunchOptions, type PlaywrightTestOptions } from '@playwright/test';

const SYSTEM_CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const SYSTEM_FIREFOX = ['/usr/bin/firefox-esr', '/usr/bin/firefox'];
const EDGE = [
  '/opt/microsoft/msedge/msedge',
  '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
  'C:\\Program Files\\Microsoft\\Edge\\Application\\msedge.exe',
];

/** How to launch Chromium, with what it needs to run for root and without a graphics card. */
export function chromiumLaunch(): LaunchOptions {
  const executablePath = fromSystem(process.env.NATTER_CHROMIUM, chromium.executablePath(), SYSTEM_CHROMIUM);
  const quiet = [
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ];
  const isRoot = process.getuid?.() === 0;
  return { executablePath, args: isRoot ? ['--no-sandbox', ...quiet] : quiet };
}

/**
 * How to run Firefox. A stock Firefox speaks WebDriver BiDi, which is a channel of its own and
 * cannot pretend to be another user agent.
 */
export function firefoxUse(): Partial<PlaywrightTestOptions> & {
  channel?: string;
  launchOptions?: LaunchOptions;
} {
  const device = devices['Desktop Firefox'];
  const executablePath = fromSystem(process.env.NATTER_FIREFOX, firefox.executablePath(), SYSTEM_FIREFOX);
  if (executablePath === undefined) return { ...device };
  return { ...device, userAgent: undefined, channel: 'moz-firefox', launchOptions: { executablePath } };
}

export function edgeIsInstalled(): boolean {
  return EDGE.some((path) => existsSync(path));
}

/** The executable to use instead of Playwright's own; none where Playwright has its own. */
function fromSystem(named: string | undefined, own: string, system: string[]): string | undefined {
  if (named) return named;
  if (own && existsSync(own)) return undefined;
  return system.find((path) => existsSync(path));
}
