/// Which tests run where: the contract with stock programs, the stories in every browser that is
/// here, and the story once more behind the deployment's proxy.
import { defineConfig, devices } from '@playwright/test';

import { chromiumLaunch, edgeIsInstalled, firefoxUse } from './support/browsers.ts';
import { TAKES_PICTURES } from './support/looks.ts';

const desktop = { viewport: { width: 1280, height: 800 } };
const chromium = { ...devices['Desktop Chrome'], ...desktop, launchOptions: chromiumLaunch() };
// Pictures that nothing compares are taken when somebody wants to look at them.
const elsewhere = ['tests/deployment.spec.ts', ...(TAKES_PICTURES ? [] : ['tests/screenshots.spec.ts'])];
const stories = { testMatch: 'tests/*.spec.ts', testIgnore: elsewhere };

export default defineConfig({
  // Apart from the screenshots, which would be cleared with it at the start of every run.
  outputDir: 'test-results/output',
  fullyParallel: true,
  snapshotPathTemplate: 'pictures/{arg}{ext}',
  forbidOnly: Boolean(process.env.CI),
  // A test that passes only sometimes is a defect, so nothing is tried twice.
  retries: 0,
  workers: 2,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: [[process.env.CI ? 'dot' : 'line'], ['./support/summary_reporter.ts']],
  // A service worker would answer in place of what tests put into the way of requests. Its own stories allow it.
  use: { screenshot: 'only-on-failure', locale: 'en-GB', serviceWorkers: 'block' },
  projects: [
    { name: 'contract', testMatch: 'tests/contract/*.spec.ts' },
    { name: 'chromium', ...stories, use: { ...chromium } },
    {
      name: 'firefox',
      ...stories,
      // Colours are the same numbers in every browser.
      testIgnore: [...elsewhere, 'tests/contrast.spec.ts'],
      use: { ...firefoxUse(), ...desktop },
    },
    ...(edgeIsInstalled()
      ? [{ name: 'edge', ...stories, use: { ...devices['Desktop Edge'], ...desktop, channel: 'msedge' } }]
      : []),
    {
      name: 'deployment',
      testMatch: 'tests/deployment.spec.ts',
      // The certificate of the proxy is one that the test made itself.
      use: { ...chromium, ignoreHTTPSErrors: true },
    },
  ],
});
