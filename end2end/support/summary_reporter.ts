/// Writes the run's numbers to test-results/summary.json, for the project's test command to add
/// to those of the other suites.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { FullResult, Reporter, Suite } from '@playwright/test/reporter';

const FILE = fileURLToPath(new URL('../test-results/summary.json', import.meta.url));

export default class SummaryReporter implements Reporter {
  #suite: Suite | undefined;

  onBegin(_config: unknown, suite: Suite): void {
    this.#suite = suite;
    // A run that breaks off leaves no numbers of an earlier one behind.
    rmSync(FILE, { force: true });
  }

  onEnd(_result: FullResult): void {
    const summary = { passed: 0, failed: 0, skipped: 0 };
    for (const test of this.#suite?.allTests() ?? []) {
      const outcome = test.outcome();
      if (outcome === 'expected') summary.passed += 1;
      else if (outcome === 'skipped') summary.skipped += 1;
      else summary.failed += 1;
    }
    mkdirSync(dirname(FILE), { recursive: true });
    writeFileSync(FILE, `${JSON.stringify(summary)}\n`);
  }

  printsToStdio(): boolean {
    return false;
  }
}
